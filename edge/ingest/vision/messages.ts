/** What the station and its vision process say to each other. Numbers and sentences; the one picture is the still that was asked for. */

import type { CameraScale } from '../../domain/camera-calibration.ts'
import type { Band } from '../../domain/count-calibration.ts'
import type { BudgetNow } from '../../domain/frame-budget.ts'
import type { GroundPoint } from '../../domain/ground.ts'
import type { Scene } from '../../domain/scene.ts'
import type { CameraState } from '../../domain/vocabulary.ts'
import type { Still } from '../../ports.ts'
import type { Line } from './crossing.ts'
import type { ZoneOutline } from './fusion.ts'
import type { Point } from './view.ts'

/** A camera as the vision process gets it, credential included: over this channel only, never by argument or environment. */
export type CameraOrder = {
  readonly id: string
  readonly url: string
  readonly password: string | undefined
  readonly fps: number
  readonly ground: readonly GroundPoint[]
  readonly masks: readonly (readonly Point[])[]
  readonly lines?: readonly Line[]
  readonly size_px: Point | undefined
  /** Of this camera, counted by hand: what its counts are multiplied with, and how far they may be off. */
  readonly scale: CameraScale | undefined
}

export type CameraCount = {
  readonly camera: string
  /** Pictures that arrive a second. */
  readonly fps: number
  /** Pictures a second that are counted at most. */
  readonly fps_given: number
  /** What one of them keeps a counting thread busy for; 0 until one was counted. */
  readonly ms_per_picture: number
  readonly frames_total: number
  readonly frames_skipped_total: number
  readonly restarts_total: number
}

export type ToVision =
  | {
      readonly type: 'start'
      readonly cameras: readonly CameraOrder[]
      /** Zones whose outline on the ground is known. */
      readonly zones: readonly ZoneOutline[]
      readonly model: string | undefined
      readonly models: string
      /** Where models lie that an engineer brought. */
      readonly packs: string | undefined
      readonly ffmpeg: string
      /** How many pictures are counted at once. */
      readonly threads: number
      /** A model that takes longer than this for a picture is hung. */
      readonly hung_ms: number
      /** Cameras that a vision process before this one had let in: they stay in. */
      readonly admitted: readonly string[]
    }
  /** Cameras whose zone is near a limit, and how late the station itself is. */
  | { readonly type: 'attend'; readonly near: readonly string[]; readonly late_ms: number }
  | { readonly type: 'accept'; readonly camera: string }
  | { readonly type: 'still'; readonly ask: number; readonly camera: string; readonly counted: boolean }
  /** An installer drew or counted something: it holds from the next picture on. */
  | ({ readonly type: 'teach'; readonly camera: string; readonly zones: readonly ZoneOutline[] } & Pick<
      CameraOrder,
      'ground' | 'masks' | 'scale'
    >)

export type FromVision =
  | { readonly type: 'ready' }
  | {
      readonly type: 'model'
      readonly trouble: string | undefined
      readonly inUse?: { readonly sha256: string; readonly band: Band }
    }
  /** The model does not come back. A thread cannot be ended in the middle of a `run()`, so the whole process has to go. */
  | { readonly type: 'hung'; readonly over: string; readonly after_ms: number }
  | {
      readonly type: 'beat'
      readonly cameras: readonly CameraCount[]
      readonly counters: Readonly<Record<string, number>>
      readonly budget: BudgetNow
    }
  | { readonly type: 'state'; readonly camera: string; readonly state: CameraState; readonly why: string }
  | { readonly type: 'scene'; readonly scene: Scene }
  | { readonly type: 'still'; readonly ask: number; readonly still?: Still; readonly failed?: string }
