/** Exercises: begun, stopped, listed with their scores so that months can be compared. */
import { Type } from 'typebox'
import type { Drill } from '../domain/drill.ts'
import { agencies, type Locale } from '../domain/vocabulary.ts'
import { DrillRun, Drills } from './drill-shape.ts'
import { timesOf } from './language.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const answers = { 200: DrillRun, 201: DrillRun, 404: Shapes.Problem, 409: Shapes.Problem }

export const serveDrills = (app: App, { desk }: Room): void => {
  const time = timesOf(desk.station.timezone)
  const named = (scenario: string, locale: Locale) => ({
    id: scenario,
    label: desk.scenarios().find(({ id }) => id === scenario)?.name[locale] ?? scenario
  })
  const shown = ({ id, scenarios, by, phase, began_at, over_at, why, incidents, score }: Drill, locale: Locale) => ({
    id,
    scenarios: scenarios.map(scenario => named(scenario, locale)),
    by,
    phase,
    began_at: time(began_at),
    over_at: over_at === undefined ? null : time(over_at),
    why: why ?? null,
    incidents: [...incidents],
    score:
      score === undefined
        ? null
        : {
            ...score,
            silent: score.silent.map(agency => ({ id: agency, label: agencies[agency][locale] })),
            slowest_s: score.slowest_s ?? null,
            first_on_scene_s: score.first_on_scene_s ?? null
          }
  })

  app.get(
    '/api/drills',
    {
      schema: {
        summary: 'Exercises, the newest first, and the scenarios there are',
        tags: ['drills'],
        response: { 200: Drills }
      }
    },
    async ({ locale }) => ({
      scenarios: desk.scenarios().map(({ id }) => named(id, locale)),
      drills: desk.drills().map(drill => shown(drill, locale))
    })
  )

  app.post(
    '/api/drills',
    {
      schema: {
        summary: 'Begin an exercise: everyone on duty is asked, everything is marked, no channel leaves the station',
        tags: ['drills'],
        body: Type.Object(
          {
            scenarios: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 5 }),
            zones: Type.Optional(
              Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 128 }), {
                description: 'which zone of the station stands for one of the scenario; otherwise the same name, or the same use'
              })
            )
          },
          { additionalProperties: false }
        ),
        response: answers
      }
    },
    async (request, reply) => {
      const answer = desk.startDrill({ ...request.body, by: whoOf(request).name })
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply.code(201), shown(answer.state, request.locale))
    }
  )

  app.delete(
    '/api/drills/:id',
    { schema: { summary: 'End the exercise', tags: ['drills'], params: Id, response: answers } },
    async (request, reply) => {
      const answer = desk.stopDrill(request.params.id, whoOf(request).name)
      if ('refused' in answer) return refuse(request, reply, answer.refused)
      return afterKept(answer.kept, request, reply, shown(answer.state, request.locale))
    }
  )
}
