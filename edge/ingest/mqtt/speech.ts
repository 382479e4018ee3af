/**
 * Who may say and hear what. The rights are asked three times, when something is published, subscribed and passed on, because aedes
 * forgets them in between (fault catalogue 1, case E).
 *
 * A denied message is acknowledged, counted and shown, never answered with an error: aedes would close the connection, the device
 * would connect and send the same again, and its good messages behind it would never pass (fault F45).
 */
import type { AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes'
import type { Clock, Heard } from '../../ports.ts'
import { fill } from './buckets.ts'
import type { QuarantinedWhy } from './counters.ts'
import type { Keeping } from './keeping.ts'
import type { Limits } from './limits.ts'
import type { Account, Post, Rights, Session } from './session.ts'
import { covers, shown, unroutable, whyBadFilter, whyOddTopic } from './topics.ts'

export type Quarantined = {
  readonly at: number
  readonly device: string
  readonly topic: string
  readonly reason: QuarantinedWhy
  readonly why: string
}
type Denied = { readonly reason: QuarantinedWhy; readonly why: string }

/** A packet as aedes' parser gives it. */
export type Wire =
  | Said
  | { readonly cmd: 'subscribe'; readonly subscriptions: Subscription[] }
  | { readonly cmd: 'unsubscribe'; readonly unsubscriptions: string[] }
  | { readonly cmd: 'pingreq' }
type Said = PublishPacket & { odd_topic?: string }

/** `$` is closed to subscribers, so what is sent here reaches nobody. */
const nowhere = '$quarantine'
const nothing = Buffer.alloc(0)
const ring_size = 50
const good_topics = 64

type SpeechOptions = {
  readonly post: Post
  readonly clock: Clock
  readonly keeping: Keeping
  readonly hear: (heard: Heard) => Promise<void>
  readonly closing: () => boolean
}

export const openSpeech = ({ post, clock, keeping, hear, closing }: SpeechOptions) => {
  const { limits, count, tell, sessionOf } = post
  const ring: Quarantined[] = []

  const quarantine = (account: Account, packet: PublishPacket, topic: string, { reason, why }: Denied): void => {
    count[`mqtt_quarantined_${reason}_total`] += 1
    account.quarantined += 1
    const entry = { at: clock.now(), device: account.id, topic: shown(topic), reason, why }
    ring.push(entry)
    if (ring.length > ring_size) ring.shift()
    tell(`quarantined ${account.id}`, `a message of ${account.id} is quarantined: ${why}`, { topic: entry.topic })
    silence(packet)
  }

  /** One message that its hearer cannot bear must not stop the station at each retry: it counts as not kept, with its cause in the log. */
  const heard = (message: Heard): Promise<void> => {
    try {
      return hear(message)
    } catch (cause) {
      return Promise.reject(cause)
    }
  }

  /** QoS 0 above the rate is let go, which is what QoS 0 says. QoS 1 and 2 were slowed down before they came here: see broker.ts. */
  const tooFast = ({ id, pace }: Account): boolean => {
    if (fill(pace, limits.messages_per_s, limits.messages_burst) >= 1) {
      pace.tokens -= 1
      return false
    }
    count.mqtt_rate_limited_total += 1
    tell(`rate ${id}`, `${id} sends more than ${limits.messages_per_s} messages a second; at QoS 0 the rest is let go`)
    return true
  }

  const mayAsk = (session: Session, filter: string): boolean =>
    session.rights !== undefined &&
    !session.revoked &&
    (session.filters.size < limits.filters || session.filters.has(filter)) &&
    whyBadFilter(filter, limits) === undefined &&
    covers(session.rights.principal.subscribe, filter)

  return {
    /**
     * Before aedes sees the packet: for these topics and filters it would close the connection, and the loop of fault F45 begins.
     * Every refused filter gets a name of its own, because aedes answers equal filters once and the client counts the answers.
     */
    tame: (session: Session, packet: Wire): void => {
      if (packet.cmd === 'publish') {
        if (session.good.has(packet.topic) || !unroutable(packet.topic)) return
        packet.odd_topic = packet.topic
        packet.topic = nowhere
      } else if (packet.cmd === 'subscribe') {
        for (const [i, filter] of packet.subscriptions.entries()) if (!mayAsk(session, filter.topic)) filter.topic = `$refused/${i}`
      } else if (packet.cmd === 'unsubscribe') {
        for (const [i, filter] of packet.unsubscriptions.entries()) if (!session.filters.has(filter)) packet.unsubscriptions[i] = '$refused'
      }
    },

    /** The last moment before aedes acknowledges (fault catalogue 1.1). A last will passes here too, after its connection has gone. */
    authorizePublish: (client: Client | null, packet: Said, done: (error?: Error | null) => void) => {
      const session = client === null ? undefined : sessionOf(client)
      const rights = session?.rights
      if (session === undefined || rights === undefined || session.revoked || closing()) return done(new Error('the session has ended'))
      const { account } = rights
      packet.retain = false
      if (packet.qos === 0 && tooFast(account)) {
        silence(packet)
        return done(null)
      }
      const topic = packet.odd_topic ?? packet.topic
      if (!session.good.has(topic)) {
        const denied = whyDenied(rights, topic, limits)
        if (denied !== undefined) {
          quarantine(account, packet, topic, denied)
          return done(null)
        }
        if (session.good.size < good_topics) session.good.add(topic)
      }
      count.mqtt_messages_total += 1
      const payload = packet.payload as Buffer
      const kept = heard({ device: account.id, topic, payload, at: clock.now() })
      if (packet.qos > 0 && !session.client.closed) return keeping.acknowledgeWhen(kept, session.reader, account, packet, done)
      kept.catch(keeping.failed)
      done(null)
    },

    authorizeSubscribe: (
      client: Client,
      subscription: Subscription,
      done: (error: Error | null, granted?: Subscription | null) => void
    ) => {
      const session = sessionOf(client)
      if (session === undefined || !mayAsk(session, subscription.topic)) {
        count.mqtt_subscriptions_refused_total += 1
        return done(null, null)
      }
      session.filters.add(subscription.topic)
      done(null, subscription)
    },

    authorizeForward: (client: Client, packet: AedesPublishPacket): AedesPublishPacket | null => {
      const session = sessionOf(client)
      if (session?.rights === undefined || session.revoked || packet.topic.startsWith('$') || !session.rights.mayHear(packet.topic))
        return null
      // One who takes nothing is cut after drain_ms; until then it may not fill the memory.
      if (session.conn.writableLength > limits.subscriber_bytes) {
        count.mqtt_forward_dropped_total += 1
        return null
      }
      return packet
    },

    unsubscribed: (filters: readonly string[], client: Client): void => {
      for (const filter of filters) sessionOf(client)?.filters.delete(filter)
    },
    quarantined: (): readonly Quarantined[] => [...ring]
  }
}

/** Acknowledged and gone: aedes will route it to nobody. */
const silence = (packet: PublishPacket): void => {
  packet.topic = nowhere
  packet.payload = nothing
}

export const whyDenied = (rights: Rights, topic: string, limits: Limits): Denied | undefined => {
  if (topic.startsWith('$')) return { reason: 'reserved_topic', why: 'topics that begin with $ are closed' }
  const odd = whyOddTopic(topic, limits)
  if (odd !== undefined) return { reason: 'odd_topic', why: odd }
  if (rights.principal.kind === 'machine') return { reason: 'read_only', why: 'machine accounts only read' }
  return rights.mayPublish(topic) ? undefined : { reason: 'foreign_topic', why: 'not a topic of this device' }
}
