/**
 * A file as camera. What it is, is read from its first bytes and not from its name: animated WebP and photographs are shown
 * with sharp, so that the demo needs no FFmpeg; video goes to FFmpeg; a text file is told that it is neither.
 */
import { open, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { openFfmpeg } from './ffmpeg.ts'
import { layPicture, layPixels, most_bytes, readSize } from './picture.ts'
import { sentence } from './sentence.ts'
import type { OpenSource } from './source.ts'
import { openAnimation } from './webp.ts'

export type Sniffed = 'webp' | 'photograph' | 'video'

const signs: readonly (readonly [Sniffed, number, string])[] = [
  ['webp', 8, 'WEBP'],
  ['photograph', 0, '\xff\xd8\xff'],
  ['photograph', 0, '\x89PNG\r\n\x1a\n'],
  ['video', 4, 'ftyp'],
  ['video', 8, 'AVI '],
  ['video', 0, '\x1aE\xdf\xa3'],
  ['video', 0, '\x00\x00\x01\xba'],
  ['video', 0, '\x00\x00\x00\x01'],
  ['video', 0, 'FLV\x01'],
  ['video', 0, 'OggS'],
  ['video', 0, 'GIF8']
]

export const sniff = (head: Uint8Array): Sniffed | undefined => {
  const text = String.fromCharCode(...head.subarray(0, 400))
  const found = signs.find(([, at, sign]) => text.startsWith(sign, at))
  if (found !== undefined) return found[0]
  // An MPEG transport stream has no signature but this byte in front of each packet.
  return text[0] === 'G' && text[188] === 'G' && text[376] === 'G' ? 'video' : undefined
}

export const openRecording: OpenSource = (order, hands, ffmpeg) => {
  const stop = new AbortController()
  let inner = { stop: () => {} }
  const path = resolve(order.url)
  const begin = async (): Promise<string | undefined> => {
    const info = await stat(path)
    if (!info.isFile()) return sentence('不是文件', `${order.url} is not a file`)
    const kind = sniff(await head(path))
    if (kind === undefined) return sentence('不是图片或视频', `${order.url} is not a picture or video`)
    if (stop.signal.aborted) return undefined
    if (kind === 'video') {
      inner = openFfmpeg(order, hands, ffmpeg)
      return undefined
    }
    const player = kind === 'webp' ? await openAnimation(path) : undefined
    if (player === undefined) await showPhotograph()
    else await play(player)
    return undefined
  }

  const showPhotograph = async (): Promise<void> => {
    const { size } = await stat(path)
    if (size > most_bytes) throw new Error(`a photograph of more than ${most_bytes / 2 ** 20} MB`)
    const bytes = await readFile(path)
    hands.photograph()
    const picture = await layPicture(bytes, hands.lay(await readSize(bytes)))
    while (!stop.signal.aborted) {
      hands.picture(Uint8Array.from(picture))
      await after(1000 / hands.fps(), undefined, { signal: stop.signal })
    }
  }

  const play = async (player: NonNullable<Awaited<ReturnType<typeof openAnimation>>>): Promise<void> => {
    try {
      const view = hands.lay(player.size)
      if (player.durations_ms.length === 1) hands.photograph()
      let due = performance.now()
      for (let index = 0; !stop.signal.aborted; index = (index + 1) % player.durations_ms.length) {
        hands.picture(await layPixels(await player.page(index), player.size, view))
        due += player.durations_ms[index] ?? 100
        // A machine that slept does not play the night in a hurry.
        due = Math.max(due, performance.now() - 1_000)
        await after(Math.max(1, due - performance.now()), undefined, { signal: stop.signal })
      }
    } finally {
      await player.close()
    }
  }

  begin().then(
    why => {
      if (why !== undefined && !stop.signal.aborted) hands.ended(why)
    },
    cause => {
      if (!stop.signal.aborted) hands.ended(reason(cause as NodeJS.ErrnoException, order.url))
    }
  )
  return {
    stop: () => {
      stop.abort()
      inner.stop()
    }
  }
}

const reason = (cause: NodeJS.ErrnoException, path: string): string => {
  if (cause.code === 'ENOENT') return sentence('文件不存在', `there is no file ${path}`)
  if (cause.code === 'EACCES') return sentence('没有读取权限', `${path} may not be read`)
  return sentence('图片无法读取', `${path} cannot be shown: ${cause.message.split('\n', 1)[0]}`)
}

const head = async (path: string): Promise<Uint8Array> => {
  const file = await open(path)
  try {
    const buffer = new Uint8Array(400)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
