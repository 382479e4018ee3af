/**
 * How late a timer is every 2 ms, in whatever process this is loaded into. A loop that stands still for 50 ms makes 25 timers
 * late, not one: each due time counts, or the worst would be one sample among hundreds.
 */
import { isMainThread } from 'node:worker_threads'

const every_ms = 2

export const openLateness = (): (() => readonly number[]) => {
  let late: number[] = []
  let due = performance.now() + every_ms
  const beat = (): void => {
    const now = performance.now()
    for (; due <= now; due += every_ms) late.push(now - due)
    setTimeout(beat, Math.max(1, due - now))
  }
  beat()
  return () => {
    const seen = late
    late = []
    return seen
  }
}

// Loaded before the station's own file (`--import`); its vision process and its threads load it too and are left alone.
if (isMainThread && process.argv[1]?.endsWith('/edge/main.ts') === true) {
  const seen = openLateness()
  process.on('message', () => process.send?.({ late: seen() }))
}
