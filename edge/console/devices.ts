/** Devices and cameras: what is connected. How a device is let in is in onboarding.ts. */
import { Type } from 'typebox'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })

export const serveDevices = (app: App, { desk, present }: Room): void => {
  const find = (id: string) => desk.devices().find(device => device.id === id)

  app.get(
    '/api/devices',
    {
      schema: {
        summary: 'Every device: online, last heard, last said, not understood',
        tags: ['devices'],
        response: { 200: Type.Array(Shapes.Device) }
      }
    },
    async request => desk.devices().map(device => present.device(device, request.locale))
  )

  app.get(
    '/api/devices/:id',
    { schema: { summary: 'One device', tags: ['devices'], params: Id, response: { 200: Shapes.Device, 404: Shapes.Problem } } },
    async (request, reply) => {
      const device = find(request.params.id)
      return device === undefined ? refuse(request, reply, 'no_such_device') : present.device(device, request.locale)
    }
  )

  const camera = (id: string) => desk.cameras.list().find(one => one.id === id)

  app.get(
    '/api/cameras',
    { schema: { summary: 'Every camera and its state', tags: ['cameras'], response: { 200: Type.Array(Shapes.Camera) } } },
    async request => desk.cameras.list().map(one => present.camera(one, request.locale))
  )

  app.get(
    '/api/cameras/:id',
    { schema: { summary: 'One camera', tags: ['cameras'], params: Id, response: { 200: Shapes.Camera, 404: Shapes.Problem } } },
    async (request, reply) => {
      const found = camera(request.params.id)
      return found === undefined ? refuse(request, reply, 'no_such_camera') : present.camera(found, request.locale)
    }
  )

  app.post(
    '/api/cameras/:id/view',
    {
      schema: {
        summary: 'What it sees now is what it should see: a camera that was turned on purpose is no longer `moved`',
        tags: ['cameras'],
        params: Id,
        body: Type.Optional(Type.Object({}, { additionalProperties: false })),
        response: { 200: Shapes.Camera, 404: Shapes.Problem, 409: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const found = camera(request.params.id)
      if (found === undefined) return refuse(request, reply, 'no_such_camera')
      if (found.state !== 'moved' && found.state !== 'covered') return refuse(request, reply, 'view_not_in_doubt')
      desk.cameras.accept(found.id)
      const noted = desk.note({ type: 'view_accepted', id: found.id, at: desk.clock.now(), by: whoOf(request).name })
      return afterKept(noted, request, reply, present.camera(found, request.locale))
    }
  )

  app.get(
    '/api/cameras/:id/still',
    {
      schema: {
        summary: 'One picture, as it is now, for a stated reason; that it was taken is written down first',
        tags: ['cameras'],
        params: Id,
        querystring: Type.Object(
          { reason: Type.Optional(Type.String({ maxLength: 500 })), incident: Type.Optional(Type.String({ maxLength: 128 })) },
          { additionalProperties: false }
        ),
        produces: ['image/jpeg'],
        response: {
          200: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
          400: Shapes.Problem,
          404: Shapes.Problem,
          409: Shapes.Problem
        }
      }
    },
    async (request, reply) => {
      const found = camera(request.params.id)
      if (found === undefined) return refuse(request, reply, 'no_such_camera')
      const header = request.headers['qianshao-reason']
      const reason = (request.query.reason ?? (typeof header === 'string' ? readable(header) : '')).trim().slice(0, 500)
      if (reason === '') return refuse(request, reply, 'reason_missing', 400)
      const still = await desk.cameras.still(found.id)
      if ('failed' in still) {
        request.log.info({ camera: found.id, why: still.failed }, 'no still')
        return refuse(request, reply, 'no_fresh_picture')
      }
      const { incident } = request.query
      const noted = desk.note({
        type: 'still_taken',
        id: found.id,
        at: desk.clock.now(),
        by: whoOf(request).name,
        reason,
        ...(incident !== undefined && { incident })
      })
      await afterKept(noted, request, reply, undefined)
      return reply.type('image/jpeg').header('cache-control', 'no-store').send(Buffer.from(still.jpeg))
    }
  )
}

/** Headers carry Latin-1; a reason in Chinese comes percent-encoded. */
const readable = (header: string): string => {
  try {
    return decodeURIComponent(header)
  } catch {
    return header
  }
}
