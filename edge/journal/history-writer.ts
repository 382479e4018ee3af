/**
 * The thread that owns the history's write connection: compresses a block, keeps it, lets the oldest go when the budget is
 * spent, and rolls up. Roll-ups follow a minute behind by a cursor, because updating 500 rows with every block would write
 * more to the flash than the blocks themselves (121 bytes a reading); the cursor moves in the same transaction, so that
 * every reading is counted exactly once also after a kill.
 */
import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { codeOf, serve } from '../thread.ts'
import {
  backlogOf,
  damageOf,
  droppedTotal,
  noteDropped,
  openHistoryFile,
  readValue,
  setHistoryAside,
  writeValue
} from './history-tables.ts'
import type { Damage } from './opening.ts'
import { add, coarser, cut, hour_ms, minute_ms, readingOf, type Sums, seriesOf } from './rollup.ts'
import { type Db, page_bytes } from './tables.ts'

export type HistorySettings = { readonly dir: string; readonly max_bytes: number; readonly max_age_ms: number; readonly at: number }
export type HistoryState = {
  readonly last: number
  readonly cursor: number
  readonly backlog_blocks: number
  readonly backlog_points: number
  readonly backlog_from: number | undefined
  readonly bytes: number
  readonly dropped_points_total: number
}
export type HistoryStart = { readonly id: string; readonly damage: Damage | undefined; readonly state: HistoryState }
export type HistoryWriter = {
  readonly open: (settings: HistorySettings) => HistoryStart
  /** One block of lines parted by line feeds. `let_go`: points that could not wait any longer in memory. */
  readonly keep: (text: string, points: number, at: number, let_go: number) => HistoryState
  readonly roll: (at: number) => void
  readonly moveCursor: (upto: number) => HistoryState
  /** A block that does not match its sum is not sent; its points are counted. */
  readonly giveUp: (seq: number, at: number) => HistoryState
  readonly close: () => void
}

/** Hours are kept this many times longer than readings and minutes. */
const hours_factor = 12
/** Pages left for roll-ups and the tables' own needs when a block is let in. */
const spare_pages = 64
const prune_blocks = 16
/** Readings summed in memory before they are written without waiting for the minute. */
const roll_points = 200_000

let db: Db | undefined
let settings: HistorySettings
let sums: Sums = new Map()
let summed = 0
let summed_upto = 0
let raw_bytes = 0
let backlog = { blocks: 0, points: 0 }
let cursor = 0
let last = 0
let dropped_points_total = 0
/** A commit failed after these figures were counted. */
let stale = false

const connection = (): Db => {
  db ??= openHistoryFile(`${settings.dir}/history.db`, settings.max_bytes)
  return db
}
export const sumOfBlock = (gzip: Uint8Array): string => createHash('sha256').update(gzip).digest('hex').slice(0, 16)

const state = (): HistoryState => ({
  last,
  cursor,
  backlog_blocks: backlog.blocks,
  backlog_points: backlog.points,
  backlog_from: connection().prepare<[number], number>('SELECT from_at FROM block WHERE seq > ? ORDER BY seq LIMIT 1').pluck().get(cursor),
  bytes: usedPages(connection()) * page_bytes,
  dropped_points_total
})

/** Everything in memory as the file says; also after a commit that failed. */
const recall = (): void => {
  const file = connection()
  cursor = Number(readValue(file, 'cursor') ?? 0)
  last = Math.max(
    Number(readValue(file, 'last') ?? 0),
    file.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM block').pluck().get() ?? 0
  )
  raw_bytes = file.prepare<[], number>('SELECT coalesce(sum(bytes), 0) FROM block INDEXED BY block_time').pluck().get() ?? 0
  backlog = { ...backlogOf(file, cursor) }
  dropped_points_total = droppedTotal(file)
}

