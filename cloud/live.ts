/** Every change once, numbered, to every open screen; a screen that comes back hears what it missed, or is told to load anew. */
import { randomBytes } from 'node:crypto'

export type LiveMessage = { readonly id: string; readonly type: string; readonly data: unknown }

/** An hour of a busy city; a screen that was away longer loads the board again. */
const most_remembered = 5_000

export const openLive = () => {
  const epoch = randomBytes(6).toString('hex')
  const listeners = new Set<(message: LiveMessage) => void>()
  const recent: LiveMessage[] = []
  let seq = 0
  return {
    tell: (type: string, data: unknown): void => {
      const message = { id: `${epoch}:${++seq}`, type, data }
      recent.push(message)
      if (recent.length > most_remembered) recent.shift()
      for (const hear of listeners) hear(message)
    },
    listen: (hear: (message: LiveMessage) => void): (() => void) => {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    newest: (): string => `${epoch}:${seq}`,
    /** Undefined when the gap cannot be filled: another start of the cloud, or too long ago. */
    since: (id: string): readonly LiveMessage[] | undefined => {
      const [of, text] = id.split(':')
      const from = Number(text)
      if (of !== epoch || !Number.isSafeInteger(from) || from > seq) return undefined
      const missed = seq - from
      return missed > recent.length ? undefined : recent.slice(recent.length - missed)
    },
    listeners: () => listeners.size
  }
}
export type Live = ReturnType<typeof openLive>
