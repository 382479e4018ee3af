/** What has to be mended soon: where, why and by when, the most urgent first. */
import { type Static, Type } from 'typebox'
import { upkeepKinds, upkeepSentences } from '../domain/upkeep.ts'
import { fill } from '../domain/words.ts'
import { orNull, Time, words } from './base-shape.ts'
import type { App, Room } from './room.ts'

export const Upkeep = Type.Object({
  device: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  kind: words(upkeepKinds),
  kind_label: Type.String(),
  why: Type.String(),
  due_at: orNull(Time)
})
export type UpkeepShape = Static<typeof Upkeep>

export const serveUpkeep = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/maintenance/due-soon',
    {
      schema: {
        summary: 'What has to be mended before it becomes an alarm: batteries, links, doubted sensors, devices nearly silent',
        tags: ['maintenance'],
        response: { 200: Type.Array(Upkeep) }
      }
    },
    async ({ locale }): Promise<UpkeepShape[]> => {
      const due = await desk.upkeep()
      return due.map(({ device, zone, kind, why, due_at }) => ({
        device,
        zone,
        zone_name: present.zoneName(zone),
        kind,
        kind_label: upkeepKinds[kind][locale],
        why: fill(upkeepSentences[why.say][locale], why.with, locale),
        due_at: due_at === undefined ? null : present.time(due_at)
      }))
    }
  )
}
