/**
 * How often each camera is looked at, and which camera may not begin: one that the machine cannot carry would make everybody's warning
 * late. Counting has threads, one picture at a time each; bringing pictures has what is left of the cores. Whoever was let in keeps at
 * least half of the rate asked for, zones near a limit come first, and nobody who is in is put out for a newcomer.
 */
export type Eye = {
  readonly id: string
  readonly wanted_fps: number
  /** What one picture keeps the counting thread busy for. */
  readonly ms_per_picture: number
  /** Cores that bringing its pictures here takes, counted or not: reading, decoding, scaling. */
  readonly bring_cores: number
  /** Its zone is near a limit. */
  readonly near: boolean
}
export type Budget = {
  /** Of the threads that count. */
  readonly counting_cores: number
  /** Of all cores, for counting and bringing together. */
  readonly cores: number
}
/** What the decision rests on, for people and for /metrics. */
export type BudgetNow = {
  readonly ms_per_picture: number
  /** A camera, on average. */
  readonly bring_cores: number
  readonly others_cores: number
  readonly budget_cores: number
  readonly used_cores: number
}
/** Why a camera stays outside: what it would need at the least, and what is left. */
export type Refusal = {
  readonly lacks: 'counting' | 'bringing'
  readonly needs_cores: number
  readonly free_cores: number
  /** The `fps` that would let it in as things are; none when even the slowest does not fit. */
  readonly fits_fps: number | undefined
}
export type Shares = { readonly fps: ReadonlyMap<string, number>; readonly refused: ReadonlyMap<string, Refusal> }

export const least_share = 0.5
/** Near a limit, pictures may come this much more often than asked for, when nobody else goes short. */
export const near_boost = 2
/** Slower than this is no watching: a count is stale after ten seconds. */
export const slowest_fps = 0.2

/** A sum of many shares is exact to this: thirty-four times a thirty-fourth must fit. */
const exact_to = 1e-9

export const leastFps = ({ wanted_fps }: Pick<Eye, 'wanted_fps'>): number =>
  Math.min(wanted_fps, Math.max(slowest_fps, wanted_fps * least_share))

/** `eyes` in the order of station.yaml: who stands first asks first. */
export const shareOut = (eyes: readonly Eye[], admitted: ReadonlySet<string>, budget: Budget): Shares => {
  const refused = new Map<string, Refusal>()
  const inside: Eye[] = eyes.filter(({ id }) => admitted.has(id))
  for (const eye of eyes) {
    if (admitted.has(eye.id)) continue
    const refusal = refusalOf(eye, inside, budget)
    if (refusal === undefined) inside.push(eye)
    else refused.set(eye.id, refusal)
  }
  return { fps: ratesOf(inside, budget), refused }
}

const countingOf = ({ ms_per_picture }: Eye, fps: number): number => (fps * ms_per_picture) / 1000
const sum = (of: readonly Eye[], cores: (eye: Eye) => number): number => of.reduce((total, eye) => total + cores(eye), 0)
const leastOf = (eye: Eye): number => countingOf(eye, leastFps(eye))

const refusalOf = (eye: Eye, inside: readonly Eye[], budget: Budget): Refusal | undefined => {
  const taken = sum(inside, leastOf)
  const free = {
    counting: budget.counting_cores - taken,
    bringing: budget.cores - taken - sum(inside, one => one.bring_cores)
  }
  const needs = { counting: leastOf(eye), bringing: leastOf(eye) + eye.bring_cores }
  const lacks = needs.counting > free.counting + exact_to ? 'counting' : needs.bringing > free.bringing + exact_to ? 'bringing' : undefined
  if (lacks === undefined) return undefined
  const room = Math.max(0, Math.min(free.counting, free.bringing - eye.bring_cores))
  const fits_fps = Math.floor((room / eye.ms_per_picture) * (1000 / least_share) * 10) / 10
  return {
    lacks,
    needs_cores: needs[lacks],
    free_cores: Math.max(0, free[lacks]),
    fits_fps: fits_fps * least_share < slowest_fps ? undefined : fits_fps
  }
}

/** The least for everybody; what is left to zones near a limit, then to the others, then to zones near a limit once more. */
const ratesOf = (inside: readonly Eye[], budget: Budget): ReadonlyMap<string, number> => {
  const fps = new Map(inside.map(eye => [eye.id, leastFps(eye)]))
  const of = (eye: Eye): number => fps.get(eye.id) ?? 0
  let left = Math.min(budget.counting_cores, budget.cores - sum(inside, one => one.bring_cores)) - sum(inside, leastOf)
  const raise = (some: readonly Eye[], to: (eye: Eye) => number): void => {
    const asked = sum(some, eye => countingOf(eye, to(eye) - of(eye)))
    if (asked <= 0 || left <= 0) return
    const part = Math.min(1, left / asked)
    for (const eye of some) fps.set(eye.id, of(eye) + part * (to(eye) - of(eye)))
    left -= part * asked
  }
  const near = inside.filter(eye => eye.near)
  raise(near, eye => eye.wanted_fps)
  raise(inside, eye => Math.max(of(eye), eye.wanted_fps))
  raise(near, eye => eye.wanted_fps * near_boost)
  return fps
}

/** How many cameras at this rate the counting threads carry: with all that they ask for, and with the least that each must have. */
export const carries = (
  ms_per_picture: number,
  fps: number,
  counting_cores: number
): { readonly in_full: number; readonly at_least: number } => {
  const of = (rate: number): number => Math.floor((counting_cores * 1000) / (ms_per_picture * rate) + exact_to)
  return { in_full: of(fps), at_least: of(leastFps({ wanted_fps: fps })) }
}

/** A density this close below or above a limit, as a share of it, may cross it soon. */
const near_above = 0.15
/** It stays near until it is this far away, so that a rate does not tremble with the count. */
const far_below = 0.25

/** Whether one limit or another is near, `was` being what was true before. */
export const nearLimit = (limits: readonly number[], density_per_m2: number, was: boolean): boolean =>
  limits.some(limit => Math.abs(density_per_m2 - limit) <= limit * (was ? far_below : near_above))

export type Measured = {
  readonly cores: number
  /** That count. */
  readonly threads: number
  /** Cores that were busy with anything but this station's cameras. */
  readonly others_cores: number
  /** How late the station's own event loop was, p99. */
  readonly late_ms: number
}
/** One thread that is never idle has a queue without end: at this load a picture waits as long as it is counted. */
const most_counting = 0.85
const most_cores = 0.9
/** However busy others are: vision yields the processor to the station anyhow, and eyes that are shut warn nobody. */
const least_counting = 0.4
/** A station later than this is asked less of. */
const late_from_ms = 50

export const budgetOf = ({ cores, threads, others_cores, late_ms }: Measured): Budget => {
  const calm = Math.min(1, late_from_ms / Math.max(late_ms, 1))
  const free = Math.max(least_counting, cores * most_cores - others_cores)
  return { counting_cores: Math.max(least_counting, Math.min(most_counting * threads, free) * calm), cores: free }
}
