/**
 * The load: a process of its own that speaks MQTT by bytes written beforehand, so that the generator costs little and
 * nothing of it is counted. Open loop: messages leave when they are due, whether or not the earlier ones are acknowledged.
 */
import { type Socket, connect as tcp } from 'node:net'
import { lengthBytes, publishBytes } from '../support/broker.ts'

export type LoadClient = { readonly id: string; readonly password: string; readonly topic: string }
export type LoadOrder =
  | { readonly type: 'connect'; readonly port: number; readonly clients: readonly LoadClient[] }
  | { readonly type: 'send'; readonly clients: number; readonly per_s: number; readonly per_write: number; readonly seconds: number }
  | { readonly type: 'flow'; readonly per_s: number }
  | { readonly type: 'leave' }
export type LoadAnswer = { readonly sent: number; readonly acked: number; readonly late_ms: number }

type Line = { readonly socket: Socket; readonly one: Buffer; readonly many: Buffer; id: number }

/** 121 bytes on a topic of 34, as in the design's baselines. */
export const payloadOf = (id: string): string =>
  JSON.stringify({
    quantity: 'temperature_celsius',
    value: 21.53,
    unit: 'degC',
    sensor: id,
    firmware: '1.4.2',
    battery_mv: 3012,
    rssi: -61
  })
const most_per_write = 16

let lines: Line[] = []
let sent = 0
let acked = 0
let flow: NodeJS.Timeout | undefined
let at = 0

const connect = async (port: number, client: LoadClient): Promise<Line> => {
  const socket = tcp({ host: '127.0.0.1', port, noDelay: true })
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)])
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0b1100_0010, 0, 120]), text(client.id), text(client.id), text(client.password)])
  socket.write(Buffer.concat([Buffer.from([0x10]), lengthBytes(body.length), body]))
  await new Promise<void>((resolve, reject) => {
    socket.once('data', answer =>
      answer[0] === 0x20 && answer[3] === 0 ? resolve() : reject(new Error(`${client.id} is refused: ${answer.toString('hex')}`))
    )
    socket.once('close', () => reject(new Error(`${client.id}: the line was closed`)))
    socket.once('error', reject)
  })
  // Only PUBACKs come: four bytes each.
  socket.on('data', bytes => {
    acked += bytes.length / 4
  })
  const one = publishBytes(client.topic, payloadOf(client.id))
  return { socket, one, many: Buffer.concat(Array.from({ length: most_per_write }, () => one)), id: 0 }
}

const write = (line: Line, messages: number): void => {
  const { one, many, socket } = line
  // The socket may keep the bytes until they are taken, so each write has its own copy.
  const bytes = Buffer.from(many.subarray(0, one.length * messages))
  const digits = one.indexOf('21.53') + 3
  const numbered = 4 + (one.length > 130 ? 1 : 0) + one.readUInt16BE(one.length > 129 ? 3 : 2)
  for (let i = 0; i < messages; i++) {
    line.id = (line.id % 65_535) + 1
    bytes.writeUInt16BE(line.id, i * one.length + numbered)
    bytes[i * one.length + digits] = 0x30 + (line.id % 10)
  }
  socket.write(bytes)
  sent += messages
}

/** Sends what is due, every millisecond, to one client after the other. Answers how late it was at worst. */
const pace = (clients: number, per_s: number, per_write: number, until_ms: number): Promise<number> =>
  new Promise(resolve => {
    const began = performance.now()
    let done = 0
    let late_ms = 0
    let last = began
    const beat = (): void => {
      const now = performance.now()
      late_ms = Math.max(late_ms, now - last)
      last = now
      const due = Math.floor(((now - began) * per_s) / 1000)
      while (done + per_write <= due) {
        at = (at + 1) % clients
        write(lines[at] as Line, per_write)
        done += per_write
      }
      if (now - began < until_ms) flow = setTimeout(beat, 1)
      else resolve(late_ms)
    }
    beat()
  })

const obey = async (order: LoadOrder): Promise<LoadAnswer> => {
  clearTimeout(flow)
  if (order.type === 'connect') {
    lines = []
    for (let i = 0; i < order.clients.length; i += 50)
      lines.push(...(await Promise.all(order.clients.slice(i, i + 50).map(one => connect(order.port, one)))))
  } else if (order.type === 'leave') for (const { socket } of lines.splice(0)) socket.destroy()
  else if (order.type === 'flow') void pace(lines.length, order.per_s, 1, Number.POSITIVE_INFINITY)
  else {
    sent = 0
    acked = 0
    const late_ms = await pace(order.clients, order.per_s, order.per_write, order.seconds * 1000)
    const deadline = performance.now() + 5000
    while (acked < sent && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 5))
    return { sent, acked, late_ms }
  }
  return { sent, acked, late_ms: 0 }
}

process.on('message', (order: LoadOrder) => {
  obey(order).then(
    answer => process.send?.(answer),
    cause => process.send?.({ failed: (cause as Error).message })
  )
})
process.on('disconnect', () => process.exit(0))
