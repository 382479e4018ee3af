/** `/api/stations`: what the cloud knows of each station, and the commands that go down to it. */
import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { CloudCommand } from '../edge/domain/uplink.ts'
import { quantities } from '../edge/domain/vocabulary.ts'
import { type App, type AppParts, problem } from './http.ts'
import type { Order } from './orders.ts'
import { alertSeen, incidentSeen, silenceSeen, time, zonesSeen } from './present.ts'
import { minute_ms } from './readings.ts'
import type { StationSeen } from './stations.ts'

/** Long enough for a station with a good line to answer, short enough for a person who waits. */
const answer_wait_ms = 1_500
const most_rows = 10_000
const most_open = 500
const hour_ms = 3_600_000

const Shown = Type.Object({}, { additionalProperties: true })
const Params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const Which = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('all')])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 }))
})

export const serveStations = (app: App, { city, locale }: AppParts): void => {
  const { clock } = city
  /** The station, or nothing after a 404 was sent. */
  const find = (request: FastifyRequest, reply: FastifyReply, id: string): StationSeen | undefined => {
    const station = city.stations.get(id)
    if (station === undefined) problem(request, reply, 404, 'no_such_station', locale)
    return station
  }
  const about = (summary: string) => ({ summary, tags: ['stations'], security: [{ session: [] }] })

  app.get('/api/stations', { schema: { ...about('Every station'), response: { 200: Type.Array(Shown) } } }, async () =>
    city.stations.all().map(city.shown)
  )

  app.get(
    '/api/stations/:id',
    { schema: { ...about('One station, with its zones and units'), params: Params } },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      if (station === undefined) return reply
      return {
        ...city.shown(station),
        journal: station.journal ?? null,
        latest: latestOf(station)
      }
    }
  )

  app.get(
    '/api/incidents',
    { schema: { ...about('Every open incident of every station'), response: { 200: Type.Array(Shown) } } },
    async () =>
      city.stations
        .all()
        .flatMap(station =>
          entities(station, 'open', most_open).flatMap(entity =>
            entity.kind === 'incident' ? [{ station: station.id, ...incidentSeen(entity.state) }] : []
          )
        )
  )

  app.get(
    '/api/stations/:id/zones',
    { schema: { ...about('Its zones: what is old is unknown'), params: Params } },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      return station === undefined ? reply : zonesSeen(station, clock.now())
    }
  )

  app.get(
    '/api/stations/:id/alerts',
    { schema: { ...about('Its alerts, and the cloud’s own when the station is silent'), params: Params, querystring: Which } },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      if (station === undefined) return reply
      const { state = 'open', limit = 200 } = request.query
      const silences = city.silences.list(station.id, limit).filter(({ cleared_at }) => state === 'all' || cleared_at === null)
      const alerts = entities(station, state, limit).flatMap(entity => (entity.kind === 'alert' ? [alertSeen(entity.state)] : []))
      return [...silences.map(silenceSeen), ...alerts]
    }
  )

  app.get(
    '/api/stations/:id/incidents',
    { schema: { ...about('Its incidents'), params: Params, querystring: Which } },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      if (station === undefined) return reply
      const { state = 'open', limit = 200 } = request.query
      return entities(station, state, limit).flatMap(entity => (entity.kind === 'incident' ? [incidentSeen(entity.state)] : []))
    }
  )

  app.get(
    '/api/stations/:id/incidents/:incident',
    {
      schema: {
        ...about('One incident and its whole story'),
        params: Type.Object({ ...Params.properties, incident: Type.String({ maxLength: 128 }) })
      }
    },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      if (station === undefined) return reply
      const journal = station.journal ?? ''
      const entity = city.inbox.entity(station.id, journal, request.params.incident)
      if (entity?.kind !== 'incident') return problem(request, reply, 404, 'no_such_incident', locale)
      const timeline = city.inbox.story(station.id, journal, entity.id).map(({ seq, event }) => ({ ...event, seq, at: time(event.at) }))
      return { ...incidentSeen(entity.state), timeline }
    }
  )

  app.get(
    '/api/stations/:id/readings',
    {
      schema: {
        ...about('What it measured; step in seconds, under 60 the readings themselves'),
        params: Params,
        querystring: Type.Object({
          zone: Type.Optional(Type.String({ maxLength: 64 })),
          device: Type.Optional(Type.String({ maxLength: 64 })),
          quantity: Type.Optional(Type.Enum(Object.keys(quantities))),
          from: Type.Optional(Type.String({ maxLength: 40 })),
          to: Type.Optional(Type.String({ maxLength: 40 })),
          step: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: most_rows }))
        })
      }
    },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      if (station === undefined) return reply
      const { from, to, step = 60, limit = most_rows, ...wanted } = request.query
      const until = to === undefined ? clock.now() + 1 : Date.parse(to)
      const since = from === undefined ? until - hour_ms : Date.parse(from)
      if (Number.isNaN(since) || Number.isNaN(until)) return problem(request, reply, 400, 'not_understood', locale, 'from, to: RFC 3339')
      // Raw readings of a long span would unpack thousands of blocks: minutes answer it.
      const step_ms = step * 1000 < minute_ms && until - since > hour_ms ? minute_ms : step * 1000
      const rows = city.readings.query({ station: station.id, ...wanted, from: since, to: until, step_ms, limit })
      return rows.map(row => ({ ...row, at: time(row.at) }))
    }
  )

  app.post(
    '/api/stations/:id/commands',
    {
      schema: {
        ...about('Asks the station to do something; delivered only when the station has answered, pending until then'),
        params: Params,
        body: Type.Union([
          Type.Object(
            {
              type: Type.Literal('acknowledge'),
              incident: Type.String({ minLength: 1, maxLength: 128 }),
              unit: Type.String({ minLength: 1, maxLength: 64 })
            },
            { additionalProperties: false }
          ),
          Type.Object(
            {
              type: Type.Literal('note'),
              incident: Type.String({ minLength: 1, maxLength: 128 }),
              text: Type.String({ minLength: 1, maxLength: 1_000 })
            },
            { additionalProperties: false }
          )
        ])
      }
    },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      const { person } = request
      if (station === undefined || person === undefined) return reply
      if (!person.roles.includes('city_operator')) return problem(request, reply, 403, 'may_not', locale)
      const key = request.headers['idempotency-key']
      // A repeat of the same tap finds the first order under the same id.
      const id = typeof key === 'string' && /^[\w-]{8,64}$/.test(key) ? `${person.name}-${key}` : randomUUID()
      const known = city.orders.one(station.id, id)
      if (known !== undefined) return reply.code(202).send(answerOf(known))
      const command: CloudCommand = { id, by: person.name, ...request.body }
      const order = await city.command(station, command, answer_wait_ms)
      if (order === undefined) return problem(request, reply, 409, 'too_many_pending', locale)
      return reply.code(202).send(answerOf(order))
    }
  )

  app.get(
    '/api/stations/:id/commands',
    {
      schema: {
        ...about('Commands and what became of them: pending, done or refused'),
        params: Params,
        querystring: Type.Pick(Which, ['limit'])
      }
    },
    async (request, reply) => {
      const station = find(request, reply, request.params.id)
      return station === undefined ? reply : city.orders.list(station.id, request.query.limit ?? 100).map(orderSeen)
    }
  )

  const entities = (station: StationSeen, state: 'open' | 'all', limit: number) =>
    city.inbox.entities(station.id, station.journal ?? '', state, limit)
  const latestOf = (station: StationSeen) => [...station.latest.values()].map(reading => ({ ...reading, at: time(reading.at) }))
}

const orderSeen = ({ made_at, answered_at, ...order }: Order) => ({ ...order, made_at: time(made_at), answered_at: time(answered_at) })

/** `delivered` only once the station itself has answered, whatever its answer was. */
const answerOf = (order: Order) => ({
  ...orderSeen(order),
  state: order.state === 'pending' ? 'pending' : 'delivered',
  outcome: order.state
})
