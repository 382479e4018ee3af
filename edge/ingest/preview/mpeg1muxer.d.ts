/** The one part of node-rtsp-stream that is used: it runs FFmpeg from a source to MPEG-1 and hands over what comes out. */
declare module 'node-rtsp-stream/mpeg1muxer.js' {
  import type { ChildProcess } from 'node:child_process'
  import type { EventEmitter } from 'node:events'

  type Options = { readonly url: string; readonly ffmpegPath: string; readonly ffmpegOptions: Readonly<Record<string, string>> }
  const Mpeg1Muxer: new (options: Options) => EventEmitter & { readonly stream: ChildProcess }
  export default Mpeg1Muxer
}
