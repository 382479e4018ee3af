import type { Clock } from './ports.ts'

const longest_timer_ms = 2 ** 31 - 1

/** Real time. A timer beyond 24.8 days would fire at once in Node, so far moments are reached in steps. */
export const realClock: Clock = {
  now: Date.now,
  wake: (at, call) => {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = at - Date.now()
      timer = setTimeout(left > longest_timer_ms ? arm : call, Math.min(Math.max(0, left), longest_timer_ms))
    }
    arm()
    return () => clearTimeout(timer)
  }
}
