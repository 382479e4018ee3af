/**
 * Half an hour of three made-up stations, as the stations' own telemetry writes it: `calm`, where all is well; `busy`, where
 * everything that has a rule goes wrong at the end; `gone`, whose hub fell silent five minutes before the end.
 */
import type { Alert } from '../../edge/domain/alert.ts'
import type { Response } from '../../edge/domain/incident.ts'
import { type Use, uses } from '../../edge/domain/vocabulary.ts'
import { evolveZone, startZone, zoneNow } from '../../edge/domain/zone.ts'
import { telemetryOf } from '../../edge/telemetry.ts'

export const minutes = (n: number): number => n * 60_000
const half_hour = minutes(30)

export const linesUntil = (end: number): string[] => [
  ...station('calm', end, end),
  ...station('busy', end, end),
  ...station('gone', end, end - minutes(5)),
  ...duty(end)
]

const station = (name: string, end: number, last: number): string[] => {
  const telemetry = telemetryOf(name)
  const lines: (string | undefined)[] = []
  for (let at = end - half_hour; at <= last; at += 5_000) {
    const late = name === 'busy' && at > end - minutes(12)
    for (const use of Object.keys(uses) as Use[]) {
      const zone = { id: use, name: use, use, area_m2: 100 }
      const count = {
        device: `cam-${use}`,
        zone: use,
        quantity: 'people_count' as const,
        value: late ? 520 : 40,
        at,
        quality: 'good' as const
      }
      const unseen = late && use === 'waiting'
      const state = unseen ? startZone(at) : evolveZone(zone, startZone(at), count, 6)
      const now = zoneNow(zone, state, at)
      lines.push(telemetry.reading(count), telemetry.zone(now, at))
      if (at % minutes(1) === end % minutes(1) && !unseen)
        lines.push(
          telemetry.forecast(now, {
            at,
            chances: [5, 10, 15].map(within => ({ threshold_per_m2: 4, minutes: within, probability: late ? 0.9 : 0 }))
          })
        )
      if (at % minutes(5) === end % minutes(5)) {
        const step = { at, value: count.value, usual: 38, low: 20, high: 60, odd: late }
        lines.push(telemetry.expected(count, step, late ? 0.99 : 0.1))
      }
    }
    if (at % 10_000 !== end % 10_000) continue
    const beats = (at - (end - half_hour)) / 10_000
    lines.push(
      telemetry.hub(
        {
          readings_total: beats * 12,
          unreadable_total: 3,
          quarantined_total: late ? beats : 0,
          unpersisted: late ? 2 : 0,
          backlog_records: late ? beats * 20 : 10,
          behind_seconds: late ? 400 : 1,
          loop_lag_ms: 12,
          rss_bytes: 180e6,
          cameras_live: late ? 3 : 6
        },
        at
      )
    )
  }
  return lines.filter(line => line !== undefined)
}

/** Alerts and answers at `busy`: one that grew worse and is still open, one that came and went, and who answered when. */
const duty = (end: number): string[] => {
  const telemetry = telemetryOf('busy')
  const crowd: Alert = {
    id: 'a-1',
    key: 'crowd-density platform',
    rule: 'crowd-density',
    kind: 'crowd',
    zone: 'platform',
    severity: 'yellow',
    highest: 'yellow',
    active: true,
    because: { say: 'density_above', with: {} },
    raised_at: end - minutes(12),
    changed_at: end - minutes(12),
    phase: 'open'
  }
  const smoke: Alert = { ...crowd, id: 'a-2', rule: 'threshold', zone: 'stairs', severity: 'red' }
  const seen = { by: 'wang', at: end }
  const asked: Response = { unit: 'patrol-1', agency: 'police', status: 'asked', level: 0, asked_at: end - minutes(11) }
  return [
    telemetry.alert(smoke, end - minutes(25)),
    telemetry.alert({ ...smoke, acknowledged: seen }, end - minutes(24)),
    telemetry.alert({ ...smoke, acknowledged: seen, active: false, phase: 'closed' }, end - minutes(20)),
    telemetry.alert(crowd, end - minutes(12)),
    telemetry.alert({ ...crowd, severity: 'red' }, end - minutes(11)),
    telemetry.response({ ...asked, acknowledged_at: asked.asked_at + 12_000 }, 'crowd', asked.asked_at + 12_000),
    telemetry.response(
      { ...asked, unit: 'fire-1', agency: 'fire', acknowledged_at: asked.asked_at + 40_000 },
      'crowd',
      asked.asked_at + 40_000
    ),
    telemetry.response(
      { ...asked, acknowledged_at: asked.asked_at + 12_000, on_scene_at: asked.asked_at + 180_000 },
      'crowd',
      asked.asked_at + 180_000
    )
  ].filter(line => line !== undefined)
}
