/** What `/api/shadow` answers. */
import { type Static, Type } from 'typebox'
import { KindWord, orNull, SeverityWord, Time } from './base-shape.ts'

const count = (description: string) => Type.Integer({ description })
const Tally = {
  fired: count('how often it spoke, once an episode'),
  true: count('people closed an incident of that place and time as handled'),
  false: count('people closed it as a false alarm'),
  open: count('not yet known'),
  nothing: count('nobody opened anything within half an hour')
}

export const Shadow = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  settings: Type.Record(Type.String(), Type.Unknown(), { description: 'what differs from the rule on duty' }),
  ...Tally,
  on_duty: Type.Object(Tally, { description: 'the same of the rule on duty, over the same time' }),
  firings: Type.Array(
    Type.Object({
      at: Time,
      zone: Type.String(),
      zone_name: Type.String(),
      device: orNull(Type.String()),
      kind: KindWord,
      kind_label: Type.String(),
      severity: SeverityWord,
      severity_label: Type.String(),
      because: Type.String(),
      truth: Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('open'), Type.Literal('nothing')]),
      incident: orNull(Type.String()),
      ahead_seconds: orNull(Type.Number({ description: 'how much earlier than the rule on duty; negative when later' }))
    }),
    { description: 'the newest fifty' }
  )
})
export type ShadowShape = Static<typeof Shadow>
