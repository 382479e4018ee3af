/** From CONNECT to the last byte: whose session it is, which one it takes the place of, and who is online. */
import type { AuthenticateError, Client, ConnectPacket } from 'aedes'
import { newBucket, openBuckets } from './buckets.ts'
import type { RefusedWhy } from './counters.ts'
import type { Account, Post, Session } from './session.ts'
import type { Code, SignIn } from './signin.ts'
import { whyDenied } from './speech.ts'
import { matcher, shown } from './topics.ts'

type HallOptions = {
  readonly post: Post
  readonly signIn: SignIn
  readonly refused: (why: RefusedWhy, address: string, username?: string) => void
  readonly closing: () => boolean
  readonly online: (device: string, online: boolean) => void
}

export const openHall = ({ post, signIn, refused, closing, online }: HallOptions) => {
  const { limits, count, tell, sessionOf } = post
  const accounts = new Map<string, Account>()
  const live = new Map<string, Session>()
  const takeovers = openBuckets(limits.takeovers_per_10_s / 10, limits.takeovers_per_10_s)
  let connections = 0

  const admit = async (session: Session, packet: ConnectPacket): Promise<void> => {
    const { conn, address, certified } = session
    const answer = await signIn.ask({
      username: packet.username,
      password: packet.password,
      client_id: packet.clientId,
      clean: packet.clean === true,
      address,
      certified,
      gone: () => conn.destroyed
    })
    if (conn.destroyed || closing()) return
    const refuse = (why: RefusedWhy, code: Code): void => {
      if (code === undefined) conn.destroy()
      else session.refusal = { why, code }
      refused(why, address, packet.username)
    }
    if ('refused' in answer) return refuse(answer.refused, answer.code)
    const { principal, session_id } = answer
    const account = accountOf(principal.id)
    const before = live.get(session_id)
    if (before === undefined && account.sessions.size >= limits.sessions_per_principal) return refuse('too_many_sessions', undefined)
    if (before !== undefined) {
      // Two clients that kick each other for ever (fault F37) end when the newcomer is told to come later.
      if (!takeovers.take(session_id)) return refuse('flapping', undefined)
      count.mqtt_takeovers_total += 1
      tell(`takeover ${account.id}`, `${account.id} connected again with the id of its own session, which ends`, { address })
      live.delete(session_id)
      before.client.close()
    }
    const publish = principal.kind === 'device' ? principal.publish : []
    session.rights = { principal, session_id, account, mayPublish: matcher(publish), mayHear: matcher(principal.subscribe) }
    account.sessions.add(session)
    live.set(session_id, session)
    settle(session, packet)
  }

  /** What aedes is told of the session: our id, always clean, a keepalive with an end, and a will only where its owner may speak. */
  const settle = (session: Session, packet: ConnectPacket): void => {
    if (session.rights === undefined) return
    packet.clientId = session.rights.session_id
    packet.clean = true
    // Bit 7 of the protocol version would have aedes pass on retain flags and hide a client's own words from it.
    Object.assign(packet, { bridgeMode: false })
    const keepalive_s = packet.keepalive ?? 0
    packet.keepalive = keepalive_s === 0 ? limits.keepalive_s : Math.min(keepalive_s, limits.keepalive_s)
    if (packet.will === undefined || whyDenied(session.rights, packet.will.topic, limits) === undefined) return
    const { id } = session.rights.account
    count.mqtt_wills_dropped_total += 1
    tell(`will ${id}`, `the last will of ${id} is dropped: it may not speak there`, { topic: shown(packet.will.topic) })
    delete packet.will
  }

  const accountOf = (id: string): Account => {
    const account = accounts.get(id) ?? {
      id,
      sessions: new Set(),
      pace: newBucket(limits.messages_burst),
      unkept: 0,
      online: false,
      quarantined: 0
    }
    accounts.set(id, account)
    return account
  }

  return {
    preConnect: (client: Client, packet: ConnectPacket, next: (error: Error | null, success: boolean) => void) => {
      const session = sessionOf(client)
      if (session === undefined) return next(new Error('a connection that did not come through the doors'), false)
      // aedes answers 1 by itself, before it asks who it is.
      if (packet.protocolVersion !== 3 && packet.protocolVersion !== 4) {
        refused('protocol_version', session.address)
        return next(null, true)
      }
      admit(session, packet).then(
        () => {
          if (!session.conn.destroyed) next(null, true)
        },
        cause => next(cause, false)
      )
    },

    /** Says what `preConnect` found, because only here does aedes answer with a CONNACK. */
    authenticate: (
      client: Client,
      _name: unknown,
      _word: unknown,
      done: (error: AuthenticateError | null, success: boolean | null) => void
    ) => {
      const session = sessionOf(client)
      if (session?.rights !== undefined && !session.revoked) return done(null, true)
      const { why, code } = session?.refusal ?? { why: 'revoked', code: 5 }
      done(Object.assign(new Error(why), { returnCode: code }), false)
    },

    ready: (client: Client): void => {
      const session = sessionOf(client)
      if (session?.rights === undefined || session.conn.destroyed) return
      const { account } = session.rights
      session.ready = true
      connections += 1
      count.mqtt_sessions_total += 1
      if (account.online) return
      account.online = true
      online(account.id, true)
    },

    leave: (session: Session): void => {
      if (session.ready) connections -= 1
      if (session.rights === undefined) return
      const { account, session_id } = session.rights
      account.sessions.delete(session)
      if (live.get(session_id) === session) live.delete(session_id)
      // A session that took over is already among them: the device was never away.
      if (account.sessions.size > 0 || !account.online) return
      account.online = false
      online(account.id, false)
    },

    drop: (id: string): void => {
      signIn.outdate(id)
      for (const session of accounts.get(id)?.sessions ?? []) {
        session.revoked = true
        session.client.close()
      }
    },
    account: (id: string): Account | undefined => accounts.get(id),
    connections: () => connections
  }
}
