/**
 * Stands between the socket and aedes, which has no limit of packet size before or after CONNECT: one silent client could
 * park 200 MB in memory (measured). A header that announces too much closes the connection at once.
 */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

const largest_connect_bytes = 16 * 1024

/** Follows packet boundaries; answers what is wrong, or nothing. */
export const frameWatch = (largest_packet_bytes: number): ((chunk: Buffer) => string | undefined) => {
  let connected = false
  let remaining = 0
  let length = 0
  let shift = -1
  return chunk => {
    for (let i = 0; i < chunk.length; ) {
      if (remaining > 0) {
        const skip = Math.min(remaining, chunk.length - i)
        remaining -= skip
        i += skip
        continue
      }
      const byte = chunk[i++] ?? 0
      if (shift < 0) {
        if (!connected && byte !== 0x10) return 'the first packet is not CONNECT'
        length = 0
        shift = 0
        continue
      }
      length += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (length > (connected ? largest_packet_bytes : largest_connect_bytes)) return `a packet of ${length} bytes or more was announced`
      if (byte & 0x80) {
        if (shift > 21) return 'the packet length is malformed'
        continue
      }
      remaining = length
      shift = -1
      connected = true
    }
    return undefined
  }
}

export const guarded = (socket: Socket, largest_packet_bytes: number, refused: (why: string) => void): Duplex => {
  const wrongWith = frameWatch(largest_packet_bytes)
  const stream = new Duplex({
    read: () => {
      socket.resume()
    },
    write: (chunk, _encoding, done) => {
      socket.write(chunk, done)
    },
    final: done => {
      socket.end(done)
    },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    }
  })
  socket.on('data', (chunk: Buffer) => {
    const wrong = wrongWith(chunk)
    if (wrong !== undefined) {
      refused(wrong)
      stream.destroy()
    } else if (!stream.push(chunk)) socket.pause()
  })
  socket.on('end', () => stream.push(null))
  socket.on('close', () => stream.destroy())
  socket.on('error', () => stream.destroy())
  return stream
}
