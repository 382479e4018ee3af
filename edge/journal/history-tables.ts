/** The history's file: blocks ready to send, their roll-ups, and what was let go. */
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Db, page_bytes } from './tables.ts'

/** Columns before the blob are in the index too, so that sums over all blocks never read the blocks. */
const schema = `
CREATE TABLE block(seq INTEGER PRIMARY KEY, points INTEGER, from_at INTEGER, to_at INTEGER, bytes INTEGER, kept_at INTEGER, sum TEXT, gzip BLOB);
CREATE INDEX block_time ON block(to_at, from_at, points, bytes);
CREATE TABLE series(id INTEGER PRIMARY KEY, zone TEXT, device TEXT, quantity TEXT, UNIQUE(zone, device, quantity));
CREATE TABLE minute(at INTEGER, series INTEGER, n INTEGER, sum REAL, min REAL, max REAL, last REAL, last_at INTEGER, PRIMARY KEY(at, series)) WITHOUT ROWID;
CREATE TABLE hour(at INTEGER, series INTEGER, n INTEGER, sum REAL, min REAL, max REAL, last REAL, last_at INTEGER, PRIMARY KEY(at, series)) WITHOUT ROWID;
CREATE TABLE dropped(id INTEGER PRIMARY KEY, at INTEGER, reason TEXT, from_seq INTEGER, to_seq INTEGER, n INTEGER);
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
`
const schema_version = 1
/** Above this a check of every page would keep the station waiting; damage is then met where it is read. */
const check_bytes = 256 * 2 ** 20

export const openHistoryFile = (file: string, max_bytes: number): Db => {
  const db = new Database(file, { timeout: 2000 })
  try {
    const mode = db.pragma('journal_mode = WAL', { simple: true })
    db.pragma('synchronous = FULL')
    if (mode !== 'wal' || db.pragma('synchronous', { simple: true }) !== 2) throw new Error(`${file} cannot be kept safely here`)
    db.pragma('cell_size_check = ON')
    db.pragma('journal_size_limit = 4194304')
    if (db.pragma('user_version', { simple: true }) === 0) {
      db.transaction(() => {
        db.exec(schema)
        writeValue(db, 'id', randomBytes(16).toString('hex'))
        db.pragma(`user_version = ${schema_version}`)
      }).immediate()
      db.pragma('wal_checkpoint(TRUNCATE)')
    } else if (db.pragma('user_version', { simple: true }) !== schema_version) throw new Error(`${file} was written by another version`)
    db.pragma(`max_page_count = ${Math.floor(max_bytes / page_bytes)}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Why the file cannot be used, and how many unsent points are known to be in it; nothing when it is well or not there. */
export const damageOf = (file: string): { readonly lost: number; readonly why: string } | undefined => {
  if (!existsSync(file)) return undefined
  let lost = 0
  let db: Db | undefined
  try {
    db = new Database(file, { readonly: true })
    if (db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) return undefined
    lost = backlogOf(db, Number(readValue(db, 'cursor') ?? 0)).points
    if (readValue(db, 'id') === undefined) return { lost, why: 'it has no id' }
    const found = statSync(file).size <= check_bytes ? db.pragma('quick_check(1)', { simple: true }) : 'ok'
    return found === 'ok' ? undefined : { lost, why: String(found).slice(0, 200) }
  } catch (error) {
    return { lost, why: error instanceof Error ? error.message : String(error) }
  } finally {
    db?.close()
  }
}

export const setHistoryAside = (file: string, at: number): string => {
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
  let aside = file.replace(/\.db$/, `-damaged-${stamp}.db`)
  for (let n = 2; existsSync(aside); n++) aside = file.replace(/\.db$/, `-damaged-${stamp}-${n}.db`)
  for (const end of ['', '-wal', '-shm']) if (existsSync(file + end)) renameSync(file + end, aside + end)
  return aside
}

export const writeValue = (db: Db, name: string, value: string | number): void => {
  db.prepare('INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)').run(name, String(value))
}
export const readValue = (db: Db, name: string): string | undefined =>
  db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck().get(name)

export type Backlog = { readonly blocks: number; readonly points: number }
export const backlogOf = (db: Db, after: number, upto = Number.MAX_SAFE_INTEGER): Backlog =>
  db
    .prepare<[number, number], Backlog>(
      'SELECT count(*) AS blocks, coalesce(sum(points), 0) AS points FROM block INDEXED BY block_time WHERE seq > ? AND seq <= ?'
    )
    .get(after, upto) ?? { blocks: 0, points: 0 }

/** One row for a run of blocks let go for the same reason, so that this table stays small. */
export const noteDropped = (db: Db, at: number, reason: string, from: number, to: number, n: number): void => {
  const last = db
    .prepare<[], { id: number; reason: string; to_seq: number }>('SELECT id, reason, to_seq FROM dropped ORDER BY id DESC LIMIT 1')
    .get()
  if (last?.reason === reason && last.to_seq + 1 >= from)
    db.prepare('UPDATE dropped SET to_seq = ?, n = n + ? WHERE id = ?').run(to, n, last.id)
  else db.prepare('INSERT INTO dropped(at, reason, from_seq, to_seq, n) VALUES (?, ?, ?, ?, ?)').run(at, reason, from, to, n)
}
export const droppedTotal = (db: Db): number => db.prepare<[], number>('SELECT coalesce(sum(n), 0) FROM dropped').pluck().get() ?? 0
