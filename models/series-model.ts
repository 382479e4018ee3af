/**
 * What a model of series brings with it: it is asked of many series at once how odd the newest value of each is, from what the
 * station remembers of them. It remembers nothing itself; its state lies in edge/domain/usual.ts and goes in with every question.
 */
import type { Feeds, Said } from '../edge/domain/usual.ts'
import type { TensorIn, TensorOut } from './model.ts'

export type SeriesCard = {
  readonly judges: string
  readonly data: readonly string[]
  readonly licence: string
  /** Standard, reward low FP, reward low FN of the Numenta Anomaly Benchmark, or what the note says. */
  readonly scores: readonly {
    readonly on: string
    readonly standard: number
    readonly low_fp?: number
    readonly low_fn?: number
    readonly note: string
  }[]
  readonly not_for: readonly string[]
}

export type SeriesModel = {
  readonly kind: 'series'
  readonly name: string
  readonly file: string
  readonly sha256: string
  readonly pre: (feeds: Feeds) => Readonly<Record<string, TensorIn>>
  /** The graph's outputs, or why they make no sense. */
  readonly post: (outputs: Readonly<Record<string, TensorOut>>, rows: number) => Said | { readonly refused: string }
  /** From which score on something is odd at a station, and from which it is very odd. */
  readonly odd: { readonly from: number; readonly very: number }
  /** A question and its answer, beside model.ts. */
  readonly golden: { readonly file: string; readonly tolerance: number }
  readonly card: SeriesCard
}

export const defineSeriesModel = (model: SeriesModel): SeriesModel => model