const commit = <T>(work: (file: Db) => T): T => {
  try {
    const file = connection()
    if (stale) recall()
    stale = false
    return file.transaction(() => work(file)).immediate()
  } catch (error) {
    stale = true
    // After anything but a full disk the connection is not believed any more.
    if (codeOf(error) !== 'SQLITE_FULL') {
      db?.close()
      db = undefined
    }
    throw error
  }
}

const usedPages = (file: Db): number =>
  Number(file.pragma('page_count', { simple: true })) - Number(file.pragma('freelist_count', { simple: true }))

const sumUp = (text: string, seq: number): void => {
  for (const line of text.split('\n')) {
    const reading = readingOf(line)
    if (reading === undefined) continue
    add(sums, minute_ms, reading.key, reading.at, reading.value)
    summed++
  }
  summed_upto = seq
}

const roll = (file: Db, at: number): void => {
  const known = file
    .prepare<[string, string, string], number>('SELECT id FROM series WHERE zone = ? AND device = ? AND quantity = ?')
    .pluck()
  const fresh = file
    .prepare<[string, string, string], number>('INSERT INTO series(zone, device, quantity) VALUES (?, ?, ?) RETURNING id')
    .pluck()
  const ids = new Map<string, number>()
  const idOf = (key: string): number => {
    let id = ids.get(key)
    if (id === undefined) {
      const { zone, device, quantity } = seriesOf(key)
      id = known.get(zone, device, quantity) ?? fresh.get(zone, device, quantity) ?? 0
      ids.set(key, id)
    }
    return id
  }
  for (const [table, steps] of [
    ['minute', sums],
    ['hour', coarser(sums, hour_ms)]
  ] as const) {
    const upsert = file.prepare(`INSERT INTO ${table}(at, series, n, sum, min, max, last, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum, min = min(min, excluded.min), max = max(max, excluded.max),
      last = iif(excluded.last_at >= last_at, excluded.last, last), last_at = max(last_at, excluded.last_at)`)
    for (const [step, keys] of steps) for (const [key, s] of keys) upsert.run(step, idOf(key), s.n, s.sum, s.min, s.max, s.last, s.last_at)
  }
  writeValue(file, 'rolled', summed_upto)
  file.prepare('DELETE FROM minute WHERE at < ?').run(at - settings.max_age_ms)
  file.prepare('DELETE FROM hour WHERE at < ?').run(at - settings.max_age_ms * hours_factor)
}

const rollNow = (at: number): void => {
  if (summed_upto <= Number(readValue(connection(), 'rolled') ?? 0)) return
  commit(file => roll(file, at))
  forgetSums()
}
const forgetSums = (): void => {
  sums = new Map()
  summed = 0
}

/** Makes room for `pages`: oldest readings first, then, when hardly any are left, the oldest hour of minutes. */
const prune = (file: Db, pages: number, at: number, rollFirst: () => void): void => {
  const max_pages = Math.floor(settings.max_bytes / page_bytes)
  const old = at - settings.max_age_ms
  for (let over = true; over; ) {
    over = usedPages(file) + pages + spare_pages > max_pages
    const oldest = file
      .prepare<[], { seq: number; points: number; bytes: number; kept_at: number }>(
        `SELECT seq, points, bytes, kept_at FROM block ORDER BY seq LIMIT ${prune_blocks}`
      )
      .all()
    if (over && raw_bytes < settings.max_bytes / 4 && pruneMinutes(file)) continue
    const gone = oldest.filter(block => over || block.kept_at < old)
    if (gone.length === 0) return
    if (gone.some(block => block.seq > Number(readValue(file, 'rolled') ?? 0))) rollFirst()
    for (const block of gone) letGo(file, block, over ? 'quota' : 'age', at)
  }
}

const letGo = (
  file: Db,
  block: { readonly seq: number; readonly points: number; readonly bytes: number },
  reason: string,
  at: number
): void => {
  file.prepare('DELETE FROM block WHERE seq = ?').run(block.seq)
  raw_bytes -= block.bytes
  if (block.seq <= cursor) return
  backlog = { blocks: backlog.blocks - 1, points: backlog.points - block.points }
  dropped_points_total += block.points
  noteDropped(file, at, reason, block.seq, block.seq, block.points)
}

