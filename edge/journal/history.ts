/**
 * Telemetry, kept in one compressed block about every second: every message on the disk by itself would wear the flash out
 * (472 GB a day against 5.2). At most one block is on its way to the writer's thread; the rest waits, bounded.
 */

import { mkdirSync } from 'node:fs'
import type { Block, History } from '../ports.ts'
import { codeOf, type Hired, hire, messageOf } from '../thread.ts'
import { openGathering, type Sheaf } from './gathering.ts'
import type { HistoryReader } from './history-reader.ts'
import type { HistoryStart, HistoryState, HistoryWriter } from './history-writer.ts'
import type { Damage, Log } from './journal.ts'
import { lockFolder } from './lock.ts'
import { openPace } from './pace.ts'
import { minute_ms } from './rollup.ts'

export type OpenedHistory = History & { readonly damage: Damage | undefined }
export type HistoryOptions = {
  readonly dir: string
  readonly log: Log
  /** Quota of the file; the oldest readings go first, those the cloud lacks are counted. */
  readonly max_bytes: number
  readonly max_age_ms: number
  readonly block_ms?: number
  readonly block_lines?: number
  readonly waiting_lines?: number
}

const retry_ms = 1000
const roll_every_ms = minute_ms
const close_within_ms = 3000
const least_bytes = 4 * 2 ** 20

