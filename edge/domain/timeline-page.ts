/** What is said of a page in the timeline: over which channel somebody was called, and how far the call has come. */
import type { PageEvent } from './delivery.ts'
import { part, type See, type Teller, type Telling } from './timeline-telling.ts'
import { occasions, receiptWords } from './timeline-words.ts'
import { sayTrouble } from './words.ts'

export const tellPage: Teller<PageEvent> = {
  page_asked: ({ channel, unit, agency, occasion, not_before }, see) => ({
    category: 'call',
    say: 'page_asked',
    with: { channel: see.channel(channel), unit: see.unit(unit), occasion: occasions[occasion][see.locale] },
    add: [part('put_off', 'not_before', not_before === undefined ? undefined : see.clock(not_before))],
    agency,
    unit
  }),
  page_receipt: ({ id, receipt, note }, see) => ({
    category: 'receipt',
    say: 'page_receipt',
    with: { ...called(id, see), receipt: receiptWords[receipt][see.locale] },
    add: [part('source', 'source', note)],
    ...whom(id, see)
  }),
  page_failed: ({ id, why, retry_at, not_needed }, see) => ({
    category: 'receipt',
    say: 'page_failed',
    with: { ...called(id, see), why: sayTrouble(why, see.locale) },
    // That nobody has to be called any more is nothing that failed.
    add: not_needed ? [] : [retry_at === undefined ? ['given_up', {}] : ['retry', { retry: see.clock(retry_at) }]],
    ...whom(id, see)
  })
}

/** A receipt names its page alone; what the page was stands in its asking. */
const called = (id: string, see: See): { channel: string; unit: string } => {
  const page = see.page(id)
  return { channel: page === undefined ? id : see.channel(page.channel), unit: page === undefined ? '?' : see.unit(page.unit) }
}
const whom = (id: string, see: See): Pick<Telling, 'unit' | 'agency'> => {
  const page = see.page(id)
  return page === undefined ? {} : { unit: page.unit, agency: page.agency }
}
