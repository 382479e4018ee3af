/**
 * The queue of one channel: what is due is tried red first, so many at once, and nothing here ever waits for another channel.
 * When a page is due is asked of the state each time; the line only remembers that somebody has to ask.
 */
import type { Clock } from '../../clock.ts'
import { type Severity, severities } from '../../domain/vocabulary.ts'

export type Due = { readonly severity: Severity; readonly due_at: number }
export type Line = {
  /** Something was said about this page: it is waited for, tried, or let go, as its state has it now. */
  readonly follow: (id: string) => void
  readonly isTrying: (id: string) => boolean
  /** While more wait than may: the oldest of the least grave. */
  readonly surplus: () => string | undefined
  readonly waiting: () => number
  readonly trying: () => number
  /** Ends the tries that are under way; resolves when they have ended. */
  readonly close: () => Promise<void>
}

const fault_wait_ms = 60_000

export const openLine = ({
  clock,
  at_once,
  most,
  dueOf,
  attempt
}: {
  readonly clock: Clock
  readonly at_once: number
  readonly most: number
  readonly dueOf: (id: string) => Due | undefined
  /** Never throws. */
  readonly attempt: (id: string, closing: AbortSignal) => Promise<void>
}): Line => {
  const bySeverity = () => ({ blue: new Set(), yellow: new Set(), orange: new Set(), red: new Set() }) as Record<Severity, Set<string>>
  /** Everything of this line in the order in which it came, tries under way included. */
  const all = bySeverity()
  const ready = bySeverity()
  const later = new Map<string, () => void>()
  const trying = new Map<string, Promise<void>>()
  const closing = new AbortController()
  let pumping = false
  const size = (): number => severities.reduce((sum, severity) => sum + all[severity].size, 0)

  const leave = (id: string): void => {
    later.get(id)?.()
    later.delete(id)
    for (const severity of severities) ready[severity].delete(id)
  }

  const follow = (id: string, not_before = 0): void => {
    if (trying.has(id) || closing.signal.aborted) return
    leave(id)
    const due = dueOf(id)
    if (due === undefined) {
      for (const severity of severities) all[severity].delete(id)
      return
    }
    const { severity } = due
    const due_at = Math.max(due.due_at, not_before)
    all[severity].add(id)
    const arrive = (): void => {
      later.delete(id)
      ready[severity].add(id)
      pumpSoon()
    }
    if (due_at <= clock.now()) arrive()
    else later.set(id, clock.wake(due_at, arrive))
  }

  // After what is happening now has been told to the end: people see it on the screen before anything is sent.
  const pumpSoon = (): void => {
    if (pumping) return
    pumping = true
    queueMicrotask(() => {
      pumping = false
      pump()
    })
  }

  const pump = (): void => {
    for (const severity of [...severities].reverse()) {
      // One place is kept free for red, so that it does not wait behind four that hang.
      const places = severity === 'red' ? at_once : Math.max(1, at_once - 1)
      for (const id of ready[severity]) {
        if (trying.size >= places || closing.signal.aborted) break
        ready[severity].delete(id)
        const before = dueOf(id)?.due_at
        const work = attempt(id, closing.signal).then(() => {
          trying.delete(id)
          // A try of which nothing was said is a fault of ours, and would be repeated without end.
          follow(id, dueOf(id)?.due_at === before ? clock.now() + fault_wait_ms : 0)
          pumpSoon()
        })
        trying.set(id, work)
      }
    }
  }

  return {
    follow: id => follow(id),
    isTrying: id => trying.has(id),
    surplus: () => {
      if (size() <= most) return undefined
      for (const severity of severities) for (const id of all[severity]) if (!trying.has(id)) return id
      return undefined
    },
    waiting: () => size() - trying.size,
    trying: () => trying.size,
    close: async () => {
      closing.abort()
      for (const cancel of later.values()) cancel()
      await Promise.all(trying.values())
    }
  }
}
