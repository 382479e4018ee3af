/**
 * Pixels in memory. Exactly two files import this type, and a house test holds them to it: `camera.ts`, which receives the
 * picture, and `counter.ts`, which counts and lets it go. Nothing that leaves the vision process has room for one.
 */
import type { View } from './view.ts'

export type Frame = {
  readonly rgb: Uint8Array
  readonly view: View
  /** When the last byte of it arrived, epoch ms. */
  readonly at: number
}
