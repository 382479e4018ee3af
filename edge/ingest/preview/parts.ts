/**
 * Cuts what FFmpeg writes into the parts in which it travels to viewers, and says at which of them one can begin to look: there a
 * viewer who came late or fell behind goes on. Nothing is decoded for that; the containers say it in a bit.
 */
export type Part = { readonly bytes: Uint8Array; readonly key: boolean }
export type Mp4Start = { readonly codec: string; readonly init: Uint8Array }

/** A fragment of 0.2 s at 16 Mbit/s is 0.4 MB; what claims to be larger than this is no live picture. */
const largest_box = 8 * 2 ** 20

export type Cutter = (chunk: Uint8Array) => { readonly refused: string } | undefined

/** Fragmented MP4: first the description of the stream, then fragment after fragment. Of another codec `starts` hears ''. */
export const cutMp4 = (starts: (start: Mp4Start) => void, hear: (part: Part) => void): Cutter => {
  let rest: Buffer = Buffer.alloc(0)
  let head: Buffer[] = []
  return chunk => {
    rest = rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk])
    for (;;) {
      if (rest.length < 8) return undefined
      const size = rest.readUInt32BE(0)
      if (size < 8 || size > largest_box) return { refused: `a box of ${size} bytes` }
      if (rest.length < size) return undefined
      const box = rest.subarray(0, size)
      rest = rest.subarray(size)
      const type = box.toString('latin1', 4, 8)
      head.push(box)
      if (type === 'moov') starts({ codec: h264Of(box), init: Buffer.concat(head) })
      else if (type === 'mdat') hear({ bytes: Buffer.concat(head), key: beginsWithKey(head[0] as Buffer) })
      if (type === 'moov' || type === 'mdat') head = []
      else if (head.length > 8) return { refused: 'boxes without pictures' }
    }
  }
}

/** RFC 6381 name of the stream from its avcC box, as browsers ask for it: profile, constraints, level. */
const h264Of = (moov: Buffer): string => {
  const at = moov.indexOf('avcC', 0, 'latin1')
  return at < 0 ? '' : `avc1.${moov.toString('hex', at + 5, at + 8)}`
}

/** Whether the first picture of a fragment stands alone: `sample_is_non_sync_sample` of its first sample, wherever it is written. */
const beginsWithKey = (moof: Buffer): boolean => {
  const track = inside(moof, 8, moof.length, 'traf')
  const header = track && inside(moof, track.from, track.to, 'tfhd')
  const run = track && inside(moof, track.from, track.to, 'trun')
  if (header === undefined || run === undefined) return false
  const runFlags = moof.readUInt32BE(run.from) & 0xffffff
  // Version and flags, the number of samples, and if there is one the offset of their data.
  const at = run.from + 8 + (runFlags & 0x1 ? 4 : 0)
  if (runFlags & 0x4) return standsAlone(moof.readUInt32BE(at))
  if (runFlags & 0x400) return standsAlone(moof.readUInt32BE(at + (runFlags & 0x100 ? 4 : 0) + (runFlags & 0x200 ? 4 : 0)))
  const flags = moof.readUInt32BE(header.from) & 0xffffff
  if (!(flags & 0x20)) return false
  const before = [0x1, 0x2, 0x8, 0x10].reduce((sum, flag) => sum + (flags & flag ? (flag === 0x1 ? 8 : 4) : 0), 0)
  return standsAlone(moof.readUInt32BE(header.from + 8 + before))
}

const standsAlone = (sampleFlags: number): boolean => (sampleFlags & 0x10000) === 0

const inside = (bytes: Buffer, from: number, to: number, type: string): { from: number; to: number } | undefined => {
  for (let at = from; at + 8 <= to; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > to) return undefined
    if (bytes.toString('latin1', at + 4, at + 8) === type) return { from: at + 8, to: at + size }
    at += size
  }
  return undefined
}

const packet_bytes = 188

/** MPEG transport stream: whole packets, cut where one is marked as a place to begin (random_access_indicator). */
export const cutTransport = (hear: (part: Part) => void): Cutter => {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    const all = rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk])
    let from = 0
    let key = false
    let at = 0
    for (; at + packet_bytes <= all.length; at += packet_bytes) {
      if (all[at] !== 0x47) return { refused: 'no transport stream' }
      const hasAdaptation = ((all[at + 3] as number) & 0x20) !== 0 && (all[at + 4] as number) > 0
      if (!hasAdaptation || ((all[at + 5] as number) & 0x40) === 0) continue
      if (at > from) hear({ bytes: all.subarray(from, at), key })
      from = at
      key = true
    }
    if (at > from) hear({ bytes: all.subarray(from, at), key })
    rest = all.subarray(at)
    return undefined
  }
}
