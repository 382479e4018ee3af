/** A way from a camera to its viewers: one of two, both with the same hands. */
import type { LiveFormat } from '../../ports.ts'
import type { CameraOrder } from '../vision/messages.ts'
import type { Part } from './parts.ts'

export type LaneHands = {
  readonly begins: (format: LiveFormat) => void
  readonly part: (part: Part) => void
  /** Pictures that were let go because the encoder was still busy with the one before. */
  readonly skipped: () => void
  /** No more will come, and why. `other`: this camera cannot be shown on this lane at all. Called once, never after `stop`. */
  readonly ended: (why: string, other?: boolean) => void
}
export type Lane = {
  readonly stop: () => void
  /** Processes of this lane that run now. */
  readonly pids: () => readonly number[]
}
export type OpenLane = (order: CameraOrder, hands: LaneHands, ffmpeg: string) => Lane
