/** One entry as it lies on the disk, and the hash that proves it. */
import { createHash } from 'node:crypto'

/** `prev` is stored beside `hash`, so that each entry proves itself even when its neighbour is unreadable. */
export type Row = {
  readonly seq: number
  readonly at: number
  readonly lane: string
  readonly type: string
  readonly subject: string
  readonly body: string
  readonly prev: Buffer
  readonly hash: Buffer
}
export type Unchained = Omit<Row, 'prev' | 'hash'>
export const genesis = Buffer.alloc(32)

export const hashOf = (prev: Uint8Array, row: Unchained): Buffer =>
  createHash('sha256')
    .update(prev)
    .update(JSON.stringify([row.seq, row.at, row.lane, row.type, row.subject, row.body]))
    .digest()

/** Is this row exactly what was appended under this hash? */
export const sound = (row: Row): boolean => Buffer.isBuffer(row.prev) && Buffer.isBuffer(row.hash) && hashOf(row.prev, row).equals(row.hash)
