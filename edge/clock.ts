/** Time as the station sees it. The real one ticks; the moved one stands until told. */
export type Clock = {
  readonly now: () => number
  /** Milliseconds that nobody can set: what passes between two moments, however the clock was put right in between. */
  readonly steady: () => number
  /** Calls back once when as much time has passed as there is until `at` (at once when that has passed); the answer cancels. */
  readonly wake: (at: number, call: () => void) => () => void
}

const longest_timer_ms = 2 ** 31 - 1

/**
 * Real time. A timer beyond 24.8 days would fire at once in Node, so far moments are reached in steps; they are counted on the
 * steady clock, so that a clock put back by hours keeps nobody waiting and one put forward fires nothing early.
 */
export const realClock: Clock = {
  now: Date.now,
  steady: () => performance.now(),
  wake: (at, call) => {
    const due = performance.now() + at - Date.now()
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = Math.ceil(due - performance.now())
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

/** Less is how clocks are put right while they run; more is somebody, or NTP after the battery was empty. */
const least_step_ms = 2000

/** The answer says by how much, all in all, the clock was set since; slow corrections are followed in silence. */
export const stepsOf = (clock: Pick<Clock, 'now' | 'steady'>): (() => number) => {
  let apart = clock.now() - clock.steady()
  let steps = 0
  return () => {
    const by = clock.now() - clock.steady() - apart
    apart += by
    if (Math.abs(by) >= least_step_ms) steps += Math.round(by)
    return steps
  }
}

/** Tells by how much the clock was set, at the latest a second after; whoever is about to write a moment down looks first. */
export const onStep = (clock: Clock, stepped: (by_ms: number) => void): { readonly look: () => void; readonly end: () => void } => {
  const steps = stepsOf(clock)
  let before = steps()
  let ended = false
  const look = (): void => {
    // Whoever is closing still asks for the time; nothing may be set going by that any more.
    if (ended) return
    const by = steps() - before
    before += by
    if (by !== 0) stepped(by)
  }
  const endLooking = every(clock, 1000, look)
  return {
    look,
    end: () => {
      ended = true
      endLooking()
    }
  }
}

/** The same clock as if nobody had ever set it: for what counts how long something lasts. `own` is a moment on it. */
export const unsetClock = (clock: Clock): Clock & { readonly own: (at: number) => number; readonly steps: () => number } => {
  const steps = stepsOf(clock)
  return {
    now: () => clock.now() - steps(),
    steady: clock.steady,
    own: at => at - steps(),
    steps,
    wake: (at, call) => clock.wake(at + steps(), call)
  }
}

/** `set` is what NTP or a hand does to it: the time is another, and no time has passed. */
export type MovedClock = Clock & { readonly advance: (ms: number) => void; readonly set: (by_ms: number) => void }

/** A clock that stands still until `advance`, then runs everything due on the way, in order: for replays and tests. */
export const movedClock = (start: number): MovedClock => {
  let now = start
  let steps = 0
  const due: { at: number; readonly call: () => void }[] = []
  return {
    now: () => now,
    steady: () => now - steps,
    set: by_ms => {
      now += by_ms
      steps += by_ms
      for (const one of due) one.at += by_ms
    },
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
