/** Signing in and out, and who one is. */
import { Type } from 'typebox'
import { cookieOf } from './door.ts'
import { refuse } from './problems.ts'
import { type App, type Room, whoOf } from './room.ts'
import { absolute_ms } from './sessions.ts'
import * as Shapes from './shapes.ts'

export const serveSignIn = (app: App, room: Room): void => {
  const { desk, present, sessions, accountDoors, addressDoors, counters } = room
  const cookie = cookieOf(room.secure)
  const cookieSettings = { httpOnly: true, sameSite: 'strict' as const, secure: room.secure, path: '/' }

  app.post(
    '/api/session',
    {
      schema: {
        summary: 'Sign in',
        tags: ['session'],
        body: Type.Object(
          { name: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) },
          { additionalProperties: false }
        ),
        response: { 200: Shapes.Me, 401: Shapes.Problem, 429: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const { name, password } = request.body
      const door = `${name}\n${request.ip}`
      if (accountDoors.locked(door) || addressDoors.locked(request.ip)) return refuse(request, reply, 'too_many_attempts')
      // Counted before the answer is known: a hundred guesses sent at once are still a hundred guesses.
      accountDoors.fail(door)
      addressDoors.fail(request.ip)
      // Both are asked whatever the name, so that the time taken tells nobody which names exist.
      const right = await room.checkUser(name, password)
      const who = room.who(name)
      if (!right || who === undefined) {
        counters.sign_ins_refused_total++
        // A password typed into the name field must not reach the journal: only names that exist are written down.
        note({ type: 'sign_in_refused', id: who?.name ?? 'unknown', at: desk.clock.now(), address: request.ip })
        return refuse(request, reply, 'wrong_name_or_password')
      }
      accountDoors.open(door)
      addressDoors.forgive(request.ip)
      const old = request.cookies[cookie]
      if (old !== undefined) sessions.end(old)
      const session = sessions.start(who.name, request.ip, request.headers['user-agent'] ?? '')
      counters.sign_ins_total++
      note({ type: 'signed_in', id: who.name, at: desk.clock.now(), address: request.ip })
      return reply.setCookie(cookie, session.id, { ...cookieSettings, maxAge: absolute_ms / 1000 }).send(present.me(who, request.locale))
    }
  )

  const note = (event: Parameters<typeof desk.note>[0]): void => {
    desk.note(event).catch(error => app.log.error({ err: error }, `${event.type} is not on disk`))
  }

  app.delete(
    '/api/session',
    { schema: { summary: 'Sign out', tags: ['session'], response: { 204: Type.Null() } } },
    async (request, reply) => {
      const id = request.cookies[cookie]
      if (id !== undefined) sessions.end(id)
      return reply.clearCookie(cookie, cookieSettings).code(204).send(null)
    }
  )

  app.get(
    '/api/me',
    { schema: { summary: 'Who am I and what may I do', tags: ['session'], response: { 200: Shapes.Me, 401: Shapes.Problem } } },
    async request => present.me(whoOf(request), request.locale)
  )

  app.get(
    '/api/station',
    { schema: { summary: 'The station, its zones, its clock and its link', tags: ['station'], response: { 200: Shapes.Station } } },
    async request => present.station(request.locale)
  )

  app.get(
    '/api/units',
    { schema: { summary: 'Who can be sent', tags: ['station'], response: { 200: Type.Array(Shapes.Unit) } } },
    async request => desk.units().map(unit => present.unit(unit, request.locale))
  )
}
