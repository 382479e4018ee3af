/** Alive, ready, and every number, for machines that watch the station. */
import { Type } from 'typebox'
import { silentAgencies } from '../domain/incident.ts'
import { rank } from '../domain/vocabulary.ts'
import type { App, Room } from './room.ts'

export const serveHealth = (app: App, room: Room, watching: () => Readonly<Record<'live_screens' | 'live_viewers', number>>): void => {
  const { desk } = room

  app.get(
    '/healthz',
    { schema: { summary: 'Alive', tags: ['health'], response: { 200: Type.Object({ status: Type.Literal('alive') }) } } },
    async () => ({ status: 'alive' as const })
  )

  const Ready = Type.Object({
    ready: Type.Boolean(),
    parts: Type.Array(Type.Object({ part: Type.String(), why: Type.String() }), { description: 'what is not well, and why' })
  })
  app.get(
    '/readyz',
    { schema: { summary: 'Ready, or each part that is not and why', tags: ['health'], response: { 200: Ready, 503: Ready } } },
    async (_, reply) => {
      const parts = desk.troubles().map(({ part, why }) => ({ part, why }))
      return reply.code(parts.length === 0 ? 200 : 503).send({ ready: parts.length === 0, parts })
    }
  )

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Every number, in the text form of Prometheus',
        tags: ['health'],
        produces: ['text/plain'],
        response: { 200: Type.String() }
      }
    },
    async (_, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(metricsOf(room, watching()))
  )

  app.get(
    '/openapi.json',
    { schema: { summary: 'This document', tags: ['health'], response: { 200: Type.Object({}, { additionalProperties: true }) } } },
    async () => app.swagger()
  )
}

type Labels = Readonly<Record<string, string>>

const metricsOf = ({ desk, counters, sessions }: Room, watching: Readonly<Record<string, number>>): string => {
  const families = new Map<string, string[]>()
  const add = (name: string, value: number | undefined, labels: Labels = {}): void => {
    if (value === undefined || !Number.isFinite(value)) return
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text.replace(/[\\"\n]/g, c => (c === '\n' ? '\\n' : `\\${c}`))}"`)
    const lines = families.get(name) ?? []
    lines.push(`qianshao_${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`)
    families.set(name, lines)
  }
  for (const [name, value] of Object.entries({ ...desk.counters(), ...counters })) add(name.replace(/[^a-zA-Z0-9_]/g, '_'), value)
  for (const zone of desk.zones()) {
    const labels = { zone: zone.id, use: zone.use }
    add('zone_people_count', zone.people_count, labels)
    add('zone_density_per_m2', zone.density_per_m2, labels)
    add('zone_level', rank(zone.level), labels)
    add('zone_age_seconds', zone.age_seconds, labels)
  }
  const open = desk.incidents().filter(({ phase }) => phase === 'open')
  add('incidents_open', open.length)
  add(
    'agencies_silent',
    open.reduce((sum, incident) => sum + silentAgencies(incident).length, 0)
  )
  add('alerts_open', desk.alerts().filter(({ phase }) => phase === 'open').length)
  for (const camera of desk.cameras.list()) {
    const labels = { camera: camera.id }
    add('camera_live', camera.state === 'live' ? 1 : 0, labels)
    add('camera_fps', camera.fps, labels)
    add('camera_fps_given', camera.fps_given, labels)
    add('camera_ms_per_picture', camera.ms_per_picture, labels)
    add('camera_refused', camera.state === 'refused' ? 1 : 0, labels)
    add('camera_frames_total', camera.frames_total, labels)
    add('camera_frames_skipped_total', camera.frames_skipped_total, labels)
    add('camera_restarts_total', camera.restarts_total, labels)
  }
  for (const [name, value] of Object.entries(desk.cameras.budget() ?? {})) add(`vision_${name}`, value)
  const devices = desk.devices()
  add('devices', devices.length)
  add('devices_online', devices.filter(({ online }) => online).length)
  const { trouble: _, ...history } = desk.history.stats()
  for (const [name, value] of Object.entries(history)) if (name !== 'backlog_from') add(`history_${name}`, value)
  const uplink = desk.uplink()
  add('uplink_online', uplink.online ? 1 : 0)
  add('uplink_behind_seconds', uplink.behind_seconds)
  add('uplink_backlog_records', uplink.backlog_records)
  add('journal_last', desk.journal.last())
  add('journal_unpersisted', desk.journal.unpersisted())
  add('troubles', desk.troubles().length)
  add('sessions', sessions.count())
  for (const [name, value] of Object.entries(watching)) add(name, value)
  add('process_resident_memory_bytes', process.memoryUsage.rss())
  add('process_uptime_seconds', process.uptime())
  return `${[...families].map(([name, lines]) => `# TYPE qianshao_${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}\n${lines.join('\n')}`).join('\n')}\n`
}
