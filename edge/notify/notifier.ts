/**
 * Calls people over every channel that fits, and goes on until each page has arrived, was answered, or its time is over.
 * Each channel has a line of its own, so that one that hangs never delays another. Everything that comes of a try is an event:
 * what was still to be called when the station stopped is called when it starts again, under the same number.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import {
  afterFailure,
  type ChannelEntry,
  nextDueOfPage,
  type Occasion,
  overFor,
  type Page,
  type PageEvent,
  pagesFor
} from '../domain/delivery.ts'
import type { Asked, Incident } from '../domain/incident.ts'
import { courseOf, notNeeded, saysMore } from '../domain/page-course.ts'
import { troubles } from '../domain/words.ts'
import type { Message, OpenChannel } from './channel.ts'
import { type Line, openLine } from './common/line.ts'
import { tried } from './common/tried.ts'

export type Lane = ChannelEntry & { readonly channel: OpenChannel }

export type Notifier = {
  /** `only`: over this channel, which a person has confirmed; otherwise over all that wait for nobody. */
  readonly call: (incident: Incident, asked: readonly Asked[], occasion: Occasion, only?: string) => void
  /** An incident has changed: who has answered is not called any more, what is over neither. */
  readonly changed: (incident: Incident) => void
  /** Goes on with what was still to be called when the station stopped. */
  readonly start: () => void
  readonly counters: () => Readonly<Record<string, number>>
  readonly health: () => readonly LaneHealth[]
  readonly close: () => Promise<void>
}
export type LaneHealth = {
  readonly id: string
  readonly waiting: number
  readonly trying: number
  readonly reached_at?: number
  /** No try has succeeded since then, and why the last one did not. */
  readonly failing_since?: number
  readonly why?: string
}

/** Pages of one channel that wait: beyond it the oldest of the least grave is let go, and `pages_let_go_total` rises. */
const most_waiting = 10_000
const try_ms = 10_000
const tries_at_once = 4
const close_ms = 1_000

export type NotifierParts = {
  readonly clock: Clock
  readonly lanes: readonly Lane[]
  /** The station's local time of a moment, `HH:MM`. */
  readonly local: (at: number) => string
  /** Folded into `pages` before this returns; it resolves when it is on disk, for which nobody here waits. */
  readonly record: (events: readonly PageEvent[]) => Promise<void>
  readonly pages: () => ReadonlyMap<string, Page>
  /** Nothing when there is nothing left to tell. */
  readonly describe: (page: Page) => Promise<Message | undefined>
  readonly log: (message: string, fields?: object) => void
  /** From 0 to 1. */
  readonly random?: () => number
  readonly try_within_ms?: number
  readonly most_waiting?: number
}

