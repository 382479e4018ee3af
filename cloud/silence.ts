/** A station that is not heard is itself an alarm: raised by the cloud, cleared by the station's next word, kept across restarts. */
import type { Db } from './database.ts'

export type Silence = {
  readonly number: number
  readonly station: string
  readonly heard_at: number
  readonly raised_at: number
  readonly cleared_at: number | null
}

export const openSilences = (db: Db, silent_after_ms: number, started_at: number) => {
  const sql = {
    raise: db.prepare<[string, number, number], Silence>('insert into silence (station, heard_at, raised_at) values (?, ?, ?) returning *'),
    clear: db.prepare<[number, string], Silence>('update silence set cleared_at = ? where station = ? and cleared_at is null returning *'),
    open: db.prepare<[], Silence>('select * from silence where cleared_at is null'),
    list: db.prepare<[string, number], Silence>('select * from silence where station = ? order by number desc limit ?')
  }
  const open = new Map(sql.open.all().map(silence => [silence.station, silence]))
  return {
    of: (station: string): Silence | undefined => open.get(station),
    list: (station: string, limit: number): readonly Silence[] => sql.list.all(station, limit),
    /** The alarm that is over now, if there was one. */
    heard: (station: string, at: number): Silence | undefined => {
      if (!open.delete(station)) return undefined
      return sql.clear.get(at, station)
    },
    /** Alarms for stations not heard since `silent_after`. A cloud that was down itself listens that long before it complains. */
    look: (stations: readonly { readonly id: string; readonly heard_at: number }[], now: number): readonly Silence[] => {
      const raised: Silence[] = []
      for (const { id, heard_at } of stations) {
        if (open.has(id) || now - Math.max(heard_at, started_at) < silent_after_ms) continue
        const silence = sql.raise.get(id, heard_at, now)
        if (silence === undefined) continue
        open.set(id, silence)
        raised.push(silence)
      }
      return raised
    }
  }
}
export type Silences = ReturnType<typeof openSilences>
