/**
 * The clock on the wall of the station. Shifts are agreed on in local time, and twice a year a local hour is skipped or
 * comes twice: what begins in the repeated hour begins at its first passing and what ends in it ends at its last, so that
 * two shifts that meet there overlap instead of leaving an hour to nobody.
 */
import type { Daypart, weekdayNames } from './vocabulary.ts'

const minute_ms = 60_000
const quarter_ms = 15 * minute_ms
export const day_ms = 24 * 60 * minute_ms

/** What is added to UTC for the local clock. Offsets only change on a quarter of an hour, so each is looked up once. */
export const offsetAt = (at: number, timezone: string): number => {
  const zone = zoneOf(timezone)
  const quarter = Math.floor(at / quarter_ms)
  const known = zone.offsets.get(quarter)
  if (known !== undefined) return known
  const [, sign, h, m] = /GMT([+-])(\d\d):(\d\d)/.exec(zone.format.format(quarter * quarter_ms)) ?? []
  const offset = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(h) * 60 + Number(m)) * minute_ms
  if (zone.offsets.size >= offsets_kept) zone.offsets.clear()
  zone.offsets.set(quarter, offset)
  return offset
}

type Zone = { readonly format: Intl.DateTimeFormat; readonly offsets: Map<number, number> }
const offsets_kept = 20_000
const zones = new Map<string, Zone>()
const zoneOf = (timezone: string): Zone => {
  const known = zones.get(timezone)
  if (known !== undefined) return known
  const zone: Zone = { format: new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' }), offsets: new Map() }
  zones.set(timezone, zone)
  return zone
}

/** `HH:MM` on the wall. */
export const localTime = (at: number, timezone: string): string => new Date(at + offsetAt(at, timezone)).toISOString().slice(11, 16)

const dayparts_begin = [
  [22, 'night'],
  [18, 'evening'],
  [12, 'afternoon'],
  [9, 'forenoon'],
  [5, 'morning'],
  [0, 'small_hours']
] as const satisfies readonly (readonly [number, Daypart])[]
export const daypartAt = (at: number, timezone: string): Daypart => {
  const hour = Number(localTime(at, timezone).slice(0, 2))
  return dayparts_begin.find(([from]) => hour >= from)?.[1] ?? 'small_hours'
}

const days = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const satisfies readonly (keyof typeof weekdayNames)[]
export const weekdayAt = (at: number, timezone: string): keyof typeof weekdayNames => days[localDay(at, timezone) % 7] ?? 'thu'

/** Days of the local calendar, counted from 1970-01-01. */
export const localDay = (at: number, timezone: string): number => Math.floor((at + offsetAt(at, timezone)) / day_ms)

/** When the wall clock of that day first reaches `HH:MM`. A time that is skipped is reached when the hands jump over it. */
export const reaches = (day: number, time: string, timezone: string): number => moments(day, time, timezone)[0]

/** When the wall clock of that day has left everything before `HH:MM` behind for good. */
export const passes = (day: number, time: string, timezone: string): number => {
  const [first, last] = moments(day, time, timezone)
  // Where the repeated hour begins at that very minute, nothing before it is repeated.
  return offsetAt(last - 1, timezone) === offsetAt(last, timezone) ? last : first
}

const moments = (day: number, time: string, timezone: string): readonly [number, number] => {
  const naive = day * day_ms + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * minute_ms
  const before = offsetAt(naive - day_ms, timezone)
  const after = offsetAt(naive + day_ms, timezone)
  if (before === after) return [naive - before, naive - before]
  const read = [naive - before, naive - after].filter(at => at + offsetAt(at, timezone) === naive)
  if (read.length > 0) return [Math.min(...read), Math.max(...read)]
  let at = Math.ceil((naive - after) / quarter_ms) * quarter_ms
  while (offsetAt(at, timezone) !== after) at += quarter_ms
  return [at, at]
}
