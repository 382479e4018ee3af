/**
 * How well a model counts, through the very pipeline of the station (same decoder, same canvas, same runtime, same sums):
 *   node --import tsx models/evaluate.ts crowdlite --images FOLDER [--only a.jpg,b.jpg]      FOLDER/points.json: { "a.jpg": [[x, y], …] }
 *   node --import tsx models/evaluate.ts crowdlite --clip FILE --truth FILE [--every 5]      truth: { frames: [{ frame, boxes: [[x, y, w, h], …] }] }
 * Options: --size 1024x768, --weights FILE (another file in place of the model's own), --pack FOLDER (a model that you bring), --json.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Counter, openCounter } from '../edge/ingest/vision/counter.ts'
import { ffmpegArgs } from '../edge/ingest/vision/ffmpeg.ts'
import { openLooker } from '../edge/ingest/vision/look.ts'
import { readPack } from '../edge/ingest/vision/pack.ts'
import { layPicture, readSize } from '../edge/ingest/vision/picture.ts'
import { fitView, type Point, type View } from '../edge/ingest/vision/view.ts'
import type { Model } from './model.ts'

type Pair = { readonly name: string; readonly counted: number; readonly truth: number; readonly error: number; readonly ran_ms: number }

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string' },
    only: { type: 'string' },
    clip: { type: 'string' },
    truth: { type: 'string' },
    every: { type: 'string', default: '5' },
    size: { type: 'string', default: '1024x768' },
    weights: { type: 'string' },
    pack: { type: 'string' },
    json: { type: 'boolean', default: false }
  }
})
const size_px = options.size.split('x').map(Number) as unknown as Point

const openJudged = async (name: string): Promise<Counter> => {
  if (options.pack !== undefined) {
    const folder = pathToFileURL(`${resolve(options.pack)}/`)
    const read = await readPack(basename(options.pack), folder)
    return settled('refused' in read ? read : await openCounter(read.model, folder))
  }
  const folder = new URL(`./${name}/`, import.meta.url)
  const { default: model } = (await import(new URL('model.ts', folder).href)) as { default: Model }
  const { weights } = options
  if (weights === undefined) return settled(await openCounter(model, folder))
  const sha256 = createHash('sha256')
    .update(await readFile(weights))
    .digest('hex')
  // Other weights answer the golden picture differently, and are judged here by pictures instead.
  const { golden, ...others } = model
  return settled(await openCounter({ ...others, file: pathToFileURL(resolve(weights)).href, sha256 }, folder))
}

const settled = (opened: Awaited<ReturnType<typeof openCounter>>): Counter => {
  if ('refused' in opened) throw new Error(opened.refused)
  return opened.counter
}

const judge = async (counter: Counter, name: string, rgb: Uint8Array, view: View, truth: number): Promise<Pair> => {
  const counted = await counter.count({ rgb, view, at: 0 })
  if ('refused' in counted) throw new Error(counted.refused)
  const order = { id: name, url: '', password: undefined, fps: 1, ground: [], masks: [], size_px }
  const { people_count, people_count_error } = openLooker(order, counter.model)(counted.cells, view, 0)
  return { name, counted: people_count, truth, error: people_count_error, ran_ms: counted.ran_ms }
}

const judgeImages = async (counter: Counter, folder: string): Promise<Pair[]> => {
  const points = JSON.parse(await readFile(`${folder}/points.json`, 'utf8')) as Record<string, unknown[]>
  const names = options.only?.split(',') ?? Object.keys(points)
  const pairs: Pair[] = []
  for (const name of names) {
    const bytes = await readFile(`${folder}/${name}`)
    const view = fitView(await readSize(bytes), size_px)
    pairs.push(await judge(counter, name, await layPicture(bytes, view), view, points[name]?.length ?? 0))
  }
  return pairs
}

const judgeClip = async (counter: Counter, clip: string, truthFile: string): Promise<Pair[]> => {
  const truth = JSON.parse(await readFile(truthFile, 'utf8')) as {
    width: number
    height: number
    frames: { frame: number; boxes: unknown[] }[]
  }
  const counts = new Map(truth.frames.map(({ frame, boxes }) => [frame, boxes.length]))
  const view = fitView(truth, size_px)
  const frameBytes = view.canvas.width * view.canvas.height * 3
  const child = spawn('ffmpeg', ffmpegArgs('file', resolve(clip), view.canvas, 'at_once').args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const pairs: Pair[] = []
  let held: Buffer = Buffer.alloc(0)
  let frame = 0
  for await (const chunk of child.stdout) {
    held = Buffer.concat([held, chunk as Buffer])
    for (; held.length >= frameBytes; frame++) {
      const rgb = held.subarray(0, frameBytes)
      held = held.subarray(frameBytes)
      const people = counts.get(frame)
      if (frame % Number(options.every) === 0 && people !== undefined)
        pairs.push(await judge(counter, `frame ${frame}`, Uint8Array.from(rgb), view, people))
    }
  }
  return pairs
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

const summary = (pairs: readonly Pair[]) => {
  const errors = pairs.map(pair => pair.counted - pair.truth)
  const [c, t] = [mean(pairs.map(pair => pair.counted)), mean(pairs.map(pair => pair.truth))]
  const covariance = mean(pairs.map(pair => (pair.counted - c) * (pair.truth - t)))
  const spread = Math.sqrt(mean(pairs.map(pair => (pair.counted - c) ** 2)) * mean(pairs.map(pair => (pair.truth - t) ** 2)))
  const times = pairs.map(pair => pair.ran_ms).sort((a, b) => a - b)
  return {
    pictures: pairs.length,
    mean_truth: t,
    mae: mean(errors.map(Math.abs)),
    rmse: Math.sqrt(mean(errors.map(error => error ** 2))),
    bias: mean(errors),
    correlation: covariance / spread,
    inside_stated_error: mean(pairs.map(pair => (Math.abs(pair.counted - pair.truth) <= pair.error ? 1 : 0))),
    ran_ms_p50: times[Math.floor(times.length / 2)] ?? 0
  }
}

const counter = await openJudged(positionals[0] ?? 'crowdlite')
const pairs =
  options.images !== undefined
    ? await judgeImages(counter, options.images)
    : options.clip !== undefined && options.truth !== undefined
      ? await judgeClip(counter, options.clip, options.truth)
      : undefined
if (pairs === undefined) {
  console.error('say --images FOLDER, or --clip FILE --truth FILE')
  process.exitCode = 2
} else if (options.json) console.log(JSON.stringify({ ...summary(pairs), pairs }))
else console.table(Object.fromEntries(Object.entries(summary(pairs)).map(([name, value]) => [name, Number(value.toFixed(3))])))
