/**
 * Suppression by design: what is only the consequence of something else calls nobody, and is listed under its cause.
 *
 * Three designs: what a thing hangs on has failed (a bridge, a switch, the mains); most of what hangs on one thing has failed, although
 * the thing itself says nothing; and many things that fail together have one cause even when nobody has said what hangs on what.
 * Red is never suppressed, and neither is anything a person pressed.
 */
import { type Alert, annunciated } from './alert.ts'
import { supportsOf, type Wiring } from './dependency.ts'
import type { IncidentKind } from './vocabulary.ts'

/** Failures of the station's own things; what happens to people is never one of them. */
const technical: readonly IncidentKind[] = ['device', 'camera', 'outage', 'blind']
/** This many within the window fail together. Fewer than what ISA-18.2 calls a flood, so that the flood is not shown first. */
export const together = 5
export const together_ms = 60_000
/** This many of those that hang on one thing, and more than half of them: the thing itself has failed. */
export const behind_one = 3
/** What was wrong this long before its support failed has a reason of its own: somebody had covered the camera earlier. */
const earlier_ms = 600_000
export const common_cause = { key: 'common-cause:station', rule: 'common-cause', kind: 'outage', severity: 'orange' } as const
/** Of one thing on which others hang, or of the station as a whole; an exercise has its own. */
export const causeKey = (support: string | undefined, drill: boolean): string =>
  `${drill ? 'drill:' : ''}${support === undefined ? common_cause.key : `${common_cause.rule}:on:${support}`}`

const isExercise = ({ drill }: Pick<Alert, 'drill'>): boolean => drill === true
const isTechnical = ({ kind, severity, key }: Alert): boolean =>
  technical.includes(kind) && severity !== 'red' && !key.endsWith(common_cause.key)

/** Power that somebody measures as gone is a cause and never the consequence of one that is only inferred. */
const isReading = ({ kind, rule }: Alert): boolean => kind === 'outage' && rule !== common_cause.rule

/** Power that is gone, a thing that is silent, and what explains it: these take along what hangs on them. A weak battery does not. */
const takesAlong = (cause: Alert, alert: Alert): boolean =>
  cause.kind === 'outage' || cause.rule === alert.rule || (cause.kind === 'device' && cause.rule === 'silent')

/** The open alert that explains this one, by its id: of several the one farthest up, of which the others are consequences too. */
export const causeOf = (alert: Alert, open: readonly Alert[], { hangsOn }: Wiring): string | undefined => {
  if (!isTechnical(alert)) return undefined
  // An exercise explains nothing that is real, and nothing real an exercise.
  const causes = open.filter(one => one.active && one.id !== alert.id && isExercise(one) === isExercise(alert))
  const supports = alert.device === undefined ? [] : supportsOf(alert.device, hangsOn)
  const behind = supports
    .flatMap(
      support => causes.find(one => one.device === support && takesAlong(one, alert) && alert.raised_at >= one.raised_at - earlier_ms) ?? []
    )
    .at(-1)
  const common = causeKey(undefined, isExercise(alert))
  return (behind ?? (isReading(alert) ? undefined : causes.find(({ key }) => key === common)))?.id
}

/** Those that failed together, oldest first; empty while they are too few to be one cause. */
export const failedTogether = (open: readonly Alert[], at: number, drill = false): readonly Alert[] => {
  // Those under maintenance were switched off by somebody; they are no sign of a common cause.
  const recent = open.filter(
    alert =>
      isTechnical(alert) &&
      !isReading(alert) &&
      isExercise(alert) === drill &&
      alert.active &&
      annunciated(alert) &&
      at - alert.raised_at <= together_ms
  )
  return recent.length >= together ? [...recent].sort((a, b) => a.raised_at - b.raised_at) : []
}

/** The thing that must have failed, because of all that hangs on it the most has, of several the one farthest up; and those that have. */
export const failedBehind = (
  alert: Alert,
  open: readonly Alert[],
  { hangsOn, dependents }: Wiring
): { readonly support: string; readonly failed: readonly Alert[] } | undefined => {
  const supports = alert.device === undefined || !isTechnical(alert) ? [] : supportsOf(alert.device, hangsOn)
  if (supports.length === 0) return undefined
  const failing = open.filter(
    one => isTechnical(one) && one.active && !one.out_of_service && one.device !== undefined && isExercise(one) === isExercise(alert)
  )
  let found: { readonly support: string; readonly failed: readonly Alert[]; readonly part: number } | undefined
  for (const support of supports) {
    const failed = failing.filter(({ device = '' }) => supportsOf(device, hangsOn).includes(support))
    const things = new Set(failed.map(({ device }) => device)).size
    const part = things / dependents(support)
    if (things >= behind_one && part > 0.5 && part >= (found?.part ?? 0)) found = { support, failed, part }
  }
  return found && { support: found.support, failed: [...found.failed].sort((x, y) => x.raised_at - y.raised_at) }
}

/** Those a cause stands in front of. */
export const explainedBy = (cause: string, open: readonly Alert[]): readonly Alert[] =>
  open.filter(({ suppressed, phase }) => phase === 'open' && suppressed?.cause === cause)

/** Those that a thing which has just failed may explain: they hang on it. */
export const hangingOn = (support: string, open: readonly Alert[], { hangsOn }: Wiring): readonly Alert[] =>
  open.filter(alert => isTechnical(alert) && alert.device !== undefined && supportsOf(alert.device, hangsOn).includes(support))
