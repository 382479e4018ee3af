/** The report over HTTP: everything about one incident on paper, in the language that is asked for. */
import { Type } from 'typebox'
import type { Sop } from '../domain/sops/sop.ts'
import { timelineOf } from '../domain/timeline.ts'
import { receiptWords } from '../domain/timeline-words.ts'
import { type Locale, locales } from '../domain/vocabulary.ts'
import type { Desk, Entry } from '../ports.ts'
import { refuse } from './problems.ts'
import { type Call, reportPage } from './report-page.ts'
import { report_policy } from './report-style.ts'
import { type App, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'
import { type ChannelNames, namesIn, storyOf } from './story.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })

export const serveReport = (app: App, { desk, present }: Room, sops: ReadonlyMap<string, Sop>, channels: ChannelNames): void => {
  app.get(
    '/api/incidents/:id/report',
    {
      schema: {
        summary: 'The report of an incident as a page to print (A4), with its clocks, timeline and proof',
        tags: ['incidents'],
        produces: ['text/html'],
        params: Id,
        querystring: Type.Object({ locale: Type.Optional(Type.Enum([...locales])) }, { additionalProperties: false }),
        response: { 200: Type.String({ description: 'an HTML page that needs nothing else' }), 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const incident = desk.incidents().find(({ id }) => id === request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const locale = request.query.locale ?? request.locale
      const { entries, complete } = await storyOf(desk, incident)
      const names = namesIn(desk, incident, sops, channels, locale)
      const lines = timelineOf(entries, names, locale, incident.id).map((line, i) => ({
        ...line,
        type: entries[i]?.event.type ?? '',
        proof: desk.journal.proof(line.seq)
      }))
      const page = reportPage({
        station: desk.station,
        incident,
        shape: present.incident(incident, locale),
        lines,
        calls: callsOf(entries, names, locale),
        journal: { id: desk.journal.id, head: headOf(desk), unpersisted: desk.journal.unpersisted() },
        complete,
        locale,
        time: present.time,
        printed: { at: desk.clock.now(), by: whoOf(request).name }
      })
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', report_policy)
        .header('content-language', locale)
        .header('cache-control', 'no-store')
        .serializer(String)
        .send(page)
    }
  )
}

const headOf = (desk: Desk): { readonly seq: number; readonly hash: string } | undefined => {
  const seq = desk.journal.keptUpto()
  const proof = desk.journal.proof(seq)
  return proof && { seq, hash: proof.hash }
}

/** Each page by its channel, with every receipt, or why there was none. */
const callsOf = (
  entries: readonly Entry[],
  names: { readonly unit: (id: string) => string; readonly channel: (id: string) => string },
  locale: Locale
): readonly Call[] => {
  const calls = new Map<string, Call & { readonly said: { at: number; text: string }[] }>()
  for (const { event } of entries) {
    if (event.type === 'page_asked')
      calls.set(event.id, { unit: names.unit(event.unit), channel: names.channel(event.channel), asked_at: event.at, said: [] })
    else if (event.type === 'page_receipt') calls.get(event.id)?.said.push({ at: event.at, text: receiptWords[event.receipt][locale] })
    else if (event.type === 'page_failed') calls.get(event.id)?.said.push({ at: event.at, text: event.why })
  }
  return [...calls.values()]
}
