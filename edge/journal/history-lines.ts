/** Every reading that a state folder still holds, in the order it was heard: read beside a running station, which it does not disturb. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import type { Quantity } from '../domain/vocabulary.ts'
import { readingOf, type Series, seriesOf } from './rollup.ts'

export type KeptReading = Series & { readonly quantity: Quantity; readonly at: number; readonly value: number }

export function* keptReadings(dir: string, from: number, to: number): Generator<KeptReading> {
  const file = join(dir, 'history.db')
  if (!existsSync(file)) throw new Error(`${dir} holds no history.db; right would be: the state_dir of a station`)
  const db = new Database(file, { readonly: true, timeout: 1000 })
  const known = new Map<string, Series>()
  try {
    const blocks = db
      .prepare<[number, number], { gzip: Buffer }>('SELECT gzip FROM block WHERE to_at >= ? AND from_at <= ? ORDER BY seq')
      .iterate(from, to)
    for (const { gzip } of blocks)
      for (const line of gunzipSync(gzip).toString().split('\n')) {
        const reading = readingOf(line)
        if (reading === undefined || reading.at < from || reading.at > to) continue
        const series = known.get(reading.key) ?? seriesOf(reading.key)
        known.set(reading.key, series)
        yield { ...series, quantity: series.quantity as Quantity, at: reading.at, value: reading.value }
      }
  } finally {
    db.close()
  }
}
