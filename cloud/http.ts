/** What every route of the cloud shares: the app's type, its parts, and how it says no (RFC 9457, with a stable `code`). */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault
} from 'fastify'
import type { Logger } from 'pino'
import type { Locale } from '../edge/domain/vocabulary.ts'
import { fill } from '../edge/domain/words.ts'
import type { Accounts, Session } from './accounts.ts'
import type { Broker } from './broker.ts'
import type { City } from './city.ts'
import { localeOf, type ProblemCode, problems } from './words.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
export type AppParts = {
  readonly city: City
  readonly accounts: Accounts
  readonly broker: Pick<Broker, 'counters'>
  readonly locale: Locale
  readonly timezone: string
  readonly version: string
  readonly log: Logger
  readonly tls?: { readonly cert_file: string; readonly key_file: string }
  /** The built board; without it `/` says how to build it. */
  readonly screen?: string
}

export const session_cookie = 'qianshao_city'

declare module 'fastify' {
  interface FastifyRequest {
    person?: Session
  }
}

export const problem = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: ProblemCode,
  own: Locale,
  detail = ''
): FastifyReply => {
  const locale = localeOf(request.headers['accept-language'], own)
  return reply
    .code(status)
    .header('content-language', locale)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send({
      type: `urn:qianshao:problem:${code}`,
      title: code,
      status,
      code,
      detail: fill(problems[code][locale], { detail }, locale),
      instance: request.id
    })
}
