/**
 * A camera, live, for one person who says why. Over a WebSocket whose opening goes through the same door as every request (session,
 * right, origin, rate); written down before the first picture and again at the end; it ends by itself. Nothing is buffered for a
 * viewer who is slow: pictures are left out until the next one with which looking can begin, and who stays too slow is let go.
 */
import type { WebSocket } from '@fastify/websocket'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { LiveViewEnd } from '../domain/event.ts'
import type { Locale } from '../domain/vocabulary.ts'
import type { CameraNow, LiveMessage, Viewer } from '../ports.ts'
import { may, policy } from './policy.ts'
import { problem, refuse } from './problems.ts'
import { type App, keptInTime, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'
import { type ProblemCode, sayProblem } from './words.ts'

export const live_view_limits = {
  viewers_per_camera: 4,
  viewers: 12,
  openings_per_minute: 20,
  minutes: 10,
  /** What may wait for a viewer: this much, and none of it longer than this. */
  waiting_bytes: 2 * 2 ** 20,
  waiting_ms: 2_000,
  too_slow_ms: 15_000
} as const

const route = 'GET /api/cameras/:id/live'
const welcome_ms = 1_000
/** A screen that went out of reach without a word is noticed by the pong that does not come. */
const ping_every = 5
const close_within_ms = 500

const Asked = {
  params: Type.Object({ id: Type.String({ maxLength: 128 }) }),
  querystring: Type.Object(
    {
      reason: Type.Optional(Type.String({ maxLength: 500 })),
      incident: Type.Optional(Type.String({ maxLength: 128 })),
      locale: Type.Optional(Type.Union([Type.Literal('zh-CN'), Type.Literal('en')])),
      /** For a screen that cannot show H.264. */
      format: Type.Optional(Type.Literal('mpeg1'))
    },
    { additionalProperties: false }
  )
}
type Look = {
  readonly camera: string
  readonly hear: (message: LiveMessage) => void
  readonly check: () => void
  readonly end: (why: LiveViewEnd) => void
}
type Query = { reason?: string; incident?: string; locale?: Locale; format?: 'mpeg1' }

export type LiveView = { readonly close: () => void; readonly count: () => number }

export const serveLiveView = (app: App, room: Room): LiveView => {
  const { desk, counters, present } = room
  const looks = new Set<Look>()
  let stopListening: (() => void) | undefined
  let doorkeeper: NodeJS.Timeout | undefined
  let closed = false

  /** Nobody looks: nothing runs. */
  const sitDown = (look: Look): void => {
    looks.add(look)
    counters.live_views_total++
    stopListening ??= desk.listen(message => {
      if (message.type === 'camera') for (const one of looks) one.hear(message)
    })
    doorkeeper ??= setInterval(() => {
      for (const one of looks) one.check()
    }, welcome_ms)
  }
  const standUp = (look: Look): void => {
    looks.delete(look)
    if (looks.size > 0) return
    stopListening?.()
    stopListening = undefined
    clearInterval(doorkeeper)
    doorkeeper = undefined
  }

  const full = (camera: string): readonly [ProblemCode, number] | undefined => {
    const { viewers, viewers_per_camera } = live_view_limits
    if (looks.size >= viewers) return ['too_many_viewers', viewers]
    const here = [...looks].filter(look => look.camera === camera).length
    return here >= viewers_per_camera ? ['too_many_viewers_of_camera', viewers_per_camera] : undefined
  }

  /** Everything that can be refused is refused before the upgrade, as a problem like any other. */
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { id } = request.params as { id: string }
    const { reason = '' } = request.query as Query
    const refused = (answer: FastifyReply): FastifyReply => {
      counters.live_views_refused_total++
      return answer
    }
    // Browsers always say where a socket is opened from; what does not is none, and nothing else has business here.
    if (request.ws && request.headers.origin === undefined) return refused(problem(request, reply, 403, 'foreign_origin'))
    const camera = desk.cameras.list().find(camera => camera.id === id)
    if (camera === undefined) return refused(refuse(request, reply, 'no_such_camera'))
    if (showsWhatIsMasked(camera)) return refused(problem(request, reply, 409, 'masks_astray'))
    if (reason.trim() === '') return refused(refuse(request, reply, 'reason_missing', 400))
    const [code, limit] = full(id) ?? []
    if (code !== undefined) return refused(problem(request, reply, 409, code, { limit: limit ?? 0 }))
    return undefined
  }

  const look = async (socket: WebSocket, request: FastifyRequest): Promise<void> => {
    const { id } = request.params as { id: string }
    const { reason = '', incident, format, locale = request.locale } = request.query as Query
    const by = whoOf(request).name
    const began_at = desk.clock.now()
    const began = performance.now()
    let watching: { readonly leave: () => void } | undefined
    let noted = false
    let over = false
    let heard = true
    let checks = 0

    const say = (message: object): void => socket.send(JSON.stringify(message))
    const end = (why: LiveViewEnd, detail?: string): void => {
      if (over) return
      over = true
      standUp(me)
      watching?.leave()
      if (socket.readyState === socket.OPEN) {
        const told = detail ?? sayProblem(why, { minutes: live_view_limits.minutes, why: '' }, locale)
        say({ type: 'end', code: why, why: told, again: why !== 'not_welcome' })
        socket.close(why === 'station_closing' ? 1001 : 1000)
        setTimeout(() => socket.terminate(), close_within_ms).unref()
      }
      if (!noted) return
      const seconds = Math.round((performance.now() - began) / 1000)
      desk
        .note({ type: 'live_view_ended', id, at: desk.clock.now(), by, seconds, why })
        .catch(error => request.log.error({ err: error }, 'the end of a live view is not on disk'))
    }

    const sending = openSending(socket, counters, () => end('too_slow'))
    const showState = (): void => {
      const now = desk.cameras.list().find(camera => camera.id === id)
      if (now !== undefined && showsWhatIsMasked(now)) end('masks_astray')
      else if (now !== undefined) say({ type: 'camera', camera: present.camera(now, locale) })
    }
    const me: Look = {
      camera: id,
      hear: message => {
        if ((message.data as { id: string }).id === id) showState()
      },
      check: () => {
        if (performance.now() - began > live_view_limits.minutes * 60_000) return end('time_is_up')
        sending.check()
        if (++checks % ping_every === 0) {
          if (!heard) return socket.terminate()
          heard = false
          socket.ping()
        }
        stillMay(request, room).then(
          welcome => !welcome && end('not_welcome'),
          error => {
            request.log.error({ err: error }, 'whether a viewer is still welcome could not be told; the live view is closed')
            end('not_welcome')
          }
        )
      },
      end
    }
    socket.on('close', () => end('left'))
    socket.on('pong', () => {
      heard = true
    })

    const [code, limit] = closed ? (['station_closing', 0] as const) : (full(id) ?? [])
    if (code !== undefined) {
      counters.live_views_refused_total++
      say({ type: 'end', code, why: sayProblem(code, { limit: limit ?? 0 }, locale), again: true })
      return socket.close(1013)
    }
    sitDown(me)
    noted = true
    await keptInTime(
      desk.note({ type: 'live_view_began', id, at: began_at, by, reason: reason.trim(), ...(incident !== undefined && { incident }) }),
      request
    )
    if (over) return
    say({ type: 'welcome', minutes: live_view_limits.minutes, now: desk.clock.now() })
    showState()
    const viewer: Viewer = {
      mpeg1_only: format === 'mpeg1',
      begins: stream => {
        if (over) return
        const { init, ...told } = { init: undefined, ...stream }
        say({ type: 'stream', ...told })
        sending.begin(init)
      },
      part: (bytes, key, at) => {
        if (!over) sending.part(bytes, key, at)
      },
      waits: why => {
        if (!over) say({ type: 'waits', why })
      },
      ended: why => end(closed ? 'station_closing' : 'no_picture', why)
    }
    const watch = desk.preview.watch(id, viewer)
    if ('failed' in watch) return end('no_picture', watch.failed)
    watching = watch
  }

  app.route({
    method: 'GET',
    url: '/api/cameras/:id/live',
    config: { rateLimit: { max: live_view_limits.openings_per_minute, timeWindow: 60_000 } },
    schema: {
      summary: 'Live video over a WebSocket, for a stated reason; who looked, from when to when, is written down',
      tags: ['cameras'],
      ...Asked,
      response: {
        400: Shapes.Problem,
        403: Shapes.Problem,
        404: Shapes.Problem,
        409: Shapes.Problem,
        426: Shapes.Problem,
        429: Shapes.Problem
      }
    },
    preHandler: admit,
    // Asked without a socket it tells in words what a socket cannot: why it would be refused.
    handler: async (request, reply) => problem(request, reply.header('upgrade', 'websocket'), 426, 'upgrade_required'),
    wsHandler: (socket, request) => look(socket, request as unknown as FastifyRequest)
  })

  return {
    count: () => looks.size,
    close: () => {
      closed = true
      for (const one of looks) one.end('station_closing')
    }
  }
}

