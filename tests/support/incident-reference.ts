/**
 * What is true of incidents, said again in sets, maps and booleans, without looking at how the duty desk does it:
 * the reference that random histories are held against, and the table of what may never be.
 */
import { type Asked, type Enough, type Incident, nextDue, placesOf, silentAgencies } from '../../edge/domain/incident.ts'
import { type Agency, type ResponseStatus, type Role, severities } from '../../edge/domain/vocabulary.ts'
import { mustRead } from './histories.ts'

export const statuses: readonly ResponseStatus[] = ['asked', 'shown', 'heard', 'acknowledged', 'en_route', 'on_scene', 'done']
export const answered_from = statuses.indexOf('acknowledged')
const there = statuses.indexOf('on_scene')
const done = statuses.indexOf('done')
const declined = -1
export const within_s = [15, 30, 60] as const
export const red = severities.indexOf('red')

type Who = { readonly agency: Agency; step: number; check: number | null; late: boolean }
type Todo = { readonly due: number | null; late: boolean; end: 'done' | 'cancelled' | null }
export type Case = {
  readonly id: string
  readonly drill: boolean
  open: boolean
  bad: number
  needs: Set<Agency>
  enough: Enough
  level: number
  due: number | null
  gave_up: boolean
  who: Map<string, Who>
  places: Set<string>
  alerts: Set<string>
  steps: string[]
  notes: number
  tasks: Map<string, Todo>
  evidence: Set<string>
  cleared: { by: string; role: Role }[]
  every: number | null
  into: string | null
  text: string | null
  merged: Set<string>
  reopened: number
}
/** A refusal, or whether anything is news. */
export type Said = string | boolean

export const silentIn = ({ needs, enough, who }: Case): Set<Agency> => {
  const all = [...who.values()]
  const have = new Set(all.filter(({ step }) => step >= answered_from).map(({ agency }) => agency))
  if (enough === 'any') return have.size > 0 ? new Set() : new Set(needs)
  const missing = new Set([...needs].filter(agency => !have.has(agency)))
  const waiting = all.filter(({ step }) => step > declined && step < answered_from).map(({ agency }) => agency)
  return enough === 'all' ? new Set([...missing, ...waiting]) : missing
}

const rung = (is: Case, from: number): void => {
  is.due = is.gave_up || silentIn(is).size === 0 ? null : from + (within_s[is.level] ?? 0) * 1000
}
const isNew = (is: Case, unit: string): boolean => (is.who.get(unit)?.step ?? declined) === declined
const ask = (is: Case, asked: readonly Asked[]): void => {
  for (const { unit, agency } of asked.filter(one => isNew(is, one.unit))) is.who.set(unit, { agency, step: 0, check: null, late: false })
}
const watch = (is: Case, every: number | null, now: number): void => {
  is.every = Math.min(is.every ?? Infinity, every ?? Infinity)
  if (is.every === Infinity) is.every = null
  for (const one of is.who.values())
    if (one.step === there && !one.late && is.every !== null) one.check = Math.min(one.check ?? Infinity, now + is.every)
}
const afresh = (is: Case, now: number): void => {
  is.level = 0
  is.gave_up = false
  is.cleared = []
  rung(is, now)
}

export const opened = (
  id: string,
  what: Pick<Case, 'drill' | 'bad' | 'enough' | 'every'> & { needs: readonly Agency[] },
  asked: readonly Asked[],
  now: number
): Case => {
  const is: Case = {
    ...what,
    id,
    open: true,
    needs: new Set(what.needs),
    level: 0,
    due: null,
    gave_up: false,
    who: new Map(),
    places: new Set(['z']),
    alerts: new Set(),
    steps: [],
    notes: 0,
    tasks: new Map(),
    evidence: new Set(),
    cleared: [],
    into: null,
    text: null,
    merged: new Set(),
    reopened: 0
  }
  ask(is, asked)
  rung(is, now)
  return is
}

const open =
  <Args extends readonly unknown[]>(what: (is: Case, now: number, ...args: Args) => Said) =>
  (is: Case, now: number, ...args: Args): Said =>
    is.open ? what(is, now, ...args) : 'already_closed'

