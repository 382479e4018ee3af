import { existsSync, readFileSync } from 'node:fs'
import type { Labelled } from '../../models/nab.ts'

export type NabSeries = Labelled & {
  readonly name: string
  readonly values: readonly number[]
  readonly steps_a_day: number
  readonly half: 'a' | 'b'
}

/** The 58 series of the benchmark, in halves that take turns within each folder. */
export const readNab = (root: string): readonly NabSeries[] => {
  const windows = JSON.parse(readFileSync(`${root}/labels/combined_windows.json`, 'utf8')) as Record<string, [string, string][]>
  return Object.keys(windows)
    .sort()
    .map((name, i) => {
      const rows = readFileSync(`${root}/data/${name}`, 'utf8')
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map(row => row.split(','))
      const at = rows.map(([stamp = '']) => momentOf(stamp))
      const gaps = at.slice(1).map((time, j) => time - (at[j] ?? 0))
      const step_ms = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0
      return {
        name,
        rows: rows.length,
        values: rows.map(([, value]) => Number(value)),
        steps_a_day: Math.round(86_400_000 / step_ms),
        windows: (windows[name] ?? []).map(([from, to]) => [at.indexOf(momentOf(from)), at.indexOf(momentOf(to))] as const),
        half: i % 2 === 0 ? ('a' as const) : ('b' as const)
      }
    })
}
const momentOf = (stamp: string): number => Date.parse(`${stamp.replace(' ', 'T').replace(/\.\d+$/, '')}Z`)

export const published = (root: string): Readonly<Record<string, Readonly<Record<string, number>>>> =>
  existsSync(`${root}/published_results.json`) ? JSON.parse(readFileSync(`${root}/published_results.json`, 'utf8')) : {}
