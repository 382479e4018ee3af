/** What a camera makes of counted cells: people inside what it may count, their error, density and zones where the ground is known. */
import type { CellMap, Model } from '../../../models/model.ts'
import { stillsFor } from '../../domain/camera-calibration.ts'
import { halfWidth, scaleOf } from '../../domain/count-calibration.ts'
import { doubtCount, doubtPicture } from '../../domain/count-gate.ts'
import { calibrate } from '../../domain/ground.ts'
import type { Scene, ZoneSight } from '../../domain/scene.ts'
import { brightness } from './brightness.ts'
import { type DensityMap, densityMap, highestOf } from './density.ts'
import type { Fusion, ZoneShare } from './fusion.ts'
import type { CameraOrder } from './messages.ts'
import { cellWeights, type View } from './view.ts'

type LookOrder = Pick<CameraOrder, 'id' | 'ground' | 'masks'> & Partial<Pick<CameraOrder, 'scale'>>
/** With its pixels, a picture is also asked whether it can be counted at all. */
export type Looker = (cells: CellMap, view: View, at: number, rgb?: Uint8Array) => Omit<Scene, 'took_ms'>

/** Weights and ground depend on the layout alone, so they are made once per layout. */
export const openLooker = (order: LookOrder, model: Pick<Model, 'cell_px' | 'band' | 'sha256'>, fusion?: Fusion): Looker => {
  const { gain, band } = scaleOf(stillsFor(order.scale, model.sha256), model.band)
  let known: { view: View; weights: Float32Array; density: DensityMap | undefined } | undefined
  const scaled = (density: number | undefined): number | undefined => (density === undefined ? undefined : density * gain)
  const highest = new WeakMap<ZoneShare, DensityMap['highest']>()

  const sight = (share: ZoneShare, people: Float32Array): ZoneSight => {
    const window = highest.get(share) ?? highestOf(share.parts)
    highest.set(share, window)
    const people_count = summed(people, share.weights) * gain
    const density_per_m2 = scaled(window(people))
    return {
      zone: share.zone,
      people_count,
      people_count_error: halfWidth(band, people_count),
      seen_m2: share.seen_m2,
      ...(density_per_m2 !== undefined && { density_per_m2 })
    }
  }

  return (cells, view, at, rgb) => {
    if (known?.view !== view) {
      const weights = cellWeights(view, order.masks, model.cell_px)
      const ground = order.ground.length < 4 ? undefined : calibrate(order.ground, view.source)
      known = { view, weights, density: ground && densityMap(ground, view, weights, model.cell_px) }
      if (known.density !== undefined) fusion?.lay(order.id, known.density.parts, weights.length)
    }
    const { weights, density } = known
    const people_count = summed(cells.people, weights) * gain
    const density_per_m2 = scaled(density?.highest(cells.people))
    const zones = (density && fusion?.sharesOf(order.id).map(share => sight(share, cells.people))) ?? []
    const unsure = (rgb && doubtPicture(brightness(rgb, view, weights, model.cell_px))) ?? doubtCount(people_count, model.band)
    return {
      camera: order.id,
      at,
      people_count,
      people_count_error: halfWidth(band, people_count),
      ...(density === undefined || density_per_m2 === undefined ? {} : { density_per_m2, seen_m2: density.seen_m2 }),
      ...(zones.length > 0 && { zones }),
      ...(unsure !== undefined && { unsure })
    }
  }
}

const summed = (people: Float32Array, weights: Float32Array): number =>
  people.reduce((sum, some, cell) => sum + some * (weights[cell] ?? 0), 0)
