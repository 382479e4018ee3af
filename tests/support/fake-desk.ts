/** A desk without a station behind it: the real decisions of the domain over a journal in memory, and levers for a slow disk. */

import { realClock } from '../../edge/clock.ts'
import { type Alert, decideAlert, evolveAlert } from '../../edge/domain/alert.ts'
import { unitsFor } from '../../edge/domain/dispatch.ts'
import { type Event, isAlertEvent, isIncidentEvent } from '../../edge/domain/event.ts'
import { decide, evolve, type Incident, nextDue } from '../../edge/domain/incident.ts'
import { usualLadder } from '../../edge/domain/templates/template.ts'
import { type Agency, type Quantity, rank } from '../../edge/domain/vocabulary.ts'
import { evolveZone, startZone, type ZoneState, zoneNow } from '../../edge/domain/zone.ts'
import type { CameraNow, Clock, Desk, DeviceNow, Entry, HistoryRow, LiveMessage, Proof } from '../../edge/ports.ts'

import { units, zones } from './fake-people.ts'
import { chained } from './memory-journal.ts'

export type FakeDesk = Desk & {
  /** Levers of the tests. */
  readonly people: (zone: string, count: number, error?: number) => void
  readonly raise: (
    alert: Partial<Alert> & { readonly kind: Alert['kind']; readonly zone: string },
    needs: readonly Agency[]
  ) => Incident | undefined
  readonly camera: (id: string, change: Partial<CameraNow>) => void
  readonly slowDisk: (slow: boolean) => void
  readonly troubled: (part: string, why: string) => void
  readonly history_rows: HistoryRow[]
  readonly close: () => void
}

