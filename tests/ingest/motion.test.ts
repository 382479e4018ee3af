/** How people move, seen in pictures: real paths drawn with a known truth, and a real square with its annotation. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { evolvePatch, type MotionSight, type Patch, startPatch } from '../../edge/domain/crowd-motion.ts'
import { displacement } from '../../edge/ingest/vision/displacement.ts'
import { ffmpegArgs } from '../../edge/ingest/vision/ffmpeg.ts'
import { greyOf } from '../../edge/ingest/vision/grey.ts'
import type { CameraOrder } from '../../edge/ingest/vision/messages.ts'
import { openMover, type Seen } from '../../edge/ingest/vision/motion.ts'
import { openMovement } from '../../edge/ingest/vision/movement.ts'
import { openPairs } from '../../edge/ingest/vision/pairs.ts'
import { fitView, type Point } from '../../edge/ingest/vision/view.ts'
import { data, needsData } from '../support/data.ts'
import { needs } from '../support/needs.ts'
import { square_files } from '../support/square.ts'
import { hermesWalk, openStage, streetWalk, type Walk, type Walker } from '../support/walkers.ts'

t.setTimeout(180_000)
const apart_s = 0.1875
const counted_every_s = 0.5
const stage = openStage([
  [-2, 5],
  [2, 5],
  [2, 9],
  [-2, 9],
  [0, 7]
])
const order: CameraOrder = {
  id: 'cam-1',
  url: '',
  password: undefined,
  fps: 2,
  ground: stage.ground,
  masks: [],
  lines: [],
  size_px: undefined,
  scale: undefined
}
/** Straight away from the camera: who goes from left to right goes in. */
const gate = {
  id: 'gate',
  zone: 'hall',
  m: [
    [0, 3],
    [0, 12]
  ] as [Point, Point]
}

type Watched = { readonly seen: Seen; readonly speed_m_per_s: number; readonly people: number }
/** Shows the walk to a mover twice a second, with people where they truly are, so that movement alone is judged. */
const watch = (at: (seconds: number) => Iterable<Walker>, from_s: number, seconds: number, lines: CameraOrder['lines'] = []) => {
  const mover = openMover({ ...order, lines }, 8)
  const watched: Watched[] = []
  for (let now = from_s; now < from_s + seconds; now += counted_every_s) {
    const [people, later] = [[...at(now)], new Map([...at(now + apart_s)].map(one => [one.id, one]))]
    mover.counted(stage.heads(people), stage.view)
    const [before, after] = [greyOf(stage.draw(people), stage.view), greyOf(stage.draw(later.values()), stage.view)]
    mover.moved({ field: displacement(before, after, mover.wants), seconds: apart_s }, now * 1000)
    const speeds = people.filter(stage.visible).flatMap(one => {
      const then = later.get(one.id)
      return then === undefined ? [] : [Math.hypot(then.x - one.x, then.y - one.y) / apart_s]
    })
    watched.push({ seen: mover.seen(now * 1000), speed_m_per_s: mean(speeds), people: speeds.length })
  }
  return watched
}
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const judged = (t: Test, watched: readonly Watched[]): { readonly mae: number; readonly truth: number; readonly said: number } => {
  const pairs = watched.filter(({ people, seen }) => people >= 3 && seen.motion?.speed_m_per_s !== undefined)
  t.ok(pairs.length > 0.7 * watched.length, `${pairs.length} of ${watched.length} moments say a speed`)
  const said = pairs.map(({ seen }) => seen.motion?.speed_m_per_s ?? 0)
  const truth = pairs.map(({ speed_m_per_s }) => speed_m_per_s)
  return { mae: mean(said.map((speed, i) => Math.abs(speed - (truth[i] ?? 0)))), truth: mean(truth), said: mean(said) }
}
const crossed = (walk: Walk, from_s: number, to_s: number): { in: number; out: number } => {
  const count = { in: 0, out: 0 }
  for (let now = from_s; now < to_s; now += 1 / 16)
    for (const [id, one] of walk.at(now)) {
      const then = walk.at(now + 1 / 16).get(id)
      if (then === undefined || one.y < gate.m[0][1] || one.y > gate.m[1][1]) continue
      if (one.x < 0 && then.x >= 0) count.in++
      if (one.x >= 0 && then.x < 0) count.out++
    }
  return count
}

