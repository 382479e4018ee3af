/**
 * From pixels to metres. An installer gives four or more points of the ground in both; everything else follows from them:
 * where a pixel lies on the ground, and where a head at that pixel stands.
 */
import type { Point } from './polygon.ts'

/** Row-major 3×3. */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number]
export type GroundPoint = { readonly px: Point; readonly m: Point }
export type Ground = { readonly toGround: Matrix; readonly heads: Matrix; readonly fit_error_m: number }

/**
 * Heads are what the model counts, and a head is nearer to the camera than the ground behind it: on a 5 m mast, 1.6 m heads
 * spread over 2.2 times the ground that people stand on, and density came out at less than half. So heads have a plane of their own.
 */
export const head_height_m = 1.6

export const calibrate = (
  points: readonly GroundPoint[],
  picture: { readonly width: number; readonly height: number }
): Ground | undefined => {
  const toGround = homography(points)
  if (toGround === undefined) return undefined
  const heads = headPlane(toGround, picture)
  if (heads === undefined) return undefined
  const errors = points.map(({ px, m }) => {
    const at = apply(toGround, px)
    return (at[0] - m[0]) ** 2 + (at[1] - m[1]) ** 2
  })
  return { toGround, heads, fit_error_m: Math.sqrt(errors.reduce((a, b) => a + b, 0) / points.length) }
}

export const apply = (matrix: Matrix, [x, y]: Point): Point => {
  const w = matrix[6] * x + matrix[7] * y + matrix[8]
  return [(matrix[0] * x + matrix[1] * y + matrix[2]) / w, (matrix[3] * x + matrix[4] * y + matrix[5]) / w]
}

/** Sign tells on which side of the horizon a pixel lies; compare with that of a calibrated point. */
export const horizonSide = (matrix: Matrix, [x, y]: Point): number => Math.sign(matrix[6] * x + matrix[7] * y + matrix[8])

/** Least squares over all points, both sides brought to unit spread first (Hartley), so that metres and pixels weigh alike. */
export const homography = (points: readonly GroundPoint[]): Matrix | undefined => {
  if (points.length < 4) return undefined
  const from = spread(points.map(point => point.px))
  const to = spread(points.map(point => point.m))
  if (from === undefined || to === undefined) return undefined
  const rows: number[][] = []
  for (const { px, m } of points) {
    const [x, y] = apply(from, px)
    const [u, v] = apply(to, m)
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v])
  }
  const normal = Array.from({ length: 8 }, (_, i) =>
    Array.from({ length: 9 }, (_, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0))
  )
  const solved = solve(normal)
  const back = invert(to)
  if (solved === undefined || back === undefined) return undefined
  return multiply(multiply(back, [...solved, 1] as unknown as Matrix), from)
}

const spread = (points: readonly Point[]): Matrix | undefined => {
  const n = points.length
  const [cx, cy] = [points.reduce((sum, [x]) => sum + x, 0) / n, points.reduce((sum, [, y]) => sum + y, 0) / n]
  const mean = points.reduce((sum, [x, y]) => sum + Math.hypot(x - cx, y - cy), 0) / n
  if (!(mean > 0) || !Number.isFinite(mean)) return undefined
  const s = Math.SQRT2 / mean
  return [s, 0, -s * cx, 0, s, -s * cy, 0, 0, 1]
}

/** Gauss with pivoting on an augmented 8×9; points on one line leave no pivot. */
const solve = (a: number[][]): number[] | undefined => {
  const n = a.length
  const cell = (i: number, j: number): number => a[i]?.[j] ?? 0
  for (let k = 0; k < n; k++) {
    let best = k
    for (let i = k + 1; i < n; i++) if (Math.abs(cell(i, k)) > Math.abs(cell(best, k))) best = i
    const pivot = a[best]
    const other = a[k]
    if (pivot === undefined || other === undefined || Math.abs(cell(best, k)) < 1e-9) return undefined
    a[k] = pivot
    a[best] = other
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = cell(i, k) / cell(k, k)
      a[i] = a[i]?.map((value, j) => value - factor * cell(k, j)) ?? []
    }
  }
  return a.map((_, i) => cell(i, n) / cell(i, i))
}

