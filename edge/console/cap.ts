/** CAP 1.2 over HTTP: what an incident says to other systems, and what they say to this station. */

import { Type } from 'typebox'
import { type CapAlert, capDone, capXml } from '../domain/cap.ts'
import { capHistory } from '../domain/cap-history.ts'
import { type CapSettings, capAck, capsOf } from '../domain/cap-of-incident.ts'
import { asWritten } from '../domain/clock-step.ts'
import type { Incident } from '../domain/incident.ts'
import type { Sop } from '../domain/sops/sop.ts'
import type { Desk } from '../ports.ts'
import type { CapInbox } from './cap-in.ts'
import { readCap } from './cap-reading.ts'
import { entriesAbout } from './journal.ts'
import { namesOf } from './names.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

export type CapOut = {
  /** All messages of an incident, the oldest first; what is not on disk yet is told by its present state. */
  readonly messages: (incident: Incident) => Promise<readonly CapAlert[]>
  /** The answer to the system that called, when another system opened this incident. */
  readonly ack: (incident: Incident, at: number) => Promise<CapAlert | undefined>
}

export const openCapOut = (desk: Desk, sops: ReadonlyMap<string, Sop>, cap: CapSettings, inbox: CapInbox): CapOut => {
  const station = {
    ...desk.station,
    cap,
    zoneName: namesOf(desk).zoneName,
    sop: (name: string) => sops.get(name)
  }
  return {
    messages: async incident => {
      const written = asWritten(desk.steps(), incident.opened_at, incident.closed_at)
      const entries = await entriesAbout(desk.journal, written.from, written.to, event => event.id === incident.id)
      const moments = capHistory(
        entries.map(({ event }) => event),
        incident,
        desk.clock.now()
      )
      return capsOf(moments, station, await inbox.originOf(incident.id))
    },
    ack: async (incident, at) => {
      const origin = await inbox.originOf(incident.id)
      return origin && capAck(origin, incident, at, station)
    }
  }
}

const media_type = 'application/cap+xml'
const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Received = Type.Object({
  id: Type.String(),
  done: Type.Enum([...capDone]),
  incident: Shapes.orNull(Type.String()),
  report: Shapes.orNull(Type.String())
})

export const serveCap = (app: App, { desk }: Room, inbox: CapInbox, out: CapOut): void => {
  app.get(
    '/api/incidents/:id/cap.xml',
    {
      schema: {
        summary: 'The newest CAP 1.2 message of an incident, or an earlier one by its number',
        tags: ['incidents'],
        produces: [media_type],
        params: Id,
        querystring: Type.Object({ message: Type.Optional(Type.Integer({ minimum: 1 })) }, { additionalProperties: false }),
        response: { 200: Type.String({ description: 'a CAP 1.2 document' }), 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const incident = desk.incidents().find(({ id }) => id === request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const messages = await out.messages(incident)
      const alert = messages.at((request.query.message ?? messages.length) - 1)
      if (alert === undefined) return refuse(request, reply, 'no_such_message')
      return reply.type(`${media_type}; charset=utf-8`).serializer(String).send(capXml(alert))
    }
  )

  // XML is read for this one route: every other still takes JSON alone.
  app.register(async only => {
    only.removeAllContentTypeParsers()
    only.addContentTypeParser([media_type, 'application/xml', 'text/xml'], { parseAs: 'buffer' }, (request, body, done) => {
      if (request.headers['content-encoding'] !== undefined) return done(Object.assign(new Error('compressed'), { statusCode: 415 }))
      try {
        done(null, readCap(body as Buffer))
      } catch (error) {
        done(error as Error)
      }
    })
    ;(only as App).post(
      '/api/cap',
      {
        schema: {
          summary: 'A CAP 1.2 message of another system: a report, a call for help, or its answer to ours',
          description: 'Body: one CAP 1.2 document in UTF-8, at most 64 KiB, without DOCTYPE. Sent twice it is done once.',
          tags: ['cap'],
          consumes: [media_type],
          querystring: Type.Object({ zone: Type.Optional(Type.String({ maxLength: 128 })) }, { additionalProperties: false }),
          response: { 200: Received, 400: Shapes.Problem, 404: Shapes.Problem, 409: Shapes.Problem }
        }
      },
      async (request, reply) => {
        const { zone } = request.query
        if (zone !== undefined && !desk.zones().some(({ id }) => id === zone)) return refuse(request, reply, 'no_such_zone')
        const answer = await inbox.receive(request.body as CapAlert, whoOf(request), zone)
        if ('refused' in answer) return refuse(request, reply, answer.refused)
        const { id, done, incident = null, report = null } = answer.received
        if (answer.again) reply.header('idempotent-replayed', 'true')
        return afterKept(answer.kept, request, reply, { id, done, incident, report })
      }
    )
  })
}
