/** What is changed of the plan: a unit is absent, or another of its agency stands in for it. Changes end; they are never rewritten. */

import { day_ms } from './local-time.ts'
import type { Refusal } from './refusal.ts'
import type { Shift, Unit } from './roster.ts'

type Changed = {
  readonly id: string
  readonly unit: string
  readonly from: number
  readonly until: number
  readonly by: string
  readonly at: number
  readonly reason: string
}
export type Absence = Changed & { readonly kind: 'absent' }
/** `shifts` are those of the unit as they were when the other agreed to work them. */
export type Swap = Changed & { readonly kind: 'swapped'; readonly with: string; readonly shifts: readonly Shift[] }
export type DutyChange = Absence | Swap

export type DutyChangeEvent =
  | ({ readonly type: 'duty_absent' } & Changed)
  | ({ readonly type: 'duty_swapped'; readonly with: string; readonly shifts: readonly Shift[] } & Changed)
  /** The plan holds again from now on. */
  | { readonly type: 'duty_restored'; readonly id: string; readonly at: number; readonly by: string }

type Ordered = Omit<Changed, 'at'>
export type DutyChangeCommand =
  | ({ readonly type: 'absent' } & Ordered)
  | ({ readonly type: 'swap'; readonly with: string } & Ordered)
  | { readonly type: 'restore'; readonly id: string; readonly by: string }

export const longest_change_ms = 31 * day_ms
/** A station has some dozens; a machine that writes thousands is stopped here. */
export const most_changes = 500
/** Past changes stay at hand this long, for who looks back; after that they are in the journal. */
const changes_kept_ms = 31 * day_ms

export const decideDutyChange = (
  changes: readonly DutyChange[],
  command: DutyChangeCommand,
  units: readonly Unit[],
  at: number
): { readonly events: readonly DutyChangeEvent[] } | Refusal => {
  if (command.type === 'restore') {
    const { id, by } = command
    const change = changes.find(one => one.id === id)
    if (change === undefined) return { refused: 'no_such_change' }
    return change.until <= at ? { refused: 'change_is_over' } : { events: [{ type: 'duty_restored', id, at, by }] }
  }
  const unit = units.find(({ id }) => id === command.unit)
  if (unit === undefined) return { refused: 'no_such_unit' }
  const from = Math.max(command.from, at)
  const { until } = command
  if (command.reason.trim() === '') return { refused: 'reason_missing' }
  if (until <= from) return { refused: 'change_is_over' }
  if (until - from > longest_change_ms) return { refused: 'change_too_long' }
  if (changes.filter(one => one.until > at).length >= most_changes) return { refused: 'too_many_changes' }
  const kind = command.type === 'absent' ? 'absent' : 'swapped'
  if (changes.some(one => one.kind === kind && one.unit === unit.id && one.from < until && from < one.until))
    return { refused: 'already_away' }
  if (command.type === 'absent') return { events: [{ ...command, type: 'duty_absent', from, at }] }
  const other = units.find(({ id }) => id === command.with)
  if (other === undefined) return { refused: 'no_such_unit' }
  if (other.id === unit.id) return { refused: 'swap_with_itself' }
  // What an agency may lawfully do does not change hands with its shift.
  if (other.agency !== unit.agency) return { refused: 'swap_with_another_agency' }
  return { events: [{ ...command, type: 'duty_swapped', from, at, shifts: unit.shifts }] }
}

export const evolveDutyChanges = (changes: readonly DutyChange[], event: DutyChangeEvent): readonly DutyChange[] => {
  const kept = changes.filter(({ until }) => until > event.at - changes_kept_ms)
  switch (event.type) {
    case 'duty_absent': {
      const { type: _, ...change } = event
      return [...kept, { ...change, kind: 'absent' }]
    }
    case 'duty_swapped': {
      const { type: _, ...change } = event
      return [...kept, { ...change, kind: 'swapped' }]
    }
    case 'duty_restored':
      return kept.flatMap(change => {
        if (change.id !== event.id) return [change]
        return change.from < event.at ? [{ ...change, until: Math.min(change.until, event.at) }] : []
      })
  }
}
