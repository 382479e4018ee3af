/**
 * The ledger: everything that happens is numbered, handed to the journal, folded into the state, and only then told.
 * It also holds the station's timers, one a subject: what time alone will bring is asked of the state, never remembered beside it.
 */
import type { Event } from './domain/event.ts'
import type { Clock, Entry, Journal } from './ports.ts'
import { apply, laneAfter, next, type State, toSnapshot } from './state.ts'

export type Ledger = {
  /** People are told before this returns; it resolves when everything is on disk. */
  readonly record: (events: readonly Event[]) => Promise<void>
  /** Sets, moves or (without `at`) removes the timer of a subject. */
  readonly arm: (subject: string, at: number | undefined, act: () => void) => void
  readonly close: () => void
}

const snapshot_every = 2000

export const openLedger = ({
  clock,
  journal,
  state,
  happened,
  kept: tellKept,
  log
}: {
  readonly clock: Clock
  readonly journal: Journal
  readonly state: State
  /** The event is in the state; now it is told. */
  readonly happened: (entry: Entry) => void
  /** Something new is on disk. */
  readonly kept: () => void
  readonly log: (message: string, fields?: object) => void
}): Ledger => {
  const timers = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  let sinceSnapshot = 0

  const saveSnapshot = (seq: number): void => {
    sinceSnapshot = 0
    const at = toSnapshot(state)
    journal.saveSnapshot(seq, at).catch(error => log('the snapshot of the state was not saved', { why: (error as Error).message }))
  }

  return {
    record: events => {
      if (events.length === 0) return Promise.resolve()
      // Each event is folded before the next one's lane is known: the second of two may follow from the first.
      const kept = events.map(event => {
        const { entries, kept } = journal.append([{ event, lane: laneAfter(next(state, event)) }])
        for (const entry of entries) {
          apply(state, entry)
          happened(entry)
          if (++sinceSnapshot >= snapshot_every) saveSnapshot(entry.seq)
        }
        return kept
      })
      void kept.at(-1)?.then(tellKept)
      return allOf(kept)
    },
    arm: (subject, at, act) => {
      const set = timers.get(subject)
      if (set?.at === at) return
      set?.cancel()
      timers.delete(subject)
      if (at === undefined) return
      const cancel = clock.wake(at, () => {
        timers.delete(subject)
        act()
      })
      timers.set(subject, { at, cancel })
    },
    close: () => {
      for (const { cancel } of timers.values()) cancel()
      timers.clear()
      if (sinceSnapshot > 0) saveSnapshot(journal.last())
    }
  }
}

/** One promise for many; one alone is handed on as it is, because the broker counts messages by the promise of their block. */
export const allOf = (kept: readonly Promise<void>[]): Promise<void> =>
  kept.length === 1 && kept[0] !== undefined ? kept[0] : Promise.all(kept).then(() => undefined)
