/** The console: what officers and other systems see of the station over HTTP, and the app they see it with. */

import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type CapSettings, usualCap } from '../domain/cap-of-incident.ts'
import type { Sop } from '../domain/sops/sop.ts'
import type { Desk, Who } from '../ports.ts'
import { serveAlerts } from './alerts.ts'
import { serveBundle } from './bundle.ts'
import { serveCalibrations } from './calibrations.ts'
import { type CapOut, openCapOut, serveCap } from './cap.ts'
import { openCapInbox } from './cap-in.ts'
import { serveCoverage } from './coverage.ts'
import { serveDevices } from './devices.ts'
import { guardTheDoor } from './door.ts'
import { serveDrills } from './drills.ts'
import { serveForecasts } from './forecasts.ts'
import { serveHealth } from './health.ts'
import { answerOnce } from './idempotency.ts'
import { serveIncidents } from './incidents.ts'
import { checkShape, parseJson } from './input.ts'
import { serveLive } from './live.ts'
import { type LiveView, serveLiveView } from './live-view.ts'
import { serveMaintenance } from './maintenance.ts'
import { serveOnboarding } from './onboarding.ts'
import { serveOperatorLoad } from './operator-load.ts'
import { policy } from './policy.ts'
import { openPresenter } from './present.ts'
import { answerErrors } from './problems.ts'
import { serveProposals } from './proposals.ts'
import { serveReport } from './report.ts'
import { serveReports } from './reports.ts'
import { type App, consoleCounters, type Room } from './room.ts'
import { serveRoster } from './roster.ts'
import { openSessionFile } from './session-file.ts'
import { openDoors, openSessions } from './sessions.ts'
import { serveShadow } from './shadow.ts'
import { serveSignIn } from './sign-in.ts'
import { serveSought } from './sought.ts'
import type { ChannelNames } from './story.ts'
import { serveTimeline } from './timeline.ts'
import { socketsOf } from './upgrades.ts'
import { serveUpkeep } from './upkeep.ts'
import { serveWork } from './work.ts'
import { serveZones } from './zones.ts'

export type ConsoleOptions = {
  readonly desk: Desk
  readonly host: string
  readonly port: number
  /** PEM. With it the cookie is Secure and the browser is told to come back by HTTPS only. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** A person by name as they are configured now; nothing ends their sessions within 2 s. */
  readonly who: (name: string) => Who | undefined
  readonly checkUser: (name: string, password: string) => Promise<boolean>
  readonly checkToken: (token: string) => Promise<Who | undefined>
  readonly sops: ReadonlyMap<string, Sop>
  /** How channels call themselves in timelines and reports. */
  readonly channels?: ChannelNames
  /** Where sign-ins are kept over a restart; without it everyone signs in again. */
  readonly sessions_file?: string
  /** The station's own key, made when it is not there; without it a key that lasts until the end. */
  readonly signing_key_file?: string
  /** How this station names itself to other systems, and who of them may read what it says. */
  readonly cap?: CapSettings
  /** Folder of the built app. */
  readonly screen?: string
  readonly demo?: boolean
  readonly log?: FastifyBaseLogger
}

export type Console = {
  readonly port: number
  readonly url: string
  readonly app: FastifyInstance
  readonly counters: () => Readonly<Record<string, number>>
  /** What incidents say to other systems. */
  readonly cap: CapOut
  readonly watching: () => ReadonlySet<string>
  readonly close: () => Promise<void>
}

export const limits = {
  body_bytes: 64 * 1024,
  /** From the first byte to the last of a request: slow senders are gone within 10 s, checked every second. */
  request_ms: 8_000,
  headers_ms: 6_000,
  idle_connection_ms: 30_000,
  connections: 1_500,
  headers: 100,
  failures_per_account: 5,
  failures_per_address: 50,
  requests_per_minute: 6_000
} as const

