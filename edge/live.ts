/** What every open screen hears, numbered so that a screen that comes back misses nothing. */
import type { LiveMessage } from './ports.ts'
import type { Epoch } from './state.ts'

export type Live = {
  readonly say: (seq: number, type: string, data: unknown) => void
  /** What is true just now (a zone, a link): not an event, so it carries the last event's id and is not heard again. */
  readonly show: (type: string, data: unknown) => void
  readonly listen: (hear: (message: LiveMessage) => void) => () => void
  readonly since: (id: string) => readonly LiveMessage[]
  /** Of the last event that screens have heard; the journal may be ahead of it, by entries that wake no screen. */
  readonly id: () => string
}

/** Messages at hand for screens that come back; older ones are built again from the journal. */
const kept_at_hand = 2000

/**
 * `older` builds messages from the journal: everything after `after`, up to but not including `before`.
 * An id is `<epoch>:<seq>`. Entries that an earlier start had shown but not yet kept may have been lost with it and their
 * numbers used again, so a screen of an earlier start hears everything from the first entry of the start that followed.
 */
export const openLive = (
  epoch: string,
  epochs: readonly Epoch[],
  last_seq: number,
  older: (after: number, before: number) => readonly { readonly seq: number; readonly type: string; readonly data: unknown }[]
): Live => {
  const listeners = new Set<(message: LiveMessage) => void>()
  const ring: { readonly seq: number; readonly message: LiveMessage }[] = []
  let last = last_seq
  const idOf = (seq: number): string => `${epoch}:${seq}`

  const afterSeq = (id: string): number => {
    const [of = '', number = ''] = id.split(':')
    const seq = Number(number)
    if (!Number.isSafeInteger(seq) || seq < 0) return 0
    if (of === epoch) return seq
    const i = epochs.findIndex(one => one.epoch === of)
    const following = i < 0 ? epochs.find(one => one.epoch === epoch) : epochs[i + 1]
    return following === undefined ? seq : Math.min(seq, following.first - 1)
  }

  return {
    say: (seq, type, data) => {
      last = seq
      const message = { id: idOf(seq), type, data }
      ring.push({ seq, message })
      if (ring.length > kept_at_hand) ring.shift()
      for (const hear of listeners) hear(message)
    },
    show: (type, data) => {
      const message = { id: idOf(last), type, data }
      for (const hear of listeners) hear(message)
    },
    listen: hear => {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    id: () => idOf(last),
    since: id => {
      const after = afterSeq(id)
      const first = ring[0]?.seq ?? Number.POSITIVE_INFINITY
      const fromJournal = after + 1 < first ? older(after, first).map(({ seq, type, data }) => ({ id: idOf(seq), type, data })) : []
      return [...fromJournal, ...ring.filter(({ seq }) => seq > after).map(({ message }) => message)]
    }
  }
}
