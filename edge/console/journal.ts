/** Looking back into the journal without holding up the station: a page at a time, with a breath between pages. */
import type { Event, EventType } from '../domain/event.ts'
import type { Entry, Journal, Sought } from '../ports.ts'

const page = 500
const most_pages = 200
const most_entries = page * most_pages
/** Entries are in the order they happened, but a clock may have been set back a little. */
const margin_ms = 60_000

const breath = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Kept entries from a moment on that `wanted` picks, in order; at most 100,000 entries are looked at. */
export const entriesAbout = async (
  journal: Journal,
  from: number,
  to: number | undefined,
  wanted: (event: Event) => boolean
): Promise<readonly Entry[]> => {
  const found: Entry[] = []
  let after = firstBefore(journal, from - margin_ms)
  for (let pages = 0; pages < most_pages; pages++) {
    const entries = journal.read(after, page)
    found.push(...entries.filter(({ event }) => wanted(event)))
    const last = entries.at(-1)
    if (last === undefined || entries.length < page || (to !== undefined && last.event.at > to + margin_ms)) break
    after = last.seq
    await breath()
  }
  return found
}

const search_entries = 5_000
const most_searches = 100

/** Kept entries of a span that are sought, in order; at most 500,000 are looked through, the oldest first. */
export const entriesSought = async (
  journal: Journal,
  from: number,
  to: number | undefined,
  sought: Sought
): Promise<{ readonly entries: readonly Entry[]; readonly complete: boolean }> => {
  const found: Entry[] = []
  let after = firstBefore(journal, from - margin_ms)
  const last = to === undefined ? journal.keptUpto() : Math.min(journal.keptUpto(), firstBefore(journal, to + margin_ms) + page)
  for (let searches = 0; after < last && searches < most_searches; searches++) {
    const upto = Math.min(last, after + search_entries)
    found.push(...journal.search(after, upto, sought))
    after = upto
    await breath()
  }
  return { entries: found, complete: after >= last }
}

/** Where a span lies in the journal. Of more than 100,000 entries these are the newest, and `since` says when they begin. */
export type Stretch = { readonly after: number; readonly entries: number; readonly since?: number }
export const stretchOf = (journal: Journal, from: number, to: number): Stretch => {
  const first = firstBefore(journal, from - margin_ms)
  const last = Math.min(journal.keptUpto(), firstBefore(journal, to + margin_ms) + page)
  if (last - first <= most_entries) return { after: first, entries: last - first }
  const after = last - most_entries
  const at = journal.read(after, 1)[0]?.event.at
  return { after, entries: most_entries, ...(at !== undefined && { since: at }) }
}

/** Everything of a stretch, in order, with a breath between pages. */
export const hearStretch = async (journal: Journal, { after, entries }: Stretch, hear: (event: Event) => void): Promise<void> => {
  const last = after + entries
  for (let next = after; next < last; ) {
    const read = journal.read(next, Math.min(page, last - next))
    for (const { event } of read) hear(event)
    next = read.at(-1)?.seq ?? last
    await breath()
  }
}

/** The highest number after which everything from `at` on lies: numbers rise with time, so halving finds it in a few reads. */
const firstBefore = (journal: Journal, at: number): number => {
  let low = 0
  let high = journal.keptUpto()
  while (high - low > page) {
    const middle = Math.floor((low + high) / 2)
    const entry = journal.read(middle, 1)[0]
    if (entry === undefined || entry.event.at >= at) high = middle
    else low = middle
  }
  return low
}

/** The newest kept entries of some types, newest first; at most 20,000 entries are looked at. */
export const newestOf = async (journal: Journal, types: readonly EventType[], limit: number): Promise<readonly Entry[]> => {
  const found: Entry[] = []
  let before = journal.keptUpto()
  for (let pages = 0; pages < 40 && before > 0 && found.length < limit; pages++) {
    const after = Math.max(0, before - page)
    const entries = journal.read(after, page).filter(({ seq, event }) => seq <= before && types.includes(event.type))
    found.push(...entries.reverse())
    before = after
    await breath()
  }
  return found.slice(0, limit)
}
