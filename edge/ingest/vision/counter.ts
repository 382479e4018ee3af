/**
 * Runs a model on one frame at a time. A damaged model file loads and runs without an error more than one time in three
 * [faults 1.12], so the weights must have the fingerprint of the manifest and the golden picture must give its golden answer
 * before a model counts anybody; and an answer that is no number, now or later, is a fault of the model and never a count.
 * A model that comes without a golden picture must at least answer for every cell of two canvases, and see nobody on grey.
 */
import { createHash } from 'node:crypto'
import ort from 'onnxruntime-node'
import sharp from 'sharp'
import { type CellMap, type Model, modelFile, type TensorOut } from '../../../models/model.ts'
import { costOfThread } from './machine.ts'
import { sentence } from './sentence.ts'
import { misfit } from './signature.ts'
import type { Size } from './view.ts'

/** `ran_ms` by the clock; `spent_ms` of the processor, which beside a busy neighbour is less. */
export type Counted = { readonly cells: CellMap; readonly ran_ms: number; readonly spent_ms: number } | { readonly refused: string }
/** As much of a frame as a model looks at. */
export type Countable = { readonly rgb: Uint8Array; readonly view: { readonly canvas: Size } }
export type Counter = {
  readonly model: Model
  /** What a pixel takes on this machine, tried on an empty canvas of this size. */
  readonly ms_per_pixel: (canvas: Size) => Promise<number>
  readonly count: (picture: Countable) => Promise<Counted>
}
type Run = (rgb: Uint8Array, width: number, height: number) => Promise<Counted>
export type Opened = { readonly counter: Counter } | { readonly refused: string }

/** A self-test on the small golden picture slower than this would leave no time for cameras. */
const golden_deadline_ms = 5_000
/** More people than this on a plain grey picture, and it is no crowd that the model has learnt. */
const most_on_grey = 5

export const openCounter = async (model: Model, folder: URL): Promise<Opened> => {
  const refuse = (zh: string, en: string): Opened => ({
    refused: sentence(`模型 ${model.name} 未启用：${zh}`, `model ${model.name} is not used: ${en}`)
  })
  try {
    const weights = await modelFile(folder, model.file)
    const sha256 = createHash('sha256').update(weights).digest('hex')
    if (sha256 !== model.sha256)
      return refuse('权重文件与清单不符', `${model.file} is not the file of its manifest (sha256 ${sha256.slice(0, 12)}…)`)
    // One thread: a second one makes a frame 0.65× as long for 1.4× the work, which the alarms next door would pay [performance 2f].
    const session = await ort.InferenceSession.create(weights, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4
    })
    const [w, h] = [model.multiple * 2, model.multiple * 3]
    const odd = misfit(session, model.pre(new Uint8Array(w * h * 3), w, h))
    if (odd !== undefined) return refuse(odd.zh, odd.en)
    const run: Run = (rgb, width, height) => infer(session, model, rgb, width, height)
    const wrong = await (model.golden === undefined ? greyTest(model, run) : selfTest(model.golden, folder, run))
    if (wrong !== undefined) return refuse(`自检不通过（${wrong}）`, `its self-test fails: ${wrong}`)
    return {
      counter: {
        model,
        ms_per_pixel: async ({ width, height }) =>
          (await best(() => run(new Uint8Array(width * height * 3), width, height))) / (width * height),
        count: ({ rgb, view: { canvas } }) => run(rgb, canvas.width, canvas.height)
      }
    }
  } catch (cause) {
    const why = firstLine((cause as Error).message)
    return refuse(`无法加载（${why}）`, `it does not load: ${why}`)
  }
}

/** Milliseconds, the best of three: the first one also makes room for it, and cameras are being opened meanwhile. */
const best = async (run: () => Promise<unknown>): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 3; i++) {
    const cost = costOfThread()
    await run()
    least = Math.min(least, cost())
  }
  return least
}

const infer = async (session: ort.InferenceSession, model: Model, rgb: Uint8Array, width: number, height: number): Promise<Counted> => {
  const started = performance.now()
  const cost = costOfThread()
  try {
    const feeds = Object.fromEntries(
      Object.entries(model.pre(rgb, width, height)).map(([name, { type, data, dims }]) => [
        name,
        new ort.Tensor(type as 'uint8', data as Uint8Array, dims)
      ])
    )
    const outputs = (await session.run(feeds)) as unknown as Record<string, TensorOut>
    const ran_ms = performance.now() - started
    const cells = model.post(outputs, width, height)
    return 'refused' in cells ? cells : { cells, ran_ms, spent_ms: cost() }
  } catch (cause) {
    return { refused: firstLine((cause as Error).message) }
  }
}

const greyTest = async (model: Model, run: Run): Promise<string | undefined> => {
  const side = model.multiple * Math.ceil(64 / model.multiple)
  for (const [width, height] of [
    [side * 2, side],
    [side, side * 3]
  ] as const) {
    const counted = await run(new Uint8Array(width * height * 3).fill(128), width, height)
    if ('refused' in counted) return counted.refused
    if (counted.ran_ms > golden_deadline_ms) return `a small picture took ${Math.round(counted.ran_ms)} ms`
    const people = counted.cells.people.reduce((a, b) => a + b, 0)
    if (people > most_on_grey) return `it counts ${Math.round(people)} people on a plain grey picture`
  }
  return undefined
}

const selfTest = async (golden: NonNullable<Model['golden']>, folder: URL, run: Run): Promise<string | undefined> => {
  const picture = await sharp(await modelFile(folder, golden.picture))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const expected = JSON.parse(new TextDecoder().decode(await modelFile(folder, golden.cells))) as {
    readonly cells: readonly number[]
  }
  const counted = await run(picture.data, picture.info.width, picture.info.height)
  if ('refused' in counted) return counted.refused
  if (counted.ran_ms > golden_deadline_ms) return `the golden picture took ${Math.round(counted.ran_ms)} ms`
  if (counted.cells.people.length !== expected.cells.length)
    return `${counted.cells.people.length} cells instead of ${expected.cells.length}`
  let worst = 0
  counted.cells.people.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - (expected.cells[i] ?? 0)))
  })
  return worst <= golden.tolerance ? undefined : `the golden picture is answered ${worst.toPrecision(2)} people per cell off`
}

const firstLine = (message: string): string => message.split('\n', 1)[0]?.slice(0, 200) ?? ''
