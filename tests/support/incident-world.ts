/** Several incidents beside their reference: what the desk does with an order, what time brings, and what is kept of it. */
import {
  type Asked,
  type Command,
  decide,
  evolve,
  type Incident,
  type IncidentEvent,
  nextDue,
  silentAgencies
} from '../../edge/domain/incident.ts'
import { type Agency, severities } from '../../edge/domain/vocabulary.ts'
import type { Entry } from '../../edge/ports.ts'
import { laneAfter } from '../../edge/state.ts'
import { cityAgrees, entryOf, frozen, mustBe, mustEqual, passTime, roundTrip, type Time } from './histories.ts'
import { lawful } from './incident-laws.ts'
import { type Case, compare, earliest, opened, refer, type Said, within_s } from './incident-reference.ts'

export type Reference = { readonly cases: Case[] }
export type World = {
  readonly incidents: Map<string, Incident>
  readonly entries: Entry[]
  readonly time: Time
  snapshot: { readonly seq: number; readonly body: string }
  /** The rungs climbed since the ladder last began. */
  readonly climbed: Map<string, Set<number>>
}
/** Every answer and every event that some history came to: what is never reached is not proved. */
export const reached = new Set<string>()

export const units: readonly Asked[] = [
  { unit: 'p1', agency: 'police' },
  { unit: 'p2', agency: 'police' },
  { unit: 'f1', agency: 'fire' },
  { unit: 'm1', agency: 'medical' },
  { unit: 'c', agency: 'city' }
]
export const because = { say: 'reported', with: { by: 'li', text: 'x' } } as const

export const happen = (world: World, event: IncidentEvent): void => {
  reached.add(event.type)
  const { incidents, entries, climbed } = world
  const before = incidents.get(event.id)
  const next = evolve(before, frozen(event))
  entries.push(entryOf(entries, event, laneAfter(next)))
  incidents.set(next.id, frozen(next))
  if (
    event.type === 'incident_opened' ||
    event.type === 'incident_worsened' ||
    event.type === 'incident_absorbed' ||
    event.type === 'incident_reopened'
  )
    climbed.set(next.id, new Set())
  if (event.type === 'incident_escalated') {
    mustEqual(event.level, (before?.level ?? 0) + 1, 'the ladder is climbed rung by rung')
    mustBe(!climbed.get(next.id)?.has(event.level), 'no rung is climbed twice', event)
    climbed.get(next.id)?.add(event.level)
  }
}
export const incidentOf = (world: World, id: string): Incident => {
  const incident = world.incidents.get(id)
  mustBe(incident !== undefined, 'it was opened', id)
  return incident
}
/** What the desk does with an order: a refusal is told, and news has happened. */
export const put = (world: World, id: string, command: Command): Said => {
  const decision = decide(incidentOf(world, id), frozen(command), world.time.now)
  if ('refused' in decision) return decision.refused
  for (const event of decision.events) happen(world, event)
  return decision.events.length > 0
}
export const check = (world: World, cases: readonly Case[]): void => {
  for (const is of cases) {
    const incident = incidentOf(world, is.id)
    compare(incident, is)
    lawful(incident, world.time.now)
  }
}
export const agree = (said: Said, expected: Said, about: string): void => {
  mustEqual(said, expected, `the answer to ${about}`)
  if (typeof said === 'string') reached.add(said)
}

export const begun = (
  id: string,
  drill: boolean,
  bad: number,
  enough: Case['enough'],
  every: number | null,
  needs: readonly Agency[],
  world: World
): Case => {
  const ask = units.filter(({ unit, agency }) => unit !== 'p2' && needs.includes(agency))
  const ladder = {
    enough,
    rungs: [
      { ask: 'on_duty', within_s: within_s[0] },
      { ask: 'backup', within_s: within_s[1] },
      { ask: 'city', within_s: within_s[2] }
    ]
  } as const
  const severity = severities[bad] ?? 'red'
  const at = world.time.now
  happen(world, {
    type: 'incident_opened',
    id,
    at,
    kind: 'fire',
    zone: 'z',
    severity,
    because,
    sop: 'fire',
    needs,
    ladder,
    ask,
    drill,
    ...(every !== null && { accountability_s: every / 1000 })
  })
  return opened(id, { drill, bad, enough, every, needs }, ask, at)
}

