/** What this screen knows. Each zone, alert and incident has a cell of its own, so that one change repaints one card. */
import { type ShallowRef, shallowRef } from 'vue'
import { worstFirst } from '../order.ts'
import type {
  AlertShape,
  BoardShape,
  CameraShape,
  DeviceShape,
  HistoryRowShape,
  IncidentShape,
  MeShape,
  SnapshotShape,
  StationShape,
  ZoneShape
} from '../shapes.ts'
import { ask } from './api.ts'
import { setClock, stationNow } from './kit/time.ts'

type Held<Item> = { readonly item: Item; readonly heard_at: number }
type Cells<Item> = {
  readonly ids: ShallowRef<readonly string[]>
  readonly cell: (id: string) => ShallowRef<Held<Item>>
  readonly items: () => Item[]
  readonly has: (id: string) => boolean
  /** All of them as they are, for sums that `version` wakes: whoever reads a thousand cells is woken by each. */
  readonly peek: () => Item[]
  readonly put: (item: Item) => void
  readonly remove: (id: string) => void
  readonly replace: (items: readonly Item[]) => void
}

/** At once when nothing has just been done; of a burst once in a while. */
const paced = (act: () => void): (() => void) => {
  let resting = false
  let again = false
  const go = (): void => {
    act()
    resting = true
    setTimeout(() => {
      resting = false
      if (!again) return
      again = false
      go()
    }, pace_ms)
  }
  return () => {
    if (resting) again = true
    else go()
  }
}
const pace_ms = 100

const openCells = <Item extends { readonly id: string }>(order?: (a: Item, b: Item) => number): Cells<Item> => {
  const cells = new Map<string, ShallowRef<Held<Item>>>()
  const plain = new Map<string, Item>()
  const ids = shallowRef<readonly string[]>([])
  const items = (): Item[] => [...cells.values()].map(cell => cell.value.item)
  const sort = (): void => {
    const sorted = (order ? items().sort(order) : items()).map(({ id }) => id)
    // The list itself is only repainted when its order has changed.
    if (sorted.join('\n') !== ids.value.join('\n')) ids.value = sorted
  }
  const sortSoon = paced(() => sort())
  const set = (item: Item): void => {
    const held = { item, heard_at: stationNow() }
    plain.set(item.id, item)
    const cell = cells.get(item.id)
    if (cell === undefined) cells.set(item.id, shallowRef(held))
    else cell.value = held
  }
  return {
    ids,
    items,
    cell: id => {
      const cell = cells.get(id)
      if (cell === undefined) throw new Error(`${id} is not on this screen`)
      return cell
    },
    has: id => cells.has(id),
    peek: () => [...plain.values()],
    put: item => {
      set(item)
      sortSoon()
    },
    remove: id => {
      // The order first, so that no list asks for a cell that is gone.
      ids.value = ids.value.filter(one => one !== id)
      cells.delete(id)
      plain.delete(id)
    },
    replace: all => {
      const present = new Set(all.map(({ id }) => id))
      ids.value = ids.value.filter(id => present.has(id))
      for (const id of cells.keys()) if (!present.has(id)) cells.delete(id)
      for (const id of plain.keys()) if (!present.has(id)) plain.delete(id)
      for (const item of all) set(item)
      sort()
    }
  }
}

export const me = shallowRef<MeShape>()
/** The last moment at which this screen knew that it hears the station; undefined while it hears. */
export const lostSince = shallowRef<number>()
export const station = shallowRef<StationShape>()
export const zones = openCells<ZoneShape>()
export const cameras = openCells<CameraShape>()
export const devices = openCells<DeviceShape>()
export const alerts = openCells<AlertShape>(worstFirst)
export const incidents = openCells<IncidentShape>(worstFirst)
/** What is to be read: every alert under exactly one of its lines. */
export const board = shallowRef<BoardShape>({ lines: [], aside: 0, held: 0, called_lately: 0, called: [] })
/** Counts what changed in incidents and alerts, for the few sums that look at all of them. */
export const version = shallowRef(0)
const changed = paced(() => {
  version.value++
})

export type Point = { readonly at: number; readonly value: number }
const trails = new Map<string, ShallowRef<readonly Point[]>>()
export const trail = (zone: string): ShallowRef<readonly Point[]> => {
  const found = trails.get(zone)
  if (found !== undefined) return found
  const made = shallowRef<readonly Point[]>([])
  trails.set(zone, made)
  return made
}
const trail_ms = 15 * 60_000
const trail_step_ms = 5_000

export const may = (route: string): boolean => me.value?.may.includes(route) ?? false

export const putStation = (now: StationShape): void => {
  station.value = now
  setClock(now.now)
}
export const putZone = (zone: ZoneShape): void => {
  zones.put(zone)
  if (zone.density_per_m2 === null) return
  const line = trail(zone.id)
  const at = stationNow()
  if (at - (line.value.at(-1)?.at ?? 0) < trail_step_ms) return
  line.value = [...line.value.filter(point => at - point.at < trail_ms), { at, value: zone.density_per_m2 }]
}
export const putAlert = (alert: AlertShape): void => {
  if (alert.phase === 'closed') alerts.remove(alert.id)
  else alerts.put(alert)
  changed()
}
export const putBoard = (now: BoardShape): void => {
  board.value = now
  changed()
}
export const putIncident = (incident: IncidentShape): void => {
  if (incident.phase === 'closed') incidents.remove(incident.id)
  else incidents.put(incident)
  changed()
}
export const putSnapshot = (all: SnapshotShape): void => {
  putStation(all.station)
  zones.replace(all.zones)
  board.value = all.board
  alerts.replace(all.alerts)
  incidents.replace(all.incidents)
  cameras.replace(all.cameras)
  devices.replace(all.devices)
  changed()
  for (const zone of all.zones) void loadTrail(zone)
}

/** What the zone was like before this screen opened. */
const loadTrail = async (zone: ZoneShape): Promise<void> => {
  const from = new Date(stationNow() - trail_ms).toISOString()
  const answer = await ask<HistoryRowShape[]>(
    'GET',
    `/api/readings?zone=${encodeURIComponent(zone.id)}&quantity=people_count&step=30&from=${from}`
  )
  if (!('data' in answer)) return
  const sums = new Map<number, number>()
  for (const { at, value } of answer.data) sums.set(Date.parse(at), (sums.get(Date.parse(at)) ?? 0) + value)
  const old = [...sums].map(([at, people]) => ({ at, value: people / zone.area_m2 })).sort((a, b) => a.at - b.at)
  const line = trail(zone.id)
  const last = old.at(-1)?.at ?? 0
  line.value = [...old, ...line.value.filter(point => point.at > last)]
}
