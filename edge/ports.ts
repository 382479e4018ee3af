/**
 * The ports of the station: what the parts may ask of each other, as types alone.
 * Each port has one contract suite in tests/ports that runs on the real thing and on its double.
 */
import type { Clock } from './clock.ts'
import type { Alert, AlertCommand } from './domain/alert.ts'
import type { Announced } from './domain/announced.ts'
import type { BoardNow } from './domain/annunciator.ts'
import type { CameraGround, Taught } from './domain/camera-calibration.ts'
import type { Cause } from './domain/causes.ts'
import type { Step } from './domain/clock-step.ts'
import type { CommandPost, OpenItem, Owner } from './domain/command-post.ts'
import type { CountedStill, Scale } from './domain/count-calibration.ts'
import type { Cover } from './domain/cover.ts'
import type { Cell } from './domain/coverage.ts'
import type { Limits } from './domain/device-limits.ts'
import type { Drill } from './domain/drill.ts'
import type { Auth, Event, EventType } from './domain/event.ts'
import type { ForecastRecord } from './domain/forecast-record.ts'
import type { BudgetNow } from './domain/frame-budget.ts'
import type { Command, Incident } from './domain/incident.ts'
import type { OwnAction } from './domain/level-actions.ts'
import type { Maintenance, MaintenanceCommand, MaintenancePlan } from './domain/maintenance.ts'
import type { Point } from './domain/polygon.ts'
import type { Proposal, Tuned } from './domain/proposal.ts'
import type { Reading } from './domain/reading.ts'
import type { Refusal } from './domain/refusal.ts'
import type { Roster, Unit } from './domain/roster.ts'
import type { RosterCommand } from './domain/roster-state.ts'
import type { Scene } from './domain/scene.ts'
import type { ShadowFired } from './domain/shadow.ts'
import type { Consent, Description, PersonSought, Relation } from './domain/sought.ts'
import type { Upkeep } from './domain/upkeep.ts'
import type { Block, Entry, EventLane } from './domain/uplink.ts'
import type { Agency, CameraState, IncidentKind, Label, Locale, Quantity, Role, Severity } from './domain/vocabulary.ts'
import type { ZoneNow } from './domain/zone.ts'

export type { Clock } from './clock.ts'
export type { Block, CloudCommand, CommandOutcome, Entry, EventLane, Lane } from './domain/uplink.ts'

/**
 * What happened, append-only, hash-chained, committed at once off the main thread.
 * Order and numbers are given at once; `kept` resolves when the entries are on disk. On a full or broken disk the
 * entries wait in memory, in order, `unpersisted` counts them, and `kept` stays pending until they are written.
 */
export type Journal = {
  /** Random, made with the file: a wiped or new journal never reuses (id, seq). */
  readonly id: string
  readonly append: (events: readonly { readonly event: Event; readonly lane: EventLane }[]) => {
    readonly entries: readonly Entry[]
    readonly kept: Promise<void>
  }
  /** Kept entries after `after`, oldest first. Synchronous, from a connection of its own. */
  readonly read: (after: number, limit: number, lane?: EventLane) => readonly Entry[]
  /** Kept entries after `after` and not after `upto` that are sought, oldest first; at most 10,000 numbers are looked through. */
  readonly search: (after: number, upto: number, sought: Sought) => readonly Entry[]
  /** The hash of a kept entry and of the one before it, in hex: what proves the entry to somebody outside. */
  readonly proof: (seq: number) => Proof | undefined
  /** Number of the last appended and of the last kept entry. */
  readonly last: () => number
  readonly keptUpto: () => number
  readonly unpersisted: () => number
  /** Why entries are not being written just now, in one sentence; undefined when all is well. */
  readonly trouble: () => string | undefined
  /** How many entries of a lane lie after `after`. */
  readonly count: (lane: EventLane, after: number) => number
  readonly cursor: (lane: EventLane) => number
  readonly moveCursor: (lane: EventLane, upto: number) => Promise<void>
  readonly snapshot: () => { readonly seq: number; readonly state: unknown } | undefined
  readonly saveSnapshot: (seq: number, state: unknown) => Promise<void>
  readonly close: () => Promise<void>
}

