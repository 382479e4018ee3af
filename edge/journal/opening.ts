/**
 * The start-up ladder of the journal: check → fine | salvage and state the exact count lost | a new file, loudly.
 * Runs in the writer's thread before anybody reads.
 */
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Broken, checkChain, damagedShape, type Link, marksRow } from './chain.ts'
import { type Mark, readMark } from './mark.ts'
import { genesis, type Row } from './row.ts'
import { finishSalvage, salvage, setAside } from './salvage.ts'
import { type Db, lastRow, openTables, readCursors, readLosses, readMeta, readSnapshots, writeLoss } from './tables.ts'

export type Damage = { readonly lost: number; readonly detail: string }
export type Opened = {
  readonly db: Db
  readonly id: string
  readonly last: Link
  /** The highest number ever given; above `last.seq` when the tail was lost, so that no number is used twice. */
  readonly given: number
  readonly damage: Damage | undefined
  /** Entries before this one were not recomputed yet. */
  readonly trusted: Link
}

/** Recomputing runs at about 200,000 entries a second: up to here everything is checked before the station serves. */
export const check_all_upto = 200_000

/** Somebody met a damaged entry while reading: the next start checks everything, however long it takes. */
export const suspectFile = (dir: string): string => `${dir}/journal.suspect`

export const openAndCheck = (dir: string, max_bytes: number, at: number, check_upto = check_all_upto): Opened => {
  const file = `${dir}/journal.db`
  finishSalvage(dir)
  const mark = readMark(dir)
  const before = existsSync(file) ? inspect(file, mark, existsSync(suspectFile(dir)) ? Infinity : check_upto) : undefined
  let damage: Damage | undefined
  if (before === undefined && typeof mark === 'object' && mark.seq > 0) {
    setAside(dir, at)
    damage = { lost: mark.seq, detail: `journal.db is missing; ${mark.seq} entries were in it` }
  } else if (before?.broken !== undefined) {
    const why = `entry ${before.broken.entry}: ${before.broken.why}`
    const { lost, aside } = salvage(dir, max_bytes, at, why)
    damage = { lost, detail: `${why}. ${lost} entries could not be saved; the damaged file is kept as ${aside}` }
  }
  const fresh = !existsSync(file)
  if (before !== undefined && damage === undefined && before.missing > 0) keepTail(dir, at)
  const db = openTables(file, max_bytes)
  const last = lastRow(db)
  const id = readMeta(db, 'id')
  if (id === undefined) throw new Error(`${file} has no id although it was checked`)
  // A journal.db that is gone takes its numbers with it; the new one has a new id and begins at 1.
  const marked = typeof mark === 'object' && !fresh ? mark.seq : 0
  let given = Math.max(last.seq, ...readLosses(db).map(loss => loss.resumed - 1))
  if (marked > given) {
    const n = marked - given
    const detail = `entries ${given + 1} to ${marked} were kept once and are missing from the end of journal.db`
    writeLoss(db, { resumed: marked + 1, after: given, n, at, detail })
    damage = { lost: n, detail }
    given = marked
  } else if (damage === undefined && before?.doubt !== undefined) damage = { lost: 0, detail: before.doubt }
  rmSync(suspectFile(dir), { force: true })
  return { db, id, last: { seq: last.seq, hash: last.hash }, given, damage, trusted: before?.trusted ?? { seq: 0, hash: genesis } }
}

type Inspection = { readonly broken?: Broken; readonly trusted: Link; readonly missing: number; readonly doubt?: string }

/** Reads only, so that the damaged file and its WAL stay as they were found. */
const inspect = (file: string, mark: Mark | 'missing' | 'damaged', check_upto: number): Inspection => {
  const start: Link = { seq: 0, hash: genesis }
  let db: Db | undefined
  try {
    db = new Database(file, { readonly: true })
    // A station killed while it made the file: there is nothing in it yet.
    if (db.pragma('user_version', { simple: true }) === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0)
      return typeof mark === 'object' && mark.seq > 0
        ? { broken: { entry: 1, why: 'the file is empty' }, trusted: start, missing: 0 }
        : { trusted: start, missing: 0 }
    const count = db.prepare<[], number>('SELECT count(*) FROM entry INDEXED BY entry_lane').pluck().get() ?? 0
    const whole = count <= check_upto
    const shape = damagedShape(db, whole)
    if (shape !== undefined) return { broken: { entry: 0, why: shape }, trusted: start, missing: 0 }
    const { snapshots, bad: badSnapshots } = readSnapshots(db)
    const { bad: badCursors } = readCursors(db)
    if (badSnapshots + badCursors > 0 || readMeta(db, 'id') === undefined)
      return { broken: { entry: 0, why: 'the id, a cursor or a snapshot is damaged' }, trusted: start, missing: 0 }
    const trusted = whole ? start : rowAt(db, snapshots[0]?.seq ?? 0)
    const { last, broken } = checkChain(db, trusted)
    if (broken !== undefined) return { broken, trusted, missing: 0 }
    return { trusted, missing: typeof mark === 'object' ? Math.max(0, mark.seq - last.seq) : 0, ...doubtOf(db, mark, last) }
  } catch (error) {
    return {
      broken: { entry: 0, why: `the file cannot be read: ${error instanceof Error ? error.message : String(error)}` },
      trusted: start,
      missing: 0
    }
  } finally {
    db?.close()
  }
}

const rowAt = (db: Db, seq: number): Link => {
  const row = db.prepare<[number], Row>('SELECT * FROM entry WHERE seq = ?').get(seq)
  return row === undefined ? { seq: 0, hash: genesis } : { seq: row.seq, hash: row.hash }
}

const doubtOf = (db: Db, mark: Mark | 'missing' | 'damaged', last: Link): { readonly doubt?: string } => {
  if (mark === 'damaged') return { doubt: 'journal.mark is damaged: whether entries are missing from the end cannot be known' }
  if (mark === 'missing')
    return last.seq === 0 ? {} : { doubt: 'journal.mark is missing: whether entries are missing from the end cannot be known' }
  if (mark.id !== readMeta(db, 'id')) return { doubt: 'journal.mark belongs to another journal' }
  return mark.seq > last.seq || marksRow(db, mark)
    ? {}
    : { doubt: `entry ${mark.seq} is not the one that journal.mark was set on: the journal was rewritten` }
}

/** A copy of the database and of the WAL whose tail is missing, for whoever investigates. */
const keepTail = (dir: string, at: number): void => {
  if (!existsSync(`${dir}/journal.db-wal`)) return
  copyFileSync(`${dir}/journal.db-wal`, `${dir}/journal-damaged-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}.db-wal`)
}
