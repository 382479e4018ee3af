/**
 * The thread that owns the journal's write connection. One question is one transaction, so whatever gathered while a
 * commit ran goes into the next one. It keeps the mark after the commit and before the answer: an entry that was
 * acknowledged can then never disappear unnoticed.
 */

import { codeOf, messageOf, serve } from '../thread.ts'
import { type Ballast, openBallast } from './ballast.ts'
import { type Broken, checkChain, type Link } from './chain.ts'
import { openMark } from './mark.ts'
import { type Damage, openAndCheck } from './opening.ts'
import { hashOf } from './row.ts'
import { type Cursor, type Db, insertRow, lastRow, openTables, readCursors, writeCursor, writeSnapshot } from './tables.ts'

/** An entry on its way to the disk: seq, at, lane, type, subject, body. Numbers are given on the main thread. */
export type Draft = readonly [seq: number, at: number, lane: string, type: string, subject: string, body: string]
export type Settings = {
  readonly dir: string
  readonly max_bytes: number
  readonly ballast_bytes: number
  readonly check_upto: number
  readonly at: number
}
export type Start = {
  readonly id: string
  readonly last: number
  readonly given: number
  readonly cursors: readonly Cursor[]
  readonly damage: Damage | undefined
}
/** `last` is on disk; `worry` is a sentence when it is, and something is still not well. */
export type Written = { readonly last: number; readonly worry: string | undefined }

export type JournalWriter = {
  readonly open: (settings: Settings) => Start
  readonly write: (rows: readonly Draft[], cursors: readonly Cursor[]) => Written
  readonly saveSnapshot: (seq: number, body: string) => void
  /** Checks a further slice of the entries that were too many to check at the start. */
  readonly checkMore: () => { readonly done: boolean; readonly broken?: Broken }
  readonly close: () => void
}

type Open = {
  db: Db | undefined
  readonly file: string
  readonly settings: Settings
  readonly id: string
  readonly mark: ReturnType<typeof openMark>
  readonly ballast: Ballast
  last: Link
  given: number
  unchecked: { from: Link; readonly upto: number } | undefined
}
let open: Open | undefined

const opened = (): Open => {
  if (open === undefined) throw new Error('the journal was asked before it was opened')
  return open
}

/** After an I/O error the connection is not believed any more: a new one, and the end of the chain must be where we left it. */
const connection = (state: Open): Db => {
  if (state.db?.open) return state.db
  const db = openTables(state.file, state.settings.max_bytes)
  const last = lastRow(db)
  if (last.seq < state.last.seq || (last.seq === state.last.seq && !last.hash.equals(state.last.hash))) {
    db.close()
    throw Object.assign(new Error(`journal.db ended at entry ${state.last.seq} and now ends at ${last.seq}`), { code: 'SQLITE_CORRUPT' })
  }
  state.last = { seq: last.seq, hash: last.hash }
  state.db = db
  return db
}

const commit = (state: Open, rows: readonly Draft[], cursors: readonly Cursor[]): Link => {
  const db = connection(state)
  let { seq: last, hash: prev } = state.last
  db.transaction(() => {
    const insert = insertRow(db)
    for (const [seq, at, lane, type, subject, body] of rows) {
      // The answer to an earlier commit was lost with its thread: it is kept already.
      if (seq <= last) continue
      const hash = hashOf(prev, { seq, at, lane, type, subject, body })
      insert({ seq, at, lane, type, subject, body, prev, hash })
      prev = hash
      last = seq
    }
    for (const [lane, upto] of cursors) writeCursor(db, lane, upto)
  }).immediate()
  return { seq: last, hash: prev }
}

/** Once more with the ballast's room when the disk is full; after any other disk error with a new connection next time. */
const withRoom = <T>(state: Open, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (codeOf(error) === 'SQLITE_FULL' && state.ballast.drop()) return withRoom(state, work)
    if (codeOf(error) !== 'SQLITE_FULL') {
      state.db?.close()
      state.db = undefined
    }
    throw error
  }
}

let restoreAt = 0
const worryOf = (state: Open, markWorry: string | undefined): string | undefined => {
  if (markWorry !== undefined) return markWorry
  if (state.ballast.held()) return undefined
  if (performance.now() >= restoreAt) {
    restoreAt = performance.now() + 5000
    state.ballast.restore()
  }
  return state.ballast.held() ? undefined : 'the disk is almost full: the journal lives on its reserve'
}

const writeMark = (state: Open): string | undefined => {
  try {
    state.mark.write({ id: state.id, seq: Math.max(state.given, state.last.seq), hash: state.last.hash.toString('hex') })
    return undefined
  } catch (error) {
    return `journal.mark cannot be written: ${messageOf(error)}`
  }
}

const handlers: JournalWriter = {
  open: settings => {
    const { db, id, last, given, damage, trusted } = openAndCheck(settings.dir, settings.max_bytes, settings.at, settings.check_upto)
    const ballast = openBallast(`${settings.dir}/journal.ballast`, settings.ballast_bytes)
    ballast.restore()
    const unchecked = trusted.seq > 0 ? { from: { seq: 0, hash: Buffer.alloc(32) }, upto: trusted.seq } : undefined
    open = { db, file: `${settings.dir}/journal.db`, settings, id, mark: openMark(settings.dir), ballast, last, given, unchecked }
    const worry = writeMark(open)
    if (worry !== undefined) throw new Error(worry)
    return { id, last: last.seq, given, cursors: readCursors(db).cursors, damage }
  },
  write: (rows, cursors) => {
    const state = opened()
    state.last = withRoom(state, () => commit(state, rows, cursors))
    state.given = Math.max(state.given, state.last.seq)
    return { last: state.last.seq, worry: worryOf(state, rows.length > 0 ? writeMark(state) : undefined) }
  },
  saveSnapshot: (seq, body) => {
    const state = opened()
    withRoom(state, () => {
      const db = connection(state)
      db.transaction(() => writeSnapshot(db, seq, body)).immediate()
    })
  },
  checkMore: () => {
    const state = opened()
    if (state.unchecked === undefined) return { done: true }
    const { from, upto } = state.unchecked
    // A few milliseconds at a time: commits wait behind it.
    const { last, broken, entries } = checkChain(connection(state), from, 1000)
    state.unchecked = entries === 0 || last.seq >= upto ? undefined : { from: last, upto }
    return broken === undefined ? { done: state.unchecked === undefined } : { done: true, broken }
  },
  close: () => {
    open?.db?.close()
    open?.mark.close()
    open = undefined
  }
}

serve(handlers)
