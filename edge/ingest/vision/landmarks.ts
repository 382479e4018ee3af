/**
 * Landmarks: edges that stay where they are, walls, kerbs, signs. By them a camera knows that it still looks where it was hung, and
 * still sharply, however many people walk through. Of each cell only the direction of its edge is kept, not its brightness: day,
 * night and another exposure keep it, and no picture could be made of it. It lives in the memory of the vision process alone.
 */
import { cell_px, type Light } from './light.ts'

/** What is found of the landmarks in one picture. */
export type Found = {
  /** Share of the landmarks, region by region, that are where they were. */
  readonly kept: number
  /** How rich in edges the whole picture is beside its usual self. */
  readonly rich: number
  /** How sharp those landmarks are that are there, beside their usual selves. */
  readonly sharp: number
  /** The same beside their selves of days: dust, fog and a lens that creeps blur so slowly that the usual goes along. */
  readonly clear: number
}
export type Landmarks = {
  /** Undefined while there is too little to go by: newly opened, or a view without edges. */
  readonly look: (rgb: Uint8Array, light: Light) => Found | undefined
  /** The picture that was looked at last is of what should be seen. */
  readonly learn: (rgb: Uint8Array, at: number) => void
}

/** People who stand in front of some landmarks leave those of other regions alone, so regions are asked one by one. */
const region_cells = 8
/** An edge of this contrast counts half of a strong one. */
const half_contrast = 8
/** An edge that pointed the same way for most of the time stays; of what moves little is left. */
const steady = 0.3
const least_landmarks = 60
const learnt_after_ms = 8_000
const least_looks = 12
/** How fast the landmarks follow the light of the day. */
const memory_ms = 60_000
/** How fast an edge is believed to be as sharp as it is, and how slowly it is forgotten that it was. */
const clearing_ms = 600_000
const fading_ms = 3 * 86_400_000
const region_found = 0.5
const longest_gap_ms = 2_000
const most_for_sharpness = 150
const least_sharpness = 10
const chosen_every = 6

