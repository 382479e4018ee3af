/** Who is on duty, and when. People belong to an agency; the duty belongs to the station. */
import type { DutyChange } from './duty-change.ts'
import { localDay, passes, reaches } from './local-time.ts'
import { type Span, union, within, without } from './span.ts'
import type { Agency, Qualification, Role } from './vocabulary.ts'

export type Shift = { readonly from: string; readonly to: string }
export type Unit = {
  readonly id: string
  readonly name: string
  readonly agency: Agency
  readonly members: readonly string[]
  /** Where the unit usually stands; the nearest are asked first. */
  readonly zones: readonly string[]
  readonly commands: boolean
  /** Local times `HH:MM`; a shift may cross midnight, and `24:00` is its end. No shifts means always on duty. */
  readonly shifts: readonly Shift[]
}
/** Somebody of the station, by the name they sign in with. How to reach them is nowhere in the roster. */
export type Person = {
  readonly name: string
  readonly agency: Agency
  readonly roles: readonly Role[]
  readonly qualifications: readonly Qualification[]
}

/** What duty is worked out from: the plan, and what was changed of it. */
export type Roster = {
  readonly units: readonly Unit[]
  readonly timezone: string
  readonly plan?: readonly DutyChange[]
  readonly people?: readonly Person[]
}

export const onDuty = (unit: Unit, at: number, timezone: string, plan: readonly DutyChange[] = []): boolean =>
  dutySpans(unit, { from: at, until: at + 1 }, timezone, plan).length > 0

/**
 * When a unit is on duty. Who swapped is away for its own shifts and the other works them, besides its own;
 * who is absent is away whatever was agreed.
 */
export const dutySpans = (unit: Unit, during: Span, timezone: string, plan: readonly DutyChange[] = []): readonly Span[] => {
  const own = shiftSpans(unit.shifts, during, timezone)
  if (plan.length === 0) return own
  const swaps = plan.filter(change => change.kind === 'swapped')
  const given = swaps.filter(swap => swap.unit === unit.id)
  const taken = swaps
    .filter(swap => swap.with === unit.id)
    .flatMap(swap => within(shiftSpans(swap.shifts, during, timezone), { from: swap.from, until: swap.until }))
  const absent = plan.filter(change => change.kind === 'absent' && change.unit === unit.id)
  return without(union([...without(own, given), ...taken]), absent)
}

/** Shifts as stretches of time, within `during`. */
export const shiftSpans = (shifts: readonly Shift[], during: Span, timezone: string): readonly Span[] => {
  if (shifts.length === 0) return [during]
  const spans: Span[] = []
  const last = localDay(during.until, timezone)
  for (let day = localDay(during.from, timezone) - 1; day <= last; day++)
    for (const { from, to } of shifts)
      if (from !== to) spans.push({ from: reaches(day, from, timezone), until: passes(from < to ? day : day + 1, to, timezone) })
  return within(union(spans), during)
}

/** Somebody in the unit has learned it. */
export const isQualified = (unit: Unit, qualification: Qualification, people: readonly Person[] = []): boolean =>
  people.some(({ name, qualifications }) => unit.members.includes(name) && qualifications.includes(qualification))
