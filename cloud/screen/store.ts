/** What the board shows, kept live: loaded once, then changed by what the cloud tells; a gap loads it anew. */
import { computed, shallowReactive, shallowRef } from 'vue'
import { setClock } from '../../edge/console/screen/kit/time.ts'
import { rank } from '../../edge/domain/vocabulary.ts'
import type { Order } from '../orders.ts'
import type { incidentSeen, stationSeen, zonesSeen } from '../present.ts'
import { ask } from './api.ts'

export type Station = ReturnType<typeof stationSeen> & {
  readonly units: readonly { readonly id: string; readonly name: string; readonly agency: string }[]
  readonly zones: ReturnType<typeof zonesSeen>
}
export type OpenIncident = ReturnType<typeof incidentSeen> & { readonly station: string }
export type Me = { readonly name: string; readonly timezone: string; readonly now: string }

export const me = shallowRef<Me>()
export const lostSince = shallowRef<number>()
export const stations = shallowReactive(new Map<string, Station>())
const incidents = shallowReactive(new Map<string, OpenIncident>())
const orders = shallowReactive(new Map<string, Order>())

/** Silent stations first, then the gravest. */
export const stationsInOrder = computed(() =>
  [...stations.values()].sort(
    (a, b) => Number(b.status === 'silent') - Number(a.status === 'silent') || rank(b.level) - rank(a.level) || a.id.localeCompare(b.id)
  )
)
export const silentStations = computed(() => stationsInOrder.value.filter(({ status }) => status === 'silent'))
/** Red first, then the oldest. */
export const incidentsInOrder = computed(() =>
  [...incidents.values()].sort((a, b) => rank(b.severity) - rank(a.severity) || (a.opened_at ?? '').localeCompare(b.opened_at ?? ''))
)
export const ordersOf = (incident: OpenIncident): readonly Order[] =>
  [...orders.values()].filter(({ station, command }) => station === incident.station && command.incident === incident.id).slice(-3)

const keyOf = ({ station, id }: OpenIncident): string => `${station} ${id}`
const putIncident = (incident: OpenIncident): void => {
  if (incident.phase === 'open') incidents.set(keyOf(incident), incident)
  else incidents.delete(keyOf(incident))
}
export const putOrder = (order: Order): void => void orders.set(order.id, order)

export const whoAmI = async (): Promise<void> => {
  const answer = await ask<Me>('GET', '/api/me')
  me.value = 'data' in answer ? answer.data : undefined
  if ('data' in answer) setClock(answer.data.now)
}

const load = async (): Promise<void> => {
  const [all, open] = await Promise.all([ask<Station[]>('GET', '/api/stations'), ask<OpenIncident[]>('GET', '/api/incidents')])
  if ('problem' in all || 'problem' in open) return
  stations.clear()
  incidents.clear()
  for (const station of all.data) stations.set(station.id, station)
  for (const incident of open.data) putIncident(incident)
  const lists = await Promise.all(all.data.map(({ id }) => ask<Order[]>('GET', `/api/stations/${id}/commands?limit=50`)))
  for (const list of lists) if ('data' in list) for (const order of [...list.data].reverse()) putOrder(order)
}

const handlers: Readonly<Record<string, (data: never) => void>> = {
  reset: () => void load(),
  station: (station: Station) => stations.set(station.id, station),
  incident: putIncident,
  command: putOrder,
  // The station's own line follows within a second and says so too.
  silence: () => {},
  alert: () => {}
}
const again_ms = 2_000
let source: EventSource | undefined

export const listen = (): void => {
  hush()
  const opened = new EventSource('/api/live')
  source = opened
  opened.onopen = () => {
    lostSince.value = undefined
  }
  for (const [type, handle] of Object.entries(handlers))
    opened.addEventListener(type, ({ data }: MessageEvent<string>) => handle(JSON.parse(data) as never))
  opened.onerror = () => {
    lostSince.value ??= Date.now()
    // The browser comes back by itself and resumes by id, unless the cloud refused it: then we ask who we are.
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => void comeBack(opened), again_ms)
  }
}
const comeBack = async (was: EventSource): Promise<void> => {
  if (source !== was) return
  const who = await ask<Me>('GET', '/api/me')
  if ('data' in who) listen()
  else if (who.status === 401) {
    hush()
    me.value = undefined
  } else setTimeout(() => void comeBack(was), again_ms)
}
export const hush = (): void => {
  source?.close()
  source = undefined
}
