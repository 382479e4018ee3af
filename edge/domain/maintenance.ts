/**
 * A maintenance window: while somebody works on a detector, its alerts call nobody, because a patrol looks instead.
 * It has an owner, an end, and a round that must be reported; a missed round is told to the commander, the end ends it all.
 */
import type { Signature } from './alert.ts'
import type { Refusal } from './refusal.ts'
import type { Agency, IncidentKind } from './vocabulary.ts'

/** What is out of service: everything that is named must fit. At least one is. */
export type Covers = { readonly zone?: string; readonly device?: string; readonly rule?: string }
export type Patrol = { readonly unit: string; readonly every_s: number }

export type Maintenance = {
  readonly id: string
  readonly covers: Covers
  readonly owner: string
  readonly agency?: Agency
  readonly by: string
  readonly from: number
  readonly until: number
  readonly reason: string
  readonly patrol: Patrol
  readonly rounds: readonly Signature[]
  readonly missed: number
  /** When the next round has to have been reported. */
  readonly round_due_at: number
  readonly phase: 'planned' | 'open' | 'ended'
  readonly ended?: { readonly at: number; readonly by?: string }
}

type Of = { readonly id: string; readonly at: number }
export type MaintenanceEvent =
  | (Of & {
      readonly type: 'maintenance_planned'
      readonly covers: Covers
      readonly owner: string
      readonly agency?: Agency
      readonly by: string
      readonly from: number
      readonly until: number
      readonly reason: string
      readonly patrol: Patrol
    })
  | (Of & { readonly type: 'maintenance_began' })
  | (Of & { readonly type: 'maintenance_round'; readonly by: string })
  | (Of & { readonly type: 'maintenance_round_missed'; readonly unit: string; readonly owner: string })
  | (Of & { readonly type: 'maintenance_ended'; readonly by?: string })

export type MaintenanceCommand =
  | { readonly type: 'begin' }
  | { readonly type: 'round'; readonly by: string }
  | { readonly type: 'miss' }
  | { readonly type: 'end'; readonly by?: string }

export const longest_window_s = 12 * 3600
const rounds_kept = 50

type Planned = Omit<Extract<MaintenanceEvent, { type: 'maintenance_planned' }>, 'type' | 'at'>
export type MaintenancePlan = Omit<Planned, 'id'>

export const planMaintenance = (plan: Planned, at: number): { readonly events: readonly MaintenanceEvent[] } | Refusal => {
  const { covers, from, until, reason, patrol } = plan
  if (covers.zone === undefined && covers.device === undefined) return { refused: 'window_covers_nothing' }
  if (reason.trim() === '') return { refused: 'reason_missing' }
  if (until <= Math.max(at, from)) return { refused: 'window_is_over' }
  if (until - Math.max(from, at) > longest_window_s * 1000) return { refused: 'window_too_long' }
  if (patrol.every_s < 60 || patrol.every_s > 3600) return { refused: 'patrol_too_rare' }
  return { events: [{ type: 'maintenance_planned', at, ...plan, from: Math.max(from, at) }] }
}

export const decideMaintenance = (
  window: Maintenance,
  command: MaintenanceCommand,
  at: number
): { readonly events: readonly MaintenanceEvent[] } | Refusal => {
  const { id } = window
  if (window.phase === 'ended') return { refused: 'window_is_over' }
  switch (command.type) {
    case 'begin':
      if (window.phase !== 'planned' || at < window.from) return { events: [] }
      // All of it passed while the station was down: nobody worked under its eyes, and no patrol stood in.
      return { events: [{ type: at < window.until ? 'maintenance_began' : 'maintenance_ended', id, at }] }
    case 'round':
      return window.phase === 'open' ? { events: [{ type: 'maintenance_round', id, at, by: command.by }] } : { refused: 'window_not_open' }
    case 'miss':
      return window.phase === 'open' && at >= window.round_due_at
        ? { events: [{ type: 'maintenance_round_missed', id, at, unit: window.patrol.unit, owner: window.owner }] }
        : { events: [] }
    case 'end':
      return { events: [{ type: 'maintenance_ended', id, at, ...(command.by !== undefined && { by: command.by }) }] }
  }
}

export const evolveMaintenance = (window: Maintenance | undefined, event: MaintenanceEvent): Maintenance => {
  if (event.type === 'maintenance_planned') {
    const { type: _, at: _at, ...plan } = event
    return { ...plan, rounds: [], missed: 0, round_due_at: plan.from + plan.patrol.every_s * 1000, phase: 'planned' }
  }
  if (window === undefined) throw new Error(`${event.type} for maintenance ${event.id}, which was never planned`)
  const { at } = event
  const next = at + window.patrol.every_s * 1000
  switch (event.type) {
    case 'maintenance_began':
      return { ...window, phase: 'open', round_due_at: next }
    case 'maintenance_round':
      return { ...window, rounds: [...window.rounds, { by: event.by, at }].slice(-rounds_kept), round_due_at: next }
    case 'maintenance_round_missed':
      return { ...window, missed: window.missed + 1, round_due_at: next }
    case 'maintenance_ended':
      return { ...window, phase: 'ended', ended: { at, ...(event.by !== undefined && { by: event.by }) } }
  }
}

export const nextDueOfMaintenance = (window: Maintenance): { readonly at: number; readonly command: MaintenanceCommand } | undefined => {
  if (window.phase === 'ended') return undefined
  if (window.phase === 'planned') return { at: window.from, command: { type: 'begin' } }
  return window.round_due_at < window.until
    ? { at: window.round_due_at, command: { type: 'miss' } }
    : { at: window.until, command: { type: 'end' } }
}

/** Rules that look at a whole zone through its devices. */
const of_a_zone: readonly string[] = ['crowd-density']
type Found = { readonly zone: string; readonly device?: string; readonly rule: string; readonly kind: IncidentKind }

/**
 * Only what a detector found can be out of service: never what people say, what a patrol missed or what has failed together.
 * A button that somebody presses calls, unless it is the very thing that is worked on.
 */
const standsOver = ({ zone, device, rule }: Covers, alert: Found): boolean =>
  (alert.device !== undefined || of_a_zone.includes(alert.rule)) &&
  (alert.kind !== 'panic' || device !== undefined) &&
  (zone === undefined || zone === alert.zone) &&
  (device === undefined || device === alert.device) &&
  (rule === undefined || rule === alert.rule)

/** The window that stands in front of this alert now, if there is one; of several, the one that ends last. */
export const windowOver = (windows: Iterable<Maintenance>, alert: Found): Maintenance | undefined => {
  let over: Maintenance | undefined
  for (const window of windows)
    if (window.phase === 'open' && standsOver(window.covers, alert) && (over === undefined || window.until > over.until)) over = window
  return over
}
