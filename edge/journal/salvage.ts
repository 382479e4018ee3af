/**
 * What to do with a damaged journal [F14]: every entry that still proves itself goes into a new file under its old number and
 * hash, the damaged file stays beside it for whoever investigates, and the loss is stated by count. Never a silent new journal.
 */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Mark, readMark } from './mark.ts'
import { genesis, type Row, sound } from './row.ts'
import {
  type Db,
  insertRow,
  type Loss,
  openTables,
  page_bytes,
  readCursors,
  readLosses,
  readMeta,
  readSnapshots,
  type SnapshotRow,
  writeCursor,
  writeLoss,
  writeSnapshot
} from './tables.ts'

type Found = {
  id: string | undefined
  readonly rows: Map<number, Row>
  readonly cursors: Map<string, number>
  snapshots: readonly SnapshotRow[]
  readonly losses: Map<number, Loss>
}

/** Rebuilds `journal.db`; answers how many entries are gone that had not been reported before. */
export const salvage = (dir: string, max_bytes: number, at: number, why: string): { readonly lost: number; readonly aside: string } => {
  const file = `${dir}/journal.db`
  const fresh = `${dir}/journal.salvaged.db`
  const mark = readMark(dir)
  const found = findAll(dir, mark)
  for (const end of ['', '-wal', '-shm']) rmSync(fresh + end, { force: true })
  const lost = rebuild(fresh, found, mark, max_bytes, at, why)
  const aside = setAside(dir, at)
  renameSync(fresh, file)
  syncFolder(dir)
  return { lost, aside }
}

/** A salvage that was interrupted between its two renames is finished; the new file was complete by then. */
export const finishSalvage = (dir: string): void => {
  if (!existsSync(`${dir}/journal.db`) && existsSync(`${dir}/journal.salvaged.db`))
    renameSync(`${dir}/journal.salvaged.db`, `${dir}/journal.db`)
}

/** Moves the database out of the way, whole, under a name that is free. */
export const setAside = (dir: string, at: number): string => {
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
  let aside = `${dir}/journal-damaged-${stamp}.db`
  for (let n = 2; existsSync(aside); n++) aside = `${dir}/journal-damaged-${stamp}-${n}.db`
  for (const end of ['', '-wal', '-shm']) if (existsSync(`${dir}/journal.db${end}`)) renameSync(`${dir}/journal.db${end}`, aside + end)
  return aside
}

/**
 * Looks with the WAL and without it: after a cut WAL the pages in the file may be newer than the frames that are left.
 * When page 1 is gone, a new journal's page 1 opens the rest, because every journal has its tables on the same pages.
 */
const findAll = (dir: string, mark: Mark | 'missing' | 'damaged'): Found => {
  const found: Found = { id: undefined, rows: new Map(), cursors: new Map(), snapshots: [], losses: new Map() }
  const copy = `${dir}/journal.copy.db`
  const clean = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true })
  }
  try {
    for (const { withWal, graft } of [
      { withWal: true, graft: false },
      { withWal: false, graft: false },
      { withWal: true, graft: true }
    ]) {
      if (graft && found.rows.size > 0) continue
      clean()
      copyFileSync(`${dir}/journal.db`, copy)
      if (withWal && existsSync(`${dir}/journal.db-wal`)) copyFileSync(`${dir}/journal.db-wal`, `${copy}-wal`)
      if (graft) graftFirstPage(copy, `${dir}/journal.template.db`)
      attempt(() => {
        const db = new Database(copy)
        try {
          collect(db, found, mark)
        } finally {
          db.close()
        }
      })
    }
  } finally {
    clean()
  }
  return found
}

