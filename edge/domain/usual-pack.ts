/** The memory of what is usual as bytes, so that a restart goes on from it; what does not fit is a cold start, with a reason. */
import { arrays, counts, startMemory, type UsualMemory, widths } from './usual.ts'

/** Raised when the arrays change their meaning: an older memory is then begun anew. */
const version = 1
type Head = { readonly version: number; readonly steps_a_day: number; readonly step: number; readonly series: readonly string[] }

export const packMemory = (memory: UsualMemory): Uint8Array => {
  const { steps_a_day, step, series } = memory
  const head = new TextEncoder().encode(JSON.stringify({ version, steps_a_day, step, series } satisfies Head))
  const width = widths(steps_a_day)
  const n = series.length
  const parts = [memory.counts.subarray(0, n * counts), ...arrays.map(name => memory[name].subarray(0, n * width[name]))]
  const packed = new Uint8Array(4 + head.length + parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  new DataView(packed.buffer).setUint32(0, head.length, true)
  packed.set(head, 4)
  let at = 4 + head.length
  for (const { buffer, byteOffset, byteLength } of parts) {
    packed.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return packed
}

export const unpackMemory = (packed: Uint8Array, steps_a_day: number, capacity: number): UsualMemory | { readonly refused: string } => {
  const head = headOf(packed)
  if (head === undefined) return { refused: 'it is no memory of series' }
  const { series, step } = head
  if (head.version !== version || head.steps_a_day !== steps_a_day) return { refused: 'it was written by another version' }
  if (series.length > capacity) return { refused: `it holds ${series.length} series, more than ${capacity}` }
  const memory = startMemory(steps_a_day, capacity, step)
  const width = widths(steps_a_day)
  const wanted = series.length * (counts * 8 + arrays.reduce((sum, name) => sum + width[name] * 4, 0))
  // Copied, because a Buffer lies at any place of a larger one, where numbers of eight bytes may not begin.
  const bytes = Uint8Array.from(packed.subarray(4 + new DataView(packed.buffer, packed.byteOffset).getUint32(0, true)))
  if (bytes.length !== wanted) return { refused: `it is ${bytes.length} bytes long, not ${wanted}` }
  memory.series.push(...series)
  let at = series.length * counts * 8
  memory.counts.set(new Float64Array(bytes.buffer, 0, series.length * counts))
  for (const name of arrays) {
    const length = series.length * width[name]
    memory[name].set(new Float32Array(bytes.buffer, at, length))
    at += length * 4
  }
  return memory
}

const headOf = (packed: Uint8Array): Head | undefined => {
  if (packed.length < 4) return undefined
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true)
  if (length > packed.length - 4) return undefined
  try {
    const head = JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length))) as Head
    const sound = Number.isSafeInteger(head.step) && Array.isArray(head.series) && head.series.every(name => typeof name === 'string')
    return sound ? head : undefined
  } catch {
    return undefined
  }
}
