/**
 * What the alarms ask of the duty desk: how many sound, when it floods, what sounds most, what was false, how long answers take.
 *
 * It folds the journal from a little before the span to its end. What is put aside (shelved, behind a cause, under maintenance), what is
 * practised and what checks the path sounds for nobody: it is counted apart. Memory is bounded; what is let go is counted.
 */
import { type RateOfSpan, type Span, startRate } from './alarm-rate.ts'
import { type Source, startSources } from './alarm-sources.ts'
import { type Alert, type AlertEvent, annunciated, evolveAlert } from './alert.ts'
import { type AgencyTimes, type ClockTimes, type FalseShare, type Nuisance, startAnswers } from './answer-times.ts'
import { type Event, isAlertEvent, isIncidentEvent } from './event.ts'
import type { Incident } from './incident.ts'
import { type Spread, spreadOf } from './spread.ts'
import { rank, type Severity, severities } from './vocabulary.ts'

export type LoadSpan = Span & {
  /** What the station knows of alerts and incidents whose beginning lies before anything that is read. */
  readonly known?: { readonly alerts: readonly Alert[]; readonly incidents: readonly Incident[] }
}

export const asides = ['suppressed', 'out_of_service', 'shelved', 'drill', 'path'] as const
/** Why an alarm sounded for nobody. */
export type Aside = (typeof asides)[number]

/**
 * ISA-18.2 and IEC 62682 want about 80, 15 and 5 % of what sounds to be of low, medium and high priority (as exida tells it,
 * "Which measure is more important", exida.com/Blog; the standards themselves were not readable). Our four colours have two high ones.
 */
export const priority_goals = [
  { priority: 'low', severities: ['blue'], goal_share: 0.8 },
  { priority: 'medium', severities: ['yellow'], goal_share: 0.15 },
  { priority: 'high', severities: ['orange', 'red'], goal_share: 0.05 }
] as const satisfies readonly { priority: string; severities: readonly Severity[]; goal_share: number }[]

export type OperatorLoad = RateOfSpan & {
  readonly from: number
  readonly to: number
  readonly apart: Readonly<Record<Aside, number>>
  readonly severities: Readonly<Record<Severity, number>>
  readonly bad_actors: readonly (Source & { readonly count: number; readonly share: number })[]
  readonly chattering: readonly (Source & { readonly times: number })[]
  /** Active and sounding at the end, the oldest first; stale after a day. */
  readonly standing: number
  readonly stale: readonly (Source & { readonly alert: string; readonly since: number })[]
  readonly false_shares: readonly FalseShare[]
  readonly nuisances: readonly Nuisance[]
  /** From the sounding of an alert until somebody saw it; `unseen` still wait at the end. */
  readonly seen: Spread & { readonly unseen: number }
  readonly agencies: readonly AgencyTimes[]
  readonly clocks: readonly ClockTimes[]
  /** Alerts, incidents and sources that were too many to remember, and events of alerts that nobody knows. */
  readonly let_go: number
}

export type Load = { readonly hear: (event: Event) => void; readonly result: () => OperatorLoad }

export const stale_after_ms = 24 * 3_600_000
/** A design that puts an alert aside does so as it is raised; a second allows for a slow machine. */
const at_once_ms = 1000
/** Half of the entries that one look at the journal reads; about 25 MB while it lasts. */
const most_alerts = 50_000
const most_listed = 50

export const operatorLoad = (events: Iterable<Event>, span: LoadSpan): OperatorLoad => {
  const load = startLoad(span)
  for (const event of events) load.hear(event)
  return load.result()
}

type Remembered = { readonly alert: Alert; readonly called_at?: number }
/** It sounded; whether it was put aside at once is not yet known. */
type Sounded = { readonly at: number; readonly alert: Alert; readonly anew: boolean }

