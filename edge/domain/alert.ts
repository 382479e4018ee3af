/**
 * An alert: a condition somebody should look at, by the words of OPC UA Part 9 / ISA-18.2.
 *
 * `decideAlert` says what may happen, `evolveAlert` what is then true, `nextDueOfAlert` what time alone will bring.
 * An alert is over when its condition has gone, a person has seen it and every earlier episode of it, and, where it latches,
 * a person has reset it. What is shelved, suppressed or out of service calls nobody, is still listed, and ends by itself.
 */
import type { Refusal } from './refusal.ts'
import { type IncidentKind, rank, type Severity, worse } from './vocabulary.ts'
import type { Sentence } from './words.ts'

export type Signature = { readonly by: string; readonly at: number }
/** An earlier episode that came and went before anybody had seen it (OPC UA 5.5.2). `times` counts those folded into it. */
export type Branch = {
  readonly episode: number
  readonly severity: Severity
  readonly because: Sentence
  readonly raised_at: number
  readonly cleared_at: number
  readonly times: number
}
export type Shelf = Signature & { readonly mode: 'timed' | 'one_shot'; readonly until: number; readonly reason: string }

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
  /** When the present episode began. */
  readonly raised_at: number
  readonly changed_at: number
  readonly cleared_at?: number
  /** Absent: the first. */
  readonly episode?: number
  readonly branches?: readonly Branch[]
  readonly acknowledged?: Signature
  readonly confirmed?: Signature
  /** It stays until a person resets it, although its condition has gone. */
  readonly latching?: true
  readonly reset?: Signature
  /** An active alert sounds again, and must be seen again, this long after it last did. */
  readonly realarm_s?: number
  readonly realarm_at?: number
  readonly realarms?: number
  readonly shelved?: Shelf
  /** Another alert is its cause. */
  readonly suppressed?: { readonly cause: string; readonly at: number }
  /** Somebody works there, a patrol stands in for it. */
  readonly out_of_service?: { readonly window: string; readonly at: number; readonly until: number }
  /** Its condition comes and goes so fast that it is shown once, as there; `changes` were counted meanwhile. */
  readonly flapping?: { readonly at: number; readonly changes: number }
  readonly incident?: string
  readonly drill?: true
  readonly phase: 'open' | 'closed'
}

export type AlertCommand =
  | { readonly type: 'change'; readonly severity: Severity; readonly because: Sentence }
  | { readonly type: 'clear'; readonly because: Sentence }
  /** The present episode, or an earlier one by its number, or everything. */
  | { readonly type: 'acknowledge'; readonly by: string; readonly episode?: number | 'all' }
  | { readonly type: 'confirm'; readonly by: string }
  | { readonly type: 'reset'; readonly by: string }
  | {
      readonly type: 'shelve'
      readonly by: string
      readonly for_s: number
      readonly reason: string
      /** `one_shot` ends when the condition goes, and at the latest when the time is over. */
      readonly mode?: 'timed' | 'one_shot'
    }
  | { readonly type: 'unshelve'; readonly by?: string }
  | { readonly type: 'suppress'; readonly cause: string }
  | { readonly type: 'unsuppress' }
  | { readonly type: 'out_of_service'; readonly window: string; readonly until: number }
  | { readonly type: 'in_service' }
  | { readonly type: 'realarm' }
  | { readonly type: 'flap'; readonly changes: number }
  | { readonly type: 'steady'; readonly changes: number }
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
      readonly latching?: true
      readonly realarm_s?: number
      readonly drill?: true
    })
  /**
   * Carries the whole alert when it becomes red, so that who hears only of red (the cloud, red first) knows all of it.
   * `episode` when the condition has come back; `branch` when nobody had seen the one before.
   */
  | (Of & {
      readonly type: 'alert_changed'
      readonly severity: Severity
      readonly because: Sentence
      readonly episode?: number
      readonly branch?: Branch
      readonly state?: Alert
    })
  | (Of & { readonly type: 'alert_cleared'; readonly because: Sentence })
  /** Without `episodes`, the present one. */
  | (Of & { readonly type: 'alert_acknowledged'; readonly by: string; readonly episodes?: readonly number[] })
  | (Of & { readonly type: 'alert_confirmed'; readonly by: string })
  | (Of & { readonly type: 'alert_reset'; readonly by: string })
  | (Of & {
      readonly type: 'alert_shelved'
      readonly by: string
      readonly until: number
      readonly reason: string
      readonly mode?: 'timed' | 'one_shot'
    })
  | (Of & { readonly type: 'alert_unshelved'; readonly by?: string })
  | (Of & { readonly type: 'alert_suppressed'; readonly cause: string })
  | (Of & { readonly type: 'alert_unsuppressed' })
  | (Of & { readonly type: 'alert_out_of_service'; readonly window: string; readonly until: number })
  | (Of & { readonly type: 'alert_in_service' })
  | (Of & { readonly type: 'alert_realarmed' })
  | (Of & { readonly type: 'alert_flapping'; readonly changes: number })
  | (Of & { readonly type: 'alert_steady'; readonly changes: number })
  | (Of & { readonly type: 'alert_linked'; readonly incident: string })

