/**
 * What a graph may take and say, read off the graph itself before anything is run. In goes one picture of any size; out come
 * one map of people per cell and, if it likes, single numbers. Boxes, vectors, classes, masks a person: there is no place to
 * plug them in, because what tells one person from another begins as such an output.
 */
import type { TensorIn } from '../../../models/model.ts'

type Value = { readonly name: string; readonly isTensor: boolean; readonly type?: string; readonly shape?: readonly (number | string)[] }
export type Graph = { readonly inputMetadata: readonly Value[]; readonly outputMetadata: readonly Value[] }
/** Why it does not fit, in both languages. */
export type Misfit = { readonly zh: string; readonly en: string }

/** `feeds` is what the model would be given for some canvas; free sides of the graph take any. */
export const misfit = (graph: Graph, feeds: Readonly<Record<string, TensorIn>>): Misfit | undefined =>
  inputMisfit(graph.inputMetadata, feeds) ?? outputMisfit(graph.outputMetadata)

const inputMisfit = (inputs: readonly Value[], feeds: Readonly<Record<string, TensorIn>>): Misfit | undefined => {
  const [name = '', feed] = Object.entries(feeds)[0] ?? []
  const [input] = inputs
  const said = inputs.map(described).join(', ') || 'nothing'
  const wanted =
    feed === undefined ? 'nothing' : `${name} ${feed.type}[${feed.dims.map((side, i) => shown(side, i, feed.dims)).join(', ')}]`
  const fits =
    inputs.length === 1 &&
    input?.name === name &&
    input.type === feed?.type &&
    input?.shape?.length === feed?.dims.length &&
    input?.shape?.every((side, i) => typeof side === 'string' || side < 0 || side === feed?.dims[i])
  if (fits) return undefined
  return {
    zh: `输入应为 ${wanted}（一帧画面，高宽不限），该模型要求 ${said}`,
    en: `it takes ${said}; right would be ${wanted}, one picture whose height and width are free`
  }
}

const outputMisfit = (outputs: readonly Value[]): Misfit | undefined => {
  const maps = outputs.filter(output => !isNumber(output))
  const odd = maps.find(output => !isMap(output)) ?? maps[1]
  if (odd !== undefined)
    return {
      zh: `输出 ${described(odd)} 既不是人群密度图也不是人数；只接受一张密度图和单个数字，能区分人的输出没有入口`,
      en: `its output ${described(odd)} is neither the map of people per cell nor a count; only one map and single numbers have a place, nothing that could tell people apart`
    }
  if (maps.length === 0) return { zh: '没有密度图输出', en: 'it gives no map of people per cell' }
  return undefined
}

const isNumber = ({ shape }: Value): boolean => shape?.every(side => side === 1) ?? false

/** [1, 1, h, w], [1, h, w, 1] or [1, h, w], float32, the two sides free. */
const isMap = ({ type, shape = [] }: Value): boolean => {
  const free = shape.flatMap((side, i) => (typeof side === 'string' || side < 0 ? [i] : []))
  // A free batch counts as the one picture that it is given.
  const sides = free[0] === 0 && free.length === 3 ? free.slice(1) : free
  const [first = 0, second = 0] = sides
  return (
    type === 'float32' && sides.length === 2 && second === first + 1 && shape.every((side, i) => i === 0 || side === 1 || sides.includes(i))
  )
}

const described = ({ name, type, shape }: Value): string => `${name} ${type ?? 'of no tensor type'}[${(shape ?? []).join(', ')}]`

/** Of the canvas that was tried only the fixed sides matter: the batch and the colours. */
const shown = (side: number, i: number, dims: readonly number[]): string => {
  const colours = dims[1] === 3 ? 1 : 3
  if (i === 0 || i === colours) return `${side}`
  return i === (colours === 1 ? 2 : 1) ? 'h' : 'w'
}
