/**
 * The station without its wires: state, desk, rules, zones and what screens hear, over a clock, a journal and a history.
 * The real station and every story of the tests open this same one.
 */
import { randomBytes } from 'node:crypto'
import { type OpenBoard, openBoard } from './board.ts'
import { onStep } from './clock.ts'
import { type DeskParts, type DutyDesk, openDesk } from './desk.ts'
import type { Alert } from './domain/alert.ts'
import type { CalendarEntry } from './domain/calendar.ts'
import { type Cover, coversOf } from './domain/cover.ts'
import { nothingHangs } from './domain/dependency.ts'
import { settingsWith } from './domain/device-limits.ts'
import { type Event, isAlertEvent, isIncidentEvent, isMaintenanceEvent, isPageEvent, isTuningEvent } from './domain/event.ts'
import { type Incident, placesOf } from './domain/incident.ts'
import { tunedWith } from './domain/proposal.ts'
import type { Reading } from './domain/reading.ts'
import type { Person, Roster, Unit } from './domain/roster.ts'
import odd, { isOdd } from './domain/rules/odd.ts'
import type { CameraSight, Rule } from './domain/rules/rule.ts'
import type { Scene } from './domain/scene.ts'
import type { Template } from './domain/templates/template.ts'
import type { Quantity } from './domain/vocabulary.ts'
import type { Zone, ZoneNow } from './domain/zone.ts'
import { type Floor, openFloor } from './floor.ts'
import { openForesight } from './foresight.ts'
import { type Live, openLive } from './live.ts'
import { type Oddities, openOddities } from './oddities.ts'
import { openPlaces } from './places.ts'
import type { Clock, Entry, History, Journal, Judge, Tuning } from './ports.ts'
import { cover_rule, openRosterDesk, type RosterDesk } from './roster-desk.ts'
import { beside, openShadows, type Shadow } from './shadow.ts'
import { apply, emptyState, fromSnapshot, type Reported, type State } from './state.ts'
import { telemetryOf } from './telemetry.ts'
import { openTuning } from './tuning.ts'
import { openWatch, type Watch } from './watch.ts'

export type DutyParts = {
  readonly clock: Clock
  readonly journal: Journal
  readonly history: History
  readonly station: { readonly id: string; readonly timezone: string; readonly version: string }
  readonly zones: readonly Zone[]
  readonly units: readonly Unit[]
  readonly people?: readonly Person[]
  /** How few may be on duty; the template's when this is empty. */
  readonly cover?: readonly Cover[]
  readonly template: Template
  readonly calendar?: readonly CalendarEntry[]
  readonly rules: ReadonlyMap<string, Rule>
  /** Changes to the rules' settings at this station, over those of the template. */
  readonly ruleSettings?: Readonly<Record<string, object>>
  /** Who says what is out of the ordinary, and of which quantities; without, nobody does. */
  readonly oddities?: { readonly judge: Judge; readonly quantities: readonly Quantity[] }
  /** Rules on trial: they see everything and call nobody. */
  readonly shadows?: readonly Shadow[]
  readonly log: (message: string, fields?: object) => void
  readonly tell?: Partial<Told>
  /** Something new is on disk. */
  readonly kept?: () => void
} & Partial<Pick<DeskParts, 'call' | 'heard' | 'wiring'>> & {
    readonly drill?: boolean
  }
/** What other systems hear, over MQTT. */
export type Told = {
  readonly reading: (reading: Reading) => void
  readonly zone: (zone: ZoneNow) => void
  readonly alert: (alert: Alert) => void
  readonly incident: (incident: Incident) => void
}

export type DutyRoom = {
  readonly state: State
  readonly desk: DutyDesk
  /** Limits learned from history. */
  readonly tuning: Tuning
  readonly roster: RosterDesk
  readonly floor: Floor
  readonly watch: Watch
  readonly oddities: Oddities
  readonly live: Live
  /** What stands on everybody's board. */
  readonly board: OpenBoard
  readonly epoch: string
  /** How long a device may say nothing where station.yaml does not say. */
  readonly silent_after_s: number
  readonly hear: (readings: readonly Reading[], device: string) => Promise<void>
  readonly see: (scene: Scene, zone: string) => Promise<void>
  readonly camera: (camera: CameraSight, why: string) => Promise<void>
  /** What a person reported: kept, and added up with what others say of the same place. */
  readonly report: (report: Reported) => Promise<void>
  readonly close: () => Promise<void>
}

