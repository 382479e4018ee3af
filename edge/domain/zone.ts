/** A zone: how full it is, how sure we are, and how old that knowledge is. What is not known is `unknown`, never 0. */
import type { Unsure } from './count-gate.ts'
import type { Outlook } from './forecast.ts'
import { countAtGates, insideNow, type Tally } from './gates.ts'
import type { Point } from './polygon.ts'
import { isOld, isUnbelievable, type Reading } from './reading.ts'
import type { Level, Use } from './vocabulary.ts'
import { hearMotion, isMotion, type MotionState, motionNow, type ZoneMotion } from './zone-motion.ts'

export type Zone = {
  readonly id: string
  readonly name: string
  readonly use: Use
  readonly area_m2: number
  readonly capacity?: number
  /** Zones so near that what happens there concerns this one: stalls of one row. It holds both ways. */
  readonly beside?: readonly string[]
  /** On the ground, in the metres of the cameras' ground points. */
  readonly outline?: readonly Point[]
  /** Where the station knows better than the table of the use. */
  readonly limits_per_m2?: Limits
  /** `HH:MM` after which nobody is left inside a site that is counted at its gates. */
  readonly closes?: string
  /** What of the calendar holds now. */
  readonly planned?: readonly string[]
}

type Count = {
  readonly people_count: number
  readonly density_per_m2?: number
  /** Ground of the zone that this source answers for; absent when it speaks for all of it. */
  readonly seen_m2?: number
  /** Absent when the source does not say how sure it is: not known is not zero. */
  readonly error: number | undefined
  readonly at: number
}
export type ZoneState = {
  readonly counts: Readonly<Record<string, Count>>
  readonly gates?: Tally
  readonly motion?: MotionState
  readonly level: Level
  readonly since: number
}

export type ZoneNow = Zone & {
  readonly limits_per_m2: Limits
  /** Counted at the gates. */
  readonly inside?: number
  readonly people_count: number | undefined
  readonly people_count_error: number | undefined
  readonly density_per_m2: number | undefined
  readonly density_error_per_m2: number | undefined
  readonly level: Level
  /** Why its count is not to be believed: somebody has to look. */
  readonly unsure?: Unsure
  readonly since: number
  readonly age_seconds: number | undefined
  /** What is to come, when enough is known of what was. */
  readonly outlook?: Outlook
  /** How people move; absent where no source says. */
  readonly motion?: ZoneMotion
  readonly sources: readonly { readonly device: string; readonly people_count: number; readonly age_seconds: number }[]
}

/** A count older than this says nothing about now (a camera at 2 fps is 20 pictures late). */
export const fresh_ms = 10_000

/** Lower edges of blue, yellow, orange and red, p/m². */
export type Limits = readonly [number, number, number, number]

/**
 * Density limits by the use of the zone, p/m², lower edges of blue, yellow, orange and red. Ours, to be argued, not law:
 * moving crowds lose free flow at Fruin's E (about 1.1), stairs sooner; people who stand touch each other from about 4.5
 * (Fruin 1971; Still: above 5 dangerous; Helbing: stop-and-go from 2–3 when walking).
 */
export const densityLimits: Readonly<Record<Use, Limits>> = {
  walkway: [1.1, 2, 2.75, 3.5],
  stairs: [0.9, 1.5, 2.2, 3],
  platform: [1.5, 2.5, 3.3, 4],
  queue: [1.4, 2.5, 3.3, 4.5],
  waiting: [1.5, 2.5, 3.5, 4.5],
  viewing: [2, 3, 4, 5]
}

/**
 * No station and no event puts red above this, p/m². Who walks is pushed about by involuntary contact from 3.57 (Fruin, after
 * EPJ Data Science 2013 table 1); at 5 any movement of people who stand can crush (Still, Drury).
 */
export const dangerLimit: Readonly<Record<Use, number>> = { walkway: 3.57, stairs: 3.57, platform: 5, queue: 5, waiting: 5, viewing: 5 }

export const limitsOf = ({ use, limits_per_m2 }: Pick<Zone, 'use' | 'limits_per_m2'>): Limits => limits_per_m2 ?? densityLimits[use]

export const levelOf = ([blue, yellow, orange, red]: Limits, density_per_m2: number): Level =>
  density_per_m2 >= red
    ? 'red'
    : density_per_m2 >= orange
      ? 'orange'
      : density_per_m2 >= yellow
        ? 'yellow'
        : density_per_m2 >= blue
          ? 'blue'
          : 'green'

export const startZone = (at: number): ZoneState => ({ counts: {}, level: 'unknown', since: at })

