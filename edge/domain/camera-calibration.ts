/**
 * What an installer taught the station about a camera: where its pixels lie on the ground, what it may not look at, which zones it
 * sees, and stills counted by hand. It lies in the journal, over what station.yaml says, with who and when; the last step can be
 * taken back. Numbers only: no picture is ever part of it.
 */
import { type CountedStill, most_stills } from './count-calibration.ts'
import type { GroundPoint } from './ground.ts'
import { checkGround } from './ground-check.ts'
import { area, crossesItself, type Point } from './polygon.ts'
import type { Refusal } from './refusal.ts'

export type Outlined = { readonly zone: string; readonly outline: readonly Point[] }
/** Everything in pixels of the camera's own picture, outlines in metres of its ground. */
export type CameraGround = {
  readonly picture: { readonly width: number; readonly height: number }
  readonly ground: readonly GroundPoint[]
  readonly masks: readonly (readonly Point[])[]
  readonly zones: readonly Outlined[]
}
/** An estimate belongs to the weights that made it. */
export type CameraScale = { readonly model: string; readonly stills: readonly CountedStill[] }

type Of = { readonly id: string; readonly at: number; readonly by: string }
export type CalibrationEvent =
  | (Of & { readonly type: 'camera_calibrated' } & CameraGround)
  | (Of & { readonly type: 'camera_scaled' } & CameraScale)
  | (Of & { readonly type: 'camera_calibration_undone'; readonly what: Taught })
export type Taught = 'ground' | 'scale'

type Signed = { readonly by: string; readonly at: number }
/** Oldest first; the last one holds. */
export type CameraCalibration = {
  readonly grounds: readonly (CameraGround & Signed)[]
  readonly scales: readonly (CameraScale & Signed)[]
}
export const untaught: CameraCalibration = { grounds: [], scales: [] }

/** As many steps back as anybody would take; before them lies station.yaml. */
const steps_kept = 10

export const decideGround = (
  ground: CameraGround,
  by: string,
  camera: string,
  at: number
): { readonly events: readonly CalibrationEvent[] } | Refusal => {
  const { doubts } = checkGround(ground.ground, ground.picture)
  // No points at all take the ground away; anything in between is a slip.
  if (ground.ground.length > 0 && (doubts.includes('too_few') || doubts.includes('on_one_line'))) return { refused: 'ground_not_fixed' }
  if (ground.ground.length === 0 && ground.zones.length > 0) return { refused: 'outline_without_ground' }
  if ([...ground.masks, ...ground.zones.map(({ outline }) => outline)].some(polygon => polygon.length < 3 || crossesItself(polygon)))
    return { refused: 'outline_crosses_itself' }
  if (ground.zones.some(({ outline }) => area(outline) < least_zone_m2)) return { refused: 'outline_too_small' }
  return { events: [{ type: 'camera_calibrated', id: camera, at, by, ...ground }] }
}
const least_zone_m2 = 1

/** What is new is added to what was counted before for the same weights; the oldest go. */
export const decideScale = (
  before: CameraCalibration,
  counted: CameraScale,
  by: string,
  camera: string,
  at: number
): { readonly events: readonly CalibrationEvent[] } | Refusal => {
  if (counted.stills.length === 0) return { refused: 'nothing_counted' }
  const earlier = before.scales.at(-1)
  const stills = [...(earlier?.model === counted.model ? earlier.stills : []), ...counted.stills].slice(-most_stills)
  return { events: [{ type: 'camera_scaled', id: camera, at, by, model: counted.model, stills }] }
}

export const decideUndo = (
  before: CameraCalibration,
  what: Taught,
  by: string,
  camera: string,
  at: number
): { readonly events: readonly CalibrationEvent[] } | Refusal =>
  (what === 'ground' ? before.grounds : before.scales).length === 0
    ? { refused: 'nothing_to_undo' }
    : { events: [{ type: 'camera_calibration_undone', id: camera, at, by, what }] }

export const evolveCalibration = (before: CameraCalibration, event: CalibrationEvent): CameraCalibration => {
  switch (event.type) {
    case 'camera_calibrated': {
      const { type: _, id: _id, ...ground } = event
      return { ...before, grounds: [...before.grounds, ground].slice(-steps_kept) }
    }
    case 'camera_scaled': {
      const { type: _, id: _id, ...scale } = event
      return { ...before, scales: [...before.scales, scale].slice(-steps_kept) }
    }
    case 'camera_calibration_undone':
      return event.what === 'ground'
        ? { ...before, grounds: before.grounds.slice(0, -1) }
        : { ...before, scales: before.scales.slice(0, -1) }
  }
}

/** The outline of each zone, by whoever drew it last. */
export const outlinesOf = (calibrations: Iterable<CameraCalibration>): ReadonlyMap<string, readonly Point[]> => {
  const newest = [...calibrations].flatMap(({ grounds }) => grounds.slice(-1)).sort((a, b) => a.at - b.at)
  return new Map(newest.flatMap(({ zones }) => zones.map(({ zone, outline }) => [zone, outline] as const)))
}

/** Stills count for the weights that counted them; others leave the model as it is. */
export const stillsFor = (scale: CameraScale | undefined, model: string | undefined): readonly CountedStill[] =>
  scale !== undefined && scale.model === model ? scale.stills : []
