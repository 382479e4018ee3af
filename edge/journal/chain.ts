/**
 * Each entry carries the hash of the one before, so nobody changes or removes one unnoticed, and a flipped bit on the
 * disk is found even where SQLite reads it without complaint (20 of 60 damages were silent in a plain table).
 */
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { messageOf } from '../thread.ts'
import { readMark } from './mark.ts'
import { genesis, type Row, sound } from './row.ts'
import { type Db, readLosses } from './tables.ts'

export type Link = { readonly seq: number; readonly hash: Buffer }
export type Broken = { readonly entry: number; readonly why: string }
export type Verdict =
  | { readonly ok: true; readonly entries: number; readonly head: string; readonly lost: number }
  | ({ readonly ok: false } & Broken)

/** Recomputes the chain after `from`, at most `limit` entries. A break that was reported as a loss is not broken again. */
export const checkChain = (
  db: Db,
  from: Link,
  limit = Number.MAX_SAFE_INTEGER
): { readonly entries: number; readonly last: Link; readonly broken?: Broken } => {
  const resumed = new Set(readLosses(db).map(loss => loss.resumed))
  let last = from
  let entries = 0
  try {
    for (const row of db
      .prepare<[number, number], Row>('SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?')
      .iterate(from.seq, limit)) {
      if (!sound(row)) return { entries, last, broken: { entry: row.seq, why: 'its content does not match its hash' } }
      if (!row.prev.equals(last.hash) && !resumed.has(row.seq))
        return {
          entries,
          last,
          broken: { entry: row.seq, why: `it does not continue entry ${last.seq}: something between them was changed or removed` }
        }
      last = { seq: row.seq, hash: row.hash }
      entries++
    }
  } catch (error) {
    return { entries, last, broken: { entry: last.seq + 1, why: `cannot be read: ${messageOf(error)}` } }
  }
  return { entries, last }
}

/** Recomputes everything without writing, for `qianshao-edge verify`; works beside a running station. */
export const verifyJournal = (dir: string): Verdict => {
  const file = `${dir}/journal.db`
  if (!existsSync(file)) return { ok: false, entry: 0, why: `there is no ${file}` }
  // Read before the database, so that a running station can only be ahead of it.
  const mark = readMark(dir)
  let db: Db | undefined
  try {
    db = new Database(file, { readonly: true })
    const { entries, last, broken } = checkChain(db, { seq: 0, hash: genesis })
    if (broken !== undefined) return { ok: false, ...broken }
    const shape = damagedShape(db, true)
    if (shape !== undefined) return { ok: false, entry: last.seq, why: shape }
    const losses = readLosses(db)
    const known = Math.max(last.seq, ...losses.map(loss => loss.resumed - 1))
    if (typeof mark === 'object' && mark.seq > known)
      return { ok: false, entry: last.seq + 1, why: `entries ${last.seq + 1} to ${mark.seq} were kept once and are missing` }
    if (typeof mark === 'object' && !marksRow(db, mark))
      return { ok: false, entry: mark.seq, why: 'it is not the entry that the mark was set on' }
    if (mark === 'damaged') return { ok: false, entry: last.seq, why: 'journal.mark is damaged: a missing tail could not be noticed' }
    return { ok: true, entries, head: last.hash.toString('hex'), lost: losses.reduce((sum, loss) => sum + loss.n, 0) }
  } catch (error) {
    return { ok: false, entry: 0, why: `cannot be read: ${messageOf(error)}` }
  } finally {
    db?.close()
  }
}

/** The mark's hash must be that of its entry; a mark inside a reported loss has none. */
export const marksRow = (db: Db, mark: { readonly seq: number; readonly hash: string }): boolean => {
  const row = db.prepare<[number], Row>('SELECT * FROM entry WHERE seq = ?').get(mark.seq)
  return row === undefined || row.hash.toString('hex') === mark.hash
}

/** SQLite's own check: of everything including the index, or of the pages only. */
export const damagedShape = (db: Db, whole: boolean): string | undefined => {
  const found = db.pragma(whole ? 'integrity_check(1)' : 'quick_check(1)', { simple: true })
  return found === 'ok' ? undefined : `the file is damaged: ${String(found).slice(0, 200)}`
}
