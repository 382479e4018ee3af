import t from 'tap'
import { apply, calibrate, type GroundPoint, head_height_m, homography } from '../../edge/domain/ground.ts'
import { densityMap } from '../../edge/ingest/vision/density.ts'
import { cellWeights, fitInto, fitView, type Point } from '../../edge/ingest/vision/view.ts'
import { syntheticCamera as camera, pointsOf } from '../support/synthetic-camera.ts'

const corners: readonly Point[] = [
  [-2, 5],
  [2, 5],
  [2, 9],
  [-2, 9]
]
const groundPoints = (cam: ReturnType<typeof camera>, at = corners): GroundPoint[] => pointsOf(cam, at)
const near = (a: Point, b: Point, within: number): boolean => Math.hypot(a[0] - b[0], a[1] - b[1]) < within

t.test('four points of the ground fix every other one', async t => {
  const cam = camera()
  const matrix = homography(groundPoints(cam))
  if (matrix === undefined) throw new Error('no homography')
  for (const at of [
    [0, 7],
    [-1, 5.5],
    [3, 12]
  ] as const)
    t.ok(near(apply(matrix, cam.px(at[0], at[1])), at, 1e-6), `${at}`)
})

t.test('more points than needed are averaged, and say how well they fit', async t => {
  const cam = camera()
  const grid: Point[] = [-2, -1, 0, 1, 2].flatMap(x => [5, 6, 7, 8, 9].map((y): Point => [x, y]))
  const shaken = groundPoints(cam, grid).map(({ px, m }, i) => ({ px: [px[0] + (i % 3) - 1, px[1] + (i % 2) - 0.5] as Point, m }))
  const ground = calibrate(shaken, cam)
  if (ground === undefined) throw new Error('no calibration')
  t.ok(ground.fit_error_m > 0.001 && ground.fit_error_m < 0.05, `${ground.fit_error_m} m`)
  t.ok(near(apply(ground.toGround, cam.px(0, 7)), [0, 7], 0.05))
})

t.test('points that cannot fix a ground are no calibration', async t => {
  const cam = camera()
  t.equal(calibrate(groundPoints(cam).slice(0, 3), cam), undefined, 'three points')
  t.equal(
    calibrate(
      groundPoints(cam, [
        [0, 5],
        [0, 6],
        [0, 7],
        [0, 8]
      ]),
      cam
    ),
    undefined,
    'four on one line'
  )
  t.equal(calibrate(Array(4).fill({ px: [1, 1], m: [1, 1] }), cam), undefined, 'the same point four times')
  t.equal(calibrate([], cam), undefined, 'none')
})

t.test('a head is put where its feet stand, whatever the lens, the height, the tilt and the hand of the coordinates', async t => {
  for (const options of [{}, { f: 400, tilt_deg: 50 }, { f: 1500, high_m: 9, tilt_deg: 25 }, { high_m: 3, tilt_deg: 30 }])
    for (const mirrored of [false, true]) {
      const cam = camera(options)
      const hand = ([x, y]: Point): Point => (mirrored ? [-x, y] : [x, y])
      const ground = calibrate(
        groundPoints(cam).map(({ px, m }) => ({ px, m: hand(m) })),
        cam
      )
      if (ground === undefined) throw new Error('no calibration')
      for (const at of [
        [0, 7],
        [1.5, 8]
      ] as const) {
        const head = cam.px(at[0], at[1], head_height_m)
        t.ok(near(apply(ground.heads, head), hand(at), 0.02), JSON.stringify({ ...options, mirrored, at }))
        t.notOk(near(apply(ground.toGround, head), hand(at), 0.5), 'on the ground plane it would lie more than half a metre behind')
      }
    }
})

t.test('from straight above, where the lens cannot be known, heads are still lifted by about the right amount', async t => {
  const cam = camera({ f: 640, tilt_deg: 90, high_m: 6 })
  const ground = calibrate(
    groundPoints(cam, [
      [-2, -1.5],
      [2, -1.5],
      [2, 1.5],
      [-2, 1.5]
    ]),
    cam
  )
  if (ground === undefined) throw new Error('no calibration')
  t.ok(near(apply(ground.heads, cam.px(1, 1, head_height_m)), [1, 1], 0.15))
})

