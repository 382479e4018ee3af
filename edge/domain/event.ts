import type { AlertEvent } from './alert.ts'
import type { Announced } from './announced.ts'
import type { CalibrationEvent } from './camera-calibration.ts'
import type { CapDone, CapWord } from './cap.ts'
import type { CoverageEvent } from './coverage.ts'
import type { PageEvent } from './delivery.ts'
import type { Limits } from './device-limits.ts'
import type { DrillEvent } from './drill.ts'
import type { ForecastEvent } from './forecast-record.ts'
import type { Tally } from './gates.ts'
import type { IncidentEvent } from './incident.ts'
import type { MaintenanceEvent } from './maintenance.ts'
import type { TuningEvent } from './proposal.ts'
import type { RosterEvent } from './roster-state.ts'
import type { ShadowFired } from './shadow.ts'
import type { Consent } from './sought.ts'
import type { Agency, CameraState, Quantity } from './vocabulary.ts'

/** Why somebody no longer looks at a camera. */
export type LiveViewEnd = 'left' | 'time_is_up' | 'not_welcome' | 'too_slow' | 'no_picture' | 'masks_astray' | 'station_closing'

/** How a device was let in. */
export type Device = {
  readonly profile: string
  readonly zone: string
  readonly topic: string
  /** The bridge that speaks for it; such a device has no credential. */
  readonly via?: string
  readonly announced?: Announced
  /** In place of the limits of the rules, for this device alone. */
  readonly limits?: Limits
  /** How it proves who it is; by its password when absent. */
  readonly auth?: Auth
}
export const auths = ['password', 'certificate', 'both'] as const
export type Auth = (typeof auths)[number]

/** What happens at the station besides alerts and incidents. None of it carries a secret or a picture. */
export type StationEvent = { readonly id: string; readonly at: number } & (
  | { readonly type: 'station_started'; readonly epoch: string; readonly version: string }
  | { readonly type: 'station_stopped' }
  /** The clock was put forward or back while things were going on: what is open moves with it (domain/clock-step.ts). */
  | { readonly type: 'clock_stepped'; readonly by_ms: number }
  | { readonly type: 'journal_damaged'; readonly lost: number; readonly detail: string }
  /** Let in: with what it announced of itself when a person looked at that, and with limits of its own. */
  | ({ readonly type: 'device_enrolled'; readonly by: string } & Device)
  | { readonly type: 'device_removed'; readonly by: string }
  /** A new credential; the old one opens nothing any more. */
  | { readonly type: 'device_rotated'; readonly by: string }
  /** No credential; what it measured is still its own. */
  | { readonly type: 'device_revoked'; readonly by: string }
  /** Limits of its own from now on; without any those of the rules. */
  | { readonly type: 'device_limited'; readonly limits: Limits; readonly by: string }
  /** Another piece of hardware under the same name, in the same zone, with the same history. */
  | ({ readonly type: 'device_replaced'; readonly by: string } & Device)
  /** An urgent reading exactly as it was heard, committed at once because somebody may have to act. */
  | {
      readonly type: 'device_alarmed'
      readonly zone: string
      readonly quantity: Quantity
      readonly value: number
      readonly measured_at: number
    }
  | { readonly type: 'camera_changed'; readonly state: CameraState; readonly why: string }
  /** A person says that what the camera sees now is what it should see: `id` is the camera. */
  | { readonly type: 'view_accepted'; readonly by: string }
  | { readonly type: 'signed_in'; readonly address: string }
  | { readonly type: 'sign_in_refused'; readonly address: string }
  | { readonly type: 'still_taken'; readonly by: string; readonly reason: string; readonly incident?: string }
  /** Who looks at a camera live, from when to when: `id` is the camera. */
  | {
      readonly type: 'live_view_began'
      readonly by: string
      readonly reason: string
      readonly incident?: string
    }
  | { readonly type: 'live_view_ended'; readonly by: string; readonly seconds: number; readonly why: LiveViewEnd }
  /** What is known of somebody who is sought, kept apart from this journal: that it is there, who read it, that it is gone. */
  | {
      readonly type: 'description_kept'
      readonly incident: string
      readonly by: string
      readonly consent: Consent
      readonly fields: readonly string[]
    }
  | { readonly type: 'description_read'; readonly incident: string; readonly by: string }
  | { readonly type: 'description_erased'; readonly incident: string }
  | {
      readonly type: 'report_received'
      readonly zone: string
      readonly kind: string
      readonly text: string
      readonly by: string
      /** Of another system: its own name for what it said. */
      readonly source?: string
    }
  /** Another system said something in CAP. `by` is the account it signed in with; what it calls itself is `sender`. */
  | {
      readonly type: 'cap_received'
      readonly by: string
      readonly sender: string
      readonly identifier: string
      readonly sent: string
      readonly status: CapWord<'status'>
      readonly msg_type: CapWord<'msgType'>
      readonly incidents: readonly string[]
      readonly done: CapDone
      readonly incident?: string
      readonly report?: string
    }
  /** What is known of an incident was sealed and handed to somebody; the hash is that of the sealed payload. */
  | { readonly type: 'bundle_made'; readonly incident: string; readonly by: string; readonly sha256: string }
  | { readonly type: 'unit_paged'; readonly incident: string; readonly agency: Agency; readonly channel: string }
  /** The hourly check of the path from sensor to screen: how long it took, or where it got stuck. */
  | {
      readonly type: 'path_checked'
      readonly ok: boolean
      readonly shown_ms?: number
      readonly kept_ms?: number
      readonly stuck?: string
      readonly why?: string
    }
  /** How many are inside a site, once a minute while that changes, so that a restart goes on from there. */
  | { readonly type: 'gates_counted'; readonly tally: Tally }
  /** The closing hour: the count begins again, and what was left over is what the gates had miscounted. */
  | { readonly type: 'gates_closed'; readonly tally: Tally; readonly left_over: number }
  | { readonly type: 'uplink_changed'; readonly online: boolean; readonly why: string }
  | { readonly type: 'command_received'; readonly incident: string; readonly by: string; readonly what: string; readonly refused?: string }
)