const pruneMinutes = (file: Db): boolean => {
  const first = file.prepare<[], number | null>('SELECT min(at) FROM minute').pluck().get()
  return typeof first === 'number' && file.prepare('DELETE FROM minute WHERE at < ?').run(first + hour_ms).changes > 0
}

const span = (text: string): { readonly from: number; readonly to: number } => {
  let from = Infinity
  let to = -Infinity
  for (const line of text.split('\n')) {
    const at = cut(line)?.at ?? Number.NaN
    if (at < from) from = at
    if (at > to) to = at
  }
  return Number.isFinite(from) ? { from, to } : { from: 0, to: 0 }
}

const handlers: HistoryWriter = {
  open: wanted => {
    settings = wanted
    const path = `${settings.dir}/history.db`
    const bad = damageOf(path)
    const aside = bad === undefined ? undefined : setHistoryAside(path, settings.at)
    const file = connection()
    recall()
    summed_upto = Number(readValue(file, 'rolled') ?? 0)
    // What was kept after the last roll-up before the station stopped or was killed.
    for (const seq of file.prepare<[number], number>('SELECT seq FROM block WHERE seq > ? ORDER BY seq').pluck().all(summed_upto)) {
      const gzip = file.prepare<[number], Buffer>('SELECT gzip FROM block WHERE seq = ?').pluck().get(seq)
      if (gzip !== undefined) sumUp(readable(gzip), seq)
      if (summed > roll_points) rollNow(settings.at)
    }
    rollNow(settings.at)
    const damage = bad && { lost: bad.lost, detail: `history.db is damaged (${bad.why}): it is kept as ${aside}, a new one begins` }
    return { id: readValue(file, 'id') ?? '', damage, state: state() }
  },
  keep: (text, points, at, let_go) => {
    const gzip = gzipSync(text, { level: 1 })
    const { from, to } = span(text)
    if (summed > roll_points) rollNow(at)
    let rolled = false
    const seq = commit(file => {
      const seq = last + 1
      prune(file, Math.ceil(gzip.length / page_bytes) + 1, at, () => {
        if (!rolled) roll(file, at)
        rolled = true
      })
      file
        .prepare('INSERT INTO block(seq, points, from_at, to_at, bytes, kept_at, sum, gzip) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(seq, points, from, to, gzip.length, at, sumOfBlock(gzip), gzip)
      writeValue(file, 'last', seq)
      if (let_go > 0) noteDropped(file, at, 'waiting', seq, seq - 1, let_go)
      return seq
    })
    if (rolled) forgetSums()
    last = seq
    raw_bytes += gzip.length
    backlog = { blocks: backlog.blocks + 1, points: backlog.points + points }
    dropped_points_total += let_go
    sumUp(text, seq)
    return state()
  },
  roll: rollNow,
  moveCursor: upto => {
    const to = Math.min(upto, last)
    if (to > cursor) {
      const sent = backlogOf(connection(), cursor, to)
      commit(file => writeValue(file, 'cursor', to))
      cursor = to
      backlog = { blocks: backlog.blocks - sent.blocks, points: backlog.points - sent.points }
    }
    return state()
  },
  giveUp: (seq, at) => {
    const block = connection()
      .prepare<[number], { seq: number; points: number; bytes: number }>('SELECT seq, points, bytes FROM block WHERE seq = ?')
      .get(seq)
    if (block !== undefined) commit(file => letGo(file, block, 'damaged', at))
    return state()
  },
  close: () => {
    if (db === undefined) return
    rollNow(Date.now())
    db.close()
    db = undefined
  }
}

const readable = (gzip: Buffer): string => {
  try {
    return gunzipSync(gzip).toString()
  } catch {
    // A damaged block: it cannot be summed; `blocks` finds it by its sum and counts it.
    return ''
  }
}

serve(handlers)
