/**
 * What a bridge tells of the devices behind it. Plain data: it is shown to whoever decides, kept with the decision as it was
 * approved, and made a profile of by announced-profile.ts.
 */
import { type Quantity, quantities } from './vocabulary.ts'

/** One quantity: on which topic it is said, where in the payload, and how its value becomes ours. */
export type Entity = {
  /** Its name in the words of the bridge. */
  readonly key: string
  readonly name: string
  readonly quantity: Quantity
  readonly topic: string
  readonly path: readonly string[]
} & (
  | { readonly reads: 'number'; readonly times: number; readonly plus: number }
  | { readonly reads: 'flag'; readonly on: string; readonly off: string }
  /** Said at a moment and over at once; whatever else is said there is no press. */
  | { readonly reads: 'press'; readonly presses: readonly string[] }
)
/** Where it is said whether the device is there at all. Several devices may share one such topic. */
export type Presence = { readonly topic: string; readonly path: readonly string[]; readonly up: string; readonly down: string }

export type Announced = {
  /** The device in the words of the bridge: the same one, whatever it is called today. */
  readonly key: string
  readonly name: string
  readonly maker?: string
  readonly model?: string
  readonly area?: string
  readonly firmware?: string
  /** Of what it would give. */
  readonly gives: readonly Quantity[]
  /** Of what it says and we do not take, why, a sentence each. */
  readonly left_out: readonly string[]
  /** A profile of ours that understands it, on that topic; otherwise it says itself how it is read. */
  readonly speaks?: { readonly profile: string; readonly topic: string }
  readonly entities: readonly Entity[]
  readonly presence: readonly Presence[]
  readonly presence_mode: 'all' | 'any' | 'latest'
  /** Not heard for so long, it no longer counts. */
  readonly expires_s?: number
}
/** One message of a bridge: everything it says there replaces what it said there before, and nothing is said by an empty list. */
export type Announces = { readonly announces: readonly Announced[] }

/** Where its values are said, and where besides it is said whether it is there. */
export const topicsOf = ({ speaks, entities }: Announced): readonly string[] => [
  ...new Set(speaks === undefined ? entities.map(({ topic }) => topic) : [speaks.topic])
]
export const allTopicsOf = (announced: Announced): readonly string[] => [
  ...new Set([...topicsOf(announced), ...announced.presence.map(({ topic }) => topic)])
]

const shortest_silence_s = 60
/** How long it may be silent: by its own word sooner than others, never later, and not so soon that every gap is an alert. */
export const silenceOf = ({ expires_s }: Announced, usual_s: number): number | undefined =>
  expires_s === undefined ? undefined : Math.min(usual_s, Math.max(shortest_silence_s, expires_s))

/** What this device gives when it is let in, in the order of the vocabulary. */
export const inOrder = (gives: readonly Quantity[]): readonly Quantity[] =>
  (Object.keys(quantities) as Quantity[]).filter(quantity => gives.includes(quantity))