export const openNotifier = (parts: NotifierParts): Notifier => {
  const { clock, lanes, local, record, pages, describe, log, random = Math.random } = parts
  const count = {
    pages_asked_total: 0,
    pages_tried_total: 0,
    pages_sent_total: 0,
    pages_failed_total: 0,
    pages_given_up_total: 0,
    pages_not_needed_total: 0,
    pages_let_go_total: 0
  }
  const entries: readonly ChannelEntry[] = lanes.map(({ channel, ...entry }) => ({ ...entry, in_public: channel.in_public === true }))
  const ofIncident = indexed(pages)
  const newId = (): string => `p-${randomBytes(5).toString('hex')}`

  const say = (events: readonly PageEvent[]): void => {
    if (events.length === 0) return
    for (const event of events) {
      if (event.type === 'page_asked') count.pages_asked_total++
      else if (event.type === 'page_receipt') count.pages_sent_total += event.receipt === 'answered' ? 0 : 1
      else if (event.not_needed) count.pages_not_needed_total++
      else count[event.retry_at === undefined ? 'pages_given_up_total' : 'pages_failed_total']++
    }
    record(events).catch(error => log('what became of a call was not kept', { why: (error as Error).message }))
    for (const { id } of events) follow(id)
  }

  const openCounter = ({ id, channel, outside }: Lane): Counter => {
    const state: Counter = {
      outside,
      in_public: channel.in_public === true,
      health: { id },
      line: openLine({
        clock,
        at_once: channel.at_once ?? tries_at_once,
        most: parts.most_waiting ?? most_waiting,
        dueOf: id => {
          const page = pages().get(id)
          const due_at = page && nextDueOfPage(page)
          return page === undefined || due_at === undefined ? undefined : { severity: page.severity, due_at }
        },
        attempt: (page, closing) =>
          attempt(state, channel, page, closing).catch(error =>
            // Ours and not the channel's: the line tries it again in a minute.
            log(`page ${page} over ${id} could not be tried`, { why: (error as Error).message })
          )
      })
    }
    return state
  }
  const counters = new Map(lanes.map(lane => [lane.id, openCounter(lane)]))

  const follow = (id: string): void => {
    const page = pages().get(id)
    if (page === undefined) return
    const counter = counters.get(page.channel)
    if (counter !== undefined) counter.line.follow(id)
    else if (nextDueOfPage(page) !== undefined) say([failed(page, troubles.no_channel.en)])
  }

  const failed = ({ id, incident }: Page, why: string): PageEvent => ({ type: 'page_failed', id, at: clock.now(), incident, why })

  const attempt = async (counter: Counter, channel: OpenChannel, id: string, closing: AbortSignal): Promise<void> => {
    const page = pages().get(id)
    if (page === undefined || nextDueOfPage(page) === undefined) return
    if (clock.now() > page.deadline_at) return say([failed(page, page.why ?? troubles.too_late.en)])
    const message = await describe(page)
    if (message === undefined) return say([notNeeded(page, 'over', clock.now())])
    count.pages_tried_total++
    const within_ms = parts.try_within_ms ?? (channel.within_s === undefined ? try_ms : channel.within_s * 1000)
    const sent = await tried(channel, message, closing, within_ms)
    const now = pages().get(id)
    const at = clock.now()
    // What the closing has cut short is tried again by the next start, under the same number.
    if (now === undefined || (closing.aborted && 'failed' in sent)) return
    if ('receipt' in sent) {
      counter.health = { id: counter.health.id, reached_at: at }
      say([
        {
          type: 'page_receipt',
          id,
          at,
          incident: page.incident,
          receipt: sent.receipt,
          ...(sent.note !== undefined && { note: sent.note })
        }
      ])
      return
    }
    counter.health = { ...counter.health, failing_since: counter.health.failing_since ?? at, why: sent.failed }
    // Meanwhile it may have been answered.
    if (nextDueOfPage(now) === undefined) return
    const failure = afterFailure(now, sent, at, random())
    say([failure])
    if (failure.retry_at === undefined) log(`page ${id} over ${page.channel} to ${page.unit} was given up: ${failure.why}`)
  }

  /** Of two calls to the same unit by the same channel the newer is enough; one that is being tried just now is not called back. */
  const replaced = (newer: readonly Page[], older: readonly Page[]): readonly PageEvent[] =>
    older
      .filter(page => nextDueOfPage(page) !== undefined && counters.get(page.channel)?.line.isTrying(page.id) === false)
      .filter(page => newer.some(one => saysMore(one, page, counters.get(page.channel)?.in_public === true)))
      .map(page => notNeeded(page, 'newer_call', clock.now()))

  const letGo = (): void => {
    for (const { line } of counters.values()) {
      for (let id = line.surplus(); id !== undefined; id = line.surplus()) {
        const page = pages().get(id)
        if (page === undefined) {
          line.follow(id)
          continue
        }
        count.pages_let_go_total++
        say([failed(page, troubles.too_many.en)])
      }
    }
  }

  return {
    call: (incident, asked, occasion, only) => {
      const these = entries.filter(({ id, waits }) => (only === undefined ? waits !== true : id === only))
      const at = clock.now()
      const { id, severity, drill } = incident
      const before = ofIncident.pages(id)
      const events =
        occasion === 'over'
          ? overFor(incident, before, only === undefined ? entries : these, at, local, newId)
          : pagesFor({ incident: id, asked, severity, drill, occasion }, these, at, local, newId)
      for (const event of events) ofIncident.add(id, event.id)
      say(events)
      say(
        replaced(
          events.flatMap(event => pages().get(event.id) ?? []),
          before
        )
      )
      letGo()
    },
    changed: incident => {
      const onOwnScreen = ({ channel }: Page): boolean => counters.get(channel)?.outside === false
      say(ofIncident.pages(incident.id).flatMap(page => courseOf(page, incident, onOwnScreen(page), clock.now())))
    },
    start: () => {
      for (const id of [...pages().keys()]) follow(id)
      letGo()
    },
    counters: () => ({ ...count, pages_waiting: [...counters.values()].reduce((sum, { line }) => sum + line.waiting(), 0) }),
    health: () => [...counters.values()].map(({ health, line }) => ({ ...health, waiting: line.waiting(), trying: line.trying() })),
    close: async () => {
      await Promise.all([...counters.values()].map(({ line }) => line.close()))
      const closed = lanes.map(({ channel }) => channel.close?.())
      await Promise.race([Promise.allSettled(closed), new Promise(resolve => setTimeout(resolve, close_ms).unref())])
    }
  }
}

/** Which pages an incident has, so that each of its changes looks at those alone. Those that the state has let go are forgotten. */
const indexed = (pages: () => ReadonlyMap<string, Page>) => {
  const known = new Map<string, Set<string>>()
  const existing = (ids: ReadonlySet<string> | undefined): readonly Page[] => [...(ids ?? [])].flatMap(id => pages().get(id) ?? [])
  /** With each new incident two old ones are looked at, so that the index cannot outgrow the state. */
  const tidy = (): void => {
    for (let i = 0; i < 2; i++) {
      const [oldest] = known
      if (oldest === undefined) return
      const [incident, ids] = oldest
      known.delete(incident)
      if (existing(ids).length > 0) known.set(incident, ids)
    }
  }
  const add = (incident: string, id: string): void => {
    const ids = known.get(incident)
    if (ids !== undefined) {
      ids.add(id)
      return
    }
    tidy()
    known.set(incident, new Set([id]))
  }
  for (const { incident, id } of pages().values()) add(incident, id)
  return { add, pages: (incident: string): readonly Page[] => existing(known.get(incident)) }
}

type Counter = {
  readonly outside: boolean
  readonly in_public: boolean
  readonly line: Line
  health: Omit<LaneHealth, 'waiting' | 'trying'>
}
