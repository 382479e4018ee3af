/** Every "no" of the console is a problem of RFC 9457, with a stable `code` and a sentence in the reader's language. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Reason } from '../domain/refusal.ts'
import { sayReason } from '../domain/words.ts'
import { WrongInput } from './input.ts'
import { type ProblemCode, sayFault, sayProblem } from './words.ts'

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable'
}

type Extra = { readonly errors?: readonly { path: string; wrong: string }[]; readonly missing?: readonly string[] }

const send = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  extra: Extra = {}
): FastifyReply =>
  reply
    .code(status)
    .header('content-language', request.locale)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send({ type: `urn:qianshao:problem:${code}`, title: titles[status] ?? 'Error', status, detail, code, instance: request.id, ...extra })

/** A problem of the console's own. */
export const problem = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: ProblemCode,
  values: Readonly<Record<string, string | number>> = {}
): FastifyReply => send(request, reply, status, code, sayProblem(code, values, request.locale))

/** A refusal of the domain: 404 for what does not exist, 403 for what this person may not do, 409 for what is not possible now. */
export const refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  reason: Reason,
  status = statusOf(reason),
  missing?: readonly string[]
): FastifyReply => {
  const sentence = sayReason(reason, request.locale)
  if (missing === undefined) return send(request, reply, status, reason, sentence)
  return send(request, reply, status, reason, `${sentence} (${missing.join(', ')})`, { missing })
}

const statusOf = (reason: Reason): number => {
  if (reason.startsWith('no_such_') || reason === 'no_description') return 404
  switch (reason) {
    case 'may_not':
    case 'not_your_unit':
    case 'limits_of_life':
      return 403
    case 'not_signed_in':
    case 'wrong_name_or_password':
      return 401
    case 'too_many_attempts':
      return 429
    default:
      return 409
  }
}

export const answerErrors = (app: FastifyInstance, bodyLimit: number): void => {
  app.setNotFoundHandler((request, reply) => problem(request, reply, 404, 'not_found'))
  app.setErrorHandler((error: FastifyError | WrongInput, request, reply) => {
    if (error instanceof WrongInput) return answerWrongInput(error, request, reply)
    const status = error.statusCode ?? 500
    if (status === 413) return problem(request, reply, 413, 'too_large', { limit: bodyLimit })
    if (status === 415) return problem(request, reply, 415, 'wrong_media_type')
    if (status === 429) return problem(request, reply, 429, 'too_many_requests')
    if (status < 500) return problem(request, reply, status, 'not_understood')
    request.log.error({ err: error, request: request.id, route: request.routeOptions.url }, 'a request failed on our side')
    return problem(request, reply, 500, 'our_fault')
  })
}

const answerWrongInput = ({ code, faults }: WrongInput, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const errors = faults.map(({ path, fault, with: values }) => ({ path, wrong: sayFault(fault, values, request.locale) }))
  const what = errors.map(({ path, wrong }) => `${path} ${wrong}`).join('; ')
  return send(request, reply, 400, code, sayProblem(code, { what }, request.locale), { errors })
}
