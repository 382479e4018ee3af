/**
 * How many are inside, counted at the gates. A gate says a running total or how many have just passed; a total is better, because
 * the next one makes good what was lost on the way. Counting drifts: there are never fewer than nobody inside, and after the
 * closing hour there is nobody.
 */
import { localDay, reaches } from './local-time.ts'
import type { Reading } from './reading.ts'
import type { Quantity } from './vocabulary.ts'

const passages: Readonly<Partial<Record<Quantity, { readonly way: 1 | -1; readonly total: boolean }>>> = {
  people_entered_total: { way: 1, total: true },
  people_left_total: { way: -1, total: true },
  people_entered: { way: 1, total: false },
  people_left: { way: -1, total: false }
}
export const isPassage = (quantity: Quantity): boolean => passages[quantity] !== undefined

export type Tally = {
  readonly inside: number
  /** When counting began, or the last closing. */
  readonly since: number
  /** The last word of any gate. */
  readonly at: number
  /** What each gate said last, by gate and quantity. */
  readonly said: Readonly<Record<string, { readonly value: number; readonly at: number }>>
  /** How many more have left than came: what the gates have miscounted at least. */
  readonly miscounted: number
}

/** Gates say something every few minutes even when nobody passes; after this nobody knows who is inside. */
export const gates_fresh_ms = 15 * 60_000

/** The answer is the same tally when this is no word of a gate, or one that was heard already. */
export const countAtGates = (tally: Tally | undefined, { device, quantity, value, at }: Reading): Tally | undefined => {
  const passage = passages[quantity]
  if (passage === undefined) return tally
  const { inside, since, said, miscounted }: Tally = tally ?? { inside: 0, since: at, at, said: {}, miscounted: 0 }
  const series = `${device} ${quantity}`
  const before = said[series]
  if (before !== undefined && at <= before.at) return tally
  const next = inside + passage.way * (passage.total ? risenBy(value, before?.value) : value)
  return {
    inside: Math.max(0, next),
    since,
    at: Math.max(at, tally?.at ?? at),
    said: { ...said, [series]: { value, at } },
    miscounted: miscounted + Math.max(0, -next)
  }
}

/** The first total says nothing yet: who came before was not seen. A lower one is a counter that began again. */
const risenBy = (total: number, before: number | undefined): number => (before === undefined ? 0 : total >= before ? total - before : total)

/** The tally after the closing hour `HH:MM`, or the same one when that has not come since it was begun. */
export const closedWhenDue = (tally: Tally, closes: string, now: number, timezone: string): Tally => {
  const today = localDay(now, timezone)
  const closing = [today, today - 1].map(day => reaches(day, closes, timezone)).find(at => at <= now)
  return closing === undefined || tally.since >= closing ? tally : { ...tally, inside: 0, since: closing, miscounted: 0 }
}

export const insideNow = (tally: Tally | undefined, now: number): number | undefined =>
  tally !== undefined && now - tally.at < gates_fresh_ms ? tally.inside : undefined
