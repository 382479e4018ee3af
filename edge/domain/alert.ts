/**
 * An alert: a condition somebody should look at, by the words of OPC UA Part 9 / ISA-18.2.
 *
 * `decideAlert` says what may happen, `evolveAlert` what is then true, `nextDueOfAlert` what time alone will bring.
 * An alert is over when its condition has gone *and* a person has seen it.
 */
import type { Refusal } from './refusal.ts'
import { type IncidentKind, rank, type Severity, worse } from './vocabulary.ts'
import type { Sentence } from './words.ts'

export type Alert = {
  readonly id: string
  /** One open alert per key: rule and place. */
  readonly key: string
  readonly rule: string
  readonly kind: IncidentKind
  readonly zone: string
  readonly device?: string
  readonly severity: Severity
  readonly highest: Severity
  readonly active: boolean
  readonly because: Sentence
  readonly raised_at: number
  readonly changed_at: number
  readonly cleared_at?: number
  readonly acknowledged?: Signature
  readonly confirmed?: Signature
  readonly shelved?: Signature & { readonly until: number; readonly reason: string }
  readonly incident?: string
  readonly phase: 'open' | 'closed'
}
export type Signature = { readonly by: string; readonly at: number }

export type AlertCommand =
  | { readonly type: 'change'; readonly severity: Severity; readonly because: Sentence }
  | { readonly type: 'clear'; readonly because: Sentence }
  | { readonly type: 'acknowledge'; readonly by: string }
  | { readonly type: 'confirm'; readonly by: string }
  | { readonly type: 'shelve'; readonly by: string; readonly for_s: number; readonly reason: string }
  | { readonly type: 'unshelve' }
  | { readonly type: 'link'; readonly incident: string }

type Of = { readonly id: string; readonly at: number }
export type AlertEvent =
  | (Of & {
      readonly type: 'alert_raised'
      readonly key: string
      readonly rule: string
      readonly kind: IncidentKind
      readonly zone: string
      readonly device?: string
      readonly severity: Severity
      readonly because: Sentence
    })
  /** Carries the whole alert when it becomes red, so that who hears only of red (the cloud, red first) knows all of it. */
  | (Of & { readonly type: 'alert_changed'; readonly severity: Severity; readonly because: Sentence; readonly state?: Alert })
  | (Of & { readonly type: 'alert_cleared'; readonly because: Sentence })
  | (Of & { readonly type: 'alert_acknowledged'; readonly by: string })
  | (Of & { readonly type: 'alert_confirmed'; readonly by: string })
  | (Of & { readonly type: 'alert_shelved'; readonly by: string; readonly until: number; readonly reason: string })
  | (Of & { readonly type: 'alert_unshelved' })
  | (Of & { readonly type: 'alert_linked'; readonly incident: string })

/** Nobody may put an alert out of sight for longer than a shift. */
export const longest_shelf_s = 8 * 3600

export const decideAlert = (alert: Alert, command: AlertCommand, at: number): { readonly events: readonly AlertEvent[] } | Refusal => {
  const { id } = alert
  if (alert.phase === 'closed') return { refused: 'already_closed' }
  switch (command.type) {
    case 'change':
      if (alert.active && alert.severity === command.severity) return { events: [] }
      return { events: [changed(alert, { type: 'alert_changed', id, at, severity: command.severity, because: command.because })] }
    case 'clear':
      return alert.active ? { events: [{ type: 'alert_cleared', id, at, because: command.because }] } : { events: [] }
    case 'acknowledge':
      if (alert.acknowledged) return { refused: 'already_answered' }
      return { events: [{ type: 'alert_acknowledged', id, at, by: command.by }] }
    case 'confirm':
      if (!alert.acknowledged) return { refused: 'not_acknowledged' }
      if (alert.confirmed) return { refused: 'already_answered' }
      return { events: [{ type: 'alert_confirmed', id, at, by: command.by }] }
    case 'shelve':
      if (alert.severity === 'red') return { refused: 'red_is_never_shelved' }
      if (command.for_s > longest_shelf_s) return { refused: 'shelved_too_long' }
      return { events: [{ type: 'alert_shelved', id, at, by: command.by, until: at + command.for_s * 1000, reason: command.reason }] }
    case 'unshelve':
      return alert.shelved ? { events: [{ type: 'alert_unshelved', id, at }] } : { refused: 'not_shelved' }
    case 'link':
      return alert.incident === command.incident
        ? { events: [] }
        : { events: [{ type: 'alert_linked', id, at, incident: command.incident }] }
  }
}

type Changed = Extract<AlertEvent, { type: 'alert_changed' }>
const changed = (alert: Alert, event: Changed): Changed =>
  event.severity === 'red' && alert.highest !== 'red' ? { ...event, state: evolveAlert(alert, event) } : event

export const evolveAlert = (alert: Alert | undefined, event: AlertEvent): Alert => {
  if (event.type === 'alert_raised') {
    const { type: _, at, ...what } = event
    return { ...what, highest: event.severity, active: true, raised_at: at, changed_at: at, phase: 'open' }
  }
  if (alert === undefined && event.type === 'alert_changed' && event.state) return event.state
  if (alert === undefined) throw new Error(`${event.type} for alert ${event.id}, which was never raised`)
  const { at } = event
  switch (event.type) {
    case 'alert_changed': {
      const highest = worse(alert.highest, event.severity)
      const { shelved, acknowledged, ...rest } = alert
      // Worse than what was seen: somebody must look again, and nothing red stays on a shelf.
      const seen = rank(event.severity) > rank(alert.severity) ? {} : { ...(acknowledged && { acknowledged }), ...(shelved && { shelved }) }
      return { ...rest, ...seen, severity: event.severity, highest, active: true, because: event.because, changed_at: at }
    }
    case 'alert_cleared':
      return closeIfSeen({ ...alert, active: false, because: event.because, changed_at: at, cleared_at: at })
    case 'alert_acknowledged':
      return closeIfSeen({ ...alert, acknowledged: { by: event.by, at }, changed_at: at })
    case 'alert_confirmed':
      return { ...alert, confirmed: { by: event.by, at }, changed_at: at }
    case 'alert_shelved':
      return { ...alert, shelved: { by: event.by, at, until: event.until, reason: event.reason }, changed_at: at }
    case 'alert_unshelved': {
      const { shelved: _, ...rest } = alert
      return { ...rest, changed_at: at }
    }
    case 'alert_linked':
      return { ...alert, incident: event.incident }
  }
}

const closeIfSeen = (alert: Alert): Alert => (!alert.active && alert.acknowledged ? { ...alert, phase: 'closed' } : alert)

/** A shelf ends by itself. */
export const nextDueOfAlert = (alert: Alert): { readonly at: number; readonly command: AlertCommand } | undefined =>
  alert.phase === 'open' && alert.shelved ? { at: alert.shelved.until, command: { type: 'unshelve' } } : undefined