t.test('people on a known ground come out at their true density', async t => {
  const cam = camera()
  const view = fitView({ width: cam.width, height: cam.height })
  const ground = calibrate(groundPoints(cam), cam)
  if (ground === undefined) throw new Error('no calibration')
  const weights = cellWeights(view, [], 8)
  const map = densityMap(ground, view, weights, 8)
  /** Spread as fine as dust, so that the map is tested and not the luck of where people stand. */
  const crowd = (per_m2: number, x0: number, x1: number, y0: number, y1: number): Float32Array => {
    const cells = new Float32Array(weights.length)
    const step = 0.05
    for (let x = x0 + step / 2; x < x1; x += step)
      for (let y = y0 + step / 2; y < y1; y += step) {
        const [u, v] = cam.px(x, y, head_height_m)
        const cell = Math.floor((v * 1.6) / 8) * (view.canvas.width / 8) + Math.floor((u * 1.6) / 8)
        if (cell >= 0 && cell < cells.length) cells[cell] = (cells[cell] ?? 0) + per_m2 * step ** 2
      }
    return cells
  }
  t.equal(map.highest(new Float32Array(weights.length)), 0, 'nobody is nobody')
  for (const per_m2 of [1, 4]) {
    const everywhere = map.highest(crowd(per_m2, -2, 2, 5, 9)) ?? 0
    t.ok(Math.abs(everywhere - per_m2) < 0.1 * per_m2, `${everywhere} of ${per_m2} p/m²`)
  }
  const knot = map.highest(crowd(4, -1.5, 1.5, 6, 9)) ?? 0
  t.ok(knot > 3.6 && knot < 4.4, `a knot of 3 × 3 m is not thinned by the empty floor around it: ${knot}`)
  t.ok(map.seen_m2 > 40 && map.seen_m2 < 400, `seen ${map.seen_m2} m²`)
})

t.test('what is masked is neither counted nor seen', async t => {
  const cam = camera()
  const view = fitView({ width: cam.width, height: cam.height })
  const ground = calibrate(groundPoints(cam), cam)
  if (ground === undefined) throw new Error('no calibration')
  const half = cellWeights(
    view,
    [
      [
        [0, 0],
        [320, 0],
        [320, 480],
        [0, 480]
      ]
    ],
    8
  )
  const all = cellWeights(view, [], 8)
  const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0)
  t.equal(sum(half) * 2, sum(all))
  const [seenHalf, seenAll] = [densityMap(ground, view, half, 8).seen_m2, densityMap(ground, view, all, 8).seen_m2]
  t.ok(Math.abs(seenHalf * 2 - seenAll) < 0.02 * seenAll)
})

t.test('a picture is laid out at its own aspect, and padding counts for nothing', async t => {
  for (const [source, content, canvas] of [
    [
      [1024, 768],
      [1024, 768],
      [1024, 768]
    ],
    [
      [1920, 1080],
      [1024, 576],
      [1024, 576]
    ],
    [
      [640, 480],
      [1024, 768],
      [1024, 768]
    ],
    [
      [704, 576],
      [939, 768],
      [960, 768]
    ],
    [
      [1080, 1920],
      [432, 768],
      [448, 768]
    ],
    [
      [3000, 10],
      [1024, 3],
      [1024, 32]
    ]
  ] as const) {
    const view = fitView({ width: source[0], height: source[1] })
    t.strictSame([view.content.width, view.content.height], content, `${source}`)
    t.strictSame([view.canvas.width, view.canvas.height], canvas, `${source}`)
    const counted = cellWeights(view, [], 8).reduce((a, b) => a + b, 0) * 64
    t.ok(Math.abs(counted - content[0] * content[1]) <= 0.02 * content[0] * content[1] + 1024 * 2, 'only the picture is counted')
  }
  t.strictSame(
    fitInto({ width: 1920, height: 1080 }, { width: 1024, height: 768 }).canvas,
    { width: 1024, height: 576 },
    'empty rows are left out'
  )
  t.strictSame(
    fitInto({ width: 480, height: 640 }, { width: 1024, height: 768 }).canvas,
    { width: 1024, height: 768 },
    'empty columns stay'
  )
})
