/** The cloud over HTTP: the API of the contract, and the city board. */
import { existsSync, readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyError, LogController } from 'fastify'
import { Type } from 'typebox'
import { serveHealth } from './health.ts'
import { type App, type AppParts, problem, session_cookie } from './http.ts'
import { serveLive } from './live-route.ts'
import { serveStations } from './stations-route.ts'

const body_limit_bytes = 64 * 1024

/** Paths that anyone may see: what machines watch, and the board's own files, which hold no data. */
const open = new Set(['/healthz', '/readyz', '/metrics', '/openapi.json'])

export const openApp = async (parts: AppParts): Promise<App> => {
  const { accounts, locale } = parts
  const app = Fastify({
    // What Fastify says of itself is not news; what fails is.
    loggerInstance: parts.log.child({}, { level: 'warn' }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: body_limit_bytes,
    // Without these a slow body is never timed out (watched for 100 s).
    requestTimeout: 10_000,
    // A screen listens for hours: the end of the cloud must not wait for it.
    forceCloseConnections: true,
    connectionTimeout: 30_000,
    ...(parts.tls && {
      https: { cert: readFileSync(parts.tls.cert_file), key: readFileSync(parts.tls.key_file), minVersion: 'TLSv1.2' as const }
    })
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App
  app.server.maxConnections = 2_000

  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: null
      }
    },
    hsts: parts.tls !== undefined
  })
  await app.register(rateLimit, { max: 600, timeWindow: '1 minute' })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: '前哨 Qianshao cloud',
        version: parts.version,
        description: 'Many stations seen together. The cloud keeps copies and sends commands, never facts.'
      },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: session_cookie } } }
    }
  })

  app.setNotFoundHandler((request, reply) => problem(request, reply, 404, 'not_found', locale))
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500
    if (status === 429) return problem(request, reply, 429, 'too_many_requests', locale)
    if (status < 500) return problem(request, reply, status, 'not_understood', locale, error.message.slice(0, 200))
    request.log.error({ err: error, request: request.id }, 'a request failed on our side')
    return problem(request, reply, 500, 'our_fault', locale)
  })

  app.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    if (path.startsWith('/api/')) reply.header('cache-control', 'no-store')
    const id = request.cookies[session_cookie]
    const person = id === undefined ? undefined : accounts.session(id)
    if (person) request.person = person
    const free = open.has(path) || !path.startsWith('/api/') || (path === '/api/session' && request.method === 'POST')
    if (!free && person === undefined) return problem(request, reply, 401, 'not_signed_in', locale)
    return undefined
  })

  app.post(
    '/api/session',
    {
      config: { rateLimit: { max: 30, timeWindow: '1 minute' } },
      schema: {
        summary: 'Sign in',
        tags: ['session'],
        body: Type.Object(
          { name: Type.String({ maxLength: 64 }), password: Type.String({ maxLength: 256 }) },
          { additionalProperties: false }
        ),
        response: { 200: Type.Object({ name: Type.String(), roles: Type.Array(Type.String()) }) }
      }
    },
    async (request, reply) => {
      const { name, password } = request.body
      const signed = await accounts.signIn(name, password, request.ip)
      if ('refused' in signed) {
        parts.log.warn({ name: name.slice(0, 64), address: request.ip }, `sign-in refused: ${signed.refused}`)
        return problem(request, reply, signed.refused === 'too_many_attempts' ? 429 : 401, signed.refused, locale)
      }
      const secure = parts.tls !== undefined
      reply.setCookie(session_cookie, signed.id, { path: '/', httpOnly: true, sameSite: 'strict', secure })
      return { name, roles: [...signed.session.roles] }
    }
  )
  app.delete(
    '/api/session',
    { schema: { summary: 'Sign out', tags: ['session'], response: { 204: Type.Null() } } },
    async (request, reply) => {
      const id = request.cookies[session_cookie]
      if (id !== undefined) accounts.signOut(id)
      return reply.clearCookie(session_cookie, { path: '/' }).code(204).send(null)
    }
  )
  app.get(
    '/api/me',
    {
      schema: {
        summary: 'Who am I',
        tags: ['session'],
        response: {
          200: Type.Object({ name: Type.String(), roles: Type.Array(Type.String()), timezone: Type.String(), now: Type.String() })
        }
      }
    },
    async request => ({
      name: request.person?.name ?? '',
      roles: [...(request.person?.roles ?? [])],
      timezone: parts.timezone,
      now: new Date(parts.city.clock.now()).toISOString()
    })
  )

  serveHealth(app, parts)
  serveStations(app, parts)
  serveLive(app, parts)

  const built = parts.screen !== undefined && existsSync(parts.screen)
  if (built) await app.register(fastifyStatic, { root: parts.screen, cacheControl: false })
  else
    app.get('/', { schema: { hide: true } }, async (_, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .send('市级看板尚未构建，请运行 npm run build\nThe city board is not built yet: npm run build\n')
    )
  return app
}
