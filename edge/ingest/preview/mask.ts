/** Privacy masks as black pixels: what a mask covers must not reach a screen, not even by the edge that scaling smears. */
import { onCanvas, type Point, type View } from '../vision/view.ts'

/** Painted this far beyond its edge: bicubic scaling carries two pixels of what lies outside over the edge, and back. */
const grown_px = 2

export type Paint = (rgb: Uint8Array) => void

/** For pictures of `width` × `height` whose top left is that of the view; made once per layout. */
export const masksOn = (view: View, masks: readonly (readonly Point[])[], width: number, height: number): Paint => {
  const spans: { readonly from: number; readonly to: number }[] = []
  for (const mask of masks) {
    const polygon = mask.map(point => onCanvas(view, point))
    for (let y = 0; y < height; y++)
      for (const [left, right] of covered(polygon, y)) {
        const from = Math.max(0, left)
        const to = Math.min(width, right)
        if (to > from) spans.push({ from: (y * width + from) * 3, to: (y * width + to) * 3 })
      }
  }
  return rgb => {
    for (const { from, to } of spans) rgb.fill(0, from, to)
  }
}

/** What a polygon covers of a row and its neighbours (even-odd, as the counting does), widened. */
const covered = (polygon: readonly Point[], row: number): [number, number][] => {
  const found: [number, number][] = []
  for (let y = row - grown_px; y <= row + 1 + grown_px; y += 0.5) {
    const crossings: number[] = []
    let [px, py] = polygon.at(-1) ?? [0, 0]
    for (const [qx, qy] of polygon) {
      if (py > y !== qy > y) crossings.push(px + ((y - py) * (qx - px)) / (qy - py))
      px = qx
      py = qy
    }
    crossings.sort((a, b) => a - b)
    for (let i = 0; i + 1 < crossings.length; i += 2)
      found.push([Math.floor(crossings[i] as number) - grown_px, Math.ceil(crossings[i + 1] as number) + grown_px])
  }
  return found
}
