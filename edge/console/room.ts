/** What every resource of the console is given, and what a request carries once it has been let in. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify'
import type { Locale } from '../domain/vocabulary.ts'
import type { Desk, Who } from '../ports.ts'
import type { Presenter } from './present.ts'
import type { Doors, Session, Sessions } from './sessions.ts'

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

export type Room = {
  readonly desk: Desk
  readonly present: Presenter
  readonly sessions: Sessions
  /** One door per account and address, and one per address. */
  readonly accountDoors: Doors
  readonly addressDoors: Doors
  readonly who: (name: string) => Who | undefined
  readonly checkUser: (name: string, password: string) => Promise<boolean>
  readonly checkToken: (token: string) => Promise<Who | undefined>
  readonly secure: boolean
  readonly counters: Record<ConsoleCounter, number>
}

export const consoleCounters = {
  http_requests_total: 0,
  http_failures_total: 0,
  sign_ins_total: 0,
  sign_ins_refused_total: 0,
  sessions_from_elsewhere_total: 0,
  live_messages_total: 0,
  live_screens_too_slow_total: 0,
  live_screens_refused_total: 0,
  live_views_total: 0,
  live_views_refused_total: 0,
  live_views_too_slow_total: 0,
  live_view_parts_left_out_total: 0,
  idempotent_answers_let_go_total: 0
}
export type ConsoleCounter = keyof typeof consoleCounters

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer holds a password that is shown this once. */
    secret?: boolean
  }
  interface FastifyRequest {
    locale: Locale
    /** Who asks; always there behind a route that is not for everyone. */
    who: Who | undefined
    session: Session | undefined
    /** Says whether the caller is still welcome, for answers that last. */
    stillWelcome: () => Promise<boolean>
  }
}

export const whoOf = (request: FastifyRequest): Who => {
  if (request.who === undefined) throw new Error(`${request.routeOptions.url} was reached without a sign-in`)
  return request.who
}

/** People are never made to wait for a slow disk: after this they are answered, and told that it is not kept yet. */
export const patience_ms = 500

/** Waits for `kept` as long as a person would not notice, then answers with `Qianshao-Kept: pending`. */
export const afterKept = async <Answer>(
  kept: Promise<void>,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer
): Promise<Answer> => {
  reply.header('qianshao-kept', await keptInTime(kept, request))
  return answer
}

export const keptInTime = async (kept: Promise<void>, request: FastifyRequest): Promise<'kept' | 'pending'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'pending'>(resolve => {
    timer = setTimeout(resolve, patience_ms, 'pending')
  })
  const onDisk = kept.then(
    () => 'kept' as const,
    error => {
      request.log.error({ err: error }, 'what was done is not on disk')
      return 'pending' as const
    }
  )
  const state = await Promise.race([onDisk, late])
  clearTimeout(timer)
  return state
}
