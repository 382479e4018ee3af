/** Commands to stations: kept until the station itself has answered, so that what the screen shows is never a guess. */
import type { CloudCommand, CommandOutcome } from '../edge/domain/uplink.ts'
import type { Db } from './database.ts'

export type Order = {
  readonly id: string
  readonly station: string
  readonly command: CloudCommand
  readonly made_at: number
  /** `pending` until the station's own answer: `done`, or `refused` with its reason. */
  readonly state: 'pending' | 'done' | 'refused'
  readonly answered_at?: number
  readonly refused?: string
}
type OrderRow = {
  readonly id: string
  readonly station: string
  readonly body: string
  readonly made_at: number
  readonly state: Order['state']
  readonly answered_at: number | null
  readonly refused: string | null
}

/** A station away for days must not be drowned in orders when it returns. */
const most_pending = 100

export const openOrders = (db: Db) => {
  const sql = {
    add: db.prepare('insert into command (id, station, body, made_at, state) values (?, ?, ?, ?, ?)'),
    answer: db.prepare("update command set state = ?, answered_at = ?, refused = ? where id = ? and station = ? and state = 'pending'"),
    one: db.prepare<[string, string], OrderRow>('select * from command where id = ? and station = ?'),
    pending: db.prepare<[string], OrderRow>("select * from command where station = ? and state = 'pending' order by made_at, id"),
    list: db.prepare<[string, number], OrderRow>('select * from command where station = ? order by made_at desc, id limit ?')
  }
  const read = ({ body, answered_at, refused, ...row }: OrderRow): Order => ({
    ...row,
    command: JSON.parse(body),
    ...(answered_at !== null && { answered_at }),
    ...(refused !== null && { refused })
  })
  const one = (station: string, id: string): Order | undefined => {
    const row = sql.one.get(id, station)
    return row && read(row)
  }
  return {
    one,
    /** Undefined when the station has too many unanswered ones already. */
    add: (station: string, command: CloudCommand, at: number): Order | undefined => {
      if (sql.pending.all(station).length >= most_pending) return undefined
      sql.add.run(command.id, station, JSON.stringify(command), at, 'pending')
      return one(station, command.id)
    },
    /** The answered order; undefined when it is unknown or was answered before. */
    answered: (station: string, { id, done, refused }: CommandOutcome, at: number): Order | undefined =>
      sql.answer.run(done ? 'done' : 'refused', at, done ? null : (refused ?? ''), id, station).changes === 1
        ? one(station, id)
        : undefined,
    pending: (station: string): readonly Order[] => sql.pending.all(station).map(read),
    list: (station: string, limit: number): readonly Order[] => sql.list.all(station, limit).map(read)
  }
}
export type Orders = ReturnType<typeof openOrders>
