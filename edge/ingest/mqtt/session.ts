/** One connection and the one who speaks on it; what the parts of the broker know of both. */

import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Client } from 'aedes'
import type { Principal } from '../../ports.ts'
import type { Bucket } from './buckets.ts'
import { newBucket } from './buckets.ts'
import type { Counter, RefusedWhy } from './counters.ts'
import type { Arrival, Certified } from './doors.ts'
import type { Reader } from './keeping.ts'
import type { Limits } from './limits.ts'

/** One principal, whatever sessions it has: a reconnect brings no new allowance. */
export type Account = {
  readonly id: string
  readonly sessions: Set<Session>
  readonly pace: Bucket
  unkept: number
  online: boolean
  quarantined: number
}

export type Rights = {
  readonly principal: Principal
  readonly session_id: string
  readonly account: Account
  readonly mayPublish: (topic: string) => boolean
  readonly mayHear: (topic: string) => boolean
}

export type Session = {
  readonly conn: Socket
  readonly client: Wired
  readonly address: string
  readonly certified: Certified | undefined
  /** How fast its frames are read, whatever they are. */
  readonly work: Bucket
  readonly reader: Reader
  /** Topics found good before; a device has a handful. */
  readonly good: Set<string>
  readonly filters: Set<string>
  rights: Rights | undefined
  refusal: { readonly why: RefusedWhy; readonly code: number } | undefined
  ready: boolean
  revoked: boolean
}

/** aedes 1.2.0 on the inside, where its public surface does not reach; the fault tests notice when that moves. */
export type Wired = Client & { readonly _parser: EventEmitter; readonly connackSent: boolean }

/** What every part of the broker has at hand. */
export type Post = {
  readonly limits: Limits
  readonly count: Record<Counter, number>
  /** A line in the log, not too many of a kind. */
  readonly tell: (kind: string, message: string, fields?: object) => void
  readonly sessionOf: (client: Client) => Session | undefined
}

export const newSession = (
  conn: Socket,
  client: Wired,
  { address, certified }: Pick<Arrival, 'address' | 'certified'>,
  reading: Pick<Reader, 'wake' | 'puback'>,
  limits: Limits
): Session => {
  const session: Session = {
    conn,
    client,
    address,
    certified,
    work: newBucket(2 * limits.work_per_s),
    reader: { ...reading, acks: [], gone: () => client.closed, ledger: () => session.rights?.account },
    good: new Set(),
    filters: new Set(),
    rights: undefined,
    refusal: undefined,
    ready: false,
    revoked: false
  }
  return session
}
