/**
 * A page: one message to one unit about one incident over one channel, from the asking to the last receipt or the reason why not.
 *
 * Every delivery is an event. `nextDueOfPage` says when it is tried (again); a page whose deadline has passed is given up and says so.
 * What a channel can prove differs: a gateway says `sent`, a screen `shown`, a speaker `heard`; an answer is the incident's own event.
 */
import type { Agency, Severity } from './vocabulary.ts'

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
