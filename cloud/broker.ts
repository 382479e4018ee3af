/**
 * The broker that stations speak to: each with its own password and client id, each below its own topics, nothing retained.
 *
 * It is transport only. A message is handed on inside `authorizePublish` and read there; no subscriber ever hears an `up/` topic.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { largest_message_bytes } from '../edge/domain/uplink.ts'
import { guarded } from './frame-guard.ts'

export type BrokerOptions = {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly cert_file: string; readonly key_file: string }
  readonly stations: readonly { readonly id: string; readonly password: string }[]
  /** A message of a station, after the guard: who said it is certain, and the topic is its own (`hello`, `red/batch` …). */
  readonly hear: (station: string, what: string, payload: Buffer) => void
  readonly refused: (line: { readonly who: string; readonly why: string }) => void
}
export type Broker = {
  readonly port: number
  readonly publish: (topic: string, payload: string) => void
  readonly online: (station: string) => boolean
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

const largest_packet_bytes = 4 * largest_message_bytes
const spare_connections = 64
const check_suffix = '-check'
const refusals_before_pause = 20
const pause_ms = 60_000
const most_addresses_watched = 1_000
/** Where a denied message goes: nobody may subscribe there. It is acknowledged, because an error makes a client send it for ever. */
const quarantine = 'quarantine'

export const openBroker = async (options: BrokerOptions): Promise<Broker> => {
  const key = randomBytes(32)
  const seal = (password: string | Buffer): Buffer => createHmac('sha256', key).update(password).digest()
  const passwords = new Map(options.stations.map(({ id, password }) => [id, seal(password)]))
  const stations = new WeakMap<Client, string>()
  const addresses = new WeakMap<object, string>()
  const failures = new Map<string, { count: number; since: number }>()
  const counted = { sign_ins_refused_total: 0, frames_refused_total: 0, quarantined_total: 0, messages_total: 0, message_bytes_total: 0 }

  const mayTry = (address: string): boolean => {
    const failed = failures.get(address)
    if (failed === undefined) return true
    if (Date.now() - failed.since > pause_ms) failures.delete(address)
    return failed.count < refusals_before_pause || !failures.has(address)
  }
  const failed = (address: string, who: string, why: string): AuthenticateError => {
    counted.sign_ins_refused_total++
    const known = failures.get(address) ?? { count: 0, since: Date.now() }
    if (failures.size < most_addresses_watched || failures.has(address)) failures.set(address, { ...known, count: known.count + 1 })
    options.refused({ who, why })
    return Object.assign(new Error(why), { returnCode: 4 })
  }

  const aedes = new Aedes({
    drainTimeout: 2_000,
    connectTimeout: 5_000,
    keepaliveLimit: 120,
    maxTopicLevels: 6,
    maxInflightInbound: 16,
    preConnect: (client, packet, done) => {
      packet.clean = true
      // The will is bound by the same rule as every other message: authorizePublish sees it when it is sent.
      if (packet.will) packet.will.retain = false
      done(null, mayTry(addresses.get(client.conn) ?? ''))
    },
    authenticate: (client, username, password, done) => {
      const address = addresses.get(client.conn) ?? ''
      const who = String(username ?? '').slice(0, 64)
      const expected = passwords.get(who)
      const matches = expected !== undefined && password !== undefined && timingSafeEqual(expected, seal(password))
      if (!matches) done(failed(address, who, 'unknown station or wrong password'), null)
      else if (client.id === `${who}${check_suffix}`)
        // `qianshao-edge check` tries the password beside a running station: let in, heard by nobody, hears nothing.
        done(null, true)
      else if (client.id !== who) done(failed(address, who, 'the client id is not the station’s own'), null)
      else {
        stations.set(client, who)
        done(null, true)
      }
    },
    authorizePublish: (client, packet, done) => {
      packet.retain = false
      const station = client === null ? undefined : stations.get(client)
      const own = station === undefined ? undefined : `up/${station}/`
      if (station === undefined || own === undefined || !packet.topic.startsWith(own)) {
        counted.quarantined_total++
        if (station !== undefined) options.refused({ who: station, why: `published to ${packet.topic.slice(0, 80)}, which is not its own` })
        packet.topic = quarantine
        packet.payload = ''
      } else {
        counted.messages_total++
        counted.message_bytes_total += packet.payload.length
        options.hear(station, packet.topic.slice(own.length), packet.payload as Buffer)
      }
      done()
    },
    authorizeSubscribe: (client, subscription, done) => {
      const station = stations.get(client)
      done(null, station !== undefined && isBelow(subscription.topic, `down/${station}/`) ? subscription : null)
    },
    authorizeForward: (client, packet) => {
      const station = stations.get(client)
      return station !== undefined && packet.topic.startsWith(`down/${station}/`) ? packet : null
    }
  })
  await aedes.listen()
  // A client that breaks off or misbehaves is its own trouble; aedes reports it here, or it would be thrown.
  aedes.on('clientError', () => {})
  aedes.on('connectionError', () => {})

  const accept = (socket: Socket): void => {
    const stream = guarded(socket, largest_packet_bytes, why => {
      counted.frames_refused_total++
      options.refused({ who: socket.remoteAddress ?? 'unknown', why })
    })
    addresses.set(stream, socket.remoteAddress ?? '')
    socket.setNoDelay(true)
    aedes.handle(stream)
  }
  const server: Server = options.tls
    ? createTlsServer(
        {
          cert: readFileSync(options.tls.cert_file),
          key: readFileSync(options.tls.key_file),
          minVersion: 'TLSv1.2',
          handshakeTimeout: 5_000
        },
        accept
      )
    : createServer(accept)
  server.maxConnections = options.stations.length * 2 + spare_connections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })

  const clients = (): Readonly<Record<string, Client>> => (aedes as unknown as { clients: Record<string, Client> }).clients
  return {
    port: (server.address() as AddressInfo).port,
    publish: (topic, payload) =>
      aedes.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false }, () => {}),
    online: station => clients()[station] !== undefined,
    counters: () => ({ ...counted }),
    close: async () => {
      const ended = new Promise<void>(resolve => server.close(() => resolve()))
      await new Promise<void>(resolve => aedes.close(() => resolve()))
      await ended
    }
  }
}

/** True when every topic that the filter can match lies below `own`. */
const isBelow = (filter: string, own: string): boolean => filter.startsWith(own) && filter.length <= 128
