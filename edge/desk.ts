/**
 * The duty desk: alerts and incidents, who is asked, what time brings. Everything that happens here is an event and
 * goes the same way: numbered and handed to the journal, folded into the state, shown to people, kept on disk.
 */
import { randomBytes } from 'node:crypto'
import { type Alert, type AlertCommand, decideAlert, nextDueOfAlert } from './domain/alert.ts'
import { type Duty, firstUnits, runCard, unitsFor } from './domain/dispatch.ts'
import { type Event, isAlertEvent, isIncidentEvent } from './domain/event.ts'
import { type Command, decide, type Incident, nextDue, silentAgencies } from './domain/incident.ts'
import type { Unit } from './domain/roster.ts'
import type { Rule, Verdict } from './domain/rules/rule.ts'
import type { Template } from './domain/templates/template.ts'
import type { IncidentKind, Severity } from './domain/vocabulary.ts'
import type { Sentence } from './domain/words.ts'
import type { Live } from './live.ts'
import type { Answer, Clock, CloudCommand, CommandOutcome, Entry, Journal } from './ports.ts'
import { apply, laneAfter, next, type State, toSnapshot } from './state.ts'
import type { Telemetry } from './telemetry.ts'
import type { Subject } from './watch.ts'

export type DutyDesk = {
  readonly record: (events: readonly Event[]) => Promise<void>
  readonly verdict: (subject: Subject, rule: Rule, verdict: Verdict) => Promise<void>
  readonly command: (id: string, command: Command) => Answer<Incident>
  readonly alertCommand: (id: string, command: AlertCommand) => Answer<Alert>
  readonly open: (what: Opening) => Answer<Incident>
  readonly fromCloud: (command: CloudCommand) => Promise<CommandOutcome>
  /** Sets the timers of everything open; what fell due while the station was down acts at once. */
  readonly start: () => void
  readonly close: () => void
}
export type Opening = {
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly text: string
  readonly by: string
}

export type DeskParts = {
  readonly clock: Clock
  readonly journal: Journal
  readonly state: State
  readonly live: Live
  readonly units: readonly Unit[]
  readonly timezone: string
  readonly template: Template
  readonly telemetry: Telemetry
  readonly keepLines: (lines: readonly (string | undefined)[]) => void
  /** Tells other systems (MQTT) what has changed. */
  readonly tell: (subject: Alert | Incident) => void
  /** Something new is on disk. */
  readonly kept: () => void
  readonly log: (message: string, fields?: object) => void
  readonly drill: boolean
}

/** Dangers of one place that are one incident: gas and then smoke in the same row is one fire to fight, not two. */
const family: Readonly<Partial<Record<IncidentKind, string>>> = { fire: 'hazard', gas: 'hazard', heat: 'hazard' }
const related = (a: IncidentKind, b: IncidentKind): boolean => a === b || (family[a] !== undefined && family[a] === family[b])

const snapshot_every = 2000

