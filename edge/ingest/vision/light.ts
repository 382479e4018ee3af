/** The light of a picture, cell by cell: coarse enough to be compared twice a second, fine enough that a person far away changes it. */
import type { Size } from './view.ts'

export const cell_px = 8

export type Light = { readonly wide: number; readonly high: number; readonly cells: Float32Array }

/** Mean of each 8 × 8 cell of the picture. Green alone is most of the light, and a third of the memory to read. */
export const lightOf = (rgb: Uint8Array, width: number, content: Size): Light => {
  const [wide, high] = [content.width >> 3, content.height >> 3]
  const cells = new Float32Array(wide * high)
  for (let y = 0, cell = 0; y < high; y++)
    for (let x = 0; x < wide; x++, cell++) {
      let sum = 0
      for (let row = 1; row < cell_px; row += 2) {
        let i = ((y * cell_px + row) * width + x * cell_px) * 3 + 1
        for (let column = 0; column < cell_px; column += 2, i += 6) sum += rgb[i] ?? 0
      }
      cells[cell] = sum / 16
    }
  return { wide, high, cells }
}
