/**
 * All that vision may say of a picture: how many, how dense, how sure. There is no field for a face, a plate, a box
 * around a person or an id to follow, and none may be added: the next room only ever sees this.
 */
export type Scene = {
  readonly camera: string
  /** When the picture reached the station, epoch ms. */
  readonly at: number
  readonly people_count: number
  /** Half width of the interval that should hold the true count about nine times in ten. */
  readonly people_count_error: number
  /** Highest local density on the calibrated ground, p/m²; absent when the camera has no ground calibration. */
  readonly density_per_m2?: number
  /** Ground the camera sees and does not mask, m²; absent without calibration. */
  readonly seen_m2?: number
  /** From the picture's arrival to this scene. */
  readonly took_ms: number
}
