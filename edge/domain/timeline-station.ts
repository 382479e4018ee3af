/** What is said in the timeline of everything besides alerts, incidents and pages: reports, devices, maintenance, duty, exercises, the station. */
import type { CalibrationEvent } from './camera-calibration.ts'
import type { CoverageEvent } from './coverage.ts'
import type { DrillEvent } from './drill.ts'
import type { StationEvent } from './event.ts'
import type { ForecastEvent } from './forecast-record.ts'
import type { MaintenanceEvent } from './maintenance.ts'
import type { TuningEvent } from './proposal.ts'
import type { RosterEvent } from './roster-state.ts'
import type { ShadowFired } from './shadow.ts'
import { consents } from './sought.ts'
import { part, sayNamed, type Teller } from './timeline-telling.ts'
import { listed, quantities } from './vocabulary.ts'
import { inLanguage, nameOf, reasons } from './words.ts'

const tellMaintenance: Teller<MaintenanceEvent> = {
  maintenance_planned: ({ by, from, until, owner, reason }, see) => ({
    category: 'decision',
    say: 'maintenance_planned',
    with: { by, from: see.clock(from), until: see.clock(until), owner },
    add: [part('reason', 'reason', reason)],
    by
  }),
  maintenance_began: () => ({ category: 'system', say: 'maintenance_began' }),
  maintenance_round: ({ by }) => ({ category: 'action', say: 'maintenance_round', with: { by }, by }),
  maintenance_round_missed: ({ unit }, see) => ({
    category: 'system',
    say: 'maintenance_round_missed',
    with: { unit: see.unit(unit) },
    unit
  }),
  maintenance_ended: ({ by }) =>
    by === undefined
      ? { category: 'system', say: 'maintenance_ended' }
      : { category: 'decision', say: 'maintenance_ended_by', with: { by }, by }
}

const tellForecasts: Teller<ForecastEvent> = {
  forecast_warned: ({ id, limit_per_m2, percent, within_s }, see) => ({
    category: 'evidence',
    say: 'forecast_warned',
    with: { zone: see.zone(id), limit: limit_per_m2, percent, minutes: within_s / 60 }
  }),
  forecast_scored: ({ id, outcome, lead_s = 0 }, see) => ({
    category: 'evidence',
    say: `forecast_${outcome}`,
    with: { zone: see.zone(id), ...(outcome === 'hit' && { seconds: lead_s }) }
  }),
  forecasts_tallied: () => ({ category: 'system', say: 'forecasts_tallied' })
}

const tellRoster: Teller<RosterEvent> = {
  duty_absent: ({ by, unit, from, until, reason }, see) => ({
    category: 'decision',
    say: 'duty_absent',
    with: { by, unit: see.unit(unit), from: see.clock(from), until: see.clock(until) },
    add: [part('reason', 'reason', reason)],
    unit,
    by
  }),
  duty_swapped: ({ by, unit, with: other, from, until, reason }, see) => ({
    category: 'decision',
    say: 'duty_swapped',
    with: { by, unit: see.unit(unit), other: see.unit(other), from: see.clock(from), until: see.clock(until) },
    add: [part('reason', 'reason', reason)],
    unit,
    by
  }),
  duty_restored: ({ by }) => ({ category: 'decision', say: 'duty_restored', with: { by }, by }),
  handover_offered: ({ from, to, text }) => ({
    category: 'decision',
    say: 'handover_offered',
    with: { giver: from, to },
    add: [part('said', 'text', text)],
    by: from
  }),
  handover_read_back: ({ by, items, text }) => ({
    category: 'answer',
    say: 'handover_read_back',
    with: { by, count: items.length },
    add: [part('said', 'text', text)],
    by
  }),
  handover_confirmed: ({ by, to }) => ({ category: 'decision', say: 'handover_confirmed', with: { by, to }, by }),
  handover_withdrawn: ({ by }) => ({ category: 'decision', say: 'handover_withdrawn', with: { by }, by }),
  handover_declined: ({ by, reason }) => ({
    category: 'answer',
    say: 'handover_declined',
    with: { by },
    add: [part('reason', 'reason', reason)],
    by
  }),
  handover_expired: ({ from, to }) => ({ category: 'system', say: 'handover_expired', with: { giver: from, to } }),
  handover_taken: ({ by, reason }) => ({
    category: 'decision',
    say: 'handover_taken',
    with: { by },
    add: [part('reason', 'reason', reason)],
    by
  })
}