/** Nobody may put an alert out of sight for longer than a shift. */
export const longest_shelf_s = 8 * 3600
/** More unseen episodes than this are counted in the newest of them: a sensor that flaps at 10 Hz is one line, not six hundred. */
export const most_branches = 10

export const episodeOf = ({ episode }: Alert): number => episode ?? 1
/** Whether it is among what the operator is called to: not put aside by a person, a cause or works. */
export const annunciated = ({ phase, shelved, suppressed, out_of_service }: Alert): boolean =>
  phase === 'open' && !shelved && !suppressed && !out_of_service

export const decideAlert = (alert: Alert, command: AlertCommand, at: number): { readonly events: readonly AlertEvent[] } | Refusal => {
  const { id } = alert
  if (alert.phase === 'closed') return { refused: 'already_closed' }
  switch (command.type) {
    case 'change': {
      const { severity, because } = command
      if (alert.active && alert.severity === severity) return { events: [] }
      return { events: [withState(alert, { type: 'alert_changed', id, at, severity, because, ...comeBack(alert) })] }
    }
    case 'clear':
      return alert.active ? { events: [{ type: 'alert_cleared', id, at, because: command.because }] } : { events: [] }
    case 'acknowledge':
      return acknowledge(alert, command, at)
    case 'confirm':
      if (!alert.acknowledged) return { refused: 'not_acknowledged' }
      if (alert.confirmed) return { refused: 'already_answered' }
      return { events: [{ type: 'alert_confirmed', id, at, by: command.by }] }
    case 'reset':
      if (!alert.latching) return { refused: 'not_latched' }
      if (alert.active) return { refused: 'still_active' }
      if (!alert.acknowledged || alert.branches?.length) return { refused: 'not_acknowledged' }
      return { events: [{ type: 'alert_reset', id, at, by: command.by }] }
    case 'shelve': {
      const { by, for_s, reason, mode = 'timed' } = command
      if (alert.severity === 'red') return { refused: 'red_is_never_shelved' }
      if (for_s > longest_shelf_s) return { refused: 'shelved_too_long' }
      if (mode === 'one_shot' && !alert.active) return { refused: 'not_active' }
      // Shelving it again and again would have no end: the limit counts from the first.
      if (alert.shelved && at + for_s * 1000 > alert.shelved.at + longest_shelf_s * 1000) return { refused: 'shelved_too_long' }
      return { events: [{ type: 'alert_shelved', id, at, by, until: at + for_s * 1000, reason, mode }] }
    }
    case 'unshelve':
      if (!alert.shelved) return { refused: 'not_shelved' }
      return { events: [{ type: 'alert_unshelved', id, at, ...(command.by !== undefined && { by: command.by }) }] }
    case 'suppress':
      if (alert.severity === 'red') return { refused: 'red_is_never_suppressed' }
      // Nothing can be the cause of what is not there; what came and went before still has to be seen.
      return alert.suppressed?.cause === command.cause || !alert.active || command.cause === id
        ? { events: [] }
        : { events: [{ type: 'alert_suppressed', id, at, cause: command.cause }] }
    case 'unsuppress':
      return alert.suppressed ? { events: [{ type: 'alert_unsuppressed', id, at }] } : { events: [] }
    case 'out_of_service':
      if (command.until <= at) return { refused: 'window_is_over' }
      // Another window may take over: whoever plans them says which of several holds it.
      return alert.out_of_service?.window === command.window
        ? { events: [] }
        : { events: [{ type: 'alert_out_of_service', id, at, window: command.window, until: command.until }] }
    case 'in_service':
      return alert.out_of_service ? { events: [{ type: 'alert_in_service', id, at }] } : { events: [] }
    case 'realarm':
      return alert.realarm_at === undefined || at < alert.realarm_at ? { events: [] } : { events: [{ type: 'alert_realarmed', id, at }] }
    case 'flap':
      // What is not there has stopped; nothing to hold.
      return alert.active && (alert.flapping?.changes ?? -1) < command.changes
        ? { events: [{ type: 'alert_flapping', id, at, changes: command.changes }] }
        : { events: [] }
    case 'steady':
      return alert.flapping ? { events: [{ type: 'alert_steady', id, at, changes: command.changes }] } : { events: [] }
    case 'link':
      return alert.incident === command.incident
        ? { events: [] }
        : { events: [{ type: 'alert_linked', id, at, incident: command.incident }] }
  }
}

