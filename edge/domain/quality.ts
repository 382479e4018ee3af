/**
 * How far each reading is to be believed, judged by what its series said before: a repetition is no reading, an old one is
 * history, and a value that the sensor or the world could not have made is doubted by name. One small memory a series.
 */
import type { Reading } from './reading.ts'
import { believable, type Doubt } from './vocabulary.ts'

type Said = { readonly at: number; readonly value: number }
type Late = { readonly by: number; readonly heard_at: number; readonly clock?: true }
export type SeriesMemory = {
  /** The newest word, as of when it is taken, what the device's own clock showed, and since when and how often it is the same. */
  readonly newest: Said & { readonly said_at: number }
  readonly same: { readonly since: number; readonly times: number }
  /** The newest value that was believed, and the one that jumped away from it and waits for a second. */
  readonly believed: Said
  readonly jumped?: Said
  /** When a flag changed last, at most `chatter.changes` times; it flaps until it has been calm for a while. */
  readonly changed: readonly number[]
  readonly flaps: boolean
  /** How late the first of its late or older words was, when that was heard, and whether its clock was found out to be the reason. */
  readonly late?: Late
  /** How long it has been beside what rooms have, from its very first word on; gone once it was not. */
  readonly strange?: { readonly times: number; readonly low: number; readonly high: number }
  /** The last words, so that one said again with the time it had is known. */
  readonly known: readonly Said[]
}
export type Judged =
  | { readonly memory: SeriesMemory; readonly reading: Reading }
  | { readonly memory: SeriesMemory; readonly repeated: true }

/** Clocks of devices are off by minutes; a word older than this comes out of a buffer. */
export const late_ms = 5 * 60_000
/** A device that is equally late a minute later has a slow clock or one that stands, not a full buffer: what it says is of now. */
const slow_clock = { within_ms: 10_000, after_ms: 60_000 } as const
/** A device whose clock is ahead by less says nothing worth telling anybody. */
const ahead_ms = 30_000
/** Three alarms of one source within a minute are a chattering alarm (ISA-18.2): six changes. */
export const chatter = { changes: 6, within_ms: 60_000, calm_ms: 5 * 60_000 } as const
/** As often as this, besides as long as the quantity says, before the same value is called stuck. */
export const stuck_times = 60
const strange_times = 20
/** Repetitions come soon after the first; of what warns people, an old one must not call them twice. */
const known_kept = { usual: 8, urgent: 64 } as const

export const judge = (before: SeriesMemory | undefined, reading: Reading, now: number): Judged => {
  const { at: said_at, value } = reading
  // What was heard in the future of this moment was heard before the station's clock was put back.
  const memory = before !== undefined && before.newest.at > now + late_ms ? undefined : before
  if (memory !== undefined && isAgain(memory, reading, now)) return { memory, repeated: true }
  const time = judgeTime(memory, said_at, now)
  const kept = believable(reading.quantity).urgent ? known_kept.urgent : known_kept.usual
  const known = [...(memory?.known ?? []), { at: said_at, value }].slice(-kept)
  const late = time.late && { late: time.late }
  if (memory !== undefined && time.doubt === 'out_of_order')
    return { memory: { ...memory, known, ...late }, reading: doubted(reading, said_at, reading.doubt ?? 'out_of_order') }
  const { doubt: ofValue, ...rest } = judgeValue(memory, reading, time.at)
  // What jumped then asks nobody to look now.
  const doubt = time.doubt === 'late' ? time.doubt : (ofValue ?? time.doubt)
  return {
    memory: { newest: { at: time.at, value, said_at }, known, ...rest, ...late },
    reading: doubted(reading, time.at, doubt ?? (rest.flaps ? 'flapping' : undefined) ?? weak(reading, rest))
  }
}

/**
 * What is older than the newest may be said again whenever it likes. Under the time of the newest another value is news: there is
 * smoke, none, and smoke again within one second of a coarse clock, or on two days of one that stands still.
 * Two words that carry no time of their own are two words, though they are heard within one millisecond.
 */
const isAgain = ({ newest, known }: SeriesMemory, { at, value }: Reading, now: number): boolean =>
  at !== now &&
  known.some(one => one.at === at && one.value === value) &&
  (at < newest.said_at || (at === newest.said_at && value === newest.value))

type Time = { readonly at: number; readonly doubt?: Doubt; readonly late?: Late }
const judgeTime = (memory: SeriesMemory | undefined, said_at: number, now: number): Time => {
  const by = now - said_at
  if (by < 0) return -by > ahead_ms ? { at: now, doubt: 'device_clock' } : { at: now }
  const isOlder = memory !== undefined && said_at < memory.newest.at
  if (!isOlder && by <= late_ms) return { at: said_at }
  const before = memory?.late
  if (before === undefined || !isSteady(before, by, now))
    return { at: said_at, doubt: isOlder ? 'out_of_order' : 'late', late: { by, heard_at: now } }
  const clock = before.clock || now - before.heard_at >= slow_clock.after_ms || (isOlder && goesOn(before, by, now))
  return clock
    ? { at: now, doubt: 'device_clock', late: { ...before, clock: true } }
    : { at: said_at, doubt: isOlder ? 'out_of_order' : 'late', late: before }
}

