/** Alerts: what somebody should look at, and the marks of who did. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { AlertCommand } from '../domain/alert.ts'
import { worstFirst } from './order.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const answers = { 200: Shapes.Alert, 403: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }
const Nothing = Type.Optional(Type.Object({}, { additionalProperties: false }))

export const serveAlerts = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/alerts',
    {
      schema: {
        summary: 'Alerts, the worst and newest first',
        tags: ['alerts'],
        querystring: Type.Object(
          {
            phase: Type.Optional(Type.Enum(['open', 'closed', 'all'])),
            group: Type.Optional(Type.String({ maxLength: 300, description: 'only the open ones of this group of the board' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 }))
          },
          { additionalProperties: false }
        ),
        response: { 200: Type.Array(Shapes.Alert) }
      }
    },
    async request => {
      const { phase = 'open', group, limit } = request.query
      const sought = group === undefined ? desk.alerts().filter(alert => phase === 'all' || alert.phase === phase) : desk.members(group)
      return [...sought]
        .sort(worstFirst)
        .slice(0, limit)
        .map(alert => present.alert(alert, request.locale))
    }
  )

  app.get(
    '/api/board',
    {
      schema: {
        summary: 'What a person is to read: alerts in lines, at most ten called out in ten minutes, each alert under exactly one',
        tags: ['alerts'],
        response: { 200: Shapes.Board }
      }
    },
    async request => present.board(desk.board(), request.locale)
  )

  app.get(
    '/api/alerts/:id',
    { schema: { summary: 'One alert', tags: ['alerts'], params: Id, response: { 200: Shapes.Alert, 404: Shapes.Problem } } },
    async (request, reply) => {
      const alert = desk.alerts().find(({ id }) => id === request.params.id)
      return alert === undefined ? refuse(request, reply, 'no_such_alert') : present.alert(alert, request.locale)
    }
  )

  const command = async (request: FastifyRequest, reply: FastifyReply, id: string, what: AlertCommand) => {
    const answer = desk.alertCommand(id, what)
    if ('refused' in answer) return refuse(request, reply, answer.refused)
    return afterKept(answer.kept, request, reply, present.alert(answer.state, request.locale))
  }

  app.post(
    '/api/alerts/:id/acknowledgement',
    {
      schema: {
        summary: 'I have seen it: the present episode, an earlier one by its number, or all of them',
        tags: ['alerts'],
        params: Id,
        body: Type.Optional(
          Type.Object(
            { episode: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('all')])) },
            { additionalProperties: false }
          )
        ),
        response: answers
      }
    },
    (request, reply) => command(request, reply, request.params.id, { type: 'acknowledge', by: whoOf(request).name, ...request.body })
  )

  app.post(
    '/api/alerts/:id/reset',
    {
      schema: {
        summary: 'It is really over: the reset of an alert that latches, after its condition has gone and it was seen',
        tags: ['alerts'],
        params: Id,
        body: Nothing,
        response: answers
      }
    },
    (request, reply) => command(request, reply, request.params.id, { type: 'reset', by: whoOf(request).name })
  )

  app.post(
    '/api/alerts/:id/confirmation',
    { schema: { summary: 'It has been dealt with', tags: ['alerts'], params: Id, body: Nothing, response: answers } },
    (request, reply) => command(request, reply, request.params.id, { type: 'confirm', by: whoOf(request).name })
  )

  app.post(
    '/api/alerts/:id/shelf',
    {
      schema: {
        summary: 'Put it out of sight for a while, with a reason; never a red one',
        tags: ['alerts'],
        params: Id,
        body: Type.Object(
          {
            for_s: Type.Integer({ minimum: 1, maximum: 31 * 86_400 }),
            reason: Type.String({ minLength: 1, maxLength: 500 }),
            mode: Type.Optional(
              Type.Enum(['timed', 'one_shot'], { description: 'one_shot ends with this episode, at the latest when the time is over' })
            )
          },
          { additionalProperties: false }
        ),
        response: answers
      }
    },
    (request, reply) => command(request, reply, request.params.id, { type: 'shelve', by: whoOf(request).name, ...request.body })
  )

  app.delete(
    '/api/alerts/:id/shelf',
    { schema: { summary: 'Take it back from the shelf', tags: ['alerts'], params: Id, response: answers } },
    (request, reply) => command(request, reply, request.params.id, { type: 'unshelve', by: whoOf(request).name })
  )
}
