/** What every zone is watched for, by whom, and where nobody watches any more. */
import { type Static, Type } from 'typebox'
import { coverageStates, hazards } from '../domain/vocabulary.ts'
import { nameOf } from '../domain/words.ts'
import { orNull, Time, words } from './base-shape.ts'
import type { App, Room } from './room.ts'

export const Coverage = Type.Object({
  zone: Type.String(),
  zone_name: Type.String(),
  hazard: words(hazards),
  hazard_label: Type.String(),
  state: words(coverageStates),
  state_label: Type.String(),
  since: orNull(Time),
  by: Type.Array(
    Type.Object({
      id: Type.String({ description: 'a device or a camera' }),
      sight: Type.Enum(['sees', 'unsure', 'blind']),
      why: orNull(Type.String()),
      why_label: orNull(Type.String()),
      since: orNull(Time)
    })
  )
})
export type CoverageShape = Static<typeof Coverage>

export const serveCoverage = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/coverage',
    {
      schema: {
        summary: 'What every zone is watched for: covered, less sure or blind, by whom, since when',
        tags: ['zones'],
        response: { 200: Type.Array(Coverage) }
      }
    },
    async ({ locale }): Promise<CoverageShape[]> => {
      const timeOr = (at: number | undefined): string | null => (at === undefined ? null : present.time(at))
      return desk.coverage().map(({ zone, hazard, state, since, by }) => ({
        zone,
        zone_name: present.zoneName(zone),
        hazard,
        hazard_label: hazards[hazard][locale],
        state,
        state_label: coverageStates[state][locale],
        since: timeOr(since),
        by: by.map(({ id, sight, why, since }) => ({
          id,
          sight,
          why: why ?? null,
          why_label: why === undefined ? null : nameOf('lost', why, locale),
          since: timeOr(since)
        }))
      }))
    }
  )
}