/** Takes in a count, a density or a movement of one source; every other quantity leaves the zone as it is. */
export const evolveZone = (zone: Zone, state: ZoneState, reading: Reading, error?: number, seen_m2?: number): ZoneState => {
  const { device, quantity, value, at } = reading
  if (isUnbelievable(reading)) return state
  const gates = countAtGates(state.gates, reading)
  if (gates !== undefined && gates !== state.gates) return settle(zone, { ...state, gates }, at)
  // Whoever passed a gate has passed it; a count of some time ago says nothing of who is there.
  if (isOld(reading)) return state
  if (isMotion(quantity)) return { ...state, motion: hearMotion(state.motion ?? {}, reading) }
  const before = state.counts[device]
  if (before !== undefined && before.at > at) return state
  if (quantity === 'people_count') {
    const { density_per_m2: _, ...old } = before ?? { at }
    return settle(
      zone,
      {
        ...state,
        counts: { ...state.counts, [device]: { ...old, people_count: value, error, at, ...(seen_m2 !== undefined && { seen_m2 }) } }
      },
      at
    )
  }
  if (quantity === 'density_per_m2') {
    const count = before !== undefined && before.at === at ? before : { people_count: value * zone.area_m2, error, at }
    return settle(zone, { ...state, counts: { ...state.counts, [device]: { ...count, density_per_m2: value, at } } }, at)
  }
  return state
}

/** A source that no longer sees: what it counted is not true of now, and a zone that has no other source is unknown at once. */
export const withoutSource = (zone: Zone, state: ZoneState, device: string, now: number): ZoneState => {
  const { [device]: gone, ...counts } = state.counts
  const { [device]: _, ...motion } = state.motion ?? {}
  return gone === undefined ? state : settle(zone, { ...state, counts, motion }, now)
}

/** Time alone makes a zone unknown. */
export const ageZone = (zone: Zone, state: ZoneState, now: number): ZoneState => settle(zone, state, now)

const settle = (zone: Zone, state: ZoneState, now: number): ZoneState => {
  const { density_per_m2 } = sum(zone, state, now)
  const level = density_per_m2 === undefined ? 'unknown' : levelOf(limitsOf(zone), density_per_m2)
  return level === state.level ? state : { ...state, level, since: now }
}

const sum = (zone: Zone, state: ZoneState, now: number) => {
  const fresh = Object.entries(state.counts).filter(([, count]) => now - count.at < fresh_ms)
  // Local density, where a camera is calibrated, sees a crush that the mean over the whole zone would hide.
  const densest = Math.max(0, ...fresh.map(([, count]) => count.density_per_m2 ?? 0))
  const inside = insideNow(state.gates, now)
  // Who is inside passed a gate: cameras that see parts of the site add nobody.
  if (inside !== undefined)
    return { fresh, inside, people_count: inside, density_per_m2: Math.max(inside / zone.area_m2, densest), error: undefined }
  if (fresh.length === 0) return { fresh, people_count: undefined, density_per_m2: undefined, error: undefined }
  const counted = fresh.reduce((total, [, count]) => total + count.people_count, 0)
  const unseen = unseenPeople(
    zone,
    fresh.map(([, count]) => count)
  )
  const people_count = counted + unseen
  const errors = fresh.map(([, count]) => count.error)
  // What nobody sees is a guess, and may be off by as much as it is.
  const error = errors.every(one => one !== undefined) ? Math.hypot(...errors, unseen) : undefined
  return { fresh, people_count, density_per_m2: Math.max(people_count / zone.area_m2, densest), error }
}

/** Below this share seen, what is seen says nothing of the rest. */
const least_seen = 0.3

/** People on ground that no camera sees, taken to be as dense as what is seen (fusion by share of the area). */
const unseenPeople = ({ area_m2 }: Zone, counts: readonly Count[]): number => {
  const seeing = counts.filter(({ seen_m2 }) => seen_m2 !== undefined)
  const seen_m2 = seeing.reduce((sum, count) => sum + (count.seen_m2 ?? 0), 0)
  if (seen_m2 < least_seen * area_m2 || seen_m2 >= area_m2) return 0
  return seeing.reduce((sum, { people_count }) => sum + people_count, 0) * (area_m2 / seen_m2 - 1)
}

export const zoneNow = (zone: Zone, state: ZoneState, now: number): ZoneNow => {
  const settled = settle(zone, state, now)
  const { fresh, inside, people_count, density_per_m2, error } = sum(zone, settled, now)
  const newest = Object.values(state.counts).reduce<number | undefined>(
    (at, count) => (at === undefined || count.at > at ? count.at : at),
    state.gates?.at
  )
  return {
    ...zone,
    limits_per_m2: limitsOf(zone),
    ...(inside !== undefined && { inside }),
    people_count,
    people_count_error: error,
    density_per_m2,
    density_error_per_m2: error === undefined ? undefined : error / zone.area_m2,
    level: settled.level,
    since: settled.since,
    ...(state.motion !== undefined && {
      motion: motionNow(state.motion, now - fresh_ms, device => state.counts[device]?.people_count ?? 0)
    }),
    age_seconds: newest === undefined ? undefined : Math.max(0, (now - newest) / 1000),
    sources: fresh.map(([device, count]) => ({
      device,
      people_count: count.people_count,
      age_seconds: Math.max(0, (now - count.at) / 1000)
    }))
  }
}
