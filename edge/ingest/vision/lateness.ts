/**
 * How old a camera's picture is when it comes, by the time the camera itself puts on it. Nobody knows a camera's clock, but a link that
 * is too slow makes pictures later and later, and a recording played in a camera's place jumps: both show only old pictures as if live.
 */
export type Lateness = {
  /** `shown_s`: the time on the picture; `at`: when it came, epoch ms. */
  readonly came: (shown_s: number, at: number) => void
  /** How much later the newest picture came than the promptest one, ms. */
  readonly late_ms: () => number
  /** When the times on the pictures last leapt ahead. */
  readonly jumped_at: () => number | undefined
}

/** A camera's clock may be slow by this share and its pictures still be prompt; quartz is a tenth of it. */
const slowest_clock = 0.001
/** A gap in the times that is no gap in the pictures. */
const jump_ms = 5_000

export const openLateness = (): Lateness => {
  let prompt_ms: number | undefined
  let before_at: number | undefined
  let jumped_at: number | undefined
  let late_ms = 0
  return {
    came: (shown_s, at) => {
      if (!Number.isFinite(shown_s)) return
      const offset_ms = at - shown_s * 1000
      if (prompt_ms !== undefined && before_at !== undefined) {
        // Against the promptest picture, not the one before: what was held up and now comes in a burst only catches up.
        if (offset_ms < prompt_ms - jump_ms) jumped_at = at
        prompt_ms = Math.min(offset_ms, prompt_ms + slowest_clock * Math.max(0, at - before_at))
      } else prompt_ms = offset_ms
      late_ms = offset_ms - prompt_ms
      before_at = at
    },
    late_ms: () => late_ms,
    jumped_at: () => jumped_at
  }
}
