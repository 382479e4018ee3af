import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { parseLine } from '../../edge/domain/line-protocol.ts'
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import type { Block, History, HistoryRow } from '../../edge/ports.ts'

export type MemoryHistory = History & {
  /** From now on nothing is kept, as on a full disk; `undefined` mends it and keeps what waited. */
  readonly refuse: (why: string | undefined) => void
}

/** A history that forgets when the test ends. It keeps at the end of each turn unless `block_ms` asks for a wait. */
export const memoryHistory = ({ block_ms = 0 }: { readonly block_ms?: number } = {}): MemoryHistory => {
  const kept: (Block & { readonly lines: readonly string[] })[] = []
  let open: string[] = []
  const waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  let timer: NodeJS.Timeout | undefined
  let cursor = 0
  let trouble: string | undefined
  const close = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (trouble !== undefined || open.length === 0) return
    const stamps = open.map(line => parseLine(line).at)
    kept.push({
      seq: kept.length + 1,
      points: open.length,
      from: Math.min(...stamps),
      to: Math.max(...stamps),
      gzip: gzipSync(open.join('\n')),
      lines: open
    })
    open = []
    for (const { resolve } of waiting.splice(0)) resolve()
  }
  const backlog = (): readonly Block[] => kept.filter(block => block.seq > cursor)
  return {
    id: randomUUID(),
    keep: (lines, urgent = false) => {
      if (lines.length === 0) return Promise.resolve()
      open.push(...lines)
      const promise = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
      promise.catch(() => undefined)
      if (urgent) setImmediate(close)
      else timer ??= setTimeout(close, block_ms)
      return promise
    },
    query: async ({ device, zone, quantity, from, to, step_ms, limit }) => {
      const rows = new Map<string, { -readonly [K in keyof HistoryRow]: HistoryRow[K] }>()
      for (const [i, line] of kept.flatMap(block => block.lines).entries()) {
        const { measurement, tags, fields, at } = parseLine(line)
        const row = { zone: tags.zone ?? '', device: tags.device ?? '', quantity: tags.quantity as Quantity }
        const value = fields.value ?? Number.NaN
        const coarse = step_ms >= 60_000 ? (step_ms >= 3_600_000 ? 3_600_000 : 60_000) : 1
        if (measurement !== 'reading' || at < Math.floor(from / coarse) * coarse || at > to) continue
        if (row.zone !== (zone ?? row.zone) || row.device !== (device ?? row.device) || row.quantity !== (quantity ?? row.quantity))
          continue
        const step = step_ms > 0 ? Math.floor(at / step_ms) * step_ms : at
        const key = step_ms > 0 ? [step, row.zone, row.device, row.quantity].join('\n') : String(i)
        const old = rows.get(key)
        if (old === undefined) rows.set(key, { ...row, at: step, value, min: value, max: value, n: 1 })
        else {
          old.value = (old.value * old.n + value) / ++old.n
          old.min = Math.min(old.min, value)
          old.max = Math.max(old.max, value)
        }
      }
      const order = (row: HistoryRow): string => `${row.device}\n${row.quantity}`
      return [...rows.values()].sort((a, b) => a.at - b.at || (order(a) < order(b) ? -1 : 1)).slice(0, limit)
    },
    blocks: async (after, max_bytes) => {
      const found: Block[] = []
      let bytes = 0
      for (const { lines: _, ...block } of kept.filter(block => block.seq > after)) {
        bytes += block.gzip.length
        if (found.length > 0 && bytes > max_bytes) break
        found.push(block)
      }
      return found
    },
    cursor: () => cursor,
    moveCursor: async upto => {
      cursor = Math.max(cursor, Math.min(upto, kept.length))
    },
    stats: () => ({
      last: kept.length,
      waiting: open.length,
      backlog_blocks: backlog().length,
      backlog_points: backlog().reduce((sum, block) => sum + block.points, 0),
      backlog_from: backlog()[0]?.from,
      bytes: kept.reduce((sum, block) => sum + block.gzip.length, 0),
      max_bytes: Number.MAX_SAFE_INTEGER,
      dropped_points_total: 0,
      trouble
    }),
    close: async () => {
      close()
      for (const { reject } of waiting.splice(0)) reject(new Error('not kept: the station stopped'))
    },
    refuse: why => {
      trouble = why
      close()
    }
  }
}