const corridor = 'flows/HERMES/Corridor-1D/uo-180-180-180.txt'
const bottleneck = 'flows/HERMES/Corridor-2D/bot-360-120-120.txt'
for (const [name, file, from_s, direction, within] of [
  ['a corridor', corridor, 12, 270, 0.1],
  ['a corridor that people enter from both ends', bottleneck, 14, undefined, 0.25]
] as const)
  t.test(`in ${name} the speed, the direction and how many pass are what the laboratory measured`, needsData(file), async t => {
    const walk = hermesWalk(data(file) ?? '', [0, 5])
    const seconds = 24
    const watched = watch(now => walk.at(now).values(), from_s, seconds, [gate])
    const { mae, truth, said } = judged(t, watched)
    const last = watched.at(-1)?.seen
    const passed = crossed(walk, from_s, from_s + seconds)
    const true_flow = { in: (passed.in * 60) / seconds, out: (passed.out * 60) / seconds }
    const flow = last?.lines?.[0] ?? { in_per_min: -9, out_per_min: -9 }
    t.comment({ truth, said, mae, flow, true_flow, motion: last?.motion })
    t.ok(mae < 0.08, `mean error ${mae.toFixed(3)} m/s of ${truth.toFixed(2)}`)
    t.ok(Math.abs(flow.out_per_min - true_flow.out) < within * true_flow.out, `${flow.out_per_min} a minute go out, truly ${true_flow.out}`)
    t.ok(Math.abs(flow.in_per_min - true_flow.in) < within * true_flow.in + 2, `${flow.in_per_min} a minute go in, truly ${true_flow.in}`)
    const said_direction = last?.motion?.direction_degrees
    t.ok(direction === undefined ? said_direction === undefined : Math.abs((said_direction ?? 0) - direction) < 10, `${said_direction}`)
    t.ok((last?.motion?.motion_level ?? 4) <= 1, 'and it is no danger')
  })

const street = 'flows/UCY/students03/obsmat.txt'
t.test('in a street where people go all ways, the speed is right and each side of a line has its own flow', needsData(street), async t => {
  const walk = streetWalk(data(street) ?? '', [0, 12])
  const [from_s, seconds] = [20, 24]
  const watched = watch(now => walk.at(now).values(), from_s, seconds, [gate])
  const { mae, truth, said } = judged(t, watched)
  const passed = crossed(walk, from_s, from_s + seconds)
  const true_flow = { in: (passed.in * 60) / seconds, out: (passed.out * 60) / seconds }
  const flow = watched.at(-1)?.seen.lines?.[0]
  t.comment({ truth, said, mae, flow, true_flow })
  t.ok(mae < 0.2, `mean error ${mae.toFixed(3)} m/s of ${truth.toFixed(2)}`)
  t.ok(Math.abs((flow?.in_per_min ?? 0) - true_flow.in) < 0.25 * true_flow.in + 3, `in ${flow?.in_per_min}, truly ${true_flow.in}`)
  t.ok(Math.abs((flow?.out_per_min ?? 0) - true_flow.out) < 0.25 * true_flow.out + 3, `out ${flow?.out_per_min}, truly ${true_flow.out}`)
})

/** As many as 4 on a square metre, moved by `by` from where they stood. */
const packed = (by: (walker: Walker, seconds: number) => Point) => {
  const people: Walker[] = []
  for (let x = -4; x < 4; x += 0.5)
    for (let y = 4.5; y < 10; y += 0.5)
      people.push({ id: people.length + 1, x: x + 0.07 * Math.sin(9 * y), y: y + 0.07 * Math.sin(7 * x), tall_m: 1.7 })
  return (seconds: number): Walker[] =>
    people.map(one => {
      const [x, y] = by(one, seconds)
      return { ...one, x: one.x + x, y: one.y + y }
    })
}

t.test('four on a square metre who stand or creep together press nobody; the same four who are thrown about do', async t => {
  const pressure = (by: (walker: Walker, seconds: number) => Point) => {
    const { motion } = watch(packed(by), 0, 3).at(-1)?.seen ?? {}
    return { speed: motion?.speed_m_per_s ?? 9, pressure: motion?.crowd_pressure_per_s2 ?? 9 }
  }
  const standing = pressure(() => [0, 0])
  const creeping = pressure((_, s) => [0.1 * s, 0])
  // Blocks of a metre, each its own way: 0.3 m/s of root mean square, as pushes go through a crowd.
  const thrown = pressure(({ x, y }, s) => {
    const phase = 2.1 * Math.floor(x / 1.2) + 3.7 * Math.floor(y / 1.2)
    return [0.12 * Math.sin(2.5 * s + phase), 0.12 * Math.sin(2.8 * s + 2 * phase)]
  })
  t.comment({ standing, creeping, thrown })
  t.ok(standing.speed < 0.05 && standing.pressure < 0.05)
  t.ok(Math.abs(creeping.speed - 0.1) < 0.06 && creeping.pressure < 0.1)
  t.ok(thrown.pressure > 0.2, `${thrown.pressure}`)
})

