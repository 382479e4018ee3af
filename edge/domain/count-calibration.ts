/**
 * How many people there are when the model says so many, and how sure that is. Every camera miscounts in its own way: heads are
 * smaller or darker than those that the model was shown. A few stills with every head counted by hand tell the gain; how far such
 * counts were off tells the band. Nothing here is a guess: the band holds what it held on pictures that were kept back.
 */

/** One still: what the model said, before any gain, and how many heads somebody counted. */
export type CountedStill = { readonly estimate: number; readonly heads: number }
/** A count and its truth, on material that was kept back, from one place of its own. */
export type Judged = { readonly counted: number; readonly truth: number }

/** Half width = `absolute` + `relative` · count. */
export type Band = {
  readonly absolute: number
  readonly relative: number
  /** How far counts were off on what it was fitted on, in half widths: twentieths of the distribution, rising. */
  readonly scores: readonly number[]
  /** The most people on any picture that it was fitted on: beyond it says nothing. */
  readonly most_people: number
}

/** What share of counts the stated band holds. */
export const stated_coverage = 0.8

export const halfWidth = ({ absolute, relative }: Pick<Band, 'absolute' | 'relative'>, people_count: number): number =>
  absolute + relative * Math.max(0, people_count)

const steps = 20
/** Nobody counts to less than half a person. */
const least_absolute = 0.5

/**
 * Split conformal, one rank a place: in each place alone the band holds its share, so that an empty square does not pay for a full
 * street, nor hide it. Of all bands that do, the one that is narrowest over all, by ratio.
 */
export const fitBand = (places: readonly (readonly Judged[])[]): Band | undefined => {
  const judged = places.filter(place => place.length > 0)
  if (judged.length === 0) return undefined
  let best: { absolute: number; relative: number; width: number } | undefined
  for (let hundredths = 0; hundredths <= 80; hundredths++) {
    const relative = hundredths / 100
    const needed = judged.map(place => conformal(place.map(one => off(one) - relative * Math.max(0, one.counted))))
    const absolute = Math.max(least_absolute, ...needed)
    if (!Number.isFinite(absolute)) continue
    const width = mean(judged.map(place => mean(place.map(({ counted }) => Math.log(halfWidth({ absolute, relative }, counted))))))
    if (best === undefined || width < best.width) best = { absolute, relative, width }
  }
  if (best === undefined) return undefined
  const { absolute, relative } = best
  const scores = judged.flatMap(place =>
    place.map(one => ({ score: off(one) / halfWidth({ absolute, relative }, one.counted), weight: 1 / place.length }))
  )
  return {
    absolute,
    relative,
    scores: Array.from({ length: steps - 1 }, (_, i) => quantile(scores, (i + 1) / steps)),
    most_people: Math.max(...judged.flat().map(({ truth }) => truth))
  }
}

const off = ({ counted, truth }: Judged): number => Math.abs(counted - truth)

/** The (n + 1)-th part more than the share: what holds for the next one, not for those already seen. */
const conformal = (scores: readonly number[]): number =>
  [...scores].sort((a, b) => a - b)[Math.ceil(stated_coverage * (scores.length + 1)) - 1] ?? Number.POSITIVE_INFINITY

export type Scale = {
  /** People per person that the model says. */
  readonly gain: number
  readonly band: Pick<Band, 'absolute' | 'relative'>
  readonly stills: number
  /** How far the calibrated count was off on each still, when it was judged by the others. */
  readonly off: readonly number[]
  readonly doubts: readonly ScaleDoubt[]
}
export type ScaleDoubt = 'too_few' | 'far_from_one' | 'one_fullness' | 'one_is_odd'

export const least_stills = 3
export const most_stills = 30
/** How much cameras differ: two of three lie between 0.78 and 1.28 of what the model says. */
const cameras_differ = 0.25
/** How much one still says of it, before there are enough to tell. */
const stills_differ = 0.25
/** So many stills' worth is what cameras usually do; own stills outvote it from there on. */
const usual_stills = 2
const scale_limits = [1 / 3, 3] as const
const odd_factor = 2
/** With fewer people than this on it, a still says more about chance than about the camera. */
const telling_people = 10

