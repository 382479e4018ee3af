import { randomUUID } from 'node:crypto'
import { genesis, hashOf } from '../../edge/journal/row.ts'
import type { Entry, EventLane, Journal, Proof } from '../../edge/ports.ts'

export type MemoryJournal = Journal & {
  /** From now on nothing is kept, as on a full disk; `undefined` mends it and keeps what waited. */
  readonly refuse: (why: string | undefined) => void
}

/** A journal that forgets when the test ends; a disk that refuses at will. */
export const memoryJournal = (): MemoryJournal => {
  const entries: Entry[] = []
  const proofs: Proof[] = []
  const cursors = new Map<EventLane, number>()
  const snapshots: { seq: number; body: string }[] = []
  let waiting: (() => void)[] = []
  let kept = 0
  let trouble: string | undefined
  let closed = false
  const keep = (): void => {
    if (trouble !== undefined) return
    kept = entries.length
    for (const call of waiting.splice(0)) call()
  }
  const whenKept = (then?: () => void): Promise<void> =>
    new Promise(resolve => {
      waiting.push(() => {
        then?.()
        resolve()
      })
      setImmediate(keep)
    })
  const open = (): void => {
    if (closed) throw new Error('the journal is closed')
  }
  return {
    id: randomUUID(),
    append: events => {
      open()
      // Through JSON, as the real one: what would not survive the disk must not survive here.
      const added = events.map(({ event, lane }, i) => ({ seq: entries.length + i + 1, lane, event }))
      for (const entry of added) {
        entries.push(JSON.parse(JSON.stringify(entry)) as Entry)
        proofs.push(chained(proofs.at(-1), entry))
      }
      return { entries: added, kept: added.length === 0 ? Promise.resolve() : whenKept() }
    },
    read: (after, limit, lane) =>
      entries.filter(entry => entry.seq > after && entry.seq <= kept && (lane ?? entry.lane) === entry.lane).slice(0, limit),
    search: (after, upto, { subjects, types, naming }) =>
      entries.filter(
        ({ seq, event }) =>
          seq > after &&
          seq <= Math.min(upto, kept, after + 10_000) &&
          (subjects.includes(event.id) ||
            types.includes(event.type) ||
            naming.some(id => JSON.stringify(event).includes(JSON.stringify(id))))
      ),
    proof: seq => (seq <= kept ? proofs[seq - 1] : undefined),
    last: () => entries.length,
    keptUpto: () => kept,
    unpersisted: () => entries.length - kept,
    trouble: () => trouble,
    count: (lane, after) => entries.filter(entry => entry.seq > after && entry.seq <= kept && entry.lane === lane).length,
    cursor: lane => cursors.get(lane) ?? 0,
    moveCursor: (lane, upto) => {
      cursors.set(lane, upto)
      return whenKept()
    },
    snapshot: () => {
      const newest = snapshots.at(-1)
      return newest === undefined ? undefined : { seq: newest.seq, state: JSON.parse(newest.body) as unknown }
    },
    saveSnapshot: (seq, state) => {
      const body = JSON.stringify(state)
      return whenKept(() => snapshots.push({ seq, body }))
    },
    close: async () => {
      if (trouble === undefined) keep()
      closed = true
      waiting = []
    },
    refuse: why => {
      trouble = why
      keep()
    }
  }
}

/** The next link, hashed as the journal on disk does. */
export const chained = (before: Proof | undefined, { seq, lane, event }: Entry): Proof => {
  const prev = before === undefined ? genesis : Buffer.from(before.hash, 'hex')
  const row = { seq, at: event.at, lane, type: event.type, subject: Buffer.from(event.id).toString(), body: JSON.stringify(event) }
  return { hash: hashOf(prev, row).toString('hex'), previous: prev.toString('hex') }
}
