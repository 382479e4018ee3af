/**
 * What the weights were never shown, and how well they and their band do on it. Wherever something is fitted (the band, a camera's
 * gain), it is judged on what it was not fitted on: fifths of each set in turn, and of a clip whole stretches, because one frame
 * is like the next.
 */
import { readFileSync } from 'node:fs'
import { type Band, fitBand, halfWidth, type Judged, scaleOf } from '../edge/domain/count-calibration.ts'
import type { Counter } from '../edge/ingest/vision/counter.ts'
import type { Point } from '../edge/ingest/vision/view.ts'
import { framesOf, judge, type Pair, type Picture, picturesOf, summary } from './judge.ts'

export type HeldOutSet = {
  readonly id: string
  readonly what: string
  /** One camera: stills of its beginning can calibrate it for the rest. */
  readonly one_camera: boolean
  readonly pictures: (size_px: Point) => AsyncGenerator<Picture>
}

export const heldOutSets = (data: string): readonly HeldOutSet[] => {
  const held_back = readFileSync(new URL('./crowdlite/training/held_back.txt', import.meta.url), 'utf8')
    .trim()
    .split(/\s+/)
  const square = `${data}/video/pets2009-s2l1-view1`
  return [
    {
      id: 'street',
      what: `ShanghaiTech B, the ${held_back.length} held back`,
      one_camera: false,
      pictures: size => picturesOf(`${data}/crowd/shanghaitech_b_train`, size, held_back)
    },
    {
      id: 'square',
      what: 'PETS 2009 S2.L1 view 1, every 5th frame',
      one_camera: true,
      pictures: size => framesOf(`${square}.avi`, `${square}.truth.json`, size, 5)
    }
  ]
}

export type JudgedSet = { readonly set: HeldOutSet; readonly pairs: readonly Pair[] }
export type Row = {
  readonly set: string
  readonly weights: string
  readonly pictures: number
  readonly mean_truth: number
  readonly mae: number
  readonly rmse: number
  readonly bias: number
  /** Share of true counts inside the 80 % band, and its mean half width, fitted on the other four fifths. */
  readonly coverage: number
  readonly half_width: number
  /** The same for a band that has seen none of this set. */
  readonly coverage_elsewhere: number | undefined
}

/** Every picture is decoded once and counted by all. */
export const judgeAll = async (
  sets: readonly HeldOutSet[],
  counters: readonly Counter[],
  size_px: Point
): Promise<readonly (readonly JudgedSet[])[]> => {
  const judged = counters.map(() => sets.map(set => ({ set, pairs: [] as Pair[] })))
  for (const [nth, set] of sets.entries())
    for await (const picture of set.pictures(size_px))
      for (const [i, counter] of counters.entries()) judged[i]?.[nth]?.pairs.push(await judge(counter, picture))
  return judged
}

export const bandOf = (judged: readonly JudgedSet[]): Band => {
  const band = fitBand(judged.map(({ pairs }) => pairs))
  if (band === undefined) throw new Error('there are too few held-back pictures to fit a band')
  return band
}

const folds = 5
const foldOf = ({ set, pairs }: JudgedSet, i: number): number => (set.one_camera ? Math.floor((i * folds) / pairs.length) : i % folds)

export const rowsOf = (weights: string, judged: readonly JudgedSet[]): readonly Row[] =>
  judged.flatMap(one => {
    const { pictures, mean_truth, mae, rmse, bias } = summary(one.pairs)
    const held = one.pairs.map((pair, i) => {
      const rest = judged.map(other => (other === one ? one.pairs.filter((_, j) => foldOf(one, j) !== foldOf(one, i)) : other.pairs))
      const band = fitBand(rest)
      return band === undefined ? undefined : { half: halfWidth(band, pair.counted), off: Math.abs(pair.counted - pair.truth) }
    })
    const elsewhere = fitBand(judged.filter(other => other !== one).map(({ pairs }) => pairs))
    const row: Row = {
      set: one.set.what,
      weights,
      ...{ pictures, mean_truth, mae, rmse, bias },
      coverage: share(held.map(pair => pair !== undefined && pair.off <= pair.half)),
      half_width: mean(held.map(pair => pair?.half ?? Number.NaN)),
      coverage_elsewhere: elsewhere && share(one.pairs.map(pair => inside(pair, elsewhere)))
    }
    return one.set.one_camera ? [row, calibratedRow(weights, one, judged)] : [row]
  })

const own_stills = 6
const draws = 5

/** What the installer gets: stills of the first third counted by hand, all after it judged by their gain and band; over several choices. */
const calibratedRow = (weights: string, one: JudgedSet, judged: readonly JudgedSet[]): Row => {
  const third = Math.floor(one.pairs.length / 3)
  const elsewhere = bandOf(judged.filter(other => other !== one))
  const rest = Array.from({ length: draws }, (_, draw) => {
    const at = (i: number): number => Math.floor(((i + (draw + 0.5) / draws) * third) / own_stills)
    const stills = Array.from({ length: own_stills }, (_, i) => one.pairs[at(i)]).flatMap(pair =>
      pair === undefined ? [] : [{ estimate: pair.counted, heads: pair.truth }]
    )
    const { gain, band } = scaleOf(stills, elsewhere)
    return one.pairs.slice(third).map(pair => ({ ...pair, counted: pair.counted * gain, band }))
  }).flat()
  const { mean_truth, mae, rmse, bias } = summary(rest)
  return {
    set: `the same after its first third, ${own_stills} stills of which were counted by hand`,
    weights,
    pictures: one.pairs.length - third,
    ...{ mean_truth, mae, rmse, bias },
    coverage: share(rest.map(pair => inside(pair, pair.band))),
    half_width: mean(rest.map(pair => halfWidth(pair.band, pair.counted))),
    coverage_elsewhere: undefined
  }
}

const inside = ({ counted, truth }: Judged, band: Pick<Band, 'absolute' | 'relative'>): boolean =>
  Math.abs(counted - truth) <= halfWidth(band, counted)
const share = (held: readonly boolean[]): number => held.filter(Boolean).length / held.length
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

const percent = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value * 100)} %`)

/** As it stands in the card. */
export const tableOf = (rows: readonly Row[]): string =>
  [
    '| on | weights | pictures | people | MAE | RMSE | bias | in the 80 % band | ± people | in a band from elsewhere |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      row =>
        `| ${row.set} | ${row.weights} | ${row.pictures} | ${row.mean_truth.toFixed(1)} | ${row.mae.toFixed(2)} | ${row.rmse.toFixed(2)} | ${
          row.bias < 0 ? '−' : '+'
        }${Math.abs(row.bias).toFixed(2)} | ${percent(row.coverage)} | ${row.half_width.toFixed(1)} | ${percent(row.coverage_elsewhere)} |`
    )
  ].join('\n')
