/** Maintenance windows: what is out of service until when, who owns that, and the patrol that looks instead. */
import { Type } from 'typebox'
import type { Maintenance as Window } from '../domain/maintenance.ts'
import { timesOf } from './language.ts'
import { Covers, Maintenance } from './maintenance-shape.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Name = Type.String({ minLength: 1, maxLength: 128 })
const answers = { 200: Maintenance, 201: Maintenance, 404: Shapes.Problem, 409: Shapes.Problem }

export const serveMaintenance = (app: App, { desk }: Room): void => {
  const time = timesOf(desk.station.timezone)
  const shown = ({ id, covers, owner, by, reason, from, until, phase, patrol, rounds, missed, round_due_at }: Window) => ({
    id,
    covers,
    owner,
    by,
    reason,
    from: time(from),
    until: time(until),
    phase,
    patrol,
    rounds: rounds.map(round => ({ by: round.by, at: time(round.at) })),
    missed,
    round_due_at: phase === 'open' ? time(round_due_at) : null
  })

  app.get(
    '/api/maintenance',
    {
      schema: {
        summary: 'What is out of service, and who looks instead',
        tags: ['maintenance'],
        response: { 200: Type.Array(Maintenance) }
      }
    },
    async () => [...desk.maintenance()].reverse().map(shown)
  )

  app.post(
    '/api/maintenance',
    {
      schema: {
        summary: 'Take a zone or a device out of service for a while; somebody owns it, and a unit patrols instead',
        tags: ['maintenance'],
        body: Type.Object(
          {
            covers: Covers,
            owner: Name,
            reason: Type.String({ minLength: 1, maxLength: 500 }),
            from: Type.Optional(Type.String({ description: 'RFC 3339; now when absent' })),
            for_s: Type.Integer({ minimum: 60, maximum: 12 * 3600 }),
            patrol: Type.Object({ unit: Name, every_s: Type.Integer({ minimum: 60, maximum: 3600 }) }, { additionalProperties: false })
          },
          { additionalProperties: false }
        ),
        response: answers
      }
    },
    async (request, reply) => {
      const { covers, owner, reason, from: from_text, for_s, patrol } = request.body
      if (covers.zone !== undefined && !desk.zones().some(({ id }) => id === covers.zone)) return refuse(request, reply, 'no_such_zone')
      if (!desk.units().some(({ id }) => id === patrol.unit)) return refuse(request, reply, 'no_such_unit')
      const known = covers.device === undefined || [...desk.devices(), ...desk.cameras.list()].some(({ id }) => id === covers.device)
      if (!known) return refuse(request, reply, 'no_such_device')
      const parsed = from_text === undefined ? Number.NaN : Date.parse(from_text)
      const from = Number.isFinite(parsed) ? Math.max(parsed, desk.clock.now()) : desk.clock.now()
      const answer = desk.planMaintenance({
        covers,
        owner,
        by: whoOf(request).name,
        reason,
        patrol,
        from,
        until: from + for_s * 1000
      })
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply.code(201), shown(answer.state))
    }
  )

  app.post(
    '/api/maintenance/:id/rounds',
    { schema: { summary: 'The standing-in patrol was here and saw nothing', tags: ['maintenance'], params: Id, response: answers } },
    async (request, reply) => {
      const answer = desk.maintain(request.params.id, { type: 'round', by: whoOf(request).name })
      return 'refused' in answer ? refuse(request, reply, answer.refused) : afterKept(answer.kept, request, reply, shown(answer.state))
    }
  )

  app.delete(
    '/api/maintenance/:id',
    { schema: { summary: 'Back in service', tags: ['maintenance'], params: Id, response: answers } },
    async (request, reply) => {
      const answer = desk.maintain(request.params.id, { type: 'end', by: whoOf(request).name })
      return 'refused' in answer ? refuse(request, reply, answer.refused) : afterKept(answer.kept, request, reply, shown(answer.state))
    }
  )
}
