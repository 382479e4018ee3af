/**
 * What a camera makes of movement: how fast and where to people go in each zone, how many cross each line, and how critical it is. People are
 * where the model counts them; what else moves, a train or a shadow, has no people on it and no say.
 */
import type { CellMap } from '../../../models/model.ts'
import { evolvePatch, type MotionLevel, motionLimits, type Patch, startPatch } from '../../domain/crowd-motion.ts'
import { calibrate } from '../../domain/ground.ts'
import type { LineFlow, Motion } from '../../domain/scene.ts'
import { type Crossing, type Line, openCrossing, type Velocities } from './crossing.ts'
import { window_m } from './density.ts'
import { type Field, field_cell_px } from './displacement.ts'
import type { Fusion } from './fusion.ts'
import type { CameraOrder } from './messages.ts'
import type { Moved } from './pairs.ts'
import { type Plane, planeOf } from './plane.ts'
import { cellWeights, type View } from './view.ts'

export type Seen = { readonly motion?: Motion; readonly zones: ReadonlyMap<string, Motion>; readonly lines?: readonly LineFlow[] }
export type Mover = {
  /** Where people are in the picture that was counted. */
  readonly counted: (cells: CellMap, view: View) => void
  /** Whether anybody is near this cell of a field. */
  readonly wants: (cell: number) => boolean
  readonly moved: (moved: Moved, at: number) => void
  readonly seen: (now: number) => Seen
}

/** Fewer people than this around a cell are the model's noise. */
const least_people = 0.05
/** In one cell of the model, likewise. */
const least_in_cell = 0.004
/** A mean over fewer people is a rumour. */
const least_crowd = 0.5
const fades_ms = 3_000
/** What was seen longer ago than this is not how people move now. */
const fresh_ms = 5_000
/** Less of a common direction than this share of the speed is no direction. */
const least_common = 0.3
/** Of its window, as much as this must be seen for a patch to have a density. */
const least_seen = 0.75
/** How far one cell errs, canvas pixels: its variance is no pressure (measured on people who stand, decision 0022). */
const noise_px = 0.8

type Sums = { people: number; speed: number; x: number; y: number; squared: number; noise: number; pairs: number }
const nothing = (): Sums => ({ people: 0, speed: 0, x: 0, y: 0, squared: 0, noise: 0, pairs: 0 })
type Place = { readonly cells: readonly number[]; readonly m2: number; sums: Sums; patch: Patch; pressure: number }
type Layout = {
  readonly view: View
  readonly weights: Float32Array
  readonly plane: Plane
  readonly places: readonly Place[]
  /** Of each cell, the place it lies in; -1 for none. */
  readonly placeOf: Int16Array
  readonly crossings: readonly { readonly line: Line; readonly crossing: Crossing }[]
}

