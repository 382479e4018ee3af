/** Turns what the domain knows into what the API answers, in the reader's language. What is not known is null, never 0. */
import type { Alert as DomainAlert } from '../domain/alert.ts'
import type { Event } from '../domain/event.ts'
import { actionFor, type Place } from '../domain/level-actions.ts'
import type { Reading as DomainReading } from '../domain/reading.ts'
import { type Unit as DomainUnit, onDuty } from '../domain/roster.ts'
import type { Sop } from '../domain/sops/sop.ts'
import { standInFor } from '../domain/stand-in.ts'
import {
  agencies,
  cameraStates,
  credentials,
  doubts,
  incidentKinds,
  isIncidentKind,
  isSeverity,
  type Locale,
  levels,
  motionLevels,
  quantities,
  roles,
  type Severity,
  uses
} from '../domain/vocabulary.ts'
import { inLanguage, nameOf, say } from '../domain/words.ts'
import type { ZoneNow } from '../domain/zone.ts'
import type { CameraNow, Desk, DeviceNow, Entry, ExpectedSeries, HistoryRow, Who } from '../ports.ts'
import { timesOf } from './language.ts'
import { namesOf } from './names.ts'
import { worstFirst } from './order.ts'
import { mayDo } from './policy.ts'
import { openAlertPresenter } from './present-alert.ts'
import { openBoardPresenter } from './present-board.ts'
import { openIncidentPresenter } from './present-incident.ts'
import type {
  ActionShape,
  CameraShape,
  DeviceShape,
  EntryShape,
  ExpectedSeriesShape,
  HistoryRowShape,
  MeShape,
  ReadingShape,
  ReportShape,
  SnapshotShape,
  StationShape,
  UnitShape,
  ZoneShape
} from './shapes.ts'

export type Presenter = ReturnType<typeof openPresenter>

/** A screen that opens in a storm is given the gravest; the board says how many there are, and each group is asked for when somebody looks. */
const most_in_snapshot = 300

