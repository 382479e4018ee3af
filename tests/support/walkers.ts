/** People who walked in a laboratory or a street, drawn as what a camera sees of them: the true place and speed of each is known. */
import { readFileSync } from 'node:fs'
import type { GroundPoint } from '../../edge/domain/ground.ts'
import type { Point } from '../../edge/domain/polygon.ts'
import { fitView, type View } from '../../edge/ingest/vision/view.ts'
import type { CellMap } from '../../models/model.ts'
import { pointsOf, syntheticCamera } from './synthetic-camera.ts'

export type Walker = { readonly id: number; readonly x: number; readonly y: number; readonly tall_m: number }
export type Walk = { readonly seconds: number; readonly at: (seconds: number) => ReadonlyMap<number, Walker> }

const numbers = (file: string): readonly (readonly number[])[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .filter(row => row.length > 4)

/** Between two annotated pictures people go straight on. */
const walkOf = (rows: Iterable<{ readonly tick: number; readonly walker: Walker }>, ticks_per_s: number): Walk => {
  const ticks = new Map<number, Map<number, Walker>>()
  for (const { tick, walker } of rows) {
    const there = ticks.get(tick) ?? new Map<number, Walker>()
    ticks.set(tick, there.set(walker.id, walker))
  }
  const at = (seconds: number): ReadonlyMap<number, Walker> => {
    const tick = Math.floor(seconds * ticks_per_s + 1e-9)
    const part = seconds * ticks_per_s - tick
    const [now, next] = [ticks.get(tick), ticks.get(tick + 1)]
    if (now === undefined || next === undefined || part < 1e-6) return now ?? new Map()
    const between = new Map<number, Walker>()
    for (const [id, from] of now) {
      const to = next.get(id) ?? from
      between.set(id, { ...from, x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part })
    }
    return between
  }
  return { seconds: Math.max(...ticks.keys()) / ticks_per_s, at }
}

/** HERMES: id, frame, x, y, z in centimetres at 16 frames a second; the long axis of the laboratory lies along x. */
export const hermesWalk = (file: string, shift: Point): Walk =>
  walkOf(
    numbers(file).map(([id = 0, frame = 0, x = 0, y = 0, z = 0]) => ({
      tick: frame,
      walker: { id, x: y / 100 + shift[0], y: x / 100 + shift[1], tall_m: z / 100 }
    })),
    16
  )

/** ETH and UCY: frame, id, x, z, y in metres, every tenth of 25 frames a second. */
export const streetWalk = (file: string, shift: Point): Walk =>
  walkOf(
    numbers(file).map(([frame = 0, id = 0, x = 0, , y = 0]) => ({
      tick: Math.round(frame / 10),
      walker: { id, x: x + shift[0], y: y + shift[1], tall_m: 1.55 + 0.05 * (id % 6) }
    })),
    2.5
  )

export type Stage = {
  readonly view: View
  readonly ground: readonly GroundPoint[]
  /** A picture of these people, fresh each time. */
  readonly draw: (people: Iterable<Walker>) => Uint8Array
  /** Where their heads are, one person each: what a model without an error would count. */
  readonly heads: (people: Iterable<Walker>) => CellMap
  readonly visible: (walker: Walker) => boolean
}

const chance = (seed: number): number => {
  const x = Math.sin(seed * 127.1 + 311.7) * 43_758.545_3
  return x - Math.floor(x)
}
const folds = Float32Array.from({ length: 4096 }, (_, i) => chance(i * 13))
/** Where the model sees a head: a hand below the crown. */
const head_m = 1.6

export const openStage = (corners: readonly Point[]): Stage => {
  const camera = syntheticCamera({ f: 560, high_m: 6.5, tilt_deg: 42 })
  const view = fitView(camera)
  const { width, height } = view.canvas
  const scale = width / camera.width
  const px = (x: number, y: number, z: number): Point => {
    const at = camera.px(x, y, z)
    return [at[0] * scale, at[1] * scale]
  }
  const paint = (rgb: Uint8Array, at: number, light: number): void => {
    const value = Math.max(0, Math.min(255, Math.round(light)))
    rgb[at * 3] = value
    rgb[at * 3 + 1] = value
    rgb[at * 3 + 2] = value
  }
  // No two pictures of a camera are the same, of a floor where nothing moves neither.
  const floors = [0, 1, 2].map(seed => {
    const rgb = new Uint8Array(width * height * 3)
    for (let at = 0; at < width * height; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      paint(rgb, at, 110 + 25 * chance(Math.floor(x / 23) * 57 + Math.floor(y / 17)) + 8 * chance(at + seed * 7_919))
    }
    return rgb
  })
  let drawn = 0
  const figure = (rgb: Uint8Array, { id, x, y, tall_m }: Walker): void => {
    const [foot, crown] = [px(x, y, 0), px(x, y, tall_m)]
    const k = px(x + 0.5, y, 1)[0] - px(x - 0.5, y, 1)[0]
    const [skin, coat] = [60 + 120 * chance(id + 7), 30 + 140 * chance(id)]
    for (let row = Math.max(0, Math.floor(crown[1])); row < Math.min(height, foot[1]); row++) {
      const down = (row - crown[1]) / (foot[1] - crown[1])
      const middle = crown[0] + (foot[0] - crown[0]) * down
      const wide = (down < 0.15 ? 0.1 : down < 0.6 ? 0.22 : 0.15) * k
      for (let column = Math.max(0, Math.ceil(middle - wide)); column < Math.min(width, middle + wide); column++) {
        // A coat has folds of a hand's breadth, and they go where it goes.
        const fold = Math.floor(((column - middle) / k) * 9) * 31 + Math.floor(down * 18) * 7
        const light = down < 0.15 ? skin : coat + 50 * (folds[(id * 37 + fold) & 4095] ?? 0)
        paint(rgb, row * width + column, light)
      }
    }
  }
  return {
    view,
    ground: pointsOf(camera, corners),
    draw: people => {
      const rgb = Uint8Array.from(floors[drawn++ % floors.length] ?? [])
      for (const walker of [...people].sort((a, b) => b.y - a.y)) figure(rgb, walker)
      return rgb
    },
    heads: people => {
      const [columns, rows] = [width / 8, height / 8]
      const cells = new Float32Array(columns * rows)
      for (const { x, y } of people) {
        const [u, v] = px(x, y, head_m)
        const cell = Math.floor(v / 8) * columns + Math.floor(u / 8)
        if (u >= 0 && u < width && v >= 0 && v < height) cells[cell] = (cells[cell] ?? 0) + 1
      }
      return { columns, rows, people: cells }
    },
    visible: ({ x, y }) => {
      const [u, v] = px(x, y, head_m)
      return u >= 24 && u < width - 24 && v >= 24 && v < height - 24
    }
  }
}
