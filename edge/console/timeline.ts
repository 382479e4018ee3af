/** The timeline over HTTP: the story of an incident, each entry with the line that says it and the hash that proves it. */
import { Type } from 'typebox'
import type { Sop } from '../domain/sops/sop.ts'
import { timelineOf } from '../domain/timeline.ts'
import { refuse } from './problems.ts'
import type { App, Room } from './room.ts'
import * as Shapes from './shapes.ts'
import { type ChannelNames, namesIn, storyOf } from './story.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })

export const serveTimeline = (app: App, { desk, present }: Room, sops: ReadonlyMap<string, Sop>, channels: ChannelNames): void => {
  app.get(
    '/api/incidents/:id/timeline',
    {
      schema: {
        summary: 'What happened, in order: the journal of this incident, of its alerts and pages, and of what led to it',
        tags: ['incidents'],
        params: Id,
        response: { 200: Type.Array(Shapes.TimelineEntry), 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const incident = desk.incidents().find(({ id }) => id === request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const { entries, complete } = await storyOf(desk, incident)
      if (!complete) reply.header('qianshao-incomplete', 'true')
      const lines = timelineOf(entries, namesIn(desk, incident, sops, channels, request.locale), request.locale, incident.id)
      return entries.flatMap((entry, i) => {
        const line = lines[i]
        if (line === undefined) return []
        const { text: said, ...kept } = present.entry(entry)
        return [
          {
            ...kept,
            category: line.category,
            text: line.text,
            ...(typeof said === 'string' && { said }),
            hash: desk.journal.proof(entry.seq)?.hash ?? null
          }
        ]
      })
    }
  )
}
