/** The door of the console: every request is placed (language, person, origin) and measured against the policy before anything else sees it. */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Who } from '../ports.ts'
import { localeOf } from './language.ts'
import { may, policy } from './policy.ts'
import { problem, refuse } from './problems.ts'
import type { Room } from './room.ts'

export const cookieOf = (secure: boolean): string => (secure ? '__Host-qianshao' : 'qianshao')

/** How long a checked token is believed: within the 2 s in which a withdrawn right must end. */
const token_believed_ms = 1_500
const most_tokens = 1_000

export const guardTheDoor = (app: FastifyInstance, room: Room): void => {
  const { desk, sessions, counters } = room
  const cookie = cookieOf(room.secure)
  const believed = new Map<string, { readonly who: Who; readonly until: number }>()
  const warned = new Set<string>()

  app.decorateRequest('locale', desk.station.locale)
  app.decorateRequest('who', undefined)
  app.decorateRequest('session', undefined)
  app.decorateRequest('stillWelcome', async () => true)

  const byToken = async (token: string): Promise<Who | undefined> => {
    const key = createHash('sha256').update(token).digest('base64url')
    const known = believed.get(key)
    if (known !== undefined && known.until > performance.now()) return known.who
    believed.delete(key)
    const who = await room.checkToken(token)
    if (who === undefined) return undefined
    if (believed.size >= most_tokens) believed.clear()
    believed.set(key, { who, until: performance.now() + token_believed_ms })
    return who
  }

  const bySession = (request: FastifyRequest, id: string): void => {
    const session = sessions.find(id)
    if (session === undefined) return
    const who = room.who(session.name)
    if (who === undefined) {
      sessions.end(id)
      return
    }
    request.session = session
    request.who = who
    request.stillWelcome = async () => sessions.find(id, false) !== undefined && room.who(session.name) !== undefined
    const agent = request.headers['user-agent'] ?? ''
    if ((session.address !== request.ip || session.agent !== agent) && !warned.has(session.id)) {
      if (warned.size >= 1_000) warned.clear()
      warned.add(session.id)
      counters.sessions_from_elsewhere_total++
      request.log.warn({ name: session.name, from: request.ip, was: session.address }, 'a session is used from another address or browser')
    }
  }

  app.addHook('onRequest', async (request, reply) => {
    counters.http_requests_total++
    request.locale = localeOf(request.headers['accept-language'], desk.station.locale)
    reply.header('content-language', request.locale).header('vary', 'accept-language, origin')
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
    if (foreign(request)) return problem(request, reply, 403, 'foreign_origin')
    const id = request.cookies[cookie]
    const token = bearer(request)
    if (token !== undefined) {
      const door = `token ${request.ip}`
      if (room.addressDoors.locked(door)) return refuse(request, reply, 'too_many_attempts')
      const who = await byToken(token)
      if (who === undefined) room.addressDoors.fail(door)
      else {
        request.who = who
        request.stillWelcome = async () => (await byToken(token)) !== undefined
      }
    } else if (id !== undefined) bySession(request, id)
    return letIn(request, reply)
  })
}

const letIn = (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
  if (request.is404) return undefined
  const allowed = policy[routeOf(request)]
  if (allowed === 'everyone') return undefined
  if (request.who === undefined) return refuse(request, reply, 'not_signed_in')
  return allowed !== undefined && may(request.who, allowed) ? undefined : refuse(request, reply, 'may_not')
}

/** HEAD is asked as GET: it tells no more. */
const routeOf = (request: FastifyRequest): string =>
  `${request.method === 'HEAD' ? 'GET' : request.method} ${request.routeOptions.url ?? ''}`

const bearer = ({ headers: { authorization } }: FastifyRequest): string | undefined =>
  /^Bearer ([\w~+/.=-]{16,512})$/i.exec(authorization ?? '')?.[1]

/** Another site's page must not act in the name of who is signed in here, nor listen. Browsers say where a request comes from. */
const foreign = (request: FastifyRequest): boolean => {
  const { origin, host } = request.headers
  if (origin !== undefined) return !URL.canParse(origin) || new URL(origin).host !== host
  const site = request.headers['sec-fetch-site']
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  return changes && site !== undefined && site !== 'same-origin' && site !== 'none'
}
