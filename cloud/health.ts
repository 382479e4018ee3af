/** Alive, ready, and every number, for machines that watch the cloud. */
import { Type } from 'typebox'
import { rank } from '../edge/domain/vocabulary.ts'
import type { App, AppParts } from './http.ts'

export const serveHealth = (app: App, parts: AppParts): void => {
  const { city } = parts
  app.get(
    '/healthz',
    { schema: { summary: 'Alive', tags: ['health'], response: { 200: Type.Object({ status: Type.Literal('alive') }) } } },
    async () => ({
      status: 'alive' as const
    })
  )

  const Ready = Type.Object({ ready: Type.Boolean(), parts: Type.Array(Type.Object({ part: Type.String(), why: Type.String() })) })
  app.get(
    '/readyz',
    { schema: { summary: 'Ready, or each part that is not and why', tags: ['health'], response: { 200: Ready, 503: Ready } } },
    async (_, reply) => {
      const troubles = city.troubles().map(({ part, why }) => ({ part, why }))
      return reply.code(troubles.length === 0 ? 200 : 503).send({ ready: troubles.length === 0, parts: troubles })
    }
  )

  app.get(
    '/metrics',
    { schema: { summary: 'Every number, in the text form of Prometheus', tags: ['health'], response: { 200: Type.String() } } },
    async (_, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(numbers(parts))
  )
  app.get(
    '/openapi.json',
    { schema: { summary: 'This document', tags: ['health'], response: { 200: Type.Object({}, { additionalProperties: true }) } } },
    async () => app.swagger()
  )
}

const numbers = ({ city, broker, accounts }: AppParts): string => {
  const lines: string[] = []
  const add = (name: string, value: number | null | undefined, station?: string): void => {
    if (value === null || value === undefined || !Number.isFinite(value)) return
    // Station ids are letters, digits and dashes by configuration: nothing to escape.
    lines.push(`qianshao_cloud_${name}${station === undefined ? '' : `{station="${station}"}`} ${value}`)
  }
  for (const [name, value] of Object.entries({ ...city.counters(), ...broker.counters(), ...accounts.counters() })) add(name, value)
  add('readings_bytes', city.readings.bytes())
  add('live_screens', city.live.listeners())
  const series = city.metrics()
  add('timeseries_ok', series === undefined ? undefined : Number(series.ok))
  add('timeseries_behind_blocks', series?.behind_blocks)
  for (const station of city.stations.all()) {
    const { id, silent, age_seconds, behind_seconds, backlog_records, open_incidents, open_alerts, level } = city.summary(station)
    add('station_silent', silent === null ? 0 : 1, id)
    add('station_age_seconds', age_seconds, id)
    add('station_behind_seconds', behind_seconds, id)
    add('station_backlog_records', backlog_records, id)
    add('station_open_incidents', open_incidents, id)
    add('station_open_alerts', open_alerts, id)
    add('station_level', rank(level), id)
  }
  return `${lines.join('\n')}\n`
}
