/**
 * How long a block gathers lines before it goes to the disk. Flash is worn by commits, so on the long average there is one a
 * `block_ms`; what was saved while little was said is spent at once. A lone sensor is then answered in milliseconds, and a
 * client that sends again what was unanswered at a restart, one message after the other, is not held for a second each.
 */
export type Pace = {
  /** A block is begun: after this long it should go. */
  readonly gather_ms: () => number
}

const quick_ms = 15
/** Quick blocks at a start or after a quiet time. */
const saved_most = 120

export const openPace = (block_ms: number, now: () => number = () => performance.now()): Pace => {
  let saved = saved_most
  let at = now()
  return {
    gather_ms: () => {
      const passed = now() - at
      at += passed
      saved = Math.min(saved_most, saved + passed / block_ms)
      const quick = saved >= 1
      saved -= 1
      return quick ? Math.min(quick_ms, block_ms) : block_ms
    }
  }
}
