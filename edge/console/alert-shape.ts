/** An alert, as the API answers it and the screen reads it, in the words of ISA-18.2. */
import { type Static, Type } from 'typebox'
import { Action, KindWord, orNull, SeverityWord, Signed, Time } from './base-shape.ts'

/** `latched`: its condition has gone and somebody has seen it; it waits for its reset. */
const State = Type.Enum([
  'unacknowledged',
  'acknowledged',
  'returned_unacknowledged',
  'latched',
  'shelved',
  'suppressed',
  'out_of_service',
  'closed'
])

const Branch = Type.Object(
  {
    episode: Type.Integer(),
    severity: SeverityWord,
    because: Type.String(),
    raised_at: Time,
    cleared_at: Time,
    times: Type.Integer({ description: 'episodes folded into this one' })
  },
  { description: 'an earlier episode that came and went before anybody had seen it' }
)

export const Alert = Type.Object({
  id: Type.String(),
  key: Type.String(),
  rule: Type.String(),
  kind: KindWord,
  kind_label: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  device: orNull(Type.String()),
  severity: SeverityWord,
  severity_label: Type.String(),
  highest: SeverityWord,
  phase: Type.Enum(['open', 'closed']),
  active: Type.Boolean(),
  state: State,
  because: Type.String(),
  action: orNull(Action),
  raised_at: Time,
  changed_at: Time,
  cleared_at: orNull(Time),
  episode: Type.Integer({ description: 'how often its condition has come; 1 is the first time' }),
  branches: Type.Array(Branch),
  acknowledged: orNull(Signed),
  confirmed: orNull(Signed),
  latching: Type.Boolean({ description: 'it stays until a person resets it' }),
  reset: orNull(Signed),
  realarms: Type.Integer({ description: 'how often it had to sound again' }),
  realarm_at: orNull(Time),
  shelved: orNull(Type.Object({ by: Type.String(), at: Time, until: Time, reason: Type.String(), mode: Type.Enum(['timed', 'one_shot']) })),
  suppressed: orNull(Type.Object({ cause: Type.String({ description: 'the alert that explains it' }), at: Time })),
  out_of_service: orNull(Type.Object({ window: Type.String({ description: 'the maintenance window' }), at: Time, until: Time })),
  stand_in: orNull(
    Type.Object(
      { unit: Type.String(), unit_name: Type.String(), every_s: Type.Integer() },
      { description: 'the patrol that could look where this camera does not; a person sends it (POST /api/maintenance)' }
    )
  ),
  incident: orNull(Type.String()),
  drill: Type.Boolean()
})
export type AlertShape = Static<typeof Alert>
