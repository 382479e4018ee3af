/** An alert in the reader's language. */
import { type Alert as DomainAlert, episodeOf } from '../domain/alert.ts'
import type { Patrol } from '../domain/maintenance.ts'
import { sayNamed } from '../domain/timeline-telling.ts'
import { incidentKinds, type Locale, levels } from '../domain/vocabulary.ts'
import type { AlertShape } from './alert-shape.ts'
import type { ActionShape } from './base-shape.ts'

export type Names = {
  readonly time: (at: number) => string
  readonly zoneName: (id: string) => string
  readonly unitName: (id: string) => string
}

export const signedIn =
  (time: Names['time']) =>
  (signature: { readonly by: string; readonly at: number } | undefined): { by: string; at: string } | null =>
    signature === undefined ? null : { by: signature.by, at: time(signature.at) }

export const openAlertPresenter = (
  { time, zoneName, unitName }: Names,
  standIn: (alert: DomainAlert) => Patrol | undefined,
  actionOf: (alert: DomainAlert, locale: Locale) => ActionShape | null
) => {
  const named = { zone: zoneName, unit: unitName }
  const timeOr = (at: number | undefined): string | null => (at === undefined ? null : time(at))
  const signed = signedIn(time)

  return (state: DomainAlert, locale: Locale): AlertShape => {
    const { shelved, suppressed, out_of_service } = state
    const patrol = standIn(state)
    return {
      id: state.id,
      key: state.key,
      rule: state.rule,
      kind: state.kind,
      kind_label: incidentKinds[state.kind][locale],
      zone: state.zone,
      zone_name: zoneName(state.zone),
      device: state.device ?? null,
      severity: state.severity,
      severity_label: levels[state.severity][locale],
      highest: state.highest,
      phase: state.phase,
      active: state.active,
      state: alarmState(state),
      because: sayNamed(state.because, named, locale),
      action: actionOf(state, locale),
      raised_at: time(state.raised_at),
      changed_at: time(state.changed_at),
      cleared_at: timeOr(state.cleared_at),
      episode: episodeOf(state),
      branches: (state.branches ?? []).map(branch => ({
        ...branch,
        because: sayNamed(branch.because, named, locale),
        raised_at: time(branch.raised_at),
        cleared_at: time(branch.cleared_at)
      })),
      acknowledged: signed(state.acknowledged),
      confirmed: signed(state.confirmed),
      latching: state.latching === true,
      reset: signed(state.reset),
      realarms: state.realarms ?? 0,
      realarm_at: timeOr(state.realarm_at),
      shelved:
        shelved === undefined
          ? null
          : { mode: shelved.mode, by: shelved.by, reason: shelved.reason, at: time(shelved.at), until: time(shelved.until) },
      suppressed: suppressed === undefined ? null : { cause: suppressed.cause, at: time(suppressed.at) },
      out_of_service:
        out_of_service === undefined
          ? null
          : { window: out_of_service.window, at: time(out_of_service.at), until: time(out_of_service.until) },
      stand_in: patrol === undefined ? null : { ...patrol, unit_name: unitName(patrol.unit) },
      flapping: state.flapping === undefined ? null : { at: time(state.flapping.at), changes: state.flapping.changes },
      incident: state.incident ?? null,
      drill: state.drill === true
    }
  }
}

/** The state a person reads, by ISA-18.2. What was put aside is said first: nobody is called by it. */
export const alarmState = (alert: DomainAlert): AlertShape['state'] => {
  const { phase, out_of_service, suppressed, shelved, active, acknowledged, branches, latching, reset } = alert
  if (phase === 'closed') return 'closed'
  if (out_of_service) return 'out_of_service'
  if (suppressed) return 'suppressed'
  if (shelved) return 'shelved'
  if (active) return acknowledged ? 'acknowledged' : 'unacknowledged'
  // An earlier episode that nobody has seen still has to be.
  return acknowledged && !branches?.length && latching && !reset ? 'latched' : 'returned_unacknowledged'
}