const collect = (db: Db, found: Found, mark: Mark | 'missing' | 'damaged'): void => {
  found.id ??= attempt(() => readMeta(db, 'id'))
  for (const loss of attempt(() => readLosses(db)) ?? []) found.losses.set(loss.resumed, loss)
  for (const [lane, upto] of attempt(() => readCursors(db).cursors) ?? [])
    found.cursors.set(lane, Math.max(upto, found.cursors.get(lane) ?? 0))
  const snapshots = attempt(() => readSnapshots(db).snapshots) ?? []
  if (snapshots.length > found.snapshots.length) found.snapshots = snapshots
  const marked = typeof mark === 'object' ? mark.seq : 0
  const highest = attempt(() => db.prepare('SELECT max(seq) FROM entry').pluck().get() as number | null) ?? 0
  // A damaged number may be absurd: no entry is smaller than 100 bytes, so the file's size says how many there can be.
  const upto = Math.min(Math.max(marked, highest), marked + Math.ceil(statSync(db.name).size / 100) + 100_000)
  const range = db.prepare<[number, number], Row>('SELECT * FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq')
  const one = db.prepare<[number], Row>('SELECT * FROM entry WHERE seq = ?')
  const take = (row: Row | undefined): void => {
    if (row !== undefined && sound(row)) found.rows.set(row.seq, row)
  }
  for (let seq = 0; seq < upto; seq += 256) {
    const rows = attempt(() => range.all(seq, seq + 256))
    for (const row of rows ?? []) take(row)
    if (rows?.length !== 256)
      for (let i = seq + 1; i <= Math.min(seq + 256, upto); i++) if (!found.rows.has(i)) take(attempt(() => one.get(i)))
  }
}

const rebuild = (fresh: string, found: Found, mark: Mark | 'missing' | 'damaged', max_bytes: number, at: number, why: string): number => {
  const rows = [...found.rows.values()].sort((a, b) => a.seq - b.seq)
  const marked = typeof mark === 'object' ? mark : undefined
  // Without a mark nobody knows which numbers were given already: a new id, so that none of them is ever used twice.
  const db = openTables(fresh, max_bytes, marked === undefined ? undefined : (found.id ?? marked.id))
  let lost = 0
  db.transaction(() => {
    const insert = insertRow(db)
    for (const loss of found.losses.values()) writeLoss(db, loss)
    const note = (after: number, resumed: number): void => {
      let n = resumed - after - 1
      for (const loss of found.losses.values()) if (loss.after >= after && loss.resumed <= resumed) n -= loss.n
      lost += n
      const before = found.losses.get(resumed)?.n ?? 0
      writeLoss(db, { resumed, after, n: n + before, at, detail: why.slice(0, 200) })
    }
    let last: Pick<Row, 'seq' | 'hash'> = { seq: 0, hash: genesis }
    for (const row of rows) {
      if (!row.prev.equals(last.hash) && found.losses.get(row.seq)?.after !== last.seq) note(last.seq, row.seq)
      insert(row)
      last = row
    }
    if (marked !== undefined && marked.seq > last.seq && !found.losses.has(marked.seq + 1)) note(last.seq, marked.seq + 1)
    for (const [lane, upto] of found.cursors) writeCursor(db, lane, upto)
    for (const snapshot of [...found.snapshots].reverse()) writeSnapshot(db, snapshot.seq, snapshot.body)
  })()
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
  return lost
}

const graftFirstPage = (file: string, template: string): void => {
  openTables(template, 2 ** 30, 'template').close()
  const page = Buffer.alloc(page_bytes)
  const from = openSync(template, 'r')
  readSync(from, page, 0, page_bytes, 0)
  closeSync(from)
  for (const end of ['', '-wal', '-shm']) rmSync(template + end, { force: true })
  page.writeUInt32BE(Math.floor(statSync(file).size / page_bytes), 28)
  const to = openSync(file, 'r+')
  writeSync(to, page, 0, page_bytes, 0)
  closeSync(to)
}

const syncFolder = (dir: string): void => {
  const handle = openSync(dir, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** Damage makes any read throw; what one way cannot read another may, and the rest is counted as lost. */
const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
