/** The shape of a maintenance window, as the API answers it and the screen reads it. */
import { type Static, Type } from 'typebox'
import { orNull, Time } from './shapes.ts'

const Name = Type.String({ minLength: 1, maxLength: 128 })
export const Covers = Type.Object(
  {
    zone: Type.Optional(Name),
    device: Type.Optional(Name),
    rule: Type.Optional(Type.String({ maxLength: 128, description: 'only alerts of this rule; all of them when absent' }))
  },
  { additionalProperties: false }
)
export const Maintenance = Type.Object({
  id: Type.String(),
  covers: Covers,
  owner: Type.String({ description: 'who answers for it' }),
  by: Type.String(),
  reason: Type.String(),
  from: Time,
  until: Time,
  phase: Type.Enum(['planned', 'open', 'ended']),
  patrol: Type.Object({ unit: Type.String(), every_s: Type.Number() }),
  rounds: Type.Array(Type.Object({ by: Type.String(), at: Time })),
  missed: Type.Integer(),
  round_due_at: orNull(Time)
})
export type MaintenanceShape = Static<typeof Maintenance>
