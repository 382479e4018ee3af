/**
 * The mark says independently of the database how far the journal was kept. SQLite drops a damaged or missing WAL tail
 * without a word (102 of 200 rows kept, integrity "ok"); this file is how we notice [F15].
 */
import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'

export type Mark = { readonly id: string; readonly seq: number; readonly hash: string }

const slot_bytes = 512
const file = (dir: string): string => `${dir}/journal.mark`

/** The newest whole mark; `missing` when there never was one, `damaged` when neither slot can be believed. */
export const readMark = (dir: string): Mark | 'missing' | 'damaged' => {
  let bytes: Buffer
  try {
    bytes = readFileSync(file(dir))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    return 'damaged'
  }
  const marks = [0, slot_bytes].map(at => parse(bytes.subarray(at, at + slot_bytes))).filter(mark => mark !== undefined)
  return marks.sort((a, b) => b.seq - a.seq)[0] ?? 'damaged'
}

/** Two slots written in turn, so that a torn write leaves the other one. In place: it needs no new block on a full disk. */
export const openMark = (dir: string): { readonly write: (mark: Mark) => void; readonly close: () => void } => {
  const missing = readMark(dir) === 'missing'
  const handle = openSync(file(dir), missing ? 'w+' : 'r+')
  let turn = 0
  return {
    write: mark => {
      // The first write fills both slots: an old, higher mark must not outlive a restored journal.
      const slots = turn === 0 ? [0, 1] : [turn % 2]
      for (const slot of slots) writeSync(handle, format(mark), slot * slot_bytes)
      turn++
      fdatasyncSync(handle)
    },
    close: () => closeSync(handle)
  }
}

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

const format = (mark: Mark): string => {
  const text = `${mark.seq} ${mark.hash} ${mark.id}`
  return `${text} ${sumOf(text)} `.padEnd(slot_bytes - 1).concat('\n')
}

const parse = (bytes: Buffer): Mark | undefined => {
  const [seq = '', hash = '', id = '', sum] = bytes.toString('latin1').split(' ')
  return sum !== undefined && sum === sumOf(`${seq} ${hash} ${id}`) ? { seq: Number(seq), hash, id } : undefined
}
