/**
 * What is known beforehand: a concert makes a square a viewing area for an evening, the rush hour makes a platform strict on
 * working days. Times are those on the wall of the station. No entry puts red above what is dangerous for the use.
 */
import { day_ms, localDay, passes, reaches } from './local-time.ts'
import type { Use } from './vocabulary.ts'
import { dangerLimit, densityLimits, type Limits, limitsOf, type Zone } from './zone.ts'

/** Sunday first, as the day after 1970-01-03 was one. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdays)[number]

export type CalendarEntry = {
  readonly name: string
  /** None means all. */
  readonly zones: readonly string[]
  /** The day it begins, `YYYY-MM-DD`; with `until`, each day from the one to the other. Without, every day that fits. */
  readonly date?: string
  readonly until?: string
  readonly weekdays?: readonly Weekday[]
  /** `HH:MM`; it may go on after midnight and belongs to the day it begins. */
  readonly from: string
  readonly to: string
  /** What people do there meanwhile. */
  readonly use?: Use
  /** Every limit times this. */
  readonly times?: number
}

export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / day_ms

const isOn = ({ date, until = date, weekdays: days }: CalendarEntry, day: number): boolean => {
  const weekday = weekdays[(day + 4) % 7]
  return (
    (date === undefined || day >= dayOf(date)) &&
    (until === undefined || day <= dayOf(until)) &&
    (days === undefined || (weekday !== undefined && days.includes(weekday)))
  )
}

/** Whether the entry is in force; what began yesterday evening may still be. */
export const holds = (entry: CalendarEntry, at: number, timezone: string): boolean => {
  const { from, to } = entry
  const today = localDay(at, timezone)
  return [today, today - 1].some(
    day => isOn(entry, day) && reaches(day, from, timezone) <= at && at < passes(from < to ? day : day + 1, to, timezone)
  )
}

/** The zone as it is meant to be judged at this moment. Where several entries hold, the strictest counts. */
export const zoneAt = (zone: Zone, calendar: readonly CalendarEntry[], at: number, timezone: string): Zone => {
  const now = calendar.filter(entry => (entry.zones.length === 0 || entry.zones.includes(zone.id)) && holds(entry, at, timezone))
  if (now.length === 0) return zone
  const [use = zone.use] = now.flatMap(entry => entry.use ?? []).sort((a, b) => densityLimits[a][3] - densityLimits[b][3])
  const usual = use === zone.use ? limitsOf(zone) : densityLimits[use]
  const factors = now.flatMap(({ times }) => times ?? [])
  const times = factors.length === 0 ? 1 : Math.min(...factors)
  const shifted = usual.map(limit => Math.min(dangerLimit[use], Math.round(limit * times * 100) / 100))
  return { ...zone, use, limits_per_m2: shifted as unknown as Limits, planned: now.map(({ name }) => name) }
}
