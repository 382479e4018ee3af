import t from 'tap'
import { calibrate } from '../../edge/domain/ground.ts'
import type { Point } from '../../edge/domain/polygon.ts'
import { evolveZone, startZone, type Zone, zoneNow } from '../../edge/domain/zone.ts'
import { openFusion } from '../../edge/ingest/vision/fusion.ts'
import { openLooker } from '../../edge/ingest/vision/look.ts'
import type { CameraOrder } from '../../edge/ingest/vision/messages.ts'
import { fitView } from '../../edge/ingest/vision/view.ts'
import { pointsOf, syntheticCamera } from '../support/synthetic-camera.ts'

/** Two cameras side by side on one mast line; their pictures overlap in the middle. */
const cell_px = 8
const source = { width: 640, height: 480 }
const view = fitView(source, [640, 480])
const columns = view.canvas.width / cell_px
const model = { cell_px, band: { absolute: 0.001, relative: 0.1, scores: [], most_people: 1000, of_sha256: '' }, sha256: '' }
const zone: Zone = {
  id: 'hall',
  name: '大厅',
  use: 'waiting',
  area_m2: 24,
  outline: [
    [-3, 5],
    [3, 5],
    [3, 9],
    [-3, 9]
  ]
}
const row: Zone = { ...zone, id: 'row', area_m2: 24, outline: zone.outline?.map(([x, y]) => [x, y + 4] as const) ?? [] }

const cameraAt = (id: string, x: number) => {
  const { px, ...lens } = syntheticCamera({ high_m: 5, tilt_deg: 35 })
  const at = (gx: number, gy: number, z = 0): Point => px(gx - x, gy, z)
  const ground = [
    [-2, 5],
    [2, 5],
    [2, 9],
    [-2, 9],
    [0.7, 6.4]
  ].map(([gx = 0, gy = 0]) => ({ px: at(gx + x, gy), m: [gx + x, gy] as const }))
  const order: CameraOrder = { id, url: 'x', password: undefined, fps: 2, ground, masks: [], size_px: undefined, scale: undefined }
  /** What the model would answer for heads that stand there. */
  const count = (people: readonly Point[]): { columns: number; rows: number; people: Float32Array } => {
    const cells = new Float32Array((view.canvas.width / cell_px) * (view.canvas.height / cell_px))
    for (const [gx, gy] of people) {
      const [u, v] = at(gx, gy, 1.6)
      if (u < 0 || v < 0 || u >= lens.width || v >= lens.height) continue
      const cell = Math.floor(v / cell_px) * columns + Math.floor(u / cell_px)
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    return { columns, rows: view.canvas.height / cell_px, people: cells }
  }
  return { order, count }
}
/** A lattice of people, 4 a square metre. */
const crowd: readonly Point[] = Array.from({ length: 40 * 40 }, (_, i): Point => [(i % 40) / 2 - 9.75, Math.floor(i / 40) / 2 + 3.25])
const inZone = ({ outline = [] }: Zone): number => {
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)]
  return crowd.filter(([x, y]) => x >= Math.min(...xs) && x < Math.max(...xs) && y >= Math.min(...ys) && y < Math.max(...ys)).length
}

const station = (xs: readonly number[]) => {
  const fusion = openFusion([zone, row].map(({ id, outline = [] }) => ({ id, outline })))
  const cameras = xs.map((x, i) => ({ ...cameraAt(`cam-${i}`, x) }))
  const lookers = cameras.map(({ order }) => openLooker(order, model, fusion))
  const see = (at: number, only = cameras.map((_, i) => i)) => {
    for (const [i, { order }] of cameras.entries()) fusion.sees(order.id, only.includes(i))
    // The first look lays out the ground, the second knows what the others see.
    for (const i of only) lookers[i]?.(cameras[i]?.count(crowd) as never, view, at)
    return only.map(i => lookers[i]?.(cameras[i]?.count(crowd) as never, view, at))
  }
  return { see }
}
const people = (scenes: ReturnType<ReturnType<typeof station>['see']>, id: string): number =>
  scenes.reduce((sum, scene) => sum + (scene?.zones?.find(one => one.zone === id)?.people_count ?? 0), 0)

t.test('the cameras of these tests are calibrated as an installer would', async t => {
  t.ok(calibrate(pointsOf(syntheticCamera(), zone.outline ?? []), source))
})

t.test('people whom two cameras see are counted once, each for the zone that they stand in', async t => {
  const { see } = station([-1.5, 1.5])
  const both = see(1000)
  const alone = both.map(scene => scene?.people_count ?? 0)
  t.ok((alone[0] ?? 0) + (alone[1] ?? 0) > 1.3 * people(both, 'hall'), 'together they see many twice')
  for (const one of [zone, row]) {
    const seen_m2 = both.reduce((sum, scene) => sum + (scene?.zones?.find(sight => sight.zone === one.id)?.seen_m2 ?? 0), 0)
    const [counted, truth] = [people(both, one.id), inZone(one)]
    const all = counted * (one.area_m2 / seen_m2)
    t.ok(Math.abs(all / truth - 1) < 0.08, `${one.id}: ${counted.toFixed(1)} on ${seen_m2.toFixed(1)} m², so ${all.toFixed(1)} of ${truth}`)
  }
})

t.test('when one of them no longer sees, the other answers for the shared ground at once', async t => {
  const { see } = station([-0.5, 0.5])
  const both = people(see(1000), 'hall')
  const left = people(see(2000, [1]), 'hall')
  t.ok(Math.abs(left / both - 1) < 0.15, `${both.toFixed(1)} with two, ${left.toFixed(1)} with one`)
})

t.test('a density is not halved by a second camera', async t => {
  const { see } = station([-0.5, 0.5])
  const [scene] = see(1000)
  const density = scene?.zones?.find(one => one.zone === 'hall')?.density_per_m2 ?? 0
  t.ok(density > 3.5 && density < 5.5, `${density.toFixed(2)} p/m² where 4 stand`)
})

t.test('what no camera sees is taken to be as full as what they see, and is said to be a guess', async t => {
  const seen = (seen_m2: number, value: number) => {
    const reading = { device: 'cam-1', zone: 'hall', at: 0, quality: 'good' as const, quantity: 'people_count' as const, value }
    return zoneNow(zone, evolveZone(zone, startZone(0), reading, 2, seen_m2), 0)
  }
  t.match(seen(24, 40), { people_count: 40, people_count_error: 2 })
  t.match(seen(12, 40), { people_count: 80, people_count_error: Math.hypot(2, 40) }, 'half of it is seen')
  t.match(seen(4, 40), { people_count: 40 }, 'a corner says nothing of the rest')
})