/** Everything that happens is an event, and every event goes the same way: journal → state → people → cloud. */
export type Event =
  | AlertEvent
  | CalibrationEvent
  | CoverageEvent
  | DrillEvent
  | ForecastEvent
  | IncidentEvent
  | MaintenanceEvent
  | PageEvent
  | RosterEvent
  | ShadowFired
  | StationEvent
  | TuningEvent
export type EventType = Event['type']

export const isAlertEvent = (event: Event): event is AlertEvent => event.type.startsWith('alert_')
export const isIncidentEvent = (event: Event): event is IncidentEvent => event.type.startsWith('incident_')
export const isMaintenanceEvent = (event: Event): event is MaintenanceEvent => event.type.startsWith('maintenance_')
export const isRosterEvent = (event: Event): event is RosterEvent => /^(duty|handover)_/.test(event.type)
const calibrations: readonly string[] = [
  'camera_calibrated',
  'camera_scaled',
  'camera_calibration_undone'
] satisfies CalibrationEvent['type'][]
export const isCalibrationEvent = (event: Event): event is CalibrationEvent => calibrations.includes(event.type)
export const isPageEvent = (event: Event): event is PageEvent => event.type.startsWith('page_')

/** Whom an event is about, so that its whole story can be found and folded. */
export const subjectOf = (event: Event): 'alert' | 'incident' | 'station' =>
  isAlertEvent(event) ? 'alert' : isIncidentEvent(event) ? 'incident' : 'station'
export const isDrillEvent = (event: Event): event is DrillEvent => event.type.startsWith('drill_')
export const isTuningEvent = (event: Event): event is TuningEvent => event.type.startsWith('limit_')
export const isForecastEvent = (event: Event): event is ForecastEvent => /^forecasts?_/.test(event.type)
