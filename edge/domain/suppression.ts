/**
 * Suppression by design: what is only the consequence of something else calls nobody, and is listed under its cause.
 *
 * Two designs: a device behind a bridge is silent because the bridge is; and many things that fail together have one cause
 * (a power dip, a switch), even when no sensor says so. Red is never suppressed, and neither is anything a person pressed.
 */
import { type Alert, annunciated } from './alert.ts'
import type { IncidentKind } from './vocabulary.ts'

/** Failures of the station's own things; what happens to people is never one of them. */
const technical: readonly IncidentKind[] = ['device', 'camera']
/** This many within the window fail together. Fewer than what ISA-18.2 calls a flood, so that the flood is not shown first. */
export const together = 5
export const together_ms = 60_000
export const common_cause = { key: 'common-cause:station', rule: 'common-cause', kind: 'outage', severity: 'orange' } as const

const isTechnical = ({ kind, severity, drill }: Alert): boolean => technical.includes(kind) && severity !== 'red' && !drill

/** The open alert that explains this one, by its id. `bridgeOf` says through which device another one speaks. */
export const causeOf = (alert: Alert, open: readonly Alert[], bridgeOf: (device: string) => string | undefined): string | undefined => {
  if (!isTechnical(alert)) return undefined
  const bridge = alert.device === undefined ? undefined : bridgeOf(alert.device)
  // An exercise explains nothing that is real.
  const causes = open.filter(({ active, drill }) => active && !drill)
  const behind = bridge === undefined ? undefined : causes.find(({ device, rule }) => device === bridge && rule === alert.rule)
  return (behind ?? causes.find(({ key }) => key === common_cause.key))?.id
}

/** Those that failed together, oldest first; empty while they are too few to be one cause. */
export const failedTogether = (open: readonly Alert[], at: number): readonly Alert[] => {
  // Those under maintenance were switched off by somebody; they are no sign of a common cause.
  const recent = open.filter(alert => isTechnical(alert) && alert.active && annunciated(alert) && at - alert.raised_at <= together_ms)
  return recent.length >= together ? [...recent].sort((a, b) => a.raised_at - b.raised_at) : []
}

/** Those a cause stands in front of. */
export const explainedBy = (cause: string, open: readonly Alert[]): readonly Alert[] =>
  open.filter(({ suppressed, phase }) => phase === 'open' && suppressed?.cause === cause)
