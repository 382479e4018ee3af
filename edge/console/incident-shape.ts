/** An incident, as the API answers it and the screen reads it: who was asked, who answers, what is done, and how long it took. */
import { type Static, Type } from 'typebox'
import { actionStatuses } from '../domain/public-actions.ts'
import {
  AgencyWord,
  KindWord,
  Labelled,
  OutcomeWord,
  orNull,
  PowerWord,
  RoleWord,
  SeverityWord,
  Signed,
  StageWord,
  StatusWord,
  Time,
  words
} from './base-shape.ts'

const AgencyAnswer = Type.Object({
  agency: AgencyWord,
  ...Labelled,
  needed: Type.Boolean(),
  state: Type.Enum(['answered', 'silent', 'declined']),
  units: Type.Array(Type.String()),
  asked_at: orNull(Time),
  acknowledged_at: orNull(Time),
  answered_by: orNull(Type.String()),
  seconds: orNull(Type.Number({ description: 'from the asking to the first answer' }))
})

const Response = Type.Object({
  unit: Type.String(),
  unit_name: Type.String(),
  agency: AgencyWord,
  agency_label: Type.String(),
  status: StatusWord,
  status_label: Type.String(),
  level: Type.Integer(),
  asked_at: Time,
  shown_at: orNull(Time),
  heard_at: orNull(Time),
  acknowledged_at: orNull(Time),
  en_route_at: orNull(Time),
  on_scene_at: orNull(Time),
  done_at: orNull(Time),
  check_due_at: orNull(Type.String({ description: 'on scene, and to be heard from again by then' })),
  overdue_at: orNull(Type.String({ description: 'on scene, and not heard from since it should have been' })),
  reason: orNull(Type.String())
})

const SopStep = Type.Object({
  id: Type.String(),
  text: Type.String(),
  agency: AgencyWord,
  agency_label: Type.String(),
  due_at: Time,
  done: orNull(Signed)
})

const Task = Type.Object({
  id: Type.String(),
  text: Type.String(),
  by: Type.String(),
  at: Time,
  agency: orNull(AgencyWord),
  agency_label: orNull(Type.String()),
  unit: orNull(Type.String()),
  unit_name: orNull(Type.String()),
  zone: orNull(Type.String()),
  zone_name: orNull(Type.String()),
  power: orNull(
    Type.Object(
      { power: PowerWord, label: Type.String(), said: orNull(Type.String()) },
      { description: 'what it takes, and by which law the agency may' }
    )
  ),
  answers: orNull(
    Type.Array(Type.Object({ answer: Type.String(), ...Labelled }), { description: 'the answers with which alone it can be done' })
  ),
  due_at: orNull(Time),
  overdue_at: orNull(Time),
  done: orNull(Type.Object({ by: Type.String(), at: Time, answer: orNull(Type.String()) })),
  cancelled: orNull(Signed)
})

const Attachment = Type.Object({
  by: Type.String(),
  at: Time,
  name: Type.String(),
  media_type: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  text: orNull(Type.String())
})

const PublicAction = Type.Object(
  {
    id: Type.String({ description: 'the channel of station.yaml' }),
    kind: Type.Enum(['siren', 'sign', 'speech']),
    kind_label: Type.String(),
    device: orNull(Type.String()),
    persons: Type.Integer({ description: 'so many different people must confirm' }),
    proposed_at: Time,
    confirmed: Type.Array(Signed),
    status: words(actionStatuses),
    may_stop: Type.Boolean({ description: 'it sounds or shows, or may' }),
    status_label: Type.String(),
    at: Type.String({ description: 'since when it is so' }),
    why: orNull(Type.String())
  },
  { description: 'what the public would see or hear; done only when people have confirmed it' }
)

const Evidence = Type.Object(
  {
    kind: KindWord,
    kind_label: Type.String(),
    grade: Type.Enum(['possible', 'likely', 'confirmed']),
    grade_label: Type.String(),
    points: Type.Number({ description: 'all together when it was written down; 30 possible, 50 likely, 90 confirmed' }),
    rows: Type.Array(
      Type.Object({
        sign: Type.String(),
        source: Type.String({ description: 'a device, a zone that is counted, a report' }),
        who: Type.String(),
        what: Type.String(),
        at: Time,
        points: Type.Number({ description: 'what it added at that time' }),
        half_life_s: Type.Number({ description: 'half of the points are gone after each of these' }),
        fades_at: Type.String({ description: 'when it no longer counts, if nothing more is heard' })
      })
    )
  },
  { description: 'what all evidence of the place says together: which source adds what, and when it fades' }
)

