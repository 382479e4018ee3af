/** A line that can be made bad on purpose: slow, stalled one way or both, half-open, cut, refused. Plain TCP on loopback. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export type Way = 'up' | 'down'
export type ChaosProxy = {
  readonly port: number
  /** Holds back what flows that way; releasing lets it through in order. Both ways stalled is a half-open line. */
  readonly stall: (ways: readonly Way[]) => void
  readonly latency: (ms: number) => void
  /** Bytes per second upwards; 0 is unlimited. */
  readonly rate: (bytes_per_s: number) => void
  /** Ends every connection at once with a reset. */
  readonly cut: () => void
  /** Refuses new connections (and cuts the old ones) until told otherwise. */
  readonly refuse: (refusing: boolean) => void
  readonly retarget: (port: number) => void
  readonly connections_total: () => number
  readonly bytes_up_total: () => number
}

export const openChaosProxy = async (t: Test, target: number): Promise<ChaosProxy> => {
  let to = target
  let stalled: readonly Way[] = []
  let latency_ms = 0
  let bytes_per_s = 0
  let refusing = false
  let connections = 0
  let bytes_up = 0
  const lines = new Set<{ flush: () => void; end: () => void }>()

  const server = createServer(inner => {
    if (refusing) {
      inner.resetAndDestroy()
      return
    }
    connections++
    const outer = connect(to, '127.0.0.1')
    const flows = [flow(inner, outer, 'up'), flow(outer, inner, 'down')]
    const line = {
      flush: () => {
        for (const { flush } of flows) flush()
      },
      end: () => {
        lines.delete(line)
        inner.resetAndDestroy()
        outer.resetAndDestroy()
      }
    }
    lines.add(line)
    for (const socket of [inner, outer]) {
      socket.on('error', line.end)
      socket.on('close', line.end)
    }
  })

  const flow = (from: Socket, into: Socket, way: Way): { flush: () => void } => {
    const held: Buffer[] = []
    let freeAt = 0
    const pass = (chunk: Buffer): void => {
      const rate = way === 'up' ? bytes_per_s : 0
      const now = performance.now()
      freeAt = Math.max(now + latency_ms, freeAt) + (rate > 0 ? (chunk.length / rate) * 1000 : 0)
      const wait = freeAt - now
      if (wait < 1) into.write(chunk)
      else setTimeout(() => into.writable && into.write(chunk), wait)
    }
    from.on('data', (chunk: Buffer) => {
      if (way === 'up') bytes_up += chunk.length
      if (stalled.includes(way)) held.push(chunk)
      else pass(chunk)
    })
    return {
      flush: () => {
        if (!stalled.includes(way)) for (const chunk of held.splice(0)) pass(chunk)
      }
    }
  }

  const cut = (): void => {
    for (const line of [...lines]) line.end()
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    cut()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    stall: ways => {
      stalled = ways
      for (const { flush } of lines) flush()
    },
    latency: ms => {
      latency_ms = ms
    },
    rate: value => {
      bytes_per_s = value
    },
    cut,
    refuse: value => {
      refusing = value
      if (value) cut()
    },
    retarget: port => {
      to = port
    },
    connections_total: () => connections,
    bytes_up_total: () => bytes_up
  }
}
