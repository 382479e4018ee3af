/** Oddity: how far a value is from what its series has been, at this hour and ever. Ours; see card.md for what the scores are worth. */
import { blocks_kept, type Feeds, lags, parts, residuals_kept, type Said } from '../../edge/domain/usual.ts'
import type { TensorIn } from '../model.ts'
import { defineSeriesModel } from '../series-model.ts'

const widths: Readonly<Record<keyof Feeds, number>> = {
  value: 1,
  same_time: lags,
  same_time_residuals: lags,
  residuals: residuals_kept,
  hours: residuals_kept,
  remembered: 1,
  blocks: blocks_kept,
  blocks_seen: 1,
  peaks: parts
}
const answers: Readonly<Record<keyof Said, number>> = { usual: 1, low: 1, high: 1, residual: 1, hour: 1, parts, ratios: 4, score: 1 }
/** A band is not known before there is a same time of another day. */
const mayBeUnknown: readonly string[] = ['low', 'high']

export default defineSeriesModel({
  kind: 'series',
  name: 'oddity',
  file: 'oddity.onnx',
  sha256: '9043201f8df830d3935cb6b07b545898b55550e164bdcd8fa4a96638ab93eb6d',
  pre: feeds => {
    const rows = feeds.value.length
    const tensor = ([name, width]: [string, number]): [string, TensorIn] => [
      name,
      { type: 'float32', data: feeds[name as keyof Feeds], dims: width === 1 ? [rows] : [rows, width] }
    ]
    return Object.fromEntries(Object.entries(widths).map(tensor))
  },
  post: (outputs, rows) => {
    for (const [name, width] of Object.entries(answers)) {
      const values = outputs[name]?.data
      if (values?.length !== rows * width)
        return { refused: `the model gives ${values?.length ?? 'no'} values of ${name}, not ${rows * width}` }
      if (mayBeUnknown.includes(name)) continue
      for (let i = 0; i < values.length; i++)
        if (!Number.isFinite(values[i])) return { refused: `the model gives ${values[i]} for ${name}` }
    }
    return Object.fromEntries(Object.keys(answers).map(name => [name, outputs[name]?.data])) as unknown as Said
  },
  odd: { from: 0.9, very: 1.35 },
  golden: { file: 'golden/answer.json', tolerance: 1e-4 },
  card: {
    judges:
      'one value of a series on a regular grid: how far it is from the same time of other days, from its level, and from anything seen before',
    data: ['no weights were trained; its constants were chosen on the Numenta Anomaly Benchmark (58 series, MIT licence)'],
    licence: 'Apache-2.0',
    scores: [
      {
        on: 'NAB 1.1, threshold of the whole corpus',
        standard: 68.42,
        low_fp: 55.73,
        low_fn: 74.92,
        note: 'as published detectors are scored'
      },
      { on: 'NAB 1.1, settings and threshold of the other half', standard: 65.45, note: '64.70 and 66.21; what to expect of new series' }
    ],
    not_for: [
      'deciding anything about a person: it sees numbers of places and devices',
      'danger: smoke, gas, density and buttons have rules of their own',
      'machines and series without a daily habit (SKAB: F1 0.09)',
      'the first week of a series'
    ]
  }
})
