/**
 * When a count is not to be believed, and somebody has to look instead. Below the gate a zone says `unknown`; but a doubt never hides
 * a danger: what is measured as orange or red is said so, doubt or not.
 */
import { type Band, halfWidth } from './count-calibration.ts'
import { rank } from './vocabulary.ts'
import { levelOf, type ZoneNow } from './zone.ts'

export type Unsure = 'too_dark' | 'too_many' | 'too_wide'

/**
 * Mean light out of 255. Measured on ten held-back streets and the annotated square, darkened step by step, as the share of people
 * still counted: at 48 91 % and 95 %, at 24 73 % and 71 %, at 12 4 % and 22 %. A blur loses as many, but nothing measured on one
 * picture tells it: a sharp road without people has half the detail (0.03) of a street blurred by four pixels (0.06). Whether a
 * camera is out of focus is told by what it usually shows (ingest/vision), and told in time: on twenty of those streets the counts
 * stay within 3 % until 0.4 of the sharpness is left, 92 % are counted at 0.33 and 71 % at 0.21, and at 0.5 the camera is covered
 * (`node --import tsx tests/bench/blur.ts`).
 */
const darkest = 25

export const doubtPicture = (light: number): Unsure | undefined => (light < darkest ? 'too_dark' : undefined)

/** Surely more people than were on any picture that the error bar was fitted on. */
export const doubtCount = (people_count: number, band: Band): Unsure | undefined =>
  people_count - halfWidth(band, people_count) > band.most_people ? 'too_many' : undefined

export type Doubt = { readonly why: Unsure; readonly since: number }

export const gated = (zone: ZoneNow, doubt: Doubt | undefined): ZoneNow => {
  const found = doubt ?? tooWide(zone)
  if (found === undefined) return zone
  const { why, since } = found
  return rank(zone.level) >= rank('orange') ? { ...zone, unsure: why } : { ...zone, level: 'unknown', since, unsure: why }
}

/** From quite normal to dangerous: whatever stands in the middle of that says nothing. */
const tooWide = (zone: ZoneNow): Doubt | undefined => {
  const { limits_per_m2, density_per_m2: density, density_error_per_m2: error, since } = zone
  if (density === undefined || error === undefined) return undefined
  const [low, high] = [levelOf(limits_per_m2, Math.max(0, density - error)), levelOf(limits_per_m2, density + error)]
  return low === 'green' && rank(high) >= rank('orange') ? { why: 'too_wide', since } : undefined
}
