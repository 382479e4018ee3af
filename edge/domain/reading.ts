import { type Doubt, type Quantity, quantities } from './vocabulary.ts'

/**
 * One quantity, one value, one time, one quality: all the station ever keeps of what a sensor or a camera said.
 * `at` is the time we go by (epoch ms); a device whose own clock is absurd is heard at the station's time and says so in `doubt`.
 */
export type Reading = {
  readonly device: string
  readonly zone: string
  readonly quantity: Quantity
  readonly value: number
  readonly at: number
  readonly quality: 'good' | 'suspect'
  /** Why the quality is suspect, for the person who looks. */
  readonly doubt?: Doubt
}

/** Its value says nothing of the world: it neither raises nor clears anything, and nobody is counted by it. */
export const isUnbelievable = ({ doubt }: Reading): boolean => doubt === 'implausible_value' || doubt === 'stuck'
/** True of then, not of now: it is kept as history. */
export const isOld = ({ doubt }: Reading): boolean => doubt === 'late' || doubt === 'out_of_order'

const week_ms = 7 * 24 * 3_600_000
const five_minutes_ms = 5 * 60_000

/** Believes a device's clock from a week ago (it buffered) to five minutes ahead; beyond that the station's own time is used. */
export const believableTime = (claimed: number | undefined, now: number): { readonly at: number; readonly doubted: boolean } => {
  if (claimed === undefined) return { at: now, doubted: false }
  if (!Number.isFinite(claimed) || claimed < now - week_ms || claimed > now + five_minutes_ms) return { at: now, doubted: true }
  return { at: claimed, doubted: false }
}

/** A reading, or nothing when the value is no number at all (NaN and infinities never travel further). */
export const reading = (
  from: { readonly device: string; readonly zone: string },
  quantity: Quantity,
  value: number,
  claimed: number | undefined,
  now: number
): Reading | undefined => {
  if (!Number.isFinite(value)) return undefined
  const { at, doubted } = believableTime(claimed, now)
  const { min, max } = quantities[quantity]
  const doubt = value < min || value > max ? 'implausible_value' : doubted ? 'device_clock' : undefined
  // Field by field: spreading `from` took 2 µs of every reading, two thirds of the whole way in (100 000 messages of four, Node 20).
  const { device, zone } = from
  return doubt === undefined
    ? { device, zone, quantity, value, at, quality: 'good' }
    : { device, zone, quantity, value, at, quality: 'suspect', doubt }
}
