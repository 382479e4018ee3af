/** What is true at the station, folded from its journal: the same fold at the start, during the duty, and in a test. */
import { type Alert, evolveAlert } from './domain/alert.ts'
import { type CameraCalibration, evolveCalibration, untaught } from './domain/camera-calibration.ts'
import { type Step, shifted } from './domain/clock-step.ts'
import type { Claim } from './domain/coverage.ts'
import { evolvePage, type Page } from './domain/delivery.ts'
import { type Drill, evolveDrill } from './domain/drill.ts'
import {
  type Device,
  type Event,
  isAlertEvent,
  isCalibrationEvent,
  isDrillEvent,
  isForecastEvent,
  isIncidentEvent,
  isMaintenanceEvent,
  isPageEvent,
  isRosterEvent,
  isTuningEvent
} from './domain/event.ts'
import { emptyRecord, evolveForecasts, type ForecastRecord } from './domain/forecast-record.ts'
import type { Tally } from './domain/gates.ts'
import { evolve, type Incident } from './domain/incident.ts'
import { evolveMaintenance, type Maintenance } from './domain/maintenance.ts'
import type { TuningEvent } from './domain/proposal.ts'
import { emptyRoster, evolveRoster, type RosterState } from './domain/roster-state.ts'
import type { ShadowFired } from './domain/shadow.ts'
import type { Entry, EventLane } from './ports.ts'

export type Enrolled = { readonly id: string } & Device
/** A certificate issued before that opens nothing any more; revoked, nothing at all does. Of who was removed it is remembered for who comes after under the id. */
export type Credential = { readonly issued_after: number; readonly revoked: boolean; readonly removed?: true }
export type Reported = Extract<Event, { type: 'report_received' }>
export type Epoch = { readonly epoch: string; readonly first: number }

export type State = {
  readonly alerts: Map<string, Alert>
  /** The open alert of each key. */
  readonly byKey: Map<string, string>
  readonly incidents: Map<string, Incident>
  /** Closed ones, oldest first, and when by the clock as it is set now: how many are kept at hand has an end. */
  readonly closed: { readonly alerts: Map<string, number>; readonly incidents: Map<string, number> }
  readonly maintenance: Map<string, Maintenance>
  /** Pages of open incidents, and the newest of those that are over. */
  readonly pages: Map<string, Page>
  /** What people reported in the last hours: a rule adds them up, also over a restart. */
  readonly reports: Reported[]
  /** What rules on trial would have raised, oldest first. */
  readonly shadows: ShadowFired[]
  /** Limits that people took over from a proposal, and proposals they did not want, by what they are of. */
  readonly tuned: Map<string, Extract<TuningEvent, { type: 'limit_tuned' }>>
  readonly rejected: Map<string, Extract<TuningEvent, { type: 'limit_rejected' }>>
  readonly drills: Map<string, Drill>
  /** What each device is there to watch, also one that is silent or was taken away. */
  readonly claims: Map<string, Claim>
  /** How many are inside each site that is counted at its gates. */
  readonly gates: Map<string, Tally>
  /** What the station's forecasts were worth. */
  forecasts: ForecastRecord
  /** What cameras were taught, by camera. */
  readonly calibrations: Map<string, CameraCalibration>
  roster: RosterState
  readonly enrolled: Map<string, Enrolled>
  /** What became of each device's credential, of station.yaml too. */
  readonly credentials: Map<string, Credential>
  /** Starts of the station, oldest first: a live id names its start, so a number never counted twice means two things. */
  readonly epochs: Epoch[]
  /** How the clock was set, oldest first. */
  readonly steps: Step[]
}

/** Closed alerts and incidents kept at hand; older ones are in the journal. */
const closed_kept = 300
const epochs_kept = 50
const steps_kept = 50
const windows_kept = 200
const drills_kept = 200
const pages_kept = 5000
const reports_kept = 500
const shadows_kept = 2000
const rejected_kept = 500
const credentials_kept = 5000
const reports_kept_ms = 6 * 3_600_000

