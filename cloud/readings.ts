/** What the stations measured: blocks as they came, a roll-up by the minute for charts, the newest value of every series; bounded by age and bytes. */
import { gunzipSync } from 'node:zlib'
import { type Point, parseLine } from '../edge/domain/line-protocol.ts'
import type { Db, Tally } from './database.ts'

export type Minute = {
  readonly zone: string
  readonly device: string
  readonly quantity: string
  readonly at: number
  readonly n: number
  readonly total: number
  readonly low: number
  readonly high: number
}
export type Query = {
  readonly station: string
  readonly zone?: string
  readonly device?: string
  readonly quantity?: string
  readonly from: number
  readonly to: number
  /** Width of a step in ms; under a minute the readings themselves are given. */
  readonly step_ms: number
  readonly limit: number
}
export type Row = {
  readonly zone: string
  readonly device: string
  readonly quantity: string
  readonly at: number
  readonly value: number
  readonly min: number
  readonly max: number
  readonly n: number
}

export const minute_ms = 60_000
/** A block of ours holds seconds, not hours: one that unpacks to more is damage or an attack. */
const largest_block_bytes = 16 * 1024 * 1024
/** Blocks unpacked for one query at most; a longer span is answered from the minutes. */
const most_blocks_unpacked = 2_000
/** With a sweep every five seconds this keeps up with 200 stations of a block a second. */
const swept_at_once = 1_000

/** Throws when a block is not gzip. */
export const linesOf = (gzip: Uint8Array): string[] =>
  gunzipSync(gzip, { maxOutputLength: largest_block_bytes })
    .toString()
    .split('\n')
    .filter(line => line !== '')

/** The points of a block; a line that is not ours (a newer station's, or damage) is left to the time series store and not shown here. */
export const pointsOf = (gzip: Uint8Array): { readonly points: readonly Point[]; readonly unread: number } => {
  const points: Point[] = []
  let unread = 0
  for (const line of linesOf(gzip)) {
    try {
      points.push(parseLine(line))
    } catch {
      unread++
    }
  }
  return { points, unread }
}

export const minutesOf = (points: readonly Point[]): readonly Minute[] => {
  const minutes = new Map<
    string,
    { zone: string; device: string; quantity: string; at: number; n: number; total: number; low: number; high: number }
  >()
  for (const { measurement, tags, fields, at: measured } of points) {
    const value = fields.value
    if (measurement !== 'reading' || value === undefined) continue
    const { zone = '', device = '', quantity = '' } = tags
    const at = Math.floor(measured / minute_ms) * minute_ms
    const key = `${quantity} ${device} ${zone} ${at}`
    const minute = minutes.get(key)
    if (minute === undefined) minutes.set(key, { zone, device, quantity, at, n: 1, total: value, low: value, high: value })
    else {
      minute.n++
      minute.total += value
      minute.low = Math.min(minute.low, value)
      minute.high = Math.max(minute.high, value)
    }
  }
  return [...minutes.values()]
}

export const openReadings = (db: Db, tally: Tally, bounds: { readonly max_days: number; readonly max_bytes: number }) => {
  const wanted = `(@zone is null or zone = @zone) and (@device is null or device = @device) and (@quantity is null or quantity = @quantity)`
  const sql = {
    blocks: db.prepare<[string, number, number, number], { gzip: Buffer }>(
      'select gzip from block where station = ? and to_at >= ? and from_at < ? order by to_at limit ?'
    ),
    newest: db.prepare<[string, number], { gzip: Buffer }>(
      'select gzip from (select gzip, number from block where station = ? order by to_at desc limit ?) order by number'
    ),
    minutes: db.prepare<Record<string, unknown>, Row>(
      `select zone, device, quantity, (at / @step) * @step as at, sum(total) / sum(n) as value, min(low) as min, max(high) as max, sum(n) as n
       from minute where station = @station and at >= @from and at < @to and ${wanted}
       group by quantity, device, zone, at / @step order by at limit @limit`
    ),
    size: db.prepare<[], { bytes: number }>('select coalesce(sum(length(gzip)), 0) as bytes from block'),
    oldest: db.prepare<[number], { number: number; points: number; to_at: number; bytes: number }>(
      'select number, points, to_at, length(gzip) as bytes from block order by number limit ?'
    ),
    forget: db.prepare('delete from block where number = ?'),
    forgetMinutes: db.prepare('delete from minute where at < ?')
  }
  let bytes = sql.size.get()?.bytes ?? 0

  /** Oldest first, a few at a time, until age and bytes are within bounds. Blocks the time series still lacks are counted apart. */
  const sweep = db.transaction((now: number, forwarded: number) => {
    const oldest_allowed = now - bounds.max_days * 86_400_000
    for (const { number, points, to_at, bytes: size } of sql.oldest.all(swept_at_once)) {
      if (to_at >= oldest_allowed && bytes <= bounds.max_bytes) break
      sql.forget.run(number)
      bytes -= size
      tally.add(number > forwarded ? 'points_dropped_total' : 'points_expired_total', points)
    }
    sql.forgetMinutes.run(oldest_allowed)
  })

  const raw = ({ station, zone, device, quantity, from, to, limit }: Query): Row[] => {
    const rows: Row[] = []
    for (const { gzip } of sql.blocks.all(station, from, to, most_blocks_unpacked)) {
      for (const { measurement, tags, fields, at } of pointsOf(gzip).points) {
        const value = fields.value
        if (measurement !== 'reading' || value === undefined || at < from || at >= to) continue
        if ((zone ?? tags.zone) !== tags.zone || (device ?? tags.device) !== tags.device || (quantity ?? tags.quantity) !== tags.quantity)
          continue
        rows.push({
          zone: tags.zone ?? '',
          device: tags.device ?? '',
          quantity: tags.quantity ?? '',
          at,
          value,
          min: value,
          max: value,
          n: 1
        })
        if (rows.length >= limit) return rows
      }
    }
    return rows
  }

  return {
    query: (query: Query): readonly Row[] => {
      if (query.step_ms < minute_ms) return raw(query)
      const { step_ms, zone = null, device = null, quantity = null, ...rest } = query
      return sql.minutes.all({ ...rest, zone, device, quantity, step: Math.floor(step_ms / minute_ms) * minute_ms })
    },
    newest: (station: string, blocks: number): readonly Point[] =>
      sql.newest.all(station, blocks).flatMap(({ gzip }) => pointsOf(gzip).points),
    grew: (by: number): void => {
      bytes += by
    },
    bytes: () => bytes,
    sweep: (now: number, forwarded: number): void => sweep(now, forwarded)
  }
}
export type Readings = ReturnType<typeof openReadings>
