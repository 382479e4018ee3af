/** What the cloud knows of each station: who it says it is, when it was last heard, how it stands, its zones and newest readings. */
import type { Point } from '../edge/domain/line-protocol.ts'
import type { Alive, Hello, StationCard } from '../edge/domain/uplink.ts'
import { type Level, severities } from '../edge/domain/vocabulary.ts'
import type { Db } from './database.ts'

export type ZoneSeen = {
  readonly level: Level
  readonly people_count: number | undefined
  readonly density_per_m2: number | undefined
  readonly density_error_per_m2: number | undefined
  readonly at: number
}
export type Latest = {
  readonly zone: string
  readonly device: string
  readonly quantity: string
  readonly value: number
  readonly at: number
}
export type StationSeen = {
  readonly id: string
  /** By the cloud's configuration, until the station says its own. */
  readonly name: string
  card: StationCard | undefined
  journal: string | undefined
  history: string | undefined
  heard_at: number
  /** What its line says: `offline` is the last will, sooner than the alarm for silence. */
  status: 'online' | 'offline' | 'unknown'
  behind_seconds: number | undefined
  backlog_records: number | undefined
  readonly zones: Map<string, ZoneSeen>
  readonly latest: Map<string, Latest>
}
type StationRow = {
  readonly id: string
  readonly journal: string | null
  readonly history: string | null
  readonly card: string | null
  readonly heard_at: number | null
  readonly behind_seconds: number | null
  readonly backlog_records: number | null
}

/** A station with more series than this is misconfigured; further ones are kept as readings but not shown as newest. */
const most_series = 20_000
const levelNames: readonly Level[] = ['unknown', 'green', ...severities]

export const levelOfField = (field: number | undefined): Level => levelNames[(field ?? -1) + 1] ?? 'unknown'

export const openStations = (db: Db, configured: readonly { readonly id: string; readonly name?: string }[]) => {
  const sql = {
    add: db.prepare('insert into station (id) values (?) on conflict do nothing'),
    one: db.prepare<[string], StationRow>('select * from station where id = ?'),
    hello: db.prepare('update station set journal = ?, history = ?, card = ?, hello_at = ?, heard_at = ? where id = ?'),
    heard: db.prepare('update station set heard_at = ?, behind_seconds = ?, backlog_records = ? where id = ?')
  }
  const stations = new Map<string, StationSeen>()
  for (const { id, name = id } of configured) {
    sql.add.run(id)
    const row = sql.one.get(id)
    stations.set(id, {
      id,
      name,
      card: row?.card ? JSON.parse(row.card) : undefined,
      journal: row?.journal ?? undefined,
      history: row?.history ?? undefined,
      heard_at: row?.heard_at ?? 0,
      status: 'unknown',
      behind_seconds: row?.behind_seconds ?? undefined,
      backlog_records: row?.backlog_records ?? undefined,
      zones: new Map(),
      latest: new Map()
    })
  }
  return {
    all: (): readonly StationSeen[] => [...stations.values()],
    get: (id: string): StationSeen | undefined => stations.get(id),
    hello: (station: StationSeen, { journal, history, station: card }: Hello, at: number): void => {
      Object.assign(station, { journal, history, card, heard_at: at })
      sql.hello.run(journal, history, JSON.stringify(card), at, at, station.id)
    },
    alive: (station: StationSeen, { behind_seconds, backlog_records }: Alive, at: number): void => {
      Object.assign(station, { behind_seconds, backlog_records, heard_at: at })
      sql.heard.run(at, behind_seconds, backlog_records, station.id)
    },
    /** Newest wins: a backlog arrives in order, but its readings are older than what a restart of the cloud may have shown. */
    see: (station: StationSeen, points: readonly Point[]): void => {
      for (const { measurement, tags, fields, at } of points) {
        const { zone = '', device = '', quantity = '' } = tags
        if (measurement === 'zone') {
          const { people_count, density_per_m2, density_error_per_m2, level } = fields
          if ((station.zones.get(zone)?.at ?? 0) <= at)
            station.zones.set(zone, { level: levelOfField(level), people_count, density_per_m2, density_error_per_m2, at })
        } else if (measurement === 'reading' && fields.value !== undefined) {
          const key = `${device} ${quantity}`
          const known = station.latest.get(key)
          if (known === undefined ? station.latest.size < most_series : known.at <= at)
            station.latest.set(key, { zone, device, quantity, value: fields.value, at })
        }
      }
    }
  }
}
export type Stations = ReturnType<typeof openStations>
