/**
 * What a model brings with it, so that adding one is adding a folder: how a picture becomes its input, how its output
 * becomes people per cell, the fingerprint of its weights, one golden picture with its answer, and an honest card.
 * A model says where people are how many; there is no field for who, and none may be added.
 */
import { readFile } from 'node:fs/promises'
import type { Band } from '../edge/domain/count-calibration.ts'

export type TensorIn = { readonly type: 'uint8' | 'float32'; readonly data: Uint8Array | Float32Array; readonly dims: readonly number[] }
export type TensorOut = { readonly data: ArrayLike<number>; readonly dims: readonly number[] }
/** People per cell, row by row; a cell is `cell_px` square. */
export type CellMap = { readonly columns: number; readonly rows: number; readonly people: Float32Array }

/** An error bar belongs to the weights whose errors it was fitted on: new weights with an old bar are refused. */
export type FittedBand = Band & { readonly of_sha256: string }

export type Card = {
  readonly counts: string
  readonly data: readonly string[]
  readonly licence: string
  readonly scores: readonly { readonly on: string; readonly mae: number; readonly bias: number; readonly note: string }[]
  readonly not_for: readonly string[]
}

export type Model = {
  readonly name: string
  /** The weights, beside model.ts. */
  readonly file: string
  readonly sha256: string
  /** Canvas sides must be multiples of this. */
  readonly multiple: number
  readonly cell_px: number
  /** Pure: bytes of an rgb24 canvas → the graph's inputs. Normalisation belongs in the graph (a JavaScript loop costs 20 % more). */
  readonly pre: (rgb: Uint8Array, width: number, height: number) => Readonly<Record<string, TensorIn>>
  /** Pure: the graph's outputs → people per cell, or why they make no sense. */
  readonly post: (outputs: Readonly<Record<string, TensorOut>>, width: number, height: number) => CellMap | { readonly refused: string }
  /** The interval that held the true count four times in five on pictures that these weights were never shown. */
  readonly band: FittedBand
  /** A picture (PNG, multiples of `multiple`) and its people per cell, both beside model.ts, and how far a cell may differ. Ours all have one. */
  readonly golden?: { readonly picture: string; readonly cells: string; readonly tolerance: number }
  readonly card: Card
}

export const defineModel = (model: Model): Model => model

/** A model's folder in the source tree. `tsc` compiles model.ts into dist/ and leaves weights where they are, so both are looked in. */
export const modelFile = async (folder: URL, file: string): Promise<Uint8Array> => {
  const beside = new URL(file, folder)
  try {
    return await readFile(beside)
  } catch (cause) {
    const source = new URL(beside.href.replace('/dist/models/', '/models/'))
    if (source.href === beside.href) throw cause
    return await readFile(source)
  }
}

/** For models whose output is one density map [1, 1, rows, columns]: shape and every number checked before anyone believes it. */
export const densityCells = (
  output: TensorOut | undefined,
  width: number,
  height: number,
  cell_px: number
): CellMap | { readonly refused: string } => {
  const [columns, rows] = [width / cell_px, height / cell_px]
  if (output === undefined) return { refused: 'the model gives no density' }
  if (output.data.length !== columns * rows) return { refused: `the model gives ${output.data.length} cells, not ${columns} × ${rows}` }
  const people = Float32Array.from(output.data)
  const most = most_per_cell * (cell_px / 8) ** 2
  for (const value of people) if (!(value >= 0 && value < most)) return { refused: `the model gives ${value} people in one cell` }
  return { columns, rows, people }
}

/** Nothing sane puts more heads than this into 8 × 8 pixels; a broken model does. */
const most_per_cell = 16
