/**
 * The clock of the station was set while things were going on. Their times move with it: what began five minutes ago began five
 * minutes ago, what is due in two minutes is due in two, and nothing is overdue because NTP came back.
 */

/** Moments go by these names everywhere in the house; spans are told by their unit (`_s`, `_ms`). */
const isMoment = (name: string): boolean => name === 'at' || name === 'since' || name === 'until' || name.endsWith('_at')

/** The same, with every moment in it moved. */
export const shifted = <What>(what: What, by_ms: number): What => (by_ms === 0 ? what : moved(what, by_ms))

const moved = <What>(what: What, by_ms: number): What => {
  if (Array.isArray(what)) return what.map(one => moved(one, by_ms)) as What
  if (typeof what !== 'object' || what === null) return what
  return Object.fromEntries(
    Object.entries(what).map(([name, value]) => [name, typeof value === 'number' && isMoment(name) ? value + by_ms : moved(value, by_ms)])
  ) as What
}

/** A step, by the time it led to. */
export type Step = { readonly at: number; readonly by_ms: number }

/** Where in a journal a span of today's time was written: entries keep the time they were written at, what is open has moved since. */
export const asWritten = (steps: readonly Step[], from: number, to?: number): { readonly from: number; readonly to?: number } => ({
  from: Math.min(...timesOf(steps, from)),
  ...(to !== undefined && { to: Math.max(...timesOf(steps, to)) })
})

const timesOf = (steps: readonly Step[], moment: number): readonly number[] => {
  const times = [moment]
  for (const { at, by_ms } of [...steps].reverse()) {
    const then = times.at(-1) ?? moment
    if (then < at) times.push(then - by_ms)
  }
  return times
}
