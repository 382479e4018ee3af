import type { Hypothesis } from '../hypothesis.ts'
import type { Tunes } from '../proposal.ts'
import type { Reading } from '../reading.ts'
import type { Agency, CameraState, IncidentKind, Quantity, Severity } from '../vocabulary.ts'
import type { Sentence } from '../words.ts'
import type { ZoneNow } from '../zone.ts'

/** What a rule looks at: a reading, or a zone, or time alone. `last_heard` is when this device last said anything. */
export type Sight = {
  readonly at: number
  readonly reading?: Reading
  /** The reading is of this time of the day, and only now heard. */
  readonly as_of?: string
  readonly zone?: ZoneNow
  readonly last_heard?: number
  readonly camera?: CameraSight
  readonly report?: ReportSight
  /** What is known of the place otherwise, for rules of a place. */
  readonly place?: PlaceSight
  /** The zone it is of, when that is beside the place. */
  readonly beside?: string
  readonly oddity?: OdditySight
}
/** What else is raised in a zone, and when people last closed an incident of each kind there. */
export type PlaceSight = {
  readonly standing: readonly { readonly key: string; readonly kind: IncidentKind; readonly severity: Severity }[]
  readonly settled: Readonly<Partial<Record<IncidentKind, number>>>
}
/** A series at the end of a step, and what it is at this hour on other days. `score` is 0 where it was odder lately. */
export type OdditySight = {
  readonly device: string
  readonly zone: string
  readonly quantity: Quantity
  /** The middle of the step. */
  readonly at: number
  readonly timezone: string
  readonly value: number
  readonly usual: number
  readonly low: number
  readonly high: number
  readonly score: number
  readonly learnt_days: number
}
/** What a person reported of a zone. */
export type ReportSight = {
  readonly zone: string
  readonly kind: string
  readonly text: string
  readonly id?: string
  readonly by?: string
  /** When, of one that is heard again after a restart. */
  readonly at?: number
  /** When people last closed what reports of this place had raised. */
  readonly settled_at?: number
}
export type CameraSight = { readonly id: string; readonly zone: string; readonly state: CameraState }

export type Verdict =
  | {
      readonly raised: true
      readonly severity: Severity
      readonly kind?: IncidentKind
      readonly because: Sentence
      /** Agencies that must answer besides those of the run card. */
      readonly also?: readonly Agency[]
    }
  | { readonly raised: false; readonly because: Sentence }

/** `weighed` is the evidence as it should be written down, when that has changed. */
export type Step<Memory> = { readonly memory: Memory; readonly verdict?: Verdict; readonly weighed?: Hypothesis }

/**
 * One early-warning rule: what it watches, what it remembers, and when it changes its mind.
 * One memory per zone or per device (`per`); a verdict only when something changes.
 */
export type Rule<Memory = unknown, Settings = unknown> = {
  readonly kind: IncidentKind
  /** The rule of the same kind of subject through whose alert it speaks: one danger in one place is one alert. */
  readonly joins?: string
  /** A place is a zone with all that is seen, measured and reported there, and what is beside it. */
  readonly per: 'zone' | 'device' | 'series' | 'camera' | 'reports' | 'place' | 'oddity'
  /** Of incidents that its evidence belongs to. */
  readonly kinds?: readonly IncidentKind[]
  /** Of a place: how many people are there means something to it. */
  readonly sees_crowds?: boolean
  /** Quantities that wake it; `anything` any word of the device. */
  readonly watches: readonly Quantity[] | 'anything'
  readonly settings: Settings
  readonly start: Memory
  readonly step: (memory: Memory, sight: Sight, settings: Settings) => Step<Memory>
  /** The memory of a rule whose alert was open when the station stopped. */
  readonly resume: (raised: Severity, at: number, quantity: Quantity | undefined, settings: Settings) => Memory
  /** When time alone may change its mind; the station then calls `step` with no reading. */
  readonly nextDue?: (memory: Memory, settings: Settings) => number | undefined
  /** Which of its limits may be learned from history. */
  readonly tunes?: Tunes
  /** Values by second in, what changed by second out. Run by tests/contracts, shown in the manual. */
  readonly examples: readonly RuleExample[]
}

export type RuleExample = {
  readonly name: string
  readonly use?: ZoneNow['use']
  readonly quantity?: Quantity
  /**
   * `null` is a moment at which nothing was said: time alone. Words are the state of a camera, a report, or why a zone is unsure; a place
   * hears of several quantities, each from a device of its own.
   */
  readonly says: Readonly<Record<number, number | string | null | Readonly<Partial<Record<Quantity, number>>>>>
  readonly expect: Readonly<Record<number, Severity | 'cleared'>>
}

export const defineRule = <Memory, Settings>(rule: Rule<Memory, Settings>): Rule<Memory, Settings> => rule