/** On a view that has moved the masks lie beside what they should hide. */
const showsWhatIsMasked = ({ masked, state }: CameraNow): boolean => masked && state === 'moved'

/** The session may still be good while the person's right to look has gone. */
const stillMay = async (request: FastifyRequest, { who }: Room): Promise<boolean> => {
  const now = who(whoOf(request).name)
  return (await request.stillWelcome()) && now !== undefined && may(now, policy[route] ?? { roles: [] })
}

/** What is on its way to one viewer. Each binary message begins with the moment at which it came from the camera. */
const openSending = (socket: WebSocket, counters: Room['counters'], tooSlow: () => void) => {
  const { waiting_bytes, waiting_ms, too_slow_ms } = live_view_limits
  /** When each message that has not left yet was given. */
  const waiting: number[] = []
  let slow_since: number | undefined
  const send = (bytes: Uint8Array, at: number): void => {
    const head = Buffer.allocUnsafe(8)
    head.writeDoubleBE(at)
    waiting.push(performance.now())
    // An error here is a socket that closes, which is heard elsewhere.
    socket.send(Buffer.concat([head, bytes]), () => void waiting.shift())
  }
  const late = (): boolean => socket.bufferedAmount > waiting_bytes || performance.now() - (waiting[0] ?? performance.now()) > waiting_ms
  return {
    begin: (init: Uint8Array | undefined): void => {
      if (init !== undefined) send(init, 0)
    },
    part: (bytes: Uint8Array, key: boolean, at: number): void => {
      if (slow_since === undefined && late()) slow_since = performance.now()
      if (slow_since !== undefined && key && waiting.length === 0) slow_since = undefined
      if (slow_since === undefined) send(bytes, at)
      else counters.live_view_parts_left_out_total++
    },
    check: (): void => {
      if (slow_since === undefined || performance.now() - slow_since < too_slow_ms) return
      counters.live_views_too_slow_total++
      tooSlow()
    }
  }
}
