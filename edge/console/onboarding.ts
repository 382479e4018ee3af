/** A device is let in, gets another credential, loses it, is replaced: each the one moment at which a credential is shown. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Limits, quietsLife } from '../domain/device-limits.ts'
import { auths } from '../domain/event.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Sop } from '../domain/sops/sop.ts'
import { agencies, incidentKinds, type Locale, levels, type Quantity, quantities } from '../domain/vocabulary.ts'
import { inLanguage } from '../domain/words.ts'
import type { Issued as IssuedNow, ProposalNow } from '../ports.ts'
import { timesOf } from './language.ts'
import { Issued, type IssuedShape, Onboarding, type OnboardingShape, type ProposalShape } from './onboarding-shape.ts'
import { refuse } from './problems.ts'
import { type App, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Word = Type.String({ minLength: 1, maxLength: 128 })
const Topic = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^#+$\\u0000-\\u001f]+$' })
const answers = { 200: Issued, 201: Issued, 403: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }
const strict = { additionalProperties: false }

export const serveOnboarding = (app: App, { desk, present }: Room, sops: ReadonlyMap<string, Sop>): void => {
  const { onboarding } = desk
  const time = timesOf(desk.station.timezone)
  const gives = (of: readonly Quantity[], locale: Locale) => of.map(quantity => ({ quantity, label: quantities[quantity].label[locale] }))

  const proposal = ({ announced, claims, ...from }: ProposalNow, locale: Locale): ProposalShape => ({
    id: from.id,
    bridge: from.bridge,
    name: announced.name,
    maker: announced.maker ?? null,
    model: announced.model ?? null,
    firmware: announced.firmware ?? null,
    area: announced.area ?? null,
    zone: from.zone ?? null,
    profile: from.profile,
    gives: gives(announced.gives, locale),
    parts: announced.entities.map(({ name, topic, quantity }) => ({ name, topic, label: quantities[quantity].label[locale] })),
    left_out: announced.left_out.map(said => inLanguage(said, locale)),
    topics: [...new Set(announced.speaks ? [announced.speaks.topic] : announced.entities.map(({ topic }) => topic))],
    first_heard: time(from.first_heard),
    last_heard: time(from.last_heard),
    device: from.device ?? null,
    claims: claims === undefined ? null : { ...claims },
    silent_after_s: from.silent_after_s ?? null
  })

  app.get(
    '/api/onboarding',
    {
      schema: {
        summary: 'What waits to be let in, and what letting a device in would mean: zones, limits, who is asked',
        tags: ['devices'],
        response: { 200: Onboarding }
      }
    },
    async ({ locale }): Promise<OnboardingShape> => ({
      proposals: onboarding.proposals().map(one => proposal(one, locale)),
      names: onboarding.names().map(name => ({ ...name, last_seen: time(name.last_seen) })),
      profiles: onboarding
        .profiles()
        .map(({ id, label, measures, bridge }) => ({ id, label: label[locale], bridge, measures: [...measures] })),
      missing: onboarding
        .missing()
        .map(({ zone, quantities: of }) => ({ zone, zone_name: present.zoneName(zone), gives: gives(of, locale) })),
      causes: onboarding.causes().map(({ quantity, above, severity, kind, agencies: asked, sop }) => ({
        quantity,
        quantity_label: quantities[quantity].label[locale],
        unit: quantities[quantity].unit,
        flag: quantities[quantity].max === 1,
        above,
        level: severity,
        level_label: levels[severity][locale],
        kind_label: incidentKinds[kind][locale],
        agencies: [...asked],
        agency_labels: asked.map(agency => agencies[agency][locale]),
        sop: sopShown(sops.get(sop ?? ''), locale)
      })),
      limits: (Object.entries(onboarding.limits()) as [Quantity, readonly number[]][]).map(([quantity, steps]) => ({
        quantity,
        label: quantities[quantity].label[locale],
        unit: quantities[quantity].unit,
        steps: [...steps]
      })),
      certificates: onboarding.certificates()
    })
  )

  const shown = (id: string, request: FastifyRequest, reply: FastifyReply) => {
    const now = desk.devices().find(device => device.id === id)
    return now === undefined ? refuse(request, reply, 'no_such_device') : present.device(now, request.locale)
  }

  /** Who answers for the alarms of the night may make gas, smoke and fire speak later; the installer alone may not. */
  const mayNot = (request: FastifyRequest, id: string, limits: Limits = {}): boolean =>
    !whoOf(request).roles.includes('duty_commander') &&
    quietsLife(limits, onboarding.causes(), desk.devices().find(device => device.id === id)?.limits)

  /** Shown once: kept by no cache, and by the answers to a repeated tap for a minute. */
  const shownOnce = (
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    id: string,
    issued: IssuedNow | Refusal
  ): FastifyReply | IssuedShape => {
    if ('refused' in issued) return refuse(request, reply, issued.refused)
    const behind = desk.devices().find(device => device.id === id)?.via !== undefined
    const { url, port, secure } = onboarding.broker()
    const host = request.hostname.includes(':') ? `[${request.hostname}]` : request.hostname
    const answer: IssuedShape = {
      id,
      username: behind ? null : id,
      password: issued.password ?? null,
      broker_url: url ?? `${secure ? 'mqtts' : 'mqtt'}://${host}:${port}`,
      topic: issued.topic
    }
    return reply.code(status).header('cache-control', 'no-store').send(answer)
  }

  app.post(
    '/api/devices',
    {
      config: { secret: true },
      schema: {
        summary: 'Let a device in, by its proposal or by hand; the answer holds its password, this once',
        tags: ['devices'],
        body: Type.Object(
          {
            id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }),
            zone: Word,
            proposal: Type.Optional(Word),
            profile: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
            topic: Type.Optional(Topic),
            via: Type.Optional(Word),
            limits: Type.Optional(Type.Record(Type.String(), Type.Array(Type.Number(), { minItems: 1, maxItems: 4 }))),
            auth: Type.Optional(Type.Enum([...auths]))
          },
          strict
        ),
        response: answers
      }
    },
    async (request, reply) => {
      const { id, zone, proposal, profile = '', topic = `devices/${id}`, via, limits, auth } = request.body
      if (mayNot(request, id, limits as Limits)) return refuse(request, reply, 'limits_of_life')
      const what = { id, zone, by: whoOf(request).name, ...(limits && { limits: limits as Limits }), ...(auth && { auth }) }
      const issued = await onboarding.enrol(
        proposal === undefined ? { ...what, profile, topic, ...(via !== undefined && { via }) } : { ...what, proposal }
      )
      return shownOnce(request, reply, 201, id, issued)
    }
  )

  app.post(
    '/api/devices/:id/credential',
    {
      config: { secret: true },
      schema: {
        summary: 'A new credential; the old one and its sessions end at once',
        tags: ['devices'],
        params: Id,
        body: Type.Optional(Type.Object({}, strict)),
        response: answers
      }
    },
    async (request, reply) => {
      const { id } = request.params
      return shownOnce(request, reply, 200, id, await onboarding.rotate(id, whoOf(request).name))
    }
  )

  app.delete(
    '/api/devices/:id/credential',
    {
      schema: {
        summary: 'Revoke its credential: the device stays in the list, and its silence is no alarm',
        tags: ['devices'],
        params: Id,
        response: { 200: Shapes.Device, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const answer = await onboarding.revoke(id, whoOf(request).name)
      return 'refused' in answer ? refuse(request, reply, answer.refused) : shown(id, request, reply)
    }
  )

  app.post(
    '/api/devices/:id/replacement',
    {
      config: { secret: true },
      schema: {
        summary: 'Other hardware under the same id, in the same zone, with the same history',
        tags: ['devices'],
        params: Id,
        body: Type.Object({ profile: Type.Optional(Word), topic: Type.Optional(Topic), proposal: Type.Optional(Word) }, strict),
        response: answers
      }
    },
    async (request, reply) => {
      const { id } = request.params
      return shownOnce(request, reply, 200, id, await onboarding.replace(id, whoOf(request).name, request.body))
    }
  )

  app.put(
    '/api/devices/:id/limits',
    {
      schema: {
        summary: 'Limits of this one device in place of those of the rules; an empty object gives it those again',
        tags: ['devices'],
        params: Id,
        body: Type.Record(Type.String(), Type.Array(Type.Number(), { minItems: 1, maxItems: 4 })),
        response: { 200: Shapes.Device, 403: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const limits = request.body as Limits
      if (mayNot(request, id, limits)) return refuse(request, reply, 'limits_of_life')
      const answer = await onboarding.limit(id, whoOf(request).name, limits)
      return 'refused' in answer ? refuse(request, reply, answer.refused) : shown(id, request, reply)
    }
  )

  app.delete(
    '/api/devices/:id',
    {
      schema: {
        summary: 'Remove a device; its session ends at once',
        tags: ['devices'],
        params: Id,
        response: { 200: Type.Object({ removed: Type.Boolean() }), 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const answer = await onboarding.remove(request.params.id, whoOf(request).name)
      return 'refused' in answer ? refuse(request, reply, answer.refused) : answer
    }
  )
}

const sopShown = (sop: Sop | undefined, locale: Locale) =>
  sop === undefined ? null : { name: sop.label[locale], steps: sop.steps.map(({ what }) => what[locale]) }
