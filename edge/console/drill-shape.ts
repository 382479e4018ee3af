/** The shape of an exercise and its score, as the API answers them and the screen reads them. */
import { type Static, Type } from 'typebox'
import { orNull, Time } from './base-shape.ts'

const Named = Type.Object({ id: Type.String(), label: Type.String() })
const Score = Type.Object({
  score: Type.Integer({ minimum: 0, maximum: 100 }),
  formula: Type.Integer({ description: 'scores of one formula can be compared' }),
  agencies_needed: Type.Integer(),
  agencies_answered: Type.Integer(),
  answered_in_60_s: Type.Integer(),
  silent: Type.Array(Named),
  slowest_s: orNull(Type.Number()),
  escalations: Type.Integer(),
  first_on_scene_s: orNull(Type.Number()),
  steps: Type.Integer(),
  steps_in_time: Type.Integer()
})
export const DrillRun = Type.Object({
  id: Type.String(),
  scenarios: Type.Array(Named),
  by: Type.String(),
  phase: Type.Enum(['running', 'over']),
  began_at: Time,
  over_at: orNull(Time),
  why: orNull(Type.Enum(['played', 'stopped', 'real_alarm', 'restart'])),
  incidents: Type.Array(Type.String()),
  score: orNull(Score)
})
export type DrillShape = Static<typeof DrillRun>

export const Drills = Type.Object({ scenarios: Type.Array(Named), drills: Type.Array(DrillRun) })
export type DrillsShape = Static<typeof Drills>
