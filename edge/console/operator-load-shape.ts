/** The shape of what `GET /api/operator-load` answers. */
import { type Static, Type } from 'typebox'
import { AgencyWord, KindWord, orNull, SeverityWord, Time } from './shapes.ts'

const Source = {
  rule: Type.String(),
  kind: KindWord,
  kind_label: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  device: orNull(Type.String())
}
const Spread = {
  n: Type.Integer(),
  p50_s: orNull(Type.Number()),
  p90_s: orNull(Type.Number()),
  worst_s: orNull(Type.Number())
}
const Share = Type.Number({ minimum: 0, maximum: 1 })
const GradeWord = Type.Enum(['acceptable', 'manageable', 'too_many', 'flood'])
export const OperatorLoad = Type.Object({
  from: Time,
  to: Time,
  complete: Type.Boolean({ description: 'false: too much happened; only what came after `from` was looked at, not after what was asked' }),
  entries: Type.Integer({ description: 'journal entries looked at, from a day before `from` on' }),
  let_go: Type.Integer({ description: 'alerts, incidents and sources that were too many to remember, events of alerts nobody knows' }),
  annunciated: Type.Integer({ description: 'alarms that sounded for the duty desk' }),
  apart: Type.Object(
    {
      suppressed: Type.Integer(),
      out_of_service: Type.Integer(),
      shelved: Type.Integer(),
      drill: Type.Integer(),
      path: Type.Integer()
    },
    { description: 'alarms that sounded for nobody, by why' }
  ),
  operators: Type.Object({
    least: Type.Integer(),
    most: Type.Integer(),
    hours: Type.Number({ description: 'hours of all duty commanders on duty, by the roster as it is now; at least one sits there' })
  }),
  average_per_operator_hour: Type.Number(),
  grade: GradeWord,
  peak: orNull(Type.Object({ at: Time, count: Type.Integer(), per_operator_hour: Type.Number() })),
  lines: Type.Object({
    acceptable_per_hour: Type.Number(),
    manageable_per_hour: Type.Number(),
    flood_per_hour: Type.Number(),
    flood_begins_above: Type.Integer(),
    flood_ends_below: Type.Integer(),
    flood_goal_share: Type.Number()
  }),
  windows: Type.Object({ from: Time, width_s: Type.Integer(), counts: Type.Array(Type.Integer()) }),
  floods: Type.Array(
    Type.Object({ from: Time, to: orNull(Time), alarms: Type.Integer(), peak: Type.Integer({ description: 'in its worst 10 minutes' }) })
  ),
  flood_share: Share,
  bad_actors: Type.Array(Type.Object({ ...Source, count: Type.Integer(), share: Share })),
  chattering: Type.Array(Type.Object({ ...Source, times: Type.Integer({ description: 'came as the third or later within a minute' }) })),
  standing: Type.Integer({ description: 'alerts active and sounding at `to`' }),
  stale: Type.Array(Type.Object({ ...Source, alert: Type.String(), since: Time })),
  priorities: Type.Array(
    Type.Object({
      priority: Type.Enum(['low', 'medium', 'high']),
      severities: Type.Array(SeverityWord),
      count: Type.Integer(),
      share: orNull(Share),
      goal_share: Share
    })
  ),
  false_shares: Type.Array(
    Type.Object({
      rule: Type.String(),
      judged: Type.Integer({ description: 'alerts whose incident was closed with an outcome' }),
      false_alarms: Type.Integer(),
      low: Share,
      high: Type.Number({ minimum: 0, maximum: 1, description: 'Wilson, 95 %' })
    })
  ),
  nuisances: Type.Array(
    Type.Object({
      ...Source,
      judged: Type.Integer(),
      false_alarms: Type.Integer(),
      low: Share,
      high: Type.Number({ minimum: 0, maximum: 1, description: 'Wilson, 95 %' })
    }),
    { description: 'sources that were false at least once, the worst first' }
  ),
  seen: Type.Object({ ...Spread, unseen: Type.Integer() }, { description: 'from the sounding of an alert until somebody saw it' }),
  agencies: Type.Array(
    Type.Object({
      agency: AgencyWord,
      label: Type.String(),
      asked: Type.Integer({ description: 'incidents that needed it or asked it' }),
      never: Type.Integer({ description: 'closed without its answer' }),
      waiting: Type.Integer({ description: 'open, and silent' }),
      ...Spread
    })
  ),
  clocks: Type.Array(
    Type.Object({
      clock: Type.Enum(['first_asked', 'first_answer', 'all_answered', 'first_on_scene']),
      ...Spread,
      goals: Type.Array(Type.Object({ within_s: Type.Integer(), n: Type.Integer() }))
    })
  )
})
export type OperatorLoadShape = Static<typeof OperatorLoad>
