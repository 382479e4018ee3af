/** A way to show what the station sends of a camera: one for H.264, one for MPEG-1. */
export type Player = {
  /** A part as it was sent, and when the station had it from the camera (0: a description without a picture). */
  readonly take: (bytes: Uint8Array<ArrayBuffer>, at: number) => void
  /** When the picture that is on the screen now came from the camera; nothing while there is none. */
  readonly shown_at: () => number | undefined
  readonly close: () => void
}
