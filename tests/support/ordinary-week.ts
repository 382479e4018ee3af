/**
 * A week of ordinary peaks, made from real counts. People walk through a zone as they were counted second by second in the street
 * and hotel recordings of ETH and UCY: as many of those streams at once, each from a moment of its own, as the hour needs. How busy
 * an hour is comes from the half-hourly taxi rides of an ordinary week in New York (NAB); the busiest is as full as the caller says.
 * A camera then counts them with an error.
 */
import { readFileSync } from 'node:fs'

export const recordings = ['flows/ETH/seq_eth', 'flows/ETH/seq_hotel', 'flows/UCY/zara01', 'flows/UCY/students03'].map(
  folder => `${folder}/obsmat.txt`
)
export const rides = 'sensors/nab/data/realKnownCause/nyc_taxi.csv'
/** A Monday; the labelled anomalies of the series begin in November. */
const first_half_hour = '2014-09-15 00:00:00'
const half_hours = 7 * 48
export const week_s = 7 * 86_400
export const step_s = 2

/** All four were annotated from video of 25 pictures a second; what lies between two annotated frames keeps the last count. */
const frames_per_s = 25

/** People seen at once, every `step_s` of the recording. */
export const stream = (file: string): Uint16Array => {
  const seen = new Map<number, number>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const frame = Number.parseFloat(line)
    if (Number.isFinite(frame)) seen.set(frame, (seen.get(frame) ?? 0) + 1)
  }
  const frames = [...seen.keys()].sort((a, b) => a - b)
  const [begin = 0] = frames
  const counts = new Uint16Array(Math.floor(((frames.at(-1) ?? 0) - begin) / frames_per_s / step_s))
  let k = 0
  counts.forEach((_, i) => {
    while ((frames[k + 1] ?? Number.POSITIVE_INFINITY) <= begin + i * step_s * frames_per_s) k += 1
    counts[i] = seen.get(frames[k] ?? 0) ?? 0
  })
  return counts
}

/** How busy each moment of the week is, 0 to 1, from half hour to half hour. */
export const busyness = (file: string): ((at_s: number) => number) => {
  const lines = readFileSync(file, 'utf8').split('\n')
  const from = lines.findIndex(line => line.startsWith(first_half_hour))
  const values = lines.slice(from, from + half_hours + 1).map(line => Number(line.split(',')[1]))
  const most = Math.max(...values)
  return at_s => {
    const half = at_s / 1800
    const [a = 0, b = 0] = [values[Math.floor(half)], values[Math.floor(half) + 1]]
    return (a + (b - a) * (half % 1)) / most
  }
}

/** Numbers that are the same in every run. */
export const dice = (seed: number) => {
  let state = seed
  const roll = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return { roll, gauss: () => Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll()) }
}

export type Week = {
  readonly streams: readonly Uint16Array[]
  readonly busy: (at_s: number) => number
  /** People in the zone in the busiest half hour, on average. */
  readonly peak: number
  /** Of the count of one picture, relative; it holds for some seconds, because the picture hardly changes. */
  readonly error: number
  readonly seed: number
}
const error_lasts_s = 10

/** What the camera says, every `step_s`. */
export const countsOf = ({ streams, busy, peak, error, seed }: Week): Float32Array => {
  const { roll, gauss } = dice(seed)
  const means = streams.map(counts => counts.reduce((sum, one) => sum + one, 0) / counts.length)
  const said = new Float32Array(week_s / step_s)
  const stays = Math.exp(-step_s / error_lasts_s)
  const walkers: { stream: number; at: number }[] = []
  let usual = 0
  let off = 0
  for (let step = 0; step < said.length; step++) {
    const wanted = peak * busy(step * step_s)
    let people = 0
    for (let i = walkers.length - 1; i >= 0; i--) {
      const walker = walkers[i] as { stream: number; at: number }
      const mean = means[walker.stream] ?? 0
      const count = streams[walker.stream]?.[walker.at]
      // A recording that has ended makes room for another; as the hour grows quiet, one by one is not begun again.
      if (count === undefined) {
        usual -= mean
        walkers.splice(i, 1)
      } else people += count
      walker.at += 1
    }
    while (usual < wanted) {
      const stream = Math.floor(roll() * streams.length)
      usual += means[stream] ?? 0
      walkers.push({ stream, at: Math.floor(roll() * (streams[stream]?.length ?? 0)) })
    }
    off = stays * off + Math.sqrt(1 - stays * stays) * error * gauss()
    said[step] = Math.max(0, people * (1 + off))
  }
  return said
}
