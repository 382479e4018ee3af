/** Cuts an MJPEG stream into its pictures. Cameras differ in dashes, headers and lengths; a part without an end is refused. */
import { sentence } from './sentence.ts'

const longest_header = 4_096

/** Feed it chunks; it hands out whole parts and answers a sentence when the stream is not what it claims. */
export const partReader = (
  contentType: string,
  most: number,
  part: (bytes: Uint8Array) => void
): ((chunk: Uint8Array) => string | undefined) => {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]?.replace(/^-+/, '') ?? ''
  let held: Buffer = Buffer.alloc(0)
  let length: number | undefined
  let inBody = false
  return chunk => {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk])
    for (;;) {
      if (!inBody) {
        const end = held.indexOf('\r\n\r\n')
        if (end < 0) return held.length > longest_header ? unreadable : undefined
        const header = held.subarray(0, end).toString('latin1')
        if (header.length > longest_header || (boundary !== '' && !header.includes(boundary))) return unreadable
        const said = /content-length:\s*(\d+)/i.exec(header)?.[1]
        length = said === undefined ? undefined : Number(said)
        if (length !== undefined && length > most) return tooLarge(most)
        held = held.subarray(end + 4)
        inBody = true
      }
      const end = length ?? (boundary === '' ? -1 : held.indexOf(`--${boundary}`))
      if (end < 0 || held.length < end) return held.length > most ? tooLarge(most) : undefined
      part(Uint8Array.from(held.subarray(0, end)))
      held = held.subarray(end)
      inBody = false
    }
  }
}

const unreadable = sentence('MJPEG 格式有误', 'the stream claims to be MJPEG and is not')
const tooLarge = (most: number): string => sentence('图片过大', `one picture of more than ${most / 2 ** 20} MB`)
