/** What people report, and what people did that others must be able to look up. */
import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import type { Event, EventType } from '../domain/event.ts'
import { newestOf } from './journal.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

type ReportReceived = Extract<Event, { type: 'report_received' }>
const audited: readonly EventType[] = [
  'signed_in',
  'clock_stepped',
  'sign_in_refused',
  'still_taken',
  'view_accepted',
  'camera_calibrated',
  'camera_scaled',
  'camera_calibration_undone',
  'live_view_began',
  'live_view_ended',
  'description_kept',
  'description_read',
  'description_erased',
  'bundle_made',
  'device_enrolled',
  'device_removed',
  'device_rotated',
  'device_revoked',
  'device_replaced',
  'device_limited',
  'command_received',
  'limit_tuned',
  'limit_restored',
  'limit_rejected'
]
const Limit = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })) }, { additionalProperties: false })

export const serveReports = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/reports',
    {
      schema: {
        summary: 'What people reported, the newest first',
        tags: ['reports'],
        querystring: Limit,
        response: { 200: Type.Array(Shapes.Report) }
      }
    },
    async request => {
      const entries = await newestOf(desk.journal, ['report_received'], request.query.limit ?? 100)
      return entries.map(({ event }) => present.report(event as ReportReceived, request.locale))
    }
  )

  app.post(
    '/api/reports',
    {
      schema: {
        summary: 'Report something',
        tags: ['reports'],
        body: Type.Object(
          { text: Type.String({ minLength: 1, maxLength: 2_000 }), zone: Type.String({ maxLength: 128 }), kind: Shapes.KindWord },
          { additionalProperties: false }
        ),
        response: { 201: Shapes.Report, 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      if (!desk.zones().some(({ id }) => id === request.body.zone)) return refuse(request, reply, 'no_such_zone')
      const event: ReportReceived = {
        type: 'report_received',
        id: `report-${randomBytes(6).toString('hex')}`,
        at: desk.clock.now(),
        by: whoOf(request).name,
        ...request.body
      }
      return afterKept(desk.report(event), request, reply.code(201), present.report(event, request.locale))
    }
  )

  app.get(
    '/api/audit',
    {
      schema: {
        summary: 'Who signed in, who looked at a picture and why, who enrolled what: the newest first',
        tags: ['audit'],
        querystring: Limit,
        response: { 200: Type.Array(Shapes.Entry) }
      }
    },
    async request => (await newestOf(desk.journal, audited, request.query.limit ?? 200)).map(present.entry)
  )
}