export const openPresenter = (desk: Desk, sops: ReadonlyMap<string, Sop>, demo: boolean) => {
  const time = timesOf(desk.station.timezone)
  const timeOr = (at: number | undefined): string | null => (at === undefined ? null : time(at))
  const { zoneName, unitName } = namesOf(desk)

  const action = (zone: string, place: Place, level: Severity, locale: Locale): ActionShape => {
    const { do: text, source } = actionFor(desk.actions, zone, place, level)
    return { text: text[locale], source }
  }

  const station = (_: Locale): StationShape => {
    const uplink = desk.uplink()
    return {
      ...desk.station,
      now: time(desk.clock.now()),
      demo,
      zones: desk.zones().map(({ id, name }) => ({ id, name })),
      unpersisted: desk.journal.unpersisted(),
      troubles: desk.troubles().map(({ part, why }) => ({ part, why })),
      uplink: { ...uplink, since: time(uplink.since), backlog_hours_left: uplink.backlog_hours_left ?? null }
    }
  }

  const zone = (now: ZoneNow, locale: Locale): ZoneShape => {
    const [blue, yellow, orange, red] = now.limits_per_m2
    return {
      id: now.id,
      name: now.name,
      use: now.use,
      use_label: uses[now.use][locale],
      area_m2: now.area_m2,
      capacity: now.capacity ?? null,
      inside: now.inside ?? null,
      people_count: now.people_count ?? null,
      people_count_error: now.people_count_error ?? null,
      density_per_m2: now.density_per_m2 ?? null,
      density_error_per_m2: now.density_error_per_m2 ?? null,
      level: now.level,
      level_label: levels[now.level][locale],
      unsure: now.unsure === undefined ? null : say({ say: `unsure_${now.unsure}`, with: { zone: now.name } }, locale),
      since: time(now.since),
      age_seconds: now.age_seconds ?? null,
      limits_per_m2: { blue, yellow, orange, red },
      planned: [...(now.planned ?? [])],
      action: isSeverity(now.level) ? action(now.id, now.use, now.level, locale) : null,
      ...motionOf(now, locale),
      forecast: (now.outlook?.chances ?? []).map(chance => ({ ...chance })),
      outlook:
        now.outlook === undefined
          ? null
          : {
              per_minute: now.outlook.per_minute,
              path: now.outlook.path.map(point => ({ ...point })),
              arrivals: now.outlook.arrivals.map(({ threshold_per_m2, earliest, middle, latest }) => ({
                threshold_per_m2,
                earliest_minutes: earliest ?? null,
                middle_minutes: middle ?? null,
                latest_minutes: latest ?? null
              }))
            },
      sources: now.sources.map(source => ({ ...source }))
    }
  }

  const motionOf = ({ motion }: ZoneNow, locale: Locale) => ({
    speed_m_per_s: motion?.speed_m_per_s ?? null,
    direction_degrees: motion?.direction_degrees ?? null,
    crowd_pressure_per_s2: motion?.crowd_pressure_per_s2 ?? null,
    motion_level: motion?.motion_level ?? null,
    motion_label: motion?.motion_level === undefined ? null : motionLevels[motion.motion_level][locale],
    flow: motion?.flow.map(line => ({ ...line })) ?? []
  })

  const names = { time, zoneName, unitName }
  /** What a crowd or a full site asks for, as long as it is there. */
  const alertAction = ({ active, kind, zone, severity }: DomainAlert, locale: Locale): ActionShape | null => {
    const use = kind === 'crowd' ? desk.zones().find(({ id }) => id === zone)?.use : undefined
    const place = kind === 'capacity' ? kind : use
    return active && place !== undefined ? action(zone, place, severity, locale) : null
  }
  const alert = openAlertPresenter(names, state => standInFor(state, { ...desk.roster(), at: desk.clock.now() }), alertAction)
  const board = openBoardPresenter(names)
  const { incident, incidentJson } = openIncidentPresenter(names, desk.clock, sops)

  const reading = (from: DomainReading, locale: Locale): ReadingShape => ({
    device: from.device,
    zone: from.zone,
    quantity: from.quantity,
    quantity_label: quantities[from.quantity].label[locale],
    unit: quantities[from.quantity].unit,
    value: from.value,
    at: time(from.at),
    quality: from.quality,
    doubt: from.doubt ?? null,
    doubt_label: from.doubt === undefined ? null : doubts[from.doubt][locale]
  })

  const historyRow = (row: HistoryRow): HistoryRowShape => ({ ...row, at: time(row.at) })

  const unreadable = ({ at, topic, payload, why, expected }: NonNullable<DeviceNow['last_unreadable']>, locale: Locale) => ({
    at: time(at),
    topic,
    payload,
    why: inLanguage(why, locale),
    place: expected?.place ?? null,
    wants: expected?.wants?.[locale] ?? null,
    example: expected?.example ?? null
  })

  const expected = (of: ExpectedSeries, steps: number, locale: Locale): ExpectedSeriesShape => {
    const { label, unit, min } = quantities[of.quantity]
    // Below what the quantity can be nobody expects anything.
    const bounded = (value: number | undefined): number | null => (value === undefined ? null : Math.max(min, tidy(value)))
    return {
      device: of.device,
      zone: of.zone,
      zone_name: zoneName(of.zone),
      quantity: of.quantity,
      quantity_label: label[locale],
      unit: nameOf('measure', unit, locale),
      learnt_days: Math.floor(of.learnt_days * 10) / 10,
      learning: of.learning,
      steps: of.steps.slice(Math.max(0, of.steps.length - steps)).map(({ at, value, usual, low, high, odd }) => ({
        at: time(at),
        value: tidy(value),
        usual: bounded(usual),
        low: bounded(low),
        high: bounded(high),
        odd
      }))
    }
  }

  const device = (now: DeviceNow, locale: Locale): DeviceShape => ({
    id: now.id,
    profile: now.profile,
    zone: now.zone,
    zone_name: zoneName(now.zone),
    topic: now.topic,
    name: now.name ?? null,
    via: now.via ?? null,
    credential: now.credential ?? 'password',
    credential_label: credentials[now.credential ?? 'password'][locale],
    limits: Object.fromEntries(Object.entries(now.limits ?? {}).map(([quantity, steps]) => [quantity, [...steps]])),
    in_file: now.in_file ?? false,
    online: now.online,
    last_seen: timeOr(now.last_seen),
    last_readings: now.last_readings.map(from => reading(from, locale)),
    unreadable_total: now.unreadable_total,
    quarantined_total: now.quarantined_total,
    last_unreadable: now.last_unreadable === undefined ? null : unreadable(now.last_unreadable, locale)
  })

  const camera = (now: CameraNow, locale: Locale): CameraShape => ({
    id: now.id,
    zone: now.zone,
    zone_name: zoneName(now.zone),
    state: now.state,
    state_label: cameraStates[now.state][locale],
    since: time(now.since),
    why: inLanguage(now.why, locale),
    fps: now.fps,
    fps_wanted: now.fps_wanted,
    fps_given: now.fps_given,
    ms_per_picture: now.ms_per_picture,
    frames_total: now.frames_total,
    frames_skipped_total: now.frames_skipped_total,
    restarts_total: now.restarts_total,
    // An old count is never shown as live.
    people_count: now.state === 'live' ? (now.scene?.people_count ?? null) : null,
    people_count_error: now.state === 'live' ? (now.scene?.people_count_error ?? null) : null,
    seen_at: timeOr(now.scene?.at)
  })

  const unit = (from: DomainUnit, locale: Locale): UnitShape => ({
    id: from.id,
    name: from.name,
    agency: from.agency,
    agency_label: agencies[from.agency][locale],
    members: [...from.members],
    zones: [...from.zones],
    commands: from.commands,
    on_duty: onDuty(from, desk.clock.now(), desk.station.timezone, desk.roster().plan)
  })

  const me = (who: Who, locale: Locale): MeShape => ({
    name: who.name,
    agency: who.agency ?? null,
    agency_label: who.agency === undefined ? null : agencies[who.agency][locale],
    roles: [...who.roles],
    role_labels: who.roles.map(role => roles[role][locale]),
    units: who.units.map(id => ({ id, name: unitName(id) })),
    machine: who.machine,
    scopes: [...who.scopes],
    may: mayDo(who)
  })

  const entry = ({ seq, event }: Entry): EntryShape => ({ seq, ...event, at: time(event.at) })

  const report = (event: Extract<Event, { type: 'report_received' }>, locale: Locale): ReportShape => ({
    id: event.id,
    at: time(event.at),
    zone: event.zone,
    zone_name: zoneName(event.zone),
    kind: event.kind,
    kind_label: isIncidentKind(event.kind) ? incidentKinds[event.kind][locale] : event.kind,
    text: event.text,
    by: event.by
  })

  const snapshot = (locale: Locale): SnapshotShape => ({
    station: station(locale),
    zones: desk.zones().map(now => zone(now, locale)),
    board: board(desk.board(), locale),
    alerts: desk
      .alerts()
      .filter(({ phase }) => phase === 'open')
      .sort(worstFirst)
      .slice(0, most_in_snapshot)
      .map(state => alert(state, locale)),
    incidents: desk
      .incidents()
      .filter(({ phase }) => phase === 'open')
      .map(state => incident(state, locale)),
    cameras: desk.cameras.list().map(now => camera(now, locale)),
    devices: desk.devices().map(now => device(now, locale))
  })

  return {
    time,
    zoneName,
    station,
    zone,
    alert,
    board,
    incident,
    incidentJson,
    reading,
    historyRow,
    expected,
    device,
    camera,
    unit,
    me,
    entry,
    report,
    snapshot
  }
}

/** Four digits are all that a chart or a person can use of it. */
const tidy = (value: number): number => Number(value.toPrecision(4))