const acknowledge = (
  alert: Alert,
  { by, episode }: Extract<AlertCommand, { type: 'acknowledge' }>,
  at: number
): { readonly events: readonly AlertEvent[] } | Refusal => {
  const now = episodeOf(alert)
  const unseen = [...(alert.branches ?? []).map(branch => branch.episode), ...(alert.acknowledged ? [] : [now])]
  const episodes = episode === 'all' ? unseen : unseen.filter(one => one === (episode ?? now))
  if (episodes.length > 0) return { events: [{ type: 'alert_acknowledged', id: alert.id, at, by, episodes }] }
  return { refused: typeof episode === 'number' && episode > now ? 'no_such_episode' : 'already_answered' }
}

/** What an alert whose condition returns leaves behind: the number of the new episode, and the old one if nobody had seen it. */
const comeBack = (alert: Alert): { readonly episode?: number; readonly branch?: Branch } => {
  if (alert.active) return {}
  const { severity, because, raised_at, cleared_at = alert.changed_at } = alert
  const episode = episodeOf(alert)
  const seen = alert.acknowledged || alert.suppressed
  return { episode: episode + 1, ...(!seen && { branch: { episode, severity, because, raised_at, cleared_at, times: 1 } }) }
}

type Changed = Extract<AlertEvent, { type: 'alert_changed' }>
const withState = (alert: Alert, event: Changed): Changed =>
  event.severity === 'red' && alert.highest !== 'red' ? { ...event, state: evolveAlert(alert, event) } : event

export const evolveAlert = (alert: Alert | undefined, event: AlertEvent): Alert => {
  if (event.type === 'alert_raised') {
    const { type: _, at, ...what } = event
    return rearmed({ ...what, highest: event.severity, active: true, raised_at: at, changed_at: at, phase: 'open' }, at)
  }
  if (alert === undefined && event.type === 'alert_changed' && event.state) return event.state
  if (alert === undefined) throw new Error(`${event.type} for alert ${event.id}, which was never raised`)
  const { at } = event
  switch (event.type) {
    case 'alert_changed':
      return afterChange(alert, event)
    case 'alert_cleared': {
      const { realarm_at: _, flapping: _flapping, shelved, ...rest } = alert
      // A one-shot shelf was for this episode alone.
      const still = shelved && shelved.mode !== 'one_shot' ? { shelved } : {}
      return closeIfOver({ ...rest, ...still, active: false, because: event.because, changed_at: at, cleared_at: at })
    }
    case 'alert_acknowledged': {
      const episodes = event.episodes ?? [episodeOf(alert)]
      const { branches, ...rest } = alert
      const left = (branches ?? []).filter(({ episode }) => !episodes.includes(episode))
      const seen = episodes.includes(episodeOf(alert)) && { acknowledged: { by: event.by, at } }
      return closeIfOver({ ...rest, ...(left.length > 0 && { branches: left }), ...seen, changed_at: at })
    }
    case 'alert_confirmed':
      return { ...alert, confirmed: { by: event.by, at }, changed_at: at }
    case 'alert_reset':
      return closeIfOver({ ...alert, reset: { by: event.by, at }, changed_at: at })
    case 'alert_shelved': {
      const first = alert.shelved?.at ?? at
      return {
        ...alert,
        shelved: { by: event.by, at: first, until: event.until, reason: event.reason, mode: event.mode ?? 'timed' },
        changed_at: at
      }
    }
    case 'alert_unshelved': {
      const { shelved: _, ...rest } = alert
      return rearmed({ ...rest, changed_at: at }, at)
    }
    case 'alert_suppressed':
      return { ...alert, suppressed: { cause: event.cause, at }, changed_at: at }
    case 'alert_unsuppressed': {
      const { suppressed: _, ...rest } = alert
      return rearmed({ ...rest, changed_at: at }, at)
    }
    case 'alert_out_of_service':
      return { ...alert, out_of_service: { window: event.window, at, until: event.until }, changed_at: at }
    case 'alert_in_service': {
      const { out_of_service: _, ...rest } = alert
      return rearmed({ ...rest, changed_at: at }, at)
    }
    case 'alert_realarmed': {
      const { acknowledged: _, confirmed: _c, ...rest } = alert
      return rearmed({ ...rest, realarms: (alert.realarms ?? 0) + 1, changed_at: at }, at)
    }
    case 'alert_flapping':
      return { ...alert, flapping: { at: alert.flapping?.at ?? at, changes: event.changes } }
    case 'alert_steady': {
      const { flapping: _, ...rest } = alert
      return rest
    }
    case 'alert_linked':
      return { ...alert, incident: event.incident }
  }
}

