/** Where a camera's pictures come from: one way a file, all with the same hands, so that the camera need not know which. */
import type { CameraOrder } from './messages.ts'
import type { Size, View } from './view.ts'

export type Hands = {
  /** Says how large the camera's own pictures are; answers how they lie on a canvas: the given one less its empty rows, or the best. */
  readonly lay: (source: Size, canvas?: Size) => View
  /** Hands over one canvas of rgb24. Answers a buffer that nobody looks at any more, if there is one, to be filled next. */
  readonly picture: (rgb: Uint8Array) => Uint8Array | undefined
  /** The time that the camera put on a picture which has just come, seconds since whenever it began to count; also of one that is let go. */
  readonly timed: (shown_s: number) => void
  /** Pictures that arrived and were let go unopened because a newer one was there. */
  readonly skipped: (pictures: number) => void
  /** No more pictures will come, and why. Called once, never after `stop`. */
  readonly ended: (why: string) => void
  /** The recording is one photograph: it may stay the same for ever. */
  readonly photograph: () => void
  /** How many pictures a second are counted now: more need not be fetched. */
  readonly fps: () => number
  /** Nearer to each other than this, pictures of a stream need not be handed over. */
  readonly apart_s: number
}

export type Source = { readonly stop: () => void }
export type OpenSource = (order: CameraOrder, hands: Hands, ffmpeg: string) => Source
