/** The line to the station: hears everything, comes back by itself, and says since when it has heard nothing. */
import type {
  AlertShape,
  BoardShape,
  CameraShape,
  DeviceShape,
  IncidentShape,
  MeShape,
  ResponseShape,
  SnapshotShape,
  StationShape,
  ZoneShape
} from '../shapes.ts'
import { ask } from './api.ts'
import { locale } from './kit/i18n.ts'
import { stationNow } from './kit/time.ts'
import { calledHere, sayHeard } from './receipts.ts'
import { ring } from './sound.ts'
import { cameras, devices, incidents, lostSince, me, putAlert, putBoard, putIncident, putSnapshot, putStation, putZone } from './store.ts'

/** The station speaks at least every 10 s; twice that and more without a word is a line that only looks open. */
const silence_ms = 25_000
const again_ms = 2_000

let source: EventSource | undefined
let heard = 0
let retry: ReturnType<typeof setTimeout> | undefined

const hears = (): void => {
  heard = stationNow()
  lostSince.value = undefined
}
const lost = (): void => {
  lostSince.value ??= heard === 0 ? stationNow() : heard
}

/** By the time the last note has been played the unit may have answered. */
const heardHere = (id: string): void => {
  const now = incidents.items().find(incident => incident.id === id)
  if (now !== undefined) sayHeard(now)
}
const callOf = ({ unit, asked_at }: ResponseShape): string => `${unit} ${asked_at}`
/**
 * Red reaches ears when it is new or has become red, and whatever calls everybody anew does; and every call to one's own unit.
 * What was played to its end is told.
 */
const ringIfCalled = (incident: IncidentShape): void => {
  if (incident.phase === 'closed') return
  const before = incidents.items().find(({ id }) => id === incident.id)
  const red = incident.severity === 'red' && before?.severity !== 'red'
  const known = new Set(before === undefined ? [] : calledHere(before).map(callOf))
  const called = calledHere(incident).some(one => !known.has(callOf(one)))
  const anew = before !== undefined && incident.worsened > before.worsened
  if (red || called || anew)
    void ring(incident.severity === 'red' && (red || anew) ? 6 : 2).then(played => played && heardHere(incident.id))
}

const handlers: Readonly<Record<string, (data: never) => void>> = {
  snapshot: (all: SnapshotShape) => {
    for (const incident of all.incidents) ringIfCalled(incident)
    putSnapshot(all)
  },
  zone: (zone: ZoneShape) => putZone(zone),
  board: (now: BoardShape) => putBoard(now),
  alert: (alert: AlertShape) => putAlert(alert),
  incident: (incident: IncidentShape) => {
    ringIfCalled(incident)
    putIncident(incident)
  },
  camera: (camera: CameraShape) => cameras.put(camera),
  device: (device: DeviceShape) => devices.put(device),
  station: (now: StationShape) => putStation(now),
  uplink: (now: StationShape) => putStation(now)
}

export const listen = (): void => {
  hush()
  const opened = new EventSource(`/api/live?locale=${locale.value}`)
  source = opened
  for (const [type, handle] of Object.entries(handlers))
    opened.addEventListener(type, ({ data }: MessageEvent<string>) => {
      hears()
      handle(JSON.parse(data) as never)
    })
  opened.onerror = () => {
    lost()
    // The browser comes back by itself and resumes by id, unless the station refused it: then we ask why.
    if (opened.readyState === EventSource.CLOSED) retry = setTimeout(() => void comeBack(), again_ms)
  }
}

const comeBack = async (): Promise<void> => {
  const who = await ask<MeShape>('GET', '/api/me')
  if ('problem' in who && who.status === 401) {
    hush()
    me.value = undefined
  } else if ('problem' in who) retry = setTimeout(() => void comeBack(), again_ms)
  else listen()
}

export const hush = (): void => {
  clearTimeout(retry)
  source?.close()
  source = undefined
}

setInterval(() => {
  if (source === undefined || heard === 0 || stationNow() - heard < silence_ms) return
  lost()
  if (source.readyState === EventSource.OPEN) listen()
}, 1000)
