/**
 * Reads the frames of a connection before aedes does. aedes 1.2.0 buffers whatever a fixed header announces, 200 MB before
 * CONNECT if asked to (fault F31), and reads on while acknowledgements wait. Here a frame is judged by its header, bytes are handed
 * over only when their turn has come, and what waits stays in the socket, where TCP slows the sender down.
 *
 * The hook is `read` itself, the one call aedes takes bytes with: no stream in between, no copy, one look at each header.
 */
import type { Socket } from 'node:net'

const CONNECT = 1
const PUBLISH = 3
const SUBSCRIBE = 8
const UNSUBSCRIBE = 10

export type FrameRules = {
  readonly packet_bytes: number
  readonly connect_bytes: number
  readonly subscribe_bytes: number
  /** May bytes be handed over at all just now? */
  readonly open: () => boolean
  /** How long until the next frame may pass, in ms; 0 takes its cost. */
  readonly wait_ms: (work: number, keptPublish: boolean) => number
  readonly connectRead: () => void
  readonly held: () => void
  readonly refuse: (why: 'not_mqtt' | 'oversize') => void
}

/** Answers what wakes the reading when `open` has become true. */
export const guardFrames = (conn: Socket, rules: FrameRules): (() => void) => {
  const read = conn.read
  let greeted = false // the CONNECT has been read whole
  let type = 0
  let header = 0 // bytes of the fixed header seen so far
  let length = 0
  let left = 0 // bytes of the body still to come
  let timer: NodeJS.Timeout | undefined

  const wake = (): void => {
    if (!conn.destroyed) conn.emit('readable')
  }
  const refuse = (why: 'not_mqtt' | 'oversize'): null => {
    rules.refuse(why)
    conn.destroy()
    return null
  }
  const allowed = (): number => {
    if (type === CONNECT) return rules.connect_bytes
    return type === SUBSCRIBE || type === UNSUBSCRIBE ? rules.subscribe_bytes : rules.packet_bytes
  }
  const holdFrom = (chunk: Buffer, at: number, ms: number): Buffer | null => {
    conn.unshift(chunk.subarray(at))
    if (ms > 0) {
      rules.held()
      timer = setTimeout(() => {
        timer = undefined
        wake()
      }, ms)
    }
    return at === 0 ? null : chunk.subarray(0, at)
  }

  const admit = (chunk: Buffer): Buffer | null => {
    let at = 0
    while (at < chunk.length) {
      if (left > 0) {
        const some = Math.min(left, chunk.length - at)
        left -= some
        at += some
      } else if (header === 0) {
        const first = chunk[at] as number
        type = first >> 4
        if (!greeted && type !== CONNECT) return refuse('not_mqtt')
        if (greeted) {
          const ms = rules.wait_ms(workOf(type), type === PUBLISH && (first & 0b0110) !== 0)
          if (ms > 0) return holdFrom(chunk, at, ms)
        }
        at++
        header = 1
        length = 0
        continue
      } else {
        const byte = chunk[at++] as number
        length += (byte & 127) * 128 ** (header - 1)
        header++
        if (byte >= 128) {
          if (header > 4) return refuse('not_mqtt')
          continue
        }
        if (length > allowed()) return refuse('oversize')
        header = 0
        left = length
        if (left > 0) continue
      }
      // The end of a frame, or of the chunk.
      if (left === 0 && !greeted) {
        greeted = true
        rules.connectRead()
        // What follows the CONNECT waits until it is answered: aedes would queue 42 packets and reset the connection at the next.
        if (at < chunk.length) return holdFrom(chunk, at, 0)
      }
    }
    return chunk
  }

  conn.read = (size?: number): Buffer | null => {
    // Node asks for 0 bytes to start the reading; that is not aedes.
    if (size === 0) return read.call(conn, 0)
    if (timer !== undefined || (greeted && !rules.open())) return null
    const chunk = read.call(conn, size) as Buffer | null
    return chunk === null ? null : admit(chunk)
  }
  conn.once('close', () => clearTimeout(timer))
  return wake
}

const workOf = (type: number): number => {
  if (type === SUBSCRIBE || type === UNSUBSCRIBE) return 20
  return type >= 4 && type <= 7 ? 0.1 : 1
}