export const emptyState = (): State => ({
  alerts: new Map(),
  byKey: new Map(),
  incidents: new Map(),
  closed: { alerts: new Map(), incidents: new Map() },
  maintenance: new Map(),
  pages: new Map(),
  reports: [],
  shadows: [],
  tuned: new Map(),
  rejected: new Map(),
  drills: new Map(),
  claims: new Map(),
  gates: new Map(),
  forecasts: emptyRecord,
  calibrations: new Map(),
  roster: emptyRoster,
  enrolled: new Map(),
  credentials: new Map(),
  epochs: [],
  steps: []
})

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
    put(state.alerts, state.closed.alerts, alert, alert.changed_at)
    if (alert.phase === 'open') state.byKey.set(alert.key, alert.id)
    else if (state.byKey.get(alert.key) === alert.id) state.byKey.delete(alert.key)
  } else if (isIncidentEvent(event)) {
    put(state.incidents, state.closed.incidents, evolve(state.incidents.get(event.id), event), event.at)
  } else if (isMaintenanceEvent(event)) {
    state.maintenance.set(event.id, evolveMaintenance(state.maintenance.get(event.id), event))
    letGo(state.maintenance, windows_kept, ({ phase }) => phase === 'ended')
  } else if (isDrillEvent(event)) {
    state.drills.set(event.id, evolveDrill(state.drills.get(event.id), event))
    letGo(state.drills, drills_kept, ({ phase }) => phase === 'over')
  } else if (isPageEvent(event)) {
    const page = evolvePage(state.pages.get(event.id), event)
    if (page !== undefined) state.pages.set(page.id, page)
    letGo(state.pages, pages_kept, ({ incident, due_at }) => due_at === undefined && state.incidents.get(incident)?.phase !== 'open')
  } else if (isCalibrationEvent(event)) {
    state.calibrations.set(event.id, evolveCalibration(state.calibrations.get(event.id) ?? untaught, event))
  } else if (isRosterEvent(event)) {
    state.roster = evolveRoster(state.roster, event)
  } else if (isTuningEvent(event)) {
    if (event.type === 'limit_tuned') state.tuned.set(event.id, event)
    else if (event.type === 'limit_restored') state.tuned.delete(event.id)
    else state.rejected.set(event.id, event)
    letGo(state.rejected, rejected_kept, () => true)
  } else if (isForecastEvent(event)) {
    state.forecasts = evolveForecasts(state.forecasts, event)
  } else if (event.type === 'report_received') {
    state.reports.push(event)
    while (state.reports.length > reports_kept || (state.reports[0]?.at ?? event.at) < event.at - reports_kept_ms) state.reports.shift()
  } else if (event.type === 'shadow_fired') {
    state.shadows.push(event)
    if (state.shadows.length > shadows_kept) state.shadows.shift()
  } else if (event.type === 'gates_counted' || event.type === 'gates_closed') {
    state.gates.set(event.id, event.tally)
  } else if (event.type === 'device_enrolled' || event.type === 'device_replaced') {
    const { type, by: _, at, ...device } = event
    // A device of station.yaml stays as it stands there, whatever hardware it is.
    if (type === 'device_enrolled' || state.enrolled.has(device.id)) state.enrolled.set(device.id, device)
    const given_up = state.credentials.get(device.id)?.issued_after ?? 0
    state.credentials.set(device.id, { issued_after: type === 'device_enrolled' ? given_up : at, revoked: false })
    endTuning(state, device.id)
  } else if (event.type === 'device_rotated' || event.type === 'device_revoked') {
    state.credentials.set(event.id, { issued_after: event.at, revoked: event.type === 'device_revoked' })
  } else if (event.type === 'device_limited') {
    const device = state.enrolled.get(event.id)
    if (device !== undefined) state.enrolled.set(event.id, { ...device, limits: event.limits })
    endTuning(state, event.id)
  } else if (event.type === 'device_removed') {
    state.enrolled.delete(event.id)
    // Last of those that may be let go.
    state.credentials.delete(event.id)
    state.credentials.set(event.id, { issued_after: event.at, revoked: false, removed: true })
    letGo(state.credentials, credentials_kept, ({ removed }) => removed === true)
    endTuning(state, event.id)
  } else if (event.type === 'coverage_claimed') {
    state.claims.set(event.id, { zone: event.zone, hazards: event.hazards })
  } else if (event.type === 'coverage_waived') {
    state.claims.delete(event.id)
  } else if (event.type === 'clock_stepped') {
    stepClock(state, event.by_ms)
    state.steps.push({ at: event.at, by_ms: event.by_ms })
    if (state.steps.length > steps_kept) state.steps.shift()
  } else if (event.type === 'station_started') {
    state.epochs.push({ epoch: event.epoch, first: seq })
    if (state.epochs.length > epochs_kept) state.epochs.shift()
  }
}

