/**
 * How far a picture moved, cell by cell, within a fifth of a second: no points that are followed, no shapes that are found again.
 * For each cell the best of all whole shifts, and inverse Lucas–Kanade for the fraction. Ours, because the kept libraries cost four
 * times as much here (decision 0022).
 */
import { type Grey, shrink } from './grey.ts'

/** Grey pixels from one cell to the next; a cell looks at twice as many, so neighbours share half of what they see. */
const step = 4
const patch = 2 * step
const most_shift = 9
/** A pixel that differs by less is standing, or noise. Only those that changed may say where it went: the floor behind a walker stays. */
const changed_by = 4
const fewest_changed = 12
/** Mean difference per pixel below which a shift that a neighbour found needs no better one. */
const good_enough = 4
/** A shift that explains less of the change than this is a guess: hands, shadows, somebody who stepped in front. */
const unexplained = 0.6
/** A leap must fit this much better than creeping does. */
const much_better = 0.8
/** Of the smaller eigenvalue of the gradients, per pixel: below, it is a wall or an edge, and any shift along it would do. */
const least_texture = 2.5
const refinements = 5

/** Row by row, one cell for 16 × 16 pixels of the canvas. */
export type Field = {
  readonly columns: number
  readonly rows: number
  /** Canvas pixels. */
  readonly dx: Float32Array
  readonly dy: Float32Array
  /** 1 where something was seen to move or to stand; 0 where it cannot be told. */
  readonly sure: Uint8Array
}
export const field_cell_px = step * shrink

type Raw = Field & { readonly change: Float32Array }

/** `wanted` says which cells anybody asks about: where nobody stands, nothing need be known. */
export const displacement = (before: Grey, after: Grey, wanted: (cell: number) => boolean = () => true): Field => {
  const [columns, rows] = [Math.floor(before.width / step), Math.floor(before.height / step)]
  const found: Raw = {
    columns,
    rows,
    dx: new Float32Array(columns * rows),
    dy: new Float32Array(columns * rows),
    sure: new Uint8Array(columns * rows),
    change: new Float32Array(columns * rows)
  }
  const search = searchIn(before, after, found)
  for (let row = 1; row < rows - 1; row++)
    for (let column = 1; column < columns - 1; column++) if (wanted(row * columns + column)) search(column, row)
  return settled(found)
}

