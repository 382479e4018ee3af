/**
 * One station per state folder [F19]. The lock is SQLite's own exclusive one on an empty file, which the kernel lets go
 * with the process, so a station that was killed never locks itself out.
 */
import Database from 'better-sqlite3'
import { codeOf } from '../thread.ts'

/** Throws with one sentence when another station holds the folder; the answer lets it go. */
export const lockFolder = (dir: string, name: 'journal' | 'history'): (() => void) => {
  const db = new Database(`${dir}/${name}.lock`, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (codeOf(error) === 'SQLITE_BUSY') throw new Error(`another station is using ${dir}: it holds ${name}.lock`)
    throw new Error(`cannot lock ${dir}`, { cause: error })
  }
  return () => {
    if (db.open) db.close()
  }
}