/** An entry is sought by its subject, by its type, or because it names one of these ids anywhere. */
export type Sought = { readonly subjects: readonly string[]; readonly types: readonly EventType[]; readonly naming: readonly string[] }
export type Proof = { readonly hash: string; readonly previous: string }

export type HistoryQuery = {
  readonly device?: string
  readonly zone?: string
  readonly quantity?: Quantity
  readonly from: number
  readonly to: number
  /** Width of a step in ms; 0 asks for the raw readings. Answered from raw blocks, minutes or hours, whichever is coarse enough. */
  readonly step_ms: number
  readonly limit: number
}
export type HistoryRow = {
  readonly zone: string
  readonly device: string
  readonly quantity: Quantity
  readonly at: number
  readonly value: number
  readonly min: number
  readonly max: number
  readonly n: number
}

/** Telemetry: blocks about every second, roll-ups for charts, bounded by age and bytes. Losing it never touches the journal. */
export type History = {
  readonly id: string
  /** Line-protocol lines. Resolves when the block they are in is on disk; `urgent` closes the block now. */
  readonly keep: (lines: readonly string[], urgent?: boolean) => Promise<void>
  readonly query: (query: HistoryQuery) => Promise<readonly HistoryRow[]>
  /** Kept blocks after `after`, oldest first, at most `max_bytes` of gzip but at least one when there is one. */
  readonly blocks: (after: number, max_bytes: number) => Promise<readonly Block[]>
  readonly cursor: () => number
  readonly moveCursor: (upto: number) => Promise<void>
  readonly stats: () => HistoryStats
  readonly close: () => Promise<void>
}
export type HistoryStats = {
  readonly last: number
  readonly waiting: number
  readonly backlog_blocks: number
  readonly backlog_points: number
  /** Time of the oldest block the cloud lacks, epoch ms. */
  readonly backlog_from: number | undefined
  readonly bytes: number
  readonly max_bytes: number
  readonly dropped_points_total: number
  readonly trouble: string | undefined
}

/** A message from a device, after the guard: who said it is certain, and the topic is theirs. */
export type Heard = { readonly device: string; readonly topic: string; readonly payload: Uint8Array; readonly at: number }

export type Principal =
  | {
      readonly kind: 'device'
      readonly id: string
      readonly publish: readonly string[]
      readonly subscribe: readonly string[]
      readonly client_id?: string
    }
  | { readonly kind: 'machine'; readonly id: string; readonly subscribe: readonly string[] }

