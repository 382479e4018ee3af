/** `GET /api/live`: server-sent events with ids; a screen that comes back hears what it missed, or is told to load anew. */
import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import { type App, type AppParts, problem, session_cookie } from './http.ts'
import type { LiveMessage } from './live.ts'

const most_screens = 500
/** A screen that reads slower than this is closed; it resumes by id. */
const most_waiting_bytes = 1024 * 1024
/** Also how long a screen may go on listening after its session has ended. */
const heartbeat_ms = 10_000

export const serveLive = (app: App, { city, accounts, locale }: AppParts): void => {
  /** Each open screen and the session it came with. */
  const screens = new Map<ServerResponse, string>()

  const write = (raw: ServerResponse, text: string): void => {
    raw.write(text)
    if (raw.writableLength > most_waiting_bytes) raw.destroy()
  }
  const textOf = ({ id, type, data }: LiveMessage): string => `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`

  app.get(
    '/api/live',
    {
      schema: {
        summary:
          'Everything new, as server-sent events (station, alert, incident, silence, command; reset asks to load anew); Last-Event-ID resumes',
        tags: ['live'],
        produces: ['text/event-stream'],
        response: { 200: Type.String() }
      }
    },
    async (request, reply) => {
      if (screens.size >= most_screens) return problem(request, reply.header('retry-after', 5), 503, 'too_many_requests', locale)
      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
      raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
      raw.socket?.setNoDelay(true)
      const lastId = request.headers['last-event-id']
      const missed = typeof lastId === 'string' ? city.live.since(lastId) : undefined
      write(raw, `retry: 1000\n\n`)
      if (missed === undefined) write(raw, textOf({ id: city.live.newest(), type: 'reset', data: {} }))
      else for (const message of missed) write(raw, textOf(message))
      const stop = city.live.listen(message => write(raw, textOf(message)))
      screens.set(raw, request.cookies[session_cookie] ?? '')
      raw.on('error', () => raw.destroy())
      raw.on('close', () => {
        stop()
        screens.delete(raw)
      })
      return reply
    }
  )

  const heartbeat = setInterval(() => {
    for (const [raw, session] of screens)
      if (accounts.session(session, false) === undefined) raw.end()
      else write(raw, ': still here\n\n')
  }, heartbeat_ms)
  app.addHook('preClose', async () => {
    clearInterval(heartbeat)
    for (const raw of screens.keys()) raw.end()
  })
}
