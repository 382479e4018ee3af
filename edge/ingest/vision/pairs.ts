/**
 * Two pictures of one camera, a fifth of a second apart: the counted one and the one that shows what has moved since. Only their
 * small grey copies are kept, and only until it is known where people are.
 */
import { displacement, type Field } from './displacement.ts'
import { type Grey, greyOf } from './grey.ts'
import type { View } from './view.ts'

export type Moved = { readonly field: Field; readonly seconds: number }
/** What has moved, at the cells of a field that are wanted. */
export type Pair = (wanted: (cell: number) => boolean) => Moved
export type Pairs = {
  /** The picture that is counted, and its number in the stream. */
  readonly first: (rgb: Uint8Array, view: View, number: number) => void
  /** Every picture that comes; answers when it is the second of a pair. */
  readonly came: (rgb: Uint8Array, view: View, number: number, now: number) => Pair | undefined
}

/** Long enough that a slow crowd moves, short enough that a walker is still found: 1.3 m/s is 26 cm. */
const apart_ms = 180
/** A camera that sends fewer than 4 pictures a second shows two moments, not a movement. */
const longest_apart_ms = 260
/**
 * Pictures arrive in bursts while the processor counts, so two arrivals say little of two moments. A camera's own pace is steady:
 * the time between two pictures is their distance in numbers by the rate of ten seconds.
 */
const rate_over_ms = 10_000
const least_rate_ms = 2_000
/** After a silence like this the numbers start anew. */
const silence_ms = 2_000

export const openPairs = (): Pairs => {
  let marks: { readonly number: number; readonly at: number }[] = []
  let waiting: { readonly grey: Grey; readonly view: View; readonly number: number } | undefined

  const rate = (number: number, now: number): number | undefined => {
    const last = marks.at(-1)
    if (last !== undefined && now - last.at > silence_ms) marks = []
    if (marks.length === 0 || now - (marks.at(-1)?.at ?? 0) >= 1_000) marks.push({ number, at: now })
    while (now - (marks[1]?.at ?? now) >= rate_over_ms) marks.shift()
    const [oldest] = marks
    return oldest === undefined || now - oldest.at < least_rate_ms ? undefined : (number - oldest.number) / (now - oldest.at)
  }

  return {
    first: (rgb, view, number) => {
      waiting = { grey: greyOf(rgb, view), view, number }
    },
    came: (rgb, view, number, now) => {
      const per_ms = rate(number, now)
      if (waiting === undefined || per_ms === undefined) return undefined
      const passed = number - waiting.number
      if (passed < Math.max(1, Math.round(apart_ms * per_ms))) return undefined
      const { grey, view: before } = waiting
      waiting = undefined
      if (before !== view || passed / per_ms > longest_apart_ms) return undefined
      const after = greyOf(rgb, view)
      return wanted => ({ field: displacement(grey, after, wanted), seconds: passed / per_ms / 1000 })
    }
  }
}
