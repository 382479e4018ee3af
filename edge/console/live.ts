/** Server-sent events to every open screen: a snapshot first, then what is new; a screen that comes back misses nothing. */
import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import type { Alert } from '../domain/alert.ts'
import type { BoardNow } from '../domain/annunciator.ts'
import type { Incident } from '../domain/incident.ts'
import { type Locale, locales } from '../domain/vocabulary.ts'
import type { ZoneNow } from '../domain/zone.ts'
import type { CameraNow, DeviceNow, LiveMessage } from '../ports.ts'
import { openPacing } from './pacing.ts'
import { problem } from './problems.ts'
import { type App, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

export const most_screens = 500
/** A screen that reads slower than this is closed; it resumes by id. */
export const most_waiting_bytes = 1024 * 1024
const heartbeat_ms = 10_000
const welcome_ms = 1_000
/** A screen that was away longer than this many events is told what is true now instead of each step. */
const longest_resume = 5_000

type Screen = {
  readonly name: string
  readonly raw: ServerResponse
  readonly locale: Locale
  readonly welcome: () => Promise<boolean>
  /** What it is given first may be long: only what comes on top of that says that it is slow. */
  beginning_bytes: number
}

export type Live = {
  readonly close: () => void
  readonly count: () => number
  /** Names of people who have a live screen open now. */
  readonly watching: () => ReadonlySet<string>
}

export const serveLive = (app: App, room: Room): Live => {
  const { desk, present, counters } = room
  const screens = new Set<Screen>()

  const write = (screen: Screen, text: string): void => {
    screen.raw.write(text)
    counters.live_messages_total++
    if (screen.raw.writableLength > most_waiting_bytes + screen.beginning_bytes) {
      counters.live_screens_too_slow_total++
      leave(screen)
      screen.raw.destroy()
    }
  }
  const leave = (screen: Screen): void => void screens.delete(screen)
  const end = (screen: Screen): void => {
    leave(screen)
    screen.raw.end()
  }

  /** The message as it travels, made once per language however many screens hear it. */
  const textOf = ({ id, type, data }: LiveMessage, locale: Locale): string =>
    `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(shown(type, data, locale))}\n\n`

  const shown = (type: string, data: unknown, locale: Locale): unknown => {
    switch (type) {
      case 'zone':
        return present.zone(data as ZoneNow, locale)
      case 'board':
        return present.board(data as BoardNow, locale)
      case 'alert':
        return present.alert(data as Alert, locale)
      case 'incident':
        return present.incident(data as Incident, locale)
      case 'camera':
        return present.camera(data as CameraNow, locale)
      case 'device':
        return present.device(data as DeviceNow, locale)
      default:
        return present.station(locale)
    }
  }

  const snapshot = (locale: Locale): string => textOfPlain(desk.liveId(), 'snapshot', present.snapshot(locale))

  const tell = (message: LiveMessage): void => {
    const texts = new Map<Locale, string>()
    for (const screen of screens) {
      let text = texts.get(screen.locale)
      if (text === undefined) {
        text = textOf(message, screen.locale)
        texts.set(screen.locale, text)
      }
      write(screen, text)
    }
  }
  const pacing = openPacing(tell)
  const stopListening = desk.listen(pacing.say)

  /** What this screen missed; or, when it is new or was away too long, what is true now. */
  const beginning = (lastId: string | undefined, locale: Locale): string => {
    const seq = Number(lastId?.split(':')[1])
    if (lastId === undefined || !Number.isSafeInteger(seq) || desk.journal.last() - seq > longest_resume) return snapshot(locale)
    const now = [
      ...desk.zones().map(zone => ({ id: desk.liveId(), type: 'zone', data: zone })),
      ...desk.cameras.list().map(camera => ({ id: desk.liveId(), type: 'camera', data: camera })),
      { id: desk.liveId(), type: 'board', data: desk.board() },
      { id: desk.liveId(), type: 'station', data: undefined }
    ]
    return [...desk.since(lastId), ...now].map(message => textOf(message, locale)).join('')
  }

  app.get(
    '/api/live',
    {
      schema: {
        summary: 'Everything new, as server-sent events; Last-Event-ID resumes without a gap',
        tags: ['live'],
        produces: ['text/event-stream'],
        querystring: Type.Object({ locale: Type.Optional(Type.Enum([...locales])) }),
        response: {
          200: Type.String({ description: 'text/event-stream: snapshot, board, zone, alert, incident, camera, device, uplink, station' }),
          503: Shapes.Problem
        }
      }
    },
    async (request, reply) => {
      if (screens.size >= most_screens) {
        counters.live_screens_refused_total++
        return problem(request, reply.header('retry-after', 5), 503, 'too_many_screens')
      }
      const locale = request.query.locale ?? request.locale
      const lastId = request.headers['last-event-id']
      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
      raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'content-language': locale, 'x-accel-buffering': 'no' })
      const screen: Screen = { name: whoOf(request).name, raw, locale, welcome: request.stillWelcome, beginning_bytes: 0 }
      raw.on('close', () => leave(screen))
      raw.on('error', () => leave(screen))
      raw.socket?.setNoDelay(true)
      const begin = `retry: 1000\n\n${beginning(typeof lastId === 'string' ? lastId : undefined, locale)}`
      screen.beginning_bytes = Buffer.byteLength(begin)
      raw.once('drain', () => {
        screen.beginning_bytes = 0
      })
      write(screen, begin)
      if (!raw.destroyed) screens.add(screen)
      return reply
    }
  )

  const heartbeat = setInterval(() => {
    // The comment keeps proxies awake; the station's own clock and link tell a browser, which cannot see comments, that it still hears.
    for (const screen of screens) write(screen, ': still here\n\n')
    pacing.say({ id: desk.liveId(), type: 'station', data: undefined })
  }, heartbeat_ms)
  const doorkeeper = setInterval(() => {
    for (const screen of screens)
      screen.welcome().then(
        welcome => !welcome && end(screen),
        error => {
          app.log.error({ err: error }, 'whether a screen is still welcome could not be told; it is closed')
          end(screen)
        }
      )
  }, welcome_ms)

  return {
    count: () => screens.size,
    watching: () => new Set([...screens].map(({ name }) => name)),
    close: () => {
      stopListening()
      pacing.close()
      clearInterval(heartbeat)
      clearInterval(doorkeeper)
      for (const screen of screens) end(screen)
    }
  }
}

const textOfPlain = (id: string, type: string, data: unknown): string => `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
