/** Who is on duty, and when. People belong to an agency; the duty belongs to the station. */
import type { Agency } from './vocabulary.ts'

export type Shift = { readonly from: string; readonly to: string }
export type Unit = {
  readonly id: string
  readonly name: string
  readonly agency: Agency
  readonly members: readonly string[]
  /** Where the unit usually stands; the nearest are asked first. */
  readonly zones: readonly string[]
  readonly commands: boolean
  /** Local times `HH:MM`; a shift may cross midnight. No shifts means always on duty. */
  readonly shifts: readonly Shift[]
}

export const onDuty = (unit: Unit, at: number, timezone: string): boolean => {
  if (unit.shifts.length === 0) return true
  const now = localTime(at, timezone)
  return unit.shifts.some(({ from, to }) => (from <= to ? from <= now && now < to : now >= from || now < to))
}

const formats = new Map<string, Intl.DateTimeFormat>()
const localTime = (at: number, timezone: string): string => {
  let format = formats.get(timezone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    formats.set(timezone, format)
  }
  return format.format(at)
}