export const openDuty = (parts: DutyParts): DutyRoom => {
  const { clock: wall, journal, history, station, zones, units, template, rules, ruleSettings, log, tell = {}, kept, drill = false } = parts
  const state = foldJournal(journal, log)
  // Nobody reads the new time off a clock that was set before what is open has moved with it.
  const clock: Clock = {
    ...wall,
    now: () => {
      steps?.look()
      return wall.now()
    }
  }
  let steps: ReturnType<typeof onStep> | undefined
  const epoch = randomBytes(6).toString('hex')
  const telemetry = telemetryOf(station.id)
  const live = openLive(epoch, state.epochs, journal.last(), (after, before) => replay(journal, state, after, before))
  let rulesSaid: Promise<void>[] = []

  const keepLines = (lines: readonly (string | undefined)[]): void => {
    const present = lines.filter(line => line !== undefined)
    // Nobody waits for these: what is let go is counted by the history itself.
    if (present.length > 0) history.keep(present).catch(() => undefined)
  }
  const roster = (): Roster => ({ units, people: parts.people ?? [], timezone: station.timezone, plan: state.roster.changes })
  const places = openPlaces(state, zones, drill)
  const isAlert = (subject: Alert | Incident): subject is Alert => 'rule' in subject
  const board = openBoard({ clock, state, show: now => live.show('board', now) })
  const desk = openDesk({
    clock,
    journal,
    state,
    live,
    duty: () => ({ ...roster(), at: clock.now(), zones, busy: busyUnits(state.incidents.values()) }),
    template,
    zones,
    telemetry,
    keepLines,
    tell: subject => (isAlert(subject) ? tell.alert?.(subject) : tell.incident?.(subject)),
    call: parts.call ?? (() => undefined),
    heard: entry => {
      if (isAlertEvent(entry.event) || isIncidentEvent(entry.event)) places.changed()
      const alert = isAlertEvent(entry.event) ? state.alerts.get(entry.event.id) : undefined
      if (alert !== undefined) board.changed(alert)
      if (isTuningEvent(entry.event)) watch.retune(entry.event.id)
      if (entry.event.type === 'incident_closed') {
        const incident = state.incidents.get(entry.event.id)
        const keys = new Set((incident?.alerts ?? []).flatMap(id => state.alerts.get(id)?.key ?? []))
        for (const zone of incident === undefined ? [] : placesOf(incident)) watch.settle(zone, keys)
      }
      parts.heard?.(entry)
    },
    kept: kept ?? (() => undefined),
    wiring: parts.wiring ?? nothingHangs,
    log,
    drill
  })
  const rosterDesk = openRosterDesk({
    clock,
    state: () => state.roster,
    roster,
    covers: coversOf(parts.cover ?? [], template.cover, units),
    first: template.agencies[0] ?? 'police',
    // The path check is nobody's to hand over.
    open: () => [...state.incidents.values()].filter(({ phase, kind }) => phase === 'open' && kind !== 'path'),
    record: desk.record,
    raise: (subject, verdict) => desk.verdict(subject, { kind: 'cover' }, verdict),
    warned: () =>
      [...state.byKey].flatMap(([key, id]) => (state.alerts.get(id)?.rule === cover_rule ? [{ key, rule: cover_rule, zone: '' }] : [])),
    log
  })
  const open = (key: string) => {
    const id = state.byKey.get(key)
    return id === undefined ? undefined : state.alerts.get(id)
  }
  const settings = Object.fromEntries([...rules.keys()].map(rule => [rule, { ...template.rules[rule], ...ruleSettings?.[rule] }]))
  const ownOf = (device: string, usual: object): object | undefined => settingsWith(usual, state.enrolled.get(device)?.limits)
  const learned = (key: string, present: object): object | undefined => {
    const one = state.tuned.get(key)
    return one && tunedWith(rules.get(one.rule)?.tunes, one, present, zones)
  }
  const onDuty = openWatch(
    rules,
    settings,
    open,
    clock,
    (subject, rule, verdict) => void rulesSaid.push(desk.verdict(subject, rule, verdict)),
    (rule, { zone }, verdict) => {
      if (rule === 'crowd-forecast') foresight.said(zone, verdict)
    },
    { ...places, weighed: ({ zone }, { kinds = [] }, hypothesis) => void rulesSaid.push(desk.weighed(zone, kinds, hypothesis, drill)) },
    ownOf,
    learned
  )
  const shadows = openShadows({
    shadows: parts.shadows ?? [],
    rules,
    settings,
    clock,
    places,
    ownOf,
    learned,
    fired: event => void rulesSaid.push(desk.record([event]))
  })
  const watch = beside(onDuty, shadows)
  const foresight = openForesight({
    clock,
    station: station.id,
    record: () => state.forecasts,
    happened: events => void rulesSaid.push(desk.record(events)),
    keep: (zone, outlook) => keepLines([telemetry.forecast(zone, outlook)])
  })
  const oddly = { ...odd.settings, ...settings.odd }
  const oddities = openOddities({
    clock,
    timezone: station.timezone,
    quantities: parts.oddities?.quantities ?? [],
    judge: parts.oddities?.judge ?? { judge: async () => [] },
    odd: watch.odd,
    keep: (of, step, score) => keepLines([telemetry.expected(of, step, score)]),
    rule: { learn_days: oddly.learn_days, isOdd: sight => isOdd(sight, oddly) }
  })
  const saidByRules = (): readonly Promise<void>[] => {
    const said = rulesSaid
    rulesSaid = []
    return said
  }
  const alarmed = ({ device, zone, quantity, value, at }: Reading): Promise<void> =>
    desk.record([{ type: 'device_alarmed', id: device, at: clock.now(), zone, quantity, value, measured_at: at }])
  const floor = openFloor({
    clock,
    zones,
    history,
    telemetry,
    watch,
    foresight,
    oddities,
    live,
    alarmed,
    saidByRules,
    tellReading: tell.reading ?? (() => undefined),
    tellZone: tell.zone ?? (() => undefined),
    timezone: station.timezone,
    calendar: parts.calendar ?? [],
    tallies: state.gates,
    tallied: (id, tally, left_over) =>
      void desk.record([
        left_over === undefined
          ? { type: 'gates_counted', id, at: clock.now(), tally }
          : { type: 'gates_closed', id, at: clock.now(), tally, left_over }
      ])
  })

  /** When people last closed what reports of a zone had raised: what was said before that counts no more. */
  const settledAt = (zone: string): number | undefined =>
    [...state.closed.alerts].findLast(([id]) => {
      const alert = state.alerts.get(id)
      return alert?.rule === 'reports' && alert.zone === zone
    })?.[1]
  const weigh = ({ id, by, zone, kind, text, at }: Reported): void => {
    const settled_at = settledAt(zone)
    watch.report({ id, by, zone, kind, text, ...(settled_at !== undefined && { settled_at }) }, at)
  }
  const stepped = (by_ms: number): void => {
    log(`the clock was ${by_ms > 0 ? 'put forward' : 'put back'} by ${Math.round(Math.abs(by_ms) / 1000)} s`, { by_ms })
    floor.stepped(by_ms)
    void desk.record([{ type: 'clock_stepped', id: station.id, at: clock.now(), by_ms }])
    board.stepped(by_ms)
    places.changed()
    // Every moment that was waited for is another now.
    desk.start()
    rosterDesk.start()
    for (const alert of state.alerts.values()) if (alert.phase === 'open' && alert.kind !== 'path') live.show('alert', alert)
    for (const incident of state.incidents.values()) if (incident.phase === 'open') live.show('incident', incident)
  }
  // Without its battery a clock begins in the past: what was going on then goes on from where it was written last, before anything is weighed.
  const behind_ms = (journal.read(journal.last() - 1, 1)[0]?.event.at ?? 0) - clock.now()
  if (behind_ms > in_the_past_ms) void desk.record([{ type: 'clock_stepped', id: station.id, at: clock.now(), by_ms: -behind_ms }])
  for (const report of state.reports) weigh(report)
  steps = onStep(wall, stepped)

  void desk.record([{ type: 'station_started', id: station.id, at: clock.now(), epoch, version: station.version }])
  desk.start()
  rosterDesk.start()

  const tuning = openTuning({
    clock,
    state,
    history,
    rules,
    settingsFor: ({ rule, device }) => {
      const usual = { ...(rules.get(rule)?.settings as object), ...settings[rule] }
      return { ...usual, ...(device !== undefined && ownOf(device, usual)) }
    },
    zones: floor.zones,
    latest: floor.latest,
    record: desk.record
  })

  return {
    state,
    desk,
    tuning,
    roster: rosterDesk,
    floor,
    watch,
    oddities,
    live,
    board,
    epoch,
    silent_after_s: silenceOf({ ...(rules.get('silent')?.settings as object | undefined), ...settings.silent }),
    hear: (readings, device) => {
      steps?.look()
      return floor.hear(readings, device)
    },
    see: (scene, zone) => {
      steps?.look()
      return floor.see(scene, zone)
    },
    camera: (camera, why) => {
      if (camera.state !== 'live') floor.blind(camera.id)
      watch.camera(camera)
      const changed = desk.record([{ type: 'camera_changed', id: camera.id, at: clock.now(), state: camera.state, why }])
      return Promise.all([changed, ...saidByRules()]).then(() => undefined)
    },
    report: report => {
      const kept = desk.record([report])
      weigh(report)
      return Promise.all([kept, ...saidByRules()]).then(() => undefined)
    },
    close: async () => {
      // A step of this very second is still told; after that none may set going again what is ended below.
      steps?.look()
      steps?.end()
      watch.close()
      board.close()
      oddities.close()
      floor.close()
      foresight.close()
      rosterDesk.close()
      const stopped = desk.record([{ type: 'station_stopped', id: station.id, at: clock.now() }])
      desk.close()
      await stopped
    }
  }
}

