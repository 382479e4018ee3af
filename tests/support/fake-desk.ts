/**
 * A desk without a station behind it: the real duty room over a journal in memory, with made-up cameras and devices,
 * and levers for what tests want to happen: an alert, people in a zone, a slow disk, a part in trouble.
 */
import { openCalibrations } from '../../edge/calibrations.ts'
import { realClock } from '../../edge/clock.ts'
import type { Alert } from '../../edge/domain/alert.ts'
import { cellsOf, type Watcher } from '../../edge/domain/coverage.ts'
import { type RunCard, runCard } from '../../edge/domain/dispatch.ts'
import type { Incident } from '../../edge/domain/incident.ts'
import { type Kept, upkeepOf } from '../../edge/domain/upkeep.ts'
import type { Agency } from '../../edge/domain/vocabulary.ts'
import { openDrills } from '../../edge/drills.ts'
import { type DutyRoom, openDuty } from '../../edge/duty.ts'
import type { CameraNow, Clock, Desk, DeviceNow, ExpectedSeries, History, HistoryRow } from '../../edge/ports.ts'
import { readScenarios } from '../../edge/scenario.ts'
import { openSearch, type Search } from '../../edge/search.ts'
import { shadowsNow } from '../../edge/shadow.ts'
import { openTuning } from '../../edge/tuning.ts'
import { definitions } from './duty.ts'
import { openFakeOnboarding } from './fake-onboarding.ts'
import { people, units, zones } from './fake-people.ts'
import { type FakePreview, openFakePreview } from './fake-preview.ts'
import { memoryJournal } from './memory-journal.ts'
import { memorySafe } from './memory-safe.ts'

export type FakeDesk = Desk & {
  readonly preview: FakePreview
  /** What was said to the onboarding, and what it did. */
  readonly let_in: ReturnType<typeof openFakeOnboarding>
  /** Levers of the tests. */
  readonly people: (zone: string, count: number, error?: number) => void
  readonly raise: (
    alert: Partial<Alert> & { readonly kind: Alert['kind']; readonly zone: string },
    needs: readonly Agency[]
  ) => Incident | undefined
  /** What raised the alert has gone. */
  readonly clear: (alert: string) => void
  readonly camera: (id: string, change: Partial<CameraNow>) => void
  readonly slowDisk: (slow: boolean) => void
  readonly troubled: (part: string, why: string) => void
  readonly history_rows: HistoryRow[]
  /** Watched series, as charts ask for them. */
  readonly expected_series: ExpectedSeries[]
  readonly duty: DutyRoom
  readonly close: () => void
}

const station = {
  id: 'demo-hub',
  name: '人民广场枢纽联勤警务站',
  template: 'transport-hub',
  locale: 'zh-CN',
  timezone: 'Asia/Shanghai',
  version: '0.1.0'
} as const

