/**
 * What the station remembers of every series it watches, so that a model without a memory can say how odd the newest value is.
 * The same arrays are the model's inputs, one row a series: nothing is copied when all are judged at once, and every one has an
 * end. A step is one place of the grid on which all series are sampled; a step at which nothing was said is not a number.
 */

/** The sizes that the model was made for. */
export const residuals_kept = 4000
export const blocks_kept = 1344
const block_steps = 6
const peak_steps = 100
const peaks_kept = 80
/** After an oddity, only what is odder than everything of so many steps is another one. */
export const quiet_steps = 100
/** Peaks of so few steps say nothing yet. */
const warm_steps = 60
export const parts = 4
/** Days back at which the same time of day is looked up, one step before and after. */
const days_back = [1, 2, 3, 5, 7] as const
export const lags = days_back.length * 3

/** What is counted of a series, by column. */
const at = { seen: 0, known: 1, place: 2, blocks: 3, in_block: 4, block_sum: 5, first_step: 6, heard_step: 7 } as const
export const counts = 8

export const widths = (day: number) => ({
  /** The last week, by step. */
  values: 7 * day + 2,
  /** How far each was from the same time of other days. */
  residuals_by_step: 7 * day + 2,
  residuals: residuals_kept,
  hours: residuals_kept,
  blocks: blocks_kept,
  block_peaks: peaks_kept * parts,
  scores: quiet_steps
})
type Named = keyof ReturnType<typeof widths>
export const arrays: readonly Named[] = ['values', 'residuals_by_step', 'residuals', 'hours', 'blocks', 'block_peaks', 'scores']
const unknownAtFirst: readonly Named[] = ['values', 'residuals_by_step']

export type UsualMemory = {
  readonly steps_a_day: number
  /** Number of the step judged last; the next one is judged when it is over. */
  step: number
  readonly series: string[]
  readonly capacity: number
  readonly counts: Float64Array
} & Readonly<Record<Named, Float32Array>>

export const startMemory = (steps_a_day: number, capacity: number, step = -1): UsualMemory => {
  const width = widths(steps_a_day)
  const made = Object.fromEntries(
    arrays.map(name => [name, new Float32Array(capacity * width[name]).fill(unknownAtFirst.includes(name) ? Number.NaN : 0)])
  ) as Readonly<Record<Named, Float32Array>>
  return { steps_a_day, step, series: [], capacity, counts: new Float64Array(capacity * counts), ...made }
}

/** The row of a series, a new one if there is room. */
export const rowOf = (memory: UsualMemory, name: string): number | undefined => {
  const known = memory.series.indexOf(name)
  if (known >= 0) return known
  if (memory.series.length >= memory.capacity) return undefined
  const row = memory.series.push(name) - 1
  memory.counts[row * counts + at.first_step] = memory.step + 1
  memory.counts[row * counts + at.heard_step] = memory.step + 1
  return row
}

/** Series that have said nothing for a week are nobody's habit any more: the last row takes the place of each. */
export const forgetSilent = (memory: UsualMemory): void => {
  const width = widths(memory.steps_a_day)
  for (let row = memory.series.length - 1; row >= 0; row--) {
    if (memory.step - (memory.counts[row * counts + at.heard_step] ?? 0) <= 7 * memory.steps_a_day) continue
    const last = memory.series.length - 1
    for (const name of arrays) {
      const of = memory[name]
      const size = width[name]
      of.copyWithin(row * size, last * size, (last + 1) * size)
      of.fill(unknownAtFirst.includes(name) ? Number.NaN : 0, last * size, (last + 1) * size)
    }
    memory.counts.copyWithin(row * counts, last * counts, (last + 1) * counts)
    memory.counts.fill(0, last * counts, (last + 1) * counts)
    const moved = memory.series.pop()
    if (row !== last && moved !== undefined) memory.series[row] = moved
  }
}

/** The station was away: what lies between is unknown. After more than a week nothing is left of the week. */
export const skipTo = (memory: UsualMemory, step: number): void => {
  const width = widths(memory.steps_a_day).values
  const from = Math.max(memory.step + 1, step - width)
  for (let missed = from; missed < step; missed++)
    for (let row = 0; row < memory.series.length; row++) {
      const index = row * width + (missed % width)
      memory.values[index] = memory.residuals_by_step[index] = Number.NaN
    }
  memory.step = Math.max(memory.step, step - 1)
}

/** A clock that stood far ahead is right again. The week is unknown, as after an absence; what is usual stays known. */
export const goBackTo = (memory: UsualMemory, step: number): void => {
  memory.values.fill(Number.NaN)
  memory.residuals_by_step.fill(Number.NaN)
  for (let base = 0; base < memory.series.length * counts; base += counts)
    for (const column of [at.first_step, at.heard_step]) memory.counts[base + column] = Math.min(step, memory.counts[base + column] ?? step)
  memory.step = step - 1
}

/** How many steps of a series were ever seen, and over how many it is known. */
export const seenOf = (memory: UsualMemory, row: number): { readonly seen: number; readonly over: number } => {
  const base = row * counts
  return { seen: memory.counts[base + at.seen] ?? 0, over: memory.step + 1 - (memory.counts[base + at.first_step] ?? 0) }
}

export type Feeds = {
  readonly value: Float32Array
  readonly same_time: Float32Array
  readonly same_time_residuals: Float32Array
  readonly residuals: Float32Array
  readonly hours: Float32Array
  readonly remembered: Float32Array
  readonly blocks: Float32Array
  readonly blocks_seen: Float32Array
  readonly peaks: Float32Array
}