export const refer = {
  respond: open((is, now, unit: string, status: ResponseStatus, reason: string) => {
    const one = is.who.get(unit)
    if (one === undefined) return 'not_asked'
    if (status === 'asked') return 'not_a_response'
    if (status === 'declined' && reason.trim() === '') return 'reason_missing'
    const to = statuses.indexOf(status)
    const may = to === declined ? one.step !== declined && one.step !== done : to > (one.step === declined ? answered_from - 1 : one.step)
    if (!may) return 'already_answered'
    Object.assign(one, { step: to, late: false, check: to === there && is.every !== null ? now + is.every : null })
    const silent = silentIn(is)
    const left = [...is.who.values()].some(({ agency, step }) => agency === one.agency && step > declined && step < answered_from)
    if (silent.size === 0) {
      is.due = null
      is.gave_up = false
    } else if (is.gave_up) return true
    else if (to === declined && is.needs.has(one.agency) && silent.has(one.agency) && !left) is.due = now
    else if (is.due === null) rung(is, now)
    return true
  }),
  escalate: open((is, now, asked: readonly Asked[]) => {
    if (silentIn(is).size === 0) return 'nobody_is_silent'
    if (is.gave_up) return 'nobody_left_to_ask'
    if (is.level + 1 >= within_s.length) is.gave_up = true
    else {
      is.level++
      ask(is, asked)
    }
    rung(is, now)
    return true
  }),
  ask: open((is, now, asked: readonly Asked[]) => {
    if (!asked.some(({ unit }) => isNew(is, unit))) return 'already_asked'
    ask(is, asked)
    if (is.due === null) rung(is, now)
    return true
  }),
  worsen: open(
    (is, now, bad: number, needs: readonly Agency[], asked: readonly Asked[], every: number | null, more: string | true | undefined) => {
      const reached = typeof more === 'string' && !is.places.has(more)
      if (bad <= is.bad && !reached && more !== true) return false
      if (reached) is.places.add(more)
      is.bad = Math.max(is.bad, bad)
      for (const agency of needs) is.needs.add(agency)
      watch(is, every, now)
      for (const { unit, agency } of asked)
        if (isNew(is, unit) || is.who.get(unit)?.step === done) is.who.set(unit, { agency, step: 0, check: null, late: false })
      afresh(is, now)
      return true
    }
  ),
  link: open((is, _, alert: string) => {
    if (is.alerts.has(alert)) return false
    is.alerts.add(alert)
    is.cleared = []
    return true
  }),
  note: open((is, _, ticked: string | undefined) => {
    if (ticked !== undefined && is.steps.includes(ticked)) return 'already_answered'
    if (ticked !== undefined) is.steps.push(ticked)
    is.notes++
    return true
  }),
  add: open((is, now, id: string, due: number | null) => {
    if (due !== null && due <= now) return 'deadline_is_over'
    if (is.tasks.has(id)) return 'already_asked'
    is.tasks.set(id, { due, late: false, end: null })
    return true
  }),
  finish: open((is, _, id: string, end: 'done' | 'cancelled') => {
    const task = is.tasks.get(id)
    if (task === undefined) return 'no_such_task'
    if (task.end !== null) return 'already_answered'
    task.end = end
    return true
  }),
  taskLate: open((is, now, id: string) => {
    const task = is.tasks.get(id)
    if (!task || task.end !== null || task.late || task.due === null || task.due > now) return false
    task.late = true
    return true
  }),
  attach: open((is, _, hash: string) => {
    if (is.evidence.has(hash)) return 'already_attached'
    is.evidence.add(hash)
    return true
  }),
  checkIn: open((is, now, unit: string) => {
    const one = is.who.get(unit)
    if (one === undefined) return 'not_asked'
    if (one.step !== there) return 'not_on_scene'
    one.late = false
    one.check = is.every === null ? null : now + is.every
    return true
  }),
  unitLate: open((is, now, unit: string) => {
    const one = is.who.get(unit)
    if (!one || one.check === null || one.check > now) return false
    one.check = null
    one.late = true
    return true
  }),
  clear: open((is, _, by: string, role: Role) => {
    if (is.cleared.some(one => one.by === by || one.role === role)) return 'second_role_needed'
    is.cleared.push({ by, role })
    return true
  }),
  close: open((is, _, text: string | null) => {
    if (is.bad === red && is.cleared.length < 2) return 'all_clear_missing'
    is.open = false
    is.due = null
    is.text = text
    return true
  }),
  reopen: (is: Case, now: number, reason: string, asked: readonly Asked[]): Said => {
    if (is.open) return 'not_closed'
    if (is.into !== null) return 'merged_away'
    if (reason.trim() === '') return 'reason_missing'
    is.open = true
    is.text = null
    is.reopened++
    is.who = new Map()
    ask(is, asked)
    afresh(is, now)
    return true
  },
  merge: (other: Case, into: Case, now: number, reason: string): Said => {
    if (!other.open) return 'already_closed'
    if (other === into) return 'merge_with_itself'
    if (reason.trim() === '') return 'reason_missing'
    if (!into.open) return 'already_closed'
    if (other.drill !== into.drill) return 'drill_is_not_real'
    const before = [into, other].map(each => ({ silent: silentIn(each), due: each.due, level: each.level }))
    const risen = other.bad > into.bad
    into.bad = Math.max(into.bad, other.bad)
    for (const agency of other.needs) into.needs.add(agency)
    for (const place of other.places) into.places.add(place)
    for (const alert of other.alerts) into.alerts.add(alert)
    for (const hash of other.evidence) into.evidence.add(hash)
    for (const [unit, one] of other.who) if (one.step > (into.who.get(unit)?.step ?? -2)) into.who.set(unit, { ...one })
    for (const [id, task] of other.tasks) if (!into.tasks.has(id)) into.tasks.set(id, { ...task })
    for (const id of [other.id, ...other.merged]) into.merged.add(id)
    const strict: readonly Enough[] = ['any', 'each_agency', 'all']
    into.enough = strict[Math.max(strict.indexOf(into.enough), strict.indexOf(other.enough))] ?? 'all'
    into.notes += other.notes
    into.steps.push(...other.steps)
    into.cleared = []
    watch(into, other.every, now)
    const still = [...silentIn(into)]
    const waited = before.filter(({ silent }) => still.some(agency => silent.has(agency)))
    const climbing = waited.filter(({ due }) => due !== null)
    if (risen || still.some(agency => !before.some(({ silent }) => silent.has(agency)))) afresh(into, now)
    else if (climbing.length > 0) {
      into.gave_up = false
      into.level = Math.min(...climbing.map(({ level }) => level))
      into.due = Math.min(...climbing.map(({ due }) => due ?? Infinity))
    } else {
      into.gave_up = still.length > 0
      if (into.gave_up) into.level = within_s.length - 1
      into.due = null
    }
    other.open = false
    other.due = null
    other.into = into.id
    other.text = reason
    return true
  },
  split: open((is, _, alerts: readonly string[], reason: string) => {
    if (reason.trim() === '') return 'reason_missing'
    if (alerts.some(alert => !is.alerts.has(alert))) return 'not_part_of_it'
    for (const alert of alerts) is.alerts.delete(alert)
    return true
  })
}