/** Without stills, what holds for any camera. */
export const scaleOf = (stills: readonly CountedStill[], usual: Band): Scale => {
  const gain = gainOf(stills)
  const off = stills.map(({ estimate, heads }, i) => Math.abs(heads - gainOf(stills.toSpliced(i, 1)) * estimate))
  const own = stills.map(({ estimate }, i) => (off[i] ?? 0) / halfWidth(usual, gainOf(stills.toSpliced(i, 1)) * estimate))
  const wider = stills.length === 0 ? 1 : stretch(own, usual.scores)
  return {
    gain,
    band: { absolute: usual.absolute * wider, relative: usual.relative * wider },
    stills: stills.length,
    off,
    doubts: doubtsOf(stills, gain)
  }
}

/**
 * The middle of what the stills say, each with the weight of its people, so that one miscounted still is outvoted; then drawn
 * towards 1 as far as evidence is thin: three sparse stills move nothing that thirty full ones would.
 */
const gainOf = (stills: readonly CountedStill[]): number => {
  const said = stills.map(still => ({ score: ratio(still), weight: weight(still) }))
  const evidence = said.reduce((sum, one) => sum + one.weight, 0)
  if (!(evidence > 0)) return 1
  const middle = quantile(said, 0.5)
  // 1.4826: from the median of absolute deviations to a standard deviation.
  const spread =
    1.4826 *
    quantile(
      said.map(one => ({ score: Math.abs(one.score - middle), weight: one.weight })),
      0.5
    )
  const variance = (evidence * spread ** 2 + least_stills * stills_differ ** 2) / (evidence + least_stills)
  const drawn = (middle * evidence * cameras_differ ** 2) / (evidence * cameras_differ ** 2 + variance)
  return Math.min(scale_limits[1], Math.max(scale_limits[0], Math.exp(drawn)))
}

/** One person more on both sides, so that an empty still has a ratio. */
const ratio = ({ estimate, heads }: CountedStill): number => Math.log((heads + 1) / (Math.max(0, estimate) + 1))
const weight = ({ estimate, heads }: CountedStill): number => {
  const people = (Math.max(0, estimate) + heads) / 2
  return people / (people + telling_people)
}

/**
 * How much narrower or wider than usual this camera's errors lie, own and usual ones weighed together. That they are spread alike and
 * only differ in size is assumed: a rank, as `fitBand` takes, needs more stills than anybody counts (of five, the worst would be it).
 */
const stretch = (own: readonly number[], usual: readonly number[]): number => {
  const squares = (of: readonly number[]): number => of.reduce((sum, score) => sum + Math.min(score, worst_believed) ** 2, 0)
  const one = squares(usual) / Math.max(1, usual.length)
  const as = one > 0 ? Math.sqrt((squares(own) + usual_stills * one) / ((own.length + usual_stills) * one)) : 1
  return as > 1 ? as : 1 - ((1 - as) * own.length) / (own.length + narrowing_stills)
}
/**
 * A band widens at once and narrows slowly: stills of one hour are alike, and the next day differs. On the annotated square, ten
 * stills of its calm first third narrowed the band to what held 68 % of the rest, instead of 80 %.
 */
const narrowing_stills = 10
/** In half widths: one miscounted still must not make a camera useless. */
const worst_believed = 3

const doubtsOf = (stills: readonly CountedStill[], gain: number): readonly ScaleDoubt[] => {
  const heads = stills.map(still => still.heads)
  const middle = quantile(
    stills.map(still => ({ score: ratio(still), weight: 1 })),
    0.5
  )
  const found: readonly (ScaleDoubt | false)[] = [
    stills.length < least_stills && 'too_few',
    (gain > 2 || gain < 0.5) && 'far_from_one',
    stills.length >= least_stills && Math.max(...heads) < 1.5 * Math.min(...heads) + 5 && 'one_fullness',
    stills.length >= least_stills && stills.some(still => Math.abs(ratio(still) - middle) > Math.log(odd_factor)) && 'one_is_odd'
  ]
  return found.filter(doubt => typeof doubt === 'string')
}

type Weighed = { readonly score: number; readonly weight: number }
/** The smallest score that has at least this share of all weight at or below it; 0 of nothing. */
const quantile = (scores: readonly Weighed[], share: number): number => {
  const sorted = [...scores].sort((a, b) => a.score - b.score)
  const wanted = share * sorted.reduce((sum, one) => sum + one.weight, 0) - 1e-9
  let held = 0
  for (const { score, weight } of sorted) {
    held += weight
    if (held >= wanted) return score
  }
  return sorted.at(-1)?.score ?? 0
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
