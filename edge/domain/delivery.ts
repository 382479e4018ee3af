/**
 * A page: one message to one unit about one incident over one channel, from the asking to the last receipt or the reason why not.
 *
 * Every delivery is an event. `nextDueOfPage` says when it is tried (again); a page whose deadline has passed is given up and says so.
 * What a channel can prove differs: a gateway says `sent`, a screen `shown`, a speaker `heard`; an answer is the incident's own event.
 */
import { type Agency, rank, type Severity } from './vocabulary.ts'

export const receipts = ['sent', 'delivered', 'shown', 'heard', 'answered'] as const
export type Receipt = (typeof receipts)[number]

/** Why people are called: it begins, it is worse, they are asked (again), a unit is overdue, it is over. */
export type Occasion = 'opened' | 'worsened' | 'asked' | 'overdue' | 'reminder' | 'over'

export type Page = {
  readonly id: string
  readonly incident: string
  readonly unit: string
  readonly agency: Agency
  readonly channel: string
  readonly occasion: Occasion
  readonly severity: Severity
  readonly drill: boolean
  readonly asked_at: number
  /** After this it is not tried again. */
  readonly deadline_at: number
  readonly tries: number
  /** When it is tried (again); absent when it has arrived or was given up. */
  readonly due_at?: number
  readonly status: 'waiting' | 'failing' | 'given_up' | Receipt
  readonly sent_at?: number
  readonly delivered_at?: number
  readonly shown_at?: number
  readonly heard_at?: number
  readonly answered_at?: number
  /** Why the last try failed, or why it was given up; never holds a secret or a number. */
  readonly why?: string
}

type Of = { readonly id: string; readonly at: number }
export type PageEvent =
  | (Of & {
      readonly type: 'page_asked'
      readonly incident: string
      readonly unit: string
      readonly agency: Agency
      readonly channel: string
      readonly occasion: Occasion
      readonly severity: Severity
      readonly drill: boolean
      readonly deadline_at: number
      /** Quiet hours put it off until then; never for red. */
      readonly not_before?: number
    })
  | (Of & { readonly type: 'page_receipt'; readonly incident: string; readonly receipt: Receipt; readonly note?: string })
  | (Of & { readonly type: 'page_failed'; readonly incident: string; readonly why: string; readonly retry_at?: number })

/** A channel as the table of station.yaml has it: whom it calls, from how bad on, and when it had better be quiet. */
export type ChannelEntry = {
  readonly id: string
  /** Reaches beyond the station's own rooms, or makes a noise in them: no exercise uses it. */
  readonly outside: boolean
  readonly agencies?: readonly Agency[]
  readonly units?: readonly string[]
  readonly from?: Severity
  /** Local times `HH:MM`; never for red. */
  readonly quiet?: { readonly from: string; readonly to: string }
}

/** How long it is tried: who has not been reached by then has been replaced by the next rung. */
const deadline_ms: Readonly<Record<Severity, number>> = { red: 600_000, orange: 900_000, yellow: 1_800_000, blue: 1_800_000 }
const waits_ms = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const

/** The wait before the next try. */
export const backoff_ms = (tries: number): number => waits_ms[Math.min(Math.max(tries, 1), waits_ms.length) - 1] ?? 60_000

/** Which channels call a unit, and when. `local` says the station's local time of a moment as `HH:MM`. */
export const pagesFor = (
  call: {
    readonly incident: string
    readonly unit: string
    readonly agency: Agency
    readonly severity: Severity
    readonly drill: boolean
    readonly occasion: Occasion
  },
  channels: readonly ChannelEntry[],
  at: number,
  local: (at: number) => string,
  newId: () => string
): readonly Extract<PageEvent, { type: 'page_asked' }>[] =>
  channels
    .filter(({ outside, agencies, units, from }) => {
      if (call.drill && outside) return false
      if (agencies !== undefined && !agencies.includes(call.agency)) return false
      if (units !== undefined && !units.includes(call.unit)) return false
      return from === undefined || rank(call.severity) >= rank(from)
    })
    .map(({ id, quiet }) => {
      const not_before = quiet === undefined || call.severity === 'red' ? undefined : endOfQuiet(quiet, at, local)
      return {
        type: 'page_asked',
        id: newId(),
        at,
        ...call,
        channel: id,
        deadline_at: (not_before ?? at) + deadline_ms[call.severity],
        ...(not_before !== undefined && { not_before })
      }
    })

/** When the quiet hours that hold now are over; nothing when they do not hold. Found minute by minute, so that a changed clock is no puzzle. */
const endOfQuiet = (
  { from, to }: { readonly from: string; readonly to: string },
  at: number,
  local: (at: number) => string
): number | undefined => {
  const quiet = (time: string): boolean => (from <= to ? from <= time && time < to : time >= from || time < to)
  if (!quiet(local(at))) return undefined
  for (let minute = 1; minute <= 25 * 60; minute++) {
    const then = at - (at % 60_000) + minute * 60_000
    if (!quiet(local(then))) return then
  }
  return undefined
}

const moment = { sent: 'sent_at', delivered: 'delivered_at', shown: 'shown_at', heard: 'heard_at', answered: 'answered_at' } as const

/** Nothing for an event about a page whose beginning was lost: a damaged journal must still fold. */
export const evolvePage = (page: Page | undefined, event: PageEvent): Page | undefined => {
  if (event.type === 'page_asked') {
    const { type: _, at, not_before, ...what } = event
    return { ...what, asked_at: at, tries: 0, due_at: not_before ?? at, status: 'waiting' }
  }
  if (page === undefined) return undefined
  const { due_at: _, why: _why, ...rest } = page
  if (event.type === 'page_receipt') {
    const further = receipts.indexOf(event.receipt) > receipts.indexOf(page.status as Receipt)
    return { ...rest, ...(further && { status: event.receipt }), [moment[event.receipt]]: page[moment[event.receipt]] ?? event.at }
  }
  const tries = page.tries + 1
  if (event.retry_at === undefined) return { ...rest, tries, status: 'given_up', why: event.why }
  return { ...rest, tries, status: 'failing', why: event.why, due_at: event.retry_at }
}

/** When a page is tried (again). */
export const nextDueOfPage = ({ due_at }: Page): number | undefined => due_at

/** What a failed try becomes: another one, or the end of trying. */
export const afterFailure = (
  page: Page,
  failed: { readonly failed: string; readonly retry: boolean; readonly after_ms?: number },
  at: number
): Extract<PageEvent, { type: 'page_failed' }> => {
  const retry_at = at + Math.max(failed.after_ms ?? 0, backoff_ms(page.tries + 1))
  const again = failed.retry && retry_at < page.deadline_at
  return { type: 'page_failed', id: page.id, at, incident: page.incident, why: failed.failed, ...(again && { retry_at }) }
}
