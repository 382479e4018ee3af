/**
 * From an alert to people: the run card says whether, and who. One place and one danger are one incident; what a person,
 * a cause or works have put aside calls nobody until it is back.
 */
import { type Alert, annunciated } from './domain/alert.ts'
import { answered, finishedBefore } from './domain/asking.ts'
import { isEcho, isPress, isSameDanger, soon_ms, spreads } from './domain/danger.ts'
import { askedFirst, type Duty, firstUnits, ladderFor, type RunCard, runCard, unitsFor } from './domain/dispatch.ts'
import type { Hypothesis } from './domain/hypothesis.ts'
import { type Asked, type Command, type Incident, placesOf, type Task } from './domain/incident.ts'
import { besideOf } from './domain/neighbours.ts'
import { sweepAnswers } from './domain/sought.ts'
import type { Template } from './domain/templates/template.ts'
import { type Agency, type IncidentKind, rank, type Severity } from './domain/vocabulary.ts'
import { between_languages, type Sentence } from './domain/words.ts'
import type { Zone } from './domain/zone.ts'
import { allOf, type Ledger } from './ledger.ts'
import type { Answer, Clock } from './ports.ts'
import type { State } from './state.ts'

export type Opening = {
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly because: Sentence
  /** Who opened it by hand. */
  readonly by?: string
  readonly alert?: string
  readonly split_from?: string
  /** Agencies that must answer besides those of the run card. */
  readonly also?: readonly Agency[]
  readonly drill: boolean
}
export type Calling = {
  readonly callPeople: (alert: string, also?: readonly Agency[]) => readonly Promise<void>[]
  readonly openIncident: (what: Opening) => Answer<Incident>
  /** The evidence of a place belongs to the incidents of that danger there, and asks whom it makes necessary. */
  readonly weighed: (zone: string, kinds: readonly IncidentKind[], hypothesis: Hypothesis, drill: boolean) => readonly Promise<void>[]
}

