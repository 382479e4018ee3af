/** A real cloud on free ports, a small station in front of it, and the words they exchange in tests. */
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { type Cloud, openCloud } from '../../cloud/cloud.ts'
import type { Config } from '../../cloud/config.ts'
import type { Alert, AlertEvent } from '../../edge/domain/alert.ts'
import type { Event } from '../../edge/domain/event.ts'
import type { IncidentEvent, IncidentOpened } from '../../edge/domain/incident.ts'
import type { Severity } from '../../edge/domain/vocabulary.ts'
import type { Block, Clock, CloudCommand, CommandOutcome, History, UplinkNow } from '../../edge/ports.ts'
import { openUplink, type Uplink, type UplinkOptions } from '../../edge/uplink/uplink.ts'
import { type MemoryJournal, memoryJournal } from './memory-journal.ts'
import { quiet } from './quiet.ts'

export const station = 'demo-hub'
export const password = 'a word for tests'

export const cityConfig = (dir: string, more: Partial<Config> = {}): Config => ({
  state_dir: `${dir}/state`,
  http: { host: '127.0.0.1', port: 0 },
  mqtt: { host: '127.0.0.1', port: 0 },
  stations: [{ id: station, password_file: `${dir}/secret` }],
  users: [{ name: 'city-1', password_file: `${dir}/secret`, roles: ['city_operator'] }],
  readings: { max_days: 3660, max_bytes: 4_000_000_000 },
  silent_after_s: 60,
  locale: 'zh-CN',
  timezone: 'Asia/Shanghai',
  ...more
})

export const testDir = (t: Test): string => t.testdir({ secret: `${password}\n`, wrong: 'another word\n' })

export const openTestCity = async (t: Test, dir: string, more: Partial<Config> = {}, clock?: Clock): Promise<Cloud> => {
  const cloud = await openCloud(cityConfig(dir, more), { log: quiet, ...(clock && { clock }) })
  t.teardown(cloud.close)
  return cloud
}

export type SmallHistory = History & { readonly dropUpto: (seq: number) => void }

/** A history of one block a call. */
export const smallHistory = (): SmallHistory => {
  let blocks: Block[] = []
  let last = 0
  let cursor = 0
  const waiting = (): Block[] => blocks.filter(({ seq }) => seq > cursor)
  return {
    id: randomUUID(),
    keep: async lines => {
      const times = lines.map(line => Number(line.slice(line.lastIndexOf(' ') + 1)))
      blocks.push({
        seq: ++last,
        points: lines.length,
        from: Math.min(...times),
        to: Math.max(...times),
        gzip: gzipSync(lines.join('\n'))
      })
    },
    query: async () => [],
    blocks: async (after, max_bytes) => {
      const found: Block[] = []
      let bytes = 0
      for (const block of blocks) {
        if (block.seq <= after) continue
        bytes += block.gzip.length
        if (found.length > 0 && bytes > max_bytes) break
        found.push(block)
      }
      return found
    },
    cursor: () => cursor,
    moveCursor: async upto => {
      cursor = upto
    },
    stats: () => ({
      last,
      waiting: 0,
      backlog_blocks: waiting().length,
      backlog_points: waiting().reduce((sum, { points }) => sum + points, 0),
      backlog_from: waiting()[0]?.from,
      bytes: blocks.reduce((sum, { gzip }) => sum + gzip.length, 0),
      max_bytes: 1_000_000,
      dropped_points_total: 0,
      trouble: undefined
    }),
    close: async () => {},
    dropUpto: seq => {
      blocks = blocks.filter(block => block.seq > seq)
    }
  }
}

export type TestStation = {
  readonly journal: MemoryJournal
  readonly history: SmallHistory
  readonly uplink: Uplink
  readonly states: UplinkNow[]
  readonly commands: CloudCommand[]
  /** True when the cloud has confirmed everything. */
  readonly drained: () => boolean
}

export const openTestStation = (t: Test, port: number, more: Partial<UplinkOptions> & { readonly clock: Clock }): TestStation => {
  const journal = (more.journal as MemoryJournal | undefined) ?? memoryJournal()
  const history = (more.history as SmallHistory | undefined) ?? smallHistory()
  const states: UplinkNow[] = []
  const commands: CloudCommand[] = []
  const uplink = openUplink({
    station,
    url: `mqtt://127.0.0.1:${port}`,
    username: station,
    password,
    journal,
    history,
    command: async (command): Promise<CommandOutcome> => {
      commands.push(command)
      return command.incident === 'i-none' ? { id: command.id, done: false, refused: 'no_such_incident' } : { id: command.id, done: true }
    },
    onState: now => states.push(now),
    log: quiet,
    hello: () => ({
      id: station,
      name: '人民广场枢纽联勤警务站',
      template: 'transport-hub',
      locale: 'en',
      timezone: 'Asia/Shanghai',
      version: '0.1.0',
      zones: [{ id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 180 }],
      units: [{ id: 'patrol-1', name: '巡逻一组', agency: 'police', members: [], zones: [], commands: false, shifts: [] }]
    }),
    ...more
  })
  t.teardown(uplink.close)
  return { journal, history, uplink, states, commands, drained: () => uplink.now().online && uplink.now().backlog_records === 0 }
}

/** The same condition, asked for while the station's still clock moves on in steps, as long as it takes. */
export const moving = (clock: { readonly advance: (ms: number) => void }, step_ms: number, condition: () => unknown) => () => {
  if (condition()) return true
  clock.advance(step_ms)
  return false
}

const because = { say: 'density_above', with: { value: 4, level: 'red', limit: 4, seconds: 20 } } as const

export const opened = (id: string, severity: Severity, at: number): IncidentOpened => ({
  type: 'incident_opened',
  id,
  at,
  kind: 'crowd',
  zone: 'platform-1',
  severity,
  because,
  sop: 'crowd',
  needs: ['police', 'operator'],
  ladder: { enough: 'each_agency', rungs: [{ ask: 'on_duty', within_s: 15 }] },
  ask: [{ unit: 'patrol-1', agency: 'police' }],
  drill: false
})

export const raised = (id: string, severity: Severity, at: number): AlertEvent => ({
  type: 'alert_raised',
  id,
  at,
  key: `crowd-density ${id}`,
  rule: 'crowd-density',
  kind: 'crowd',
  zone: 'platform-1',
  severity,
  because
})

export const answered = (id: string, at: number): IncidentEvent => ({
  type: 'incident_response',
  id,
  at,
  unit: 'patrol-1',
  by: 'chen',
  status: 'acknowledged'
})

export const changed = (state: Alert, at: number): AlertEvent => ({
  type: 'alert_changed',
  id: state.id,
  at,
  severity: state.severity,
  because,
  state
})

export const noted = (id: string, at: number): Event => ({ type: 'signed_in', id, at, address: '127.0.0.1' })

export const lineOf = (value: number, at: number): string =>
  `reading,station=${station},zone=platform-1,device=cam-1,quantity=people_count value=${value} ${at}`

/** The API as a signed-in city operator. */
export const signIn = async (
  port: number
): Promise<(method: string, path: string, body?: unknown) => Promise<{ status: number; body: never }>> => {
  const base = `http://127.0.0.1:${port}`
  const signed = await fetch(`${base}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'city-1', password })
  })
  const cookie = signed.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return async (method, path, body) => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    return { status: answer.status, body: (await answer.json()) as never }
  }
}