export const openFakeDesk = (clock: Clock = realClock): FakeDesk => {
  const hub = definitions.templates.get(station.template)
  const reports = definitions.rules.get('reports')
  const hazard = definitions.rules.get('joint-hazard')
  const odd = definitions.rules.get('odd')
  if (hub === undefined || reports === undefined || hazard === undefined || odd === undefined)
    throw new Error('the transport hub, the rules of reports, of fire and gas, and of what is odd are part of the station')
  const cards: RunCard[] = [...hub.cards]
  const journal = memoryJournal()
  const history_rows: HistoryRow[] = []
  const expected_series: ExpectedSeries[] = []
  const history = rowsOf(history_rows)
  // What cameras and sensors would raise is raised by the tests; only people's reports, and what belongs with them, add up by themselves.
  const rules = new Map([
    ['reports', reports],
    ['joint-hazard', hazard],
    ['odd', odd]
  ])
  const trials = [{ id: 'hasty-reports', rule: 'reports', settings: { amber_at: 1 } }]
  let drills: ReturnType<typeof openDrills> | undefined
  let looking: Search | undefined
  const duty = openDuty({
    clock,
    journal,
    history,
    station,
    zones,
    units,
    people: Object.entries(people).flatMap(([name, { agency, roles }]) =>
      agency === undefined ? [] : [{ name, agency, roles, qualifications: name === 'wang' ? ['crowd_steward'] : [] }]
    ),
    template: { ...hub, cards },
    rules,
    shadows: trials,
    log: () => undefined,
    heard: entry => {
      drills?.heard(entry)
      looking?.heard(entry)
    }
  })
  const { desk, state, floor, live } = duty
  const scenarios = readScenarios()
  const played = openDrills({ clock, duty, definitions, scenarios, zones, timezone: station.timezone })
  drills = played
  const retention = { after_closure_ms: 86_400_000, at_most_ms: 30 * 86_400_000 }
  const search = openSearch({ clock, safe: memorySafe(), retention, incidents: state.incidents, desk, log: () => undefined })
  looking = search
  const cameras = new Map(zones.slice(0, 2).map((zone, i) => [`cam-${i + 1}`, cameraOf(`cam-${i + 1}`, zone.id, clock.now())]))
  const still: Desk['cameras']['still'] = async id =>
    cameras.get(id)?.state === 'live'
      ? { jpeg: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), picture: { width: 640, height: 480 }, estimate: 20 }
      : { failed: 'no frame' }
  const calibrations = openCalibrations(
    {
      config: {
        cameras: [...cameras.values()].map(({ id, zone }) => ({ id, zone, url: 'rtsp://10.0.0.5/live', fps: 2, masks: [], lines: [] }))
      },
      clock,
      duty,
      cameras: {
        still,
        teach: () => undefined,
        model: () => ({ sha256: 'ab', band: { absolute: 1, relative: 0.2, scores: [0.5, 1, 2], most_people: 300 } })
      },
      preview: { teach: () => undefined }
    },
    zones
  )
  const devices = [smokeDetector(clock.now())]
  const let_in = openFakeOnboarding(clock, duty, hub, zones)
  const battery = Array.from({ length: 28 }, (_, i) => ({ at: clock.now() - (28 - i) * 12 * 3_600_000, value: 40 - i / 2 }))
  const kept: Kept[] = devices.map(({ id, zone, last_seen, last_readings }) => ({
    id,
    zone,
    last_seen,
    silent_after_s: 4000,
    readings: [...last_readings, { device: id, zone, quantity: 'battery_percent', value: 26, at: clock.now(), quality: 'good' }],
    battery,
    link: [],
    firmware: [],
    unreadable: { total: 4, last_at: clock.now() }
  }))
  const since = clock.now() - 12 * 60_000
  const watchers: Watcher[] = [
    { id: 'smoke-b3', zone: 'platform-1', hazard: 'smoke', sight: 'sees' },
    { id: 'smoke-b4', zone: 'platform-1', hazard: 'smoke', sight: 'blind', why: 'silent', since },
    { id: 'smoke-h1', zone: 'hall', hazard: 'smoke', sight: 'blind', why: 'removed', since },
    { id: 'smoke-b3', zone: 'platform-1', hazard: 'heat', sight: 'sees' },
    { id: 'cam-1', zone: 'platform-1', hazard: 'crowd', sight: 'sees' },
    { id: 'cam-2', zone: 'hall', hazard: 'crowd', sight: 'unsure', why: 'starting', since }
  ]
  const troubles: { part: string; why: string }[] = []
  let number = 0

  return {
    clock,
    station,
    epoch: duty.epoch,
    units: () => units,
    zones: floor.zones,
    actions: [],
    alerts: () => [...state.alerts.values()],
    board: duty.board.now,
    members: duty.board.members,
    incidents: () => [...state.incidents.values()],
    devices: () => [...devices, ...let_in.sensors.list()],
    coverage: () => cellsOf(watchers),
    upkeep: async () => upkeepOf(kept, clock.now()),
    steps: () => state.steps,
    shadows: () => shadowsNow(trials, state.shadows),
    cameras: {
      list: () => [...cameras.values()],
      budget: () => undefined,
      attend: () => undefined,
      accept: () => undefined,
      still,
      counters: () => ({}),
      close: async () => undefined
    },
    calibrations,
    preview: openFakePreview(() => [...cameras.keys()], clock.now),
    history,
    journal: {
      ...journal,
      append: () => {
        throw new Error('the console never writes the journal itself')
      }
    },
    uplink: () => ({
      configured: true,
      online: true,
      why: '',
      since: clock.now(),
      behind_seconds: 0,
      backlog_records: 0,
      backlog_hours_left: undefined
    }),
    counters: () => ({ readings_total: 12, unreadable_total: 1 }),
    expected: () => expected_series,
    expected_series,
    latest: () => devices.flatMap(device => device.last_readings),
    troubles: () => troubles,
    command: desk.command,
    alertCommand: desk.alertCommand,
    open: search.open,
    describe: search.describe,
    description: search.description,
    handOver: search.handOver,
    merge: desk.merge,
    split: desk.split,
    reopen: desk.reopen,
    tuning: openTuning({
      clock,
      state,
      history,
      rules: definitions.rules,
      settingsFor: ({ rule }) => definitions.rules.get(rule)?.settings as object,
      zones: floor.zones,
      latest: () => devices.flatMap(device => device.last_readings),
      record: desk.record
    }),
    scenarios: () => [...scenarios].map(([id, { name }]) => ({ id, name })),
    drills: () => played.list(),
    startDrill: order => played.start(order),
    stopDrill: (id, by) => played.stop(id, by),
    forecasts: () => state.forecasts,
    maintenance: () => [...state.maintenance.values()],
    planMaintenance: desk.planMaintenance,
    maintain: desk.maintain,
    roster: duty.roster.now,
    rosterCommand: duty.roster.command,
    report: duty.report,
    note: event => desk.record([event]),
    onboarding: let_in.onboarding,
    listen: live.listen,
    liveId: live.id,
    since: live.since,

    duty,
    let_in,
    people: (zone, count, error = 6) => {
      const at = clock.now()
      history_rows.push({ zone, device: 'cam-1', quantity: 'people_count', at, value: count, min: count, max: count, n: 1 })
      void floor.see({ camera: 'cam-1', at, people_count: count, people_count_error: error, took_ms: 0 }, zone)
    },
    raise: (alert, needs) => {
      const { kind, zone, device, rule = 'crowd-density', severity = 'red', because = crowded } = alert
      const { sop } = runCard(hub.cards, kind, severity) ?? { sop: 'general' }
      if (needs.length > 0) cards.unshift({ kind, from: severity, agencies: needs, sop, accountability_s: 600 })
      const key = `${rule}:${++number}`
      void desk.verdict({ key, rule, zone, ...(device !== undefined && { device }) }, { kind }, { raised: true, severity, because })
      const id = state.byKey.get(key)
      const raised = id === undefined ? undefined : state.alerts.get(id)
      return raised?.incident === undefined ? undefined : state.incidents.get(raised.incident)
    },
    clear: id => {
      const alert = state.alerts.get(id)
      if (alert === undefined) throw new Error(`no alert ${id}`)
      const { key, rule, zone, kind } = alert
      void desk.verdict({ key, rule, zone }, { kind }, { raised: false, because: { say: 'works_again', with: {} } })
    },
    camera: (id, change) => {
      const camera = cameras.get(id)
      if (camera === undefined) throw new Error(`no camera ${id}`)
      const next = { ...camera, ...change, since: clock.now() }
      cameras.set(id, next)
      live.show('camera', next)
    },
    slowDisk: slow => journal.refuse(slow ? 'the disk is slow' : undefined),
    troubled: (part, why) => {
      troubles.push({ part, why })
      live.show('station', { part, why })
    },
    history_rows,
    close: () => {
      search.close()
      void duty.close()
    }
  }
}

