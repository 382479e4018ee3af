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
  flapping: orNull(
    Type.Object(
      { at: Time, changes: Type.Integer() },
      { description: 'it comes and goes so fast that it is shown once, as there; how many changes were counted meanwhile' }
    )
  ),
  incident: orNull(Type.String()),
  drill: Type.Boolean()
})
export type AlertShape = Static<typeof Alert>

const Line = {
  severity: SeverityWord,
  severity_label: Type.String(),
  kind: KindWord,
  kind_label: Type.String({ description: 'several, where a line stands for several' }),
  count: Type.Integer({ description: 'open alerts under it' }),
  active: Type.Integer(),
  suppressed: Type.Integer({ description: 'of them only consequences' }),
  flapping: Type.Integer()
}
export const BoardLine = Type.Object({
  id: Type.String(),
  by: Type.Enum(['alert', 'pressed', 'cause', 'place', 'kind', 'wall', 'held'], {
    description:
      'one alert alone; pressed by a person; a cause with its consequences; one danger in one place, in many; many red places; held back'
  }),
  ...Line,
  zone_names: Type.Array(Type.String()),
  head: Type.String({ description: 'the alert whose words stand for it' }),
  because: Type.String(),
  since: Time,
  incidents: Type.Array(Type.String()),
  drill: Type.Boolean(),
  rows: Type.Array(Type.String(), { description: 'its few alerts that stand there themselves; the others are found under its groups' }),
  groups: Type.Array(Type.Object({ id: Type.String(), ...Line, zone_name: Type.String(), because: Type.String() })),
  groups_more: Type.Integer({ description: 'groups beyond those that are named' })
})
export const Board = Type.Object(
  {
    lines: Type.Array(BoardLine),
    aside: Type.Integer({ description: 'put aside by people' }),
    held: Type.Integer({ description: 'held back: there, listed, not called out' }),
    called_lately: Type.Integer({ description: 'lines called out in the last ten minutes' }),
    called: Type.Array(Type.String(), { description: 'lines called out just now' })
  },
  { description: 'what a person is to read: at most ten lines called out in ten minutes, every alert under exactly one' }
)
export type BoardLineShape = Static<typeof BoardLine>
export type BoardShape = Static<typeof Board>
