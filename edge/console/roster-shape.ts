/** The shapes of the roster: units and people, who is on duty when, where cover is missing, and who commands. No way to reach anybody is in it. */
import { type Static, Type } from 'typebox'
import { qualifications } from '../domain/vocabulary.ts'
import { AgencyWord, KindWord, orNull, RoleWord, SeverityWord, Time, words } from './base-shape.ts'

const Qualified = Type.Object({ qualification: words(qualifications), label: Type.String() })
const Shift = Type.Object({ from: Type.String({ examples: ['08:00'] }), to: Type.String({ examples: ['20:00'] }) })

const Unit = Type.Object({
  id: Type.String(),
  name: Type.String(),
  agency: AgencyWord,
  agency_label: Type.String(),
  members: Type.Array(Type.String()),
  zones: Type.Array(Type.String()),
  commands: Type.Boolean(),
  shifts: Type.Array(Shift, { description: 'local times; none means always on duty' }),
  qualifications: Type.Array(Qualified, { description: 'what somebody in the unit has learned' }),
  on_duty: Type.Boolean(),
  next: Type.Array(Type.Object({ from: Time, until: Time }), { description: 'when it is on duty in the next 24 hours' })
})
const Person = Type.Object({
  name: Type.String(),
  agency: AgencyWord,
  agency_label: Type.String(),
  roles: Type.Array(RoleWord),
  role_labels: Type.Array(Type.String()),
  qualifications: Type.Array(Qualified)
})
const Cover = Type.Object({
  agency: AgencyWord,
  agency_label: Type.String(),
  zone: orNull(Type.String()),
  zone_name: orNull(Type.String()),
  from: orNull(Type.String()),
  to: orNull(Type.String()),
  units: Type.Integer(),
  qualification: orNull(words(qualifications)),
  qualification_label: orNull(Type.String())
})
const Gap = Type.Object({ cover: Cover, begin: Time, end: Time, present: Type.Integer(), missing: Type.Integer() })
const Change = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['absent', 'swapped']),
  kind_label: Type.String(),
  unit: Type.String(),
  unit_name: Type.String(),
  with: orNull(Type.String()),
  with_name: orNull(Type.String()),
  from: Time,
  until: Time,
  reason: Type.String(),
  by: Type.String(),
  at: Time,
  over: Type.Boolean()
})
const Item = Type.Object({
  id: Type.String(),
  severity: SeverityWord,
  severity_label: Type.String(),
  kind: orNull(KindWord),
  kind_label: orNull(Type.String()),
  zone_name: orNull(Type.String())
})
const Offer = Type.Object({
  id: Type.String(),
  from: Type.String(),
  to: Type.String(),
  at: Time,
  text: Type.String(),
  items: Type.Array(Item, { description: 'what was open when it was offered' }),
  expires_at: Time,
  read_back: orNull(Type.Object({ at: Time, items: Type.Array(Type.String()), text: Type.String() }))
})
const Command = Type.Object({
  owner: Type.Object(
    { kind: Type.Enum(['person', 'unit', 'agency']), id: Type.String(), name: Type.String() },
    { description: 'who owns what is open now; never nobody' }
  ),
  holder: orNull(Type.String()),
  since: orNull(Time),
  must_name: Type.Array(Item, { description: 'open red incidents: a read-back names every one of them' }),
  offer: orNull(Offer)
})

export const Roster = Type.Object({
  now: Time,
  units: Type.Array(Unit),
  people: Type.Array(Person),
  covers: Type.Array(Cover),
  gaps: Type.Array(Gap, { description: 'where too few will be on duty in the next 24 hours' }),
  changes: Type.Array(Change, { description: 'newest first' }),
  command: Command
})
export type RosterShape = Static<typeof Roster>

const Quoted = {
  agency: AgencyWord,
  agency_label: Type.String(),
  law: Type.String(),
  limit: orNull(Type.String()),
  verified: Type.Boolean({ description: 'whether a lawyer has compared the quotation; today none is' })
}
export const Powers = Type.Array(
  Type.Object({
    power: Type.String(),
    label: Type.String(),
    may: Type.Array(Type.Object(Quoted)),
    may_not: Type.Array(Type.Object(Quoted), { description: 'forbidden by name; who is in neither list has no such power' })
  })
)
export type PowersShape = Static<typeof Powers>