const crowded: Alert['because'] = { say: 'density_above', with: { value: 4.2, level: 'red', limit: 4, seconds: 6 } }

const cameraOf = (id: string, zone: string, since: number): CameraNow => ({
  id,
  zone,
  state: 'live',
  since,
  why: '',
  fps: 2,
  fps_wanted: 2,
  fps_given: 2,
  ms_per_picture: 90,
  frames_total: 10,
  frames_skipped_total: 1,
  restarts_total: 0,
  masked: false,
  scene: undefined
})

const smokeDetector = (at: number): DeviceNow => ({
  id: 'smoke-b3',
  profile: 'zigbee2mqtt',
  zone: 'platform-1',
  topic: 'zigbee2mqtt/smoke-b3',
  online: true,
  last_seen: at,
  last_readings: [
    { device: 'smoke-b3', zone: 'platform-1', quantity: 'smoke_alarm', value: 0, at, quality: 'good' },
    { device: 'smoke-b3', zone: 'platform-1', quantity: 'temperature_celsius', value: 21.3, at, quality: 'suspect', doubt: 'stuck' }
  ],
  unreadable_total: 1,
  quarantined_total: 0,
  last_unreadable: {
    at,
    topic: 'zigbee2mqtt/smoke-b3',
    payload: '{"smoke": <img src=x onerror=alert(1)>',
    why: 'not JSON',
    expected: {
      wants: { 'zh-CN': 'UTF-8 编码的 JSON', en: 'JSON in UTF-8' },
      example: { topic: 'zigbee2mqtt/smoke-b3', payload: '{"smoke":false,"battery":97}' }
    }
  }
})

/** A history that holds what the tests put into it. */
const rowsOf = (rows: readonly HistoryRow[]): History => ({
  id: 'h',
  keep: async () => undefined,
  query: async ({ zone, quantity, from, to }) =>
    rows.filter(
      row =>
        (zone === undefined || row.zone === zone) && (quantity === undefined || row.quantity === quantity) && row.at >= from && row.at <= to
    ),
  blocks: async () => [],
  cursor: () => 0,
  moveCursor: async () => undefined,
  stats: () => ({
    last: 3,
    waiting: 0,
    backlog_blocks: 0,
    backlog_points: 0,
    backlog_from: undefined,
    bytes: 4096,
    max_bytes: 1e9,
    dropped_points_total: 0,
    trouble: undefined
  }),
  close: async () => undefined
})
