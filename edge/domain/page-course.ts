/** What the course of an incident makes of its pages: what a screen showed, who has answered, whom nobody needs to call any more. */
import { answered } from './asking.ts'
import { isReached, nextDueOfPage, type Page, type PageEvent, type Receipt } from './delivery.ts'
import type { Incident, Response } from './incident.ts'
import { actionOf, isCalledOff } from './public-actions.ts'
import { troubles } from './words.ts'

/** `onOwnScreen`: its channel is the station's own screens, which say by the unit's response what was shown and heard. */
export const courseOf = (page: Page, incident: Incident, onOwnScreen: boolean, at: number): readonly PageEvent[] => {
  const { id, unit } = page
  const waiting = nextDueOfPage(page) !== undefined
  const receipt = (receipt: Receipt): PageEvent => ({ type: 'page_receipt', id, at, incident: incident.id, receipt })
  const stop = (why: keyof typeof troubles): PageEvent[] => (waiting ? [notNeeded(page, why, at)] : [])
  const action = actionOf(incident, page.channel)
  const calledOff = action !== undefined && isCalledOff(action)
  if (page.occasion === 'over') return incident.phase === 'open' && !calledOff ? stop('goes_on') : []
  if (calledOff) return stop('called_off')

  const response = Object.hasOwn(incident.responses, unit) ? incident.responses[unit] : undefined
  const seen: PageEvent[] = []
  if (onOwnScreen && page.shown_at === undefined && since(response?.shown_at, page)) seen.push(receipt('shown'))
  if (onOwnScreen && page.heard_at === undefined && since(response?.heard_at, page)) seen.push(receipt('heard'))
  const reached = isReached(page) || seen.length > 0
  if (response !== undefined && answersTo(response, page)) {
    if (!reached) return stop('unit_answered')
    return page.answered_at === undefined ? [...seen, receipt('answered')] : seen
  }
  return incident.phase === 'closed' && seen.length === 0 ? stop('over') : seen
}

const since = (moment: number | undefined, { asked_at }: Page): boolean => moment !== undefined && moment >= asked_at

/**
 * Who was on the way already when it grew worse has not answered that page by having answered another: only what a unit says
 * after it was called, or to the asking that the page belongs to, is an answer to it.
 */
const answersTo = (response: Response, { asked_at, occasion }: Page): boolean => {
  if (response.asked_at >= asked_at) return answered(response) || response.status === 'declined'
  const { acknowledged_at = 0, en_route_at = 0, on_scene_at = 0, done_at = 0, status } = response
  // A page of that kind was never for somebody who had declined, so they declined it.
  if (status === 'declined') return occasion !== 'overdue' && occasion !== 'reminder'
  return Math.max(acknowledged_at, en_route_at, on_scene_at, done_at) > asked_at
}

export const notNeeded = ({ id, incident }: Page, why: keyof typeof troubles, at: number): PageEvent => ({
  type: 'page_failed',
  id,
  at,
  incident,
  why: troubles[why].en,
  not_needed: true
})

const calling = new Set<string>(['opened', 'asked', 'worsened'])
/** A call that says all that an older one would have said, to the same unit by the same channel. */
export const saysMore = (newer: Pick<Page, 'id' | 'unit' | 'channel' | 'occasion'>, older: Page, in_public: boolean): boolean =>
  newer.id !== older.id &&
  newer.channel === older.channel &&
  (in_public || newer.unit === older.unit) &&
  calling.has(newer.occasion) &&
  calling.has(older.occasion)
