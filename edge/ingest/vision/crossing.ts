/**
 * How many cross a line, from how dense they are and how fast they go near it: ρ·v, as a river is measured. Nobody is followed over it, so
 * nobody can be. Over a band on both sides, because two pictures a second would otherwise step over a line of no width.
 */
import type { Plane } from './plane.ts'
import type { Point } from './view.ts'

export type Line = {
  readonly id: string
  readonly zone: string
  /** Seen from the first point towards the second, in is from the left hand to the right. In pixels of the picture, or metres. */
  readonly px?: readonly [Point, Point]
  readonly m?: readonly [Point, Point]
}
export type Crossing = {
  readonly add: (velocities: Velocities, people: Float32Array, at: number) => void
  readonly flow: () => { readonly in_per_min: number; readonly out_per_min: number } | undefined
}
/** Of each model cell on the plane, per second; NaN where it is not known. */
export type Velocities = { readonly x: Float32Array; readonly y: Float32Array }

/** On each side. Half a second of a fast walker. */
const reach = { m: 1, px: 60 } as const
/** Slower across the line than this is somebody who stands at it. */
const least_across = { m: 0.15, px: 6 } as const
const over_ms = 60_000
/** A flow of fewer seconds than this is a guess. */
const least_ms = 10_000
/** A gap in the pictures longer than this was not seen and is not made up for. */
const longest_gap_ms = 3_000

export const openCrossing = (line: Line, plane: Plane, weights: Float32Array): Crossing | undefined => {
  const ends = line.px?.map(plane.fromPicture) ?? (plane.unit === 'm' ? line.m : undefined)
  const [from, to] = ends ?? []
  if (from === undefined || to === undefined) return undefined
  const length = Math.hypot(to[0] - from[0], to[1] - from[1])
  const along: Point = [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
  const right: Point = [-along[1] * plane.hand, along[0] * plane.hand]
  const band: { readonly cell: number; readonly share: number }[] = []
  let covered = 0
  for (let cell = 0; cell < weights.length; cell++) {
    const [area, weight] = [plane.area[cell] ?? 0, weights[cell] ?? 0]
    if (area === 0 || weight === 0) continue
    const [x, y] = [(plane.x[cell] ?? 0) - from[0], (plane.y[cell] ?? 0) - from[1]]
    const [ahead, aside] = [x * along[0] + y * along[1], x * right[0] + y * right[1]]
    if (ahead < 0 || ahead > length || Math.abs(aside) > reach[plane.unit]) continue
    band.push({ cell, share: weight })
    covered += area * weight
  }
  if (band.length === 0) return undefined
  /** The band as far as it is seen; a line at the edge of the picture has half of one. */
  const wide = covered / length
  let seen: { readonly at: number; readonly ms: number; readonly into: number; readonly out: number }[] = []
  let last: number | undefined

  return {
    add: (velocities, people, at) => {
      const ms = last === undefined ? 0 : Math.min(at - last, longest_gap_ms)
      last = at
      let [into, out] = [0, 0]
      for (const { cell, share } of band) {
        const across = (velocities.x[cell] ?? 0) * right[0] + (velocities.y[cell] ?? 0) * right[1]
        const crossing = ((people[cell] ?? 0) * share * Math.abs(across)) / wide
        if (across > least_across[plane.unit]) into += crossing
        else if (across < -least_across[plane.unit]) out += crossing
      }
      seen = [...seen.filter(one => at - one.at < over_ms), { at, ms, into, out }]
    },
    flow: () => {
      const ms = seen.reduce((sum, one) => sum + one.ms, 0)
      if (ms < least_ms) return undefined
      const mean = (of: 'into' | 'out'): number => (seen.reduce((sum, one) => sum + one[of] * one.ms, 0) / ms) * 60
      return { in_per_min: mean('into'), out_per_min: mean('out') }
    }
  }
}
