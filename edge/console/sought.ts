/** Who is sought: written down on a stated ground, read by people on duty who look for them, and to whom they were given. */
import { type Static, Type } from 'typebox'
import {
  type Consent,
  consents,
  type Description,
  fieldName,
  fieldNames,
  type PersonSought,
  type Relation,
  relations
} from '../domain/sought.ts'
import type { Locale } from '../domain/vocabulary.ts'
import type { Described } from '../ports.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Words = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
const looks = {
  age_years: Type.Optional(Type.Integer({ minimum: 0, maximum: 120 })),
  height_cm: Type.Optional(Type.Integer({ minimum: 30, maximum: 250 })),
  clothes: Words,
  hair: Words,
  carries: Words,
  speaks: Words,
  last_seen: Words
}
const ConsentWord = Type.Enum(Object.keys(consents) as Consent[], { description: 'on what ground it is kept' })
const strict = { additionalProperties: false }
export const SoughtBody = Type.Object({ consent: ConsentWord, ...looks }, strict)
export const soughtOf = ({ consent, ...seen }: Static<typeof SoughtBody>, text: string): Omit<Described, 'by'> => ({
  consent,
  description: { text, ...seen } as Description
})

const Sought = Type.Object({
  by: Type.String(),
  at: Shapes.Time,
  consent: ConsentWord,
  consent_label: Type.String(),
  fields: Type.Array(Type.Object({ name: Type.String(), label: Type.String(), value: Type.String() })),
  receiver: Shapes.orNull(Type.String({ description: 'to whom the person was given' }))
})
export type SoughtShape = Static<typeof Sought>
const shapeOf = ({ by, consent, description, receiver }: PersonSought, at: string, locale: Locale): SoughtShape => ({
  by,
  at,
  consent,
  consent_label: consents[consent][locale],
  fields: fieldNames.flatMap(name => {
    const value = description[name]
    return value === undefined || value === '' ? [] : [{ name, label: fieldName(name, locale), value: String(value) }]
  }),
  receiver: receiver ?? null
})

export const serveSought = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/incidents/:id/description',
    {
      schema: {
        summary: 'Who is sought; that you read it is written down',
        tags: ['incidents'],
        params: Id,
        response: { 200: Sought, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const answer = desk.description(request.params.id, whoOf(request).name)
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      reply.header('cache-control', 'no-store')
      return afterKept(answer.kept, request, reply, shapeOf(answer.sought, present.time(answer.sought.at), request.locale))
    }
  )

  app.put(
    '/api/incidents/:id/description',
    {
      schema: {
        summary: 'Write down anew who is sought',
        tags: ['incidents'],
        params: Id,
        body: Type.Object({ text: Type.String({ minLength: 1, maxLength: 2_000 }), consent: ConsentWord, ...looks }, strict),
        response: { 200: Shapes.Incident, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const { text, ...sought } = request.body
      const answer = desk.describe(request.params.id, { by: whoOf(request).name, ...soughtOf(sought, text) })
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply, present.incident(answer.state, request.locale))
    }
  )

  app.post(
    '/api/incidents/:id/handover-receipt',
    {
      schema: {
        summary: 'The person who was sought is given to somebody; the answer holds the code of the receipt',
        tags: ['incidents'],
        params: Id,
        body: Type.Object(
          {
            to: Type.Enum(Object.keys(relations) as Relation[]),
            receiver: Type.String({ minLength: 1, maxLength: 100, description: 'the name, kept apart and erased with the description' }),
            checked: Type.Boolean({ description: 'a paper of the receiver was looked at' })
          },
          strict
        ),
        response: { 201: Shapes.Incident, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const answer = desk.handOver(request.params.id, { by: whoOf(request).name, ...request.body })
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply.code(201), present.incident(answer.state, request.locale))
    }
  )
}
