/**
 * A page: one message to one unit about one incident over one channel, from the asking to the last receipt or the reason why not.
 *
 * Every delivery is an event. `nextDueOfPage` says when it is tried (again); a page whose deadline has passed is given up and says so.
 * What a channel can prove differs: a gateway says `sent`, a screen `shown`, a speaker `heard`; an answer is the incident's own event.
 */
import type { Asked, Incident } from './incident.ts'
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
  /** It was given up because nobody has to be called by it any more. */
  readonly not_needed?: true
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
  | (Of & {
      readonly type: 'page_failed'
      readonly incident: string
      readonly why: string
      readonly retry_at?: number
      /** It was not tried: the unit has answered, or it is over. */
      readonly not_needed?: true
    })
type PageAsked = Extract<PageEvent, { type: 'page_asked' }>
type PageFailed = Extract<PageEvent, { type: 'page_failed' }>

/** A channel as the table of station.yaml has it: whom it calls, from how bad on, and when it had better be quiet. */
export type ChannelEntry = {
  readonly id: string
  /** False for the station's own screens alone: an exercise uses nothing else. */
  readonly outside: boolean
  /** Everyone there sees or hears it: one page for all units that are called at once. */
  readonly in_public?: boolean
  /** It sounds in public: nobody is called over it before a person has confirmed. */
  readonly waits?: boolean
  readonly agencies?: readonly Agency[]
  readonly units?: readonly string[]
  readonly from?: Severity
  /** Local times `HH:MM`; never for red. */
  readonly quiet?: { readonly from: string; readonly to: string }
}

/** How long it is tried: who has not been reached by then has been replaced by the next rung. */
const deadline_ms: Readonly<Record<Severity, number>> = { red: 600_000, orange: 900_000, yellow: 1_800_000, blue: 1_800_000 }
const waits_ms = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const

/** The wait before the next try; `jitter` from 0 to 1 keeps pages that failed together from coming back together. */
export const backoff_ms = (tries: number, jitter = 0): number =>
  Math.round((waits_ms[Math.min(Math.max(tries, 1), waits_ms.length) - 1] ?? 60_000) * (1 + jitter / 4))

export type PageCall = {
  readonly incident: string
  readonly asked: readonly Asked[]
  readonly severity: Severity
  readonly drill: boolean
  readonly occasion: Occasion
}

/** Which channels call whom, and when. `local` says the station's local time of a moment as `HH:MM`. */
export const pagesFor = (
  { incident, asked, severity, drill, occasion }: PageCall,
  channels: readonly ChannelEntry[],
  at: number,
  local: (at: number) => string,
  newId: () => string
): readonly PageAsked[] =>
  channels
    .filter(({ outside, from }) => !(drill && outside) && (from === undefined || rank(severity) >= rank(from)))
    .flatMap(({ id, agencies, units, quiet, in_public }) => {
      const called = asked.filter(
        ({ unit, agency }) => (agencies === undefined || agencies.includes(agency)) && (units === undefined || units.includes(unit))
      )
      const not_before = quiet === undefined || severity === 'red' ? undefined : endOfQuiet(quiet, at, local)
      return (in_public === true ? called.slice(0, 1) : called).map(({ unit, agency }) => ({
        type: 'page_asked' as const,
        id: newId(),
        at,
        incident,
        unit,
        agency,
        channel: id,
        occasion,
        severity,
        drill,
        deadline_at: (not_before ?? at) + deadline_ms[severity],
        ...(not_before !== undefined && { not_before })
      }))
    })

/** Who was reached hears by the same channel that it is over. Nobody is told the end of what they never heard of. */
export const overFor = (
  incident: Pick<Incident, 'id' | 'severity' | 'drill'>,
  pages: readonly Page[],
  channels: readonly ChannelEntry[],
  at: number,
  local: (at: number) => string,
  newId: () => string
): readonly PageAsked[] =>
  channels.flatMap(({ from: _from, units: _units, agencies: _agencies, ...channel }) => {
    const reached = pages.filter(page => page.channel === channel.id && isReached(page) && page.occasion !== 'over')
    const asked = [...new Map(reached.map(({ unit, agency }) => [unit, { unit, agency }])).values()]
    const { id, severity, drill } = incident
    return pagesFor({ incident: id, asked, severity, drill, occasion: 'over' }, [channel], at, local, newId)
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
const furthest = ({ status }: Page): number => receipts.indexOf(status as Receipt)
export const isReached = (page: Page): boolean => furthest(page) >= 0

/** Nothing for an event about a page whose beginning was lost, and no change by one that comes too late: a damaged journal must still fold. */
export const evolvePage = (page: Page | undefined, event: PageEvent): Page | undefined => {
  if (event.type === 'page_asked') {
    if (page !== undefined) return page
    const { type: _, at, not_before, ...what } = event
    return { ...what, asked_at: at, tries: 0, due_at: not_before ?? at, status: 'waiting' }
  }
  if (page === undefined) return undefined
  const { due_at, why: _why, not_needed: _not, ...rest } = page
  if (event.type === 'page_receipt') {
    const { receipt, at } = event
    return {
      ...rest,
      // A page that was due has been tried; what a screen or an answer says later is no try.
      tries: page.tries + (due_at === undefined ? 0 : 1),
      ...(receipts.indexOf(receipt) > furthest(page) && { status: receipt }),
      [moment[receipt]]: page[moment[receipt]] ?? at
    }
  }
  if (due_at === undefined) return page
  const { why, retry_at, not_needed } = event
  if (not_needed) return { ...rest, status: 'given_up', why, not_needed }
  const tries = page.tries + 1
  return retry_at === undefined ? { ...rest, tries, status: 'given_up', why } : { ...rest, tries, status: 'failing', why, due_at: retry_at }
}

/** When a page is tried (again). */
export const nextDueOfPage = ({ due_at }: Page): number | undefined => due_at

/** What a failed try becomes: another one, or the end of trying. */
export const afterFailure = (
  page: Page,
  failed: { readonly failed: string; readonly retry: boolean; readonly after_ms?: number },
  at: number,
  jitter = 0
): PageFailed => {
  const retry_at = at + Math.max(failed.after_ms ?? 0, backoff_ms(page.tries + 1, jitter))
  const again = failed.retry && retry_at <= page.deadline_at
  return { type: 'page_failed', id: page.id, at, incident: page.incident, why: failed.failed, ...(again && { retry_at }) }
}