export const openConsole = async (options: ConsoleOptions): Promise<Console> => {
  const { desk, host, port, tls, demo = false } = options
  const app = openServer(options)
  const sessionFile =
    options.sessions_file === undefined
      ? undefined
      : openSessionFile(options.sessions_file, error => app.log.warn({ err: error }, 'sign-ins are not kept for a restart'))
  const room: Room = {
    desk,
    present: openPresenter(desk, options.sops, demo),
    sessions: openSessions(desk.clock, sessionFile),
    accountDoors: openDoors(desk.clock, limits.failures_per_account),
    addressDoors: openDoors(desk.clock, limits.failures_per_address),
    who: options.who,
    checkUser: options.checkUser,
    checkToken: options.checkToken,
    secure: tls !== undefined,
    counters: { ...consoleCounters }
  }

  answerErrors(app as unknown as FastifyInstance, limits.body_bytes)
  readBodies(app)
  refuseUndecidedRoutes(app)
  await app.register(helmet, security(tls !== undefined))
  await app.register(cookie)
  // Before the door: what the door refuses must not stay open.
  let liveView: LiveView | undefined
  await app.register(
    websocket,
    socketsOf(app.server, () => liveView?.close())
  )
  guardTheDoor(app as unknown as FastifyInstance, room)
  await app.register(rateLimit, {
    max: limits.requests_per_minute,
    timeWindow: 60_000,
    cache: 5_000,
    keyGenerator: request => request.session?.id ?? request.who?.name ?? request.ip
  })
  answerOnce(app as unknown as FastifyInstance, room)
  await app.register(swagger, description(options))

  serveSignIn(app, room)
  serveZones(app, room)
  serveForecasts(app, room)
  serveCoverage(app, room)
  serveAlerts(app, room)
  serveIncidents(app, room)
  serveSought(app, room)
  serveTimeline(app, room, options.sops, options.channels ?? new Map())
  serveReport(app, room, options.sops, options.channels ?? new Map())
  serveWork(app, room)
  serveMaintenance(app, room)
  serveUpkeep(app, room)
  serveDevices(app, room)
  serveOnboarding(app, room, options.sops)
  serveCalibrations(app, room)
  liveView = serveLiveView(app, room)
  serveDrills(app, room)
  serveReports(app, room)
  serveRoster(app, room)
  serveOperatorLoad(app, room)
  serveShadow(app, room)
  serveProposals(app, room)
  const inbox = openCapInbox(desk)
  const cap = openCapOut(desk, options.sops, options.cap ?? usualCap(desk.station.id), inbox)
  serveCap(app, room, inbox, cap)
  serveBundle(app, room, cap, options.signing_key_file)
  const live = serveLive(app, room)
  const watching = () => ({ live_screens: live.count(), live_viewers: liveView?.count() ?? 0 })
  serveHealth(app, room, watching)
  await serveScreen(app, options.screen)

  app.addHook(
    'onResponse',
    async (_, reply) => void (reply.statusCode >= 500 && reply.statusCode !== 503 && room.counters.http_failures_total++)
  )
  app.addHook('preClose', async () => live.close())
  await app.listen({ host, port })
  const { port: opened } = app.server.address() as AddressInfo
  return {
    port: opened,
    url: `${tls === undefined ? 'http' : 'https'}://${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${opened}`,
    app: app as unknown as FastifyInstance,
    counters: () => ({ ...room.counters, ...watching() }),
    cap,
    watching: live.watching,
    close: async () => {
      await app.close()
      await sessionFile?.close()
    }
  }
}

const openServer = ({ tls, log }: ConsoleOptions): App => {
  const app = Fastify({
    ...(log === undefined ? { logger: false } : { loggerInstance: log }),
    ...(tls !== undefined && { https: { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' } }),
    // Readings and requests are not news: only what failed is logged.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body_bytes,
    requestTimeout: limits.request_ms,
    connectionTimeout: limits.idle_connection_ms,
    keepAliveTimeout: 20_000,
    forceCloseConnections: true,
    trustProxy: false,
    http: { headersTimeout: limits.headers_ms, connectionsCheckingInterval: 1_000 },
    routerOptions: { maxParamLength: 200 }
  } as Parameters<typeof Fastify>[0]) as unknown as App
  app.server.headersTimeout = limits.headers_ms
  app.server.maxConnections = limits.connections
  app.server.maxHeadersCount = limits.headers
  app.setValidatorCompiler(checkShape)
  // Answers are written as they are: a schema would buy 2 % (measured) and could hide a field.
  app.setSerializerCompiler(() => value => JSON.stringify(value))
  return app
}

const readBodies = (app: App): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.headers['content-encoding'] !== undefined) return done(Object.assign(new Error('compressed'), { statusCode: 415 }))
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Deny by default: a route that nobody decided about stops the start, by name. */
export const refuseUndecidedRoutes = (app: Pick<App, 'addHook'>): void => {
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat())
      if (one !== 'HEAD' && policy[`${one} ${url}`] === undefined)
        throw new Error(`the route ${one} ${url} has no entry in edge/console/policy.ts, so nobody has decided who may use it`)
  })
}

const security = (secure: boolean) => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      mediaSrc: ["'self'", 'blob:'],
      connectSrc: ["'self'"],
      fontSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      ...(secure && { upgradeInsecureRequests: [] })
    }
  },
  strictTransportSecurity: secure && { maxAge: 31_536_000 },
  // Only honoured over HTTPS; over plain HTTP the browser would complain on every page.
  crossOriginOpenerPolicy: secure,
  originAgentCluster: secure,
  referrerPolicy: { policy: 'no-referrer' as const },
  xFrameOptions: { action: 'deny' as const }
})

const description = ({ desk }: ConsoleOptions) => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: `前哨 Qianshao: ${desk.station.name}`,
      version: '1',
      description:
        'What may be relied on from outside. Times are RFC 3339 with offset; what is not known is null; errors are RFC 9457 problems.'
    },
    components: {
      securitySchemes: {
        session: { type: 'apiKey' as const, in: 'cookie' as const, name: 'qianshao' },
        machine: { type: 'http' as const, scheme: 'bearer' }
      }
    },
    security: [{ session: [] }, { machine: [] }]
  }
})

/** The built app; without it the address still says what is missing. */
const serveScreen = async (app: App, folder: string | undefined): Promise<void> => {
  if (folder !== undefined && existsSync(`${folder}/index.html`)) {
    await app.register(fastifyStatic, {
      root: `${folder}/assets`,
      prefix: '/assets/',
      immutable: true,
      maxAge: 31_536_000_000,
      index: false,
      dotfiles: 'deny',
      schemaHide: true
    })
    app.get('/', { schema: { hide: true } }, (_, reply) => reply.header('cache-control', 'no-cache').sendFile('index.html', folder))
    return
  }
  app.get('/', { schema: { hide: true } }, (_, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .send(
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>前哨 Qianshao</title><h1>前哨 Qianshao</h1>' +
          '<p>站点在运行，界面还没有构建：<code>npm run build</code>。</p>' +
          '<p lang="en">The station is running; its screen has not been built yet: <code>npm run build</code>.</p></html>'
      )
  )
}