/** When time alone brings something next. */
export const earliest = (is: Case): number =>
  is.open
    ? Math.min(
        is.due ?? Infinity,
        ...[...is.who.values()].map(({ check }) => check ?? Infinity),
        ...[...is.tasks.values()].map(({ due, late, end }) => (late || end !== null ? Infinity : (due ?? Infinity)))
      )
    : Infinity

export const compare = (incident: Incident, is: Case): void =>
  mustRead(
    {
      open: incident.phase === 'open',
      bad: incident.severity,
      needs: [...incident.needs].sort(),
      silent: [...silentAgencies(incident)].sort(),
      level: incident.level,
      due: incident.due_at ?? null,
      gave_up: incident.unanswered,
      who: Object.values(incident.responses)
        .map(({ unit, agency, status, check_due_at, overdue_at }) => [
          unit,
          agency,
          statuses.indexOf(status),
          check_due_at ?? null,
          overdue_at !== undefined
        ])
        .sort(),
      places: [...placesOf(incident)].sort(),
      alerts: [...incident.alerts].sort(),
      steps: incident.notes.flatMap(({ step }) => (step === undefined ? [] : [step])).sort(),
      notes: incident.notes.length,
      tasks: (incident.tasks ?? [])
        .map(({ id, due_at, overdue_at, done, cancelled }) => [
          id,
          due_at ?? null,
          overdue_at !== undefined,
          done ? 'done' : cancelled ? 'cancelled' : null
        ])
        .sort(),
      evidence: (incident.attachments ?? []).map(({ sha256 }) => sha256).sort(),
      cleared: incident.all_clear.map(({ by, role }) => ({ by, role })),
      every: incident.accountability_s === undefined ? null : incident.accountability_s * 1000,
      into: incident.merged_into ?? null,
      text: incident.outcome_text ?? null,
      merged: [...(incident.merged ?? [])].sort(),
      reopened: incident.reopened?.length ?? 0,
      next: nextDue(incident)?.at
    },
    {
      open: is.open,
      bad: severities[is.bad],
      needs: [...is.needs].sort(),
      silent: [...silentIn(is)].sort(),
      level: is.level,
      due: is.due,
      gave_up: is.gave_up,
      who: [...is.who].map(([unit, { agency, step, check, late }]) => [unit, agency, step, check, late]).sort(),
      places: [...is.places].sort(),
      alerts: [...is.alerts].sort(),
      steps: [...is.steps].sort(),
      notes: is.notes,
      tasks: [...is.tasks].map(([id, { due, late, end }]) => [id, due, late, end]).sort(),
      evidence: [...is.evidence].sort(),
      cleared: is.cleared,
      every: is.every,
      into: is.into,
      text: is.text,
      merged: [...is.merged].sort(),
      reopened: is.reopened,
      next: earliest(is) === Infinity ? undefined : earliest(is)
    },
    `${is.id} is what the reference says`
  )
