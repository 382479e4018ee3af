/** The shape of a camera's calibration, as the API answers it and the screen reads it. */
import { type Static, Type } from 'typebox'
import { Time } from './shapes.ts'

const Point = Type.Tuple([Type.Number({ minimum: -100_000, maximum: 100_000 }), Type.Number({ minimum: -100_000, maximum: 100_000 })])
const Polygon = Type.Array(Point, { minItems: 3, maxItems: 60 })
const closed = { additionalProperties: false }
const Still = Type.Object({ estimate: Type.Number({ description: 'people that the model said' }), heads: Type.Integer() })
const Signed = Type.Object({ by: Type.String(), at: Time })
export const What = Type.Enum(['ground', 'scale'])

export const NewGround = Type.Object(
  {
    picture: Type.Object(
      { width: Type.Integer({ minimum: 16, maximum: 16_384 }), height: Type.Integer({ minimum: 16, maximum: 16_384 }) },
      closed
    ),
    ground: Type.Array(Type.Object({ px: Point, m: Point }, closed), { maxItems: 40 }),
    masks: Type.Array(Polygon, { maxItems: 20 }),
    zones: Type.Array(Type.Object({ zone: Type.String({ maxLength: 128 }), outline: Polygon }, closed), { maxItems: 20 })
  },
  closed
)
export const NewCounts = Type.Object(
  {
    stills: Type.Array(
      Type.Object({ still: Type.String({ maxLength: 32 }), heads: Type.Integer({ minimum: 0, maximum: 20_000 }) }, closed),
      { minItems: 1, maxItems: 30 }
    )
  },
  closed
)

export const Calibration = Type.Object({
  camera: Type.String(),
  zone: Type.String(),
  ground: Type.Array(Type.Object({ px: Point, m: Point })),
  masks: Type.Array(Type.Array(Point)),
  zones: Type.Array(
    Type.Object({ zone: Type.String(), name: Type.String(), area_m2: Type.Number(), outline: Type.Optional(Type.Array(Point)) })
  ),
  changes: Type.Array(Signed, { description: 'who drew it when, oldest first; none: it is that of station.yaml' }),
  counts: Type.Array(Signed, { description: 'who counted stills when, oldest first' }),
  stills: Type.Array(Still, { description: 'counted by hand, for the weights in use' }),
  scale: Type.Optional(
    Type.Object({
      gain: Type.Number({ description: 'people per person that the model says' }),
      band: Type.Object({ absolute: Type.Number(), relative: Type.Number() }),
      stills: Type.Integer(),
      off: Type.Array(Type.Number()),
      doubts: Type.Array(Type.Enum(['too_few', 'far_from_one', 'one_fullness', 'one_is_odd']))
    })
  )
})
export type CalibrationShape = Static<typeof Calibration>