const afterChange = (alert: Alert, event: Changed): Alert => {
  const { severity, because, at, episode, branch } = event
  const { shelved, suppressed, acknowledged, confirmed, reset, cleared_at, ...rest } = alert
  const red = severity === 'red'
  const again = !alert.active
  const risen = rank(severity) > rank(alert.severity)
  // Worse than what was seen, or there again: somebody must look again, and nothing red stays on a shelf or behind a cause.
  const seen = again || risen ? {} : { ...(acknowledged && { acknowledged }), ...(confirmed && { confirmed }) }
  const aside = { ...(shelved && !red && !risen && { shelved }), ...(suppressed && !red && { suppressed }) }
  return rearmed(
    {
      ...rest,
      ...seen,
      ...aside,
      severity,
      highest: worse(alert.highest, severity),
      active: true,
      because,
      changed_at: at,
      ...(again && { raised_at: at }),
      ...(episode !== undefined && { episode }),
      ...(branch !== undefined && { branches: withBranch(alert.branches ?? [], branch) })
    },
    again || risen ? at : undefined
  )
}

const withBranch = (branches: readonly Branch[], branch: Branch): readonly Branch[] => {
  const last = branches.at(-1)
  if (branches.length < most_branches || last === undefined) return [...branches, branch]
  return [
    ...branches.slice(0, -1),
    { ...branch, raised_at: last.raised_at, severity: worse(last.severity, branch.severity), times: last.times + 1 }
  ]
}

/** Counts the time to the next re-alarm from `from`; without it the running one goes on. */
const rearmed = (alert: Alert, from: number | undefined): Alert => {
  if (from === undefined || alert.realarm_s === undefined) return alert
  const { realarm_at: _, ...rest } = alert
  return alert.active ? { ...rest, realarm_at: from + alert.realarm_s * 1000 } : rest
}

const closeIfOver = (alert: Alert): Alert => {
  if (alert.active || alert.branches?.length) return alert
  // What a cause stood in front of goes with its condition: nobody was called, so nobody has to see it.
  const over = alert.suppressed || (alert.acknowledged && (!alert.latching || alert.reset))
  return over ? { ...alert, phase: 'closed' } : alert
}

/** What time alone brings: a shelf and a window end, an alert that goes on sounds again. */
export const nextDueOfAlert = (alert: Alert): { readonly at: number; readonly command: AlertCommand } | undefined => {
  if (alert.phase === 'closed') return undefined
  const { shelved, out_of_service, suppressed, realarm_at } = alert
  const due: { readonly at: number; readonly command: AlertCommand }[] = []
  if (shelved) due.push({ at: shelved.until, command: { type: 'unshelve' } })
  if (out_of_service) due.push({ at: out_of_service.until, command: { type: 'in_service' } })
  if (realarm_at !== undefined && !shelved && !out_of_service && !suppressed) due.push({ at: realarm_at, command: { type: 'realarm' } })
  return due.sort((a, b) => a.at - b.at)[0]
}