/** On the way to something that is open, or there. */
const busyUnits = (incidents: Iterable<Incident>): ReadonlySet<string> =>
  new Set(
    [...incidents]
      .filter(({ phase }) => phase === 'open')
      .flatMap(({ responses }) => Object.values(responses))
      .filter(({ status }) => status === 'acknowledged' || status === 'en_route' || status === 'on_scene')
      .map(({ unit }) => unit)
  )

const page = 1000
const silenceOf = ({ after_s = 4000 }: { readonly after_s?: number }): number => after_s
/** A clock that is behind its own journal by more has lost its time. */
const in_the_past_ms = 60_000

/** From the newest snapshot that this version understands, or from the beginning. */
const foldJournal = (journal: Journal, log: DutyParts['log']): State => {
  const snapshot = journal.snapshot()
  const restored = snapshot && fromSnapshot(snapshot.state)
  const state = restored ?? emptyState()
  let after = restored && snapshot ? snapshot.seq : 0
  for (;;) {
    const entries = journal.read(after, page)
    for (const entry of entries) {
      if (follows(state, entry.event)) apply(state, entry)
      else
        log(
          `entry ${entry.seq}, ${entry.event.type}, speaks of ${entry.event.id}, whose beginning was lost; it stays in the journal and out of the state`
        )
    }
    after = entries.at(-1)?.seq ?? after
    if (entries.length < page) return state
  }
}

