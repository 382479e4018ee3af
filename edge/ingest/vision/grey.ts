/** A small grey picture: enough to see where things moved, too little to see who. It is overwritten by the next and leaves nothing. */
import type { View } from './view.ts'

export type Grey = { readonly width: number; readonly height: number; readonly light: Uint8Array }

/** Canvas pixels to one grey pixel, each way: 1024 × 768 becomes 256 × 192, where a walker moves 2 or 3 pixels in a tenth of a second. */
export const shrink = 4

/** Every block's mean of its green, which is most of what an eye calls bright. Of a block's 16 pixels 8 are read, in a chequer. */
export const greyOf = (rgb: Uint8Array, { canvas, content }: View): Grey => {
  const [width, height] = [Math.floor(content.width / shrink), Math.floor(content.height / shrink)]
  const light = new Uint8Array(width * height)
  const row = canvas.width * 3
  let to = 0
  for (let y = 0; y < height; y++) {
    let at = y * shrink * row + 1
    for (let x = 0; x < width; x++, at += shrink * 3) {
      const sum = pair(rgb, at) + pair(rgb, at + row + 3) + pair(rgb, at + 2 * row) + pair(rgb, at + 3 * row + 3)
      light[to++] = sum >> 3
    }
  }
  return { width, height, light }
}

const pair = (rgb: Uint8Array, at: number): number => (rgb[at] as number) + (rgb[at + 6] as number)