/** What the model is asked of the next step; a value that is no number is asked as 0 and its answer not believed. */
export const askAbout = (memory: UsualMemory, values: Float32Array): Feeds => {
  const n = memory.series.length
  const step = memory.step + 1
  const width = widths(memory.steps_a_day).values
  const same_time = new Float32Array(n * lags)
  const same_time_residuals = new Float32Array(n * lags)
  const remembered = new Float32Array(n)
  const blocks_seen = new Float32Array(n)
  const peaks = new Float32Array(n * parts)
  for (let row = 0; row < n; row++) {
    let lag = row * lags
    for (const days of days_back)
      for (const beside of [-1, 0, 1]) {
        const then = step - days * memory.steps_a_day - beside
        const index = row * width + (((then % width) + width) % width)
        same_time[lag] = memory.values[index] ?? Number.NaN
        same_time_residuals[lag] = memory.residuals_by_step[index] ?? Number.NaN
        lag++
      }
    const base = row * counts
    remembered[row] = Math.min(residuals_kept, memory.counts[base + at.known] ?? 0)
    blocks_seen[row] = Math.min(blocks_kept, memory.counts[base + at.blocks] ?? 0)
    if ((memory.counts[base + at.seen] ?? 0) >= warm_steps) highest(memory.block_peaks, row, peaks)
  }
  const { residuals, hours, blocks } = memory
  return {
    value: values.subarray(0, n).map(value => (Number.isNaN(value) ? 0 : value)),
    same_time,
    same_time_residuals,
    residuals: residuals.subarray(0, n * residuals_kept),
    hours: hours.subarray(0, n * residuals_kept),
    remembered,
    blocks: blocks.subarray(0, n * blocks_kept),
    blocks_seen,
    peaks
  }
}

const highest = (block_peaks: Float32Array, row: number, peaks: Float32Array): void => {
  const base = row * peaks_kept * parts
  for (let i = 0; i < peaks_kept * parts; i++) {
    const part = row * parts + (i % parts)
    peaks[part] = Math.max(peaks[part] ?? 0, block_peaks[base + i] ?? 0)
  }
}

/** What the model answers of every row. */
export type Said = {
  readonly usual: ArrayLike<number>
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
  readonly residual: ArrayLike<number>
  readonly hour: ArrayLike<number>
  readonly parts: ArrayLike<number>
  readonly ratios: ArrayLike<number>
  readonly score: ArrayLike<number>
}

/** Takes in the values and what was said of them. The answer is each row's score, 0 where something of the last hundred steps was odder. */
export const learn = (memory: UsualMemory, values: Float32Array, said: Said): Float32Array => {
  memory.step++
  const told = new Float32Array(memory.series.length)
  for (let row = 0; row < told.length; row++) {
    const value = values[row] ?? Number.NaN
    const score = Number.isNaN(value) ? 0 : (said.score[row] ?? 0)
    told[row] = quietened(memory, row, score)
    learnRow(memory, row, value, said)
  }
  return told
}

const quietened = ({ scores, step }: UsualMemory, row: number, score: number): number => {
  const base = row * quiet_steps
  let most = 0
  for (let i = 0; i < quiet_steps; i++) most = Math.max(most, scores[base + i] ?? 0)
  scores[base + (step % quiet_steps)] = score
  return score > most ? score : 0
}

const learnRow = (memory: UsualMemory, row: number, value: number, said: Said): void => {
  const { counts: count, steps_a_day, step, values, residuals_by_step, residuals, hours } = memory
  const width = widths(steps_a_day).values
  const index = row * width + (step % width)
  const base = row * counts
  values[index] = value
  residuals_by_step[index] = Number.NaN
  if (Number.isNaN(value)) return
  count[base + at.heard_step] = step
  const seen = count[base + at.seen] ?? 0
  learnPeaks(memory, row, seen, said.parts)
  count[base + at.seen] = seen + 1
  // Without the same time of another day there is nothing it could be far from.
  if (!Number.isNaN(said.low[row] ?? Number.NaN)) {
    const place = row * residuals_kept + (count[base + at.place] ?? 0)
    residuals_by_step[index] = residuals[place] = said.residual[row] ?? 0
    hours[place] = said.hour[row] ?? 0
    count[base + at.place] = ((count[base + at.place] ?? 0) + 1) % residuals_kept
    count[base + at.known] = (count[base + at.known] ?? 0) + 1
  }
  learnBlock(memory, row, value)
}

const learnPeaks = ({ block_peaks }: UsualMemory, row: number, seen: number, said: ArrayLike<number>): void => {
  const base = (row * peaks_kept + (Math.floor(seen / peak_steps) % peaks_kept)) * parts
  if (seen % peak_steps === 0) block_peaks.fill(0, base, base + parts)
  // The first few say how far a beginning is from nothing.
  if (seen >= 10)
    for (let part = 0; part < parts; part++)
      block_peaks[base + part] = Math.max(block_peaks[base + part] ?? 0, said[row * parts + part] ?? 0)
}

const learnBlock = ({ counts: count, blocks }: UsualMemory, row: number, value: number): void => {
  const base = row * counts
  const sum = (count[base + at.block_sum] ?? 0) + value
  const n = (count[base + at.in_block] ?? 0) + 1
  count[base + at.in_block] = n % block_steps
  count[base + at.block_sum] = n === block_steps ? 0 : sum
  if (n < block_steps) return
  const from = row * blocks_kept
  blocks.copyWithin(from, from + 1, from + blocks_kept)
  blocks[from + blocks_kept - 1] = sum / block_steps
  count[base + at.blocks] = (count[base + at.blocks] ?? 0) + 1
}
