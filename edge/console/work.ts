/** The work of an incident: tasks and their answers, evidence by its hash, who on scene is well, and two incidents that are one. */
import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Command, Incident } from '../domain/incident.ts'
import { powerOf, sayPower } from '../domain/powers.ts'
import type { Answer } from '../ports.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const TaskId = Type.Object({ id: Type.String({ maxLength: 128 }), task: Type.String({ maxLength: 128 }) })
const Name = Type.String({ minLength: 1, maxLength: 128 })
const Reason = Type.String({ minLength: 1, maxLength: 500 })
const answers = { 200: Shapes.Incident, 201: Shapes.Incident, 403: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }
const strict = { additionalProperties: false }

export const serveWork = (app: App, { desk, present }: Room): void => {
  const say = async (request: FastifyRequest, reply: FastifyReply, answer: Answer<Incident>, code = 200) => {
    if ('refused' in answer) return refuse(request, reply, answer.refused)
    return afterKept(answer.kept, request, reply.code(code), present.incident(answer.state, request.locale))
  }
  const order = async (request: FastifyRequest, reply: FastifyReply, id: string, command: Command, code = 200) =>
    say(request, reply, desk.command(id, command), code)

  app.post(
    '/api/incidents/:id/tasks',
    {
      schema: {
        summary: 'Something to be done, by whom, and by when',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          {
            text: Type.String({ minLength: 1, maxLength: 500 }),
            agency: Type.Optional(Shapes.AgencyWord),
            unit: Type.Optional(Name),
            zone: Type.Optional(Name),
            power: Type.Optional(Shapes.PowerWord),
            within_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 * 86_400 }))
          },
          strict
        ),
        response: answers
      }
    },
    async (request, reply) => {
      const { within_s, ...what } = request.body
      if (what.unit !== undefined && !desk.units().some(({ id }) => id === what.unit)) return refuse(request, reply, 'no_such_unit')
      if (what.zone !== undefined && !desk.zones().some(({ id }) => id === what.zone)) return refuse(request, reply, 'no_such_zone')
      const doing = what.agency ?? desk.units().find(({ id }) => id === what.unit)?.agency
      if (what.power !== undefined && doing !== undefined && !powerOf(doing, what.power).may)
        return refuse(request, reply, 'power_missing', undefined, [sayPower(doing, what.power, request.locale)])
      const due = within_s === undefined ? {} : { due_at: desk.clock.now() + within_s * 1000 }
      const task = { id: `t-${randomBytes(4).toString('hex')}`, by: whoOf(request).name, ...what, ...due }
      return order(request, reply, request.params.id, { type: 'add_task', task }, 201)
    }
  )

  app.post(
    '/api/incidents/:id/tasks/:task/completion',
    {
      schema: {
        summary: 'The task is done, and what was found',
        tags: ['incidents'],
        params: TaskId,
        body: Type.Optional(Type.Object({ answer: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) }, strict)),
        response: answers
      }
    },
    async (request, reply) => {
      const { id, task } = request.params
      return order(request, reply, id, { type: 'finish_task', task, by: whoOf(request).name, ...request.body })
    }
  )

  app.delete(
    '/api/incidents/:id/tasks/:task',
    { schema: { summary: 'The task is no longer needed', tags: ['incidents'], params: TaskId, response: answers } },
    async (request, reply) => {
      const { id, task } = request.params
      return order(request, reply, id, { type: 'cancel_task', task, by: whoOf(request).name })
    }
  )

  app.post(
    '/api/incidents/:id/check-ins',
    {
      schema: {
        summary: 'A unit on scene says that it is well; one that is not heard from in time is asked after',
        tags: ['incidents'],
        params: Id,
        body: Type.Object({ unit: Name }, strict),
        response: answers
      }
    },
    async (request, reply) => {
      const who = whoOf(request)
      const { unit } = request.body
      // A commander who has them on the radio may say it for them.
      if (!who.units.includes(unit) && !who.roles.includes('duty_commander')) return refuse(request, reply, 'not_your_unit')
      return order(request, reply, request.params.id, { type: 'check_in', unit, by: who.name })
    }
  )

  app.post(
    '/api/incidents/:id/attachments',
    {
      schema: {
        summary: 'Evidence that somebody holds, by its SHA-256; the station never takes the thing itself',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 200 }),
            media_type: Type.String({ minLength: 3, maxLength: 100, examples: ['image/jpeg'] }),
            bytes: Type.Integer({ minimum: 0 }),
            sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
            text: Type.Optional(Type.String({ maxLength: 500 }))
          },
          strict
        ),
        response: answers
      }
    },
    (request, reply) => order(request, reply, request.params.id, { type: 'attach', by: whoOf(request).name, ...request.body }, 201)
  )

  app.post(
    '/api/incidents/:id/merge',
    {
      schema: {
        summary: 'This incident is another one: it goes into that one, and is closed as its duplicate',
        tags: ['incidents'],
        params: Id,
        body: Type.Object({ into: Name, reason: Reason }, strict),
        response: answers
      }
    },
    async (request, reply) => {
      const { into, reason } = request.body
      return say(request, reply, desk.merge(request.params.id, into, whoOf(request).name, reason))
    }
  )

  app.post(
    '/api/incidents/:id/split',
    {
      schema: {
        summary: 'Part of this incident is another one; the answer is the new incident',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          {
            kind: Shapes.KindWord,
            zone: Name,
            severity: Shapes.SeverityWord,
            alerts: Type.Optional(Type.Array(Name, { maxItems: 100 })),
            reason: Reason
          },
          strict
        ),
        response: answers
      }
    },
    async (request, reply) => {
      if (!desk.zones().some(({ id }) => id === request.body.zone)) return refuse(request, reply, 'no_such_zone')
      const { alerts = [], ...what } = request.body
      return say(request, reply, desk.split(request.params.id, { ...what, alerts, by: whoOf(request).name }), 201)
    }
  )

  app.post(
    '/api/incidents/:id/reopening',
    {
      schema: {
        summary: 'It was not over: everyone needed is asked anew',
        tags: ['incidents'],
        params: Id,
        body: Type.Object({ reason: Reason }, strict),
        response: answers
      }
    },
    (request, reply) => say(request, reply, desk.reopen(request.params.id, whoOf(request).name, request.body.reason))
  )
}