t.test('a level is reached after seconds, kept over a lull, and needs waves and not one start', async t => {
  const run = (speeds: readonly (readonly [seconds: number, speed: number, pressure?: number])[], density_per_m2: number) => {
    let patch: Patch = startPatch
    const levels: number[] = []
    let at = 0
    for (const [seconds, speed_m_per_s, pressure_per_s2 = 0] of speeds)
      for (let i = 0; i < seconds * 2; i++, at += 500) {
        const sight: MotionSight = { at, density_per_m2, speed_m_per_s, pressure_per_s2 }
        patch = evolvePatch(patch, sight)
        levels.push(patch.level)
      }
    return { highest: Math.max(...levels), last: levels.at(-1) }
  }
  t.strictSame(run([[60, 1]], 3), { highest: 0, last: 0 }, 'a dense crowd that walks')
  t.strictSame(run([[60, 0.5]], 2.2), { highest: 1, last: 1 }, 'one that slows down')
  t.strictSame(run([[60, 0.1]], 3.2), { highest: 2, last: 2 }, 'one that stands')
  t.strictSame(run([[4, 0.1]], 3.2), { highest: 0, last: 0 }, 'not after four seconds')
  t.equal(
    run(
      [
        [20, 0.05],
        [20, 0.5],
        [20, 0.05]
      ],
      3.2
    ).highest,
    2,
    'one start is a train that came'
  )
  const waves = [
    [12, 0.05],
    [8, 0.5],
    [12, 0.05],
    [8, 0.5],
    [12, 0.05],
    [8, 0.5],
    [12, 0.05]
  ] as const
  t.equal(run(waves, 3.2).highest, 3, 'three within two minutes are waves')
  t.equal(run(waves, 1.5).highest, 0, 'where there is room, people stop and go as they like')
  t.strictSame(run([[10, 0.3, 0.5]], 5), { highest: 4, last: 4 }, 'thrown about')
  t.strictSame(
    run(
      [
        [10, 0.3, 0.5],
        [25, 1.2]
      ],
      5
    ),
    { highest: 4, last: 4 },
    'a lull of 25 s does not end it'
  )
  t.strictSame(
    run(
      [
        [10, 0.3, 0.5],
        [40, 1.2]
      ],
      5
    ),
    { highest: 4, last: 0 },
    'one of 40 s does'
  )
})

t.test('a count that takes longer than the second picture is no reason to look for people where they were before', async t => {
  const model = { cell_px: 8, sha256: '', band: { absolute: 1, relative: 0, scores: [], most_people: 100, of_sha256: '' } }
  const unsent = (at: number) => ({ camera: 'cam-1', at, people_count: 1, people_count_error: 1 })
  /** One person far to the left, then one far to the right who walks away; five pictures a second, every other is counted. */
  const speeds = [false, true].map(late => {
    const movement = openMovement(order, model, undefined)
    let speed: number | undefined
    for (let n = 0; n < 25; n += 2) {
      const walker: Walker = n < 14 ? { id: 1, x: -1.5, y: 6, tall_m: 1.7 } : { id: 1, x: 1.5, y: 5.5 + (n - 14) * 0.2, tall_m: 1.7 }
      const next = n < 14 ? walker : { ...walker, y: walker.y + 0.2 }
      const show = (one: Walker, number: number): void =>
        movement.came({ rgb: stage.draw([one]), view: stage.view, at: number * 200 }, number)
      const tell = (): void => {
        speed = movement.added(unsent(n * 200 + 200), stage.heads([walker]), stage.view).motion?.speed_m_per_s
      }
      show(walker, n)
      movement.counting({ rgb: stage.draw([walker]), view: stage.view, at: n * 200 }, n)
      if (!late) tell()
      show(next, n + 1)
      tell()
    }
    return speed
  })
  t.ok((speeds[0] ?? 0) > 0.3, `${speeds}`)
  t.equal(speeds[0], speeds[1])
})