const tellDrill: Teller<DrillEvent> = {
  drill_began: ({ by, scenarios }, see) => ({
    category: 'decision',
    say: 'drill_began',
    with: { by, scenarios: listed(scenarios, see.locale) },
    by
  }),
  drill_over: ({ by, score }) => ({ category: 'system', say: 'drill_over', with: { score: score.score }, by })
}

const tellShadow: Teller<ShadowFired | TuningEvent> = {
  limit_tuned: ({ id, by, limit, limit_now, now, would }) => ({
    category: 'decision',
    say: 'limit_tuned',
    with: { by, of: id, before: limit_now, limit, fired: now.fired, would: would.fired },
    by
  }),
  limit_restored: ({ id, by, limit }) => ({ category: 'decision', say: 'limit_restored', with: { by, of: id, limit }, by }),
  limit_rejected: ({ id, by, limit, reason }) => ({
    category: 'decision',
    say: 'limit_rejected',
    with: { by, of: id, limit },
    add: [part('reason', 'reason', reason)],
    by
  }),
  shadow_fired: ({ id, zone, because }, see) => ({
    category: 'system',
    say: 'shadow_fired',
    with: { shadow: id, zone: see.zone(zone) },
    add: [part('because', 'because', sayNamed(because, see, see.locale))]
  })
}

const tellCoverage: Teller<CoverageEvent> = {
  coverage_claimed: ({ id, zone, hazards }, see) => ({
    category: 'system',
    say: hazards.length === 0 ? 'coverage_claims_nothing' : 'coverage_claimed',
    with: {
      device: id,
      zone: see.zone(zone),
      ...(hazards.length > 0 && {
        hazards: listed(
          hazards.map(hazard => nameOf('hazard', hazard, see.locale)),
          see.locale
        )
      })
    }
  }),
  coverage_waived: ({ id, by }) =>
    by === undefined
      ? { category: 'system', say: 'coverage_waived', with: { device: id } }
      : { category: 'decision', say: 'coverage_waived_by', with: { device: id, by }, by }
}

