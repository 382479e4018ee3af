/** A thread that only reads the history, so that a week's chart never delays a block on its way to the disk. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import type { Quantity } from '../domain/vocabulary.ts'
import type { Block, HistoryQuery, HistoryRow } from '../ports.ts'
import { serve } from '../thread.ts'
import { add, hour_ms, merge, minute_ms, readingOf, type Series, type Sum, type Sums, seriesOf } from './rollup.ts'
import type { Db } from './tables.ts'

export type HistoryReader = {
  readonly open: (file: string) => void
  /** Whole blocks, and the numbers of those that do not match their sum. */
  readonly blocks: (after: number, max_bytes: number) => { readonly blocks: readonly Block[]; readonly damaged: readonly number[] }
  readonly query: (query: HistoryQuery) => Promise<readonly HistoryRow[]>
  readonly close: () => void
}

/** Two hours of one-second blocks: what lies beyond is asked for in minutes. */
const max_blocks = 7200
const max_rows = 500_000
const slice_blocks = 16

type BlockRow = {
  readonly seq: number
  readonly points: number
  readonly from_at: number
  readonly to_at: number
  readonly sum: string
  readonly gzip: Buffer
}

let db: Db | undefined
const connection = (): Db => {
  if (db === undefined) throw new Error('the history was read before it was opened')
  return db
}

const handlers: HistoryReader = {
  open: file => {
    db = new Database(file, { readonly: true, timeout: 1000 })
  },
  blocks: (after, max_bytes) => {
    const blocks: Block[] = []
    const damaged: number[] = []
    let bytes = 0
    const next = connection().prepare<[number], BlockRow>('SELECT * FROM block WHERE seq > ? ORDER BY seq LIMIT 1')
    for (let row = next.get(after); row !== undefined; row = next.get(row.seq)) {
      const whole = row.sum === createHash('sha256').update(row.gzip).digest('hex').slice(0, 16)
      if (!whole) damaged.push(row.seq)
      else if (blocks.length > 0 && bytes + row.gzip.length > max_bytes) break
      else {
        bytes += row.gzip.length
        blocks.push({ seq: row.seq, points: row.points, from: row.from_at, to: row.to_at, gzip: row.gzip })
      }
    }
    return { blocks, damaged }
  },
  query: async query => {
    const rows = query.step_ms < minute_ms ? await fromBlocks(query) : fromSteps(query)
    return rows.sort((a, b) => a.at - b.at || compare(a.device, b.device) || compare(a.quantity, b.quantity)).slice(0, query.limit)
  },
  close: () => {
    db?.close()
    db = undefined
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const wanted = (query: HistoryQuery, series: Series): boolean =>
  (query.device ?? series.device) === series.device &&
  (query.zone ?? series.zone) === series.zone &&
  (query.quantity ?? series.quantity) === series.quantity

/** Raw readings, or steps shorter than a minute. Between slices other questions are answered. */
const fromBlocks = async (query: HistoryQuery): Promise<HistoryRow[]> => {
  const { from, to, step_ms } = query
  const seqs = connection()
    .prepare<[number, number, number], number>(
      'SELECT seq FROM block INDEXED BY block_time WHERE to_at >= ? AND from_at <= ? ORDER BY seq LIMIT ?'
    )
    .pluck()
    .all(from, to, max_blocks)
  const known = new Map<string, Series | undefined>()
  const sums: Sums = new Map()
  const rows: HistoryRow[] = []
  for (const [i, seq] of seqs.entries()) {
    if (i % slice_blocks === slice_blocks - 1) await new Promise(resolve => setImmediate(resolve))
    for (const line of linesOf(seq)) {
      const reading = readingOf(line)
      if (reading === undefined || reading.at < from || reading.at > to) continue
      const { key, at, value } = reading
      if (!known.has(key)) {
        const series = seriesOf(key)
        known.set(key, wanted(query, series) ? series : undefined)
      }
      const series = known.get(key)
      if (series === undefined) continue
      if (step_ms > 0) add(sums, step_ms, key, at, value)
      else if (rows.push({ ...series, quantity: series.quantity as Quantity, at, value, min: value, max: value, n: 1 }) >= max_rows)
        return rows
    }
  }
  for (const [at, step] of sums) for (const [key, sum] of step) rows.push(rowOf(known.get(key) ?? seriesOf(key), at, sum))
  return rows
}

const linesOf = (seq: number): string[] => {
  const gzip = connection().prepare<[number], Buffer>('SELECT gzip FROM block WHERE seq = ?').pluck().get(seq)
  if (gzip === undefined) return []
  try {
    return gunzipSync(gzip).toString().split('\n')
  } catch {
    // Damaged: nothing of it is shown. The way to the cloud finds and counts it.
    return []
  }
}

/** From minutes or hours. The first and last step are whole steps, wherever `from` and `to` lie in them. */
const fromSteps = ({ device, zone, quantity, from, to, step_ms }: HistoryQuery): HistoryRow[] => {
  const [table, table_ms] = step_ms < hour_ms ? ['minute', minute_ms] : ['hour', hour_ms]
  const sums: Sums = new Map()
  const series = new Map<string, Series>()
  const found = connection()
    .prepare<[number, number, string | null, string | null, string | null], Series & Sum & { at: number; series: number }>(
      `SELECT ${table}.*, zone, device, quantity FROM ${table} JOIN series ON series.id = ${table}.series
       WHERE at >= ? AND at <= ? AND zone = coalesce(?, zone) AND device = coalesce(?, device) AND quantity = coalesce(?, quantity)`
    )
    .iterate(Math.floor(from / table_ms) * table_ms, to, zone ?? null, device ?? null, quantity ?? null)
  for (const row of found) {
    const key = String(row.series)
    series.set(key, { zone: row.zone, device: row.device, quantity: row.quantity })
    merge(sums, Math.floor(row.at / step_ms) * step_ms, key, row)
  }
  const rows: HistoryRow[] = []
  for (const [at, step] of sums)
    for (const [key, sum] of step) rows.push(rowOf(series.get(key) ?? { zone: '', device: '', quantity: '' }, at, sum))
  return rows
}

const rowOf = ({ zone, device, quantity }: Series, at: number, { n, sum, min, max }: Sum): HistoryRow => ({
  zone,
  device,
  quantity: quantity as Quantity,
  at,
  value: sum / n,
  min,
  max,
  n
})

serve(handlers)
