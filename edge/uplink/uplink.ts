/**
 * Ships what the cloud lacks, red first, and takes its commands back.
 *
 * One message is in flight. The cloud's answer, and nothing else, moves a cursor; without an answer in ten seconds the
 * batch is chosen and sent again, smaller: the cloud takes only what continues its own cursor, so nothing counts twice.
 */
import type { Logger } from 'pino'
import { type Alive, type BatchAnswer, type Hello, type Lane, largest_message_bytes, type StationCard, topics } from '../domain/uplink.ts'
import type { Clock, CloudCommand, CommandOutcome, History, Journal, UplinkNow } from '../ports.ts'
import { backlogOf, forecastOf } from './backlog.ts'
import { type Batch, nextBatch } from './batches.ts'
import { openOrders } from './commands.ts'
import { openLink } from './link.ts'
import { type LineWord, sayLine } from './words.ts'

export type UplinkOptions = {
  readonly station: string
  readonly url: string
  readonly username: string
  readonly password: string
  readonly ca?: string | Buffer
  readonly journal: Journal
  readonly history: History
  readonly clock: Clock
  readonly command: (command: CloudCommand) => Promise<CommandOutcome>
  readonly onState: (now: UplinkNow) => void
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly hello: () => StationCard
  readonly random?: () => number
}
export type Uplink = {
  readonly now: () => UplinkNow
  /** Something new was kept: send it now rather than at the next look, a second later at most. */
  readonly poke: () => void
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

const answer_within_ms = 10_000
const look_every_ms = 1_000
const alive_every_ms = 10_000
const wait_when_not_kept_ms = 5_000
const smallest_budget_bytes = 4 * 1024
const first_budget_bytes = 32 * 1024
/** Answered within this: the line carries more. Slower than that: a fresh red would wait too long behind such a message. */
const quick_ms = 1_000
const slow_ms = 4_000
const unanswered_before_renewal = 2

type Flight = { readonly batch: Batch; readonly sent_at: number; readonly cancel: () => void }

export const openUplink = (options: UplinkOptions): Uplink => {
  const { station, journal, history, clock, log } = options
  const cursors: Record<Lane, number> = { red: journal.cursor('red'), events: journal.cursor('events'), readings: history.cursor() }
  const counted = {
    batches_total: 0,
    records_total: 0,
    bytes_total: 0,
    resent_total: 0,
    moved_by_cloud_total: 0,
    not_kept_total: 0,
    unreadable_total: 0
  }
  const orders = openOrders(journal, options.command)
  /** Lanes in which the cloud is ahead of us: nothing can follow there, and the state says so. */
  const held = new Set<Lane>()
  let line: { word: LineWord; detail: string; since: number } = { word: 'connecting', detail: '', since: clock.now() }
  let flight: Flight | undefined
  let choosing = false
  let n = 0
  let budget_bytes = first_budget_bytes
  let unanswered = 0
  let resumeAt = 0
  let block_bytes: number | undefined
  let toldBacklog = 0
  let closed = false

  const now = (): UplinkNow => {
    const { records, oldest } = backlogOf(journal, history, cursors)
    return {
      configured: true,
      online: link.up(),
      why: sayLine(line.word, options.hello().locale, line.detail),
      since: line.since,
      behind_seconds: oldest === undefined ? 0 : Math.max(0, (clock.now() - oldest) / 1000),
      backlog_records: records,
      backlog_hours_left: forecastOf(history.stats(), block_bytes, clock.now())
    }
  }

  const become = (word: LineWord, detail = ''): void => {
    if (closed || (line.word === word && line.detail === detail)) return
    line = { word, detail, since: clock.now() }
    const say = sayLine(word, 'en', detail)
    if (word === 'online' || word === 'connecting') log.info({ url: options.url }, `uplink: ${say}`)
    else log.warn({ url: options.url }, `uplink: ${say}`)
    // The first state is told before the link exists; whoever asks then is answered at the next change.
    if (word !== 'connecting') options.onState(now())
  }

  const alive = (): void => {
    const { behind_seconds, backlog_records } = now()
    toldBacklog = backlog_records
    link.send(topics.alive(station), JSON.stringify({ at: clock.now(), behind_seconds, backlog_records } satisfies Alive), 0)
  }

  const greet = (): void => {
    land()
    unanswered = 0
    held.clear()
    link.send(topics.status(station), 'online', 1, true)
    const hello: Hello = { at: clock.now(), journal: journal.id, history: history.id, station: options.hello() }
    link.send(topics.hello(station), JSON.stringify(hello))
    alive()
    pump()
  }

  const land = (): Flight | undefined => {
    const landed = flight
    landed?.cancel()
    flight = undefined
    return landed
  }

  const pump = (): void => {
    if (closed || choosing || flight !== undefined || !link.up() || clock.now() < resumeAt) return
    choosing = true
    nextBatch(++n, journal, history, cursors, held, budget_bytes)
      .then(next => {
        choosing = false
        if (closed || !link.up()) return
        if (next === undefined) {
          // Caught up: the city should not read of a backlog for ten seconds more.
          if (toldBacklog > 0) alive()
          return
        }
        if (next.blocks) block_bytes = next.blocks.bytes / next.blocks.count
        take(next.batch)
      })
      .catch(error => {
        // The readings could not be read from the disk: the next look tries again, and the history says its own trouble.
        choosing = false
        log.warn({ err: error }, 'uplink: the next batch cannot be read')
      })
  }

  const take = (batch: Batch): void => {
    counted.batches_total++
    counted.bytes_total += batch.payload.length
    link.send(topics.batch(station, batch.lane), batch.payload)
    flight = { batch, sent_at: clock.now(), cancel: clock.wake(clock.now() + answer_within_ms, lapse) }
  }

  const lapse = (): void => {
    flight = undefined
    counted.resent_total++
    unanswered++
    budget_bytes = Math.max(smallest_budget_bytes, budget_bytes / 4)
    // A half-open connection swallows everything: the second silence in a row is believed.
    if (unanswered < unanswered_before_renewal) pump()
    else link.renew('no_answer')
  }

  const answered = ({ n: of, id, lane, upto, took, why }: BatchAnswer): void => {
    if (flight === undefined || of !== flight.batch.n || id !== flight.batch.id || lane !== flight.batch.lane) return
    const { batch, sent_at } = land() as Flight
    unanswered = 0
    const waited_ms = clock.now() - sent_at
    if (waited_ms <= quick_ms) budget_bytes = Math.min(largest_message_bytes, budget_bytes * 2)
    else if (waited_ms > slow_ms) budget_bytes = Math.max(smallest_budget_bytes, budget_bytes / 2)
    if (why !== undefined) {
      counted.not_kept_total++
      resumeAt = clock.now() + wait_when_not_kept_ms
      become('not_kept', why)
      return
    }
    if (took) counted.records_total += batch.records
    else counted.moved_by_cloud_total++
    const last = lane === 'readings' ? history.stats().last : journal.last()
    if (upto > last) {
      held.add(lane)
      become('ahead', String(last))
    } else {
      move(lane, upto)
      if (held.size === 0) become('online')
    }
    pump()
  }

  /** The cursor in memory leads; the one on disk follows when the disk can. Behind, it only costs a batch sent twice. */
  const move = (lane: Lane, upto: number): void => {
    cursors[lane] = upto
    const moved = lane === 'readings' ? history.moveCursor(upto) : journal.moveCursor(lane, upto)
    moved.catch(error => log.warn({ err: error, lane, upto }, 'uplink: the cursor could not be kept'))
  }

  const link = openLink({
    url: options.url,
    clientId: station,
    username: options.username,
    password: options.password,
    ...(options.ca !== undefined && { ca: options.ca }),
    will: { topic: topics.status(station), payload: 'offline' },
    subscribe: [topics.answer(station), topics.command(station)],
    clock,
    random: options.random ?? Math.random,
    onUp: greet,
    onState: (word, detail) => {
      if (word !== 'online') land()
      become(word, detail)
    },
    onMessage: (topic, payload) => {
      if (topic === topics.answer(station)) {
        const answer = readAnswer(payload.toString())
        if (answer === undefined) counted.unreadable_total++
        else answered(answer)
      } else if (topic === topics.command(station)) void obey(payload.toString())
    }
  })

  const obey = async (raw: string): Promise<void> => {
    const outcome = await orders.obey(raw)
    if (outcome !== undefined) link.send(topics.outcome(station), JSON.stringify(outcome))
  }

  let cancelLook = clock.wake(clock.now() + look_every_ms, look)
  let aliveAt = clock.now()
  function look(): void {
    if (clock.now() - aliveAt >= alive_every_ms) {
      aliveAt = clock.now()
      if (link.up()) alive()
    }
    pump()
    cancelLook = clock.wake(clock.now() + look_every_ms, look)
  }

  return {
    now,
    poke: pump,
    counters: () =>
      Object.fromEntries(
        Object.entries({ ...counted, ...orders.counters(), reconnects_total: link.reconnects() }).map(([name, value]) => [
          `uplink_${name}`,
          value
        ])
      ),
    close: async () => {
      cancelLook()
      land()
      await link.close({ topic: topics.status(station), payload: 'offline' })
      closed = true
    }
  }
}

const readAnswer = (raw: string): BatchAnswer | undefined => {
  try {
    const answer = JSON.parse(raw) as BatchAnswer
    return Number.isSafeInteger(answer.n) && Number.isSafeInteger(answer.upto) && answer.upto >= 0 ? answer : undefined
  } catch {
    return undefined
  }
}