const tellTheRest: Teller<StationEvent> = {
  station_started: ({ version }) => ({ category: 'system', say: 'station_started', with: { version } }),
  station_stopped: () => ({ category: 'system', say: 'station_stopped' }),
  clock_stepped: ({ by_ms }) => ({
    category: 'system',
    say: by_ms > 0 ? 'clock_put_forward' : 'clock_put_back',
    with: { minutes: Math.abs(by_ms) / 60_000 }
  }),
  journal_damaged: ({ lost, detail }) => ({ category: 'system', say: 'journal_damaged', with: { lost, detail } }),
  device_enrolled: ({ id, by }) => ({ category: 'system', say: 'device_enrolled', with: { by, device: id }, by }),
  device_removed: ({ id, by }) => ({ category: 'system', say: 'device_removed', with: { by, device: id }, by }),
  device_rotated: ({ id, by }) => ({ category: 'system', say: 'device_rotated', with: { by, device: id }, by }),
  device_revoked: ({ id, by }) => ({ category: 'system', say: 'device_revoked', with: { by, device: id }, by }),
  device_limited: ({ id, by }) => ({ category: 'decision', say: 'device_limited', with: { by, device: id }, by }),
  device_replaced: ({ id, by }) => ({ category: 'system', say: 'device_replaced', with: { by, device: id }, by }),
  device_alarmed: ({ id, zone, quantity, value }, see) => ({
    category: 'evidence',
    say: 'device_alarmed',
    with: { device: id, zone: see.zone(zone), quantity, value, unit: quantities[quantity].unit }
  }),
  camera_changed: ({ id, state, why }, { locale }) => ({
    category: 'evidence',
    say: 'camera_changed',
    with: { camera: id, state, why: inLanguage(why, locale) }
  }),
  view_accepted: ({ id, by }) => ({ category: 'decision', say: 'view_accepted', with: { by, camera: id }, by }),
  signed_in: ({ id }) => ({ category: 'system', say: 'signed_in', with: { by: id }, by: id }),
  sign_in_refused: ({ id }) => ({ category: 'system', say: 'sign_in_refused', with: { by: id } }),
  still_taken: ({ id, by, reason }) => ({
    category: 'action',
    say: 'still_taken',
    with: { by, camera: id },
    add: [part('reason', 'reason', reason)],
    by
  }),
  live_view_began: ({ id, by, reason }) => ({
    category: 'action',
    say: 'live_view_began',
    with: { by, camera: id },
    add: [part('reason', 'reason', reason)],
    by
  }),
  live_view_ended: ({ id, by, seconds }) => ({ category: 'action', say: 'live_view_ended', with: { by, camera: id, seconds }, by }),
  description_kept: ({ by, consent }, { locale }) => ({
    category: 'evidence',
    say: 'description_kept',
    with: { by, ground: consents[consent][locale] },
    by
  }),
  description_read: ({ by }) => ({ category: 'action', say: 'description_read', with: { by }, by }),
  description_erased: () => ({ category: 'system', say: 'description_erased' }),
  report_received: ({ zone, text, by, source }, see) => ({
    category: 'evidence',
    say: 'report_received',
    with: { by, zone: see.zone(zone), text },
    add: [part('source', 'source', source)],
    by
  }),
  cap_received: ({ by, sender, identifier, msg_type }) => ({
    category: 'evidence',
    say: 'cap_received',
    with: { sender, identifier, msg_type },
    by
  }),
  bundle_made: ({ by, sha256 }) => ({ category: 'action', say: 'bundle_made', with: { by, sha256 }, by }),
  unit_paged: ({ id, agency, channel }, see) => ({
    category: 'call',
    say: 'unit_paged',
    with: { unit: see.unit(id), channel: see.channel(channel) },
    agency,
    unit: id
  }),
  path_checked: ({ ok, stuck = '', why = '' }) =>
    ok ? { category: 'system', say: 'path_checked' } : { category: 'system', say: 'path_stuck', with: { stuck, why } },
  gates_counted: ({ id, tally }, see) => ({
    category: 'evidence',
    say: 'gates_counted',
    with: { zone: see.zone(id), count: tally.inside }
  }),
  gates_closed: ({ id, left_over }, see) => ({ category: 'system', say: 'gates_closed', with: { zone: see.zone(id), count: left_over } }),
  uplink_changed: ({ online, why }) =>
    online ? { category: 'system', say: 'uplink_online' } : { category: 'system', say: 'uplink_offline', with: { why } },
  command_received: ({ by, what, refused }, { locale }) =>
    refused === undefined
      ? { category: 'decision', say: 'command_received', with: { by, what }, by }
      : { category: 'decision', say: 'command_refused', with: { by, what, why: sayRefused(refused, locale) }, by }
}

const sayRefused = (refused: string, locale: 'zh-CN' | 'en'): string =>
  Object.hasOwn(reasons, refused) ? reasons[refused as keyof typeof reasons][locale] : refused

const tellCalibration: Teller<CalibrationEvent> = {
  camera_calibrated: ({ id, by, ground, masks, zones }) => ({
    category: 'action',
    say: 'camera_calibrated',
    with: { by, camera: id, points: ground.length, masks: masks.length, zones: zones.length },
    by
  }),
  camera_scaled: ({ id, by, stills }) => ({
    category: 'action',
    say: 'camera_scaled',
    with: { by, camera: id, stills: stills.length },
    by
  }),
  camera_calibration_undone: ({ id, by }) => ({
    category: 'action',
    say: 'camera_calibration_undone',
    with: { by, camera: id },
    by
  })
}

export const tellStation: Teller<
  CalibrationEvent | CoverageEvent | MaintenanceEvent | RosterEvent | DrillEvent | ForecastEvent | ShadowFired | TuningEvent | StationEvent
> = {
  ...tellCoverage,
  ...tellForecasts,
  ...tellMaintenance,
  ...tellRoster,
  ...tellDrill,
  ...tellShadow,
  ...tellCalibration,
  ...tellTheRest
}
