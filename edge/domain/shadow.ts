/**
 * Rules on trial: what a rule would have said with other settings, beside what the one on duty did say. Nobody is ever called by one.
 * Whether it was right is learnt from people: how they closed the incident of that place and time.
 */
import type { Alert } from './alert.ts'
import type { Incident } from './incident.ts'
import type { IncidentKind, Severity } from './vocabulary.ts'
import type { Sentence } from './words.ts'

/** Once an episode, with the severity it began with. */
export type ShadowFired = {
  readonly type: 'shadow_fired'
  /** Which one on trial. */
  readonly id: string
  readonly at: number
  readonly rule: string
  readonly kind: IncidentKind
  readonly zone: string
  readonly device?: string
  readonly severity: Severity
  readonly because: Sentence
}

/** `true` and `false` by people; `open` while it may still be learnt; `nothing` when nobody opened anything near it. */
export type Truth = 'true' | 'false' | 'open' | 'nothing'

/** An incident this long before or after is about the same thing: people open one later than a rule that is early. */
export const near_ms = 30 * 60_000

type Fired = Pick<ShadowFired, 'at' | 'kind' | 'zone'>
type Known = Pick<Incident, 'id' | 'kind' | 'zone' | 'opened_at' | 'phase' | 'outcome' | 'drill'>

export const truthOf = (fired: Fired, incidents: readonly Known[], now: number): { readonly truth: Truth; readonly incident?: string } => {
  const near = incidents
    .filter(
      ({ kind, zone, opened_at, drill }) =>
        !drill && kind === fired.kind && zone === fired.zone && Math.abs(opened_at - fired.at) <= near_ms
    )
    .sort((a, b) => Math.abs(a.opened_at - fired.at) - Math.abs(b.opened_at - fired.at))
  // One that was a duplicate or an exercise says nothing of the place.
  const judged = near.find(({ outcome }) => outcome !== 'duplicate' && outcome !== 'exercise')
  if (judged === undefined) return { truth: now - fired.at <= near_ms ? 'open' : 'nothing' }
  const truth = judged.phase !== 'closed' ? 'open' : judged.outcome === 'false_alarm' ? 'false' : 'true'
  return { truth, incident: judged.id }
}

export type Tally = { readonly fired: number } & Readonly<Record<Truth, number>>

export const tally = (truths: readonly Truth[]): Tally => {
  const of = (truth: Truth): number => truths.filter(one => one === truth).length
  return { fired: truths.length, true: of('true'), false: of('false'), open: of('open'), nothing: of('nothing') }
}

/** How much earlier than the rule on duty it spoke of the same place, s; negative when later; nothing when that rule was silent. */
export const aheadOf = ({ at, zone, device, rule }: ShadowFired, alerts: readonly Alert[]): number | undefined => {
  const same = alerts.filter(
    one => one.rule === rule && one.zone === zone && one.device === device && Math.abs(one.raised_at - at) <= near_ms
  )
  const nearest = same.sort((a, b) => Math.abs(a.raised_at - at) - Math.abs(b.raised_at - at))[0]
  return nearest && (nearest.raised_at - at) / 1000
}
