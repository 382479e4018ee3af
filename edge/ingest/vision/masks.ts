/**
 * Privacy masks: what may not be looked at is black before anything looks, a person taking a still included. Outwards to whole
 * pixels and one row more, because a picture that was scaled has smeared what lay beside the edge.
 */
import type { Point } from '../../domain/polygon.ts'
import { onCanvas, type View } from './view.ts'

/** Row, first and last + 1 column, in pixels of the canvas. */
type Span = readonly [y: number, from: number, to: number]

/** Paints over rgb24 in place. Worked out once a layout; a frame then costs one fill a row (0.1 ms for a third of 1024 × 768). */
export const maskPainter = (view: View, masks: readonly (readonly Point[])[]): ((rgb: Uint8Array) => void) => {
  const spans = masks.flatMap(mask =>
    spansOf(
      mask.map(point => onCanvas(view, point)),
      view.content
    )
  )
  const { width } = view.canvas
  return rgb => {
    for (const [y, from, to] of spans) rgb.fill(0, (y * width + from) * 3, (y * width + to) * 3)
  }
}

const spansOf = (polygon: readonly Point[], { width, height }: View['content']): readonly Span[] => {
  const ys = polygon.map(([, y]) => y)
  const [top, low] = [Math.max(0, Math.floor(Math.min(...ys)) - 1), Math.min(height - 1, Math.ceil(Math.max(...ys)) + 1)]
  const spans: Span[] = []
  for (let y = top; y <= low; y++)
    // Three lines through each row, and the rows beside it: a corner between two lines is not missed.
    for (const line of [y - 1, y - 0.5, y, y + 0.5, y + 1, y + 1.5, y + 2]) {
      const crossings = crossingsAt(polygon, line)
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.floor(crossings[i] ?? 0) - 1)
        const to = Math.min(width, Math.ceil(crossings[i + 1] ?? 0) + 1)
        if (from < to) spans.push([y, from, to])
      }
    }
  return joined(spans)
}

const crossingsAt = (polygon: readonly Point[], line: number): readonly number[] => {
  const found: number[] = []
  let [px, py] = polygon.at(-1) ?? [0, 0]
  for (const [qx, qy] of polygon) {
    if (py > line !== qy > line) found.push(((px - qx) * (line - qy)) / (py - qy) + qx)
    px = qx
    py = qy
  }
  return found.sort((a, b) => a - b)
}

/** Spans of one row that touch are one. */
const joined = (spans: readonly Span[]): readonly Span[] => {
  const whole: [number, number, number][] = []
  for (const [y, from, to] of [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = whole.at(-1)
    if (last !== undefined && last[0] === y && from <= last[2]) last[2] = Math.max(last[2], to)
    else whole.push([y, from, to])
  }
  return whole
}
