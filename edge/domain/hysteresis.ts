/**
 * A value against rising limits, slow to change its mind: what trembles at a limit is one alert, and red is never kept waiting.
 *
 * A level is breached when the value has been at or above its limit for its delay; the breach is over when the value has been
 * under the limit less `deadband` for `off_delay_s`. One breach is at most one alert of its level.
 */
import { rank, type Severity, severities } from './vocabulary.ts'

export type Steadiness = {
  readonly deadband: number
  /** Of orange and red, for which people are called. */
  readonly on_delay_s: number
  /** Of blue and yellow, which only ask to look: ordinary coming and going is over by then. */
  readonly early_on_delay_s: number
  readonly off_delay_s: number
  /** What was raised stays at least this long. */
  readonly dwell_s: number
  /** For so long after it cleared only something worse than before, or red, is raised again. */
  readonly cooldown_s: number
  readonly from: Severity
}
export type Heights = {
  readonly raised: Severity | undefined
  readonly raised_at?: number
  /** Since when the value has been at or above the limit of each level, and since when far enough under it. */
  readonly above: Since
  readonly below: Since
  readonly cleared?: { readonly severity: Severity; readonly at: number }
}
type Since = Readonly<Partial<Record<Severity, number>>>
export type Turn =
  | { readonly raised: Severity; readonly risen: true; readonly limit: number; readonly seconds: number }
  | { readonly raised: Severity | undefined; readonly risen: false; readonly limit: number }

export const onTheGround: Heights = { raised: undefined, above: {}, below: {} }
export const standingAt = (raised: Severity, at: number): Heights => ({ raised, raised_at: at, above: {}, below: {} })

export const onDelay = (severity: Severity, { on_delay_s, early_on_delay_s }: Steadiness): number =>
  rank(severity) < rank('orange') ? early_on_delay_s : on_delay_s

export const climb = (
  heights: Heights,
  value: number,
  at: number,
  limitOf: (severity: Severity) => number,
  steadiness: Steadiness
): { readonly heights: Heights; readonly turn?: Turn } => {
  const { deadband, off_delay_s, dwell_s, cooldown_s, from } = steadiness
  const { raised, raised_at = at, cleared } = heights
  const watched = severities.filter(severity => rank(severity) >= rank(from))
  const since = (before: Since, so: (severity: Severity) => boolean): Since =>
    Object.fromEntries(watched.filter(so).map(severity => [severity, before[severity] ?? at]))
  const above = since(heights.above, severity => value >= limitOf(severity))
  const below = since(heights.below, severity => value < limitOf(severity) - deadband)
  const lasts = (from_at: number | undefined, for_s: number): boolean => from_at !== undefined && at - from_at >= for_s * 1000

  const breached = watched.findLast(severity => lasts(above[severity], onDelay(severity, steadiness)))
  if (breached !== undefined && (raised === undefined || rank(breached) > rank(raised))) {
    const cooling = cleared !== undefined && !lasts(cleared.at, cooldown_s) && rank(breached) <= rank(cleared.severity)
    if (cooling && breached !== 'red') return { heights: { ...heights, above, below } }
    const seconds = (at - (above[breached] ?? at)) / 1000
    return {
      heights: { raised: breached, raised_at: at, above, below },
      turn: { raised: breached, risen: true, limit: limitOf(breached), seconds }
    }
  }
  const stays = { heights: { ...heights, above, below } }
  if (raised === undefined || !lasts(below[raised], off_delay_s) || !lasts(raised_at, dwell_s)) return stays
  // One sparse moment is not the end of the levels below: each ends when its own breach is over.
  const lower = watched.findLast(severity => rank(severity) < rank(raised) && !lasts(below[severity], off_delay_s))
  return {
    heights: {
      above,
      below,
      ...(lower === undefined ? { raised: lower, cleared: { severity: raised, at } } : { raised: lower, raised_at: at })
    },
    turn: { raised: lower, risen: false, limit: limitOf(raised) - deadband }
  }
}