/** What time brings to all of them, in its order. */
export const let_pass = ({ cases }: Reference, world: World, ms: number, late: boolean): void => {
  passTime(
    world.time,
    ms,
    () => {
      const all = cases.map(is => ({ is, due: nextDue(incidentOf(world, is.id)) }))
      const first = all.reduce<(typeof all)[number] | undefined>(
        (a, b) => ((b.due?.at ?? Infinity) < (a?.due?.at ?? Infinity) ? b : a),
        undefined
      )
      return first?.due && { at: first.due.at, fire: () => fire(world, first.is) }
    },
    late
  )
  for (const is of cases) mustBe(earliest(is) > world.time.now, 'nothing that time brings was missed', is)
  check(world, cases)
}
const fire = (world: World, is: Case): boolean => {
  const incident = incidentOf(world, is.id)
  const due = nextDue(incident)
  const { now } = world.time
  if (due === undefined) return false
  mustEqual(due.at, earliest(is), 'time brings the earliest first')
  const silent = silentAgencies(incident)
  const ask = due.type !== 'escalate' ? [] : due.ask === 'city' ? units.slice(-1) : units.filter(({ agency }) => silent.includes(agency))
  const command: Command =
    due.type === 'escalate'
      ? { type: 'escalate', ask }
      : due.type === 'unit_overdue'
        ? { type: 'unit_overdue', unit: due.unit }
        : { type: 'task_overdue', task: due.task }
  const said = put(world, is.id, command)
  const expected =
    due.type === 'escalate'
      ? refer.escalate(is, now, ask)
      : due.type === 'unit_overdue'
        ? refer.unitLate(is, now, due.unit)
        : refer.taskLate(is, now, due.task)
  agree(said, expected, due.type)
  return said === true
}
export const folded = (kept: readonly Entry[], { seq, body }: World['snapshot']): Map<string, Incident> => {
  const start = JSON.parse(body) as Incident[]
  const incidents = new Map(start.map(one => [one.id, one]))
  for (const { event } of kept.slice(seq)) incidents.set(event.id, evolve(incidents.get(event.id), event as IncidentEvent))
  return incidents
}
export const nothing_yet = { seq: 0, body: '[]' }
export const save = (world: World): void => {
  world.snapshot = { seq: world.entries.length, body: JSON.stringify([...world.incidents.values()]) }
}
export const begin = (enough: Case['enough'], severity: number): { model: Reference; real: World } => {
  const real: World = { incidents: new Map(), entries: [], time: { now: 1_000_000 }, snapshot: { seq: 0, body: '[]' }, climbed: new Map() }
  const cases = [
    begun('i-1', false, severity, enough, null, ['police', 'fire'], real),
    begun('i-2', false, 2, 'each_agency', 20_000, ['police', 'medical'], real),
    begun('i-3', true, 1, 'any', null, ['fire'], real)
  ]
  save(real)
  return { model: { cases }, real }
}

const week = 7 * 24 * 3_600_000
/** In the end everything that was waited for has come or is late, and every way to hear of it tells the same. */
export const end = (world: World, model: Reference): void => {
  let_pass(model, world, week, false)
  for (const incident of world.incidents.values()) {
    if (incident.phase === 'closed') continue
    mustBe(silentAgencies(incident).length === 0 || incident.unanswered, 'silence came to the end of the ladder', incident)
    for (const { due_at, done, cancelled, overdue_at } of incident.tasks ?? [])
      mustBe(due_at === undefined || !!done || !!cancelled || overdue_at !== undefined, 'no deadline is lost', incident)
    for (const { status, overdue_at } of Object.values(incident.responses))
      mustBe(
        status !== 'on_scene' || !incident.accountability_s || overdue_at !== undefined,
        'who fell silent on scene is missed',
        incident
      )
  }
  const kept = roundTrip(world.entries)
  mustEqual(folded(kept, nothing_yet), world.incidents, 'the journal folded again gives the same')
  if (world.snapshot.seq > 3) mustEqual(folded(kept, world.snapshot), world.incidents, 'and so does a snapshot with what followed')
  cityAgrees(kept, world.incidents, world.entries.length * 7919 + world.snapshot.seq)
}