t.test('the time between two pictures is the camera’s own pace, also when they arrive in bursts', async t => {
  const view = fitView({ width: 640, height: 480 })
  const rgb = new Uint8Array(view.canvas.width * view.canvas.height * 3)
  /** Pictures of a camera of `fps`, held up for up to `burst_ms` on their way. */
  const play = (fps: number, burst_ms: number, views = view) => {
    const pairs = openPairs()
    const seconds: number[] = []
    for (let number = 1; number < 12 * fps; number++) {
      const now = Math.ceil((number * 1000) / fps / burst_ms) * burst_ms
      const pair = pairs.came(rgb, number % 7 === 0 ? views : view, number, now)
      if (pair !== undefined) seconds.push(pair(() => false).seconds)
      if (number % Math.max(1, Math.round(fps / 2)) === 0) pairs.first(rgb, view, number)
    }
    return seconds
  }
  for (const [fps, expected] of [
    [25, 0.2],
    [10, 0.2],
    [5, 0.2]
  ] as const) {
    const seconds = play(fps, 120)
    t.ok(seconds.length > 10, `${fps} pictures a second: ${seconds.length} pairs`)
    t.ok(
      seconds.slice(-10).every(one => Math.abs(one - expected) < 0.015),
      `${fps}: ${seconds.at(-1)}`
    )
  }
  t.equal(play(2, 1).length, 0, 'two a second show no movement')
})

t.test(
  'on the annotated square, people go where the annotation says they go',
  { ...needs('ffmpeg'), ...needsData(...square_files) },
  async t => {
    const { width, height, frames } = JSON.parse(readFileSync(data(square_files[1]) ?? '', 'utf8')) as {
      width: number
      height: number
      frames: { boxes: [x: number, y: number, w: number, h: number][] }[]
    }
    const view = fitView({ width, height })
    const size = view.canvas.width * view.canvas.height * 3
    const pictures = 400
    const { args } = ffmpegArgs('file', data(square_files[0]) ?? '', view.canvas, { fps: 'all' })
    const cut = [...args.slice(0, -1), '-frames:v', `${pictures}`, 'pipe:1']
    const clip = spawnSync('ffmpeg', cut, { maxBuffer: (pictures + 1) * size, stdio: ['ignore', 'pipe', 'ignore'] }).stdout
    const grey = (frame: number) => greyOf(clip.subarray(frame * size, (frame + 1) * size), view)
    const scale = view.content.width / width
    const apart = 2
    const found: { readonly truth: Point; readonly said: Point }[] = []
    for (let frame = 0; frame + apart < pictures; frame += 5) {
      const field = displacement(grey(frame), grey(frame + apart))
      for (const [x, y, w, h] of frames[frame]?.boxes ?? []) {
        const there = (frames[frame + apart]?.boxes ?? [])
          .map(([bx, by, bw, bh]): Point => [bx + bw / 2 - x - w / 2, by + bh / 2 - y - h / 2])
          .sort((a, b) => Math.hypot(...a) - Math.hypot(...b))[0]
        if (there === undefined || Math.hypot(...there) > 40) continue
        const inBox: Point[] = []
        for (let cell = 0; cell < field.sure.length; cell++) {
          const at: Point = [(((cell % field.columns) + 0.5) * 16) / scale, ((Math.floor(cell / field.columns) + 0.5) * 16) / scale]
          if (field.sure[cell] === 1 && at[0] > x && at[0] < x + w && at[1] > y && at[1] < y + h / 2)
            inBox.push([(field.dx[cell] ?? 0) / scale, (field.dy[cell] ?? 0) / scale])
        }
        if (inBox.length > 0) found.push({ truth: there, said: [mean(inBox.map(([dx]) => dx)), mean(inBox.map(([, dy]) => dy))] })
      }
    }
    const walking = found.filter(({ truth }) => Math.hypot(...truth) > 3)
    const angles = walking
      .map(({ truth: [tx, ty], said: [x, y] }) => Math.abs(Math.atan2(tx * y - ty * x, tx * x + ty * y)) * (180 / Math.PI))
      .sort((a, b) => a - b)
    const within = angles.filter(angle => angle < 45).length / angles.length
    const median = angles[Math.floor(angles.length / 2)] ?? 180
    const length = mean(walking.map(({ said }) => Math.hypot(...said))) / mean(walking.map(({ truth }) => Math.hypot(...truth)))
    t.comment({ people: walking.length, median_angle: median, within_45_degrees: within, length })
    t.ok(walking.length > 150, `${walking.length} walkers`)
    t.ok(median < 15 && within > 0.85, `median ${median.toFixed(1)}°, ${(100 * within).toFixed(0)} % within 45°`)
    t.ok(length > 0.8 && length < 1.1, `they go ${(100 * length).toFixed(0)} % as far as the annotation says`)
  }
)