export const openCalling = ({
  clock,
  ledger,
  state,
  template,
  zones,
  duty,
  newId,
  command,
  link
}: {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly state: State
  readonly template: Template
  readonly zones: readonly Pick<Zone, 'id' | 'name' | 'beside'>[]
  readonly duty: () => Duty
  readonly newId: (letter: string) => string
  readonly command: (incident: string, command: Command) => Answer<Incident>
  readonly link: (alert: string, incident: string) => Answer<Alert>
}): Calling => {
  const keptOf = (answers: readonly Answer<unknown>[]): Promise<void>[] =>
    answers.flatMap(answer => ('refused' in answer ? [] : [answer.kept]))

  const openOf = (kind: IncidentKind, drill: boolean): readonly Incident[] =>
    [...state.incidents.values()].filter(one => one.phase === 'open' && one.drill === drill && isSameDanger(one.kind, kind))
  /** What next door's signs weigh here, and nothing else. */
  const isOfNextDoor = ({ device, kind, zone, drill }: Alert): boolean => {
    const known = device === undefined ? knownOf(zone, kind, drill === true) : undefined
    return known !== undefined && isEcho(known.hypothesis)
  }

  /**
   * The open incident that this alert belongs to: its own, or one of the same danger in the same place, or soon after next door.
   * Later, people have answered for what they then knew: what is next door then, and what comes back where everybody had finished,
   * is an incident of its own.
   */
  const incidentOf = (alert: Alert): Incident | undefined => {
    const { incident, kind, severity, zone, drill, raised_at } = alert
    const goesOn = (one: Incident): boolean =>
      !finishedBefore(one, rank(severity) > rank(one.severity) ? Number.POSITIVE_INFINITY : raised_at)
    const own = incident === undefined ? undefined : state.incidents.get(incident)
    const now = own?.merged_into === undefined ? own : state.incidents.get(own.merged_into)
    if (now?.phase === 'open' && goesOn(now)) return now
    const same = openOf(kind, drill === true).filter(goesOn)
    const here = same.find(one => placesOf(one).includes(zone))
    if (here !== undefined || !spreads(kind)) return here
    const near = besideOf(zone, zones)
    const isSoon = ({ opened_at, places }: Incident): boolean => raised_at - (places?.at(-1)?.at ?? opened_at) <= soon_ms
    return same.find(one => placesOf(one).some(place => near.includes(place)) && (isSoon(one) || isOfNextDoor(alert)))
  }
  /** Who works next door has the same danger behind them. */
  const atWorkBeside = (kind: IncidentKind, zone: string, drill: boolean): readonly Asked[] =>
    !spreads(kind)
      ? []
      : openOf(kind, drill)
          .filter(one => placesOf(one).some(place => besideOf(zone, zones).includes(place)))
          .flatMap(({ responses }) => Object.values(responses))
          .filter(response => answered(response) && response.status !== 'done')
          .map(({ unit, agency }) => ({ unit, agency }))

  const openIncident = ({ kind, zone, severity, because, by, alert, split_from, also = [], drill }: Opening): Answer<Incident> => {
    const card = runCard(template.cards, kind, severity) ?? runCard(template.cards, kind, 'red') ?? runCard(template.cards, 'other', 'red')
    const needs = [...new Set([...(card?.agencies ?? ['police' as const]), ...also])]
    const id = newId('i')
    const now = duty()
    const first = askedFirst(card, needs, zone, now, kind)
    const commanders = card?.commander ? unitsFor('commander', [], zone, now) : []
    const ask = [...first, ...commanders, ...atWorkBeside(kind, zone, drill)]
    const kept = [
      ledger.record([
        {
          type: 'incident_opened',
          id,
          at: clock.now(),
          kind,
          zone,
          severity,
          because,
          ...(alert !== undefined && { alert }),
          ...(split_from !== undefined && { split_from }),
          sop: card?.sop ?? 'general',
          needs,
          ladder: ladderFor(card?.ladder ?? template.ladder, now.units),
          ask: ask.filter(({ unit }, i) => ask.findIndex(one => one.unit === unit) === i),
          ...(card?.accountability_s !== undefined && { accountability_s: card.accountability_s }),
          drill
        }
      ])
    ]
    if (alert !== undefined) kept.push(...keptOf([link(alert, id)]))
    kept.push(...keptOf(sweepOf(card, by ?? '').map(task => command(id, { type: 'add_task', task }))))
    const incident = state.incidents.get(id)
    if (incident === undefined) throw new Error(`incident ${id} was opened and is not there`)
    const evidence = split_from === undefined ? evidenceFor(zone, kind, drill) : undefined
    if (evidence !== undefined) kept.push(...keptOf([weigh(incident, evidence)]))
    return { state: state.incidents.get(id) ?? incident, kept: allOf(kept) }
  }

  const sweepOf = (card: RunCard | undefined, by: string): readonly Omit<Task, 'at'>[] =>
    card?.sweep_s === undefined
      ? []
      : zones.map(({ id: zone, name }) => ({
          id: `sweep-${zone}`,
          text: `搜索${name}${between_languages}sweep ${name}`,
          by,
          zone,
          answers: Object.keys(sweepAnswers),
          due_at: clock.now() + (card.sweep_s ?? 0) * 1000
        }))

  const callPeople = (id: string, also: readonly Agency[] = []): readonly Promise<void>[] => {
    const alert = state.alerts.get(id)
    if (alert === undefined || !alert.active || !annunciated(alert)) return []
    const { kind, zone, severity, because } = alert
    const drill = alert.drill === true
    const card = runCard(template.cards, kind, severity)
    if (card === undefined) return []
    const incident = incidentOf(alert)
    if (incident === undefined) return keptOf([openIncident({ kind, zone, severity, because, alert: id, also, drill })])
    const needs = [...new Set([...card.agencies, ...also])]
    const reached = spreads(kind) && !placesOf(incident).includes(zone) && !isOfNextDoor(alert)
    // Who has finished with what it was is not there for what it is now.
    const anew = reached || rank(severity) > rank(incident.severity)
    const missing = needs.filter(
      agency => !Object.values(incident.responses).some(one => one.agency === agency && !(anew && one.status === 'done'))
    )
    const ask = firstUnits(reached ? [...new Set([...incident.needs, ...needs])] : missing, zone, duty(), kind)
    const { accountability_s } = card
    return keptOf([
      link(id, incident.id),
      command(incident.id, { type: 'link', alert: id }),
      command(incident.id, {
        type: 'worsen',
        severity,
        because,
        needs,
        ask,
        ...(reached && { place: zone }),
        // Who presses means it each time; and who was needed by nothing before has to answer too, although it is no worse.
        ...((isPress(alert) || ask.length > 0 || needs.some(agency => !incident.needs.includes(agency))) && { again: true }),
        ...(accountability_s !== undefined && { accountability_s })
      })
    ])
  }

  /** What was last known of each danger in each place, for the incident that is opened there next. */
  const known = new Map<
    string,
    {
      readonly zone: string
      readonly kinds: readonly IncidentKind[]
      readonly hypothesis: Hypothesis
      readonly drill: boolean
      /** What was closed there last by then. */
      readonly closed: string | undefined
    }
  >()
  const lastClosed = (zone: string, kinds: readonly IncidentKind[], drill: boolean): string | undefined =>
    [...state.closed.incidents.keys()].findLast(id => {
      const one = state.incidents.get(id)
      return one !== undefined && placesOf(one).includes(zone) && kinds.includes(one.kind) && one.drill === drill
    })
  const weigh = ({ id, kind, zone, responses }: Incident, hypothesis: Hypothesis): Answer<Incident> => {
    // Who has no unit here cannot be asked, and would be silent for ever.
    const needs = hypothesis.needs.filter(agency => duty().units.some(unit => unit.agency === agency))
    const missing = needs.filter(agency => !Object.values(responses).some(response => response.agency === agency))
    return command(id, { type: 'weigh', hypothesis: { ...hypothesis, needs }, ask: firstUnits(missing, zone, duty(), kind) })
  }
  const weighed: Calling['weighed'] = (zone, kinds, hypothesis, drill) => {
    known.set(`${zone} ${kinds[0]} ${drill}`, { zone, kinds, hypothesis, drill, closed: lastClosed(zone, kinds, drill) })
    const open = [...state.incidents.values()].filter(
      one => one.phase === 'open' && one.drill === drill && one.zone === zone && kinds.includes(one.kind)
    )
    const kept = keptOf(open.map(incident => weigh(incident, hypothesis)))
    if (isEcho(hypothesis)) return kept
    // What next door's signs had raised here has a sign of its own now: those who were called only next door are called here.
    const raised = [...state.alerts.values()].filter(
      ({ active, device, kind, zone: of, drill: practised }) =>
        active && device === undefined && of === zone && kinds.includes(kind) && (practised === true) === drill
    )
    return [...kept, ...raised.flatMap(({ id }) => callPeople(id))]
  }
  const knownOf = (zone: string, kind: IncidentKind, drill: boolean) =>
    [...known.values()].find(one => one.drill === drill && one.zone === zone && one.kinds.includes(kind))
  /** Only what was heard since people last closed something there: before that they had looked. */
  const evidenceFor = (zone: string, kind: IncidentKind, drill: boolean): Hypothesis | undefined => {
    const found = knownOf(zone, kind, drill)
    return found !== undefined && found.closed === lastClosed(zone, found.kinds, drill) ? found.hypothesis : undefined
  }

  return { callPeople, openIncident, weighed }
}
