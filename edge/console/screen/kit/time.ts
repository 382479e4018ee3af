/** One clock for the whole screen, set by the station: phones are often minutes off, and a countdown must not be. */
import { ref } from 'vue'
import { k } from './i18n.ts'

let ahead_ms = 0
export const now = ref(Date.now())
setInterval(() => {
  now.value = Date.now() + ahead_ms
}, 1000)

export const setClock = (station: string): void => {
  ahead_ms = Date.parse(station) - Date.now()
  now.value = Date.now() + ahead_ms
}
export const stationNow = (): number => Date.now() + ahead_ms

export const secondsSince = (at: string): number => Math.max(0, (now.value - Date.parse(at)) / 1000)
export const secondsUntil = (at: string): number => (Date.parse(at) - now.value) / 1000

/** `3:07`, `1:02:45`: how long something has been going on. */
export const stopwatch = (seconds: number): string => {
  const s = Math.max(0, Math.floor(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

export const ago = (seconds: number): string =>
  seconds < 90
    ? k('seconds_ago', { n: Math.round(seconds) })
    : seconds < 5400
      ? k('minutes_ago', { n: Math.round(seconds / 60) })
      : k('hours_ago', { n: Math.round(seconds / 3600) })

/** The wall clock of the station, whatever zone the phone is in. */
export const clockOf = (at: number, timezone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    at
  )
/** Times of the API carry the station's offset, so their own digits are the station's wall clock. */
export const clockIn = (rfc3339: string): string => rfc3339.slice(11, 19)
/** What a person typed into a field for a day and a time, as a moment of the station: `2026-11-24T16:00` and the station's offset. */
export const momentOf = (typed: string, station_now: string): string => `${typed}:00${station_now.slice(-6)}`
