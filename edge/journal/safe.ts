/**
 * The safe: descriptions of people who are sought, one small file each, the only thing at the station that is ever erased. It lies
 * beside the journal and is no part of it, of a backup or of what goes to the cloud. A file is overwritten before it is removed;
 * on flash memory that is no proof, which is why the disk of a station is encrypted (SECURITY.md).
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PersonSought } from '../domain/sought.ts'
import type { Safe } from '../ports.ts'

const fileName = /^([A-Za-z0-9-]+)\.json$/

/** `dir` is made if it is not there. A file that cannot be read is left alone and named: it may be all that is known of a child. */
export const openSafe = (dir: string, unreadable: (file: string) => void): Safe => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const held = new Map<string, PersonSought>()
  for (const name of readdirSync(dir)) {
    const id = fileName.exec(name)?.[1]
    const sought = id === undefined ? undefined : readSought(join(dir, name))
    if (sought?.incident === id && sought !== undefined) held.set(sought.incident, sought)
    else if (id !== undefined) unreadable(join(dir, name))
  }
  // One write at a time, in the order they were asked for: what is erased must not come back by a slower write.
  let before: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = before.then(work)
    before = mine.catch(() => undefined)
    return mine
  }
  const pathOf = (incident: string): string => {
    const name = `${incident}.json`
    if (!fileName.test(name)) throw new Error(`${incident} is no name for a file`)
    return join(dir, name)
  }
  return {
    get: incident => held.get(incident),
    all: () => [...held.values()],
    keep: sought => {
      const file = pathOf(sought.incident)
      held.set(sought.incident, sought)
      return inTurn(() => write(file, JSON.stringify(sought)))
    },
    erase: incident => {
      held.delete(incident)
      return inTurn(() => shred(pathOf(incident)))
    }
  }
}

const readSought = (file: string): PersonSought | undefined => {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as PersonSought
    return typeof read.incident === 'string' && typeof read.at === 'number' && typeof read.description === 'object' ? read : undefined
  } catch {
    return undefined
  }
}

/** Whole or not at all, also when the power goes. */
const write = async (file: string, text: string): Promise<void> => {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
}

const shred = async (file: string): Promise<void> => {
  for (const each of [file, `${file}.new`]) {
    try {
      const handle = await open(each, 'r+')
      try {
        const { size } = await handle.stat()
        await handle.write(Buffer.alloc(size), 0, size, 0)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rm(each)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
