/**
 * QoS 1 acknowledged means kept: holds each acknowledgement until the message is on disk, in the order the messages came
 * [MQTT-4.6.0-2], and says who has so much unkept that no more should be read from them.
 */
import type { Socket } from 'node:net'

type Ledger = { unkept: number }
type Packet = { qos: 0 | 1 | 2; readonly messageId?: number | undefined; readonly payload: string | Buffer }
type Ack = {
  readonly packet: Packet
  readonly done: (error?: Error | null) => void
  readonly reader: Reader
  readonly ledger: Ledger
  readonly bytes: number
  kept: boolean
}
type Batch = { readonly kept: Promise<void>; readonly acks: Ack[] }
export type Reader = {
  /** Of the principal, known once it has signed in. */
  readonly ledger: () => Ledger | undefined
  readonly acks: Ack[]
  readonly gone: () => boolean
  readonly wake: () => void
  readonly puback: (id: number) => void
}

type Options = {
  readonly unkept_messages: number
  readonly unkept_bytes: number
  readonly failed: (cause: unknown) => void
}

export const openKeeping = ({ unkept_messages, unkept_bytes, failed }: Options) => {
  let bytes = 0
  let count = 0
  const starving = new Set<Reader>()
  let idle: (() => void) | undefined

  const room = (ledger: Ledger | undefined): boolean => bytes < unkept_bytes && (ledger?.unkept ?? 0) < unkept_messages
  /** Messages of one block of the history share its promise, so a second is one wait and not ten thousand. */
  let batch: Batch | undefined
  const leave = (ack: Ack): void => {
    ack.ledger.unkept -= 1
    bytes -= ack.bytes
    count -= 1
    if (count === 0) idle?.()
    for (const hungry of starving) {
      if (hungry.gone()) starving.delete(hungry)
      else if (room(hungry.ledger())) {
        starving.delete(hungry)
        hungry.wake()
      }
    }
  }

  const begin = (kept: Promise<void>, first: Ack): void => {
    const mine: Batch = { kept, acks: [first] }
    batch = mine
    const close = (): void => {
      if (batch === mine) batch = undefined
    }
    kept.then(
      () => {
        close()
        for (const ack of mine.acks) acknowledge(ack)
      },
      cause => {
        close()
        for (const ack of mine.acks) refuse(ack, cause)
      }
    )
  }
  const acknowledge = (ack: Ack): void => {
    leave(ack)
    ack.kept = true
    const { reader } = ack
    if (reader.gone()) return
    const { acks } = reader
    while (acks[0]?.kept === true) finish(reader, acks.shift() as Ack)
  }
  const refuse = (ack: Ack, cause: unknown): void => {
    leave(ack)
    failed(cause)
    // No acknowledgement, and the line is closed: an MQTT 3.1.1 client sends again only after it has connected again [MQTT-4.4.0-1].
    if (!ack.reader.gone()) ack.done(new Error('not kept'))
  }

  return {
    /** May more be read? One who may not is woken when it may. */
    mayRead: (reader: Reader): boolean => {
      if (room(reader.ledger())) return true
      starving.add(reader)
      return false
    },
    acknowledgeWhen: (kept: Promise<void>, reader: Reader, ledger: Ledger, packet: Packet, done: Ack['done']): void => {
      const ack: Ack = { packet, done, reader, ledger, bytes: packet.payload.length + 200, kept: false }
      reader.acks.push(ack)
      ledger.unkept += 1
      bytes += ack.bytes
      count += 1
      if (batch?.kept === kept) batch.acks.push(ack)
      else begin(kept, ack)
    },
    failed,
    /** Resolves when everything taken in is on disk. */
    settled: (): Promise<void> =>
      new Promise(resolve => {
        if (count === 0) resolve()
        else idle = resolve
      })
  }
}

/**
 * QoS 1 is acknowledged here and goes on to aedes as QoS 0: its own PUBACK costs four writes, a cork and a turn of the loop, and QoS 1
 * routing two promises for offline sessions that do not exist (measured: 2 to 3 of 22 µs of CPU a message, one message a read). Nothing is lost by
 * it: aedes never repeats a message on a live line, and there are only clean sessions.
 */
const finish = (reader: Reader, { packet, done }: Ack): void => {
  if (packet.qos === 1) {
    reader.puback(packet.messageId as number)
    packet.qos = 0
  }
  done(null)
}

/** The PUBACKs of one turn in one write. */
export const openPubacks = (conn: Socket, frozen: () => void): ((id: number) => void) => {
  const ids: number[] = []
  const flush = (): void => {
    const bytes = Buffer.allocUnsafe(4 * ids.length)
    let at = 0
    for (const id of ids) {
      bytes[at++] = 0x40
      bytes[at++] = 2
      bytes[at++] = id >> 8
      bytes[at++] = id & 255
    }
    ids.length = 0
    if (conn.writable) conn.write(bytes)
    // Who speaks and never listens would have its acknowledgements pile up here.
    if (conn.writableLength > longest_unread_bytes) {
      frozen()
      conn.destroy()
    }
  }
  return id => {
    if (ids.push(id) === 1) queueMicrotask(flush)
  }
}
const longest_unread_bytes = 64 * 1024

export type Keeping = ReturnType<typeof openKeeping>
