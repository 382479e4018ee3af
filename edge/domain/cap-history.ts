/**
 * Which messages an incident has sent, derived from its journal: the same journal gives the same messages, whoever asks and how often.
 *
 * Opening is an Alert, every change that another agency would act on is an Update of it. How it ends depends on what was true:
 * a false alarm or a duplicate is a Cancel, because what was said is withdrawn; what was dealt with is an Update that says AllClear,
 * because the Alert was right and remains so; what was handed over is an Update only, because the danger goes on elsewhere
 * (CAP 1.2, 3.2.1 msgType and 3.2.2 responseType). After a Cancel nothing is left to update: a reopened one is a new Alert.
 */
import { type Event, isIncidentEvent } from './event.ts'
import { evolve, type Incident } from './incident.ts'
import type { Outcome } from './vocabulary.ts'

export type CapMoment = {
  /** 1 for the first message of this incident. */
  readonly n: number
  readonly at: number
  readonly msgType: 'Alert' | 'Update' | 'Cancel'
  /** As it was at that moment. */
  readonly incident: Incident
  readonly why: CapWhy
  /** The earlier messages that this one is about, by their `n`. */
  readonly references: readonly number[]
}
export type CapWhy =
  | 'opened'
  | 'worsened'
  | 'absorbed'
  | 'escalated'
  | 'unanswered'
  | 'asked'
  | 'split'
  | 'reopened'
  | 'closed'
  | 'merged'
  | 'changed'

const reasons: Readonly<Partial<Record<Event['type'], CapWhy>>> = {
  incident_opened: 'opened',
  incident_worsened: 'worsened',
  incident_absorbed: 'absorbed',
  incident_escalated: 'escalated',
  incident_unanswered: 'unanswered',
  incident_asked: 'asked',
  incident_split: 'split',
  incident_reopened: 'reopened',
  incident_closed: 'closed',
  incident_merged: 'merged'
}
const withdrawn: readonly (Outcome | undefined)[] = ['false_alarm', 'duplicate']
/** References are repeated in every message: of more, the newest. */
const most_references = 100

/** `events` in order, of whatever subject; `live` is the incident now, and `now` the time for what is not in the journal yet. */
export const capHistory = (events: Iterable<Event>, live: Incident, now: number): readonly CapMoment[] => {
  const moments: CapMoment[] = []
  let incident: Incident | undefined
  let standing: number[] = []
  const add = (at: number, why: CapWhy, state: Incident): void => {
    const n = moments.length + 1
    const gone = state.phase === 'closed' && withdrawn.includes(state.outcome)
    const msgType = standing.length === 0 ? 'Alert' : gone ? 'Cancel' : 'Update'
    moments.push({ n, at, msgType, incident: state, why, references: standing.slice(-most_references) })
    standing = msgType === 'Cancel' ? [] : [...standing, n]
  }
  for (const event of events) {
    if (!isIncidentEvent(event) || event.id !== live.id) continue
    // Only a damaged journal has lost the beginning.
    if (incident === undefined && event.type !== 'incident_opened' && !('state' in event)) continue
    incident = evolve(incident, event)
    const why = reasons[event.type]
    if (why !== undefined) add(event.at, why, incident)
  }
  // People are told before the disk is: a message that waited for a full disk would call nobody.
  const last = moments.at(-1)?.incident
  if (last === undefined) add(live.opened_at, 'opened', live)
  else if (gist(last) !== gist(live)) add(now, 'changed', live)
  return moments
}

const gist = ({ kind, zone, severity, phase, level, unanswered }: Incident): string =>
  JSON.stringify([kind, zone, severity, phase, level, unanswered])