/** A buffer that empties is less late with every word; a slow clock is as late as it was at the first, and one that stands shows the same. */
const isSteady = (before: Late, by: number, now: number): boolean =>
  Math.abs(by - before.by) < slow_clock.within_ms || now - by === before.heard_at - before.by
/** A clock that was put back shows times that we know, and goes on as ours does; what a buffer held back comes faster than it was said. */
const goesOn = (before: Late, by: number, now: number): boolean => Math.abs(by - before.by) < (now - before.heard_at) / 2

type Value = Omit<SeriesMemory, 'newest' | 'known' | 'late'> & { readonly doubt?: Doubt }
const judgeValue = (memory: SeriesMemory | undefined, reading: Reading, at: number): Value => {
  const { quantity, value } = reading
  const { fastest_per_s, stuck_after_s, resting, chatters } = believable(quantity)
  const now = { at, value }
  const same = memory?.newest.value === value ? { since: memory.same.since, times: memory.same.times + 1 } : { since: at, times: 1 }
  const changes = memory !== undefined && memory.newest.value !== value
  const changed = !chatters ? [] : changes ? [...memory.changed, at].slice(-chatter.changes) : (memory?.changed ?? [])
  const flaps = chatters === true && isFlapping(changed, memory?.flaps ?? false, at)
  const strange = strangeAfter(memory, reading)
  const all = { same, changed, flaps, ...(strange && { strange }) }
  // What cannot be is no measure of what comes after it.
  if (reading.doubt === 'implausible_value')
    return { ...all, believed: memory?.believed ?? now, ...(memory?.jumped && { jumped: memory.jumped }) }
  const stuck = stuck_after_s !== undefined && value !== resting && same.times >= stuck_times && at - same.since >= stuck_after_s * 1000
  if (stuck) return { ...all, believed: now, doubt: 'stuck' }
  if (memory === undefined || fastest_per_s === undefined) return { ...all, believed: now }
  const { believed, jumped } = memory
  const follows = Math.abs(value - believed.value) <= fastest_per_s * Math.max(1, (at - believed.at) / 1000)
  // A flame heats faster than that for longer than one word: two that left in the same direction agree that it was left.
  const agrees = jumped !== undefined && jumped.value > believed.value === value > believed.value
  return follows || agrees ? { ...all, believed: now } : { ...all, believed, jumped: now, doubt: 'jump' }
}

const isFlapping = (changed: readonly number[], before: boolean, at: number): boolean => {
  const [first, last] = [changed.at(0), changed.at(-1)]
  if (first === undefined || last === undefined) return false
  const often = changed.length === chatter.changes && last - first < chatter.within_ms
  return (often || before) && at - last < chatter.calm_ms
}

/** Degrees Fahrenheit, kelvin, tenths, hundredths, a share of one: what a person who set up the device may have left as it was. */
const mistakes: readonly ((value: number) => number)[] = [
  value => (value - 32) / 1.8,
  value => value - 273.15,
  value => value / 10,
  value => value / 100,
  value => value * 100
]
/** A fire is as hot and never as steady. */
const steady_within = 5

const strangeAfter = (memory: SeriesMemory | undefined, { quantity, value }: Reading): SeriesMemory['strange'] => {
  const { usual } = believable(quantity)
  const before = memory === undefined ? { times: 0, low: value, high: value } : memory.strange
  if (usual === undefined || before === undefined || (value >= usual[0] && value <= usual[1])) return undefined
  return { times: before.times + 1, low: Math.min(before.low, value), high: Math.max(before.high, value) }
}

/** Suspicions that change nothing of what is raised. */
const weak = ({ quantity, value, doubt }: Reading, { strange }: Pick<SeriesMemory, 'strange'>): Doubt | undefined => {
  const { usual } = believable(quantity)
  if (usual === undefined || strange === undefined || strange.times < strange_times || strange.high - strange.low > steady_within)
    return doubt
  return mistakes.some(of => of(value) >= usual[0] && of(value) <= usual[1]) ? 'unit_mistake' : doubt
}

const doubted = (reading: Reading, at: number, doubt: Doubt | undefined): Reading => {
  const why = reading.doubt === 'implausible_value' ? reading.doubt : (doubt ?? reading.doubt)
  if (why === reading.doubt && at === reading.at) return reading
  const { device, zone, quantity, value } = reading
  return why === undefined
    ? { device, zone, quantity, value, at, quality: 'good' }
    : { device, zone, quantity, value, at, quality: 'suspect', doubt: why }
}
