/**
 * The early-warning rules at work: one memory per zone, device, series or camera, stepped by what is seen and by time.
 * It decides nothing about people; it only says that a rule has changed its mind.
 */

import { unsetClock } from './clock.ts'
import { shifted } from './domain/clock-step.ts'
import type { Hypothesis } from './domain/hypothesis.ts'
import { type Opinions, weigh } from './domain/opinions.ts'
import { isOld, isUnbelievable, type Reading } from './domain/reading.ts'
import type { CameraSight, OdditySight, PlaceSight, ReportSight, Rule, Sight, Verdict } from './domain/rules/rule.ts'
import type { Quantity, Severity } from './domain/vocabulary.ts'
import type { Sentence } from './domain/words.ts'
import type { ZoneNow } from './domain/zone.ts'
import type { Clock } from './ports.ts'

export type Subject = {
  readonly key: string
  readonly rule: string
  readonly zone: string
  readonly device?: string
  /** An exercise: everything that follows says so. */
  readonly drill?: true
}
export type Open = {
  readonly key: string
  readonly severity: Severity
  readonly because: Sentence
  readonly active: boolean
  readonly changed_at: number
}

/** What rules of a place have to know of it besides what they see, and where they say what the evidence is. */
export type Places = {
  readonly now: (zone: string) => PlaceSight
  readonly beside: (zone: string) => readonly string[]
  readonly weighed?: (subject: Subject, rule: Rule, hypothesis: Hypothesis) => void
}
const nowhere: Places = { now: () => ({ standing: [], settled: {} }), beside: () => [] }

export type Watch = {
  /** `as_of`: what it says is of then, and only now heard. */
  readonly reading: (reading: Reading, more?: Pick<Sight, 'as_of'>) => void
  /** A device said something, whatever it was. */
  readonly heard: (device: string, zone: string, reading: Reading, at: number) => void
  readonly zone: (zone: ZoneNow) => void
  readonly camera: (camera: CameraSight) => void
  /** Somebody reported something; `at` is when, for those heard again after a restart. */
  readonly report: (report: ReportSight, at: number) => void
  /** A step of a series was judged against what is usual. */
  readonly odd: (oddity: OdditySight) => void
  /** Silence of this device counts from now on. */
  readonly expect: (device: string, zone: string, at: number, silent_after_s?: number) => void
  readonly forget: (device: string) => void
  /** What was learned for this series or zone has changed: it counts from the next reading on. */
  readonly retune: (key: string) => void
  /** People have closed something there: what was known of the place before may count no more, and what held these alerts neither. */
  readonly settle: (zone: string, keys: ReadonlySet<string>) => void
  readonly close: () => void
}

type Seat = {
  readonly name: string
  readonly rule: Rule
  settings: unknown
  readonly subject: Subject
  memory: unknown
  cancel?: () => void
  wakes?: number
}

