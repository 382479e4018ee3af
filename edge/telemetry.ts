/** What the station says of itself and its zones as time series: the names are in domain/vocabulary.ts. */
import type { Alert } from './domain/alert.ts'
import type { Outlook } from './domain/forecast.ts'
import type { Response } from './domain/incident.ts'
import { line } from './domain/line-protocol.ts'
import type { Reading } from './domain/reading.ts'
import { type IncidentKind, rank } from './domain/vocabulary.ts'
import type { ZoneNow } from './domain/zone.ts'
import type { ExpectedStep } from './ports.ts'

export type Telemetry = ReturnType<typeof telemetryOf>

const states = { closed: 0, active: 1, acknowledged: 2, cleared: 3 } as const

export const telemetryOf = (station: string) => {
  const name = ['station', station] as const
  return {
    reading: ({ zone, device, quantity, value, at }: Reading) =>
      line('reading', [name, ['zone', zone], ['device', device], ['quantity', quantity]], { value }, at),
    zone: (zone: ZoneNow, at: number) =>
      line(
        'zone',
        [name, ['zone', zone.id], ['use', zone.use]],
        {
          people_count: zone.people_count,
          density_per_m2: zone.density_per_m2,
          density_error_per_m2: zone.density_error_per_m2,
          level: rank(zone.level)
        },
        at
      ),
    expected: ({ zone, device, quantity }: Pick<Reading, 'zone' | 'device' | 'quantity'>, step: ExpectedStep, score: number) =>
      line(
        'expected',
        [name, ['zone', zone], ['device', device], ['quantity', quantity]],
        { value: step.value, usual: step.usual, low: step.low, high: step.high, score },
        step.at
      ),
    forecast: (zone: ZoneNow, { at, chances }: Pick<Outlook, 'at' | 'chances'>) => {
      const red = chances.filter(({ threshold_per_m2 }) => threshold_per_m2 === chances.at(-1)?.threshold_per_m2)
      const within = (minutes: number): number | undefined => red.find(one => one.minutes === minutes)?.probability
      return line(
        'forecast',
        [name, ['zone', zone.id], ['use', zone.use]],
        { red_within_5_min: within(5), red_within_10_min: within(10), red_within_15_min: within(15) },
        at
      )
    },
    alert: ({ zone, rule, severity, phase, active, acknowledged }: Alert, at: number) =>
      line(
        'alert',
        [name, ['zone', zone], ['rule', rule], ['severity', severity]],
        { state: phase === 'closed' ? states.closed : active ? (acknowledged ? states.acknowledged : states.active) : states.cleared },
        at
      ),
    /** Each time once, at the moment it was reached: an arrival does not count the acknowledgement again. */
    response: ({ agency, asked_at, acknowledged_at, on_scene_at }: Response, kind: IncidentKind, at: number) => {
      const secondsAt = (reached: number | undefined): number | undefined => (reached === at ? (reached - asked_at) / 1000 : undefined)
      const fields = { acknowledge_seconds: secondsAt(acknowledged_at), on_scene_seconds: secondsAt(on_scene_at) }
      return line('response', [name, ['agency', agency], ['kind', kind]], fields, at)
    },
    hub: (fields: Readonly<Record<string, number | undefined>>, at: number) => line('hub', [name], fields, at)
  }
}
