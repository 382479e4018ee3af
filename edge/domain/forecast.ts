/**
 * How many minutes are left: the chance that a zone reaches a density within 5, 10 or 15 minutes, from its own last minutes alone.
 *
 * The model can be checked by hand. The last eight minutes, in means of ten seconds, are a line with a wandering around it: the
 * slope is the median of all pairwise slopes (Theil 1950, Sen 1968), so that one group walking by moves nothing; how far it wanders
 * in a minute and how noisy the counting is are told apart by the scatter of long and of short differences. A slope does not last:
 * it is damped (Gardner & McKenzie 1985). What is asked is when a walk with such a drift first meets the limit (Schrödinger 1915),
 * with the slope and the count as unsure as they are. The answer is then set right by what really happened in recorded crowds
 * (isotonic: Zadrozny & Elkan 2002; the table is forecast-table.ts, fitted and judged by `npm run bench -- forecast`, decision 0021).
 */
import { type Horizon, horizons, table } from './forecast-table.ts'

export { horizons } from './forecast-table.ts'

/** Densities of one zone in steps of ten seconds, and the step that is still open. */
export type Course = {
  readonly steps: readonly number[]
  readonly error: number
  readonly step: number
  readonly sum: number
  readonly n: number
}
export type Chance = { readonly threshold_per_m2: number; readonly minutes: number; readonly probability: number }
/** The first minute by which a limit is reached with a chance of one in ten, of a half, of nine in ten; absent when later than 15. */
export type Arrival = { readonly threshold_per_m2: number; readonly earliest?: number; readonly middle?: number; readonly latest?: number }
export type Outlook = {
  readonly at: number
  /** What the zone has now when its noise is taken away. */
  readonly level_per_m2: number
  readonly per_minute: number
  readonly chances: readonly Chance[]
  readonly arrivals: readonly Arrival[]
  /** Four times in five the zone is between low and high. */
  readonly path: readonly { readonly minutes: number; readonly low: number; readonly middle: number; readonly high: number }[]
}

export const step_ms = 10_000
const steps_a_minute = 60_000 / step_ms
const window_steps = 8 * steps_a_minute
/** Less than three minutes say nothing of the next ten. */
const least_steps = 3 * steps_a_minute
/** A zone unseen for longer begins anew. */
const longest_gap_steps = 6

export const hearDensity = (course: Course | undefined, at: number, density: number, error = 0): Course => {
  const step = Math.floor(at / step_ms)
  if (course === undefined || step < course.step || step - course.step > longest_gap_steps)
    return { steps: [], error, step, sum: density, n: 1 }
  if (step === course.step) return { ...course, error, sum: course.sum + density, n: course.n + 1 }
  const mean = course.sum / course.n
  // A step in which nothing was said is taken to be like the one before it.
  const closed = [...course.steps, ...new Array<number>(step - course.step).fill(mean)].slice(-window_steps)
  return { steps: closed, error, step, sum: density, n: 1 }
}

export const foresee = ({ steps, error, step }: Course, limits: readonly number[]): Outlook | undefined => {
  if (steps.length < least_steps) return undefined
  const trend = trendOf(steps)
  const now = lately(steps)
  const ahead = limits.filter(limit => limit > now)
  return {
    at: step * step_ms,
    level_per_m2: trend.level,
    per_minute: trend.slope,
    chances: ahead.flatMap(threshold_per_m2 =>
      horizons.map(minutes => ({
        threshold_per_m2,
        minutes,
        probability: setRight(rawChance(trend, threshold_per_m2, minutes, error), minutes)
      }))
    ),
    arrivals: ahead.map(threshold_per_m2 => arrivalAt(trend, threshold_per_m2, error)),
    path: [0, ...horizons].map(minutes => {
      const middle = trend.level + trend.slope * lasting(minutes)
      const band =
        table.band * Math.sqrt(trend.wander * minutes + (trend.slope_error * lasting(minutes)) ** 2 + trend.noise + error * error)
      return { minutes, low: Math.max(0, middle - band), middle: Math.max(0, middle), high: Math.max(0, middle + band) }
    })
  }
}

/** What counts as reached: the middle one of three steps, so that one miscount is nothing. */
export const lately = (steps: readonly number[]): number => median(steps.slice(-3))

export type Trend = {
  readonly level: number
  readonly slope: number
  /** Variance of the slope, of a minute's wandering, and of one step's counting. */
  readonly slope_error: number
  readonly wander: number
  readonly noise: number
}

/** How unsure a slope is beyond its own scatter: in part of itself, since crowds turn, and at least so much, p/m² a minute. */
const slope_share = 0.5
const slope_floor = 0.06
const least_wander = 0.002

