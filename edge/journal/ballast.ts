/**
 * Room put aside for the day the disk is full: SQLite can then not even finish a transaction, so a file larger than the
 * WAL is removed first and made again when there is room.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export type Ballast = {
  /** True while the room is there. */
  readonly held: () => boolean
  /** Gives the room up; false when there was none left to give. */
  readonly drop: () => boolean
  /** Makes it again when the disk has room for it twice over. */
  readonly restore: () => void
}

export const openBallast = (file: string, bytes: number): Ballast => {
  const held = (): boolean => existsSync(file) && statSync(file).size >= bytes
  const restore = (): void => {
    if (held()) return
    try {
      const folder = statfsSync(dirname(file))
      if (folder.bavail * folder.bsize < 2 * bytes) return
      const handle = openSync(file, 'w')
      const zeros = Buffer.alloc(1 << 20)
      for (let at = 0; at < bytes; at += zeros.length) writeSync(handle, zeros, 0, Math.min(zeros.length, bytes - at))
      fsyncSync(handle)
      closeSync(handle)
    } catch {
      // No room after all, or a read-only disk: `held` says so, and the next commit tells the rest.
      rmSync(file, { force: true })
    }
  }
  const drop = (): boolean => {
    if (!existsSync(file)) return false
    rmSync(file, { force: true })
    return true
  }
  return { held, drop, restore }
}
