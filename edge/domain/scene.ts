import type { Unsure } from './count-gate.ts'

/**
 * All that vision may say of a picture: how many, how dense, how sure. There is no field for a face, a plate, a box
 * around a person or an id to follow, and none may be added: the next room only ever sees this.
 */
import type { MotionLevel } from './crowd-motion.ts'

export type Scene = {
  readonly camera: string
  /** When the picture reached the station, epoch ms. */
  readonly at: number
  readonly people_count: number
  /** Half width of the interval that holds the true count four times in five (count-calibration.ts). */
  readonly people_count_error: number
  /** Highest local density on the calibrated ground, p/m²; absent when the camera has no ground calibration. */
  readonly density_per_m2?: number
  /** Ground the camera sees and does not mask, m²; absent without calibration. */
  readonly seen_m2?: number
  /** The same for each zone whose outline the camera sees; ground that two cameras see is shared between them. */
  readonly zones?: readonly ZoneSight[]
  /** Why this count is not to be believed (count-gate.ts). */
  readonly unsure?: Unsure
  /** Of all that it sees. */
  readonly motion?: Motion
  readonly lines?: readonly LineFlow[]
  /** From the picture's arrival to this scene. */
  readonly took_ms: number
}

export type ZoneSight = {
  readonly zone: string
  readonly people_count: number
  readonly people_count_error: number
  /** Ground of the zone that this camera answers for, m². */
  readonly seen_m2: number
  readonly density_per_m2?: number
  readonly motion?: Motion
}

/** How people moved over the last seconds, by place and never by person. Absent where pictures come too far apart to tell. */
export type Motion = {
  /** Mean over people; in pixels of the camera's own picture where the ground is not known. */
  readonly speed_m_per_s?: number
  readonly speed_px_per_s?: number
  /** Where they go on the whole, clockwise: 0 along y of the ground (up in the picture), 90 along x (right). Absent where they go all ways. */
  readonly direction_degrees?: number
  /** Density times variance of velocity, where both are highest. */
  readonly crowd_pressure_per_s2?: number
  readonly motion_level?: MotionLevel
}

/** How many crossed a line in each direction during the last minute. */
export type LineFlow = { readonly line: string; readonly zone: string; readonly in_per_min: number; readonly out_per_min: number }
