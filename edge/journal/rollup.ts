/** Minutes and hours out of line protocol, so that a chart of a week reads thousands of rows and not millions. */
import { parseLine } from '../domain/line-protocol.ts'

export type Series = { readonly zone: string; readonly device: string; readonly quantity: string }
export type Sum = { n: number; sum: number; min: number; max: number; last: number; last_at: number }
/** By start of the step, then by the line's key: measurement and tags as they were written. */
export type Sums = Map<number, Map<string, Sum>>

export const minute_ms = 60_000
export const hour_ms = 3_600_000

type Cut = { readonly key: string; readonly fields: string; readonly at: number }

/** Fields and stamps hold no blanks, so the last two blanks part a line whatever its tags hold. */
export const cut = (line: string): Cut | undefined => {
  const stamp = line.lastIndexOf(' ')
  const fields = line.lastIndexOf(' ', stamp - 1)
  const at = Number(line.slice(stamp + 1))
  return fields > 0 && Number.isFinite(at) ? { key: line.slice(0, fields), fields: line.slice(fields + 1, stamp), at } : undefined
}

/** Value of a `reading` line; nothing for other measurements. */
export const readingOf = (line: string): (Cut & { readonly value: number }) | undefined => {
  if (!line.startsWith('reading,')) return undefined
  const parts = cut(line)
  if (parts === undefined || !parts.fields.startsWith('value=')) return undefined
  const end = parts.fields.indexOf(',')
  const value = Number(parts.fields.slice(6, end < 0 ? undefined : end))
  return Number.isFinite(value) ? { ...parts, value } : undefined
}

export const seriesOf = (key: string): Series => {
  const { zone = '', device = '', quantity = '' } = parseLine(`${key} value=0 0`).tags
  return { zone, device, quantity }
}

export const add = (sums: Sums, step_ms: number, key: string, at: number, value: number): void => {
  merge(sums, Math.floor(at / step_ms) * step_ms, key, { n: 1, sum: value, min: value, max: value, last: value, last_at: at })
}

export const merge = (sums: Sums, at: number, key: string, more: Sum): void => {
  const step = sums.get(at) ?? new Map<string, Sum>()
  sums.set(at, step)
  const sum = step.get(key)
  if (sum === undefined) {
    step.set(key, { ...more })
    return
  }
  sum.n += more.n
  sum.sum += more.sum
  if (more.min < sum.min) sum.min = more.min
  if (more.max > sum.max) sum.max = more.max
  // A late reading counts, but it is not the last one.
  if (more.last_at >= sum.last_at) {
    sum.last = more.last
    sum.last_at = more.last_at
  }
}

/** Coarser sums out of finer ones. */
export const coarser = (sums: Sums, step_ms: number): Sums => {
  const out: Sums = new Map()
  for (const [at, step] of sums) for (const [key, sum] of step) merge(out, Math.floor(at / step_ms) * step_ms, key, sum)
  return out
}
