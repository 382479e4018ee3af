/** Who may sign in at the cloud: passwords from files, held only as scrypt; sessions held only here; a door that closes after too many tries. */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Clock } from './clock.ts'

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number, options: object) => Promise<Buffer>
/** 32 MB and about 80 ms a try: OWASP's second choice, so that a few at once do not fill a small machine. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

const tries = 5
const locked_ms = 15 * 60_000
const most_doors = 10_000
const most_sessions = 2_000
const idle_ms = 12 * 3_600_000
const absolute_ms = 24 * 3_600_000

export type Session = { readonly name: string; readonly roles: readonly string[]; readonly since: number; seen: number }
export type SignIn =
  | { readonly id: string; readonly session: Session }
  | { readonly refused: 'wrong_name_or_password' | 'too_many_attempts' }

/** The secret is the file's text without the line's end. */
export const secretFrom = (file: string): string => {
  const secret = readFileSync(file, 'utf8').trimEnd()
  if (secret === '') throw new Error(`${file} is empty; it should hold the password`)
  return secret
}

export const openAccounts = async (
  users: readonly { readonly name: string; readonly password: string; readonly roles: readonly string[] }[],
  clock: Clock
) => {
  const accounts = new Map<string, { salt: Buffer; hash: Buffer; roles: readonly string[] }>()
  for (const { name, password, roles } of users) {
    const salt = randomBytes(16)
    accounts.set(name, { salt, hash: await derive(password, salt, 32, cost), roles })
  }
  // An unknown name costs as much time as a known one.
  const nobody = { salt: randomBytes(16), hash: randomBytes(32), roles: [] }
  const doors = new Map<string, { count: number; since: number }>()
  const sessions = new Map<string, Session>()
  const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64url')
  let refused_total = 0

  const isLocked = (door: string): boolean => {
    const known = doors.get(door)
    if (known !== undefined && clock.now() - known.since >= locked_ms) doors.delete(door)
    return (doors.get(door)?.count ?? 0) >= tries
  }
  const fail = (door: string): void => {
    const known = doors.get(door) ?? { count: 0, since: clock.now() }
    if (doors.size >= most_doors && !doors.has(door)) for (const oldest of doors.keys()) if (doors.delete(oldest)) break
    doors.set(door, { ...known, count: known.count + 1 })
    refused_total++
  }

  return {
    signIn: async (name: string, password: string, address: string): Promise<SignIn> => {
      const door = `${name} ${address}`
      if (isLocked(door)) return { refused: 'too_many_attempts' }
      // Counted before the slow check, so that many tries at once do not all pass the lock.
      fail(door)
      const account = accounts.get(name)
      const { salt, hash, roles } = account ?? nobody
      const given = await derive(password, salt, 32, cost)
      if (!timingSafeEqual(given, hash) || account === undefined) return { refused: 'wrong_name_or_password' }
      doors.delete(door)
      refused_total--
      if (sessions.size >= most_sessions) for (const oldest of sessions.keys()) if (sessions.delete(oldest)) break
      const id = randomBytes(32).toString('base64url')
      const session: Session = { name, roles, since: clock.now(), seen: clock.now() }
      sessions.set(keyOf(id), session)
      return { id, session }
    },
    /** `touch` counts as a sign of the person; a screen that only listens is none. */
    session: (id: string, touch = true): Session | undefined => {
      const session = sessions.get(keyOf(id))
      if (session === undefined) return undefined
      const now = clock.now()
      if (now - session.seen > idle_ms || now - session.since > absolute_ms) {
        sessions.delete(keyOf(id))
        return undefined
      }
      if (touch) session.seen = now
      return session
    },
    signOut: (id: string): void => {
      sessions.delete(keyOf(id))
    },
    counters: () => ({ user_sign_ins_refused_total: refused_total })
  }
}
export type Accounts = Awaited<ReturnType<typeof openAccounts>>
