/** Movement of one camera from its pictures to its scenes, beside the counting: what the vision process holds for it. */
import type { CellMap, Model } from '../../../models/model.ts'
import { stillsFor } from '../../domain/camera-calibration.ts'
import { scaleOf } from '../../domain/count-calibration.ts'
import type { Scene } from '../../domain/scene.ts'
import type { Fusion } from './fusion.ts'
import type { CameraOrder } from './messages.ts'
import { openMover } from './motion.ts'
import { openPairs, type Pair } from './pairs.ts'
import type { View } from './view.ts'

type Picture = { readonly rgb: Uint8Array; readonly view: View; readonly at: number }
type Unsent = Omit<Scene, 'took_ms'>

export type Movement = {
  /** This picture, the so-many-eth of the stream, is about to be counted. */
  readonly counting: (picture: Picture, number: number) => void
  /** One that came: though nobody counts it, it may show what has moved since the counted one. */
  readonly came: (picture: Picture, number: number) => void
  /** The scene of a counted picture, with how people moved until then. */
  readonly added: (scene: Unsent, cells: CellMap, view: View) => Unsent
}

export const openMovement = (
  order: CameraOrder,
  model: Pick<Model, 'cell_px' | 'band' | 'sha256'>,
  fusion: Fusion | undefined
): Movement => {
  const pairs = openPairs()
  const mover = openMover(order, model.cell_px, fusion)
  const { gain } = scaleOf(stillsFor(order.scale, model.sha256), model.band)
  /** Where a count takes long, the second picture is there before it is known where people were on the first. */
  let counted = false
  let early: { readonly pair: Pair; readonly at: number } | undefined
  return {
    counting: ({ rgb, view }, number) => {
      pairs.first(rgb, view, number)
      counted = false
      early = undefined
    },
    came: ({ rgb, view, at }, number) => {
      const pair = pairs.came(rgb, view, number, at)
      if (pair === undefined) return
      if (counted) mover.moved(pair(mover.wants), at)
      else early = { pair, at }
    },
    added: (scene, cells, view) => {
      mover.counted(gain === 1 ? cells : { ...cells, people: cells.people.map(some => some * gain) }, view)
      counted = true
      if (early !== undefined) mover.moved(early.pair(mover.wants), early.at)
      early = undefined
      const { zones: motions, ...seen } = mover.seen(scene.at)
      const zones = scene.zones?.map(sight => {
        const motion = motions.get(sight.zone)
        return motion === undefined ? sight : { ...sight, motion }
      })
      return { ...scene, ...(zones && { zones }), ...seen }
    }
  }
}
