/**
 * P15: how late the station's loop is while pictures are counted, against counting in the loop itself.
 * P16: one picture from bytes to people, our uint8 graph against the same network with a float input and the usual JavaScript loop.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ort from 'onnxruntime-node'
import sharp, { type Sharp } from 'sharp'
import crowdlite from '../../models/crowdlite/model.ts'
import { signIn } from '../support/box.ts'
import { until } from '../support/until.ts'
import { floatGraph } from './float-graph.ts'
import { type Bench, compare, type Figure, median, quantile, type Skipped, sleep } from './measure.ts'
import { askOf, helper, openStationSide } from './sides.ts'

const [width, height] = [1024, 768]
const weights = fileURLToPath(new URL(`../../models/crowdlite/${crowdlite.file}`, import.meta.url))
const watched_ms = 4000

export default async (bench: Bench): Promise<readonly (Figure | Skipped)[]> => [await perFrame(bench), await lateness(bench)]

const picture = (): Promise<Buffer> =>
  sharp(fileURLToPath(new URL('../../models/crowdlite/golden/picture.png', import.meta.url)))
    .removeAlpha()
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer()

const perFrame = async (bench: Bench): Promise<Figure> => {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' } as const
  const bytes = readFileSync(weights)
  const ours = await ort.InferenceSession.create(bytes, options)
  const floats = await ort.InferenceSession.create(floatGraph(bytes), options)
  const rgb = await picture()
  const input = new Float32Array(rgb.length)
  const pixels = width * height
  const normalise = (): ort.Tensor => {
    for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) input[c * pixels + i] = (rgb[i * 3 + c] as number) / 255
    return new ort.Tensor('float32', input, [1, 3, height, width])
  }
  const runs = {
    ours: () => ours.run({ frame: new ort.Tensor('uint8', rgb, [1, height, width, 3]) }),
    reference: () => floats.run({ frame: normalise() })
  }
  const difference = await Promise.all([runs.ours(), runs.reference()]).then(([a, b]) =>
    largest(a.density?.data as Float32Array, b.density?.data as Float32Array)
  )
  if (difference > 1e-4) throw new Error(`the float graph answers otherwise, by ${difference} people in a cell`)
  const cost = async (run: () => Promise<unknown>): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < 8; i++) {
      const before = process.cpuUsage()
      await run()
      const { user, system } = process.cpuUsage(before)
      times.push((user + system) / 1000)
    }
    return median(times)
  }
  const seen = { reference: [] as number[], again: [] as number[], ours: [] as number[] }
  for (let round = 0; round < bench.rounds; round++) {
    seen.reference.push(await cost(runs.reference))
    seen.ours.push(await cost(runs.ours))
    seen.again.push(await cost(runs.reference))
  }
  const blocked = (() => {
    const from = performance.now()
    for (let i = 0; i < 5; i++) normalise()
    return (performance.now() - from) / 5
  })()
  const figure = compare(
    { id: 'P16', what: `bytes → people, CPU of one ${width}×${height} picture`, unit: 'ms', goal: '≤ 0.85×, same output', limit: 0.85 },
    seen.reference,
    seen.again,
    seen.ours
  )
  bench.say(
    `P16: ${figure.ours.toFixed(1)} ms against ${figure.reference.toFixed(1)} ms (of it ${blocked.toFixed(1)} ms JavaScript loop); outputs differ by ${difference.toExponential(0)}`
  )
  bench.say(`P16: ${(1000 / figure.ours).toFixed(1)} frames/s per core against ${(1000 / figure.reference).toFixed(1)}`)
  return figure
}

const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, one, i) => Math.max(most, Math.abs(one - (b[i] ?? Number.NaN))), 0)

/** Two pictures of 1024×768, half a second each: a camera that needs neither FFmpeg nor a file of somebody else's. */
const recording = async (dir: string): Promise<string> => {
  const rgb = await picture()
  const page = (of: Sharp): Promise<Buffer> => of.png().toBuffer()
  const raw = (): Sharp => sharp(rgb, { raw: { width, height, channels: 3 } })
  const file = join(dir, 'camera.webp')
  await sharp([await page(raw()), await page(raw().flop())], { join: { animated: true } })
    .webp({ delay: [500, 500], loop: 0, quality: 60 })
    .toFile(file)
  return file
}

const lateness = async (bench: Bench): Promise<Figure> => {
  mkdirSync(join(bench.dir, 'camera'))
  const url = await recording(join(bench.dir, 'camera'))
  const preload = fileURLToPath(new URL('./lateness.ts', import.meta.url))
  const seen = { reference: [] as number[], again: [] as number[], station: [] as number[] }
  const watch = async (ask: (order: object) => Promise<{ late: number[] }>): Promise<number> => {
    await sleep(500)
    await ask({})
    await sleep(watched_ms)
    return quantile((await ask({})).late, 0.99)
  }
  const onMain = async (into: number[]): Promise<void> => {
    const child = await helper(bench, './main-thread.ts', [weights, String(width), String(height)])
    const ask = askOf<object, { late: number[] }>(child)
    await ask({})
    into.push(await watch(ask))
    child.disconnect()
  }
  for (let round = 0; round < bench.rounds; round++) {
    await onMain(seen.reference)
    // Not pinned: the station's loop and its vision process share the machine as the system likes.
    const station = await openStationSide(
      bench,
      1,
      { cameras: [{ id: 'cam-1', zone: 'platform-1', fps: 2, url }] },
      { NODE_OPTIONS: `--import tsx --import ${preload}` },
      '0-1'
    )
    const session = await signIn(station.box.url, 'installer', station.box.password)
    const counted = async (): Promise<boolean> =>
      (await session.get<{ people_count: number | null }[]>('/api/zones')).some(zone => zone.people_count !== null)
    await until(counted, 'the camera is counted', 30_000)
    seen.station.push(await watch(askOf<object, { late: number[] }>(station.child)))
    station.child.kill('SIGTERM')
    await until(() => station.child.exitCode !== null || station.child.signalCode !== null, 'the station ends', 8000)
    await onMain(seen.again)
  }
  const within = (ratio: number, ours: number): boolean => ratio <= 0.4 && ours <= 10
  const what = `timer lateness p99, model at 2 fps ${width}×${height}`
  const figure = compare(
    { id: 'P15', what, unit: 'ms', goal: '≤ 0.40× and ≤ 10 ms', limit: within },
    seen.reference,
    seen.again,
    seen.station
  )
  bench.say(`P15: ${figure.ours.toFixed(1)} ms in the station against ${figure.reference.toFixed(1)} ms with run() on the main thread`)
  return figure
}
