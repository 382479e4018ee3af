/**
 * QoS 1 acknowledged means kept: holds each acknowledgement until the message is on disk, in the order the messages came
 * [MQTT-4.6.0-2], and says who has so much unkept that no more should be read from them.
 */
type Ledger = { unkept: number }
type Ack = { readonly done: (error?: Error | null) => void; readonly bytes: number; kept: boolean }
export type Reader = {
  /** Of the principal, known once it has signed in. */ readonly ledger: () => Ledger | undefined
  readonly acks: Ack[]
  readonly gone: () => boolean
  readonly wake: () => void
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
  const leave = (ledger: Ledger, ack: Ack): void => {
    ledger.unkept -= 1
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

  return {
    /** May more be read? One who may not is woken when it may. */
    mayRead: (reader: Reader): boolean => {
      if (room(reader.ledger())) return true
      starving.add(reader)
      return false
    },
    acknowledgeWhen: (kept: Promise<void>, reader: Reader, ledger: Ledger, payload_bytes: number, done: Ack['done']): void => {
      const ack: Ack = { done, bytes: payload_bytes + 200, kept: false }
      reader.acks.push(ack)
      ledger.unkept += 1
      bytes += ack.bytes
      count += 1
      kept.then(
        () => {
          leave(ledger, ack)
          ack.kept = true
          if (reader.gone()) return
          const { acks } = reader
          while (acks[0]?.kept === true) acks.shift()?.done(null)
        },
        cause => {
          leave(ledger, ack)
          failed(cause)
          // No acknowledgement, and the line is closed: an MQTT 3.1.1 client sends again only after it has connected again [MQTT-4.4.0-1].
          if (!reader.gone()) done(new Error('not kept'))
        }
      )
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
export type Keeping = ReturnType<typeof openKeeping>
