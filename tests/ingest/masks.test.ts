import fc from 'fast-check'
import t from 'tap'
import { inside, type Point } from '../../edge/domain/polygon.ts'
import { maskPainter } from '../../edge/ingest/vision/masks.ts'
import { fitView, onCanvas } from '../../edge/ingest/vision/view.ts'

const source = { width: 320, height: 240 }
const view = fitView(source, [256, 192])
const { width, height } = view.canvas
const painted = (masks: readonly (readonly Point[])[]): ((x: number, y: number) => boolean) => {
  const rgb = new Uint8Array(width * height * 3).fill(200)
  maskPainter(view, masks)(rgb)
  return (x, y) => [0, 1, 2].every(k => rgb[(y * width + x) * 3 + k] === 0)
}

/** How far a point is from the nearest edge, for slivers that no probe hits. */
const nearEdge = (polygon: readonly Point[], x: number, y: number): boolean =>
  polygon.some((from, i) => {
    const to = polygon[(i + 1) % polygon.length] ?? from
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
    const part = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1)))
    return Math.hypot(from[0] + part * dx - x, from[1] + part * dy - y) < 4
  })

t.test('every pixel of a mask is black, whatever its shape, and little beside it', async t => {
  const corner = fc.tuple(fc.integer({ min: -40, max: 360 }), fc.integer({ min: -40, max: 280 }))
  let seen = 0
  fc.assert(
    fc.property(fc.array(corner, { minLength: 3, maxLength: 7 }), mask => {
      const black = painted([mask])
      const on = mask.map(point => onCanvas(view, point))
      const around = (x: number, y: number, by: number): boolean =>
        [-by, 0, by].some(dx => [-by, 0, by].some(dy => inside(on, x + 0.5 + dx, y + 0.5 + dy)))
      for (let y = 0; y < view.content.height; y++)
        for (let x = 0; x < view.content.width; x++) {
          if (inside(on, x + 0.5, y + 0.5)) {
            seen++
            if (!black(x, y)) return false
          }
        }
      // A mask far away blackens nothing here.
      return around(5, 5, 60) || around(5, 5, 30) || around(5, 5, 10) || !black(5, 5) || nearEdge(on, 5, 5)
    }),
    { numRuns: 150 }
  )
  t.ok(seen > 10_000, `${seen} pixels looked at`)
})

t.test('a picture without masks stays as it is', async t => {
  const black = painted([])
  t.notOk(black(0, 0))
  t.notOk(black(100, 100))
})
