/**
 * The devices' way in: aedes behind a guard. Who connects has proved who it is; what it says is its own, and on disk before it is
 * acknowledged; what it hears it may hear. Nothing anybody sends can stop the others: limits.ts says where every queue ends.
 *
 * doors (who may knock) → frames (how much is read) → hall (who it is) → speech (what may be said and heard) → keeping (the PUBACK).
 */
import type { Socket } from 'node:net'
import { Aedes, type Client } from 'aedes'
import type { Broker, Clock, Heard } from '../ports.ts'
import { fill, openBuckets } from './mqtt/buckets.ts'
import { newCounters, type RefusedWhy } from './mqtt/counters.ts'
import { type Arrival, openDoors, type TlsFiles } from './mqtt/doors.ts'
import { guardFrames } from './mqtt/frames.ts'
import { openHall } from './mqtt/hall.ts'
import { openKeeping, openPubacks } from './mqtt/keeping.ts'
import { defaultLimits, type Limits } from './mqtt/limits.ts'
import { openMemory } from './mqtt/memory.ts'
import { openOutbox } from './mqtt/outbox.ts'
import { newSession, type Post, type Session, type Wired } from './mqtt/session.ts'
import { type Authenticate, openSignIn } from './mqtt/signin.ts'
import { openSpeech, type Quarantined, type Wire } from './mqtt/speech.ts'
import { shown } from './mqtt/topics.ts'

export type BrokerOptions = {
  readonly clock: Clock
  readonly host: string
  readonly port: number
  readonly tls?: TlsFiles
  readonly limits?: Partial<Limits>
  /** undefined = refused. */
  readonly authenticate: Authenticate
  /** Is this the name of some principal? Nobody else may use it as a client id. */
  readonly isKnown: (id: string) => boolean
  /** Called at once on arrival, so that rules run before the disk; resolves when kept, and the PUBACK waits for that. */
  readonly hear: (heard: Heard) => Promise<void>
  readonly log: (message: string, fields?: object) => void
  readonly onOnline?: (principal: string, online: boolean) => void
}

export type MqttBroker = Broker & {
  /** The last 50 messages that were taken and not passed on, newest last. */
  readonly quarantined: () => readonly Quarantined[]
  readonly quarantinedOf: (device: string) => number
}

const farewell_ms = 1000

