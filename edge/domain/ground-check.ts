/**
 * What an installer must know of a calibration before anybody believes a density: how far each point is off in centimetres, what the
 * others say of a point that is left out, and where the camera would then hang. Wrong numbers show there first: a metre taken for a
 * foot makes a mast of 16 m, two points swapped put the camera below the ground.
 */
import { apply, calibrate, type Ground, type GroundPoint, horizonSide, invert, type Pose, poseOf } from './ground.ts'
import { area, hull, type Point } from './polygon.ts'
import type { Label } from './vocabulary.ts'

export type Picture = { readonly width: number; readonly height: number }
export type Doubt = keyof typeof doubts

export type GroundCheck = {
  /** Absent when the points fix no ground at all. */
  readonly ground?: Ground
  /** Of each point, between where it was measured and where the picture puts it; four points alone always fit. */
  readonly off_cm: readonly number[]
  /** Root of the mean square of these. */
  readonly fit_error_cm?: number
  /** Of each point, how far from it all the others put it: the honest figure, from five points on. Null when they fix no ground alone. */
  readonly left_out_cm?: readonly (number | null)[]
  readonly pose?: Pose
  readonly doubts: readonly Doubt[]
}

const most_off_cm = 20
/** Where the others have to guess beyond themselves, a pixel is soon a hand's breadth. */
const most_left_out_cm = 50
const lowest_m = 2
const highest_m = 60
/** Points that span less of the picture than this say little about the rest of it. */
const least_span = 0.08

export const doubts = {
  too_few: both('至少要四个点', 'four points at least are needed'),
  on_one_line: both('这些点几乎在一条直线上，或有重复', 'the points lie nearly on one line, or are there twice'),
  off: both(
    `有的点偏差超过 ${most_off_cm} 厘米：重新量，或检查像素位置`,
    `a point is off by more than ${most_off_cm} cm: measure it again, or look where it is in the picture`
  ),
  unchecked: both('只有四个点，无法自检：再加一个点', 'four points cannot check themselves: add one more'),
  low: both(`算出的摄像头高度低于 ${lowest_m} 米：检查米数`, `the camera would hang lower than ${lowest_m} m: check the metres`),
  high: both(`算出的摄像头高度超过 ${highest_m} 米：检查米数`, `the camera would hang higher than ${highest_m} m: check the metres`),
  narrow: both('这些点只占画面的一小部分：取得更开一些', 'the points span a small part of the picture: take them farther apart'),
  beyond_horizon: both('有的点在地平线以上', 'a point lies beyond the horizon')
} as const satisfies Record<string, Label>

function both(zh: string, en: string): Label {
  return { 'zh-CN': zh, en }
}

export const checkGround = (points: readonly GroundPoint[], picture: Picture): GroundCheck => {
  const nothing = { off_cm: points.map(() => 0) }
  if (points.length < 4) return { ...nothing, doubts: ['too_few'] }
  const ground = calibrate(points, picture)
  if (ground === undefined) return { ...nothing, doubts: ['on_one_line'] }
  const off_cm = points.map(point => offBy(ground, point))
  const left_out_cm =
    points.length < 5
      ? undefined
      : points.map((point, i) => {
          const others = calibrate(points.toSpliced(i, 1), picture)
          return others === undefined ? null : offBy(others, point)
        })
  const pose = poseOf(ground.toGround, picture)
  const side = horizonSide(ground.toGround, [picture.width / 2, picture.height])
  const height_m = Math.abs(pose?.height_m ?? 0)
  const found: readonly (Doubt | false | undefined)[] = [
    (off_cm.some(cm => cm > most_off_cm) || left_out_cm?.some(cm => (cm ?? 0) > most_left_out_cm)) && 'off',
    left_out_cm === undefined && 'unchecked',
    height_m < lowest_m && 'low',
    height_m > highest_m && 'high',
    area(hull(points.map(({ px }) => px))) < least_span * picture.width * picture.height && 'narrow',
    points.some(({ px }) => horizonSide(ground.toGround, px) !== side) && 'beyond_horizon'
  ]
  return {
    ground,
    off_cm,
    fit_error_cm: ground.fit_error_m * 100,
    ...(left_out_cm !== undefined && { left_out_cm }),
    ...(pose !== undefined && { pose }),
    doubts: found.filter(doubt => typeof doubt === 'string')
  }
}

const offBy = (ground: Ground, { px, m }: GroundPoint): number => {
  const at = apply(ground.toGround, px)
  return Math.hypot(at[0] - m[0], at[1] - m[1]) * 100
}

export type GridLine = { readonly metres: number; readonly along: 'x' | 'y'; readonly px: readonly Point[] }

/** Lines of the ground at whole steps, as they lie in the picture: what makes a wrong calibration visible at a glance. */
export const gridOf = ({ toGround }: Ground, points: readonly GroundPoint[], picture: Picture, step_m: number): readonly GridLine[] => {
  const toPixels = invert(toGround)
  if (toPixels === undefined) return []
  const bottom = horizonSide(toGround, [picture.width / 2, picture.height])
  const inPicture = (at: Point): boolean =>
    at[0] >= 0 && at[1] >= 0 && at[0] <= picture.width && at[1] <= picture.height && horizonSide(toGround, at) === bottom
  const range = (k: 0 | 1): readonly [number, number] => {
    const of = points.map(({ m }) => m[k])
    // One length of what was measured, on each side: beyond that nobody has checked anything.
    const [low, high] = [Math.min(...of), Math.max(...of)]
    const more = Math.max(step_m, (high - low) / 2)
    return [Math.floor((low - more) / step_m), Math.ceil((high + more) / step_m)]
  }
  const [xs, ys] = [range(0), range(1)]
  const lines: GridLine[] = []
  for (const along of ['x', 'y'] as const) {
    const [across, length] = along === 'x' ? [ys, xs] : [xs, ys]
    for (let i = across[0]; i <= across[1] && lines.length < most_lines; i++) {
      const px: Point[] = []
      for (let j = length[0] * bits; j <= length[1] * bits; j++) {
        const [a, b] = [(j / bits) * step_m, i * step_m]
        const at = apply(toPixels, along === 'x' ? [a, b] : [b, a])
        if (inPicture(at)) px.push(at)
      }
      if (px.length >= 2) lines.push({ metres: i * step_m, along, px })
    }
  }
  return lines
}

const bits = 4
const most_lines = 200
