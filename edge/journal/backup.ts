/** A copy of the journal taken while the station runs, whole and checked, for `qianshao-edge backup`. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Verdict, verifyJournal } from './chain.ts'

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
