/** The shapes of everything the API answers: one schema is the OpenAPI document, the screen's types and the test of the answers. */
import { type Static, Type } from 'typebox'
import { categories } from '../domain/timeline-words.ts'
import { cameraStates, credentials, doubts, uses } from '../domain/vocabulary.ts'
import type { AlertShape, BoardShape } from './alert-shape.ts'
import { Action, AgencyWord, LevelWord, orNull, QuantityWord, RoleWord, Time, words } from './base-shape.ts'
import type { IncidentShape } from './incident-shape.ts'

export * from './alert-shape.ts'
export * from './base-shape.ts'
export * from './incident-shape.ts'

export const Station = Type.Object({
  id: Type.String(),
  name: Type.String(),
  template: Type.String(),
  locale: Type.String(),
  timezone: Type.String(),
  version: Type.String(),
  now: Time,
  demo: Type.Boolean(),
  zones: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  unpersisted: Type.Integer({ description: 'events not yet on disk' }),
  troubles: Type.Array(Type.Object({ part: Type.String(), why: Type.String() })),
  uplink: Type.Object({
    configured: Type.Boolean(),
    online: Type.Boolean(),
    why: Type.String(),
    since: Time,
    behind_seconds: Type.Number(),
    backlog_records: Type.Number(),
    backlog_hours_left: orNull(Type.Number())
  })
})

export const Zone = Type.Object({
  id: Type.String(),
  name: Type.String(),
  use: words(uses),
  use_label: Type.String(),
  area_m2: Type.Number(),
  capacity: orNull(Type.Number()),
  inside: orNull(Type.Number({ description: 'people inside, where they are counted at the gates' })),
  people_count: orNull(Type.Number()),
  people_count_error: orNull(Type.Number()),
  density_per_m2: orNull(Type.Number()),
  density_error_per_m2: orNull(Type.Number()),
  level: LevelWord,
  level_label: Type.String(),
  unsure: orNull(Type.String({ description: 'why the count is not to be believed; somebody has to look' })),
  since: Time,
  age_seconds: orNull(Type.Number()),
  limits_per_m2: Type.Object({ blue: Type.Number(), yellow: Type.Number(), orange: Type.Number(), red: Type.Number() }),
  planned: Type.Array(Type.String(), { description: 'entries of the calendar that hold now' }),
  action: orNull(Action),
  speed_m_per_s: orNull(Type.Number({ description: 'mean walking speed of the last seconds' })),
  direction_degrees: orNull(
    Type.Number({ description: 'clockwise; 0 along y of the ground points, 90 along x; null where people go all ways' })
  ),
  crowd_pressure_per_s2: orNull(Type.Number({ description: 'density times variance of velocity, where it is highest' })),
  motion_level: orNull(Type.Integer({ minimum: 0, maximum: 4, description: '0 free, 1 slow, 2 standing, 3 stop-and-go, 4 turbulent' })),
  motion_label: orNull(Type.String()),
  flow: Type.Array(Type.Object({ line: Type.String(), in_per_min: Type.Number(), out_per_min: Type.Number() }), {
    description: 'who crossed each line of the zone in the last minute'
  }),
  forecast: Type.Array(
    Type.Object({
      threshold_per_m2: Type.Number(),
      minutes: Type.Number({ description: 'within so many minutes' }),
      probability: Type.Number({ minimum: 0, maximum: 1, description: 'calibrated on recorded crowds' })
    }),
    { description: 'the chance of every limit that lies ahead; empty while too little is known' }
  ),
  outlook: orNull(
    Type.Object({
      per_minute: Type.Number({ description: 'p/m² a minute, at present' }),
      path: Type.Array(
        Type.Object({ minutes: Type.Number(), low: Type.Number(), middle: Type.Number(), high: Type.Number() }, { description: 'p/m²' })
      ),
      arrivals: Type.Array(
        Type.Object({
          threshold_per_m2: Type.Number(),
          earliest_minutes: orNull(Type.Number()),
          middle_minutes: orNull(Type.Number()),
          latest_minutes: orNull(Type.Number())
        }),
        { description: 'by when a limit is reached with a chance of 10, 50 and 90 %; null when later than 15 minutes' }
      )
    })
  ),
  sources: Type.Array(Type.Object({ device: Type.String(), people_count: Type.Number(), age_seconds: Type.Number() }))
})

export const Reading = Type.Object({
  device: Type.String(),
  zone: Type.String(),
  quantity: QuantityWord,
  quantity_label: Type.String(),
  unit: Type.String(),
  value: Type.Number(),
  at: Time,
  quality: Type.Enum(['good', 'suspect']),
  doubt: orNull(words(doubts)),
  doubt_label: orNull(Type.String())
})

export const HistoryRow = Type.Object({
  zone: Type.String(),
  device: Type.String(),
  quantity: QuantityWord,
  at: Time,
  value: Type.Number(),
  min: Type.Number(),
  max: Type.Number(),
  n: Type.Number()
})