export const openLandmarks = (width: number, wide: number, high: number, seen?: Float32Array): Landmarks => {
  const cells = wide * high
  const may = lookable(wide, high, width >> 3, seen)
  /** Direction of the edge now, as double angle: an edge that turns from bright to dark is still that edge. */
  const [ex, ey] = [new Float32Array(cells), new Float32Array(cells)]
  const [rx, ry] = [new Float32Array(cells), new Float32Array(cells)]
  const coarse = new Float32Array(cells)
  const acute = new Float32Array(cells)
  const clearest = new Float32Array(cells)
  let usual_rich = 0
  let rich = 0
  let last_at: number | undefined
  let learnt_ms = 0
  let looks = 0
  let chosen: readonly number[] = []
  /** Those of them whose sharpness is looked at. */
  let sample: readonly number[] = []
  const wide_regions = Math.ceil(wide / region_cells)
  const regions = wide_regions * Math.ceil(high / region_cells)
  const regionOf = (cell: number): number =>
    Math.floor((cell % wide) / region_cells) + wide_regions * Math.floor(cell / wide / region_cells)

  const sense = ({ cells: light }: Light): number => {
    let rich = 0
    for (let y = 1; y < high - 1; y++)
      for (let x = 1, cell = y * wide + 1; x < wide - 1; x++, cell++) {
        if (may[cell] === 0) continue
        const gx = (light[cell + 1] ?? 0) - (light[cell - 1] ?? 0)
        const gy = (light[cell + wide] ?? 0) - (light[cell - wide] ?? 0)
        const squared = gx * gx + gy * gy
        const size = Math.sqrt(squared)
        const weight = size / (size + half_contrast)
        coarse[cell] = size
        ex[cell] = squared === 0 ? 0 : (weight * (gx * gx - gy * gy)) / squared
        ey[cell] = squared === 0 ? 0 : (weight * 2 * gx * gy) / squared
        rich += weight
      }
    return rich
  }

  /** The steepest step between pixels of a cell beside the cell's own contrast: what a lens out of focus loses first. */
  const acuteness = (rgb: Uint8Array, cell: number): number => {
    const [x, y] = [(cell % wide) * cell_px, Math.floor(cell / wide) * cell_px]
    let most = 0
    for (let row = -4; row < cell_px + 4; row++)
      for (let column = -4; column < cell_px + 4; column++) {
        const i = ((y + row) * width + x + column) * 3 + 1
        const here = rgb[i] ?? 0
        most = Math.max(most, Math.abs((rgb[i + 6] ?? here) - here), Math.abs((rgb[i + width * 6] ?? here) - here))
      }
    return most / ((coarse[cell] ?? 0) + half_contrast)
  }

  const choose = (): void => {
    const all: number[] = []
    for (let cell = 0; cell < cells; cell++) if (may[cell] === 1 && Math.hypot(rx[cell] ?? 0, ry[cell] ?? 0) >= steady) all.push(cell)
    chosen = all
    sample = all.filter((_, nth) => nth % Math.max(1, Math.floor(all.length / most_for_sharpness)) === 0)
  }

  /** How much of the edge that stays in this cell is there now, out of its own strength. */
  const there = (cell: number, strength: number): number =>
    ((ex[cell] ?? 0) * (rx[cell] ?? 0) + (ey[cell] ?? 0) * (ry[cell] ?? 0)) / strength

  const find = (rgb: Uint8Array): Found => {
    const mass = new Float32Array(regions)
    const found = new Float32Array(regions)
    for (const cell of chosen) {
      const region = regionOf(cell)
      const strength = Math.hypot(rx[cell] ?? 0, ry[cell] ?? 0)
      mass[region] = (mass[region] ?? 0) + strength
      found[region] = (found[region] ?? 0) + there(cell, strength)
    }
    let [all, kept] = [0, 0]
    mass.forEach((strength, region) => {
      all += strength
      if ((found[region] ?? 0) >= region_found * strength) kept += strength
    })
    const [sharp, clear]: [number[], number[]] = [[], []]
    for (const cell of sample) {
      const strength = Math.hypot(rx[cell] ?? 0, ry[cell] ?? 0)
      const before = acute[cell] ?? 0
      if (before === 0 || there(cell, strength) <= 0.5 * strength) continue
      const now = acuteness(rgb, cell)
      sharp.push(now / before)
      clear.push(now / (clearest[cell] || before))
    }
    const few = sharp.length < least_sharpness
    return { kept: kept / all, rich: rich / usual_rich, sharp: few ? 1 : median(sharp), clear: few ? 1 : median(clear) }
  }

  return {
    look: (rgb, light) => {
      rich = sense(light)
      return learnt_ms >= learnt_after_ms && looks >= least_looks && chosen.length >= least_landmarks ? find(rgb) : undefined
    },
    learn: (rgb, at) => {
      looks++
      // Pictures that did not come taught nothing.
      const passed_ms = Math.min(at - (last_at ?? at), longest_gap_ms)
      learnt_ms += passed_ms
      last_at = at
      const share = Math.max(1 / looks, 1 - Math.exp(-passed_ms / memory_ms))
      for (let cell = 0; cell < cells; cell++) {
        rx[cell] = (rx[cell] ?? 0) + share * ((ex[cell] ?? 0) - (rx[cell] ?? 0))
        ry[cell] = (ry[cell] ?? 0) + share * ((ey[cell] ?? 0) - (ry[cell] ?? 0))
      }
      usual_rich += share * (rich - usual_rich)
      if (looks % chosen_every === 0) choose()
      for (const cell of sample) {
        const before = acute[cell] ?? 0
        const now = acuteness(rgb, cell)
        const usual = before === 0 ? now : before + share * (now - before)
        acute[cell] = usual
        const best = clearest[cell] || usual
        clearest[cell] = best + (usual - best) * (1 - Math.exp(-passed_ms / (usual > best ? clearing_ms : fading_ms)))
      }
    }
  }
}

/** Cells whose whole neighbourhood shows the picture: the border of a mask is an edge that stays whatever the camera does. */
const lookable = (wide: number, high: number, columns: number, seen: Float32Array | undefined): Uint8Array => {
  const may = new Uint8Array(wide * high).fill(1)
  if (seen === undefined) return may
  for (let y = 0; y < high; y++)
    for (let x = 0; x < wide; x++)
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++)
          if (y + dy >= 0 && y + dy < high && x + dx >= 0 && x + dx < wide && (seen[(y + dy) * columns + x + dx] ?? 0) < 1)
            may[y * wide + x] = 0
  return may
}

const median = (values: number[]): number => {
  values.sort((a, b) => a - b)
  return values[values.length >> 1] ?? 1
}