const searchIn = ({ width, height, light: a }: Grey, { light: b }: Grey, found: Raw) => {
  const { columns } = found
  const pixels = new Int32Array(patch * patch)
  const across = new Float32Array(patch * patch)
  const down = new Float32Array(patch * patch)
  let [count, best, x, y, left, top] = [0, 0, 0, 0, 0, 0]

  /** Takes this shift when it fits better than the best so far. */
  const attempt = (sx: number, sy: number): void => {
    if (Math.abs(sx) > most_shift || Math.abs(sy) > most_shift) return
    if (left + sx < 0 || top + sy < 0 || left + sx + patch >= width || top + sy + patch >= height) return
    const shift = sy * width + sx
    let sum = 0
    for (let i = 0; i < count && sum < best; i++) {
      const at = pixels[i] as number
      const off = (a[at] as number) - (b[at + shift] as number)
      sum += off < 0 ? -off : off
    }
    if (sum < best) [best, x, y] = [sum, sx, sy]
  }

  /** The pixels that changed; all of them where too few did. Answers how much the patch changed altogether. */
  const choose = (): number => {
    let change = 0
    count = 0
    for (let row = 0; row < patch; row++)
      for (let column = 0, at = (top + row) * width + left; column < patch; column++, at++) {
        const off = Math.abs((a[at] as number) - (b[at] as number))
        change += off
        if (off >= changed_by) pixels[count++] = at
      }
    if (count >= fewest_changed) return change
    count = 0
    for (let row = 0; row < patch; row++)
      for (let column = 0, at = (top + row) * width + left; column < patch; column++, at++) pixels[count++] = at
    return change
  }

  const slopes = (): { readonly xx: number; readonly xy: number; readonly yy: number } => {
    let [xx, xy, yy] = [0, 0, 0]
    for (let i = 0; i < count; i++) {
      const at = pixels[i] as number
      const h = ((a[at + 1] as number) - (a[at - 1] as number)) / 2
      const v = ((a[at + width] as number) - (a[at - width] as number)) / 2
      across[i] = h
      down[i] = v
      xx += h * h
      xy += h * v
      yy += v * v
    }
    return { xx, xy, yy }
  }

  /** The fraction of a pixel, from where the whole shift stands. One that runs away says that there is none. */
  const refine = ({ xx, xy, yy }: ReturnType<typeof slopes>): void => {
    const [x0, y0, determinant] = [x, y, xx * yy - xy * xy]
    for (let round = 0; round < refinements; round++) {
      const [fx, fy] = [Math.floor(x), Math.floor(y)]
      if (left + fx < 0 || top + fy < 0 || left + fx + patch >= width || top + fy + patch >= height) break
      const [wx, wy, shift] = [x - fx, y - fy, fy * width + fx]
      let [ex, ey] = [0, 0]
      for (let i = 0; i < count; i++) {
        const at = pixels[i] as number
        const q = at + shift
        const upper = (b[q] as number) * (1 - wx) + (b[q + 1] as number) * wx
        const lower = (b[q + width] as number) * (1 - wx) + (b[q + width + 1] as number) * wx
        const off = upper * (1 - wy) + lower * wy - (a[at] as number)
        ex += off * (across[i] as number)
        ey += off * (down[i] as number)
      }
      const [mx, my] = [(yy * ex - xy * ey) / determinant, (xx * ey - xy * ex) / determinant]
      x -= mx
      y -= my
      if (mx * mx + my * my < 0.0004) return
      if (Math.abs(x - x0) > 1.5 || Math.abs(y - y0) > 1.5) break
    }
    if (Math.abs(x - x0) > 1.5 || Math.abs(y - y0) > 1.5) [x, y] = [x0, y0]
  }

  /** How badly the pixels fit where x and y say, between pixels too. */
  const misfit = (): number => {
    const [fx, fy] = [Math.floor(x), Math.floor(y)]
    if (left + fx < 0 || top + fy < 0 || left + fx + patch >= width || top + fy + patch >= height) return Number.POSITIVE_INFINITY
    const [wx, wy, shift] = [x - fx, y - fy, fy * width + fx]
    let sum = 0
    for (let i = 0; i < count; i++) {
      const at = pixels[i] as number
      const q = at + shift
      const upper = (b[q] as number) * (1 - wx) + (b[q + 1] as number) * wx
      const lower = (b[q + width] as number) * (1 - wx) + (b[q + width + 1] as number) * wx
      sum += Math.abs(upper * (1 - wy) + lower * wy - (a[at] as number))
    }
    return sum
  }

  return (column: number, row: number): void => {
    const cell = row * columns + column
    left = column * step - step / 2
    top = row * step - step / 2
    const change = choose()
    const moving = count < patch * patch || change >= changed_by * count
    const slope = slopes()
    const { xx, xy, yy } = slope
    if ((xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy) < least_texture * count)
      return // A creeping crowd moves less than a pixel: every whole shift is wrong then, and the least wrong may be any.
    ;[x, y] = [0, 0]
    const still = misfit()
    refine(slope)
    let fits = misfit()
    if (moving && fits > good_enough * count) {
      const crept = { x, y, fits }
      ;[x, y, best] = [0, 0, Number.POSITIVE_INFINITY]
      for (const neighbour of [cell - 1, cell - columns, cell - columns + 1])
        attempt(Math.round((found.dx[neighbour] as number) / shrink), Math.round((found.dy[neighbour] as number) / shrink))
      if (best > good_enough * count)
        for (let sy = 1 - most_shift; sy < most_shift; sy += 2) for (let sx = 1 - most_shift; sx < most_shift; sx += 2) attempt(sx, sy)
      const [nearX, nearY] = [x, y]
      for (let sy = -1; sy <= 1; sy++) for (let sx = -1; sx <= 1; sx++) attempt(nearX + sx, nearY + sy)
      refine(slope)
      fits = misfit()
      if (fits > much_better * crept.fits) ({ x, y, fits } = crept)
    }
    found.dx[cell] = x * shrink
    found.dy[cell] = y * shrink
    found.change[cell] = change / patch ** 2
    found.sure[cell] = !moving || fits < unexplained * still ? 1 : 0
  }
}

/** A cell on the edge of a walker sees half a walker and half a floor: those around it that changed most have the say. */
const settled = ({ columns, rows, dx, dy, sure, change }: Raw): Field => {
  const calm = { dx: new Float32Array(dx.length), dy: new Float32Array(dy.length), sure: new Uint8Array(sure.length) }
  for (let row = 1; row < rows - 1; row++)
    for (let column = 1; column < columns - 1; column++) {
      const cell = row * columns + column
      let [weight, x, y] = [0, 0, 0]
      for (let up = -columns; up <= columns; up += columns)
        for (let side = -1; side <= 1; side++) {
          const one = cell + up + side
          if (sure[one] === 0) continue
          const says = 0.01 + Math.max(0, (change[one] as number) - 1) ** 2
          weight += says
          x += says * (dx[one] as number)
          y += says * (dy[one] as number)
        }
      if (weight === 0) continue
      calm.dx[cell] = x / weight
      calm.dy[cell] = y / weight
      calm.sure[cell] = 1
    }
  return { columns, rows, ...calm }
}