export const openBroker = async (options: BrokerOptions): Promise<MqttBroker> => {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const count = newCounters()
  const sessions = new WeakMap<Client, Session>()
  let closed: Promise<void> | undefined
  const closing = (): boolean => closed !== undefined

  // A few lines of a kind, then one every ten seconds: a flood of refusals must not become a flood of logs. The counters tell how often.
  const lines = openBuckets(0.1, 5)
  const tell = (kind: string, message: string, fields?: object): void => {
    if (lines.take(kind)) options.log(message, fields)
  }
  const refused = (why: RefusedWhy, address: string, username?: string): void => {
    count[`mqtt_refused_${why}_total`] += 1
    tell(`refused ${why}`, `MQTT connection refused: ${why}`, username === undefined ? { address } : { address, username: shown(username) })
  }
  const post: Post = { limits, count, tell, sessionOf: client => sessions.get(client) }

  const memory = openMemory(limits.retained_topics, () => {
    count.mqtt_retained_dropped_total += 1
  })
  const keeping = openKeeping({
    ...limits,
    failed: cause => {
      count.mqtt_unkept_total += 1
      tell('unkept', `a device's message could not be kept: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  })
  const signIn = openSignIn({ ...options, limits, trouble: why => tell('sign-in', why) })
  const hall = openHall({ post, signIn, refused, closing, online: (device, online) => options.onOnline?.(device, online) })
  const speech = openSpeech({ post, clock: options.clock, keeping, hear: options.hear, closing })

  const aedes = await Aedes.createBroker({
    persistence: memory.aedesAsks,
    // No shared window: with aedes' default of 100 one frozen subscriber holds up every topic (fault F34). speech.ts bounds each by itself.
    concurrency: 0,
    drainTimeout: limits.drain_ms,
    connectTimeout: limits.connect_within_ms,
    maxInflightInbound: limits.qos2_open,
    maxClientsIdLength: 1000,
    preConnect: hall.preConnect,
    authenticate: hall.authenticate,
    authorizePublish: speech.authorizePublish,
    authorizeSubscribe: speech.authorizeSubscribe,
    authorizeForward: speech.authorizeForward
  })
  aedes.on('clientReady', hall.ready)
  aedes.on('unsubscribe', speech.unsubscribed)
  aedes.on('keepaliveTimeout', () => {
    count.mqtt_keepalive_timeouts_total += 1
  })
  const broke = (client: Client, error: Error & { readonly code?: string; readonly errorCode?: number }): void => {
    // aedes tells it again for every write that was waiting.
    if (client.closed) return
    if (error.message === 'drain timeout') count.mqtt_frozen_total += 1
    // Lines that break and refusals have a code and are counted elsewhere; the rest did not speak MQTT.
    else if (error.code === undefined && error.errorCode === undefined && !spoken.has(error.message)) count.mqtt_protocol_errors_total += 1
  }
  aedes.on('clientError', broke)
  aedes.on('connectionError', broke)

  const enter = (conn: Socket, arrival: Arrival): void => {
    const wake = guardFrames(conn, {
      ...limits,
      open: () => !closing() && session.client.connackSent && keeping.mayRead(session.reader),
      wait_ms: (work, keptPublish) => waitOf(session, work, keptPublish, limits),
      connectRead: arrival.greeted,
      held: () => {
        count.mqtt_held_total += 1
      },
      refuse: why => refused(why, arrival.address)
    })
    const client = aedes.handle(conn) as Wired
    const puback = openPubacks(conn, () => {
      count.mqtt_frozen_total += 1
    })
    const session = newSession(conn, client, arrival, { wake, puback }, limits)
    sessions.set(client, session)
    client._parser.prependListener('packet', (packet: Wire) => speech.tame(session, packet))
    conn.once('close', () => hall.leave(session))
  }

  const say = openOutbox({
    messages: limits.outbox_messages,
    bytes: limits.outbox_bytes,
    letGo: () => {
      count.mqtt_publish_dropped_total += 1
    },
    send: ({ topic, payload }) => {
      count.mqtt_published_total += 1
      // QoS 0: aedes never sends again on a live line, so QoS 1 would promise nothing more; what must arrive waits in the station.
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, error => {
        if (error) tell('publish', `the station could not say something: ${error.message}`, { topic: shown(topic) })
      })
    }
  })

  const doors = await openDoors({
    ...options,
    limits,
    refused,
    enter,
    accepted: () => {
      count.mqtt_accepted_total += 1
    },
    trouble: why => tell('doors', why)
  }).catch(async cause => {
    await new Promise<void>(resolve => aedes.close(resolve))
    throw cause
  })

  const end = async (): Promise<void> => {
    // What has been taken in is still acknowledged when the disk is quick enough; what is not, comes again.
    const farewell = Promise.race([keeping.settled(), pause(farewell_ms)]).then(() => new Promise<void>(resolve => aedes.close(resolve)))
    await doors.close(farewell)
  }

  return {
    port: doors.port,
    tlsPort: doors.tlsPort,
    publish: (topic, payload, retain = false) => {
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
      if (retain && !ofItself.test(topic)) throw new Error(`only what the station says of itself is retained, not ${topic}`)
      if (retain) memory.retain(topic, bytes)
      if (!closing()) say({ topic, payload: bytes })
    },
    drop: hall.drop,
    online: device => hall.account(device)?.online ?? false,
    quarantined: speech.quarantined,
    quarantinedOf: device => hall.account(device)?.quarantined ?? 0,
    counters: () => ({ ...count, mqtt_connections: hall.connections(), mqtt_retained_topics: memory.size() }),
    close: () => {
      closed ??= end()
      return closed
    }
  }
}
/** Its own topics, and those of a Sparkplug host application. */
const ofItself = /^(station|STATE|spBv1\.0\/STATE)\//
const spoken = new Set(['connection closed', 'keep alive timeout', 'the session has ended', 'not kept', 'connect did not arrive in time'])

/**
 * QoS 1 and 2 above the rate are not dropped, for their acknowledgement would be a lie, nor acknowledged late, for they would have to
 * wait in our memory: the socket is read at the rate instead, and TCP tells the sender. In steps of 100 ms, so that a flood wakes us
 * ten times a second and not two hundred.
 */
const waitOf = (session: Session, work: number, keptPublish: boolean, limits: Limits): number => {
  const now = performance.now()
  if (fill(session.work, limits.work_per_s, 2 * limits.work_per_s, now) <= 0) return 50
  const pace = session.rights?.account.pace
  if (keptPublish && pace !== undefined) {
    if (fill(pace, limits.messages_per_s, limits.messages_burst, now) < 1) return 100
    pace.tokens -= 1
  }
  session.work.tokens -= work
  return 0
}

const pause = (ms: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, ms).unref()
  })
