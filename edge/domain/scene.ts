import type { Unsure } from './count-gate.ts'

/**
 * All that vision may say of a picture: how many, how dense, how sure. There is no field for a face, a plate, a box
 * around a person or an id to follow, and none may be added: the next room only ever sees this.
 */
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
}
