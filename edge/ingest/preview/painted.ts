/**
 * For cameras that speak anything but H.264, for recordings, and for cameras with masks, which a copied stream cannot cover: pictures
 * come by the sources of vision (addresses checked, credentials out of sight), are masked here, and go through node-rtsp-stream's
 * muxer to MPEG-1. The muxer gets nothing but our own pictures on its standard input, so that no address, no credential and no
 * stranger's bytes reach the command line that it builds (docs/decisions/0018).
 */
import { setPriority } from 'node:os'
import Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js'
import { openFfmpeg } from '../vision/ffmpeg.ts'
import { openHttp } from '../vision/http.ts'
import { openRecording } from '../vision/recording.ts'
import { sentence } from '../vision/sentence.ts'
import type { OpenSource, Source } from '../vision/source.ts'
import { explain, stderrTail } from '../vision/stderr.ts'
import { checkCameraUrl } from '../vision/url.ts'
import { fitInto, fitView, type Point, type View } from '../vision/view.ts'
import type { OpenLane } from './lane.ts'
import { masksOn, type Paint } from './mask.ts'
import { cutTransport } from './parts.ts'

/** Frigate caps its jsmpeg view at 10 fps and 720p and calls it the worse choice; on two cores it is smaller still. */
const painted_px: Point = [640, 384]
const painted_fps = 10
/** Every picture of such a camera is a request of its own. */
const asked_fps = 5
/** The muxer runs below vision, which runs below the station. */
const niceness = 10

const sources: Readonly<Record<'rtsp' | 'http' | 'file', OpenSource>> = { rtsp: openFfmpeg, http: openHttp, file: openRecording }

const encoding: Readonly<Record<string, string>> = {
  '-hide_banner': '',
  '-nostats': '',
  '-loglevel': 'level+warning',
  '-threads': '1',
  // MPEG-1 knows no rate under 23.976; pictures are shown when they come, so the nominal 25 are only what the bits are counted by.
  '-b:v': '3000k',
  '-g': String(painted_fps),
  '-bf': '0',
  '-fps_mode': 'passthrough',
  '-an': '',
  '-muxdelay': '0.001',
  '-flush_packets': '1'
}

type Encoder = { readonly write: (picture: Uint8Array) => boolean; readonly stop: () => void; readonly pid: number | undefined }
type Layout = { readonly view: View; readonly width: number; readonly height: number; readonly paint: Paint }

export const openPainted: OpenLane = (given, hands, ffmpeg) => {
  const checked = checkCameraUrl(given.url)
  const kind = 'refused' in checked ? 'file' : checked.kind
  const order = { ...given, size_px: painted_px, fps: kind === 'http' ? asked_fps : painted_fps }
  let source: Source | undefined
  let encoder: Encoder | undefined
  let layout: Layout | undefined
  let stopped = false
  let due = 0
  const stop = (): void => {
    stopped = true
    source?.stop()
    encoder?.stop()
  }
  const end = (why: string): void => {
    if (stopped) return
    stop()
    hands.ended(why)
  }

  const lay = (view: View): View => {
    const size = { width: view.content.width & ~1, height: view.content.height & ~1 }
    // The encoder was started for one size; the next opening is for the new one.
    if (layout !== undefined && (layout.width !== size.width || layout.height !== size.height))
      end(sentence('摄像头改变了分辨率', 'the camera changed its resolution'))
    layout = { view, ...size, paint: masksOn(view, order.masks, size.width, size.height) }
    return view
  }

  const picture = (rgb: Uint8Array): Uint8Array => {
    const now = performance.now()
    if (stopped || layout === undefined || now < due) return rgb
    due = Math.max(due + 1000 / painted_fps, now - 100)
    if (encoder === undefined) {
      encoder = openEncoder(ffmpeg, part => !stopped && hands.part(part), end)
      hands.begins({ format: 'mpeg1', width: layout.width, height: layout.height })
    }
    if (!encoder.write(asPpm(rgb, layout))) hands.skipped()
    return rgb
  }

  if ('refused' in checked) queueMicrotask(() => end(checked.refused))
  else
    source = sources[kind](
      order,
      {
        lay: (size, canvas) => lay(canvas === undefined ? fitView(size, order.size_px) : fitInto(size, canvas)),
        picture,
        timed: () => {},
        skipped: () => {},
        ended: end,
        photograph: () => {},
        fps: () => order.fps,
        apart_s: 1 / painted_fps
      },
      ffmpeg
    )
  return { stop, pids: () => (stopped || encoder?.pid === undefined ? [] : [encoder.pid]) }
}

/** The picture without the canvas around it, masked, with the few bytes in front that tell FFmpeg what it is. */
const asPpm = (rgb: Uint8Array, { view, width, height, paint }: Layout): Uint8Array => {
  // FFmpeg knows it by the line feed after the P6; the format lets any blank stand there.
  const head = Buffer.from(`P6\n${width} ${height}\n255\n`)
  const ppm = Buffer.allocUnsafe(head.length + width * height * 3)
  ppm.set(head)
  const pixels = ppm.subarray(head.length)
  const row = view.canvas.width * 3
  for (let y = 0; y < height; y++) pixels.set(rgb.subarray(y * row, y * row + width * 3), y * width * 3)
  paint(pixels)
  return ppm
}

const openEncoder = (ffmpeg: string, hear: Parameters<typeof cutTransport>[0], end: (why: string) => void): Encoder => {
  const muxer = new Mpeg1Muxer({ url: 'pipe:0', ffmpegPath: ffmpeg, ffmpegOptions: encoding })
  const { stream } = muxer
  const tail = stderrTail(stream.stderr, undefined, () => {})
  const cut = cutTransport(hear)
  muxer.on('mpeg1data', (chunk: Uint8Array) => {
    const wrong = cut(chunk)
    if (wrong !== undefined) end(sentence('画面编码出错', `the encoder writes ${wrong.refused}`))
  })
  // Without a listener a program that is missing would end the station.
  stream.on('error', error => end(sentence('FFmpeg 无法启动', `FFmpeg does not start: ${error.message}`)))
  stream.on('close', (code, signal) => end(explain(tail.lines(), signal ?? undefined, code ?? undefined)))
  stream.stdin?.on('error', () => {})
  if (stream.pid !== undefined) setPriority(stream.pid, niceness)
  return {
    pid: stream.pid,
    write: picture => {
      // A mailbox of one: while the encoder is busy with a picture the next one is let go.
      if (stream.stdin === null || !stream.stdin.writable || stream.stdin.writableLength > 0) return false
      stream.stdin.write(picture)
      return true
    },
    stop: () => {
      stream.kill('SIGKILL')
    }
  }
}