export const openDesk = ({
  clock,
  journal,
  state,
  live,
  units,
  timezone,
  template,
  telemetry,
  keepLines,
  tell,
  kept: tellKept,
  log,
  drill
}: DeskParts): DutyDesk => {
  const timers = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  let sinceSnapshot = 0
  const newId = (letter: string): string => `${letter}-${randomBytes(5).toString('hex')}`
  const duty = (): Duty => ({ units, at: clock.now(), timezone })

  const record = (events: readonly Event[]): Promise<void> => {
    if (events.length === 0) return Promise.resolve()
    // Each event is folded before the next one's lane is known: the second of two may follow from the first.
    const kept = events.map(event => {
      const subject = next(state, event)
      const { entries, kept } = journal.append([{ event, lane: laneAfter(subject) }])
      for (const entry of entries) happened(entry)
      return kept
    })
    void kept.at(-1)?.then(tellKept)
    return kept.length === 1 && kept[0] !== undefined ? kept[0] : Promise.all(kept).then(() => undefined)
  }

  const happened = (entry: Entry): void => {
    apply(state, entry)
    const { event, seq } = entry
    if (isAlertEvent(event)) {
      const alert = state.alerts.get(event.id)
      if (alert === undefined) return
      live.say(seq, 'alert', alert)
      keepLines([telemetry.alert(alert, event.at)])
      tell(alert)
      arm(alert.id, nextDueOfAlert(alert)?.at, () => alertDue(alert.id))
    } else if (isIncidentEvent(event)) {
      const incident = state.incidents.get(event.id)
      if (incident === undefined) return
      live.say(seq, 'incident', incident)
      if (event.type === 'incident_response') {
        const response = incident.responses[event.unit]
        if (response !== undefined) keepLines([telemetry.response(response, incident.kind, event.at)])
      }
      tell(incident)
      arm(incident.id, nextDue(incident)?.at, () => incidentDue(incident.id))
      logIncident(incident, event)
    } else live.say(seq, 'station', { type: event.type, id: event.id, at: event.at })
    if (++sinceSnapshot >= snapshot_every) saveSnapshot(seq)
  }

  const saveSnapshot = (seq: number): void => {
    sinceSnapshot = 0
    const at = toSnapshot(state)
    journal.saveSnapshot(seq, at).catch(error => log('the snapshot of the state was not saved', { why: (error as Error).message }))
  }

  const logIncident = (incident: Incident, event: Event): void => {
    if (event.type === 'incident_opened') log(`incident ${incident.id} opened: ${incident.kind} in ${incident.zone}, ${incident.severity}`)
    if (event.type === 'incident_escalated')
      log(`incident ${incident.id} escalated to level ${event.level}: ${event.silent.join(', ')} silent`)
    if (event.type === 'incident_unanswered') log(`incident ${incident.id}: nobody is left to ask, ${event.silent.join(', ')} silent`)
  }

  const arm = (id: string, at: number | undefined, act: () => void): void => {
    const set = timers.get(id)
    if (set?.at === at) return
    set?.cancel()
    timers.delete(id)
    if (at !== undefined) {
      const cancel = clock.wake(at, () => {
        timers.delete(id)
        act()
      })
      timers.set(id, { at, cancel })
    }
  }

  const incidentDue = (id: string): void => {
    const incident = state.incidents.get(id)
    const due = incident && nextDue(incident)
    if (incident === undefined || due === undefined) return
    if (due.at > clock.now()) arm(id, due.at, () => incidentDue(id))
    else if (due.type === 'escalate')
      command(id, { type: 'escalate', ask: unitsFor(due.ask, silentAgencies(incident), incident.zone, duty()) })
    else if (due.type === 'unit_overdue') command(id, { type: 'unit_overdue', unit: due.unit })
    else command(id, { type: 'task_overdue', task: due.task })
  }

  const alertDue = (id: string): void => {
    const alert = state.alerts.get(id)
    const due = alert && nextDueOfAlert(alert)
    if (due !== undefined) alertCommand(id, due.command)
  }

  const command = (id: string, what: Command): Answer<Incident> => {
    const incident = state.incidents.get(id)
    if (incident === undefined) return { refused: 'no_such_incident' }
    const decision = decide(incident, what, clock.now())
    if ('refused' in decision) return decision
    const kept = [record(decision.events)]
    if (what.type === 'close') kept.push(...incident.alerts.map(alert => acknowledgeQuietly(alert, what.by)))
    return { state: state.incidents.get(id) ?? incident, kept: Promise.all(kept).then(() => undefined) }
  }

  /** Who closes an incident has seen its alerts. */
  const acknowledgeQuietly = (alert: string, by: string): Promise<void> => {
    const answer = alertCommand(alert, { type: 'acknowledge', by })
    return 'refused' in answer ? Promise.resolve() : answer.kept
  }

  const alertCommand = (id: string, what: AlertCommand): Answer<Alert> => {
    const alert = state.alerts.get(id)
    if (alert === undefined) return { refused: 'no_such_alert' }
    const decision = decideAlert(alert, what, clock.now())
    if ('refused' in decision) return decision
    const kept = record(decision.events)
    return { state: state.alerts.get(id) ?? alert, kept }
  }

  const verdict = (subject: Subject, rule: Rule, verdict: Verdict): Promise<void> => {
    const at = clock.now()
    const open = state.byKey.get(subject.key)
    if (!verdict.raised) {
      const cleared = open === undefined ? undefined : alertCommand(open, { type: 'clear', because: verdict.because })
      return cleared === undefined || 'refused' in cleared ? Promise.resolve() : cleared.kept
    }
    const { severity, because } = verdict
    const kept: Promise<void>[] = []
    let id = open
    if (id === undefined) {
      id = newId('a')
      const { key, rule: name, zone, device } = subject
      kept.push(
        record([
          {
            type: 'alert_raised',
            id,
            at,
            key,
            rule: name,
            kind: verdict.kind ?? rule.kind,
            zone,
            ...(device !== undefined && { device }),
            severity,
            because
          }
        ])
      )
    } else {
      const changed = alertCommand(id, { type: 'change', severity, because })
      if (!('refused' in changed)) kept.push(changed.kept)
    }
    kept.push(...callPeople(id))
    return kept.length === 1 && kept[0] !== undefined ? kept[0] : Promise.all(kept).then(() => undefined)
  }

  /** From an alert to people: the run card says whether, and who. */
  const callPeople = (alertId: string): readonly Promise<void>[] => {
    const alert = state.alerts.get(alertId)
    if (alert === undefined) return []
    const { kind, zone, severity, because } = alert
    const card = runCard(template.cards, kind, severity)
    if (card === undefined) return []
    const running = (alert.incident !== undefined && state.incidents.get(alert.incident)) || undefined
    const incident =
      running?.phase === 'open'
        ? running
        : [...state.incidents.values()].find(one => one.phase === 'open' && one.zone === zone && related(one.kind, kind))
    if (incident === undefined) {
      const opened = openIncident({ kind, zone, severity, because, alert: alertId })
      return 'refused' in opened ? [] : [opened.kept]
    }
    const needs = card.agencies
    const links = [alertCommand(alertId, { type: 'link', incident: incident.id }), command(incident.id, { type: 'link', alert: alertId })]
    const missing = needs.filter(agency => !Object.values(incident.responses).some(response => response.agency === agency))
    const worsened = command(incident.id, { type: 'worsen', severity, because, needs, ask: firstUnits(missing, zone, duty()) })
    return [...links, worsened].flatMap(answer => ('refused' in answer ? [] : [answer.kept]))
  }

  const openIncident = ({
    kind,
    zone,
    severity,
    because,
    alert
  }: {
    kind: IncidentKind
    zone: string
    severity: Severity
    because: Sentence
    alert?: string
  }): Answer<Incident> => {
    const at = clock.now()
    const card = runCard(template.cards, kind, severity) ?? runCard(template.cards, kind, 'red') ?? runCard(template.cards, 'other', 'red')
    const needs = card?.agencies ?? ['police']
    const id = newId('i')
    const opened: Event = {
      type: 'incident_opened',
      id,
      at,
      kind,
      zone,
      severity,
      because,
      ...(alert !== undefined && { alert }),
      sop: card?.sop ?? 'general',
      needs,
      ladder: card?.ladder ?? template.ladder,
      ask: firstUnits(needs, zone, duty()),
      drill
    }
    const kept = [record([opened])]
    if (alert !== undefined) {
      const linked = alertCommand(alert, { type: 'link', incident: id })
      if (!('refused' in linked)) kept.push(linked.kept)
    }
    const incident = state.incidents.get(id)
    if (incident === undefined) throw new Error(`incident ${id} was opened and is not there`)
    return { state: incident, kept: Promise.all(kept).then(() => undefined) }
  }

  /** The city may speak for itself alone: it never answers in the name of a unit of the station. */
  const fromCloud = async (received: CloudCommand): Promise<CommandOutcome> => {
    const { id, incident, by } = received
    const answer = ((): Answer<Incident> => {
      if (received.type === 'note') return command(incident, { type: 'note', by, text: received.text })
      if (received.unit !== 'city') return { refused: 'not_your_unit' }
      command(incident, { type: 'ask', ask: [{ unit: 'city', agency: 'city' }] })
      return command(incident, { type: 'acknowledge', unit: 'city', by })
    })()
    const refused = 'refused' in answer ? answer.refused : undefined
    const noted = record([
      { type: 'command_received', id, at: clock.now(), incident, by, what: received.type, ...(refused !== undefined && { refused }) }
    ])
    if (!('refused' in answer)) await answer.kept
    await noted
    return { id, done: refused === undefined, ...(refused !== undefined && { refused }) }
  }

  return {
    record,
    verdict,
    command,
    alertCommand,
    open: ({ kind, zone, severity, text, by }) => openIncident({ kind, zone, severity, because: { say: 'reported', with: { by, text } } }),
    fromCloud,
    start: () => {
      for (const { id } of [...state.incidents.values()]) incidentDue(id)
      for (const alert of [...state.alerts.values()]) arm(alert.id, nextDueOfAlert(alert)?.at, () => alertDue(alert.id))
    },
    close: () => {
      for (const { cancel } of timers.values()) cancel()
      timers.clear()
      if (sinceSnapshot > 0) saveSnapshot(journal.last())
    }
  }
}
