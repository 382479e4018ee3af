/**
 * What is true of an alert, said again in sets and booleans without looking at how the duty desk does it: the reference that
 * random histories are held against, and the table of what may never be.
 */
import { type Alert, annunciated, longest_shelf_s, most_branches, nextDueOfAlert } from '../../edge/domain/alert.ts'
import { severities } from '../../edge/domain/vocabulary.ts'
import { mustBe, mustRead } from './histories.ts'

export type Reference = {
  over: boolean
  there: boolean
  bad: number
  worst: number
  episode: number
  seen: boolean
  confirmed: boolean
  released: boolean
  readonly latches: boolean
  readonly sounds_every?: number
  /** Earlier episodes nobody has seen, by the line of the screen they share. */
  lines: number[][]
  shelf: { first: number; until: number; once: boolean } | null
  /** By which alert. */
  explained: string | null
  /** How many changes were counted while it is held as there. */
  flaps: number | null
  works: { window: string; until: number } | null
  sounds_at: number | null
  sounded: number
  incident: string | null
  began: number
  changed: number
}
export const red = severities.indexOf('red')
export const endIfOver = (is: Reference): void => {
  is.over = !is.there && is.lines.length === 0 && (is.explained !== null || (is.seen && (!is.latches || is.released)))
}
export const soundAgain = (is: Reference, now: number): void => {
  is.sounds_at = is.there && is.sounds_every !== undefined ? now + is.sounds_every : null
}
export const returned = (is: Reference, now: number): true => {
  soundAgain(is, now)
  return true
}

/** What time brings to the reference: shelves and works end, and what is in plain sight sounds again. */
export const brought = (is: Reference, now: number): boolean => {
  if (is.over) return false
  if (is.shelf && is.shelf.until <= now) is.shelf = null
  else if (is.works !== null && is.works.until <= now) is.works = null
  else if (is.sounds_at !== null && is.sounds_at <= now && inSight(is)) {
    is.seen = is.confirmed = false
    is.sounded++
  } else return false
  is.changed = now
  return returned(is, now)
}
export const inSight = (is: Reference): boolean => is.shelf === null && is.works === null && !is.explained

export const compare = (alert: Alert, is: Reference): void => {
  const { acknowledged, confirmed, branches = [], shelved, suppressed, out_of_service } = alert
  mustRead(
    {
      over: alert.phase === 'closed',
      there: alert.active,
      bad: alert.severity,
      worst: alert.highest,
      episode: alert.episode ?? 1,
      seen: acknowledged !== undefined,
      confirmed: confirmed !== undefined,
      lines: branches.map(({ episode, times }) => [episode, times]),
      explained: suppressed?.cause ?? null,
      flaps: alert.flapping?.changes ?? null,
      sounded: alert.realarms ?? 0,
      sounds_at: alert.realarm_at ?? null,
      incident: alert.incident ?? null,
      began: alert.raised_at,
      changed: alert.changed_at,
      shelf: shelved ? { first: shelved.at, until: shelved.until, once: shelved.mode === 'one_shot' } : null,
      works: out_of_service ? { window: out_of_service.window, until: out_of_service.until } : null,
      called: annunciated(alert)
    },
    {
      over: is.over,
      there: is.there,
      bad: severities[is.bad],
      worst: severities[is.worst],
      episode: is.episode,
      seen: is.seen,
      confirmed: is.confirmed,
      lines: is.lines.map(line => [line.at(-1), line.length]),
      explained: is.explained,
      flaps: is.flaps,
      sounded: is.sounded,
      sounds_at: is.sounds_at,
      incident: is.incident,
      began: is.began,
      changed: is.changed,
      shelf: is.shelf,
      works: is.works,
      called: !is.over && inSight(is)
    },
    'the alert is what the reference says'
  )
}

/** What may never be, by OPC UA Part 9 (5.5 to 5.8) and ISA-18.2 (shelving, suppression by design, out of service). */
const laws: readonly (readonly [law: string, broken: (alert: Alert, now: number) => boolean])[] = [
  ['what is closed is not there any more', ({ phase, active }) => phase === 'closed' && active],
  ['what is closed was seen, or a cause explained it', a => a.phase === 'closed' && !a.acknowledged && !a.suppressed],
  ['what is closed has no unseen episode', ({ phase, branches }) => phase === 'closed' && (branches?.length ?? 0) > 0],
  ['what latched is closed only when reset, or explained', a => a.phase === 'closed' && a.latching === true && !a.reset && !a.suppressed],
  ['nothing red is shelved', ({ severity, shelved }) => severity === 'red' && shelved !== undefined],
  ['nothing red is suppressed', ({ severity, suppressed }) => severity === 'red' && suppressed !== undefined],
  ['a shelf ends within 8 h of the first shelving', ({ shelved }) => !!shelved && shelved.until > shelved.at + longest_shelf_s * 1000],
  ['a one-shot shelf is only for what is there', ({ shelved, active }) => shelved?.mode === 'one_shot' && !active],
  ['only what is there flaps', ({ flapping, active }) => flapping !== undefined && !active],
  ['what is confirmed was acknowledged', ({ confirmed, acknowledged }) => !!confirmed && !acknowledged],
  ['what was reset latches and is gone', ({ reset, latching, active }) => !!reset && (!latching || active)],
  ['only what is there sounds again', ({ realarm_at, active }) => realarm_at !== undefined && !active],
  ['what is there and re-alarms has its time', a => a.active && a.realarm_s !== undefined && a.realarm_at === undefined],
  ['no more lines than a screen has', ({ branches = [] }) => branches.length > most_branches],
  ['an empty list of branches is none', ({ branches }) => branches?.length === 0],
  [
    'branches rise and are earlier',
    a => (a.branches ?? []).some(({ episode }, i, all) => episode >= (all[i + 1]?.episode ?? a.episode ?? 1))
  ],
  ['it was never worse than its highest', a => severities.indexOf(a.severity) > severities.indexOf(a.highest)],
  ['what is gone says since when', ({ active, cleared_at }) => active === (cleared_at !== undefined)],
  ['a shelf that is over was ended', (a, now) => a.phase === 'open' && !!a.shelved && Math.min(a.shelved.until, nextAt(a)) < now],
  ['a shelf has a timer', a => a.phase === 'open' && !!a.shelved && nextAt(a) > a.shelved.until],
  ['a window has a timer', a => a.phase === 'open' && !!a.out_of_service && nextAt(a) > a.out_of_service.until],
  ['what is in sight and re-alarms has a timer', a => annunciated(a) && a.realarm_at !== undefined && nextAt(a) > a.realarm_at],
  ['time brings nothing to what is closed', a => a.phase === 'closed' && nextDueOfAlert(a) !== undefined]
]
const nextAt = (alert: Alert): number => nextDueOfAlert(alert)?.at ?? Infinity
export const lawful = (alert: Alert, now: number): void => {
  for (const [law, broken] of laws) mustBe(!broken(alert, now), law, alert)
}
