/** How the cloud shows what it knows: snake_case, times with offset, and what is old or not known said as such. */
import type { Alert } from '../edge/domain/alert.ts'
import { type Incident, silentAgencies, stageOf } from '../edge/domain/incident.ts'
import { rank, type Severity, worse } from '../edge/domain/vocabulary.ts'
import type { Entity } from './fold.ts'
import type { Silence } from './silence.ts'
import type { StationSeen } from './stations.ts'

/** Zones are measured every few seconds; a level older than this says nothing about now. */
const zone_fresh_ms = 90_000

export const time = (at: number | undefined | null): string | null =>
  at === undefined || at === null || at === 0 ? null : new Date(at).toISOString()

export const silenceSeen = ({ number, station, heard_at, raised_at, cleared_at }: Silence) => ({
  id: `silence-${number}`,
  source: 'cloud' as const,
  rule: 'station-silent',
  station,
  severity: 'red' as const,
  phase: cleared_at === null ? ('open' as const) : ('closed' as const),
  heard_at: time(heard_at),
  raised_at: time(raised_at),
  cleared_at: time(cleared_at)
})

/** Whatever the station keeps as a moment is written out, however deep; a sentence's own values stay as they are. */
type Written<What> = What extends readonly (infer One)[]
  ? readonly Written<One>[]
  : What extends object
    ? { readonly [Key in keyof What]: Key extends `${string}_at` | 'at' | 'until' ? string | null : Written<What[Key]> }
    : What
const written = <What>(what: What): Written<What> => writtenAny(what) as Written<What>
const writtenAny = (what: unknown): unknown => {
  if (Array.isArray(what)) return what.map(writtenAny)
  if (typeof what !== 'object' || what === null) return what
  return Object.fromEntries(
    Object.entries(what).map(([key, value]) =>
      typeof value === 'number' && (key === 'at' || key === 'until' || key.endsWith('_at'))
        ? [key, time(value)]
        : [key, key === 'because' ? value : writtenAny(value)]
    )
  )
}

export const alertSeen = ({ cleared_at, ...alert }: Alert) => ({
  ...written(alert),
  because: alert.because,
  source: 'station' as const,
  cleared_at: time(cleared_at)
})

export const incidentSeen = (incident: Incident) => {
  const { closed_at, due_at, responses, ladder: _, all_clear: _given, ...rest } = incident
  return {
    ...written(rest),
    because: incident.because,
    stage: stageOf(incident),
    closed_at: time(closed_at),
    due_at: time(due_at),
    silent_agencies: silentAgencies(incident),
    responses: Object.values(responses).map(({ shown_at, heard_at, acknowledged_at, en_route_at, on_scene_at, done_at, ...response }) => ({
      ...written(response),
      shown_at: time(shown_at),
      heard_at: time(heard_at),
      acknowledged_at: time(acknowledged_at),
      en_route_at: time(en_route_at),
      on_scene_at: time(on_scene_at),
      done_at: time(done_at)
    }))
  }
}

export const zonesSeen = (station: StationSeen, now: number) => {
  const named = new Map((station.card?.zones ?? []).map(zone => [zone.id, zone]))
  for (const id of station.zones.keys()) if (!named.has(id)) named.set(id, { id, name: id, use: 'waiting', area_m2: 0 })
  return [...named.values()].map(zone => {
    const seen = station.zones.get(zone.id)
    const fresh = seen !== undefined && now - seen.at < zone_fresh_ms
    return {
      ...zone,
      level: fresh ? seen.level : ('unknown' as const),
      last_level: seen?.level ?? 'unknown',
      people_count: fresh ? (seen.people_count ?? null) : null,
      density_per_m2: fresh ? (seen.density_per_m2 ?? null) : null,
      density_error_per_m2: fresh ? (seen.density_error_per_m2 ?? null) : null,
      measured_at: time(seen?.at),
      age_seconds: seen === undefined ? null : Math.max(0, (now - seen.at) / 1000)
    }
  })
}

export const stationSeen = (station: StationSeen, silence: Silence | undefined, open: readonly Entity[], now: number) => {
  const { id, card, heard_at, status, behind_seconds, backlog_records } = station
  const incidents = open.filter(entity => entity.kind === 'incident')
  const alerts = open.filter(entity => entity.kind === 'alert')
  const highest = [...incidents, ...alerts].reduce<Severity | undefined>(
    (worst, { state: { severity } }) => (worst === undefined ? severity : worse(worst, severity)),
    undefined
  )
  const zones = zonesSeen(station, now)
  const worst = zones.reduce(
    (level, zone) => (rank(zone.level) > rank(level) ? zone.level : level),
    zones[0]?.level ?? ('unknown' as const)
  )
  return {
    id,
    name: card?.name ?? station.name,
    template: card?.template ?? null,
    version: card?.version ?? null,
    timezone: card?.timezone ?? null,
    status: silence === undefined ? status : ('silent' as const),
    silent: silence === undefined ? null : silenceSeen(silence),
    heard_at: time(heard_at),
    age_seconds: heard_at === 0 ? null : Math.max(0, (now - heard_at) / 1000),
    behind_seconds: behind_seconds ?? null,
    backlog_records: backlog_records ?? null,
    level: highest !== undefined && rank(highest) > rank(worst) ? highest : worst,
    zones_level: worst,
    open_incidents: incidents.length,
    open_alerts: alerts.length
  }
}
