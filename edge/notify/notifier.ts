/**
 * Calls people over every channel that fits, and goes on until each page has arrived, was answered, or its time is over.
 * Each channel has a lane of its own, so that one that hangs never delays another. Everything that comes of a try is an event:
 * what was still to be called when the station stopped is called when it starts again, under the same number.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { afterFailure, type ChannelEntry, nextDueOfPage, type Occasion, type Page, type PageEvent, pagesFor } from '../domain/delivery.ts'
import type { Asked, Incident } from '../domain/incident.ts'
import { rank } from '../domain/vocabulary.ts'
import type { Message, OpenChannel, Sent } from './channel.ts'

export type Lane = ChannelEntry & { readonly channel: OpenChannel }

export type Notifier = {
  readonly call: (incident: Incident, asked: readonly Asked[], occasion: Occasion) => void
  /** An incident has changed: who has answered is not called any more, what is over neither. */
  readonly changed: (incident: Incident) => void
  /** Goes on with what was still to be called when the station stopped. */
  readonly start: () => void
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

const try_ms = 10_000
const tries_at_once = 4
const answeredFrom = ['acknowledged', 'en_route', 'on_scene', 'done', 'declined'] as const

export const openNotifier = ({
  clock,
  lanes,
  local,
  record,
  pages,
  describe,
  log
}: {
  readonly clock: Clock
  readonly lanes: readonly Lane[]
  /** The station's local time of a moment, `HH:MM`. */
  readonly local: (at: number) => string
  readonly record: (events: readonly PageEvent[]) => Promise<void>
  readonly pages: () => ReadonlyMap<string, Page>
  /** Nothing when there is nothing left to tell. */
  readonly describe: (page: Page) => Promise<Message | undefined>
  readonly log: (message: string, fields?: object) => void
}): Notifier => {
  const byId = new Map(lanes.map(lane => [lane.id, { ...lane, waiting: [] as string[], busy: 0 }]))
  const timers = new Map<string, () => void>()
  const trying = new Set<Promise<void>>()
  const ending = new AbortController()
  const count = { pages_asked_total: 0, pages_sent_total: 0, pages_failed_total: 0, pages_given_up_total: 0 }

  const say = (event: PageEvent): void => {
    if (event.type === 'page_receipt') count.pages_sent_total++
    if (event.type === 'page_failed') count[event.retry_at === undefined ? 'pages_given_up_total' : 'pages_failed_total']++
    void record([event])
  }

  /** Waits for the page's time, then queues it in its lane: red first, then in order. */
  const arm = (id: string): void => {
    timers.get(id)?.()
    timers.delete(id)
    const page = pages().get(id)
    const due = page && nextDueOfPage(page)
    if (page === undefined || due === undefined || ending.signal.aborted) return
    const cancel = clock.wake(due, () => {
      timers.delete(id)
      const lane = byId.get(page.channel)
      if (lane === undefined) {
        say({ type: 'page_failed', id, at: clock.now(), incident: page.incident, why: `there is no channel ${page.channel} any more` })
        return
      }
      const place = lane.waiting.findIndex(other => rank(pages().get(other)?.severity ?? 'red') < rank(page.severity))
      lane.waiting.splice(place < 0 ? lane.waiting.length : place, 0, id)
      drain(page.channel)
    })
    timers.set(id, cancel)
  }

  const drain = (channel: string): void => {
    const lane = byId.get(channel)
    while (lane !== undefined && lane.busy < tries_at_once && !ending.signal.aborted) {
      const id = lane.waiting.shift()
      const page = id === undefined ? undefined : pages().get(id)
      if (id === undefined) return
      if (page === undefined || nextDueOfPage(page) === undefined) continue
      lane.busy++
      const work = attempt(lane.channel, page).finally(() => {
        lane.busy--
        trying.delete(work)
        drain(channel)
      })
      trying.add(work)
    }
  }

  const attempt = async (channel: OpenChannel, page: Page): Promise<void> => {
    const message = await describe(page)
    const sent: Sent = message === undefined ? { failed: 'it is over', retry: false } : await tried(channel, message)
    // Meanwhile it may have been answered, or the station may be closing: then the next start tries again.
    const now = pages().get(page.id)
    if (ending.signal.aborted || now === undefined || nextDueOfPage(now) === undefined) return
    const { id, incident } = page
    if ('receipt' in sent) {
      const { receipt, note } = sent
      say({ type: 'page_receipt', id, at: clock.now(), incident, receipt, ...(note !== undefined && { note }) })
      return
    }
    const failure = afterFailure(now, sent, clock.now())
    say(failure)
    if (failure.retry_at === undefined) log(`page ${id} over ${page.channel} to ${page.unit} was given up: ${failure.why}`)
    arm(id)
  }

  /** A channel that hangs, or throws, has failed this try; it is aborted and its lane goes on. */
  const tried = async (channel: OpenChannel, message: Message): Promise<Sent> => {
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(try_ms)])
    const late = new Promise<Sent>(resolve =>
      signal.addEventListener('abort', () => resolve({ failed: 'no answer within 10 s', retry: true }), { once: true })
    )
    const sending = channel.send(message, signal).catch((error: Error): Sent => ({ failed: error.message.slice(0, 200), retry: true }))
    return Promise.race([sending, late])
  }

  return {
    call: (incident, asked, occasion) => {
      const at = clock.now()
      const { id, severity, drill } = incident
      for (const { unit, agency } of asked) {
        const events = pagesFor(
          { incident: id, unit, agency, severity, drill, occasion },
          lanes,
          at,
          local,
          () => `p-${randomBytes(5).toString('hex')}`
        )
        if (events.length === 0) continue
        count.pages_asked_total += events.length
        void record(events)
        for (const event of events) arm(event.id)
      }
    },
    changed: incident => {
      for (const page of pages().values()) {
        if (page.incident !== incident.id || page.answered_at !== undefined) continue
        const response = incident.responses[page.unit]
        const at = clock.now()
        if (response !== undefined && answeredFrom.some(status => status === response.status)) {
          say({ type: 'page_receipt', id: page.id, at, incident: incident.id, receipt: 'answered' })
          arm(page.id)
        } else if (incident.phase === 'closed' && nextDueOfPage(page) !== undefined) {
          say({ type: 'page_failed', id: page.id, at, incident: incident.id, why: 'it is over' })
          arm(page.id)
        }
      }
    },
    start: () => {
      for (const id of pages().keys()) arm(id)
    },
    counters: () => ({ ...count, pages_waiting: timers.size }),
    close: async () => {
      for (const cancel of timers.values()) cancel()
      timers.clear()
      ending.abort()
      await Promise.allSettled(trying)
      for (const { channel } of lanes) await channel.close?.()
    }
  }
}
