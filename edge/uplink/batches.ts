/** What to send next: one message, from the most urgent lane that has something the cloud lacks. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Lane, lanes, most_events_in_a_batch, packReadings } from '../domain/uplink.ts'
import type { Entry, History, Journal } from '../ports.ts'

const zip = promisify(gzip)

export type Cursors = Readonly<Record<Lane, number>>
export type Batch = {
  readonly n: number
  readonly lane: Lane
  readonly id: string
  readonly after: number
  readonly upto: number
  readonly records: number
  readonly payload: Uint8Array
}
export type Next = { readonly batch: Batch; readonly blocks?: { readonly count: number; readonly bytes: number } }

/** Chosen anew before every message, so that fresh red waits for one message at most, whatever the backlog. */
export const nextBatch = async (
  n: number,
  journal: Journal,
  history: History,
  cursors: Cursors,
  held: ReadonlySet<Lane>,
  budget_bytes: number
): Promise<Next | undefined> => {
  for (const lane of lanes) {
    if (held.has(lane)) continue
    const after = cursors[lane]
    if (lane === 'readings') {
      const blocks = await history.blocks(after, budget_bytes)
      const upto = blocks.at(-1)?.seq
      if (upto === undefined) return undefined
      const payload = packReadings({ n, id: history.id, after, upto }, blocks)
      const records = blocks.reduce((sum, block) => sum + block.points, 0)
      return { batch: { n, lane, id: history.id, after, upto, records, payload }, blocks: { count: blocks.length, bytes: payload.length } }
    }
    const kept = journal.keptUpto()
    const entries = journal.read(after, most_events_in_a_batch, lane).filter(entry => entry.seq <= kept)
    if (entries.length > 0) return { batch: await eventBatch(n, journal.id, lane, after, entries, budget_bytes) }
  }
  return undefined
}

const eventBatch = async (
  n: number,
  id: string,
  lane: Exclude<Lane, 'readings'>,
  after: number,
  entries: readonly Entry[],
  budget_bytes: number
): Promise<Batch> => {
  const upto = entries.at(-1)?.seq ?? after
  const payload = await zip(JSON.stringify({ n, id, lane, after, upto, items: entries }), { level: 6 })
  if (payload.length > budget_bytes && entries.length > 1)
    return eventBatch(n, id, lane, after, entries.slice(0, Math.ceil(entries.length / 2)), budget_bytes)
  return { n, lane, id, after, upto, records: entries.length, payload }
}
