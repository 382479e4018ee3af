/** The parts of jsmpeg that are used: from the transport stream to the canvas. */
declare module '@cycjimmy/jsmpeg-player' {
  type Decoder = {
    readonly connect: (renderer: object) => void
    /** Whether there was a picture to decode. */
    readonly decode: () => boolean
  }
  type Demuxer = { readonly connect: (stream: number, decoder: Decoder) => void; readonly write: (bytes: Uint8Array<ArrayBuffer>) => void }
  const JSMpeg: {
    readonly Demuxer: { readonly TS: { new (options: object): Demuxer; readonly STREAM: { readonly VIDEO_1: number } } }
    readonly Decoder: { readonly MPEG1Video: new (options: { streaming: boolean; onVideoDecode: () => void }) => Decoder }
    readonly Renderer: { readonly Canvas2D: new (options: { canvas: HTMLCanvasElement }) => object }
  }
  export default JSMpeg
}
