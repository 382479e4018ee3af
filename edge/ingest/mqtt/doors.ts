/**
 * The listeners, and who may come in before anything is known of them: so many in all, so many an address, so many a second,
 * and nobody who stands in the door without a word. Counts are our own: aedes' `connectedClients` drifts (fault catalogue 2.1).
 */
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { fill, newBucket, openBuckets } from './buckets.ts'
import type { RefusedWhy } from './counters.ts'
import type { Limits } from './limits.ts'

export type TlsFiles = { readonly port: number; readonly cert: string; readonly key: string; readonly ca?: string }

/** What a certificate proves that the authority of station.yaml has signed. */
export type Certified = { readonly names: readonly string[]; readonly issued_at: number }

export type Arrival = {
  readonly address: string
  readonly certified?: Certified
  /** The CONNECT has been read: no longer silent. */
  readonly greeted: () => void
}

type DoorOptions = {
  readonly host: string
  readonly port: number
  readonly tls?: TlsFiles
  readonly limits: Limits
  readonly refused: (why: RefusedWhy, address: string) => void
  readonly accepted: () => void
  readonly enter: (conn: Socket, arrival: Arrival) => void
  readonly trouble: (why: string) => void
}

export type Doors = {
  readonly port: number
  readonly tlsPort: number | undefined
  readonly close: (farewell: Promise<unknown>) => Promise<void>
}

export const openDoors = async (options: DoorOptions): Promise<Doors> => {
  const { limits, refused } = options
  const inside = new Set<Socket>()
  const perAddress = new Map<string, number>()
  const silent = new Set<Socket>()
  const pace = newBucket(limits.accepts_per_s)
  // An address may bring its whole allowance back at once: that is a station that restarted behind one gateway.
  const paces = openBuckets(limits.accepts_per_address_per_s, limits.connections_per_address)

  const whyNot = (address: string): RefusedWhy | undefined => {
    if ((perAddress.get(address) ?? 0) >= limits.connections_per_address) return 'too_many_from_address'
    if (inside.size >= limits.connections) return 'too_many_connections'
    if (fill(pace, limits.accepts_per_s, limits.accepts_per_s) < 1 || !paces.take(address)) return 'too_fast'
    pace.tokens -= 1
    return undefined
  }

  const receive = (raw: Socket): Arrival | undefined => {
    const address = addressOf(raw)
    // A socket may break before anybody listens; what follows is always 'close', which is where it is accounted for.
    raw.on('error', () => undefined)
    const why = whyNot(address)
    if (why !== undefined) {
      refused(why, address)
      raw.resetAndDestroy()
      return undefined
    }
    options.accepted()
    inside.add(raw)
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
    silent.add(raw)
    const tooLong = setTimeout(() => evict(raw, address), limits.connect_within_ms)
    const greeted = (): void => {
      clearTimeout(tooLong)
      silent.delete(raw)
    }
    raw.once('close', () => {
      greeted()
      inside.delete(raw)
      const rest = (perAddress.get(address) ?? 1) - 1
      if (rest === 0) perAddress.delete(address)
      else perAddress.set(address, rest)
    })
    const [oldest] = silent
    if (oldest !== undefined && silent.size > limits.silent_connections) evict(oldest, addressOf(oldest))
    return { address, greeted }
  }
  const evict = (raw: Socket, address: string): void => {
    refused('silent', address)
    silent.delete(raw)
    raw.destroy()
  }

  const plain = createServer({ noDelay: true }, conn => {
    const arrival = receive(conn)
    if (arrival !== undefined) options.enter(conn, arrival)
  })
  const secure = options.tls === undefined ? undefined : openTls(options.tls, options, receive)
  try {
    await listen(plain, options.host, options.port, 'MQTT')
    if (secure !== undefined && options.tls !== undefined) await listen(secure, options.host, options.tls.port, 'MQTT over TLS')
  } catch (refusal) {
    plain.close()
    throw refusal
  }
  for (const server of [plain, secure]) server?.on('error', cause => options.trouble(`MQTT listener: ${cause.message}`))

  return {
    port: portOf(plain),
    tlsPort: secure === undefined ? undefined : portOf(secure),
    // Nobody new from here on; those inside have until the farewell.
    close: async farewell => {
      const closed = [plain, secure].map(server => new Promise<void>(done => (server === undefined ? done() : server.close(() => done()))))
      await farewell
      for (const raw of inside) raw.destroy()
      await Promise.all(closed)
    }
  }
}

const openTls = (tls: TlsFiles, options: DoorOptions, receive: (raw: Socket) => Arrival | undefined): Server => {
  const arrivals = new Map<string, Arrival>()
  const server = (() => {
    try {
      return createTlsServer({
        cert: tls.cert,
        key: tls.key,
        ...(tls.ca === undefined ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: true }),
        minVersion: 'TLSv1.2',
        handshakeTimeout: options.limits.connect_within_ms,
        noDelay: true
      })
    } catch (cause) {
      throw new Error(`the MQTT certificate and its key cannot be used together: ${(cause as Error).message}`, { cause })
    }
  })()
  const nameOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`
  // First in line, so that a refused connection never costs a handshake.
  server.prependListener('connection', (raw: Socket) => {
    const arrival = receive(raw)
    if (arrival === undefined) return
    const name = nameOf(raw)
    arrivals.set(name, arrival)
    raw.once('close', () => arrivals.delete(name))
  })
  server.on('tlsClientError', (_cause, socket) => options.refused('tls', addressOf(socket)))
  server.on('secureConnection', conn => {
    const arrival = arrivals.get(nameOf(conn))
    if (arrival === undefined) conn.destroy()
    else options.enter(conn, tls.ca === undefined ? arrival : { ...arrival, certified: certifiedBy(conn) })
  })
  return server
}

/** The common name, and the names besides it. */
const certifiedBy = (conn: TLSSocket): Certified => {
  const { subject, subjectaltname = '', valid_from } = conn.getPeerCertificate()
  const others = subjectaltname.split(', ').flatMap(name => /^(?:DNS|URI):([^",]+)$/.exec(name)?.[1] ?? [])
  return { names: [...[subject?.CN ?? []].flat(), ...others], issued_at: Date.parse(valid_from) }
}

const listen = async (server: Server, host: string, port: number, what: string): Promise<void> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = reasons[cause.code ?? ''] ?? cause.message
      reject(new Error(`${what} cannot listen on ${host}:${port}: ${why}`, { cause }))
    })
    server.listen({ port, host }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not open this port; choose one above 1023'
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** One household, one address: IPv4 as it is, IPv6 by its /64, of which a single host can make as many as it likes. */
const addressOf = (socket: Socket): string => {
  const address = (socket.remoteAddress ?? 'gone').replace(/^::ffff:(?=\d+\.)/, '')
  if (!address.includes(':') || address === '::1') return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(group => group !== '')
  while (tail !== undefined && groups.length < 4) groups.push('0')
  return `${groups.slice(0, 4).join(':')}::/64`
}
