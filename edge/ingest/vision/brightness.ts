/** How light a picture is where it may be looked at: in the dark the model counts nobody, and says so with a small error. */
import type { View } from './view.ts'

/** Every fourth point of every fourth row: a fraction of a millisecond. */
const step = 4

/** Mean light out of 255; black masks are not darkness, and what is all masked is not dark. */
export const brightness = (rgb: Uint8Array, { canvas, content }: View, weights: Float32Array, cell_px: number): number => {
  const columns = canvas.width / cell_px
  let [n, sum] = [0, 0]
  for (let y = 0; y < content.height; y += step)
    for (let x = 0; x < content.width; x += step) {
      if ((weights[Math.floor(y / cell_px) * columns + Math.floor(x / cell_px)] ?? 0) < 1) continue
      const i = (y * canvas.width + x) * 3
      n++
      sum += 0.3 * (rgb[i] ?? 0) + 0.59 * (rgb[i + 1] ?? 0) + 0.11 * (rgb[i + 2] ?? 0)
    }
  return n === 0 ? 255 : sum / n
}
