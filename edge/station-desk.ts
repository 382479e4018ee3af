/** What the console may see and ask of the station, put together from its parts: the answer to the port `Desk`. */

import type { Config } from './config.ts'
import type { openDrills } from './drills.ts'
import type { DutyRoom } from './duty.ts'
import type { openCameras } from './ingest/cameras.ts'
import type { Sensors } from './ingest/sensors.ts'
import { path_check_device } from './path-check.ts'
import type { Calibrations, Clock, Desk, History, Journal, Onboarding, Preview, UplinkNow } from './ports.ts'
import type { Presence } from './presence.ts'
import type { readScenarios } from './scenario.ts'
import type { Search } from './search.ts'
import { shadowsNow } from './shadow.ts'
import type { UpkeepDesk } from './upkeep.ts'

export type StationDeskParts = {
  readonly config: Config
  readonly version: string
  readonly clock: Clock
  readonly journal: Journal
  readonly history: History
  readonly duty: DutyRoom
  readonly drills: ReturnType<typeof openDrills>
  readonly search: Search
  readonly scenarios: ReturnType<typeof readScenarios>
  readonly sensors: Sensors
  readonly onboarding: Onboarding
  readonly cameras: Awaited<ReturnType<typeof openCameras>>
  readonly preview: Preview
  readonly calibrations: Calibrations
  readonly presence: Presence
  readonly upkeep: UpkeepDesk
  readonly uplink: () => UplinkNow
  readonly counters: Desk['counters']
}

export const openStationDesk = (parts: StationDeskParts): Desk => {
  const { config, version, clock, journal, history, duty, drills, search, scenarios, sensors, cameras } = parts
  const { state, desk, roster, floor, live } = duty
  return {
    clock,
    station: { ...config.station, version },
    epoch: duty.epoch,
    units: () => config.units,
    zones: floor.zones,
    actions: config.actions,
    // The path check is the station's own business until it fails.
    alerts: () => [...state.alerts.values()].filter(({ kind }) => kind !== 'path'),
    board: duty.board.now,
    members: duty.board.members,
    incidents: () => [...state.incidents.values()],
    // Readings as they were judged, not as they were said.
    devices: () =>
      sensors
        .list()
        .filter(({ id }) => id !== path_check_device)
        .map(device => ({ ...device, last_readings: device.last_readings.map(said => floor.newest(said) ?? said) })),
    cameras,
    preview: parts.preview,
    calibrations: parts.calibrations,
    history,
    journal,
    steps: () => state.steps,
    uplink: parts.uplink,
    counters: parts.counters,
    latest: floor.latest,
    expected: duty.oddities.expected,
    troubles: () =>
      [
        { part: 'journal', why: journal.trouble() },
        { part: 'history', why: history.stats().trouble },
        ...cameras.troubles().map(why => ({ part: 'vision', why }))
      ].flatMap(({ part, why }) => (why === undefined ? [] : [{ part, why }])),
    command: desk.command,
    alertCommand: desk.alertCommand,
    open: search.open,
    describe: search.describe,
    description: search.description,
    handOver: search.handOver,
    merge: desk.merge,
    split: desk.split,
    reopen: desk.reopen,
    shadows: () => shadowsNow(config.shadow, state.shadows),
    tuning: duty.tuning,
    scenarios: () => [...scenarios].map(([id, { name }]) => ({ id, name })),
    drills: drills.list,
    startDrill: drills.start,
    stopDrill: drills.stop,
    coverage: parts.presence.cells,
    upkeep: parts.upkeep.list,
    forecasts: () => state.forecasts,
    maintenance: () => [...state.maintenance.values()],
    planMaintenance: desk.planMaintenance,
    maintain: desk.maintain,
    roster: roster.now,
    rosterCommand: roster.command,
    report: duty.report,
    note: event => desk.record([event]),
    onboarding: parts.onboarding,
    listen: live.listen,
    liveId: live.id,
    since: live.since
  }
}
