/**
 * Keeps who is signed in over a restart: after a power cut the wall screen is on duty again without anyone typing a password.
 * The file holds hashes of session ids, never an id, so reading it signs nobody in.
 */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Session } from './sessions.ts'

const Kept = Type.Array(
  Type.Object({
    id: Type.String(),
    name: Type.String(),
    since: Type.Number(),
    address: Type.String(),
    agent: Type.String(),
    seen: Type.Number()
  })
)

export type SessionFile = {
  readonly load: () => readonly Session[]
  /** Writes what `all` says by then; calls that come while it writes become one more write. */
  readonly save: (all: () => readonly Session[]) => void
  readonly close: () => Promise<void>
}

export const openSessionFile = (file: string, trouble: (error: unknown) => void): SessionFile => {
  let writing: Promise<void> | undefined
  let again: (() => readonly Session[]) | undefined

  const write = async (all: () => readonly Session[]): Promise<void> => {
    try {
      await writeFile(`${file}.new`, JSON.stringify(all()), { mode: 0o600 })
      await rename(`${file}.new`, file)
    } catch (error) {
      // A full disk must not keep anyone out: people stay signed in until the next restart.
      trouble(error)
    }
    const next = again
    again = undefined
    if (next !== undefined) await write(next)
  }
  return {
    load: () => {
      let kept: unknown
      try {
        kept = JSON.parse(readFileSync(file, 'utf8'))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') trouble(error)
        return []
      }
      return Value.Check(Kept, kept) ? kept : []
    },
    save: all => {
      if (writing !== undefined) again = all
      else
        writing = write(all).finally(() => {
          writing = undefined
        })
    },
    close: async () => writing
  }
}