/** Only what is still going on, and how long ago what is over was: that itself happened when it is written to have happened. */
const stepClock = (state: State, by_ms: number): void => {
  const move = <One>(map: Map<string, One>, goes_on: (one: One) => boolean): void => {
    for (const [id, one] of map) if (goes_on(one)) map.set(id, shifted(one, by_ms))
  }
  move(state.alerts, ({ phase }) => phase === 'open')
  move(state.incidents, ({ phase }) => phase === 'open')
  for (const closed of Object.values(state.closed)) for (const [id, at] of closed) closed.set(id, at + by_ms)
  move(state.maintenance, ({ phase }) => phase === 'open')
  move(state.pages, ({ due_at }) => due_at !== undefined)
  move(state.gates, () => true)
  const { command } = state.roster
  if (command.offer !== undefined) state.roster = { ...state.roster, command: { ...command, offer: shifted(command.offer, by_ms) } }
  state.reports.splice(0, state.reports.length, ...shifted(state.reports, by_ms))
}

/** Learned of other hardware, or against limits that a person has since set by hand. */
const endTuning = (state: State, id: string): void => {
  for (const [key, { device }] of state.tuned) if (device === id) state.tuned.delete(key)
}

const put = <One extends Alert | Incident>(map: Map<string, One>, closed: Map<string, number>, one: One, at: number): void => {
  map.set(one.id, one)
  const closed_at = closed.get(one.id) ?? at
  closed.delete(one.id)
  if (one.phase !== 'closed') return
  closed.set(one.id, closed_at)
  const [oldest] = closed.keys()
  if (closed.size <= closed_kept || oldest === undefined) return
  closed.delete(oldest)
  map.delete(oldest)
}

/** Lets the oldest go that are over, as long as there are too many. */
const letGo = <One>(map: Map<string, One>, most: number, over: (one: One) => boolean): void => {
  if (map.size <= most) return
  for (const [id, one] of map) {
    if (!over(one)) continue
    map.delete(id)
    return
  }
}

type Snapshot = {
  readonly version: 3
  readonly alerts: readonly Alert[]
  readonly incidents: readonly Incident[]
  /** Absent in snapshots of before a closure was as long ago as it was. */
  readonly closed?: Readonly<Record<keyof State['closed'], readonly (readonly [string, number])[]>>
  readonly maintenance: readonly Maintenance[]
  readonly pages: readonly Page[]
  readonly reports: readonly Reported[]
  /** Absent in snapshots of stations before there were any. */
  readonly shadows?: readonly ShadowFired[]
  /** Absent in snapshots of before limits could be learned. */
  readonly tuned?: readonly Extract<TuningEvent, { type: 'limit_tuned' }>[]
  readonly rejected?: readonly Extract<TuningEvent, { type: 'limit_rejected' }>[]
  readonly drills: readonly Drill[]
  /** Absent in snapshots of before devices claimed what they watch. */
  readonly claims?: readonly (readonly [string, Claim])[]
  /** Absent in snapshots of stations that knew no gates yet. */
  readonly gates?: readonly (readonly [string, Tally])[]
  /** Absent in a snapshot of before there were forecasts. */
  readonly forecasts?: ForecastRecord
  /** Absent in snapshots from before cameras could be taught. */
  readonly calibrations?: readonly (readonly [string, CameraCalibration])[]
  readonly roster: RosterState
  readonly enrolled: readonly Enrolled[]
  /** Absent in snapshots from before a credential could be changed. */
  readonly credentials?: readonly (readonly [string, Credential])[]
  readonly epochs: readonly Epoch[]
  /** Absent in snapshots of before clocks were followed. */
  readonly steps?: readonly Step[]
}

