/** What a camera makes of counted cells: people inside what it may count, their error, and density where the ground is known. */
import type { CellMap, Model } from '../../../models/model.ts'
import { calibrate } from '../../domain/ground.ts'
import type { Scene } from '../../domain/scene.ts'
import { type DensityMap, densityMap } from './density.ts'
import type { CameraOrder } from './messages.ts'
import { cellWeights, type View } from './view.ts'

export type Looker = (cells: CellMap, view: View, at: number) => Omit<Scene, 'took_ms'>

/** Weights and ground depend on the layout alone, so they are made once per layout. */
export const openLooker = (order: CameraOrder, model: Pick<Model, 'cell_px' | 'error'>): Looker => {
  let known: { view: View; weights: Float32Array; density: DensityMap | undefined } | undefined
  return (cells, view, at) => {
    if (known?.view !== view) {
      const weights = cellWeights(view, order.masks, model.cell_px)
      const ground = order.ground.length < 4 ? undefined : calibrate(order.ground, view.source)
      known = { view, weights, density: ground && densityMap(ground, view, weights, model.cell_px) }
    }
    const { weights, density } = known
    const people_count = cells.people.reduce((sum, people, i) => sum + people * (weights[i] ?? 0), 0)
    const density_per_m2 = density?.highest(cells.people)
    return {
      camera: order.id,
      at,
      people_count,
      people_count_error: model.error(people_count),
      ...(density === undefined || density_per_m2 === undefined ? {} : { density_per_m2, seen_m2: density.seen_m2 })
    }
  }
}
