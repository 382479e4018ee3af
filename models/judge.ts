/**
 * Pictures whose people somebody counted, and what a model says of them, through the very pipeline of the station: same decoder,
 * same canvas, same runtime, same sums. A picture is decoded once for all weights that are judged beside each other.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Counter, openCounter } from '../edge/ingest/vision/counter.ts'
import { ffmpegArgs } from '../edge/ingest/vision/ffmpeg.ts'
import { openLooker } from '../edge/ingest/vision/look.ts'
import { readPack } from '../edge/ingest/vision/pack.ts'
import { layPicture, readSize } from '../edge/ingest/vision/picture.ts'
import { fitView, type Point, type View } from '../edge/ingest/vision/view.ts'
import type { Model } from './model.ts'

export type Picture = { readonly name: string; readonly rgb: Uint8Array; readonly view: View; readonly truth: number }
export type Pair = {
  readonly name: string
  readonly counted: number
  readonly truth: number
  readonly error: number
  readonly ran_ms: number
}

/** A model of this folder, or other weights in its place. */
export const openModel = async (name: string, weights?: string): Promise<Counter> => {
  const folder = new URL(`./${name}/`, import.meta.url)
  const { default: model } = (await import(new URL('model.ts', folder).href)) as { default: Model }
  if (weights === undefined) return settled(await openCounter(model, folder))
  const sha256 = createHash('sha256')
    .update(await readFile(weights))
    .digest('hex')
  // Other weights answer the golden picture differently, and are judged here by pictures instead.
  const { golden, ...others } = model
  return settled(await openCounter({ ...others, file: pathToFileURL(resolve(weights)).href, sha256 }, folder))
}

export const openPack = async (path: string): Promise<Counter> => {
  const folder = pathToFileURL(`${resolve(path)}/`)
  const read = await readPack(basename(path), folder)
  return settled('refused' in read ? read : await openCounter(read.model, folder))
}

const settled = (opened: Awaited<ReturnType<typeof openCounter>>): Counter => {
  if ('refused' in opened) throw new Error(opened.refused)
  return opened.counter
}

/** FOLDER/points.json: `{ "a.jpg": [[x, y], …] }`. */
export async function* picturesOf(folder: string, size_px: Point, only?: readonly string[]): AsyncGenerator<Picture> {
  const points = JSON.parse(await readFile(`${folder}/points.json`, 'utf8')) as Record<string, unknown[]>
  for (const name of only ?? Object.keys(points)) {
    const bytes = await readFile(`${folder}/${name}`)
    const view = fitView(await readSize(bytes), size_px)
    yield { name, rgb: await layPicture(bytes, view), view, truth: points[name]?.length ?? 0 }
  }
}

type ClipTruth = {
  readonly width: number
  readonly height: number
  readonly frames: readonly { frame: number; boxes: readonly unknown[] }[]
}

/** `truth`: `{ frames: [{ frame, boxes: [[x, y, w, h], …] }] }`. */
export async function* framesOf(clip: string, truthFile: string, size_px: Point, every: number): AsyncGenerator<Picture> {
  const truth = JSON.parse(await readFile(truthFile, 'utf8')) as ClipTruth
  const counts = new Map(truth.frames.map(({ frame, boxes }) => [frame, boxes.length]))
  const view = fitView(truth, size_px)
  const frameBytes = view.canvas.width * view.canvas.height * 3
  const child = spawn('ffmpeg', ffmpegArgs('file', resolve(clip), view.canvas, { fps: 'all' }).args, {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  let held: Buffer = Buffer.alloc(0)
  let frame = 0
  for await (const chunk of child.stdout) {
    held = Buffer.concat([held, chunk as Buffer])
    for (; held.length >= frameBytes; frame++) {
      const rgb = held.subarray(0, frameBytes)
      held = held.subarray(frameBytes)
      const people = counts.get(frame)
      if (frame % every === 0 && people !== undefined) yield { name: `frame ${frame}`, rgb: Uint8Array.from(rgb), view, truth: people }
    }
  }
}

export const judge = async (counter: Counter, { name, rgb, view, truth }: Picture): Promise<Pair> => {
  const counted = await counter.count({ rgb, view })
  if ('refused' in counted) throw new Error(counted.refused)
  const look = openLooker({ id: name, ground: [], masks: [] }, counter.model)
  const { people_count, people_count_error } = look(counted.cells, view, 0)
  return { name, counted: people_count, truth, error: people_count_error, ran_ms: counted.ran_ms }
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

export const summary = (pairs: readonly Pair[]) => {
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
