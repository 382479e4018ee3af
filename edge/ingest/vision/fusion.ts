/**
 * Which ground each camera answers for, when several look at the same zone. Ground that two of them see is shared between them, so
 * that nobody is counted twice; when one of them no longer sees, the other answers for all of it at once.
 */
import { area, inside, type Point } from '../../domain/polygon.ts'
import type { GroundPart, GroundParts } from './density.ts'

export type ZoneOutline = { readonly id: string; readonly outline: readonly Point[] }
/** What a camera counts for one zone. */
export type ZoneShare = {
  readonly zone: string
  /** For each model cell, the share of its people that this camera counts for the zone. */
  readonly weights: Float32Array
  /** Of the zone's ground, as much as this camera answers for, m². */
  readonly seen_m2: number
  /** The ground of the zone that it sees, whoever else does: a density is not halved by a second camera. */
  readonly parts: GroundParts
}
export type Fusion = {
  readonly lay: (camera: string, parts: GroundParts, cells: number) => void
  readonly sees: (camera: string, live: boolean) => void
  readonly sharesOf: (camera: string) => readonly ZoneShare[]
}

/** Finer than anybody calibrates, coarse enough that 100 × 100 m are 40,000 bins. */
const bin_m = 0.5

type Footprint = {
  readonly parts: GroundParts
  readonly cells: number
  readonly bins: readonly number[]
  /** Per part, the zones that it lies in. */
  readonly zones: readonly (readonly number[])[]
}

export const openFusion = (zones: readonly ZoneOutline[]): Fusion => {
  const outlines = zones.filter(({ outline }) => outline.length >= 3 && area(outline) > 0)
  const footprints = new Map<string, Footprint>()
  const live = new Set<string>()
  const known = new Map<string, readonly ZoneShare[]>()

  /** How many live cameras see each bin. */
  const watchers = (): ReadonlyMap<number, number> => {
    const seen = new Map<number, number>()
    for (const camera of live) for (const bin of new Set(footprints.get(camera)?.bins)) seen.set(bin, (seen.get(bin) ?? 0) + 1)
    return seen
  }

  const work = (camera: string): readonly ZoneShare[] => {
    const footprint = footprints.get(camera)
    if (footprint === undefined) return []
    const { parts, cells, bins, zones: of } = footprint
    const seen = watchers()
    const shares = outlines.map(({ id }) => ({ zone: id, weights: new Float32Array(cells), parts: [] as GroundPart[], seen_m2: 0 }))
    parts.forEach((part, i) => {
      const eyes = Math.max(1, seen.get(bins[i] ?? 0) ?? 1)
      for (const nth of of[i] ?? []) {
        const one = shares[nth]
        if (one === undefined) continue
        one.weights[part.cell] = (one.weights[part.cell] ?? 0) + part.share / eyes
        one.seen_m2 += part.m2 / eyes
        one.parts.push(part)
      }
    })
    return shares.filter(({ seen_m2 }) => seen_m2 > 0)
  }

  return {
    lay: (camera, parts, cells) => {
      const bins = parts.map(({ x, y }) => Math.floor(x / bin_m) * 2 ** 20 + Math.floor(y / bin_m))
      const of = parts.map(({ x, y }) => outlines.flatMap(({ outline }, nth) => (inside(outline, x, y) ? [nth] : [])))
      footprints.set(camera, { parts, cells, bins, zones: of })
      known.clear()
    },
    sees: (camera, sees) => {
      if (live.has(camera) === sees) return
      if (sees) live.add(camera)
      else live.delete(camera)
      known.clear()
    },
    sharesOf: camera => {
      const shares = known.get(camera) ?? work(camera)
      known.set(camera, shares)
      return shares
    }
  }
}
