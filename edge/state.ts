/** What is true at the station, folded from its journal: the same fold at the start, during the duty, and in a test. */
import { type Alert, evolveAlert } from './domain/alert.ts'
import { type Event, isAlertEvent, isIncidentEvent } from './domain/event.ts'
import { evolve, type Incident } from './domain/incident.ts'
import type { Entry, EventLane } from './ports.ts'

export type Enrolled = { readonly id: string; readonly profile: string; readonly zone: string; readonly topic: string }
export type Epoch = { readonly epoch: string; readonly first: number }

export type State = {
  readonly alerts: Map<string, Alert>
  /** The open alert of each key. */
  readonly byKey: Map<string, string>
  readonly incidents: Map<string, Incident>
  readonly enrolled: Map<string, Enrolled>
  /** Starts of the station, oldest first: a live id names its start, so a number never counted twice means two things. */
  readonly epochs: Epoch[]
}

/** Closed alerts and incidents kept at hand; older ones are in the journal. */
const closed_kept = 300
const epochs_kept = 50

export const emptyState = (): State => ({ alerts: new Map(), byKey: new Map(), incidents: new Map(), enrolled: new Map(), epochs: [] })

/** Which lane an event travels in: whatever was ever red goes first, with everything that follows about it. */
export const laneAfter = (next: Alert | Incident | undefined): EventLane => (next?.highest === 'red' ? 'red' : 'events')

/** What the event makes of its subject, without changing the state yet; nothing for events about neither alert nor incident. */
export const next = (state: State, event: Event): Alert | Incident | undefined =>
  isAlertEvent(event)
    ? evolveAlert(state.alerts.get(event.id), event)
    : isIncidentEvent(event)
      ? evolve(state.incidents.get(event.id), event)
      : undefined

export const apply = (state: State, { seq, event }: Pick<Entry, 'seq' | 'event'>): void => {
  if (isAlertEvent(event)) {
    const alert = evolveAlert(state.alerts.get(event.id), event)
    put(state.alerts, alert)
    if (alert.phase === 'open') state.byKey.set(alert.key, alert.id)
    else if (state.byKey.get(alert.key) === alert.id) state.byKey.delete(alert.key)
  } else if (isIncidentEvent(event)) {
    put(state.incidents, evolve(state.incidents.get(event.id), event))
  } else if (event.type === 'device_enrolled') {
    state.enrolled.set(event.id, { id: event.id, profile: event.profile, zone: event.zone, topic: event.topic })
  } else if (event.type === 'device_removed') {
    state.enrolled.delete(event.id)
  } else if (event.type === 'station_started') {
    state.epochs.push({ epoch: event.epoch, first: seq })
    if (state.epochs.length > epochs_kept) state.epochs.shift()
  }
}

const put = <One extends Alert | Incident>(map: Map<string, One>, one: One): void => {
  map.set(one.id, one)
  if (one.phase !== 'closed') return
  // Maps keep their order of insertion: the closed one is moved to the end, so that the first closed is the oldest.
  map.delete(one.id)
  map.set(one.id, one)
  let closed = 0
  for (const { phase } of map.values()) if (phase === 'closed') closed++
  if (closed <= closed_kept) return
  for (const [id, { phase }] of map) {
    if (phase !== 'closed') continue
    map.delete(id)
    return
  }
}

type Snapshot = {
  readonly version: 1
  readonly alerts: readonly Alert[]
  readonly incidents: readonly Incident[]
  readonly enrolled: readonly Enrolled[]
  readonly epochs: readonly Epoch[]
}

export const toSnapshot = (state: State): Snapshot => ({
  version: 1,
  alerts: [...state.alerts.values()],
  incidents: [...state.incidents.values()],
  enrolled: [...state.enrolled.values()],
  epochs: state.epochs
})

/** Nothing for a snapshot of another version: the journal is folded from its beginning instead. */
export const fromSnapshot = (raw: unknown): State | undefined => {
  const snapshot = raw as Snapshot
  if (snapshot?.version !== 1) return undefined
  const state = emptyState()
  for (const alert of snapshot.alerts) {
    state.alerts.set(alert.id, alert)
    if (alert.phase === 'open') state.byKey.set(alert.key, alert.id)
  }
  for (const incident of snapshot.incidents) state.incidents.set(incident.id, incident)
  for (const device of snapshot.enrolled) state.enrolled.set(device.id, device)
  state.epochs.push(...snapshot.epochs)
  return state
}
