/** Zones as they are now, and what their sensors and cameras said. */
import { Type } from 'typebox'
import { momentOf } from './input.ts'
import { refuse } from './problems.ts'
import type { App, Room } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const hour_ms = 3_600_000

export const serveZones = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/zones',
    {
      schema: {
        summary: 'How full every zone is, how sure, and how old that is',
        tags: ['zones'],
        response: { 200: Type.Array(Shapes.Zone) }
      }
    },
    async request => desk.zones().map(zone => present.zone(zone, request.locale))
  )

  app.get(
    '/api/zones/:id',
    { schema: { summary: 'One zone', tags: ['zones'], params: Id, response: { 200: Shapes.Zone, 404: Shapes.Problem } } },
    async (request, reply) => {
      const zone = desk.zones().find(({ id }) => id === request.params.id)
      return zone === undefined ? refuse(request, reply, 'no_such_zone') : present.zone(zone, request.locale)
    }
  )

  app.get(
    '/api/readings',
    {
      schema: {
        summary: 'History, raw or in steps',
        tags: ['readings'],
        querystring: Type.Object(
          {
            device: Type.Optional(Type.String({ maxLength: 128 })),
            zone: Type.Optional(Type.String({ maxLength: 128 })),
            quantity: Type.Optional(Shapes.QuantityWord),
            from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; an hour ago when absent' })),
            to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; now when absent' })),
            step: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400, description: 'width of a step in seconds; 0 is raw' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 }))
          },
          { additionalProperties: false }
        ),
        response: { 200: Type.Array(Shapes.HistoryRow), 400: Shapes.Problem }
      }
    },
    async request => {
      const { device, zone, quantity, step = 60, limit = 2_000 } = request.query
      const to = momentOf('to', request.query.to, present.time) ?? desk.clock.now()
      const from = momentOf('from', request.query.from, present.time) ?? to - hour_ms
      const rows = await desk.history.query({
        ...(device !== undefined && { device }),
        ...(zone !== undefined && { zone }),
        ...(quantity !== undefined && { quantity }),
        from,
        to,
        step_ms: step * 1000,
        limit
      })
      return rows.map(present.historyRow)
    }
  )

  app.get(
    '/api/readings/latest',
    { schema: { summary: 'The newest value of every series', tags: ['readings'], response: { 200: Type.Array(Shapes.Reading) } } },
    async request => desk.latest().map(reading => present.reading(reading, request.locale))
  )

  app.get(
    '/api/expected',
    {
      schema: {
        summary: 'Watched series of the last two days, each step of five minutes with what was expected of it',
        tags: ['readings'],
        querystring: Type.Object(
          {
            device: Type.Optional(Type.String({ maxLength: 128 })),
            quantity: Type.Optional(Shapes.QuantityWord),
            steps: Type.Optional(
              Type.Integer({ minimum: 0, maximum: 576, description: 'how many of the last steps; 288, a day, when absent' })
            )
          },
          { additionalProperties: false }
        ),
        response: { 200: Type.Array(Shapes.ExpectedSeries) }
      }
    },
    async request => {
      const { device, quantity, steps = 288 } = request.query
      return desk
        .expected()
        .filter(series => (device ?? series.device) === series.device && (quantity ?? series.quantity) === series.quantity)
        .map(series => present.expected(series, steps, request.locale))
    }
  )
}
