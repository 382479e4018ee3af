/**
 * Asks the model of all series at once, and remembers. Weights must have the fingerprint of the manifest and the golden question
 * its golden answer before anything is called odd; an answer that is no number is a fault of the model and never an oddity.
 */
import { createHash } from 'node:crypto'
import ort from 'onnxruntime-node'
import { modelFile, type TensorOut } from '../../../models/model.ts'
import type { SeriesModel } from '../../../models/series-model.ts'
import { askAbout, type Feeds, forgetSilent, learn, rowOf, type Said, seenOf, skipTo, type UsualMemory } from '../../domain/usual.ts'
import type { Judged, Sample } from '../../ports.ts'

export type Ask = (feeds: Feeds) => Promise<Said | { readonly refused: string }>
export type OpenedModel = { readonly ask: Ask } | { readonly refused: string }

export const openSeriesModel = async (model: SeriesModel, folder: URL): Promise<OpenedModel> => {
  try {
    const weights = await modelFile(folder, model.file)
    const sha256 = createHash('sha256').update(weights).digest('hex')
    if (sha256 !== model.sha256) return { refused: `${model.file} is not the file of its manifest (sha256 ${sha256.slice(0, 12)}…)` }
    const session = await ort.InferenceSession.create(weights, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4
    })
    const ask: Ask = async feeds => {
      const tensors = Object.entries(model.pre(feeds)).map(([name, { data, dims }]) => [
        name,
        new ort.Tensor('float32', data as Float32Array, dims)
      ])
      const outputs = (await session.run(Object.fromEntries(tensors))) as unknown as Readonly<Record<string, TensorOut>>
      return model.post(outputs, feeds.value.length)
    }
    const wrong = await goldenTest(model, folder, ask)
    return wrong === undefined ? { ask } : { refused: `its self-test fails: ${wrong}` }
  } catch (cause) {
    return { refused: `it does not load: ${(cause as Error).message.split('\n', 1)[0]}` }
  }
}

export type Golden = { readonly ask: Readonly<Record<keyof Feeds, readonly (number | null)[]>>; readonly score: readonly number[] }
const goldenTest = async ({ golden }: SeriesModel, folder: URL, ask: Ask): Promise<string | undefined> => {
  const { ask: question, score } = JSON.parse(new TextDecoder().decode(await modelFile(folder, golden.file))) as Golden
  const feeds = Object.fromEntries(
    Object.entries(question).map(([name, values]) => [name, Float32Array.from(values, value => value ?? Number.NaN)])
  ) as Feeds
  const said = await ask(feeds)
  if ('refused' in said) return said.refused
  const worst = Math.max(...score.map((wanted, i) => Math.abs(wanted - (said.score[i] ?? Number.NaN))))
  return worst <= golden.tolerance ? undefined : `the golden question is answered ${worst.toPrecision(2)} off`
}

export type JudgedStep = { readonly judged: readonly Judged[]; readonly turned_away: number }

/** One step of the grid. A series for which there is no room is turned away. */
export const judgeStep = async (
  memory: UsualMemory,
  step: number,
  samples: readonly Sample[],
  ask: Ask
): Promise<JudgedStep | { readonly refused: string }> => {
  // A clock that was set back does not make anything unknown again: those steps were judged.
  if (step <= memory.step) return { judged: [], turned_away: 0 }
  skipTo(memory, step)
  const rows = samples.map(({ series }) => rowOf(memory, series))
  if (memory.series.length === 0) {
    skipTo(memory, step + 1)
    return { judged: [], turned_away: samples.length }
  }
  const values = new Float32Array(memory.series.length).fill(Number.NaN)
  samples.forEach(({ value }, i) => {
    const row = rows[i]
    if (row !== undefined) values[row] = value
  })
  const said = await ask(askAbout(memory, values))
  if ('refused' in said) return said
  const scores = learn(memory, values, said)
  const judged = samples.flatMap(({ series }, i): Judged[] => {
    const row = rows[i]
    if (row === undefined) return []
    const [usual = 0, low = Number.NaN, high = Number.NaN] = [said.usual[row], said.low[row], said.high[row]]
    const known = !Number.isNaN(low)
    return [
      {
        series,
        usual: known ? usual : undefined,
        low: known ? low : undefined,
        high: known ? high : undefined,
        score: scores[row] ?? 0,
        raw: said.score[row] ?? 0,
        learnt_steps: seenOf(memory, row).seen
      }
    ]
  })
  // Only now: after a station was away, this step says who still speaks.
  if (step % memory.steps_a_day === 0) forgetSilent(memory)
  return { judged, turned_away: samples.length - judged.length }
}
