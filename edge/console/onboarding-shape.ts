/** What waits to be let in, what may be chosen, and what the installer takes along this once. */
import { type Static, Type } from 'typebox'
import { AgencyWord, LevelWord, orNull, QuantityWord, Time } from './base-shape.ts'

const Gives = Type.Object({ quantity: QuantityWord, label: Type.String() })

export const Proposal = Type.Object({
  id: Type.String(),
  bridge: Type.String({ description: 'whose word it is' }),
  name: Type.String(),
  maker: orNull(Type.String()),
  model: orNull(Type.String()),
  firmware: orNull(Type.String()),
  area: orNull(Type.String({ description: 'where it says it is' })),
  zone: orNull(Type.String({ description: 'the zone of that name' })),
  profile: Type.String(),
  gives: Type.Array(Gives),
  parts: Type.Array(Type.Object({ name: Type.String(), topic: Type.String(), label: Type.String() })),
  left_out: Type.Array(Type.String(), { description: 'what of it is not understood, and why' }),
  topics: Type.Array(Type.String()),
  first_heard: Time,
  last_heard: Time,
  device: orNull(Type.String({ description: 'let in already under this id, and saying something else of itself now' })),
  claims: orNull(Type.Object({ topic: Type.String(), of: Type.String() }, { description: 'it lays claim to what is another’s' })),
  silent_after_s: orNull(Type.Number({ description: 'missed sooner than others, because it says so' }))
})

export const Onboarding = Type.Object({
  proposals: Type.Array(Proposal),
  names: Type.Array(Type.Object({ bridge: Type.String(), topic: Type.String(), heard_total: Type.Integer(), last_seen: Time }), {
    description: 'heard below a bridge, announced by nobody'
  }),
  profiles: Type.Array(
    Type.Object({ id: Type.String(), label: Type.String(), bridge: Type.Boolean(), measures: Type.Array(QuantityWord) })
  ),
  missing: Type.Array(Type.Object({ zone: Type.String(), zone_name: Type.String(), gives: Type.Array(Gives) }), {
    description: 'what the station template expects there, and nothing measures'
  }),
  causes: Type.Array(
    Type.Object({
      quantity: QuantityWord,
      quantity_label: Type.String(),
      unit: Type.String(),
      flag: Type.Boolean({ description: 'an alarm of the device itself: it has no limit' }),
      above: Type.Number(),
      level: LevelWord,
      level_label: Type.String(),
      kind_label: Type.String(),
      agencies: Type.Array(AgencyWord),
      agency_labels: Type.Array(Type.String()),
      sop: orNull(Type.Object({ name: Type.String(), steps: Type.Array(Type.String()) }))
    })
  ),
  limits: Type.Array(Type.Object({ quantity: QuantityWord, label: Type.String(), unit: Type.String(), steps: Type.Array(Type.Number()) }), {
    description: 'what may be set for one device, with what holds for all'
  }),
  certificates: Type.Boolean({ description: 'the station knows an authority for device certificates' })
})

export const Issued = Type.Object({
  id: Type.String(),
  username: orNull(Type.String()),
  password: orNull(Type.String({ description: 'this once' })),
  broker_url: Type.String(),
  topic: Type.String()
})

export type ProposalShape = Static<typeof Proposal>
export type OnboardingShape = Static<typeof Onboarding>
export type IssuedShape = Static<typeof Issued>
