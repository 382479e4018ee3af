/**
 * Plays an animated WebP one page at a time. libvips decodes page n by decoding all pages before it, and all pages at once are
 * 0.9 MB each: so the container is read here (RIFF: ANMF chunks), each page's own bitstream is decoded alone, and the canvas is
 * composed by the rules of the format. Memory is one canvas and one page, however long the recording.
 */
import { type FileHandle, open } from 'node:fs/promises'
import sharp from 'sharp'
import type { Size } from './view.ts'

export type Page = {
  readonly from: number
  readonly length: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly duration_ms: number
  readonly blend: boolean
  readonly clear: boolean
}
export type Animation = Size & { readonly pages: readonly Page[] }

const most_pages = 100_000
const longest_side = 8_192
/** Browsers play faster pages than this at 100 ms, and so do we: 0 means nobody thought about it. */
const shortest_page_ms = 10

/** The pages of an animated WebP, or nothing when the file is another kind of WebP. Only headers are read. */
export const readAnimation = async (file: FileHandle): Promise<Animation | undefined> => {
  const { size } = await file.stat()
  const head = await bytes(file, 0, 30)
  if (ascii(head, 0) !== 'RIFF' || ascii(head, 8) !== 'WEBP' || ascii(head, 12) !== 'VP8X' || ((head[20] ?? 0) & 2) === 0) return undefined
  const canvas = { width: u24(head, 24) + 1, height: u24(head, 27) + 1 }
  if (canvas.width > longest_side || canvas.height > longest_side)
    throw new Error(`a recording of ${canvas.width} × ${canvas.height} is too large`)
  const pages: Page[] = []
  for (let at = 12; at + 8 <= size && pages.length < most_pages; ) {
    const chunk = await bytes(file, at, 24)
    const length = u32(chunk, 4)
    if (at + 8 + length > size) throw new Error('the recording is cut off')
    if (ascii(chunk, 0) === 'ANMF' && length > 16) {
      const page = {
        from: at + 24,
        length: length - 16,
        x: u24(chunk, 8) * 2,
        y: u24(chunk, 11) * 2,
        width: u24(chunk, 14) + 1,
        height: u24(chunk, 17) + 1,
        duration_ms: u24(chunk, 20) < shortest_page_ms ? 100 : u24(chunk, 20)
      }
      if (page.x + page.width > canvas.width || page.y + page.height > canvas.height) throw new Error('a page lies outside the recording')
      const flags = chunk[23] ?? 0
      pages.push({ ...page, blend: (flags & 2) === 0, clear: (flags & 1) === 1 })
    }
    at += 8 + length + (length & 1)
  }
  return pages.length === 0 ? undefined : { ...canvas, pages }
}

export type Player = {
  readonly size: Size
  readonly page: (index: number) => Promise<Uint8Array>
  readonly durations_ms: readonly number[]
  readonly close: () => Promise<void>
}

export const openAnimation = async (path: string): Promise<Player | undefined> => {
  const file = await open(path)
  const animation = await readAnimation(file).catch(async cause => {
    await file.close()
    throw cause
  })
  if (animation === undefined) {
    await file.close()
    return undefined
  }
  const { width, height, pages } = animation
  const canvas = new Uint8Array(width * height * 3)
  let cleared: Page | undefined
  return {
    size: { width, height },
    durations_ms: pages.map(page => page.duration_ms),
    page: async index => {
      const page = pages[index]
      if (page === undefined) throw new Error(`the recording has no page ${index}`)
      if (index === 0) canvas.fill(0)
      if (cleared !== undefined) fill(canvas, width, cleared)
      const rgba = await sharp(still(await bytes(file, page.from, page.length), page))
        .ensureAlpha()
        .raw()
        .toBuffer()
      paint(canvas, width, page, rgba)
      cleared = page.clear ? page : undefined
      return canvas
    },
    close: () => file.close()
  }
}

const paint = (canvas: Uint8Array, width: number, page: Page, rgba: Uint8Array): void => {
  for (let y = 0; y < page.height; y++)
    for (let x = 0; x < page.width; x++) {
      const from = (y * page.width + x) * 4
      const to = ((page.y + y) * width + page.x + x) * 3
      const cover = page.blend ? (rgba[from + 3] ?? 255) / 255 : 1
      for (let c = 0; c < 3; c++) canvas[to + c] = (rgba[from + c] ?? 0) * cover + (canvas[to + c] ?? 0) * (1 - cover)
    }
}

const fill = (canvas: Uint8Array, width: number, page: Page): void => {
  for (let y = page.y; y < page.y + page.height; y++) canvas.fill(0, (y * width + page.x) * 3, (y * width + page.x + page.width) * 3)
}

/** One page as a WebP file of its own; transparency needs the extended header. */
const still = (data: Uint8Array, page: Page): Uint8Array => {
  const extended = ascii(data, 0) === 'ALPH'
  const header = new Uint8Array(extended ? 30 : 12)
  const view = new DataView(header.buffer)
  write(header, 0, 'RIFF')
  view.setUint32(4, header.length - 8 + data.length, true)
  write(header, 8, 'WEBP')
  if (extended) {
    write(header, 12, 'VP8X')
    view.setUint32(16, 10, true)
    header[20] = 0x10
    view.setUint32(24, page.width - 1, true)
    view.setUint32(26, ((page.height - 1) << 8) | (((page.width - 1) >> 16) & 255), true)
  }
  return Buffer.concat([header, data])
}

const bytes = async (file: FileHandle, at: number, length: number): Promise<Uint8Array> => {
  const buffer = new Uint8Array(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  return buffer.subarray(0, bytesRead)
}
const ascii = (data: Uint8Array, at: number): string => String.fromCharCode(...data.subarray(at, at + 4))
const write = (data: Uint8Array, at: number, text: string): void => {
  for (let i = 0; i < text.length; i++) data[at + i] = text.charCodeAt(i)
}
const u24 = (data: Uint8Array, at: number): number => (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16)
const u32 = (data: Uint8Array, at: number): number => (u24(data, at) | ((data[at + 3] ?? 0) << 24)) >>> 0