export const openWatch = (
  rules: ReadonlyMap<string, Rule>,
  settings: Readonly<Record<string, object>>,
  open: (key: string) => Open | undefined,
  wall: Clock,
  changed: (subject: Subject, rule: Rule, verdict: Verdict) => void,
  /** What each rule says for itself, whatever the others of its alert say. */
  said: (rule: string, subject: Subject, verdict: Verdict) => void = () => undefined,
  places: Places = nowhere,
  /** What a device has in place of a rule's settings. */
  ownOf: (device: string, settings: object) => object | undefined = () => undefined,
  /** What was learned for one series or zone, over all other settings as they are now. */
  tuned: (key: string, settings: object) => object | undefined = () => undefined
): Watch => {
  // Rules count how long something lasts: their time goes on as it did when the clock of the station is set.
  const clock = unsetClock(wall)
  const seats = new Map<string, Seat>()
  /** Of alerts through which several rules speak. */
  const opinions = new Map<string, Opinions>()
  const shared = new Set([...rules.values()].flatMap(({ joins }) => joins ?? []))
  const perSeries = new Map<Quantity, [string, Rule][]>()
  const of = (per: Rule['per']): [string, Rule][] => [...rules].filter(([, rule]) => rule.per === per)
  const [deviceRules, zoneRules, cameraRules, reportRules, placeRules, oddityRules] = [
    of('device'),
    of('zone'),
    of('camera'),
    of('reports'),
    of('place'),
    of('oddity')
  ]
  for (const [name, rule] of of('series')) {
    for (const quantity of rule.watches === 'anything' ? [] : rule.watches)
      perSeries.set(quantity, [...(perSeries.get(quantity) ?? []), [name, rule]])
  }
  const measured = new Map<Quantity, [string, Rule][]>()
  for (const [name, rule] of placeRules) {
    for (const quantity of rule.watches === 'anything' ? [] : rule.watches)
      measured.set(quantity, [...(measured.get(quantity) ?? []), [name, rule]])
  }
  const crowdRules = placeRules.filter(([, { sees_crowds }]) => sees_crowds === true)

  const settingsOf = (name: string, rule: Rule, key: string, device?: string, own?: object): object => {
    const usual = { ...(rule.settings as object), ...settings[name] }
    const all = { ...usual, ...(device !== undefined && ownOf(device, usual)), ...own }
    return { ...all, ...tuned(key, all) }
  }

  const seat = (subject: Subject, rule: Rule, quantity?: Quantity, own?: object): Seat => {
    const found = seats.get(subject.key)
    if (found !== undefined) return found
    const all = settingsOf(subject.rule, rule, subject.key, subject.device, own)
    const before = open(subject.key)
    const memory = before?.active ? rule.resume(before.severity, clock.own(before.changed_at), quantity, all) : rule.start
    const made: Seat = { name: subject.rule, rule, settings: all, subject, memory }
    seats.set(subject.key, made)
    return made
  }

  /** A rule of zones that joins another speaks in its name, and what is open under it counts for both. */
  const zoneSeat = (name: string, rule: Rule, zone: string): Seat => {
    const own = `${name}:${zone}`
    const found = seats.get(own)
    if (found !== undefined) return found
    const spoken = rule.joins ?? name
    const subject: Subject = { key: `${spoken}:${zone}`, rule: spoken, zone }
    const all = settingsOf(name, rule, own)
    const before = open(subject.key)
    const memory = before?.active ? rule.resume(before.severity, clock.own(before.changed_at), undefined, all) : rule.start
    if (before?.active && shared.has(spoken)) {
      const { severity, because } = before
      opinions.set(subject.key, new Map([...(opinions.get(subject.key) ?? []), [name, { raised: true, severity, because }]]))
    }
    const made: Seat = { name, rule, settings: all, subject, memory }
    seats.set(own, made)
    return made
  }

  const step = (at: Seat, sight: Sight): void => {
    const { memory, verdict, weighed } = at.rule.step(at.memory, sight, at.settings)
    at.memory = memory
    // Before the verdict: the incident that it may open begins with all that is known.
    if (weighed !== undefined) places.weighed?.(at.subject, at.rule, shifted(weighed, clock.steps()))
    if (verdict !== undefined) {
      said(at.name, at.subject, verdict)
      tell(at, verdict)
    }
    wake(at)
  }

  const tell = ({ name, rule, subject }: Seat, verdict: Verdict): void => {
    if (!shared.has(subject.rule)) {
      changed(subject, rule, verdict)
      return
    }
    const weighed = weigh(opinions.get(subject.key) ?? new Map(), name, verdict)
    opinions.set(subject.key, weighed.opinions)
    if (weighed.told !== undefined) changed(subject, rule, weighed.told)
  }

  /** One timer a seat, set late: a device that speaks every second moves its due time, not its timer. */
  const wake = (at: Seat): void => {
    const due = at.rule.nextDue?.(at.memory, at.settings)
    if (due === undefined || (at.wakes !== undefined && at.wakes <= due)) return
    at.cancel?.()
    at.wakes = due
    at.cancel = clock.wake(due, () => {
      delete at.wakes
      delete at.cancel
      step(at, at.rule.per === 'place' ? { at: clock.now(), place: placeOf(at.subject) } : { at: clock.now() })
    })
  }

  const settledOn = (settled: PlaceSight['settled']): PlaceSight['settled'] =>
    clock.steps() === 0 ? settled : Object.fromEntries(Object.entries(settled).map(([kind, at]) => [kind, clock.own(at)]))

  /** What is raised there by others: a rule that waits for itself would never speak again. */
  const placeOf = ({ key, zone }: Subject): PlaceSight => {
    const { standing, settled } = places.now(zone)
    return { standing: standing.filter(one => one.key !== key), settled: settledOn(settled) }
  }
  /** All rules of the place hear it, and those of the places beside it. */
  const inPlace = (zone: string, of: Pick<Sight, 'reading' | 'zone' | 'report'>, rules: readonly [string, Rule][] = []): void => {
    if (rules.length === 0) return
    for (const near of [zone, ...places.beside(zone)])
      for (const [name, rule] of rules) {
        const there = seat({ key: `${name}:${near}`, rule: name, zone: near }, rule)
        step(there, { at: clock.now(), ...of, place: placeOf(there.subject), ...(near !== zone && { beside: zone }) })
      }
  }

  return {
    reading: (reading, more) => {
      const { device, zone, quantity } = reading
      // What is heard late is judged when it is heard: nothing lasts backwards.
      const at = isOld(reading) ? clock.now() : clock.own(reading.at)
      for (const [name, rule] of perSeries.get(quantity) ?? [])
        step(seat({ key: `${name}:${device}:${quantity}`, rule: name, zone, device }, rule, quantity), { at, reading, ...more })
      // What was or cannot be is no evidence of what is.
      if (!isOld(reading) && !isUnbelievable(reading)) inPlace(zone, { reading: shifted(reading, -clock.steps()) }, measured.get(quantity))
    },
    heard: (device, zone, reading, at) => {
      for (const [name, rule] of deviceRules)
        step(seat({ key: `${name}:${device}`, rule: name, zone, device }, rule), { at: clock.own(at), reading })
    },
    zone: now => {
      const at = clock.now()
      const zone = shifted(now, -clock.steps())
      for (const [name, rule] of zoneRules) step(zoneSeat(name, rule, zone.id), { at, zone })
      inPlace(zone.id, { zone }, crowdRules)
    },
    camera: camera => {
      const at = clock.now()
      for (const [name, rule] of cameraRules)
        step(seat({ key: `${name}:${camera.id}`, rule: name, zone: camera.zone, device: camera.id }, rule), { at, camera })
    },
    report: ({ settled_at, ...what }, when) => {
      const at = clock.own(when)
      const report = { ...what, ...(settled_at !== undefined && { settled_at: clock.own(settled_at) }) }
      for (const [name, rule] of reportRules)
        step(seat({ key: `${name}:${report.zone}`, rule: name, zone: report.zone }, rule), { at, report })
      inPlace(report.zone, { report: { ...report, at } }, placeRules)
    },
    odd: oddity => {
      const { device, zone, quantity } = oddity
      for (const [name, rule] of oddityRules)
        step(seat({ key: `${name}:${device}:${quantity}`, rule: name, zone, device }, rule, quantity), { at: clock.now(), oddity })
    },
    expect: (device, zone, from, silent_after_s) => {
      const at = clock.own(from)
      const own = silent_after_s === undefined ? undefined : { after_s: silent_after_s }
      for (const [name, rule] of deviceRules)
        step(seat({ key: `${name}:${device}`, rule: name, zone, device }, rule, undefined, own), { at, last_heard: at })
    },
    forget: device => {
      for (const [key, { subject, cancel }] of seats) {
        if (subject.device !== device) continue
        cancel?.()
        seats.delete(key)
      }
    },
    retune: key => {
      const found = seats.get(key)
      if (found === undefined) return
      found.settings = settingsOf(found.name, found.rule, key, found.subject.device)
    },
    settle: (zone, keys) => {
      for (const at of [...seats.values()]) {
        if (at.rule.per === 'place' && at.subject.zone === zone) step(at, { at: clock.now(), place: placeOf(at.subject) })
        const due = at.rule.per === 'series' && keys.has(at.subject.key) ? at.rule.nextDue?.(at.memory, at.settings) : undefined
        // It only waited for its time to be over; the next word is news.
        if (due !== undefined) step(at, { at: due })
      }
    },
    close: () => {
      for (const { cancel } of seats.values()) cancel?.()
      seats.clear()
    }
  }
}