export const startLoad = (span: LoadSpan): Load => {
  const { from, to, known = { alerts: [], incidents: [] } } = span
  const knownAlerts = new Map(known.alerts.map(alert => [alert.id, alert]))
  const knownIncidents = new Map(known.incidents.map(incident => [incident.id, incident]))
  const within = (at: number): boolean => at >= from && at < to

  const alerts = new Map<string, Remembered>()
  const rate = startRate(span)
  const sources = startSources(within)
  const answers = startAnswers(span, id => knownIncidents.get(id))
  const apart: Record<Aside, number> = { suppressed: 0, out_of_service: 0, shelved: 0, drill: 0, path: 0 }
  const bySeverity: Record<Severity, number> = { blue: 0, yellow: 0, orange: 0, red: 0 }
  const seen_ms: number[] = []
  let sounding: Sounded[] = []
  let now = Number.NEGATIVE_INFINITY
  let let_go = 0

  const count = ({ at, alert, anew }: Sounded): void => {
    rate.sounded(at)
    sources.sounded(alert, at, anew)
    if (within(at)) bySeverity[alert.severity]++
    const remembered = alerts.get(alert.id)
    if (remembered !== undefined && remembered.called_at === undefined) alerts.set(alert.id, { ...remembered, called_at: at })
  }
  const settle = (settled: (one: Sounded) => boolean): void => {
    // In the order they sounded: time never goes back for the rate.
    while (sounding[0] !== undefined && settled(sounding[0])) count(sounding.shift() as Sounded)
  }
  const countApart = (aside: Aside, at: number): void => {
    if (within(at)) apart[aside]++
  }

  const remember = (id: string, what: Remembered): void => {
    alerts.set(id, what)
    if (alerts.size <= most_alerts) return
    const oldest = alerts.keys().next()
    if (!oldest.done) alerts.delete(oldest.value)
    let_go++
  }

  const hearAlert = (event: AlertEvent): void => {
    const { id } = event
    const remembered = alerts.get(id) ?? asItWas(knownAlerts.get(id), event.at)
    if (remembered === undefined && event.type !== 'alert_raised' && !('state' in event)) return void let_go++
    const before = remembered?.alert
    const alert = evolveAlert(before, event)
    remember(id, { ...remembered, alert })
    if (event.type === 'alert_suppressed' || event.type === 'alert_out_of_service') {
      const reason = event.type === 'alert_suppressed' ? 'suppressed' : 'out_of_service'
      for (const one of sounding) if (one.alert.id === id) countApart(reason, one.at)
      sounding = sounding.filter(one => one.alert.id !== id)
      remember(id, { alert })
    }
    if (event.type === 'alert_acknowledged') {
      // Whoever has seen it has heard it.
      settle(() => sounding.some(one => one.alert.id === id))
      const { called_at } = alerts.get(id) ?? {}
      if (called_at !== undefined && within(called_at)) seen_ms.push(now - called_at)
      remember(id, { alert })
    }
    const sound = soundOf(event, before, alert)
    if (sound === undefined) return
    const aside = asideOf(alert)
    if (aside !== undefined) countApart(aside, now)
    else sounding.push({ at: now, alert, anew: sound === 'anew' })
  }

  return {
    hear: event => {
      if (event.at >= to) return
      // A clock that was set back a little does not make what follows earlier.
      now = Math.max(now, event.at)
      settle(({ at }) => now - at > at_once_ms || sounding.length > most_alerts)
      if (isAlertEvent(event)) hearAlert(event)
      else if (isIncidentEvent(event)) answers.hear(event)
    },
    result: () => {
      settle(() => true)
      const heard = [...alerts.values()].map(({ alert }) => alert)
      const unmentioned = known.alerts
        .filter(({ id, raised_at, active, cleared_at = 0 }) => !alerts.has(id) && raised_at < from && (active || cleared_at >= to))
        .flatMap(alert => asItWas(alert, to)?.alert ?? [])
        .map(alert => ({ ...alert, active: true }))
      const standing = [...heard, ...unmentioned]
        .filter(alert => alert.active && asideOf(alert) === undefined && annunciated(alert))
        .sort((a, b) => a.raised_at - b.raised_at || (a.id < b.id ? -1 : 1))
      const rates = rate.result()
      return {
        from,
        to,
        ...rates,
        apart: { ...apart },
        severities: { ...bySeverity },
        bad_actors: sources.worst(rates.annunciated),
        chattering: sources.chattering(),
        standing: standing.length,
        stale: standing
          .filter(({ raised_at }) => to - raised_at > stale_after_ms)
          .slice(0, most_listed)
          .map(({ id, rule, kind, zone, device, raised_at }) => ({
            alert: id,
            since: raised_at,
            rule,
            kind,
            zone,
            ...(device !== undefined && { device })
          })),
        false_shares: answers.falseShares(id => (alerts.get(id)?.alert ?? knownAlerts.get(id))?.rule),
        nuisances: answers.nuisances(id => sourceOf(alerts.get(id)?.alert ?? knownAlerts.get(id))),
        seen: {
          ...spreadOf(seen_ms),
          unseen: [...alerts.values()].filter(
            ({ alert, called_at }) => called_at !== undefined && within(called_at) && alert.phase === 'open'
          ).length
        },
        agencies: answers.agencies(),
        clocks: answers.clocks(),
        let_go: let_go + answers.letGo() + sources.letGo()
      }
    }
  }
}

/** Whether an event makes an alert sound: because its condition is there anew, or again for one that people may have seen before. */
const soundOf = (event: AlertEvent, before: Alert | undefined, after: Alert): 'anew' | 'again' | undefined => {
  switch (event.type) {
    case 'alert_raised':
      return 'anew'
    case 'alert_changed':
      if (before === undefined) return 'again'
      if (!before.active) return 'anew'
      return rank(after.severity) > rank(before.severity) ? 'again' : undefined
    case 'alert_realarmed':
      return 'again'
    case 'alert_unshelved':
    case 'alert_unsuppressed':
    case 'alert_in_service':
      return after.active ? 'again' : undefined
    default:
      return undefined
  }
}

const sourceOf = (alert: Alert | undefined): Source | undefined => {
  if (alert === undefined) return undefined
  const { rule, kind, zone, device } = alert
  return { rule, kind, zone, ...(device !== undefined && { device }) }
}

const asideOf = ({ drill, kind, suppressed, out_of_service, shelved }: Alert): Aside | undefined =>
  drill
    ? 'drill'
    : kind === 'path'
      ? 'path'
      : suppressed
        ? 'suppressed'
        : out_of_service
          ? 'out_of_service'
          : shelved
            ? 'shelved'
            : undefined

/** An alert from before anything was read, as far as its present state tells: without what was put aside only later. */
const asItWas = (alert: Alert | undefined, at: number): Remembered | undefined => {
  if (alert === undefined) return undefined
  const { shelved, suppressed, out_of_service, ...rest } = alert
  return {
    alert: {
      ...rest,
      phase: 'open',
      ...(shelved && shelved.at < at && { shelved }),
      ...(suppressed && suppressed.at < at && { suppressed }),
      ...(out_of_service && out_of_service.at < at && { out_of_service })
    }
  }
}

export const priorities = (bySeverity: Readonly<Record<Severity, number>>) => {
  const all = severities.reduce((sum, severity) => sum + bySeverity[severity], 0)
  return priority_goals.map(({ priority, severities, goal_share }) => {
    const count = severities.reduce((sum, severity) => sum + bySeverity[severity], 0)
    return { priority, severities, goal_share, count, share: all === 0 ? undefined : count / all }
  })
}
