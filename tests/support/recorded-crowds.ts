/**
 * How many people were in a place, step by step of ten seconds at a station, counted from recorded trajectories (HERMES, UCY, ETH).
 * They are played slower than they were: one second in the laboratory is half a minute at a station, so that a corridor fills at
 * the pace of a platform (0.1 to 0.3 p/m² a minute when its peak is taken for 4 p/m²); a second of the street is 25 seconds.
 * Single runs hold 20 to 50 people, where a platform holds hundreds; runs laid side by side, each begun a little later, or a street
 * beside itself at other times, have less of the noise of small numbers.
 */
import { readFileSync } from 'node:fs'
import { data, needsData } from './data.ts'

export type Crowds = Readonly<Record<string, readonly (readonly number[])[]>>

const laboratory_pace = 30
const hermes = (name: string): string => `flows/HERMES/Corridor-${name}.txt`
const street = (name: string): string => `flows/${name}/obsmat.txt`
const laboratory = {
  fit: ['1D/uo-145-180-180', '1D/uo-180-180-180', '1D/uo-240-240-240'],
  judge: ['2D/bo-360-090-090', '2D/boa-300-065-105', '2D/bot-360-120-120']
}
const streets = { fit: ['UCY/zara01', 'ETH/seq_hotel'], judge: ['UCY/students03', 'ETH/seq_eth'] }
/** Frames of one annotation, 0.4 s apart: one step of ten seconds when a second is 25. */
const frames_a_step: Readonly<Record<string, number>> = { 'ETH/seq_eth': 6 }
const people_in_a_street: Readonly<Record<string, number>> = { 'UCY/students03': 2 }

export const needsCrowds = (): { skip: string | false } =>
  needsData(...[...laboratory.fit, ...laboratory.judge].map(hermes), ...[...streets.fit, ...streets.judge].map(street))

/** The recordings a model may be fitted on, or those that judge it. */
export const crowds = (of: 'fit' | 'judge'): Crowds => {
  const runs = laboratory[of].map(runOf)
  const [a, b, c] = runs as [number[][], number[][], number[][]]
  return {
    'laboratory 1+2': sideBySide([a, b]),
    'laboratory 3+1': sideBySide([c, a]),
    'laboratory 2+3': sideBySide([b, c]),
    'laboratory 1+2+3': sideBySide(runs),
    ...Object.fromEntries(streets[of].map(name => [name, [besideItself(streetOf(name), people_in_a_street[name] ?? 6)]]))
  }
}

/** Stretches of the corridor, metres along it. */
const stretches = [
  [-4, 6],
  [-4, 0],
  [0, 4],
  [2, 6]
] as const

const runOf = (name: string): number[][] => {
  const rows = rowsOf(hermes(name))
  const frames = (16 * 10) / laboratory_pace
  return stretches.map(([from, to]) => {
    const counts: number[] = []
    for (const [, frame = 0, , y = 0] of rows)
      if (y / 100 >= from && y / 100 < to) counts[Math.floor(frame / frames)] = (counts[Math.floor(frame / frames)] ?? 0) + 1 / frames
    const whole = Array.from(counts, count => count ?? 0)
    return whole.slice(whole.findIndex(count => count > 0))
  })
}

const streetOf = (name: string): number[] => {
  const counts: number[] = []
  for (const [frame = 0] of rowsOf(street(name))) {
    const step = Math.round(frame / (frames_a_step[name] ?? 10))
    counts[step] = (counts[step] ?? 0) + 1
  }
  const whole = Array.from(counts, count => count ?? 0)
  return whole.slice(whole.findIndex(count => count > 0))
}

const rowsOf = (path: string): number[][] =>
  readFileSync(data(path) ?? path, 'utf8')
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))

const added = (all: readonly (readonly number[])[]): number[] =>
  Array.from({ length: Math.max(...all.map(({ length }) => length)) }, (_, i) => all.reduce((sum, one) => sum + (one[i] ?? 0), 0))

/** The same stretch of several runs, each begun later than the one before, at once or by two, four and six minutes. */
const sideBySide = (runs: readonly (readonly (readonly number[])[])[]): number[][] =>
  stretches.flatMap((_, stretch) =>
    [0, 12, 24, 36].map(later => added(runs.map((run, i) => [...new Array<number>(i * later).fill(0), ...(run[stretch] ?? [])])))
  )

/** By the golden section, so that no two of them keep step. */
const besideItself = (counts: readonly number[], times: number): number[] =>
  added(
    Array.from({ length: times }, (_, i) => {
      const from = Math.floor((counts.length * i * 0.618) % counts.length)
      return [...counts.slice(from), ...counts.slice(0, from)]
    })
  )
