/**
 * MPEG-1, decoded by jsmpeg in JavaScript: each picture when it comes, so that none ever waits. Its own player is not used: it fetches
 * by itself, keeps a queue, and wants WebAssembly, which the station's policy for scripts rightly does not allow.
 */
import type { Player } from './player.ts'

export const openPainted = (canvas: HTMLCanvasElement): Player => {
  let shown_at: number | undefined
  let early: (readonly [Uint8Array<ArrayBuffer>, number])[] = []
  let taking = 0
  let take = (bytes: Uint8Array<ArrayBuffer>, at: number): void => void early.push([bytes, at])
  let closed = false

  void import('@cycjimmy/jsmpeg-player').then(({ default: { Demuxer, Decoder, Renderer } }) => {
    if (closed) return
    const demuxer = new Demuxer.TS({})
    const decoder = new Decoder.MPEG1Video({
      streaming: true,
      onVideoDecode: () => {
        shown_at = taking
      }
    })
    demuxer.connect(Demuxer.TS.STREAM.VIDEO_1, decoder)
    decoder.connect(new Renderer.Canvas2D({ canvas }))
    take = (bytes, at) => {
      taking = at
      demuxer.write(bytes)
      while (decoder.decode());
    }
    for (const [bytes, at] of early) take(bytes, at)
    early = []
  })
  return {
    take: (bytes, at) => {
      if (!closed) take(bytes, at)
    },
    shown_at: () => shown_at,
    close: () => {
      closed = true
      early = []
      canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height)
    }
  }
}
