/**
 * What state an alert series is in now. Alerts are written when something happens to them, not every few seconds, so the last word
 * counts for a day; and an alert that grows worse goes on under its new severity, so of one place and rule only the newest is true.
 */
import { series } from './series.ts'

type Where = Readonly<Partial<Record<'station' | 'zone' | 'rule' | 'severity', string>>>
const kept = '1d'
const place = 'station, zone, rule'

export const latestAlerts = (where: Where): string => {
  const state = series('alert', 'state', where)
  const said = `tlast_over_time(${state}[${kept}])`
  return `last_over_time(${state}[${kept}]) and (${said} == on (${place}) group_left () max(${said}) by (${place}))`
}

/** Open: active (1), acknowledged (2) or cleared but unseen (3). */
export const openAlerts = (where: Where): string => `(${latestAlerts(where)}) > 0`

/** How often a place began to call for somebody within the last hour, by station. */
export const raisedPerHour = (where: Where): string =>
  `sum(increases_over_time((max((${latestAlerts(where)}) == bool 1) by (${place}) default 0)[1h:30s])) by (station)`

/** Each alert closes exactly once. */
export const closedPerHour = (where: Where): string => `sum(count_eq_over_time(${series('alert', 'state', where)}[1h], 0)) by (station)`
