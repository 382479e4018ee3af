/**
 * Where each model cell lies and how far a pixel of it goes: on the ground, at the height of heads, where the camera is calibrated;
 * else in the pixels of its own picture. Speeds and lines are worked out on it without asking which of the two it is.
 */
import { apply, type Ground, horizonSide } from '../../domain/ground.ts'
import { coarsest_cell_m2 } from './density.ts'
import type { Point, View } from './view.ts'

export type Plane = {
  readonly unit: 'm' | 'px'
  readonly columns: number
  readonly x: Float32Array
  readonly y: Float32Array
  /** How much of the plane a cell covers; 0 where nothing can be told, beyond the horizon or too far away. */
  readonly area: Float32Array
  /** For each cell, what one canvas pixel to the right and one down are on the plane: xx, yx, xy, yy. */
  readonly turns: Float32Array
  /** 1, or -1 where left and right have changed sides on the way from the picture to the plane. */
  readonly hand: 1 | -1
  /** A point of the picture, at the feet, as it lies on the plane. */
  readonly fromPicture: (at: Point) => Point
}

export const planeOf = (ground: Ground | undefined, { source, content, canvas }: View, cell_px: number): Plane => {
  const [columns, rows] = [canvas.width / cell_px, canvas.height / cell_px]
  const scale: Point = [source.width / content.width, source.height / content.height]
  const bottom: Point = [source.width / 2, source.height]
  const place = (x: number, y: number): Point => {
    const at: Point = [x * scale[0], y * scale[1]]
    return ground === undefined ? at : apply(ground.heads, at)
  }
  const before = (x: number, y: number): boolean =>
    ground === undefined || horizonSide(ground.heads, [x * scale[0], y * scale[1]]) === horizonSide(ground.heads, bottom)
  const plane = {
    x: new Float32Array(columns * rows),
    y: new Float32Array(columns * rows),
    area: new Float32Array(columns * rows),
    turns: new Float32Array(columns * rows * 4)
  }
  let hand: 1 | -1 = 1
  for (let cell = 0; cell < columns * rows; cell++) {
    const [x, y] = [((cell % columns) + 0.5) * cell_px, (Math.floor(cell / columns) + 0.5) * cell_px]
    if (!before(x, y) || !before(x, y - cell_px)) continue
    const [at, right, left, low, high] = [place(x, y), place(x + 1, y), place(x - 1, y), place(x, y + 1), place(x, y - 1)]
    const [xx, yx, xy, yy] = [(right[0] - left[0]) / 2, (right[1] - left[1]) / 2, (low[0] - high[0]) / 2, (low[1] - high[1]) / 2]
    const area = Math.abs(xx * yy - xy * yx) * cell_px ** 2
    if (ground !== undefined && area > coarsest_cell_m2) continue
    plane.x[cell] = at[0]
    plane.y[cell] = at[1]
    plane.area[cell] = area
    plane.turns.set([xx, yx, xy, yy], cell * 4)
    hand = xx * yy - xy * yx < 0 ? -1 : 1
  }
  const fromPicture = (at: Point): Point => (ground === undefined ? at : apply(ground.toGround, at))
  return { unit: ground === undefined ? 'px' : 'm', columns, ...plane, hand, fromPicture }
}