const Seconds = orNull(Type.Number())
const Goal = Type.Object({
  within_s: Type.Number(),
  seconds: Seconds,
  met: orNull(Type.Boolean({ description: 'null as long as it can still be met' }))
})
const Clocks = Type.Object(
  {
    asked_s: Seconds,
    first_shown_s: Seconds,
    first_answer_s: Seconds,
    all_answered_s: Seconds,
    first_on_scene_s: Seconds,
    closed_s: Seconds,
    running_s: orNull(Type.Number({ description: 'how long it has been open; null once it is closed' })),
    agencies: Type.Array(
      Type.Object({
        agency: AgencyWord,
        asked_s: Seconds,
        answer_s: orNull(Type.Number({ description: 'from the asking of this agency to its first answer' }))
      })
    ),
    ring_s: orNull(Type.Number({ description: 'the smallest of the 1-3-5-minute rings that the first arrival met' })),
    rings: Type.Array(Goal),
    nfpa: Type.Object(
      { answering: Goal, processing: Goal },
      { description: 'NFPA 1225:2022: seen within 10 s, first unit on it within 60 s' }
    )
  },
  { description: 'seconds from the opening, or from the last reopening; null what has not happened' }
)

export const Incident = Type.Object({
  id: Type.String(),
  kind: KindWord,
  kind_label: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  severity: SeverityWord,
  severity_label: Type.String(),
  highest: SeverityWord,
  phase: Type.Enum(['open', 'closed']),
  stage: StageWord,
  stage_label: Type.String(),
  because: Type.String(),
  evidence: orNull(Evidence),
  opened_at: Time,
  clocks: Clocks,
  needs: Type.Array(AgencyWord),
  agencies: Type.Array(AgencyAnswer),
  responses: Type.Array(Response),
  accountability_s: orNull(Type.Number({ description: 'a unit on scene is heard from at least this often' })),
  ladder: Type.Object({
    enough: Type.Enum(['any', 'each_agency', 'all']),
    level: Type.Integer(),
    due_at: orNull(Time),
    next: orNull(Type.Enum(['on_duty', 'backup', 'commander', 'neighbour', 'city']))
  }),
  unanswered: Type.Boolean(),
  worsened: Type.Integer({ description: 'how often everybody was called anew: it was worse, in one more place, or came again' }),
  sop: Type.Object({ id: Type.String(), ...Labelled, steps: Type.Array(SopStep) }),
  tasks: Type.Array(Task),
  actions: Type.Array(PublicAction),
  alerts: Type.Array(Type.String()),
  notes: Type.Array(Type.Object({ by: Type.String(), at: Time, text: Type.String(), step: orNull(Type.String()) })),
  attachments: Type.Array(Attachment),
  all_clear: Type.Array(Type.Object({ by: Type.String(), role: RoleWord, at: Time })),
  outcome: orNull(OutcomeWord),
  outcome_label: orNull(Type.String()),
  outcome_text: orNull(Type.String()),
  closed_at: orNull(Time),
  closed_by: orNull(Type.String()),
  reopened: Type.Array(Type.Object({ by: Type.String(), at: Time, reason: Type.String() })),
  merged_into: orNull(Type.String()),
  merged: Type.Array(Type.String({ description: 'incidents that went into this one' })),
  split_from: orNull(Type.String()),
  handed_over: orNull(
    Type.Object(
      { by: Type.String(), at: Time, to: Type.String(), to_label: Type.String(), checked: Type.Boolean(), receipt: Type.String() },
      { description: 'to whom somebody who was sought was given' }
    )
  ),
  drill: Type.Boolean()
})
export type IncidentShape = Static<typeof Incident>
export type AgencyAnswerShape = Static<typeof AgencyAnswer>
export type ResponseShape = Static<typeof Response>
