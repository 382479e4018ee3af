/** Who is signed in: opaque ids kept here and nowhere else, and the doors that close after too many wrong passwords. */
import { createHash, randomBytes } from 'node:crypto'
import { unsetClock } from '../clock.ts'
import type { Clock } from '../ports.ts'
import type { SessionFile } from './session-file.ts'

/** A duty shift without a touch ends it; a day ends it in any case. */
export const idle_ms = 12 * 3_600_000
export const absolute_ms = 24 * 3_600_000
const most_sessions = 2_000

export type Session = {
  readonly id: string
  readonly name: string
  readonly since: number
  readonly address: string
  readonly agent: string
  seen: number
}

export type Sessions = {
  readonly start: (name: string, address: string, agent: string) => Session
  /** The live session of that id, or nothing; `touch` counts as a sign of the person. */
  readonly find: (id: string, touch?: boolean) => Session | undefined
  readonly end: (id: string) => void
  readonly count: () => number
}

/** How often a sign of the person is written down: after a power cut a shift may seem this much longer idle. */
const written_every_ms = 60_000

export const openSessions = (wall: Clock, file?: SessionFile): Sessions => {
  // A shift lasts as long as it lasts: nobody is signed out because the clock was put forward.
  const clock = unsetClock(wall)
  const all = new Map<string, Session>(file?.load().map(session => [session.id, session]))
  let written = clock.now()
  const changed = (): void => {
    written = clock.now()
    file?.save(() => [...all.values()])
  }
  // Kept by hash: a heap dump or a log of the map holds nothing that signs anyone in.
  const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64url')
  return {
    start: (name, address, agent) => {
      const id = randomBytes(32).toString('base64url')
      const now = clock.now()
      // Bounded: the session that was started first is let go first.
      if (all.size >= most_sessions) for (const oldest of all.keys()) if (all.delete(oldest)) break
      const session: Session = { id: keyOf(id), name, since: now, address, agent, seen: now }
      all.set(session.id, session)
      changed()
      return { ...session, id }
    },
    find: (id, touch = true) => {
      const session = all.get(keyOf(id))
      if (session === undefined) return undefined
      const now = clock.now()
      if (now - session.seen > idle_ms || now - session.since > absolute_ms) {
        all.delete(session.id)
        changed()
        return undefined
      }
      if (touch) session.seen = now
      if (touch && now - written > written_every_ms) changed()
      return session
    },
    end: id => {
      if (all.delete(keyOf(id))) changed()
    },
    count: () => all.size
  }
}

const locked_ms = 15 * 60_000
const most_doors = 10_000

/** Counts failures per door (account and address, or address alone); a door with `limit` of them in 15 min is locked that long. */
export type Doors = {
  readonly locked: (door: string) => boolean
  readonly fail: (door: string) => void
  /** That attempt was no failure after all. */
  readonly forgive: (door: string) => void
  readonly open: (door: string) => void
}

export const openDoors = (clock: Clock, limit: number): Doors => {
  const doors = new Map<string, { failures: number; until: number }>()
  const at = (door: string) => {
    const found = doors.get(door)
    if (found !== undefined && found.until <= clock.now()) {
      doors.delete(door)
      return undefined
    }
    return found
  }
  return {
    locked: door => (at(door)?.failures ?? 0) >= limit,
    fail: door => {
      const failures = (at(door)?.failures ?? 0) + 1
      doors.delete(door)
      // Bounded: the door tried longest ago is forgotten first.
      if (doors.size >= most_doors) for (const oldest of doors.keys()) if (doors.delete(oldest)) break
      doors.set(door, { failures, until: clock.now() + locked_ms })
    },
    forgive: door => {
      const found = at(door)
      if (found !== undefined) found.failures--
    },
    open: door => void doors.delete(door)
  }
}