export const toSnapshot = (state: State): Snapshot => ({
  version: 3,
  alerts: inOrder(state.alerts, state.closed.alerts),
  incidents: inOrder(state.incidents, state.closed.incidents),
  closed: { alerts: [...state.closed.alerts], incidents: [...state.closed.incidents] },
  maintenance: [...state.maintenance.values()],
  pages: [...state.pages.values()],
  reports: [...state.reports],
  shadows: [...state.shadows],
  tuned: [...state.tuned.values()],
  rejected: [...state.rejected.values()],
  drills: [...state.drills.values()],
  claims: [...state.claims],
  gates: [...state.gates],
  forecasts: state.forecasts,
  calibrations: [...state.calibrations],
  roster: state.roster,
  enrolled: [...state.enrolled.values()],
  credentials: [...state.credentials],
  epochs: state.epochs,
  steps: state.steps
})

/** The closed ones last and in the order of their closing, so that a restored state lets the same ones go. */
const inOrder = <One extends { readonly id: string; readonly phase: string }>(
  map: ReadonlyMap<string, One>,
  closed: ReadonlyMap<string, number>
): readonly One[] => [
  ...[...map.values()].filter(({ phase }) => phase !== 'closed'),
  ...[...closed.keys()].flatMap(id => {
    const one = map.get(id)
    return one === undefined ? [] : [one]
  })
]

/** Nothing for a snapshot of another version: the journal is folded from its beginning instead. */
export const fromSnapshot = (raw: unknown): State | undefined => {
  const snapshot = raw as Snapshot
  if (snapshot?.version !== 3) return undefined
  const state = emptyState()
  const closed = { alerts: new Map(snapshot.closed?.alerts), incidents: new Map(snapshot.closed?.incidents) }
  for (const alert of snapshot.alerts) {
    put(state.alerts, state.closed.alerts, alert, closed.alerts.get(alert.id) ?? alert.changed_at)
    if (alert.phase === 'open') state.byKey.set(alert.key, alert.id)
  }
  for (const incident of snapshot.incidents)
    put(state.incidents, state.closed.incidents, incident, closed.incidents.get(incident.id) ?? incident.closed_at ?? 0)
  for (const window of snapshot.maintenance) state.maintenance.set(window.id, window)
  for (const page of snapshot.pages) state.pages.set(page.id, page)
  state.reports.push(...snapshot.reports)
  state.shadows.push(...(snapshot.shadows ?? []))
  for (const one of snapshot.tuned ?? []) state.tuned.set(one.id, one)
  for (const one of snapshot.rejected ?? []) state.rejected.set(one.id, one)
  for (const drill of snapshot.drills) state.drills.set(drill.id, drill)
  for (const [device, claim] of snapshot.claims ?? []) state.claims.set(device, claim)
  for (const [zone, tally] of snapshot.gates ?? []) state.gates.set(zone, tally)
  if (snapshot.forecasts !== undefined) state.forecasts = snapshot.forecasts
  for (const [camera, calibration] of snapshot.calibrations ?? []) state.calibrations.set(camera, calibration)
  state.roster = snapshot.roster
  for (const device of snapshot.enrolled) state.enrolled.set(device.id, device)
  for (const [id, credential] of snapshot.credentials ?? []) state.credentials.set(id, credential)
  state.epochs.push(...snapshot.epochs)
  state.steps.push(...(snapshot.steps ?? []))
  return state
}