export const openFakeDesk = (clock: Clock = realClock): FakeDesk => {
  const entries: Entry[] = []
  const proofs: Proof[] = []
  const alerts = new Map<string, Alert>()
  const incidents = new Map<string, Incident>()
  const alarms = new Map<string, () => void>()
  const zoneStates = new Map<string, ZoneState>(zones.map(zone => [zone.id, startZone(clock.now())]))
  const listeners = new Set<(message: LiveMessage) => void>()
  const messages: { seq: number; message: LiveMessage }[] = []
  const troubles: { part: string; why: string }[] = []
  const history_rows: HistoryRow[] = []
  const epoch = 'e1'
  let slow: (() => void)[] | undefined
  let kept = 0
  let number = 0

  const cameras = new Map<string, CameraNow>(
    zones.slice(0, 2).map((zone, i) => [
      `cam-${i + 1}`,
      {
        id: `cam-${i + 1}`,
        zone: zone.id,
        state: 'live',
        since: clock.now(),
        why: '',
        fps: 2,
        frames_total: 10,
        frames_skipped_total: 1,
        restarts_total: 0,
        scene: undefined
      }
    ])
  )
  const devices: DeviceNow[] = [
    {
      id: 'smoke-b3',
      profile: 'zigbee2mqtt',
      zone: 'platform-1',
      topic: 'zigbee2mqtt/smoke-b3',
      online: true,
      last_seen: clock.now(),
      last_readings: [{ device: 'smoke-b3', zone: 'platform-1', quantity: 'smoke_alarm', value: 0, at: clock.now(), quality: 'good' }],
      unreadable_total: 1,
      quarantined_total: 0,
      last_unreadable: {
        at: clock.now(),
        topic: 'zigbee2mqtt/smoke-b3',
        payload: '{"smoke": <img src=x onerror=alert(1)>',
        why: 'not JSON'
      }
    }
  ]

  const hear = (message: LiveMessage): void => {
    for (const listener of listeners) listener(message)
  }
  const idNow = (): string => `${epoch}:${entries.length}`
  const show = (type: string, data: unknown): void => hear({ id: idNow(), type, data })

  const record = (events: readonly Event[]): Promise<void> => {
    for (const event of events) {
      const entry: Entry = { seq: entries.length + 1, lane: 'events', event }
      entries.push(entry)
      proofs.push(chained(proofs.at(-1), entry))
      let type = 'station'
      let data: unknown = { type: event.type, id: event.id, at: event.at }
      if (isAlertEvent(event)) {
        data = evolveAlert(alerts.get(event.id), event)
        alerts.set(event.id, data as Alert)
        type = 'alert'
      } else if (isIncidentEvent(event)) {
        const incident = evolve(incidents.get(event.id), event)
        incidents.set(event.id, incident)
        arm(incident)
        data = incident
        type = 'incident'
      }
      const message = { id: idNow(), type, data }
      messages.push({ seq: entries.length, message })
      hear(message)
    }
    const upto = entries.length
    if (slow === undefined) {
      kept = upto
      return Promise.resolve()
    }
    const waiting = slow
    return new Promise(resolve => {
      waiting.push(() => {
        kept = upto
        resolve()
      })
    })
  }

  const arm = (incident: Incident): void => {
    alarms.get(incident.id)?.()
    const due = nextDue(incident)
    if (due === undefined) return
    const wake = (): void => {
      const now = incidents.get(incident.id)
      if (now === undefined || due.type !== 'escalate') return
      const ask = unitsFor(due.ask, now.needs, now.zone, { units, at: clock.now(), timezone: 'Asia/Shanghai' })
      const decision = decide(now, { type: 'escalate', ask }, clock.now())
      if (!('refused' in decision)) void record(decision.events)
    }
    alarms.set(incident.id, clock.wake(due.at, wake))
  }

  const open = (
    kind: Incident['kind'],
    zone: string,
    severity: Incident['severity'],
    because: Incident['because'],
    needs: readonly Agency[],
    alert?: string,
    drill = false
  ) => {
    const at = clock.now()
    const id = `i-${++number}`
    const ask = unitsFor('on_duty', needs, zone, { units, at, timezone: 'Asia/Shanghai' })
    const kept = record([
      {
        type: 'incident_opened',
        id,
        at,
        kind,
        zone,
        severity,
        because,
        ...(alert !== undefined && { alert }),
        sop: kind === 'fire' ? 'fire' : 'crowd',
        needs,
        ladder: usualLadder,
        ask,
        drill
      }
    ])
    return { state: incidents.get(id) as Incident, kept }
  }

  return {
    clock,
    station: {
      id: 'demo-hub',
      name: '人民广场枢纽联勤警务站',
      template: 'transport-hub',
      locale: 'zh-CN',
      timezone: 'Asia/Shanghai',
      version: '0.1.0'
    },
    units: () => units,
    zones: () => zones.map(zone => zoneNow(zone, zoneStates.get(zone.id) ?? startZone(clock.now()), clock.now())),
    alerts: () => [...alerts.values()],
    incidents: () => [...incidents.values()],
    devices: () => devices,
    cameras: {
      list: () => [...cameras.values()],
      still: async id => (cameras.get(id)?.state === 'live' ? { jpeg: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]) } : { failed: 'no frame' }),
      counters: () => ({}),
      close: async () => undefined
    },
    history: {
      id: 'h',
      keep: async () => undefined,
      query: async ({ zone, quantity, from, to }) =>
        history_rows.filter(
          row =>
            (zone === undefined || row.zone === zone) &&
            (quantity === undefined || row.quantity === quantity) &&
            row.at >= from &&
            row.at <= to
        ),
      blocks: async () => [],
      cursor: () => 0,
      moveCursor: async () => undefined,
      stats: () => ({
        last: 3,
        waiting: 0,
        backlog_blocks: 0,
        backlog_points: 0,
        backlog_from: undefined,
        bytes: 4096,
        max_bytes: 1e9,
        dropped_points_total: 0,
        trouble: undefined
      }),
      close: async () => undefined
    },
    journal: {
      id: 'j',
      append: () => {
        throw new Error('the console never writes the journal itself')
      },
      read: (after, limit) => entries.slice(after, Math.min(after + limit, kept)),
      proof: seq => (seq <= kept ? proofs[seq - 1] : undefined),
      last: () => entries.length,
      keptUpto: () => kept,
      unpersisted: () => entries.length - kept,
      trouble: () => undefined,
      count: () => 0,
      cursor: () => 0,
      moveCursor: async () => undefined,
      snapshot: () => undefined,
      saveSnapshot: async () => undefined,
      close: async () => undefined
    },
    uplink: () => ({
      configured: true,
      online: true,
      why: '',
      since: clock.now(),
      behind_seconds: 0,
      backlog_records: 0,
      backlog_hours_left: undefined
    }),
    counters: () => ({ readings_total: 12, unreadable_total: 1 }),
    latest: () => devices.flatMap(device => device.last_readings),
    troubles: () => troubles,
    command: (id, command) => {
      const incident = incidents.get(id)
      if (incident === undefined) return { refused: 'no_such_incident' }
      const decision = decide(incident, command, clock.now())
      if ('refused' in decision) return decision
      const kept = record(decision.events)
      return { state: incidents.get(id) as Incident, kept }
    },
    alertCommand: (id, command) => {
      const alert = alerts.get(id)
      if (alert === undefined) return { refused: 'no_such_alert' }
      const decision = decideAlert(alert, command, clock.now())
      if ('refused' in decision) return decision
      const kept = record(decision.events)
      return { state: alerts.get(id) as Alert, kept }
    },
    open: ({ kind, zone, severity, text, by, drill }) =>
      open(kind, zone, severity, { say: 'reported', with: { by, text } }, ['police', 'fire'], undefined, drill),
    merge: () => ({ refused: 'no_such_incident' }),
    split: () => ({ refused: 'no_such_incident' }),
    reopen: () => ({ refused: 'no_such_incident' }),
    maintenance: () => [],
    planMaintenance: () => ({ refused: 'no_such_window' }),
    maintain: () => ({ refused: 'no_such_window' }),
    report: report => record([report]),
    note: event => record([event]),
    enrol: async ({ id, profile, zone, topic, by }) => {
      if (devices.some(device => device.id === id)) return { refused: 'device_exists' }
      devices.push({
        id,
        profile,
        zone,
        topic,
        online: false,
        last_seen: undefined,
        last_readings: [],
        unreadable_total: 0,
        quarantined_total: 0,
        last_unreadable: undefined
      })
      await record([{ type: 'device_enrolled', id, at: clock.now(), profile, zone, topic, by }])
      return { password: 'shown-this-once' }
    },
    removeDevice: async (id, by) => {
      const i = devices.findIndex(device => device.id === id)
      if (i < 0) return { refused: 'no_such_device' }
      devices.splice(i, 1)
      await record([{ type: 'device_removed', id, at: clock.now(), by }])
      return { removed: true }
    },
    epoch,
    listen: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    since: id => messages.filter(({ seq }) => seq > Number(id.split(':')[1])).map(({ message }) => message),

    people: (id, count, error = 6) => {
      const zone = zones.find(one => one.id === id)
      const state = zoneStates.get(id)
      if (zone === undefined || state === undefined) throw new Error(`no zone ${id}`)
      const at = clock.now()
      const quantity: Quantity = 'people_count'
      const next = evolveZone(zone, state, { device: 'cam-1', zone: id, quantity, value: count, at, quality: 'good' }, error)
      zoneStates.set(id, next)
      history_rows.push({ zone: id, device: 'cam-1', quantity, at, value: count, min: count, max: count, n: 1 })
      show('zone', zoneNow(zone, next, at))
    },
    raise: (alert, needs) => {
      const at = clock.now()
      const {
        kind,
        zone,
        severity = 'red',
        because = { say: 'density_above', with: { value: 4.2, level: 'red', limit: 4, seconds: 6 } }
      } = alert
      const id = `a-${++number}`
      void record([{ type: 'alert_raised', id, at, key: id, rule: 'crowd-density', kind, zone, severity, because }])
      if (rank(severity) < rank('orange')) return undefined
      const incident = open(kind, zone, severity, because, needs, id).state
      void record([{ type: 'alert_linked', id, at, incident: incident.id }])
      return incident
    },
    camera: (id, change) => {
      const camera = cameras.get(id)
      if (camera === undefined) throw new Error(`no camera ${id}`)
      const next = { ...camera, ...change, since: clock.now() }
      cameras.set(id, next)
      show('camera', next)
    },
    slowDisk: on => {
      if (on) slow ??= []
      else {
        const waiting = slow ?? []
        slow = undefined
        for (const write of waiting) write()
      }
    },
    troubled: (part, why) => {
      troubles.push({ part, why })
      show('station', { part, why })
    },
    history_rows,
    close: () => {
      for (const cancel of alarms.values()) cancel()
    }
  }
}