/** Only a damaged journal holds the middle of a story without its beginning. */
const follows = (state: State, event: Event): boolean =>
  isAlertEvent(event)
    ? event.type === 'alert_raised' || state.alerts.has(event.id) || (event.type === 'alert_changed' && event.state !== undefined)
    : isIncidentEvent(event)
      ? event.type === 'incident_opened' || 'state' in event || state.incidents.has(event.id)
      : isMaintenanceEvent(event)
        ? event.type === 'maintenance_planned' || state.maintenance.has(event.id)
        : event.type !== 'drill_over' || state.drills.has(event.id)

/** What a screen missed, told by what is now true of each subject: the same numbers, the present state. */
const replay = (journal: Journal, state: State, after: number, before: number) => {
  const missed: { seq: number; type: string; data: unknown }[] = []
  for (let from = after; ; ) {
    const entries: readonly Entry[] = journal.read(from, page)
    for (const { seq, event } of entries) {
      if (seq >= before) return missed
      const subject = state.alerts.get(event.id) ?? state.incidents.get(event.id)
      if (event.type.startsWith('alert_') && subject) missed.push({ seq, type: 'alert', data: subject })
      else if (event.type.startsWith('incident_') && subject) missed.push({ seq, type: 'incident', data: subject })
      else if (!subject && !isPageEvent(event))
        missed.push({ seq, type: 'station', data: { type: event.type, id: event.id, at: event.at } })
    }
    from = entries.at(-1)?.seq ?? from
    if (entries.length < page) return missed
  }
}
