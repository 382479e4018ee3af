/**
 * The longest the event loop was kept busy in one go, in ms of this process's own CPU. Not of the wall clock: on a shared machine
 * a neighbour's work would look like ours.
 */
export const watchBusy = (): { readonly longest_ms: () => number; readonly stop: () => void } => {
  const spent_ms = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  let last = spent_ms()
  let longest = 0
  const look = (): void => {
    const now = spent_ms()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  return {
    longest_ms: () => {
      look()
      return longest
    },
    stop: () => clearInterval(timer)
  }
}
