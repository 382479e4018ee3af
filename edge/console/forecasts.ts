/** The station's own record as a forecaster: what it stated, what happened, how early it warned and how often for nothing. */
import { type Static, Type } from 'typebox'
import { falsesPerWeek } from '../domain/forecast-record.ts'
import { horizons } from '../domain/forecast-table.ts'
import { spreadOf } from '../domain/spread.ts'
import { orNull, Time } from './base-shape.ts'
import type { App, Room } from './room.ts'

const Seconds = orNull(Type.Number())
const Outcome = Type.Enum(['hit', 'miss', 'false', 'unseen'])

export const Forecasts = Type.Object({
  zones: Type.Array(
    Type.Object({
      zone: Type.String(),
      zone_name: Type.String(),
      watched_seconds: Type.Number({ description: 'for so long forecasts were made' }),
      hits: Type.Integer({ description: 'warned, and red came' }),
      misses: Type.Integer({ description: 'red came without a warning' }),
      false_alarms: Type.Integer({ description: 'warned, and red did not come; a red that people prevented is among them' }),
      false_per_week: orNull(Type.Number({ description: 'null in the first hour' })),
      lead_p50_seconds: Seconds,
      lead_shortest_seconds: Seconds,
      warned_since: orNull(Time)
    })
  ),
  reliability: Type.Array(
    Type.Object({
      minutes: Type.Integer(),
      forecasts: Type.Integer(),
      brier: orNull(Type.Number({ description: 'mean squared error; 0 is perfect' })),
      bins: Type.Array(Type.Object({ stated: Type.Number(), happened: Type.Number(), n: Type.Integer() }))
    }),
    { description: 'how often what was stated with this chance came true' }
  ),
  latest: Type.Array(Type.Object({ at: Time, zone: Type.String(), zone_name: Type.String(), outcome: Outcome, lead_seconds: Seconds }))
})
export type ForecastsShape = Static<typeof Forecasts>

export const serveForecasts = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/forecasts',
    { schema: { summary: 'What the station’s forecasts were worth', tags: ['zones'], response: { 200: Forecasts } } },
    async (): Promise<ForecastsShape> => {
      const { zones, tally, latest } = desk.forecasts()
      return {
        zones: Object.entries(zones).map(([zone, { watched_s, hits, misses, falses, leads_s, warning }]) => ({
          zone,
          zone_name: present.zoneName(zone),
          watched_seconds: watched_s,
          hits,
          misses,
          false_alarms: falses,
          false_per_week: falsesPerWeek({ falses, watched_s }) ?? null,
          lead_p50_seconds: spreadOf(leads_s.map(lead_s => lead_s * 1000)).p50_s ?? null,
          lead_shortest_seconds: leads_s.length === 0 ? null : Math.min(...leads_s),
          warned_since: warning === undefined ? null : present.time(warning.at)
        })),
        reliability: horizons.map(minutes => {
          const { bins, squares } = tally[minutes]
          const forecasts = bins.reduce((sum, [n]) => sum + n, 0)
          return {
            minutes,
            forecasts,
            brier: forecasts === 0 ? null : squares / forecasts,
            bins: bins.flatMap(([n, stated, happened]) => (n === 0 ? [] : [{ stated: stated / n, happened: happened / n, n }]))
          }
        }),
        latest: latest
          .map(({ id, at, outcome, lead_s }) => ({
            at: present.time(at),
            zone: id,
            zone_name: present.zoneName(id),
            outcome,
            lead_seconds: lead_s ?? null
          }))
          .reverse()
      }
    }
  )
}
