import type { Clock } from '../../edge/ports.ts'

export const seconds = (n: number): number => n * 1000
export const minutes = (n: number): number => n * 60_000

export type StillClock = Clock & {
  readonly advance: (ms: number) => void
  readonly advanceSlowly: (ms: number, step_ms: number) => Promise<void>
}

/** A clock that stands still until `advance`, then runs everything due on the way, in order. */
export const stillClock = (start = Date.UTC(2026, 10, 24, 8)): StillClock => {
  let now = start
  const due: { at: number; call: () => void }[] = []
  const advance = (ms: number): void => {
    const target = now + ms
    for (;;) {
      due.sort((a, b) => a.at - b.at)
      const next = due[0]
      if (next === undefined || next.at > target) break
      due.shift()
      now = Math.max(now, next.at)
      next.call()
    }
    now = target
  }
  return {
    now: () => now,
    wake: (at, call) => {
      const entry = { at, call }
      due.push(entry)
      return () => {
        const i = due.indexOf(entry)
        if (i >= 0) due.splice(i, 1)
      }
    },
    advance,
    /** For parts that answer asynchronously: lets their promises settle between steps. */
    advanceSlowly: async (ms, step_ms) => {
      for (let done = 0; done < ms; done += step_ms) {
        advance(Math.min(step_ms, ms - done))
        await new Promise(resolve => setImmediate(resolve))
      }
    }
  }
}
