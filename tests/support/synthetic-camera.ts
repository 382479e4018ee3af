/** A camera we know everything about: on a mast above the origin, looking along +y and down. */
import type { GroundPoint } from '../../edge/domain/ground.ts'
import type { Point } from '../../edge/domain/polygon.ts'

export const syntheticCamera = ({ f = 700, high_m = 5, tilt_deg = 35, width = 640, height = 480 } = {}) => {
  const tilt = (tilt_deg * Math.PI) / 180
  const [c, s] = [Math.cos(tilt), Math.sin(tilt)]
  return {
    width,
    height,
    px: (x: number, y: number, z = 0): Point => {
      const up = z - high_m
      const depth = y * c - up * s
      return [width / 2 + (f * x) / depth, height / 2 + (f * (-y * s - up * c)) / depth]
    }
  }
}
export const pointsOf = ({ px }: ReturnType<typeof syntheticCamera>, at: readonly Point[]): GroundPoint[] =>
  at.map(m => ({ px: px(m[0], m[1]), m }))
