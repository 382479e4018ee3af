/** Calibration of cameras over HTTP: a still for it, the ground, masks and outlines, stills counted by hand, one step back, and the YAML. */
import { Type } from 'typebox'
import { stringify } from 'yaml'
import type { CalibrationNow } from '../ports.ts'
import { Calibration, type CalibrationShape, NewCounts, NewGround, What } from './calibration-shape.ts'
import { timesOf } from './language.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const answers = { 200: Calibration, 404: Shapes.Problem, 409: Shapes.Problem }
const tags = ['cameras']

export const serveCalibrations = (app: App, { desk }: Room): void => {
  const time = timesOf(desk.station.timezone)
  const signed = ({ by, at }: { readonly by: string; readonly at: number }) => ({ by, at: time(at) })
  const shown = ({ changes, counts, ...now }: CalibrationNow) =>
    // Numbers that nobody writes into any more: the schema has no word for that.
    ({ ...now, changes: changes.map(signed), counts: counts.map(signed) }) as CalibrationShape
  const { calibrations } = desk

  app.get(
    '/api/cameras/:id/calibration',
    { schema: { summary: 'What the station was taught about a camera', tags, params: Id, response: answers } },
    async (request, reply) => {
      const now = calibrations.now(request.params.id)
      return now === undefined ? refuse(request, reply, 'no_such_camera') : shown(now)
    }
  )

  app.get(
    '/api/cameras/:id/calibration.yaml',
    {
      schema: {
        summary: 'The same for station.yaml, to keep with the installer’s file',
        tags,
        params: Id,
        produces: ['application/yaml'],
        response: { 200: Type.String(), 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const now = calibrations.now(request.params.id)
      if (now === undefined) return refuse(request, reply, 'no_such_camera')
      return reply.type('application/yaml; charset=utf-8').serializer(String).send(yamlOf(now))
    }
  )

  app.get(
    '/api/cameras/:id/calibration/still',
    {
      schema: {
        summary: 'One picture to calibrate by, with what the model counts on it; that it was taken is written down first',
        tags,
        params: Id,
        querystring: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false }),
        produces: ['image/jpeg'],
        response: { 200: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }), 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const reason = request.query.reason.trim()
      if (calibrations.now(id) === undefined) return refuse(request, reply, 'no_such_camera')
      if (reason === '') return refuse(request, reply, 'reason_missing', 400)
      const still = await calibrations.still(id, whoOf(request).name, reason)
      if ('failed' in still) {
        request.log.info({ camera: id, why: still.failed }, 'no still to calibrate by')
        return refuse(request, reply, 'no_fresh_picture')
      }
      await afterKept(still.noted, request, reply, undefined)
      reply
        .type('image/jpeg')
        .header('cache-control', 'no-store')
        .header('qianshao-picture', `${still.picture.width}x${still.picture.height}`)
        .header('qianshao-still', still.still)
      if (still.estimate !== undefined) reply.header('qianshao-estimate', still.estimate.toFixed(2))
      return reply.send(Buffer.from(still.jpeg))
    }
  )

  app.post(
    '/api/cameras/:id/calibration',
    {
      schema: {
        summary: 'Ground points, privacy masks and outlines of zones; in force at once, over station.yaml',
        tags,
        params: Id,
        body: NewGround,
        response: answers
      }
    },
    async (request, reply) => {
      const answer = calibrations.calibrate(request.params.id, request.body, whoOf(request).name)
      return 'refused' in answer ? refuse(request, reply, answer.refused) : afterKept(answer.kept, request, reply, shown(answer.state))
    }
  )

  app.post(
    '/api/cameras/:id/scale',
    { schema: { summary: 'Stills whose heads were counted by hand', tags, params: Id, body: NewCounts, response: answers } },
    async (request, reply) => {
      const answer = calibrations.scale(request.params.id, request.body.stills, whoOf(request).name)
      return 'refused' in answer ? refuse(request, reply, answer.refused) : afterKept(answer.kept, request, reply, shown(answer.state))
    }
  )

  app.delete(
    '/api/cameras/:id/calibration/:what',
    {
      schema: {
        summary: 'One step back, at last to what station.yaml says',
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 128 }), what: What }),
        response: answers
      }
    },
    async (request, reply) => {
      const answer = calibrations.undo(request.params.id, request.params.what, whoOf(request).name)
      return 'refused' in answer ? refuse(request, reply, answer.refused) : afterKept(answer.kept, request, reply, shown(answer.state))
    }
  )
}

const rounded = (value: unknown, digits: number): unknown =>
  typeof value === 'number' ? Number(value.toFixed(digits)) : Array.isArray(value) ? value.map(one => rounded(one, digits)) : value

/** As it would stand in station.yaml: the keys of this camera, and of the zones that have an outline. */
const yamlOf = ({ camera, ground, masks, zones }: CalibrationNow): string =>
  stringify(
    {
      cameras: [
        {
          id: camera,
          ...(ground.length > 0 && { ground: ground.map(({ px, m }) => ({ px: rounded(px, 1), m: rounded(m, 3) })) }),
          masks: rounded(masks, 1)
        }
      ],
      zones: zones.flatMap(({ zone, outline, area_m2 }) =>
        outline === undefined ? [] : [{ id: zone, area_m2: rounded(area_m2, 1), outline: rounded(outline, 2) }]
      )
    },
    { collectionStyle: 'any', flowCollectionPadding: false }
  )
