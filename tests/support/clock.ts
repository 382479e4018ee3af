import { type MovedClock, movedClock } from '../../edge/clock.ts'

export const seconds = (n: number): number => n * 1000
export const minutes = (n: number): number => n * 60_000

export type StillClock = MovedClock & { readonly advanceSlowly: (ms: number, step_ms: number) => Promise<void> }

/** A clock that stands still until a story moves it. */
export const stillClock = (start = Date.UTC(2026, 10, 24, 8)): StillClock => {
  const clock = movedClock(start)
  return {
    ...clock,
    /** For parts that answer asynchronously: lets their promises settle between steps. */
    advanceSlowly: async (ms, step_ms) => {
      for (let done = 0; done < ms; done += step_ms) {
        clock.advance(Math.min(step_ms, ms - done))
        await new Promise(resolve => setImmediate(resolve))
      }
    }
  }
}
