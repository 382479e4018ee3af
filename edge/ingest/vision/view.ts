/**
 * How a camera's picture lies on the canvas that the model sees: scaled into it, top left, the rest black and never counted.
 * Masks and ground points are given in the camera's own pixels and are carried over here.
 */
import { inside, type Point } from '../../domain/polygon.ts'

export type { Point } from '../../domain/polygon.ts'
export type Size = { readonly width: number; readonly height: number }
export type View = { readonly source: Size; readonly content: Size; readonly canvas: Size }

/** Measured on PETS and ShanghaiTech B: larger is better up to here (card.md), and 1024×768 is 46 ms on one desktop core. */
export const largest_px: Point = [1024, 768]

/** Fills the largest canvas at the picture's own aspect, also upwards: small heads are counted better when enlarged. */
export const fitView = (source: Size, largest: Point = largest_px, multiple = 32): View => {
  const [wide, high] = largest.map(side => Math.max(multiple, Math.floor(side / multiple) * multiple)) as [number, number]
  const scale = Math.min(wide / source.width, high / source.height)
  const content = { width: Math.max(1, Math.round(source.width * scale)), height: Math.max(1, Math.round(source.height * scale)) }
  return {
    source,
    content,
    canvas: { width: Math.ceil(content.width / multiple) * multiple, height: Math.ceil(content.height / multiple) * multiple }
  }
}

/** On a canvas that is already there. Empty rows at its end are left out, which costs nothing; empty columns stay and are not counted. */
export const fitInto = (source: Size, canvas: Size): View => {
  const view = fitView(source, [canvas.width, canvas.height])
  return { ...view, canvas: { width: canvas.width, height: view.canvas.width === canvas.width ? view.canvas.height : canvas.height } }
}

export const onCanvas = (view: View, [x, y]: Point): Point => [
  (x * view.content.width) / view.source.width,
  (y * view.content.height) / view.source.height
]

/** For each model cell, the share of it that shows the picture and is not masked: what its people count for. */
export const cellWeights = (view: View, masks: readonly (readonly Point[])[], cell_px: number): Float32Array => {
  const polygons = masks.map(mask => mask.map(point => onCanvas(view, point)))
  const [columns, rows] = [view.canvas.width / cell_px, view.canvas.height / cell_px]
  const weights = new Float32Array(columns * rows)
  const probes = 4
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let seen = 0
      for (let probe = 0; probe < probes * probes; probe++) {
        const x = (column + ((probe % probes) + 0.5) / probes) * cell_px
        const y = (row + (Math.floor(probe / probes) + 0.5) / probes) * cell_px
        if (x < view.content.width && y < view.content.height && !polygons.some(polygon => inside(polygon, x, y))) seen++
      }
      weights[row * columns + column] = seen / (probes * probes)
    }
  return weights
}
