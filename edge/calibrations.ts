/**
 * Calibration at work: what an installer teaches the station about a camera becomes an event, and the running vision process and the
 * zones follow at once. A still that is handed out for counting leaves one number here, what the model says of it; never the picture.
 */
import { randomBytes } from 'node:crypto'
import type { Config } from './config.ts'
import {
  type CalibrationEvent,
  type CameraCalibration,
  decideGround,
  decideScale,
  decideUndo,
  outlinesOf,
  stillsFor,
  untaught
} from './domain/camera-calibration.ts'
import { scaleOf } from './domain/count-calibration.ts'
import { area, type Point } from './domain/polygon.ts'
import type { Refusal } from './domain/refusal.ts'
import type { Zone } from './domain/zone.ts'
import type { DutyRoom } from './duty.ts'
import type { CameraConfig, OpenedCameras } from './ingest/cameras.ts'
import type { OpenedPreview } from './ingest/preview.ts'
import type { Answer, CalibrationNow, Calibrations, Clock } from './ports.ts'

/** Somebody who counts five hundred heads needs a while; who has gone home does not come back for it. */
const still_waits_ms = 2 * 3_600_000
const most_stills_waiting = 50

export type CalibrationParts = {
  readonly config: Pick<Config, 'cameras'>
  readonly clock: Clock
  readonly duty: Pick<DutyRoom, 'state' | 'desk' | 'floor'>
  readonly cameras: Pick<OpenedCameras, 'still' | 'teach' | 'model'>
  readonly preview: Pick<OpenedPreview, 'teach'>
}

/** As station.yaml has it and the journal overrides it. */
export const taughtCamera = <Of extends Pick<CameraConfig, 'ground' | 'masks'>>(
  camera: Of,
  { grounds, scales }: CameraCalibration = untaught
): Of & Pick<CameraConfig, 'scale'> => {
  const [now, scale] = [grounds.at(-1), scales.at(-1)]
  return { ...camera, ...(now && { ground: now.ground, masks: now.masks }), ...(scale && { scale }) }
}

/** An outline that was drawn brings its own area: nobody has to measure the floor as well. */
export const taughtZone = (zone: Zone, outlines: ReadonlyMap<string, readonly Point[]>): Zone => {
  const outline = outlines.get(zone.id)
  return outline === undefined ? zone : { ...zone, outline, area_m2: area(outline) }
}

export const openCalibrations = ({ config, clock, duty, cameras, preview }: CalibrationParts, zones: readonly Zone[]): Calibrations => {
  const waiting = new Map<string, { camera: string; estimate: number; model: string; at: number }>()
  const of = (camera: string): CameraCalibration => duty.state.calibrations.get(camera) ?? untaught
  const known = (camera: string) => config.cameras.find(({ id }) => id === camera)
  const zonesNow = (): readonly Zone[] => {
    const outlines = outlinesOf(duty.state.calibrations.values())
    return zones.map(zone => taughtZone(zone, outlines))
  }

  const now = (id: string): CalibrationNow | undefined => {
    const camera = known(id)
    if (camera === undefined) return undefined
    const { grounds, scales } = of(id)
    const model = cameras.model()
    const stills = stillsFor(scales.at(-1), model?.sha256)
    const { ground = [], masks = [] } = taughtCamera(camera, of(id))
    return {
      camera: id,
      zone: camera.zone,
      ground,
      masks,
      zones: zonesNow().map(({ id: zone, name, area_m2, outline }) => ({ zone, name, area_m2, ...(outline && { outline }) })),
      changes: grounds.map(({ by, at }) => ({ by, at })),
      stills,
      counts: scales.map(({ by, at }) => ({ by, at })),
      ...(model && { scale: scaleOf(stills, model.band) })
    }
  }

  const teach = (id: string, decided: { readonly events: readonly CalibrationEvent[] } | Refusal): Answer<CalibrationNow> => {
    const camera = known(id)
    if ('refused' in decided) return decided
    if (camera === undefined) return { refused: 'no_such_camera' }
    const kept = duty.desk.record(decided.events)
    duty.floor.reshape(zonesNow())
    const taught = taughtCamera(camera, of(id))
    preview.teach(taught)
    cameras.teach(
      taught,
      zonesNow().flatMap(({ id: zone, outline }) => (outline === undefined ? [] : [{ id: zone, outline }]))
    )
    return { state: now(id) as CalibrationNow, kept }
  }

  return {
    now,
    still: async (id, by, reason) => {
      const still = await cameras.still(id, true)
      if ('failed' in still) return still
      const at = clock.now()
      for (const [name, { at: since }] of waiting)
        if (at - since > still_waits_ms || waiting.size >= most_stills_waiting) waiting.delete(name)
      const name = randomBytes(9).toString('base64url')
      const { jpeg, picture, estimate } = still
      const model = cameras.model()?.sha256
      if (estimate !== undefined && model !== undefined) waiting.set(name, { camera: id, estimate, model, at })
      return { jpeg, picture, estimate, still: name, noted: duty.desk.record([{ type: 'still_taken', id, at, by, reason }]) }
    },
    calibrate: (id, ground, by) =>
      ground.zones.some(({ zone }) => !zones.some(one => one.id === zone))
        ? { refused: 'no_such_zone' }
        : teach(id, decideGround(ground, by, id, clock.now())),
    scale: (id, counted, by) => {
      const stills = counted.map(({ still, heads }) => ({ heads, ...waiting.get(still) }))
      const [first] = stills
      // Of another camera, too long ago, or by weights that are no longer in use: none of these may be mixed in.
      if (first?.model === undefined || stills.some(({ camera, model }) => camera !== id || model !== first.model))
        return { refused: 'still_is_gone' }
      const scale = { model: first.model, stills: stills.map(({ heads, estimate = 0 }) => ({ heads, estimate })) }
      const answer = teach(id, decideScale(of(id), scale, by, id, clock.now()))
      if (!('refused' in answer)) for (const { still } of counted) waiting.delete(still)
      return answer
    },
    undo: (id, what, by) => teach(id, decideUndo(of(id), what, by, id, clock.now()))
  }
}
