/**
 * Pictures of RTSP cameras and video files, by the system's FFmpeg, one process a camera. More come than are counted, small, and
 * are sampled here: the usual `fps=2` filter keeps each picture for 0.8 s more [performance 2e, P13]. Credentials reach FFmpeg as a
 * playlist on its standard input, because a command line is readable by everyone on the machine [faults 1.13].
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import type { CameraOrder } from './messages.ts'
import { sentence } from './sentence.ts'
import type { Hands, OpenSource } from './source.ts'
import { explain, stderrTail } from './stderr.ts'
import { networkTarget } from './target.ts'
import { checkCameraUrl } from './url.ts'
import { fitView, largest_px, type Size } from './view.ts'

export type FfmpegPlan = { readonly args: readonly string[]; readonly stdin: string | undefined }

const give_up_us = 5_000_000
/** That of the vision process, whoever asks. */
const niceness = 5
/** Containers only: a playlist dressed as .mp4 would make FFmpeg read other files and addresses. */
const containers = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,h264,hevc,ogg,gif'

/** How FFmpeg is told where to read; the password is only ever in `stdin`. */
const input = (kind: 'rtsp' | 'file', target: string): { args: readonly string[]; stdin: string | undefined } =>
  kind === 'file'
    ? { args: ['-protocol_whitelist', 'file', '-format_whitelist', containers, '-i', `file:${target}`], stdin: undefined }
    : {
        // Measuring the frame rate first would cost a second of every connection (3.2 s to the first picture against 2.2 s).
        args: ['-fpsprobesize', '0', '-protocol_whitelist', 'pipe,rtsp,rtp,tcp,tls,crypto', '-safe', '0', '-f', 'concat', '-i', 'pipe:0'],
        stdin: `ffconcat version 1.0\nfile '${target}'\noption rtsp_transport tcp\noption timeout ${give_up_us}\noption fflags nobuffer\noption fpsprobesize 0\n`
      }

/**
 * What is read: a live stream at its own pace, of which pictures are wanted that are about so far apart; or a file as fast as it goes,
 * once, for evaluations: every picture of it, or `fps`.
 */
export type Reading = { readonly apart_s: number } | { readonly fps: number | 'all' }

export const ffmpegArgs = (kind: 'rtsp' | 'file', target: string, canvas: Size, reading: Reading): FfmpegPlan => {
  const { args, stdin } = input(kind, target)
  const { width, height } = canvas
  // Whatever size comes, also in mid-stream, exactly this many bytes leave: a frame can never be misaligned [faults 2.5].
  const live = 'apart_s' in reading
  // Of a live camera, what it says of each picture before it is scaled: its size and its time. Only numbers, on standard error.
  const some = live ? `showinfo=checksum=0,${thinned(reading.apart_s)},` : reading.fps === 'all' ? '' : `fps=${reading.fps},`
  const fit = `${some}scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bicubic,pad=${width}:${height}:0:0`
  const paced = kind === 'rtsp' ? ['-fflags', 'nobuffer'] : live ? ['-re', '-stream_loop', '-1'] : []
  // Raw pictures are written by threads too if nobody says otherwise, and each would wait for the next: 67 ms at 15 a second, 200 at 5.
  const written = ['-threads', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
  return {
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info', '-noautorotate', '-threads', '1', '-flags', 'low_delay'],
      ...paced,
      ...args,
      ...['-map', '0:v:0', '-an', '-sn', '-dn', '-vf', fit, '-fps_mode', 'passthrough', ...written]
    ],
    stdin
  }
}

/**
 * Of more pictures than are wanted, one is let go before it is scaled and sent, which costs more than decoding it. None is held back, as
 * `fps` does. The one nearest to its time is taken; what has no time, or an earlier one than the last, always.
 */
const thinned = (apart_s: number): string =>
  `select='isnan(t)+isnan(prev_selected_t)+lt(t,prev_selected_t)+gt(t-prev_selected_t,${apart_s}-0.55*(t-prev_t))'`