export type Broker = {
  readonly port: number
  readonly tlsPort: number | undefined
  /** The station's own voice: status, zones, alerts, incidents, commands to devices. Bounded: oldest is let go under back-pressure. */
  readonly publish: (topic: string, payload: string | Uint8Array, retain?: boolean) => void
  /** Ends the sessions of a principal now (revoked, or its rights changed). */
  readonly drop: (id: string) => void
  readonly online: (device: string) => boolean
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

export type CameraNow = {
  readonly id: string
  readonly zone: string
  readonly state: CameraState
  readonly since: number
  /** One sentence: why it is in that state. Never holds a credential. */
  readonly why: string
  /** Pictures that arrive a second; wanted and given are those that are counted. */
  readonly fps: number
  readonly fps_wanted: number
  readonly fps_given: number
  readonly ms_per_picture: number
  readonly frames_total: number
  readonly frames_skipped_total: number
  readonly restarts_total: number
  /** Parts of its picture are nobody's business. */
  readonly masked: boolean
  readonly scene: Scene | undefined
}
export type Still = {
  readonly jpeg: Uint8Array
  /** Of the camera's own picture, whose pixels ground points and masks are given in. */
  readonly picture: { readonly width: number; readonly height: number }
  /** People that the model counts on it, before any gain. */
  readonly estimate: number | undefined
}
export type Cameras = {
  readonly list: () => readonly CameraNow[]
  /** What counting costs here and what there is for it; nothing until vision has said so. */
  readonly budget: () => BudgetNow | undefined
  /** Look more often at these, whose zone is near a limit; `late_ms` is how late the station itself is. */
  readonly attend: (near: readonly string[], late_ms: number) => void
  /** What it sees now is what it should see: a camera that was turned on purpose is no longer `moved`. */
  readonly accept: (camera: string) => void
  /** A JPEG of the newest frame, made in memory on request; refused when there is none younger than 10 s. `counted`: by the model too. */
  readonly still: (camera: string, counted?: boolean) => Promise<Still | { readonly failed: string }>
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

/** How a live picture travels: the camera's own H.264 in fragments of MP4, or MPEG-1 that was painted for it. */
export type LiveFormat =
  | { readonly format: 'mp4'; readonly codec: string; readonly init: Uint8Array }
  | { readonly format: 'mpeg1'; readonly width: number; readonly height: number }
/** One person looking at one camera. Nothing waits for a viewer who is slow: what it cannot take it leaves out, until the next key. */
export type Viewer = {
  /** This viewer cannot show H.264. */
  readonly mpeg1_only: boolean
  /** A stream begins, also anew after a fault; parts before it belong to another. */
  readonly begins: (format: LiveFormat) => void
  /** `key`: one can begin to look here. `at`: when it came from the camera. */
  readonly part: (bytes: Uint8Array, key: boolean, at: number) => void
  /** Nothing comes just now, and why; it is tried again. What was seen last is old. */
  readonly waits: (why: string) => void
  /** Nothing more will come. */
  readonly ended: (why: string) => void
}
/** Live pictures on demand, never kept. A camera is opened for its first viewer and closed with its last. */
export type Preview = {
  readonly watch: (camera: string, viewer: Viewer) => { readonly leave: () => void } | { readonly failed: string }
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

/** What the station was taught about a camera, and how it counts by it. */
export type CalibrationNow = Pick<CameraGround, 'ground' | 'masks'> & {
  readonly camera: string
  readonly zone: string
  readonly zones: readonly { readonly zone: string; readonly name: string; readonly area_m2: number; readonly outline?: readonly Point[] }[]
  readonly changes: readonly { readonly by: string; readonly at: number }[]
  readonly stills: readonly CountedStill[]
  readonly counts: readonly { readonly by: string; readonly at: number }[]
  readonly scale?: Scale
}
export type Calibrations = {
  readonly now: (camera: string) => CalibrationNow | undefined
  /** `still` names the picture until its heads are counted; the picture itself stays nowhere. */
  readonly still: (
    camera: string,
    by: string,
    reason: string
  ) => Promise<(Still & { readonly still: string; readonly noted: Promise<void> }) | { readonly failed: string }>
  readonly calibrate: (camera: string, ground: CameraGround, by: string) => Answer<CalibrationNow>
  readonly scale: (
    camera: string,
    counted: readonly { readonly still: string; readonly heads: number }[],
    by: string
  ) => Answer<CalibrationNow>
  readonly undo: (camera: string, what: Taught, by: string) => Answer<CalibrationNow>
}

export type UplinkNow = {
  readonly configured: boolean
  readonly online: boolean
  readonly why: string
  readonly since: number
  readonly behind_seconds: number
  readonly backlog_records: number
  readonly backlog_hours_left: number | undefined
}

export type DeviceNow = {
  readonly id: string
  readonly profile: string
  readonly zone: string
  readonly topic: string
  readonly online: boolean
  readonly last_seen: number | undefined
  readonly last_readings: readonly Reading[]
  readonly unreadable_total: number
  readonly quarantined_total: number
  /** The last payload that did not fit, bounded to 200 characters, and why. */
  readonly last_unreadable:
    | { readonly at: number; readonly topic: string; readonly payload: string; readonly why: string; readonly expected?: Expected }
    | undefined
  /** The bridge that speaks for it. */
  readonly via?: string | undefined
  /** What it calls itself. */
  readonly name?: string | undefined
  readonly credential?: CredentialNow
  /** It stands in station.yaml and can only be removed there. */
  readonly in_file?: boolean
  readonly limits?: Limits | undefined
}
/** What would have been right in the place of what was not understood. */
export type Expected = {
  /** Where in the payload, as a JSON pointer. */
  readonly place?: string
  readonly wants?: Label
  readonly example?: { readonly topic: string; readonly payload: string }
}
/** How it proves who it is: `file` is a password that station.yaml names. */
export type CredentialNow = Auth | 'bridge' | 'file' | 'revoked'

/** Something that waits to be let in. */
export type ProposalNow = {
  readonly id: string
  readonly bridge: string
  readonly announced: Announced
  readonly profile: string
  readonly first_heard: number
  readonly last_heard: number
  /** The zone whose name the device says as its area. */
  readonly zone: string | undefined
  /** Already let in, and it says something else of itself now. */
  readonly device: string | undefined
  /** It lays claim to what belongs to another. */
  readonly claims: { readonly topic: string; readonly of: string } | undefined
  /** Missed sooner than others, because it says so. */
  readonly silent_after_s: number | undefined
}
/** A name heard below a bridge that announces nothing. */
export type NameNow = { readonly bridge: string; readonly topic: string; readonly heard_total: number; readonly last_seen: number }

/** Who is to be let in, and as what: what a proposal says, or what a person says. */
export type LetIn = {
  readonly id: string
  readonly zone: string
  readonly by: string
  readonly limits?: Limits
  readonly auth?: Auth
} & (
  | { readonly proposal: string }
  | { readonly proposal?: undefined; readonly profile: string; readonly topic: string; readonly via?: string }
)
/** What the installer takes along, this once: no password where there is a certificate or a bridge. */
export type Issued = { readonly topic: string; readonly password?: string }
export type Onboarding = {
  readonly proposals: () => readonly ProposalNow[]
  readonly names: () => readonly NameNow[]
  readonly profiles: () => readonly {
    readonly id: string
    readonly label: Label
    readonly measures: readonly Quantity[]
    readonly bridge: boolean
  }[]
  /** What the template expects in each zone, and nothing there measures. */
  readonly missing: () => readonly { readonly zone: string; readonly quantities: readonly Quantity[] }[]
  readonly causes: () => readonly Cause[]
  readonly limits: () => Limits
  /** The station knows an authority for device certificates. */
  readonly certificates: () => boolean
  /** Where devices reach the broker; nothing when station.yaml does not say. */
  readonly broker: () => { readonly url: string | undefined; readonly port: number; readonly secure: boolean }
  readonly enrol: (what: LetIn) => Promise<Issued | Refusal>
  readonly rotate: (id: string, by: string) => Promise<Issued | Refusal>
  readonly revoke: (id: string, by: string) => Promise<{ readonly revoked: true } | Refusal>
  readonly replace: (
    id: string,
    by: string,
    what: { readonly profile?: string; readonly topic?: string; readonly proposal?: string }
  ) => Promise<Issued | Refusal>
  /** Limits of its own from now on; none gives it those of the rules again. */
  readonly limit: (id: string, by: string, limits: Limits) => Promise<{ readonly limited: true } | Refusal>
  readonly remove: (id: string, by: string) => Promise<{ readonly removed: true } | Refusal>
}

export type Who = {
  readonly name: string
  readonly agency: Agency | undefined
  readonly roles: readonly Role[]
  readonly units: readonly string[]
  readonly machine: boolean
  readonly scopes: readonly string[]
}

/** What reaches every open screen. `id` is `<epoch>:<seq>` and resumes without a gap. */
export type LiveMessage = { readonly id: string; readonly type: string; readonly data: unknown }

/** Which scenarios are played, by whom, and which zone of the station stands for one of the scenario. */
export type DrillOrder = { readonly scenarios: readonly string[]; readonly by: string; readonly zones?: Readonly<Record<string, string>> }

/** What is taken out of an incident into one of its own, and why. */
export type SplitOff = {
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly alerts: readonly string[]
  readonly by: string
  readonly reason: string
}

/** Who is on duty by plan and by its changes, how few may be, and who commands. */
export type RosterNow = Required<Roster> & {
  readonly covers: readonly Cover[]
  readonly command: CommandPost
  readonly owner: Owner
  /** Everything that passes with the command. */
  readonly open: readonly OpenItem[]
}

/** What must one day be forgotten, kept apart from the journal: whole on disk when the promise resolves, and gone when that of `erase` does. */
export type Safe = {
  readonly get: (incident: string) => PersonSought | undefined
  readonly all: () => readonly PersonSought[]
  readonly keep: (sought: PersonSought) => Promise<void>
  readonly erase: (incident: string) => Promise<void>
}
/** What is said of somebody who is sought, and on what ground it may be kept. */
export type Described = { readonly by: string; readonly consent: Consent; readonly description: Description }
export type GivenTo = { readonly by: string; readonly to: Relation; readonly receiver: string; readonly checked: boolean }

export type ShadowNow = {
  readonly id: string
  readonly rule: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly fired: readonly ShadowFired[]
}

/** What the console may ask of the station; the station's own actions behind one door. */
export type Desk = {
  readonly clock: Clock
  readonly station: {
    readonly id: string
    readonly name: string
    readonly template: string
    readonly locale: Locale
    readonly timezone: string
    readonly version: string
  }
  readonly units: () => readonly Unit[]
  readonly zones: () => readonly ZoneNow[]
  /** What the station wrote of its own for what a level asks for. */
  readonly actions: readonly OwnAction[]
  /** What stands on everybody's board, and the open alerts of one of its groups, the newest first. */
  readonly board: () => BoardNow
  readonly members: (group: string) => readonly Alert[]
  readonly alerts: () => readonly Alert[]
  readonly incidents: () => readonly Incident[]
  readonly devices: () => readonly DeviceNow[]
  readonly cameras: Cameras
  readonly calibrations: Calibrations
  readonly preview: Preview
  readonly history: History
  readonly journal: Journal
  /** How the clock was set, oldest first: what is open has moved with it, what is written has not. */
  readonly steps: () => readonly Step[]
  readonly uplink: () => UplinkNow
  readonly counters: () => Readonly<Record<string, number>>
  /** Newest value of every series. */
  readonly latest: () => readonly Reading[]
  /** Watched series of the last two days, with what was expected of them. */
  readonly expected: () => readonly ExpectedSeries[]
  /** Parts and why they are not well; empty means ready. */
  readonly troubles: () => readonly { readonly part: string; readonly why: string }[]
  readonly command: (incident: string, command: Command) => Answer<Incident>
  readonly alertCommand: (alert: string, command: AlertCommand) => Answer<Alert>
  readonly open: (what: {
    readonly kind: IncidentKind
    readonly zone: string
    readonly severity: Severity
    readonly text: string
    readonly by: string
    /** An exercise, whatever the station is doing otherwise. */
    readonly drill?: boolean
    /** Of somebody who is sought: kept apart, with the text. */
    readonly sought?: Omit<Described, 'by'>
  }) => Answer<Incident>
  /** Writes down anew who is sought. */
  readonly describe: (incident: string, what: Described) => Answer<Incident>
  /** Who is sought; that somebody read it is written down. */
  readonly description: (incident: string, by: string) => { readonly sought: PersonSought; readonly kept: Promise<void> } | Refusal
  /** The person who was sought is given to somebody. */
  readonly handOver: (incident: string, what: GivenTo) => Answer<Incident>
  readonly merge: (incident: string, into: string, by: string, reason: string) => Answer<Incident>
  readonly split: (incident: string, what: SplitOff) => Answer<Incident>
  readonly reopen: (incident: string, by: string, reason: string) => Answer<Incident>
  /** Rules on trial, each with what it would have raised, oldest first. */
  readonly shadows: () => readonly ShadowNow[]
  readonly tuning: Tuning
  readonly scenarios: () => readonly { readonly id: string; readonly name: Label }[]
  readonly drills: () => readonly Drill[]
  readonly startDrill: (what: DrillOrder) => Answer<Drill>
  readonly stopDrill: (drill: string, by: string) => Answer<Drill>
  /** What every zone is watched for, and by whom. */
  readonly coverage: () => readonly Cell[]
  /** What has to be mended soon, the most urgent first. */
  readonly upkeep: () => Promise<readonly Upkeep[]>
  /** What the station's forecasts were worth. */
  readonly forecasts: () => ForecastRecord
  readonly maintenance: () => readonly Maintenance[]
  readonly planMaintenance: (plan: MaintenancePlan) => Answer<Maintenance>
  readonly maintain: (window: string, command: MaintenanceCommand) => Answer<Maintenance>
  readonly roster: () => RosterNow
  readonly rosterCommand: (command: RosterCommand) => Answer<RosterNow>
  /** What a person reported; it is kept, and added up with what others say of the same place. */
  readonly report: (report: Extract<Event, { type: 'report_received' }>) => Promise<void>
  readonly note: (event: Event) => Promise<void>
  readonly onboarding: Onboarding
  readonly epoch: string
  /** Hears everything new from now on; the answer stops it. Messages are built once for all screens. */
  readonly listen: (hear: (message: LiveMessage) => void) => () => void
  /** Everything after a live id, for a screen that comes back. */
  readonly since: (id: string) => readonly LiveMessage[]
  /** The live id of this moment. */
  readonly liveId: () => string
}
export type LimitProposal = Proposal & { readonly id: string }
export type LimitNow = Tuned & { readonly id: string; readonly key: string; readonly by: string; readonly at: number }
/** Limits learned from history: what is proposed, what was taken over, and how to take it back. */
export type Tuning = {
  readonly now: () => Promise<{
    readonly proposals: readonly LimitProposal[]
    readonly limits: readonly LimitNow[]
    readonly looked_at: number
  }>
  readonly accept: (id: string, limit: number, by: string) => Answer<LimitNow>
  readonly reject: (id: string, limit: number, by: string, reason: string) => Answer<LimitProposal>
  readonly restore: (id: string, by: string) => Answer<LimitNow>
}

/** `kept` resolves when the events are on disk; people are told before. */
export type Answer<State> = { readonly state: State; readonly kept: Promise<void> } | Refusal

/** The mean of a series over one step of the grid. */
export type Sample = { readonly series: string; readonly value: number }
export type Judged = {
  readonly series: string
  /** The same time of other days, and where nine values in ten lie; unknown before there is another day. */
  readonly usual: number | undefined
  readonly low: number | undefined
  readonly high: number | undefined
  /** How odd, 0 where something odder was lately; `raw` in any case. */
  readonly score: number
  readonly raw: number
  /** Of how many steps it is known by now. */
  readonly learnt_steps: number
}
/** Says how odd the newest value of each series is, of all at once. */
export type Judge = {
  readonly judge: (step: number, samples: readonly Sample[]) => Promise<readonly Judged[] | { readonly refused: string }>
}
/** A series as it was lately, for a chart: each step with what was expected of it. */
export type ExpectedStep = {
  readonly at: number
  readonly value: number
  readonly usual: number | undefined
  readonly low: number | undefined
  readonly high: number | undefined
  readonly odd: boolean
}
export type ExpectedSeries = {
  readonly device: string
  readonly zone: string
  readonly quantity: Quantity
  /** Days of it that are known; nothing is called odd before there are `learning_days`. */
  readonly learnt_days: number
  readonly learning: boolean
  readonly steps: readonly ExpectedStep[]
}
