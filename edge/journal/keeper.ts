/**
 * Brings what waits to the writer's thread, one transaction at a time and in order, and tries again every second while
 * the disk refuses. It owns the thread: one that died, or whose file turned out damaged, is replaced and checked anew.
 */
import { writeFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { codeOf, type Hired, hire, messageOf } from '../thread.ts'
import { type Damage, suspectFile } from './opening.ts'
import type { Draft, JournalWriter, Settings, Start } from './writer.ts'

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>
export type Keeper = {
  readonly opened: Start
  readonly damage: () => Damage | undefined
  readonly keep: (rows: readonly Draft[]) => Promise<void>
  readonly moveCursor: (lane: string, upto: number) => Promise<void>
  readonly saveSnapshot: (seq: number, body: string) => Promise<void>
  readonly keptUpto: () => number
  readonly unpersisted: () => number
  readonly trouble: () => string | undefined
  /** A reader met damage: everything is checked anew, as at a start. */
  readonly suspect: (why: string) => void
  readonly close: () => Promise<void>
}

/** Beyond this many waiting entries `trouble` says so; they are still accepted, because events are never let go. */
export const ring_entries = 10_000
const batch_entries = 5000
const retry_ms = 1000
const close_within_ms = 3000
const check_every_ms = 50

type Waiting = { readonly upto: number; readonly resolve: () => void }
type Moves = { readonly cursors: ReadonlyMap<string, number>; readonly waiting: readonly (() => void)[] }
type Snapshot = { readonly seq: number; readonly body: string; readonly waiting: readonly (() => void)[] }

/** `onStart` is called after each start of a thread, before anything is written through it. */
export const openKeeper = async (settings: () => Settings, log: Log, onStart: (start: Start) => void): Promise<Keeper> => {
  let damage: Damage | undefined
  let trouble: string | undefined
  let mending: string | undefined
  let pending: Draft[] = []
  let waiting: Waiting[] = []
  let moves: Moves = { cursors: new Map(), waiting: [] }
  let snapshot: Snapshot | undefined
  let running: Promise<void> | undefined
  let closing = false
  let hurry = (): void => undefined

  const start = async (): Promise<{ writer: Hired<JournalWriter>; opened: Start }> => {
    const writer = hire<JournalWriter>(new URL('./writer', import.meta.url))
    try {
      const opened = await writer.ask('open', settings())
      if (opened.damage !== undefined) {
        damage = opened.damage
        log.error({ lost: damage.lost }, `the journal was damaged: ${damage.detail}`)
      }
      onStart(opened)
      void checkOn(writer)
      void writer.gone.then(why => {
        if (closing || writer !== now.writer) return
        mending = `its thread ended: ${why}`
        kick()
      })
      return { writer, opened }
    } catch (error) {
      await writer.end()
      throw error
    }
  }
  /** What was too much to recompute before serving is recomputed in slices while the station runs. */
  const checkOn = async (writer: Hired<JournalWriter>): Promise<void> => {
    try {
      for (;;) {
        const { done, broken } = await writer.ask('checkMore')
        if (broken !== undefined) reopen(`entry ${broken.entry}: ${broken.why}`)
        if (done) return
        await new Promise(resolve => setTimeout(resolve, check_every_ms))
      }
    } catch (error) {
      // The thread ended, or the disk refused: the next start checks again.
      if (!closing) log.warn(`the journal's older entries are not checked to the end: ${messageOf(error)}`)
    }
  }
  const reopen = (why: string): void => {
    mending = doubt(why)
    says(why)
    kick()
  }
  let now = await start()
  let kept = now.opened.last

  const settle = (upto: number): void => {
    kept = Math.max(kept, upto)
    let n = 0
    while ((pending[n]?.[0] ?? Infinity) <= kept) n++
    pending = pending.slice(n)
    n = 0
    while ((waiting[n]?.upto ?? Infinity) <= kept) waiting[n++]?.resolve()
    waiting = waiting.slice(n)
  }

  const says = (why: string | undefined): void => {
    if (why !== undefined && why !== trouble) log.error({ unpersisted: pending.length }, `the journal waits: ${why}`)
    if (why === undefined && trouble !== undefined) log.info('the journal is written again')
    trouble = why
  }

  const writeOnce = async (): Promise<void> => {
    const taken = moves
    moves = { cursors: new Map(), waiting: [] }
    try {
      const { last, worry } = await now.writer.ask('write', pending.slice(0, batch_entries), [...taken.cursors])
      settle(last)
      for (const resolve of taken.waiting) resolve()
      says(worry)
    } catch (error) {
      // What was moved meanwhile is newer.
      moves = { cursors: new Map([...taken.cursors, ...moves.cursors]), waiting: [...taken.waiting, ...moves.waiting] }
      throw error
    }
    if (snapshot === undefined) return
    const { seq, body, waiting: savers } = snapshot
    await now.writer.ask('saveSnapshot', seq, body)
    for (const resolve of savers) resolve()
    snapshot = snapshot.seq === seq ? undefined : { ...snapshot, waiting: snapshot.waiting.slice(savers.length) }
  }

  const mend = async (why: string): Promise<void> => {
    log.warn(`the journal is opened anew: ${why}`)
    await now.writer.end()
    now = await start()
    mending = undefined
    settle(now.opened.last)
  }

  const work = (): boolean => mending !== undefined || pending.length > 0 || moves.cursors.size > 0 || snapshot !== undefined
  const run = async (): Promise<void> => {
    while (work()) {
      try {
        if (mending !== undefined) await mend(mending)
        await writeOnce()
      } catch (error) {
        says(sentence(error))
        mending ??= needsMending(error)
        if (closing) return
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, retry_ms)
          hurry = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    }
  }
  const kick = (): void => {
    // After this turn of the event loop, so that everything appended in it shares one commit.
    running ??= new Promise(resolve => setImmediate(resolve)).then(run).finally(() => {
      running = undefined
      // Whoever was told "kept" may have appended before this line ran.
      if (work() && !closing) kick()
    })
  }
  const needsMending = (error: unknown): string | undefined => {
    const code = codeOf(error)
    if (code === 'GONE') return messageOf(error)
    if (!code.startsWith('SQLITE_CORRUPT') && code !== 'SQLITE_NOTADB') return undefined
    return doubt(messageOf(error))
  }
  const doubt = (why: string): string => {
    writeFileSync(suspectFile(settings().dir), why)
    return why
  }

  return {
    opened: now.opened,
    damage: () => damage,
    keep: rows => {
      const upto = rows.at(-1)?.[0]
      if (upto === undefined) return Promise.resolve()
      for (const row of rows) pending.push(row)
      kick()
      return new Promise(resolve => waiting.push({ upto, resolve }))
    },
    moveCursor: (lane, upto) =>
      new Promise(resolve => {
        moves = { cursors: new Map(moves.cursors).set(lane, upto), waiting: [...moves.waiting, resolve] }
        kick()
      }),
    saveSnapshot: (seq, body) =>
      new Promise(resolve => {
        snapshot = { seq, body, waiting: [...(snapshot?.waiting ?? []), resolve] }
        kick()
      }),
    keptUpto: () => kept,
    unpersisted: () => pending.length,
    trouble: () =>
      pending.length > ring_entries
        ? `${pending.length} entries wait in memory: ${trouble ?? 'the disk is slower than the station'}`
        : trouble,
    suspect: reopen,
    close: async () => {
      closing = true
      hurry()
      let timer: NodeJS.Timeout | undefined
      await Promise.race([running, new Promise(resolve => (timer = setTimeout(resolve, close_within_ms)))])
      clearTimeout(timer)
      if (pending.length > 0)
        log.error({ unpersisted: pending.length }, `the journal closes with ${pending.length} entries not on disk: ${trouble ?? ''}`)
      await now.writer.ask('close').catch((error: unknown) => log.warn(`the journal's writer did not close: ${messageOf(error)}`))
      await now.writer.end()
    }
  }
}

/** What the desk reads when the disk refuses. */
const sentence = (error: unknown): string => {
  const code = codeOf(error)
  if (code === 'SQLITE_FULL') return 'the disk is full'
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') return 'the disk is read-only or gone'
  if (code.startsWith('SQLITE_IOERR')) return `the disk fails: ${messageOf(error)}`
  return messageOf(error)
}