/** A camera's own size is only known once it speaks; the next connection then asks for a canvas without waste. */
const learnt = new WeakMap<CameraOrder, Size>()

export const openFfmpeg: OpenSource = (order, hands, ffmpeg) => {
  let running: ChildProcess | undefined
  let stopped = false
  const end = (why: string): void => {
    if (stopped) return
    stopped = true
    hands.ended(why)
  }
  const begin = async (): Promise<void> => {
    const checked = checkCameraUrl(order.url)
    if ('refused' in checked) return end(checked.refused)
    const kind = checked.kind === 'file' ? 'file' : 'rtsp'
    const target = kind === 'file' ? resolve(order.url) : await networkTarget(order.url, order.password)
    if (typeof target !== 'string') return end(target.refused)
    if (!stopped) running = play(ffmpeg, kind, target, order, hands, end)
  }
  begin().catch(cause => end(sentence('无法打开', `cannot be opened: ${(cause as Error).message}`)))
  return {
    stop: () => {
      stopped = true
      // SIGKILL also ends one that is stopped or stuck; it has nothing to save.
      running?.kill('SIGKILL')
    }
  }
}

const play = (
  ffmpeg: string,
  kind: 'rtsp' | 'file',
  target: string,
  order: CameraOrder,
  hands: Hands,
  end: (why: string) => void
): ChildProcess => {
  const [wide, high] = order.size_px ?? largest_px
  const before = learnt.get(order)
  const canvas = fitView(before ?? { width: wide, height: high }, order.size_px).canvas
  const size = canvas.width * canvas.height * 3
  const child = start(ffmpeg, ffmpegArgs(kind, target, canvas, { apart_s: hands.apart_s }))
  let shown: number | undefined
  const tail = stderrTail(
    child.stderr,
    order.password,
    source => {
      learnt.set(order, source)
      const view = hands.lay(source, canvas)
      shown = view.canvas.width * view.canvas.height * 3
    },
    hands.timed
  )
  let filling: Uint8Array = Buffer.allocUnsafeSlow(size)
  let filled = 0
  child.stdout?.on('data', (chunk: Uint8Array) => {
    let from = 0
    while (from < chunk.length) {
      const take = Math.min(chunk.length - from, size - filled)
      filling.set(chunk.subarray(from, from + take), filled)
      from += take
      filled += take
      if (filled < size) continue
      filled = 0
      if (shown === undefined) hands.skipped(1)
      else filling = whole(hands.picture(filling.subarray(0, shown)), size)
    }
  })
  child.on('error', error =>
    end(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? missing(ffmpeg)
        : sentence('FFmpeg 无法启动', `FFmpeg does not start: ${error.message}`)
    )
  )
  child.on('close', (code, signal) => end(explain(tail.lines(), signal ?? undefined, code ?? undefined)))
  return child
}

/** The buffer behind a picture that nobody looks at any more, or a new one. */
const whole = (used: Uint8Array | undefined, size: number): Uint8Array =>
  used?.buffer.byteLength === size ? new Uint8Array(used.buffer) : Buffer.allocUnsafeSlow(size)

const start = (program: string, { args, stdin }: FfmpegPlan): ChildProcess => {
  // A bare environment: nothing of the station's reaches a program that parses what strangers send.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' } })
  // For a live picture it is started by the station itself, and must not be as important.
  if (child.pid !== undefined) setPriority(child.pid, niceness)
  // A process that dies at once closes its input before it is written to; its exit says why.
  child.stdin?.on('error', () => {})
  child.stdin?.end(stdin ?? '')
  return child
}

const missing = (program: string): string =>
  sentence(
    '本机没有 FFmpeg，RTSP 摄像头和视频文件无法读取：请安装 Debian 软件包 ffmpeg（apt install ffmpeg）',
    `${program} is not on this machine, so RTSP cameras and video files cannot be read: install Debian's package ffmpeg (apt install ffmpeg)`
  )
