import fc from 'fast-check'
import t from 'tap'
import { checkGround, gridOf } from '../../edge/domain/ground-check.ts'
import { area, crossesItself, hull, inside, type Point } from '../../edge/domain/polygon.ts'
import { pointsOf, syntheticCamera } from '../support/synthetic-camera.ts'

const square: readonly Point[] = [
  [-2, 5],
  [2, 5],
  [2, 9],
  [-2, 9]
]
const five: readonly Point[] = [...square, [0.7, 6.4]]

t.test('good points fit to the millimetre, check each other, and put the camera where it hangs', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 1200 }),
      fc.integer({ min: 3, max: 12 }),
      fc.integer({ min: 25, max: 55 }),
      (f, high_m, tilt_deg) => {
        const camera = syntheticCamera({ f, high_m, tilt_deg })
        const { off_cm, left_out_cm, pose, fit_error_cm = 1 } = checkGround(pointsOf(camera, five), camera)
        const height_m = Math.abs(pose?.height_m ?? 0)
        return (
          fit_error_cm < 0.1 &&
          [...off_cm, ...(left_out_cm ?? [1])].every(cm => cm === null || cm < 0.1) &&
          Math.abs(height_m / high_m - 1) < 0.01 &&
          Math.hypot(...(pose?.at ?? [9, 9])) < 0.05 * high_m
        )
      }
    ),
    { numRuns: 300 }
  )
})

t.test('what is wrong with points is named', async t => {
  const camera = syntheticCamera()
  const doubtsOf = (points: Parameters<typeof checkGround>[0]) => checkGround(points, camera).doubts
  t.strictSame(doubtsOf(pointsOf(camera, five)), [])
  t.strictSame(doubtsOf(pointsOf(camera, square.slice(0, 3))), ['too_few'])
  t.strictSame(doubtsOf(pointsOf(camera, square)), ['unchecked'])
  const line: readonly Point[] = [5, 6, 7, 8, 9].map(y => [0, y])
  t.strictSame(doubtsOf(pointsOf(camera, line)), ['on_one_line'])
  const off = pointsOf(camera, five).with(4, { px: camera.px(0.7, 6.4), m: [1.3, 6.4] })
  t.ok(doubtsOf(off).includes('off'), 'measured 60 cm beside')
  const swapped = pointsOf(camera, five)
  const [a, b] = [swapped[0], swapped[1]]
  if (a === undefined || b === undefined) throw new Error('no points')
  t.ok(doubtsOf(swapped.with(0, { px: a.px, m: b.m }).with(1, { px: b.px, m: a.m })).includes('off'), 'two points swapped')
  const feet = pointsOf(syntheticCamera({ high_m: 20 }), five).map(({ px, m: [x, y] }) => ({ px, m: [x * 3.28, y * 3.28] as const }))
  t.strictSame(doubtsOf(feet), ['high'], 'feet taken for metres')
  const tiny: readonly Point[] = five.map(([x, y]) => [x / 20, 7 + (y - 7) / 20])
  t.ok(doubtsOf(pointsOf(camera, tiny)).includes('narrow'))
})

t.test('the metre grid lies on the ground that was measured, never above the horizon', async t => {
  const camera = syntheticCamera()
  const points = pointsOf(camera, five)
  const { ground } = checkGround(points, camera)
  if (ground === undefined) throw new Error('no ground')
  const lines = gridOf(ground, points, camera, 1)
  t.ok(lines.length >= 8 && lines.length <= 200)
  const across = lines.find(({ along, metres }) => along === 'x' && metres === 7)
  const [first] = across?.px ?? []
  t.ok(first && Math.abs(first[1] - camera.px(0, 7)[1]) < 0.01, 'the line of 7 m is where 7 m are')
  for (const { px } of lines) for (const [x, y] of px) t.ok(x >= 0 && x <= 640 && y >= 0 && y <= 480)
})

t.test('polygons know their area, what lies in them, and when they are none', async t => {
  t.equal(area(square), 16)
  t.equal(area([...square].reverse()), 16)
  t.ok(inside(square, 0, 7))
  t.notOk(inside(square, 3, 7))
  t.notOk(crossesItself(square))
  t.ok(crossesItself([square[0], square[2], square[1], square[3]] as Point[]))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })), { minLength: 3 }), points => {
      const around = hull(points)
      const [x, y] = [0, 1].map(k => points.reduce((sum, point) => sum + (point[k as 0] ?? 0), 0) / points.length) as [number, number]
      return !crossesItself(around) && (area(around) < 1e-9 || area(around) <= 2500) && (area(around) < 1 || inside(around, x, y))
    })
  )
})
