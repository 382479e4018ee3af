/** A copy of the journal taken while the station runs, whole and checked, for `qianshao-edge backup`, and the way back. */
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Verdict, verifyJournal } from './chain.ts'
import { openMark, readMark } from './mark.ts'
import { writeMeta } from './tables.ts'

/** `to` is a folder that has no journal yet. Answers what verifying the copy found. */
export const backupJournal = async (dir: string, to: string): Promise<Verdict> => {
  mkdirSync(to, { recursive: true })
  if (existsSync(`${to}/journal.db`)) throw new Error(`${to} already holds a journal`)
  // The mark first: it may then be behind the copy, never ahead of it.
  copyFileSync(`${dir}/journal.mark`, `${to}/journal.mark`)
  const db = new Database(`${dir}/journal.db`, { readonly: true })
  try {
    await db.backup(`${to}/journal.db`)
  } finally {
    db.close()
  }
  return verifyJournal(to)
}

/**
 * Puts a backup into a folder without a journal, under a new id: the numbers after the backup were used before, and the
 * cloud must never take a new entry for one it has.
 */
export const restoreJournal = (from: string, dir: string): Verdict => {
  const found = verifyJournal(from)
  if (!found.ok) return found
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (existsSync(`${dir}/journal.db`))
    throw new Error(`${dir} already holds a journal; right would be: an empty folder, so that nothing is overwritten`)
  for (const name of ['journal.db', 'journal.mark']) copyFileSync(`${from}/${name}`, `${dir}/${name}`)
  const mark = readMark(dir)
  if (typeof mark === 'string') throw new Error(`the mark of the backup is ${mark}`)
  const id = randomBytes(16).toString('hex')
  const db = new Database(`${dir}/journal.db`)
  try {
    writeMeta(db, 'id', id)
    db.prepare('DELETE FROM cursor').run()
  } finally {
    db.close()
  }
  const written = openMark(dir)
  written.write({ ...mark, id })
  written.close()
  return verifyJournal(dir)
}
