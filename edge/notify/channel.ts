/**
 * A channel: one way to reach people, one file each, which describes itself: its settings are at once the check of station.yaml,
 * the form and the page of the manual; its examples are the test against a fake server that speaks the vendor's own words.
 *
 * A channel sends one message once and says what came of it. Waiting, repeating, deadlines and quiet hours are the notifier's.
 */
import type { Static, TSchema } from 'typebox'
import type { Clock } from '../clock.ts'
import type { Occasion, Receipt } from '../domain/delivery.ts'
import type { Order } from '../domain/orders.ts'
import type { Agency, IncidentKind, Label, Locale, Severity } from '../domain/vocabulary.ts'

/** Somebody of the unit that is called. Numbers and addresses come from station.yaml and are never logged. */
export type Recipient = { readonly name: string; readonly mobile?: string; readonly email?: string }

export type Message = {
  /** The page's id: the same at every try, so that a receiver can drop a repeat. */
  readonly id: string
  readonly occasion: Occasion
  readonly incident: string
  readonly kind: IncidentKind
  readonly zone: string
  readonly zone_name: string
  readonly severity: Severity
  readonly unit: string
  readonly unit_name: string
  readonly agency: Agency
  readonly to: readonly Recipient[]
  /** One line, 演练 in front when it is an exercise. */
  readonly title: Label
  /** What, where, since when, why, and what is asked of the reader. */
  readonly text: Label
  /** Short enough to be spoken twice in ten seconds. */
  readonly speech: Label
  /** The same as a CAP 1.2 document, for a receiver that is a system. */
  readonly cap?: string
  /** Where to answer, on the station's own network. */
  readonly url: string | undefined
  readonly drill: boolean
  readonly at: number
}

/** `retry`: the world failed, try again (not before `after_ms`); otherwise trying again cannot help. `why` never holds a secret. */
export type Sent =
  | { readonly receipt: Receipt; readonly note?: string }
  | { readonly failed: string; readonly retry: boolean; readonly after_ms?: number }

/** What a channel may use of the station. */
export type Means = {
  readonly clock: Clock
  readonly station: { readonly id: string; readonly name: string; readonly locale: Locale }
  /** Folder of this channel's own, mode 0700, for keys it makes itself. */
  readonly dir: string
  /** The text of a secret file, trimmed. */
  readonly secret: (file: string) => string
  /** The station's voice on its own broker. */
  readonly publish: (topic: string, payload: string) => void
  readonly isOnline: (device: string) => boolean
  /** Tells an enrolled device in its own convention; false when it cannot do that. */
  readonly order: (device: string, order: Order) => boolean
  /** Names of people who have a live screen of this station open now. */
  readonly watching: () => ReadonlySet<string>
  /** Web Push subscriptions by person, and how to forget one that the push service says is gone. */
  readonly subscriptions: (person: string) => readonly PushSubscription[]
  readonly forgetSubscription: (endpoint: string) => void
  readonly log: (message: string, fields?: object) => void
}
export type PushSubscription = { readonly endpoint: string; readonly keys: { readonly p256dh: string; readonly auth: string } }

export type OpenChannel = {
  /** Ends, with a failure, when `signal` does. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<Sent>
  /** Says whether it could work now, without calling anyone: for `check` and the screen. */
  readonly well?: () => Promise<string | undefined>
  /** Everyone there sees or hears it, whoever is called: one message for all units that are called at once. */
  readonly in_public?: true
  /** How many messages it takes at once, and how long one may take: 4 and 10 s unless it says otherwise. */
  readonly at_once?: number
  readonly within_s?: number
  readonly close?: () => Promise<void> | void
}

export type Channel<Settings extends TSchema = TSchema> = {
  readonly label: Label
  /** One sentence for the manual: what it does and what it needs. */
  readonly says: Label
  readonly settings: Settings
  /** The public sees or hears it: unless station.yaml says that it is for staff, a person confirms first. */
  readonly public?: 'siren' | 'sign' | 'speech'
  /** `station`: within the station's own rooms and network. `outside`: reaches beyond it. */
  readonly reach: 'station' | 'outside'
  /** The most this channel can prove by itself. */
  readonly proves: Receipt
  readonly open: (settings: Static<Settings>, means: Means) => OpenChannel | Promise<OpenChannel>
}

export const defineChannel = <Settings extends TSchema>(channel: Channel<Settings>): Channel<Settings> => channel
