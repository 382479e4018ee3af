/** The roster over HTTP: who is on duty, what is changed of it, and how command passes from one to the other. */
import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { RosterCommand } from '../domain/roster-state.ts'
import { momentOf } from './input.ts'
import { timesOf } from './language.ts'
import { presentPowers, presentRoster } from './present-roster.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import { Powers, Roster } from './roster-shape.ts'
import * as Shapes from './shapes.ts'

const strict = { additionalProperties: false }
const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Name = Type.String({ minLength: 1, maxLength: 128 })
const Reason = Type.String({ minLength: 1, maxLength: 500 })
const Text = Type.String({ maxLength: 2000 })
const Moment = Type.String({ maxLength: 40, description: 'RFC 3339 with offset' })
const Away = { unit: Name, from: Type.Optional(Moment), until: Moment, reason: Reason }
const answers = { 200: Roster, 201: Roster, 403: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }
const newId = (letter: string): string => `${letter}-${randomBytes(5).toString('hex')}`

export const serveRoster = (app: App, { desk }: Room): void => {
  const time = timesOf(desk.station.timezone)
  const order = async (request: FastifyRequest, reply: FastifyReply, command: RosterCommand, code = 200) => {
    const answer = desk.rosterCommand(command)
    if ('refused' in answer) return refuse(request, reply, answer.refused, undefined, answer.missing)
    return afterKept(answer.kept, request, reply.code(code), presentRoster(desk, time, request.locale))
  }
  /** An officer speaks for their own unit, a duty commander for all. */
  const speaksFor = (request: FastifyRequest, unit: string): boolean => {
    const { units, roles } = whoOf(request)
    return units.includes(unit) || roles.includes('duty_commander')
  }
  const during = ({ from, until }: { readonly from?: string; readonly until: string }) => ({
    from: momentOf('from', from, time, 'body') ?? desk.clock.now(),
    until: momentOf('until', until, time, 'body') ?? 0
  })
  const restore = async (request: FastifyRequest, reply: FastifyReply, id: string, kind: 'absent' | 'swapped') => {
    const change = desk.roster().plan.find(one => one.id === id && one.kind === kind)
    if (change === undefined) return refuse(request, reply, 'no_such_change')
    if (!speaksFor(request, change.unit)) return refuse(request, reply, 'not_your_unit')
    return order(request, reply, { type: 'restore', id, by: whoOf(request).name })
  }

  app.get(
    '/api/roster',
    {
      schema: {
        summary: 'Units and people, who is on duty now and in the next 24 hours, where cover is missing, and who commands',
        tags: ['roster'],
        response: { 200: Roster }
      }
    },
    async request => presentRoster(desk, time, request.locale)
  )

  app.post(
    '/api/roster/absences',
    {
      schema: {
        summary: 'A unit is away for a while, and why',
        tags: ['roster'],
        body: Type.Object(Away, strict),
        response: answers
      }
    },
    async (request, reply) => {
      const { unit, reason } = request.body
      if (!speaksFor(request, unit)) return refuse(request, reply, 'not_your_unit')
      const command = { id: newId('d'), unit, reason, by: whoOf(request).name, ...during(request.body) }
      return order(request, reply, { type: 'absent', ...command }, 201)
    }
  )

  app.post(
    '/api/roster/swaps',
    {
      schema: {
        summary: 'Another unit of the same agency works the shifts of this one for a while',
        tags: ['roster'],
        body: Type.Object({ ...Away, with: Name }, strict),
        response: answers
      }
    },
    async (request, reply) => {
      const { unit, with: other, reason } = request.body
      if (!speaksFor(request, unit)) return refuse(request, reply, 'not_your_unit')
      const command = { id: newId('d'), unit, with: other, reason, by: whoOf(request).name, ...during(request.body) }
      return order(request, reply, { type: 'swap', ...command }, 201)
    }
  )

  app.delete(
    '/api/roster/absences/:id',
    { schema: { summary: 'The unit is back: the plan holds again from now on', tags: ['roster'], params: Id, response: answers } },
    (request, reply) => restore(request, reply, request.params.id, 'absent')
  )

  app.delete(
    '/api/roster/swaps/:id',
    { schema: { summary: 'The swap is over: the plan holds again from now on', tags: ['roster'], params: Id, response: answers } },
    (request, reply) => restore(request, reply, request.params.id, 'swapped')
  )

  app.post(
    '/api/handover',
    {
      schema: {
        summary: 'Offer the command to another duty commander, with everything that is open; it stays with the giver until the last step',
        tags: ['roster'],
        body: Type.Object({ to: Name, text: Type.Optional(Text) }, strict),
        response: answers
      }
    },
    (request, reply) => {
      const { to, text = '' } = request.body
      return order(request, reply, { type: 'offer', id: newId('h'), by: whoOf(request).name, to, text }, 201)
    }
  )

  app.post(
    '/api/handover/read-back',
    {
      schema: {
        summary: 'The receiver says back what is open; every open red incident must be named',
        tags: ['roster'],
        body: Type.Object({ items: Type.Array(Name, { maxItems: 1000 }), text: Type.Optional(Text) }, strict),
        response: answers
      }
    },
    (request, reply) => {
      const { items, text = '' } = request.body
      return order(request, reply, { type: 'read_back', by: whoOf(request).name, items, text })
    }
  )

  app.post(
    '/api/handover/confirmation',
    { schema: { summary: 'The giver confirms what was read back: the command has passed', tags: ['roster'], response: answers } },
    (request, reply) => order(request, reply, { type: 'confirm', by: whoOf(request).name })
  )

  app.post(
    '/api/handover/take',
    {
      schema: {
        summary: 'Take the command: at the begin of duty, or because its holder does not answer; the reason is on record',
        tags: ['roster'],
        body: Type.Object({ reason: Reason }, strict),
        response: answers
      }
    },
    (request, reply) => order(request, reply, { type: 'take', id: newId('h'), by: whoOf(request).name, reason: request.body.reason }, 201)
  )

  app.delete(
    '/api/handover',
    {
      schema: {
        summary: 'The giver takes the offer back, or the receiver declines it and says why',
        tags: ['roster'],
        body: Type.Optional(Type.Object({ reason: Type.Optional(Reason) }, strict)),
        response: answers
      }
    },
    (request, reply) => {
      const { name: by } = whoOf(request)
      const offered = desk.roster().command.offer?.to === by
      return order(request, reply, offered ? { type: 'decline', by, reason: request.body?.reason ?? '' } : { type: 'withdraw', by })
    }
  )

  app.get(
    '/api/powers',
    {
      schema: {
        summary: 'What each agency may lawfully do and by which law; quoted from memory, to be verified by a lawyer of the place',
        tags: ['roster'],
        response: { 200: Powers }
      }
    },
    async request => presentPowers(request.locale)
  )
}