export const ExpectedSeries = Type.Object({
  device: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  quantity: QuantityWord,
  quantity_label: Type.String(),
  unit: Type.String(),
  learnt_days: Type.Number(),
  learning: Type.Boolean({ description: 'too little is known of it yet to call anything odd' }),
  steps: Type.Array(
    Type.Object({
      at: Time,
      value: Type.Number(),
      usual: orNull(Type.Number({ description: 'at this hour on other days' })),
      low: orNull(Type.Number({ description: 'nine values in ten lie between low and high' })),
      high: orNull(Type.Number()),
      odd: Type.Boolean()
    })
  )
})

export const Device = Type.Object({
  id: Type.String(),
  profile: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  topic: Type.String(),
  name: orNull(Type.String({ description: 'what it calls itself' })),
  via: orNull(Type.String({ description: 'the bridge that speaks for it' })),
  credential: words(credentials),
  credential_label: Type.String(),
  limits: Type.Record(Type.String(), Type.Array(Type.Number()), { description: 'its own, in place of those of the rules' }),
  in_file: Type.Boolean({ description: 'it stands in station.yaml and is changed there' }),
  online: Type.Boolean(),
  last_seen: orNull(Time),
  last_readings: Type.Array(Reading),
  unreadable_total: Type.Integer(),
  quarantined_total: Type.Integer(),
  last_unreadable: orNull(
    Type.Object({
      at: Time,
      topic: Type.String(),
      payload: Type.String(),
      why: Type.String(),
      place: orNull(Type.String({ description: 'where in the payload' })),
      wants: orNull(Type.String({ description: 'what would be right there' })),
      example: orNull(Type.Object({ topic: Type.String(), payload: Type.String() }, { description: 'something its profile understands' }))
    })
  )
})

export const Camera = Type.Object({
  id: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  state: words(cameraStates),
  state_label: Type.String(),
  since: Time,
  why: Type.String(),
  fps: Type.Number({ description: 'pictures that arrive a second' }),
  fps_wanted: Type.Number({ description: 'pictures counted a second as station.yaml asks for' }),
  fps_given: Type.Number({ description: 'as many as the budget of this machine allows now; 0 while refused' }),
  ms_per_picture: Type.Number({ description: 'what counting one of them takes here' }),
  frames_total: Type.Integer(),
  frames_skipped_total: Type.Integer(),
  restarts_total: Type.Integer(),
  people_count: orNull(Type.Number()),
  people_count_error: orNull(Type.Number()),
  seen_at: orNull(Time)
})

export const Unit = Type.Object({
  id: Type.String(),
  name: Type.String(),
  agency: AgencyWord,
  agency_label: Type.String(),
  members: Type.Array(Type.String()),
  zones: Type.Array(Type.String()),
  commands: Type.Boolean(),
  on_duty: Type.Boolean()
})

export const Me = Type.Object({
  name: Type.String(),
  agency: orNull(AgencyWord),
  agency_label: orNull(Type.String()),
  roles: Type.Array(RoleWord),
  role_labels: Type.Array(Type.String()),
  units: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  machine: Type.Boolean(),
  scopes: Type.Array(Type.String()),
  may: Type.Array(Type.String({ description: 'routes of this API that this caller may use' }))
})

export const Report = Type.Object({
  id: Type.String(),
  at: Time,
  zone: Type.String(),
  zone_name: Type.String(),
  kind: Type.String(),
  kind_label: Type.String(),
  text: Type.String(),
  by: Type.String()
})

/** One journal entry, as the timeline and the audit show it. */
export const Entry = Type.Object(
  { seq: Type.Integer(), at: Time, type: Type.String(), id: Type.String() },
  { additionalProperties: true, description: 'the event as it was kept, times written out' }
)

export const TimelineEntry = Type.Object(
  {
    seq: Type.Integer(),
    at: Time,
    type: Type.String(),
    id: Type.String(),
    category: words(categories),
    text: Type.String({ description: 'what happened, in one sentence of the reader’s language' }),
    said: Type.Optional(Type.String({ description: 'the words of a person, where the event has some' })),
    hash: orNull(Type.String({ description: 'SHA-256 of the entry in the journal’s chain, hex' }))
  },
  { additionalProperties: true, description: 'the event as it was kept, times written out' }
)

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    instance: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), wrong: Type.String() }))),
    missing: Type.Optional(Type.Array(Type.String(), { description: 'what would have to be named' }))
  },
  { description: 'RFC 9457' }
)

export type StationShape = Static<typeof Station>
export type ZoneShape = Static<typeof Zone>
export type ReadingShape = Static<typeof Reading>
export type HistoryRowShape = Static<typeof HistoryRow>
export type ExpectedSeriesShape = Static<typeof ExpectedSeries>
export type DeviceShape = Static<typeof Device>
export type CameraShape = Static<typeof Camera>
export type UnitShape = Static<typeof Unit>
export type MeShape = Static<typeof Me>
export type ReportShape = Static<typeof Report>
export type TimelineEntryShape = Static<typeof TimelineEntry>
export type EntryShape = { seq: number; at: string; type: string; id: string; [more: string]: unknown }
export type SnapshotShape = {
  station: StationShape
  zones: ZoneShape[]
  board: BoardShape
  /** The gravest of them. */
  alerts: AlertShape[]
  incidents: IncidentShape[]
  cameras: CameraShape[]
  devices: DeviceShape[]
}