export const openHistory = async ({
  dir,
  log,
  max_bytes,
  max_age_ms,
  block_ms = 1000,
  block_lines = 4096,
  waiting_lines = 200_000
}: HistoryOptions): Promise<OpenedHistory> => {
  if (max_bytes < least_bytes) throw new Error(`the history needs at least ${least_bytes} bytes, not ${max_bytes}`)
  mkdirSync(dir, { recursive: true })
  const unlock = lockFolder(dir, 'history')
  let blockTimer: NodeJS.Timeout | undefined
  const pace = openPace(block_ms)
  const gathering = openGathering(block_lines, waiting_lines, () => {
    clearTimeout(blockTimer)
    blockTimer = setTimeout(() => {
      gathering.close()
      kick()
    }, pace.gather_ms())
  })
  let damage: Damage | undefined
  let trouble: string | undefined
  let inFlight: Sheaf | undefined
  let told = 0
  let moves: { readonly upto: number; readonly waiting: readonly (() => void)[] } | undefined
  let running: Promise<void> | undefined
  let closing = false
  let hurry = (): void => undefined
  let rollAt = performance.now() + roll_every_ms

  type Threads = { readonly writer: Hired<HistoryWriter>; readonly reader: Hired<HistoryReader>; readonly start: HistoryStart }
  const start = async (): Promise<Threads> => {
    const writer = hire<HistoryWriter>(new URL('./history-writer', import.meta.url))
    const reader = hire<HistoryReader>(new URL('./history-reader', import.meta.url))
    try {
      const opened = await writer.ask('open', { dir, max_bytes, max_age_ms, at: Date.now() })
      await reader.ask('open', `${dir}/history.db`)
      if (opened.damage !== undefined) {
        damage = opened.damage
        log.error({ lost: damage.lost }, damage.detail)
      }
      return { writer, reader, start: opened }
    } catch (error) {
      await Promise.all([writer.end(), reader.end()])
      throw error
    }
  }
  const watch = (threads: Threads): void => {
    for (const { gone } of [threads.writer, threads.reader])
      void gone.then(why => {
        if (closing || threads !== now) return
        says(`a thread of the history ended: ${why}`)
        mending = true
        kick()
      })
  }

  const says = (why: string | undefined): void => {
    if (why !== undefined && why !== trouble) log.error({ waiting: gathering.waiting() }, `the history waits: ${why}`)
    if (why === undefined && trouble !== undefined) log.info('the history is written again')
    trouble = why
  }

  const writeOnce = async (): Promise<void> => {
    if (moves !== undefined) {
      const taken = moves
      state = await now.writer.ask('moveCursor', taken.upto)
      for (const resolve of taken.waiting) resolve()
      moves = moves === taken ? undefined : { upto: moves.upto, waiting: moves.waiting.slice(taken.waiting.length) }
    }
    inFlight ??= gathering.take()
    if (inFlight === undefined) return says(undefined)
    const lost = gathering.letGoTotal()
    state = await now.writer.ask('keep', inFlight.lines.join('\n'), inFlight.lines.length, Date.now(), lost - told)
    told = lost
    inFlight.resolve()
    inFlight = undefined
    says(undefined)
  }

  /** A dead thread is replaced; a damaged file is set aside and a new one begun, under a new id. */
  const mend = async (): Promise<void> => {
    await Promise.all([now.writer.end(), now.reader.end()])
    const { id } = now.start
    const { last } = state
    now = await start()
    watch(now)
    mending = false
    // The block was kept, only its answer was lost with the thread.
    if (now.start.id === id && now.start.state.last > last && inFlight !== undefined) {
      inFlight.resolve()
      inFlight = undefined
    }
    state = now.start.state
    says(undefined)
  }

  const work = (): boolean => mending || moves !== undefined || inFlight !== undefined || gathering.ready()
  const run = async (): Promise<void> => {
    while (work()) {
      try {
        if (mending) await mend()
        await writeOnce()
      } catch (error) {
        says(messageOf(error))
        const code = codeOf(error)
        if (code === 'GONE' || code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') mending = true
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
    if (performance.now() < rollAt) return
    rollAt = performance.now() + roll_every_ms
    await roll()
  }
  const roll = (): Promise<void> =>
    now.writer.ask('roll', Date.now()).catch((error: unknown) => log.warn(`the history was not rolled up: ${messageOf(error)}`))
  const kick = (): void => {
    running ??= new Promise(resolve => setImmediate(resolve)).then(run).finally(() => {
      running = undefined
      if (work() && !closing) kick()
    })
  }

  let mending = false
  let now: Threads
  try {
    now = await start()
  } catch (error) {
    unlock()
    throw error
  }
  watch(now)
  let state: HistoryState = now.start.state
  const blocks = async (after: number, max: number): Promise<readonly Block[]> => {
    const { blocks, damaged } = await now.reader.ask('blocks', after, max)
    for (const seq of damaged) {
      log.error({ block: seq }, `block ${seq} of the history is damaged and is let go`)
      state = await now.writer.ask('giveUp', seq, Date.now())
    }
    return blocks
  }

  return {
    get id() {
      return now.start.id
    },
    get damage() {
      return damage
    },
    keep: (lines, urgent = false) => {
      const kept = gathering.add(lines, urgent)
      if (gathering.ready()) kick()
      return kept
    },
    query: async query => {
      if (query.step_ms >= minute_ms) await roll()
      return now.reader.ask('query', query)
    },
    blocks,
    cursor: () => Math.max(state.cursor, moves?.upto ?? 0),
    moveCursor: upto =>
      new Promise(resolve => {
        moves = { upto: Math.max(upto, moves?.upto ?? 0), waiting: [...(moves?.waiting ?? []), resolve] }
        kick()
      }),
    stats: () => ({
      last: state.last,
      waiting: gathering.waiting() + (inFlight?.lines.length ?? 0),
      backlog_blocks: state.backlog_blocks,
      backlog_points: state.backlog_points,
      backlog_from: state.backlog_from,
      bytes: state.bytes,
      max_bytes,
      dropped_points_total: state.dropped_points_total + gathering.letGoTotal() - told,
      trouble
    }),
    close: async () => {
      closing = true
      clearTimeout(blockTimer)
      gathering.close()
      hurry()
      const flush = async (): Promise<void> => {
        await running
        await run()
      }
      let timer: NodeJS.Timeout | undefined
      await Promise.race([flush(), new Promise(resolve => (timer = setTimeout(resolve, close_within_ms)))])
      clearTimeout(timer)
      gathering.refuseAll('not kept: the station stopped')
      inFlight?.reject(new Error('not kept: the station stopped'))
      // The reader first: the last connection to go brings the WAL into the file, and only the writer's may.
      const leave = now.reader.ask('close').then(() => now.writer.ask('close'))
      await leave.catch((error: unknown) => log.warn(`the history did not close: ${messageOf(error)}`))
      await Promise.all([now.writer.end(), now.reader.end()])
      unlock()
    }
  }
}
