import { type Socket, connect as tcp } from 'node:net'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import mqttPacket, { type IConnackPacket, type Packet } from 'mqtt-packet'
import { realClock } from '../../edge/clock.ts'
import { type BrokerOptions, type MqttBroker, openBroker } from '../../edge/ingest/broker.ts'
import type { Heard, Principal } from '../../edge/ports.ts'

/** A device may speak and hear below its own name; a machine account hears what the station says. Every password is the name. */
export const device = (id: string, more?: { readonly client_id?: string; readonly subscribe?: readonly string[] }): Principal => ({
  kind: 'device',
  id,
  publish: [`devices/${id}/#`],
  subscribe: [`devices/${id}/#`],
  ...more
})
export const machine = (id: string, ...subscribe: readonly string[]): Principal => ({ kind: 'machine', id, subscribe })

export type TestBroker = {
  readonly broker: MqttBroker
  readonly heard: Heard[]
  readonly said: string[]
  readonly online: string[]
  readonly principals: Map<string, Principal>
  readonly count: (name: string) => number
  readonly client: (id: string, options?: IClientOptions) => MqttClient
  readonly raw: (options?: { readonly from?: string }) => Promise<RawClient>
}

/** A real broker on a free port, which hears into `heard` at once unless told otherwise. */
export const openTestBroker = async (
  t: { readonly teardown: (end: () => unknown) => unknown },
  who: readonly Principal[],
  options: Partial<BrokerOptions> = {}
): Promise<TestBroker> => {
  const principals = new Map(who.map(principal => [principal.id, principal]))
  const heard: Heard[] = []
  const said: string[] = []
  const online: string[] = []
  const broker = await openBroker({
    clock: realClock,
    host: '127.0.0.1',
    port: 0,
    authenticate: async (name, password) => (Buffer.from(password).toString() === name ? principals.get(name) : undefined),
    isKnown: id => principals.has(id),
    hear: async message => {
      heard.push(message)
    },
    log: (message, fields) => said.push(`${message} ${JSON.stringify(fields ?? {})}`),
    onOnline: (id, now) => online.push(`${id} ${now ? 'online' : 'offline'}`),
    ...options
  })
  t.teardown(() => broker.close())
  return {
    broker,
    heard,
    said,
    online,
    principals,
    count: name => {
      const value = broker.counters()[name]
      if (value === undefined) throw new Error(`the broker has no counter ${name}`)
      return value
    },
    client: (id, more) => {
      const client = mqtt.connect({
        host: '127.0.0.1',
        port: broker.port,
        username: id,
        password: id,
        clientId: id,
        reconnectPeriod: 0,
        ...more
      })
      // Tests look at outcomes; a refused connection is one.
      client.on('error', () => undefined)
      t.teardown(() => client.end(true))
      return client
    },
    raw: async more => {
      const raw = await openRaw(broker.port, more?.from)
      t.teardown(() => raw.socket.destroy())
      return raw
    }
  }
}

export type RawClient = {
  readonly socket: Socket
  readonly got: Packet[]
  readonly send: (...packets: readonly (Packet | Buffer)[]) => void
  readonly closed: () => boolean
  /** Signs in and answers the CONNACK, or undefined when the line was closed without one. */
  readonly hello: (id: string, more?: object) => Promise<IConnackPacket | undefined>
  readonly next: <Cmd extends Packet['cmd']>(cmd: Cmd, within_ms?: number) => Promise<Extract<Packet, { cmd: Cmd }> | undefined>
}

/** MQTT by hand, for what no decent client would send. */
export const openRaw = async (port: number, from = '127.0.0.1'): Promise<RawClient> => {
  const socket = tcp({ host: '127.0.0.1', port, localAddress: from, noDelay: true })
  const got: Packet[] = []
  const unread: Packet[] = []
  const parser = mqttPacket.parser()
  parser.on('packet', packet => {
    got.push(packet)
    unread.push(packet)
    socket.emit('packet')
  })
  socket.on('data', bytes => parser.parse(bytes))
  socket.on('error', () => undefined)
  await new Promise<void>(resolve => {
    socket.once('connect', resolve)
    socket.once('close', () => resolve())
  })
  const next = async <Cmd extends Packet['cmd']>(cmd: Cmd, within_ms = 5000): Promise<Extract<Packet, { cmd: Cmd }> | undefined> => {
    const deadline = performance.now() + within_ms
    for (;;) {
      const found = unread.findIndex(packet => packet.cmd === cmd)
      if (found >= 0) return unread.splice(found, 1)[0] as Extract<Packet, { cmd: Cmd }>
      if (socket.destroyed || performance.now() > deadline) return undefined
      await new Promise<void>(resolve => {
        const go = (): void => {
          clearTimeout(timer)
          socket.off('packet', go)
          socket.off('close', go)
          resolve()
        }
        const timer = setTimeout(go, Math.max(1, deadline - performance.now()))
        socket.once('packet', go)
        socket.once('close', go)
      })
    }
  }
  const send = (...packets: readonly (Packet | Buffer)[]): void => {
    socket.write(Buffer.concat(packets.map(packet => (Buffer.isBuffer(packet) ? packet : mqttPacket.generate(packet)))))
  }
  return {
    socket,
    got,
    send,
    closed: () => socket.destroyed,
    hello: async (id, more) => {
      send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: id,
        keepalive: 60,
        username: id,
        password: Buffer.from(id),
        ...more
      })
      return next('connack')
    },
    next
  }
}

/** A PUBLISH written byte by byte: any topic, any length. */
export const publishBytes = (
  topic: Buffer | string,
  payload: Buffer | string = 'x',
  qos: 0 | 1 | 2 = 1,
  id = 1,
  retain = false
): Buffer => {
  const name = Buffer.from(topic)
  const rest = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    qos > 0 ? Buffer.from([id >> 8, id & 255]) : Buffer.alloc(0),
    Buffer.from(payload)
  ])
  return Buffer.concat([Buffer.from([0x30 | (qos << 1) | (retain ? 1 : 0)]), lengthBytes(rest.length), rest])
}
export const lengthBytes = (length: number): Buffer => {
  const bytes: number[] = []
  do {
    bytes.push((length & 127) | (length > 127 ? 128 : 0))
    length >>>= 7
  } while (length > 0)
  return Buffer.from(bytes)
}
