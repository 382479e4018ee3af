/** The camera's own H.264, shown by the browser's decoder. A picture in a queue is an old picture, so it stays close to the newest. */
import type { Player } from './player.ts'

/** Fragments are 0.2 s: this far behind the newest a late one is not missed, and further behind than the second it jumps. */
const behind_s = 0.5
const most_behind_s = 1.5
const kept_s = 10
/** A browser that does not open the stream at all would otherwise keep what comes for ever. */
const most_waiting = 200

/** Phones of Apple have only the managed kind. */
const Source: typeof MediaSource | undefined =
  (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource ?? globalThis.MediaSource

const typeOf = (codec: string): string => `video/mp4; codecs="${codec}"`
export const can_copy = Source !== undefined
export const canShow = (codec: string): boolean => Source?.isTypeSupported(typeOf(codec)) ?? false

/** `broken`: this browser cannot show this stream after all. */
export const openCopied = (video: HTMLVideoElement, codec: string, broken: () => void): Player => {
  if (Source === undefined) throw new Error('asked for H.264 where there is no way to show it')
  const source = new Source()
  const address = URL.createObjectURL(source)
  const waiting: { readonly bytes: Uint8Array<ArrayBuffer>; readonly at: number }[] = []
  /** Up to which second of the stream the pictures came from the camera by when. */
  const came: { readonly until: number; readonly at: number }[] = []
  let buffer: SourceBuffer | undefined
  let taking = 0
  let closed = false

  const giveUp = (): void => {
    if (!closed) broken()
  }
  const next = (): void => {
    if (closed || buffer === undefined || buffer.updating || source.readyState !== 'open') return
    const old = video.currentTime - kept_s
    try {
      if (buffer.buffered.length > 0 && buffer.buffered.start(0) < old - kept_s) {
        buffer.remove(0, old)
        return
      }
      const part = waiting.shift()
      if (part === undefined) return
      taking = part.at
      buffer.appendBuffer(part.bytes)
    } catch {
      giveUp()
    }
  }
  const follow = (): void => {
    if (buffer === undefined || closed) return
    const last = buffer.buffered.length - 1
    if (last < 0) return
    const start = buffer.buffered.start(last)
    const newest = buffer.buffered.end(last)
    if (taking > 0 && newest > (came.at(-1)?.until ?? -1)) came.push({ until: newest, at: taking })
    while ((came[0]?.until ?? Number.POSITIVE_INFINITY) < video.currentTime - 1) came.shift()
    if (video.currentTime < start || newest - video.currentTime > most_behind_s) video.currentTime = Math.max(start, newest - behind_s)
    if (video.paused) video.play().catch(() => {})
  }

  video.muted = true
  video.disableRemotePlayback = true
  video.addEventListener('error', giveUp)
  source.addEventListener(
    'sourceopen',
    () => {
      if (closed) return
      buffer = source.addSourceBuffer(typeOf(codec))
      buffer.addEventListener('updateend', () => {
        follow()
        next()
      })
      next()
    },
    { once: true }
  )
  video.src = address
  return {
    take: (bytes, at) => {
      if (waiting.length >= most_waiting) return giveUp()
      waiting.push({ bytes, at })
      next()
    },
    shown_at: () =>
      video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA ? undefined : came.find(({ until }) => until >= video.currentTime - 0.001)?.at,
    close: () => {
      closed = true
      video.removeEventListener('error', giveUp)
      video.removeAttribute('src')
      video.load()
      URL.revokeObjectURL(address)
    }
  }
}
