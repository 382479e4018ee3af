/**
 * The densest spot of the ground a camera sees. A mean over the whole zone hides the crush at a door; a single square metre is
 * noise: 4 ± 2 people by chance alone. A window of 2.5 × 2.5 m holds 25 people at the red limit of 4 p/m², so chance is ± 20 % and
 * one miscounted head 4 %, and it is still smaller than any crush that hurts (Helbing's and Fruin's local densities are taken
 * over 3 to 10 m²). A larger one would be calmer and later.
 */
import { apply, type Ground, horizonSide } from '../../domain/ground.ts'
import { area } from '../../domain/polygon.ts'
import type { Point, View } from './view.ts'

export const window_m = 2.5
const bin_m = 0.5
const reach = window_m / bin_m
/** Where one 8-pixel cell covers more ground than this, heads are a pixel or two wide and are not counted by anyone. */
export const coarsest_cell_m2 = 1
/** Corners of the view hold slivers of a window; a density over a sliver means nothing. */
const least_seen = 0.75
const splits = 4

/** A sixteenth of a model cell: where its heads stand, how much ground that is, and what share of the cell's people counts. */
export type GroundPart = { readonly cell: number; readonly x: number; readonly y: number; readonly m2: number; readonly share: number }
export type GroundParts = readonly GroundPart[]
export type DensityMap = {
  readonly seen_m2: number
  readonly parts: GroundParts
  readonly highest: (people: Float32Array) => number | undefined
}

/** Everything that depends on the camera alone is worked out once; a frame then costs one pass over its cells. */
export const densityMap = (ground: Ground, view: View, weights: Float32Array, cell_px: number): DensityMap => {
  const columns = view.canvas.width / cell_px
  const scale: Point = [view.source.width / view.content.width, view.source.height / view.content.height]
  const source = (x: number, y: number): Point => [x * scale[0], y * scale[1]]
  const bottom: Point = [view.source.width / 2, view.source.height]
  const parts: GroundPart[] = []
  let seen_m2 = 0
  for (let cell = 0; cell < weights.length; cell++) {
    const weight = weights[cell] ?? 0
    if (weight === 0) continue
    const [x, y] = [(cell % columns) * cell_px, Math.floor(cell / columns) * cell_px]
    const corners = [source(x, y), source(x + cell_px, y), source(x + cell_px, y + cell_px), source(x, y + cell_px)]
    const before = (matrix: Ground['heads']): boolean =>
      corners.every(corner => horizonSide(matrix, corner) === horizonSide(matrix, bottom))
    const floor_m2 = before(ground.toGround) ? area(corners.map(corner => apply(ground.toGround, corner))) : Number.POSITIVE_INFINITY
    const heads_m2 = before(ground.heads) ? area(corners.map(corner => apply(ground.heads, corner))) : Number.POSITIVE_INFINITY
    if (floor_m2 > coarsest_cell_m2 || heads_m2 > coarsest_cell_m2) continue
    seen_m2 += floor_m2 * weight
    const step = cell_px / splits
    for (let part = 0; part < splits * splits; part++) {
      const at = apply(ground.heads, source(x + ((part % splits) + 0.5) * step, y + (Math.floor(part / splits) + 0.5) * step))
      parts.push({ cell, x: at[0], y: at[1], m2: (heads_m2 * weight) / splits ** 2, share: weight / splits ** 2 })
    }
  }
  return { seen_m2, parts, highest: highestOf(parts) }
}

/** The densest window over this ground; `undefined` where there is none. */
export const highestOf = (parts: GroundParts): DensityMap['highest'] => {
  if (parts.length === 0) return () => undefined
  let [left, top, right, low] = [Infinity, Infinity, -Infinity, -Infinity]
  const at = parts.map(({ x, y }) => ({ x: Math.floor(x / bin_m), y: Math.floor(y / bin_m) }))
  for (const { x, y } of at) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    low = Math.max(low, y)
  }
  const [wide, high] = [right - left + 1, low - top + 1]
  const bins = Int32Array.from(at, ({ x, y }) => (y - top) * wide + x - left)
  const cells = Int32Array.from(parts, part => part.cell)
  const shares = Float32Array.from(parts, part => part.share)
  const ground = new Float64Array(wide * high)
  parts.forEach((part, i) => {
    ground[bins[i] ?? 0] = (ground[bins[i] ?? 0] ?? 0) + part.m2
  })
  const seen = summed(ground, wide, high)
  const all_m2 = ground.reduce((a, b) => a + b, 0)
  const heads = new Float64Array(wide * high)
  return people => {
    heads.fill(0)
    for (let i = 0; i < bins.length; i++) {
      const bin = bins[i] ?? 0
      heads[bin] = (heads[bin] ?? 0) + (people[cells[i] ?? 0] ?? 0) * (shares[i] ?? 0)
    }
    const counted = summed(heads, wide, high)
    let highest: number | undefined
    for (let y = 0; y + reach <= high; y++)
      for (let x = 0; x + reach <= wide; x++) {
        const m2 = within(seen, wide, x, y)
        if (m2 >= least_seen * window_m ** 2) highest = Math.max(highest ?? 0, within(counted, wide, x, y) / m2)
      }
    // A camera that sees less than one window still sees something.
    return highest ?? (all_m2 > 0 ? heads.reduce((a, b) => a + b, 0) / all_m2 : undefined)
  }
}

/** Summed-area table with a border of zeros, so that any window is four look-ups. */
const summed = (values: Float64Array, wide: number, high: number): Float64Array => {
  const table = new Float64Array((wide + 1) * (high + 1))
  for (let y = 0; y < high; y++) {
    let row = 0
    for (let x = 0; x < wide; x++) {
      row += values[y * wide + x] ?? 0
      table[(y + 1) * (wide + 1) + x + 1] = (table[y * (wide + 1) + x + 1] ?? 0) + row
    }
  }
  return table
}

const within = (table: Float64Array, wide: number, x: number, y: number): number => {
  const at = (column: number, row: number): number => table[row * (wide + 1) + column] ?? 0
  return at(x + reach, y + reach) - at(x, y + reach) - at(x + reach, y) + at(x, y)
}
