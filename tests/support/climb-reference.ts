/**
 * What edge/domain/hysteresis.ts should do, said plainly: it remembers nothing but everything that was seen and what was said,
 * and looks back over it at every moment.
 */
import type { Steadiness } from '../../edge/domain/hysteresis.ts'
import { rank, type Severity, severities } from '../../edge/domain/vocabulary.ts'

export type Seen = { readonly at: number; readonly value: number }
export type Said = { readonly at: number; readonly raised: Severity | undefined }

/** For how long, up to the last thing seen, everything seen was so; undefined when the last was not. */
const lasting_s = (seen: readonly Seen[], so: (value: number) => boolean): number | undefined => {
  let from: number | undefined
  for (let i = seen.length - 1; i >= 0; i--) {
    const one = seen[i]
    if (one === undefined || !so(one.value)) break
    from = one.at
  }
  return from === undefined ? undefined : ((seen.at(-1)?.at ?? 0) - from) / 1000
}

export const climbPlainly = (
  all: readonly Seen[],
  limitOf: (severity: Severity) => number,
  { deadband, on_delay_s, early_on_delay_s, off_delay_s, dwell_s, cooldown_s, from }: Steadiness
): readonly Said[] => {
  const said: Said[] = []
  const watched = severities.filter(severity => rank(severity) >= rank(from))
  all.forEach(({ at }, i) => {
    const seen = all.slice(0, i + 1)
    const last = said.at(-1)
    const now = last?.raised
    const breached = watched.findLast(
      severity =>
        (lasting_s(seen, v => v >= limitOf(severity)) ?? -1) >=
        (severity === 'blue' || severity === 'yellow' ? early_on_delay_s : on_delay_s)
    )
    if (breached !== undefined && (now === undefined || rank(breached) > rank(now))) {
      const before = now === undefined ? said.at(-2)?.raised : undefined
      const again = before !== undefined && last !== undefined && at - last.at < cooldown_s * 1000 && rank(breached) <= rank(before)
      if (!again || breached === 'red') said.push({ at, raised: breached })
      return
    }
    if (now === undefined || last === undefined) return
    const over = (severity: Severity): boolean => (lasting_s(seen, v => v < limitOf(severity) - deadband) ?? -1) >= off_delay_s
    if (!over(now) || at - last.at < dwell_s * 1000) return
    said.push({ at, raised: watched.findLast(severity => rank(severity) < rank(now) && !over(severity)) })
  })
  return said
}
