/** Time as the station sees it. The real one ticks; the moved one stands until told. */
export type Clock = {
  readonly now: () => number
  /** Calls back once at `at` (at once when that has passed); the answer cancels. */
  readonly wake: (at: number, call: () => void) => () => void
}

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

/** Calls again and again; the answer ends it. */
export const every = (clock: Clock, ms: number, call: () => void): (() => void) => {
  let ended = false
  let cancel = clock.wake(clock.now() + ms, function again() {
    call()
    // It may have been ended from within.
    if (!ended) cancel = clock.wake(clock.now() + ms, again)
  })
  return () => {
    ended = true
    cancel()
  }
}

export type MovedClock = Clock & { readonly advance: (ms: number) => void }

/** A clock that stands still until `advance`, then runs everything due on the way, in order: for replays and tests. */
export const movedClock = (start: number): MovedClock => {
  let now = start
  const due: { readonly at: number; readonly call: () => void }[] = []
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
    advance: ms => {
      const target = now + ms
      for (;;) {
        const next = due.reduce<(typeof due)[number] | undefined>(
          (first, one) => (first === undefined || one.at < first.at ? one : first),
          undefined
        )
        if (next === undefined || next.at > target) break
        due.splice(due.indexOf(next), 1)
        now = Math.max(now, next.at)
        next.call()
      }
      now = target
    }
  }
}
