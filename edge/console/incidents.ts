/** Incidents: opened, answered by each unit asked, worked on, cleared and closed. The station decides; this only asks it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Command, Incident } from '../domain/incident.ts'
import { isSearch } from '../domain/sought.ts'
import type { Who } from '../ports.ts'
import { worstFirst } from './order.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'
import { SoughtBody, soughtOf } from './sought.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Text = Type.String({ minLength: 1, maxLength: 2_000 })
const UnitId = Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'the unit that answers; yours when absent' }))
const Nothing = Type.Optional(Type.Object({}, { additionalProperties: false }))
const answers = { 200: Shapes.Incident, 403: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }

const [open, comma, close] = ['[', ',', ']'].map(sign => Buffer.from(sign)) as [Buffer, Buffer, Buffer]

export const serveIncidents = (app: App, { desk, present }: Room): void => {
  const find = (id: string): Incident | undefined => desk.incidents().find(incident => incident.id === id)

  app.get(
    '/api/incidents',
    {
      schema: {
        summary: 'Incidents, the worst and newest first',
        tags: ['incidents'],
        querystring: Type.Object({ phase: Type.Optional(Type.Enum(['open', 'closed', 'all'])) }, { additionalProperties: false }),
        response: { 200: Type.Array(Shapes.Incident) }
      }
    },
    async (request, reply) => {
      const { phase = 'all' } = request.query
      const incidents = desk
        .incidents()
        .filter(incident => phase === 'all' || incident.phase === phase)
        .sort((a, b) => Number(a.phase === 'closed') - Number(b.phase === 'closed') || worstFirst(a, b))
      const parts = incidents.flatMap((incident, i) => [i === 0 ? open : comma, ...present.incidentJson(incident, request.locale)])
      const bytes = Buffer.concat(parts.length === 0 ? [open, close] : [...parts, close])
      // They hold just that shape; the type of an answer knows no bytes.
      return reply.type('application/json; charset=utf-8').send(bytes as never)
    }
  )

  app.get(
    '/api/incidents/:id',
    { schema: { summary: 'One incident', tags: ['incidents'], params: Id, response: { 200: Shapes.Incident, 404: Shapes.Problem } } },
    async (request, reply) => {
      const incident = find(request.params.id)
      return incident === undefined ? refuse(request, reply, 'no_such_incident') : present.incident(incident, request.locale)
    }
  )

  app.post(
    '/api/incidents',
    {
      schema: {
        summary: 'Open an incident by hand',
        tags: ['incidents'],
        body: Type.Object(
          {
            kind: Shapes.KindWord,
            zone: Type.String({ maxLength: 128 }),
            severity: Shapes.SeverityWord,
            text: Type.String({
              minLength: 1,
              maxLength: 2_000,
              description: 'of somebody who is lost it is kept apart, and erased in time'
            }),
            sought: Type.Optional(SoughtBody)
          },
          { additionalProperties: false }
        ),
        response: { ...answers, 201: Shapes.Incident }
      }
    },
    async (request, reply) => {
      if (!desk.zones().some(({ id }) => id === request.body.zone)) return refuse(request, reply, 'no_such_zone')
      const { sought, ...what } = request.body
      if (sought !== undefined && !isSearch(what.kind)) return refuse(request, reply, 'nobody_is_sought')
      const answer = desk.open({ ...what, ...(sought && { sought: soughtOf(sought, what.text) }), by: whoOf(request).name })
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply.code(201), present.incident(answer.state, request.locale))
    }
  )

  const command = async (request: FastifyRequest, reply: FastifyReply, id: string, what: Command) => {
    const answer = desk.command(id, what)
    if ('refused' in answer) return refuse(request, reply, answer.refused)
    return afterKept(answer.kept, request, reply, present.incident(answer.state, request.locale))
  }

  app.post(
    '/api/incidents/:id/acknowledgement',
    {
      schema: {
        summary: 'We have it: the answer of one unit that was asked',
        tags: ['incidents'],
        params: Id,
        body: Type.Optional(Type.Object({ unit: UnitId }, { additionalProperties: false })),
        response: answers
      }
    },
    async (request, reply) => {
      const incident = find(request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const who = whoOf(request)
      const unit = answeringUnit(incident, who, request.body?.unit)
      if (unit === undefined) return refuse(request, reply, 'not_your_unit')
      return command(request, reply, incident.id, { type: 'acknowledge', unit, by: who.name })
    }
  )

  app.post(
    '/api/incidents/:id/responses',
    {
      schema: {
        summary: 'How far one unit is: on its way, there, done, or why it cannot come',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          { unit: UnitId, status: Shapes.StatusWord, reason: Type.Optional(Type.String({ maxLength: 500 })) },
          { additionalProperties: false }
        ),
        response: answers
      }
    },
    async (request, reply) => {
      const incident = find(request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const who = whoOf(request)
      const { status, reason } = request.body
      const unit = answeringUnit(incident, who, request.body.unit, status !== 'acknowledged' && status !== 'declined')
      if (unit === undefined) return refuse(request, reply, 'not_your_unit')
      return command(request, reply, incident.id, { type: 'respond', unit, by: who.name, status, ...(reason !== undefined && { reason }) })
    }
  )

  app.post(
    '/api/incidents/:id/notes',
    {
      schema: {
        summary: 'Write something down for everyone',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          { text: Text, step: Type.Optional(Type.String({ maxLength: 64, description: 'the step of the checklist that is done' })) },
          { additionalProperties: false }
        ),
        response: answers
      }
    },
    (request, reply) => command(request, reply, request.params.id, { type: 'note', by: whoOf(request).name, ...request.body })
  )

  for (const [path, type, summary] of [
    ['confirmation', 'confirm_action', 'A person says that a proposed siren, sign or loudspeaker may be seen or heard by the public'],
    ['stop', 'stop_action', 'A person ends a siren or a sign before its time; one is enough, and it may be confirmed anew']
  ] as const)
    app.post(
      `/api/incidents/:id/actions/:action/${path}`,
      {
        schema: {
          summary,
          tags: ['incidents'],
          params: Type.Object({ id: Type.String({ maxLength: 128 }), action: Type.String({ maxLength: 128 }) }),
          body: Nothing,
          response: answers
        }
      },
      (request, reply) => {
        const { id, action } = request.params
        return command(request, reply, id, { type, action, by: whoOf(request).name })
      }
    )

  app.post(
    '/api/incidents/:id/all-clear',
    {
      schema: {
        summary: 'The danger is over, says one role; a red incident needs two people in two roles',
        tags: ['incidents'],
        params: Id,
        body: Type.Optional(Type.Object({ role: Type.Optional(Shapes.RoleWord) }, { additionalProperties: false })),
        response: answers
      }
    },
    async (request, reply) => {
      const incident = find(request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const who = whoOf(request)
      const wanted = request.body?.role
      if (wanted !== undefined && !who.roles.includes(wanted)) return refuse(request, reply, 'may_not')
      const role = wanted ?? who.roles.find(one => !incident.all_clear.some(given => given.role === one)) ?? who.roles[0]
      if (role === undefined) return refuse(request, reply, 'may_not')
      return command(request, reply, incident.id, { type: 'all_clear', by: who.name, role })
    }
  )

  app.post(
    '/api/incidents/:id/closure',
    {
      schema: {
        summary: 'Close it, with an outcome',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          {
            outcome: Shapes.OutcomeWord,
            text: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'why; what made a false alarm one' }))
          },
          { additionalProperties: false }
        ),
        response: answers
      }
    },
    (request, reply) => command(request, reply, request.params.id, { type: 'close', by: whoOf(request).name, ...request.body })
  )
}

/** The unit a person answers for: the one they name if it is theirs, otherwise their own one that was asked and is still silent. */
const answeringUnit = (incident: Incident, who: Who, named: string | undefined, already = false): string | undefined => {
  if (named !== undefined) return who.units.includes(named) ? named : undefined
  const mine = Object.values(incident.responses).filter(({ unit }) => who.units.includes(unit))
  const waiting = mine.find(({ status }) => status === 'asked' || status === 'shown' || status === 'heard')
  const going = mine.find(({ status }) => status === 'acknowledged' || status === 'en_route' || status === 'on_scene')
  return ((already ? going : waiting) ?? waiting ?? going ?? mine[0])?.unit
}