export const openMover = (order: CameraOrder, cell_px: number, fusion?: Fusion): Mover => {
  let layout: Layout | undefined
  let people: Float32Array | undefined
  let last: number | undefined
  const zones = new Map<string, Sums>()
  const whole = nothing()

  const lay = (view: View): Layout => {
    const weights = cellWeights(view, order.masks, cell_px)
    const ground = order.ground.length < 4 ? undefined : calibrate(order.ground, view.source)
    const plane = planeOf(ground, view, cell_px)
    const crossings = (order.lines ?? []).flatMap(line => {
      const crossing = openCrossing(line, plane, weights)
      return crossing === undefined ? [] : [{ line, crossing }]
    })
    const places = plane.unit === 'm' ? placesOf(plane, weights) : []
    const placeOf = new Int16Array(weights.length).fill(-1)
    places.forEach(({ cells }, nth) => {
      for (const cell of cells) placeOf[cell] = nth
    })
    return { view, weights, plane, places, placeOf, crossings }
  }

  const moved = ({ field, seconds }: Moved, at: number): void => {
    if (layout === undefined || people === undefined) return
    const { plane, weights, places, placeOf, crossings } = layout
    const busy = busyCells(people)
    const velocities = velocitiesOf(field, seconds, plane, cell_px, busy)
    const keep = last === undefined ? 0 : Math.exp((last - at) / fades_ms)
    last = at
    const noise = (noise_px / seconds) ** 2
    const sum = (into: Sums, shares: Float32Array): void => {
      fade(into, keep)
      for (const cell of busy) take(into, cell, (people?.[cell] ?? 0) * (shares[cell] ?? 0), velocities, plane, noise)
    }
    sum(whole, weights)
    for (const share of fusion?.sharesOf(order.id) ?? []) {
      const sums = zones.get(share.zone) ?? nothing()
      zones.set(share.zone, sums)
      sum(sums, share.weights)
    }
    for (const { sums } of places) fade(sums, keep)
    for (const cell of busy) {
      const place = places[placeOf[cell] ?? -1]
      if (place !== undefined) take(place.sums, cell, (people[cell] as number) * (weights[cell] as number), velocities, plane, noise)
    }
    for (const place of places) look(place, at)
    for (const { crossing } of crossings) crossing.add(velocities, people, at)
  }

  const motion = (sums: Sums, { plane, places }: Layout, of?: Float32Array): Motion | undefined => {
    if (sums.pairs === 0 || sums.people / sums.pairs < least_crowd) return undefined
    const speed = sums.speed / sums.people
    const [x, y] = [sums.x / sums.people, sums.y / sums.people]
    const common = Math.hypot(x, y) >= least_common * speed && speed > 0
    const own = places.filter(({ cells }) => of === undefined || cells.some(cell => (of[cell] ?? 0) > 0))
    const up = plane.unit === 'm' ? y : -y
    return {
      ...(plane.unit === 'm' ? { speed_m_per_s: speed } : { speed_px_per_s: speed }),
      ...(common && { direction_degrees: ((Math.atan2(x, up) * 180) / Math.PI + 360) % 360 }),
      ...(own.length > 0 && {
        crowd_pressure_per_s2: Math.max(...own.map(({ pressure }) => pressure)),
        motion_level: Math.max(...own.map(({ patch }) => patch.level)) as MotionLevel
      })
    }
  }

  return {
    counted: (cells, view) => {
      if (layout?.view !== view) layout = lay(view)
      people = cells.people
    },
    wants: cell => {
      if (layout === undefined || people === undefined) return true
      return crowdAround(cell, people, layout, cell_px) >= least_people
    },
    moved,
    seen: now => {
      const known = layout
      if (known === undefined || last === undefined || now - last > fresh_ms) return { zones: new Map() }
      const of = new Map<string, Motion>()
      for (const share of fusion?.sharesOf(order.id) ?? []) {
        const sums = zones.get(share.zone)
        const one = sums && motion(sums, known, share.weights)
        if (one !== undefined) of.set(share.zone, one)
      }
      const all = motion(whole, known)
      const lines = known.crossings.flatMap(({ line, crossing }): LineFlow[] => {
        const flow = crossing.flow()
        return flow === undefined ? [] : [{ line: line.id, zone: line.zone, ...flow }]
      })
      return { ...(all !== undefined && { motion: all }), zones: of, ...(lines.length > 0 && { lines }) }
    }
  }
}

/** Cells that hold enough of a person to ask where it goes. */
const busyCells = (people: Float32Array): Int32Array => {
  const busy: number[] = []
  for (let cell = 0; cell < people.length; cell++) if ((people[cell] as number) >= least_in_cell) busy.push(cell)
  return Int32Array.from(busy)
}

const velocitiesOf = (field: Field, seconds: number, { columns, area, turns }: Plane, cell_px: number, busy: Int32Array): Velocities => {
  const velocities = { x: new Float32Array(area.length).fill(Number.NaN), y: new Float32Array(area.length).fill(Number.NaN) }
  for (const cell of busy) {
    const from = fieldCell(cell, columns, field.columns, cell_px)
    if (field.sure[from] !== 1 || area[cell] === 0) continue
    const [dx, dy] = [(field.dx[from] as number) / seconds, (field.dy[from] as number) / seconds]
    velocities.x[cell] = (turns[cell * 4] as number) * dx + (turns[cell * 4 + 2] as number) * dy
    velocities.y[cell] = (turns[cell * 4 + 1] as number) * dx + (turns[cell * 4 + 3] as number) * dy
  }
  return velocities
}

