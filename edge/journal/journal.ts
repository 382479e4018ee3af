/**
 * What happened at the station, kept. Numbers and order are given here at once, on the main thread; commits run in the
 * writer's thread. When the disk is slow, full or gone, entries wait in memory in order and nothing else stops.
 */
import { mkdirSync } from 'node:fs'
import Database from 'better-sqlite3'
import { realClock } from '../clock.ts'
import type { Event } from '../domain/event.ts'
import type { Clock, Entry, EventLane, Journal, Proof, Sought } from '../ports.ts'
import { codeOf, messageOf } from '../thread.ts'
import { type Log, openKeeper } from './keeper.ts'
import { lockFolder } from './lock.ts'
import { check_all_upto, type Damage } from './opening.ts'
import { type Row, sound } from './row.ts'
import { readSnapshots } from './tables.ts'
import type { Draft } from './writer.ts'

export type { Damage, Log }
export type OpenedJournal = Journal & {
  /** What the disk did to the journal, found at the start or, rarely, while running. */
  readonly damage: Damage | undefined
}
export type JournalOptions = {
  readonly dir: string
  readonly log: Log
  readonly clock?: Clock
  /** Quota of the file. Entries are never let go: at the quota they wait in memory and `trouble` says so. */
  readonly max_bytes?: number
  readonly ballast_bytes?: number
  /** Up to this many entries are recomputed before serving; of more, those since the newest snapshot, the rest meanwhile. */
  readonly check_upto?: number
}

const page_entries = 10_000

/** Throws one sentence when another station holds the folder, or when the disk cannot promise that a commit is kept. */
export const openJournal = async ({
  dir,
  log,
  clock = realClock,
  max_bytes = 2 ** 34,
  ballast_bytes = 8 * 2 ** 20,
  check_upto = check_all_upto
}: JournalOptions): Promise<OpenedJournal> => {
  mkdirSync(dir, { recursive: true })
  const unlock = lockFolder(dir, 'journal')
  try {
    let reader = noReader
    const keeper = await openKeeper(
      () => ({ dir, max_bytes, ballast_bytes, check_upto, at: clock.now() }),
      log,
      () => {
        reader.close()
        reader = openReader(`${dir}/journal.db`)
      }
    )
    const { id, given, cursors: saved } = keeper.opened
    let last = given
    const cursors = new Map<string, number>(saved)

    /** A damaged entry is never shown: this throws, and the file is checked and salvaged as at a start. */
    const careful = <T>(read: () => T): T => {
      try {
        return read()
      } catch (error) {
        const code = codeOf(error)
        if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === damaged) keeper.suspect(messageOf(error))
        throw error
      }
    }

    return {
      id,
      get damage() {
        return keeper.damage()
      },
      append: events => {
        const entries = events.map(({ event, lane }) => ({ seq: ++last, lane, event }))
        return { entries, kept: keeper.keep(entries.map(draftOf)) }
      },
      read: (after, limit, lane) => careful(() => reader.read(after, keeper.keptUpto(), Math.min(limit, page_entries), lane)),
      search: (after, upto, sought) => careful(() => reader.search(after, Math.min(upto, after + page_entries, keeper.keptUpto()), sought)),
      proof: seq => (seq > keeper.keptUpto() ? undefined : careful(() => reader.proof(seq))),
      last: () => last,
      keptUpto: keeper.keptUpto,
      unpersisted: keeper.unpersisted,
      trouble: keeper.trouble,
      count: (lane, after) => careful(() => reader.count(lane, after, keeper.keptUpto())),
      cursor: lane => cursors.get(lane) ?? 0,
      moveCursor: (lane, upto) => {
        cursors.set(lane, upto)
        return keeper.moveCursor(lane, upto)
      },
      snapshot: () => careful(() => reader.snapshot()),
      saveSnapshot: (seq, state) => keeper.saveSnapshot(seq, JSON.stringify(state)),
      close: async () => {
        // The last connection to go brings the WAL into the file, and only the writer's may.
        reader.close()
        await keeper.close()
        unlock()
      }
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** A lone surrogate in an id would come back from SQLite as another character, and the hash would not match. */
const draftOf = ({ seq, lane, event }: Entry): Draft => [
  seq,
  event.at,
  lane,
  event.type,
  Buffer.from(event.id).toString(),
  JSON.stringify(event)
]

type Reader = {
  readonly read: (after: number, upto: number, limit: number, lane?: EventLane) => readonly Entry[]
  readonly search: (after: number, upto: number, sought: Sought) => readonly Entry[]
  readonly proof: (seq: number) => Proof | undefined
  readonly count: (lane: EventLane, after: number, upto: number) => number
  readonly snapshot: () => { readonly seq: number; readonly state: unknown } | undefined
  readonly close: () => void
}

const damaged = 'JOURNAL_DAMAGED'
const unopened = (): never => {
  throw new Error('the journal was read before it was opened')
}
const noReader: Reader = { read: unopened, search: unopened, proof: unopened, count: unopened, snapshot: unopened, close: () => undefined }

/** A connection of its own on the main thread: reading a page never waits for a commit. */
const openReader = (file: string): Reader => {
  const db = new Database(file, { readonly: true, timeout: 1000 })
  const any = db.prepare<[number, number, number], Row>('SELECT * FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?')
  const one = db.prepare<[string, number, number, number], Row>(
    'SELECT * FROM entry WHERE lane = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?'
  )
  // Of 50,000 entries this reads those of one incident in a twentieth of the time that reading all of them takes (measured).
  const sought = db.prepare<[number, number, string, string, string], Row>(
    `SELECT * FROM entry WHERE seq > ? AND seq <= ? AND (subject IN (SELECT value FROM json_each(?))
      OR type IN (SELECT value FROM json_each(?)) OR EXISTS (SELECT 1 FROM json_each(?) WHERE instr(body, value) > 0)) ORDER BY seq`
  )
  const row = db.prepare<[number], Row>('SELECT * FROM entry WHERE seq = ?')
  const count = db.prepare<[string, number, number], number>('SELECT count(*) FROM entry WHERE lane = ? AND seq > ? AND seq <= ?').pluck()
  return {
    read: (after, upto, limit, lane) => (lane === undefined ? any.all(after, upto, limit) : one.all(lane, after, upto, limit)).map(entryOf),
    search: (after, upto, { subjects, types, naming }) => {
      const named = naming.map(id => JSON.stringify(id))
      return sought.all(after, upto, JSON.stringify(subjects), JSON.stringify(types), JSON.stringify(named)).map(entryOf)
    },
    proof: seq => {
      const found = row.get(seq)
      return found && proofOf(found)
    },
    count: (lane, after, upto) => count.get(lane, after, upto) ?? 0,
    snapshot: () => {
      const row = readSnapshots(db).snapshots[0]
      return row === undefined ? undefined : { seq: row.seq, state: JSON.parse(row.body) as unknown }
    },
    close: () => void db.close()
  }
}

/** 1.5 µs an entry, and nothing wrong is ever shown as if it were right. */
const entryOf = (row: Row): Entry => {
  mustBeSound(row)
  return { seq: row.seq, lane: row.lane as EventLane, event: JSON.parse(row.body) as Event }
}

const proofOf = (row: Row): Proof => {
  mustBeSound(row)
  return { hash: row.hash.toString('hex'), previous: row.prev.toString('hex') }
}

const mustBeSound = (row: Row): void => {
  if (!sound(row)) throw Object.assign(new Error(`entry ${row.seq} on the disk is damaged`), { code: damaged })
}
