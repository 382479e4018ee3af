/** A write that is sent twice happens once: the repeat of a key gives the first answer (same person, same route, same body). */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from './problems.ts'
import type { Room } from './room.ts'

const most_answers = 10_000
const kept_ms = 24 * 3_600_000
/** An answer with a password: long enough for a tap whose answer was lost, and no longer. */
const secret_kept_ms = 60_000

type Answered = { readonly status: number; readonly type: string; readonly payload: string; readonly kept: string | undefined }
type Entry = {
  readonly body: string
  readonly at: number
  readonly first: string
  answer: Answered | undefined
  readonly done: Promise<void>
  readonly finish: () => void
}

export const answerOnce = (app: FastifyInstance, { desk, counters }: Room): void => {
  const entries = new Map<string, Entry>()

  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request)
    if (key === undefined) return undefined
    const body = createHash('sha256')
      .update(JSON.stringify(request.body ?? null))
      .digest('base64url')
    const known = entries.get(key)
    if (known !== undefined && desk.clock.now() - known.at <= kept_ms) {
      if (known.body !== body) return problem(request, reply, 422, 'key_used_otherwise')
      await known.done
      if (known.answer !== undefined) return repeat(reply, known.answer)
      // The first try failed on our side, so this one is a first try again.
    }
    // Bounded: the oldest answer is let go first.
    if (entries.size >= most_answers)
      for (const oldest of entries.keys())
        if (entries.delete(oldest)) {
          counters.idempotent_answers_let_go_total++
          break
        }
    let finish = (): void => undefined
    const done = new Promise<void>(resolve => {
      finish = resolve
    })
    entries.set(key, { body, at: desk.clock.now(), first: request.id, answer: undefined, done, finish })
    return undefined
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const entry = firstOf(request)
    if (entry !== undefined && reply.statusCode < 500 && typeof payload === 'string') {
      const kept = reply.getHeader('qianshao-kept')
      if (request.routeOptions.config.secret) desk.clock.wake(desk.clock.now() + secret_kept_ms, () => entries.delete(keyOf(request) ?? ''))
      entry.answer = {
        status: reply.statusCode,
        type: String(reply.getHeader('content-type')),
        payload,
        kept: typeof kept === 'string' ? kept : undefined
      }
    }
    return payload
  })

  app.addHook('onResponse', async request => settle(request))
  app.addHook('onRequestAbort', async request => settle(request))

  const firstOf = (request: FastifyRequest): Entry | undefined => {
    const key = keyOf(request)
    const entry = key === undefined ? undefined : entries.get(key)
    return entry?.first === request.id ? entry : undefined
  }
  const settle = (request: FastifyRequest): void => {
    const entry = firstOf(request)
    if (entry === undefined) return
    if (entry.answer === undefined) entries.delete(keyOf(request) ?? '')
    entry.finish()
  }
}

const keyOf = (request: FastifyRequest): string | undefined => {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string' || key === '' || request.who === undefined || request.method === 'GET') return undefined
  return `${request.who.name}\n${request.method} ${request.url}\n${key.slice(0, 200)}`
}

const repeat = (reply: FastifyReply, { status, type, payload, kept }: Answered): FastifyReply => {
  if (kept !== undefined) reply.header('qianshao-kept', kept)
  return reply.code(status).header('idempotent-replayed', 'true').type(type).send(payload)
}
