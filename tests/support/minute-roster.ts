/** The roster worked out the slow way: every minute is looked at, with the clock of the platform and nothing of ours. */
import type { DutyChange } from '../../edge/domain/duty-change.ts'
import type { Shift, Unit } from '../../edge/domain/roster.ts'

export const minute_ms = 60_000

/** The local clock of every minute from `from` on, as `YYYY-MM-DD HH:MM`. */
export const wallClock = (from: number, minutes: number, timezone: string): readonly string[] => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' })
  return Array.from({ length: minutes }, (_, i) => format.format(from + i * minute_ms))
}

const nextDay = (date: string): string => new Date(Date.parse(`${date}T00:00Z`) + 86_400_000).toISOString().slice(0, 10)

/** Where each date of the wall ends. A clock that is set back at midnight reads the same date again, never the one before. */
const known = new WeakMap<readonly string[], ReadonlyMap<string, number>>()
const lastMinutes = (wall: readonly string[]): ReadonlyMap<string, number> => {
  const last = known.get(wall) ?? new Map(wall.map((text, i) => [text.slice(0, 10), i]))
  known.set(wall, last)
  return last
}

/** Which of the minutes lie in a shift: from the first that reads its beginning or later, to the last that reads before its end. */
export const shiftMinutes = (shifts: readonly Shift[], wall: readonly string[]): readonly boolean[] => {
  const on = wall.map(() => shifts.length === 0)
  const lastOf = lastMinutes(wall)
  let first = 0
  for (const [date, last] of lastOf) {
    for (const { from, to } of shifts) {
      if (from === to) continue
      const until = from < to ? date : nextDay(date)
      let begins = first
      while (begins < wall.length && `${wall[begins]}` < `${date} ${from}`) begins++
      let ends = lastOf.get(until) ?? wall.length - 1
      while (ends >= 0 && `${wall[ends]}` >= `${until} ${to}`) ends--
      on.fill(true, begins, Math.max(begins, ends + 1))
    }
    first = last + 1
  }
  return on
}

export const dutyMinutes = (unit: Unit, plan: readonly DutyChange[], start: number, wall: readonly string[]): readonly boolean[] => {
  const own = shiftMinutes(unit.shifts, wall)
  const taken = plan.flatMap(change =>
    change.kind === 'swapped' && change.with === unit.id ? [{ change, on: shiftMinutes(change.shifts, wall) }] : []
  )
  return wall.map((_, i) => {
    const at = start + i * minute_ms
    const during = ({ from, until }: DutyChange): boolean => from <= at && at < until
    const mine = plan.filter(change => change.unit === unit.id && during(change))
    if (mine.some(({ kind }) => kind === 'absent')) return false
    const given = mine.some(({ kind }) => kind === 'swapped')
    return (own[i] === true && !given) || taken.some(({ change, on }) => on[i] === true && during(change))
  })
}
