/** Limits learned from history: each with what it would have raised, to be taken over, refused, or restored. */
import { Type } from 'typebox'
import { quantities } from '../domain/vocabulary.ts'
import type { LimitNow, LimitProposal } from '../ports.ts'
import { refuse } from './problems.ts'
import { Limit, type LimitShape, Proposal, type ProposalShape, Proposals } from './proposals-shape.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const tags = ['alerts']
const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const limit = Type.Number({ description: 'the limit that was seen: another is another proposal' })
const strict = { additionalProperties: false }

export const serveProposals = (app: App, { desk, present }: Room): void => {
  const shown = (one: LimitProposal | LimitNow, locale: 'zh-CN' | 'en'): ProposalShape => ({
    id: one.id,
    rule: one.rule,
    zone: one.zone,
    zone_name: present.zoneName(one.zone),
    device: one.device ?? null,
    quantity: one.quantity,
    quantity_label: quantities[one.quantity].label[locale],
    unit: quantities[one.quantity].unit,
    limit_now: one.limit_now,
    limit: one.limit,
    from: present.time(one.from),
    to: present.time(one.to),
    samples: one.samples,
    now: { ...one.now },
    would: { ...one.would }
  })
  const taken = (one: LimitNow, locale: 'zh-CN' | 'en'): LimitShape => ({ ...shown(one, locale), by: one.by, at: present.time(one.at) })

  app.get(
    '/api/proposals',
    { schema: { summary: 'Limits that history proposes, and those that were taken over', tags, response: { 200: Proposals } } },
    async ({ locale }) => {
      const { proposals, limits, looked_at } = await desk.tuning.now()
      return {
        looked_at: present.time(looked_at),
        proposals: proposals.map(one => shown(one, locale)),
        limits: limits.map(one => taken(one, locale))
      }
    }
  )

  app.post(
    '/api/proposals/:id/acceptance',
    {
      schema: {
        summary: 'Take the limit over, from the next reading on',
        tags,
        params,
        body: Type.Object({ limit }, strict),
        response: { 201: Limit, 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const answer = desk.tuning.accept(request.params.id, request.body.limit, whoOf(request).name)
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply.code(201), taken(answer.state, request.locale))
    }
  )

  app.post(
    '/api/proposals/:id/rejection',
    {
      schema: {
        summary: 'Do not want it; it is not proposed again for a month',
        tags,
        params,
        body: Type.Object({ limit, reason: Type.String({ minLength: 1, maxLength: 500 }) }, strict),
        response: { 200: Proposal, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const { limit, reason } = request.body
      const answer = desk.tuning.reject(request.params.id, limit, whoOf(request).name, reason)
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply, shown(answer.state, request.locale))
    }
  )

  app.delete(
    '/api/proposals/:id/acceptance',
    {
      schema: { summary: 'Restore the limit of before', tags, params, response: { 200: Limit, 404: Shapes.Problem, 409: Shapes.Problem } }
    },
    async (request, reply) => {
      const answer = desk.tuning.restore(request.params.id, whoOf(request).name)
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply, taken(answer.state, request.locale))
    }
  )
}