/** Where the camera stands and how it looks, in the metres of the ground. */
export type Pose = {
  /** Of the lens, in pixels of the camera's own picture. */
  readonly focal_px: number
  /** Over which point of the ground, and how high above it. */
  readonly at: Point
  readonly height_m: number
}

/**
 * Focal length and pose follow from the ground alone when pixels are square and the lens looks through the middle of the
 * picture (Zhang): the two ground axes must come out square and equally long. Seen straight from above they always do, so a
 * usual lens (as long as the picture is wide) is taken there.
 */
export const poseOf = (toGround: Matrix, picture: { readonly width: number; readonly height: number }): Pose | undefined => {
  const seen = camera(toGround, picture)
  if (seen === undefined) return undefined
  const { f, r1, r2, normal, t, up } = seen
  return { focal_px: f, at: [-dot(r1, t), -dot(r2, t)], height_m: -dot(normal, t) * up }
}

const camera = (toGround: Matrix, picture: { readonly width: number; readonly height: number }) => {
  const centre: Matrix = [1, 0, -picture.width / 2, 0, 1, -picture.height / 2, 0, 0, 1]
  const back = invert(toGround)
  if (back === undefined) return undefined
  const toPixels = multiply(centre, back)
  const f = focalLength(toPixels, picture.width)
  const axis = (k: 0 | 1 | 2): [number, number, number] => [toPixels[k] / f, toPixels[(k + 3) as 3] / f, toPixels[(k + 6) as 6]]
  const [e1, e2, e3] = [axis(0), axis(1), axis(2)]
  const length = (Math.hypot(...e1) + Math.hypot(...e2)) / 2
  const sign = e3[2] < 0 ? -1 : 1
  const [r1, r2, t] = [e1, e2, e3].map(e => e.map(v => (v * sign) / length)) as [Vector, Vector, Vector]
  const normal = cross(r1, r2)
  // The camera stands at -Rᵀt; up is the side it is on, also when the installer's metres run left-handed.
  const up = dot(normal, t) < 0 ? 1 : -1
  return { centre, toPixels, f, length, sign, r1, r2, t, normal, up }
}

const headPlane = (toGround: Matrix, picture: { readonly width: number; readonly height: number }): Matrix | undefined => {
  const seen = camera(toGround, picture)
  if (seen === undefined) return undefined
  const { centre, toPixels, f, length, sign, normal, up } = seen
  const lift = normal.map(v => v * up * head_height_m * length * sign) as Vector
  const raised: Matrix = [
    toPixels[0],
    toPixels[1],
    toPixels[2] + lift[0] * f,
    toPixels[3],
    toPixels[4],
    toPixels[5] + lift[1] * f,
    toPixels[6],
    toPixels[7],
    toPixels[8] + lift[2]
  ]
  const toHeads = invert(raised)
  return toHeads === undefined ? undefined : multiply(toHeads, centre)
}

type Vector = [number, number, number]
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Vector, b: Vector): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

const focalLength = (g: Matrix, width: number): number => {
  const planar = [g[0] * g[1] + g[3] * g[4], g[0] ** 2 + g[3] ** 2 - g[1] ** 2 - g[4] ** 2] as const
  const deep = [g[6] * g[7], g[6] ** 2 - g[7] ** 2] as const
  const square = planar[0] ** 2 + planar[1] ** 2
  const inverse = -(planar[0] * deep[0] + planar[1] * deep[1]) / square
  const f = inverse > 0 ? 1 / Math.sqrt(inverse) : Number.NaN
  return f > width * 0.25 && f < width * 8 ? f : width
}

export const multiply = (a: Matrix, b: Matrix): Matrix => {
  const at = (i: number, j: number): number => [0, 1, 2].reduce((sum, k) => sum + (a[i * 3 + k] ?? 0) * (b[k * 3 + j] ?? 0), 0)
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)]
}

export const invert = (m: Matrix): Matrix | undefined => {
  const [a, b, c, d, e, f, g, h, i] = m
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  if (!Number.isFinite(det) || det === 0) return undefined
  return [
    (e * i - f * h) / det,
    (c * h - b * i) / det,
    (b * f - c * e) / det,
    (f * g - d * i) / det,
    (a * i - c * g) / det,
    (c * d - a * f) / det,
    (d * h - e * g) / det,
    (b * g - a * h) / det,
    (a * e - b * d) / det
  ]
}