export const trendOf = (steps: readonly number[]): Trend => {
  const n = steps.length
  const minutes = n / steps_a_minute
  const slope = medianSlope(steps)
  const level = median(steps.slice(-steps_a_minute).map((value, i, last) => value + (slope * (last.length - 1 - i)) / steps_a_minute))
  const [short, long] = [scatter(steps, slope, 1), scatter(steps, slope, steps_a_minute)]
  // Differences over a minute hold the wandering six times, over a step once, and both hold the noise twice.
  const wander = least_wander + Math.max(0, (long - short) / (1 - 1 / steps_a_minute))
  const noise = Math.max(0, (short - wander / steps_a_minute) / 2)
  const slope_error = Math.sqrt(
    (1.2 * wander) / minutes + (12 * noise) / (n * minutes * minutes) + (slope_share * slope) ** 2 + slope_floor ** 2
  )
  return { level, slope, slope_error, wander, noise }
}

const medianSlope = (steps: readonly number[]): number => {
  const slopes: number[] = []
  const apart = Math.max(2, Math.floor(steps.length / 4))
  for (let i = 0; i < steps.length; i++)
    for (let j = i + apart; j < steps.length; j++) slopes.push((((steps[j] ?? 0) - (steps[i] ?? 0)) * steps_a_minute) / (j - i))
  return median(slopes)
}

const scatter = (steps: readonly number[], slope: number, lag: number): number => {
  let sum = 0
  for (let i = lag; i < steps.length; i++) sum += ((steps[i] ?? 0) - (steps[i - lag] ?? 0) - (slope * lag) / steps_a_minute) ** 2
  return sum / Math.max(1, steps.length - lag)
}

/** For how many of these minutes a slope goes on as it is. */
const slope_lasts = 12
const lasting = (minutes: number): number => slope_lasts * (1 - Math.exp(-minutes / slope_lasts))

/** A count is never surer than this, p/m². */
const least_error = 0.05

/** The chance before it is set right. The count's error moves the whole way: its two sides and its middle, by Gauss and Hermite. */
export const rawChance = ({ level, slope, slope_error, wander, noise }: Trend, limit: number, minutes: number, error: number): number => {
  const aside = Math.sqrt(3 * (error * error + least_error * least_error + noise / 3))
  const damped = lasting(minutes) / minutes
  const at = (way: number): number => firstPassage(way, slope * damped, slope_error * damped, wander, minutes)
  const way = limit - level
  return (at(way - aside) + 4 * at(way) + at(way + aside)) / 6
}

/** A walk of this variance a minute, whose drift is normal, meets a wall at `way` within `minutes`: the inverse Gaussian's integral. */
const firstPassage = (way: number, drift: number, drift_error: number, variance: number, minutes: number): number => {
  if (way <= 0) return 1
  const spread = Math.sqrt(variance * minutes + (drift_error * minutes) ** 2)
  const mirror = (2 * way) / variance
  const reflected = mirror * drift + (mirror * drift_error) ** 2 / 2
  const log = reflected + logNormal((-(drift + mirror * drift_error ** 2) * minutes - way) / spread)
  return Math.min(1, normal((drift * minutes - way) / spread) + Math.exp(Math.min(0, log)))
}

const arrivalAt = (trend: Trend, threshold_per_m2: number, error: number): Arrival => {
  const first: (number | undefined)[] = [undefined, undefined, undefined]
  for (let minutes = 1; minutes <= 15; minutes++) {
    const probability = setRight(rawChance(trend, threshold_per_m2, minutes, error), minutes)
    for (const [i, share] of [0.1, 0.5, 0.9].entries()) if (probability >= share) first[i] ??= minutes
  }
  const [earliest, middle, latest] = first
  return {
    threshold_per_m2,
    ...(earliest !== undefined && { earliest }),
    ...(middle !== undefined && { middle }),
    ...(latest !== undefined && { latest })
  }
}

/** By the table of what happened; between two horizons in proportion. */
const setRight = (raw: number, minutes: number): number => {
  const [five, ten, fifteen] = horizons.map(horizon => lookUp(raw, horizon)) as [number, number, number]
  return minutes <= 5
    ? five
    : minutes <= 10
      ? five + ((ten - five) * (minutes - 5)) / 5
      : ten + ((fifteen - ten) * (Math.min(minutes, 15) - 10)) / 5
}
const lookUp = (raw: number, horizon: Horizon): number => {
  const happened = table.happened[horizon]
  const i = table.stated.findIndex(stated => stated >= raw)
  const [left, right] = [Math.max(0, i - 1), i < 0 ? happened.length - 1 : i]
  const [from, to] = [table.stated[left] ?? 0, table.stated[right] ?? 1]
  const part = to === from ? 0 : (raw - from) / (to - from)
  return (happened[left] ?? 0) + ((happened[right] ?? 1) - (happened[left] ?? 0)) * part
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** The normal distribution (Abramowitz & Stegun 26.2.17, off by less than 1e-7), and its logarithm far out where it is almost nothing. */
const normal = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const terms = 0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
  const tail = 0.3989422804014327 * Math.exp((-z * z) / 2) * t * terms
  return z > 0 ? 1 - tail : tail
}
const logNormal = (z: number): number => (z > -6 ? Math.log(normal(z)) : -(z * z) / 2 - Math.log(-z * Math.sqrt(2 * Math.PI)))