const fieldCell = (cell: number, columns: number, field_columns: number, cell_px: number): number => {
  const at = (index: number): number => Math.floor(((index + 0.5) * cell_px) / field_cell_px)
  return at(Math.floor(cell / columns)) * field_columns + at(cell % columns)
}

const fade = (sums: Sums, keep: number): void => {
  sums.people *= keep
  sums.speed *= keep
  sums.x *= keep
  sums.y *= keep
  sums.squared *= keep
  sums.noise *= keep
  sums.pairs = sums.pairs * keep + 1
}

const take = (sums: Sums, cell: number, some: number, velocities: Velocities, { turns }: Plane, noise: number): void => {
  const [x, y] = [velocities.x[cell] as number, velocities.y[cell] as number]
  if (!(some > 0) || Number.isNaN(x)) return
  const squared = x * x + y * y
  sums.people += some
  sums.speed += some * Math.sqrt(squared)
  sums.x += some * x
  sums.y += some * y
  sums.squared += some * squared
  for (let k = cell * 4; k < cell * 4 + 4; k++) sums.noise += some * noise * (turns[k] as number) ** 2
}

const look = (place: Place, at: number): void => {
  const { people, pairs, speed, x, y, squared, noise } = place.sums
  const density_per_m2 = people / pairs / place.m2
  if (people / pairs < least_crowd) {
    place.pressure = 0
    place.patch = evolvePatch(place.patch, { at, density_per_m2, speed_m_per_s: motionless, pressure_per_s2: 0 })
    return
  }
  const variance = Math.max(0, (squared - noise) / people - (x / people) ** 2 - (y / people) ** 2)
  // Where there is room, people of different ways are no pressure.
  place.pressure = density_per_m2 >= motionLimits.slow.density_per_m2 ? density_per_m2 * variance : 0
  place.patch = evolvePatch(place.patch, { at, density_per_m2, speed_m_per_s: speed / people, pressure_per_s2: place.pressure })
}
/** Of a place where nobody is. */
const motionless = 0

/** Squares of the same 2.5 m that densities are taken over. */
const placesOf = ({ x, y, area }: Plane, weights: Float32Array): readonly Place[] => {
  const squares = new Map<string, number[]>()
  for (let cell = 0; cell < weights.length; cell++) {
    if (area[cell] === 0 || weights[cell] === 0) continue
    const key = `${Math.floor((x[cell] ?? 0) / window_m)} ${Math.floor((y[cell] ?? 0) / window_m)}`
    const square = squares.get(key)
    if (square === undefined) squares.set(key, [cell])
    else square.push(cell)
  }
  return [...squares.values()].flatMap(cells => {
    const m2 = cells.reduce((sum, cell) => sum + (area[cell] ?? 0) * (weights[cell] ?? 0), 0)
    return m2 < least_seen * window_m ** 2 ? [] : [{ cells, m2, sums: nothing(), patch: startPatch, pressure: 0 }]
  })
}

/** People in a field cell and the ring of model cells around it: a head may lie on the edge. */
const crowdAround = (cell: number, people: Float32Array, { view, plane: { columns } }: Layout, cell_px: number): number => {
  const across = Math.floor(view.content.width / field_cell_px)
  const wide = field_cell_px / cell_px
  const [left, top] = [(cell % across) * wide, Math.floor(cell / across) * wide]
  let sum = 0
  for (let y = Math.max(0, Math.floor(top) - 1); y <= top + wide; y++)
    for (let x = Math.max(0, Math.floor(left) - 1); x <= left + wide && x < columns; x++) sum += people[y * columns + x] ?? 0
  return sum
}
