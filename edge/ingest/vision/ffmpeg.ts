/**
 * Pictures of RTSP cameras and video files, by the system's FFmpeg, one process a camera. Every frame comes, small, and is
 * sampled here: the usual `fps=2` filter keeps each picture for 0.8 s more [performance 2e, P13]. Credentials reach FFmpeg as a
 * playlist on its standard input, because a command line is readable by everyone on the machine [faults 1.13].
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { CameraOrder } from './messages.ts'
import { sentence } from './sentence.ts'
import type { Hands, Source } from './source.ts'
import { explain, stderrTail } from './stderr.ts'
import { networkTarget } from './target.ts'
import { checkCameraUrl } from './url.ts'
import type { Size, View } from './view.ts'

export type FfmpegPlan = { readonly args: readonly string[]; readonly stdin: string | undefined }

const give_up_us = 5_000_000
/** Containers only: a playlist dressed as .mp4 would make FFmpeg read other files and addresses. */
const containers = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,h264,hevc,ogg,gif'

/** How FFmpeg is told where to read; the password is only ever in `stdin`. */
const input = (kind: 'rtsp' | 'file', target: string): { args: readonly string[]; stdin: string | undefined } =>
  kind === 'file'
    ? { args: ['-protocol_whitelist', 'file', '-format_whitelist', containers, '-i', `file:${target}`], stdin: undefined }
    : {
        args: ['-protocol_whitelist', 'pipe,rtsp,rtp,tcp,tls,crypto', '-safe', '0', '-f', 'concat', '-i', 'pipe:0'],
        stdin: `ffconcat version 1.0\nfile '${target}'\noption rtsp_transport tcp\noption timeout ${give_up_us}\noption fflags nobuffer\n`
      }

/** `at_once` reads a file as fast as it goes, once: for evaluations, where every frame counts and none may be let go. */
export const ffmpegArgs = (kind: 'rtsp' | 'file', target: string, view: View, pace: 'live' | 'at_once' = 'live'): FfmpegPlan => {
  const { args, stdin } = input(kind, target)
  const { content, canvas, source } = view
  // Fixed sizes on both sides: a camera that changes its resolution, or comes back with another, cannot shift the byte count of a frame.
  const scale = `scale=${content.width}:${content.height}:flags=${content.width < source.width ? 'area' : 'bicubic'}`
  const paced = kind === 'rtsp' ? ['-fflags', 'nobuffer'] : pace === 'live' ? ['-re', '-stream_loop', '-1'] : []
  return {
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning', '-noautorotate', '-threads', '1', '-flags', 'low_delay'],
      ...paced,
      ...args,
      ...['-map', '0:v:0', '-an', '-sn', '-dn', '-vf', `${scale},pad=${canvas.width}:${canvas.height}:0:0`],
      ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
    ],
    stdin
  }
}

export const probeArgs = (kind: 'rtsp' | 'file', target: string): FfmpegPlan => {
  const { args, stdin } = input(kind, target)
  const show = ['-select_streams', 'v:0', '-show_entries', 'stream=width,height,sample_aspect_ratio', '-of', 'json']
  return { args: ['-hide_banner', '-loglevel', 'warning', ...show, ...args], stdin }
}

export const openFfmpeg = (order: CameraOrder, hands: Hands, ffmpeg: string): Source => {
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
    const probed = await probe(ffmpeg, probeArgs(kind, target), order.password, child => {
      running = child
    })
    if (stopped) return
    if (typeof probed === 'string') return end(probed)
    const view = hands.lay(probed, probed.pixel_aspect)
    running = play(ffmpeg, ffmpegArgs(kind, target, view), view, order.password, hands, end)
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

const start = (program: string, { args, stdin }: FfmpegPlan): ChildProcess => {
  // A bare environment: nothing of the station's reaches a program that parses what strangers send.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' } })
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

type Probed = Size & { readonly pixel_aspect: number }

const probe = (
  ffmpeg: string,
  plan: FfmpegPlan,
  secret: string | undefined,
  running: (child: ChildProcess) => void
): Promise<Probed | string> =>
  new Promise(settle => {
    const program = ffmpeg.replace(/ffmpeg([^/]*)$/, 'ffprobe$1')
    const child = start(program, plan)
    running(child)
    const tail = stderrTail(child.stderr, secret)
    let said = ''
    child.stdout?.on('data', chunk => {
      if (said.length < 10_000) said += chunk
    })
    const tooLong = setTimeout(() => child.kill('SIGKILL'), 8_000)
    child.on('error', error => {
      clearTimeout(tooLong)
      settle(
        (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? missing(program)
          : sentence('FFmpeg 无法启动', `FFmpeg does not start: ${error.message}`)
      )
    })
    child.on('close', () => {
      clearTimeout(tooLong)
      settle(sizeFrom(said) ?? explain(tail.lines()))
    })
  })

const sizeFrom = (said: string): Probed | undefined => {
  try {
    const { streams } = JSON.parse(said) as { streams?: { width?: number; height?: number; sample_aspect_ratio?: string }[] }
    const { width, height, sample_aspect_ratio } = streams?.[0] ?? {}
    if (!width || !height) return undefined
    const [over, under] = (sample_aspect_ratio ?? '1:1').split(':').map(Number)
    const aspect = over && under ? over / under : 1
    return { width, height, pixel_aspect: aspect > 0.25 && aspect < 4 ? aspect : 1 }
  } catch {
    // Not JSON: the probe died while speaking, and what it said on its other channel is the reason.
    return undefined
  }
}

const play = (
  ffmpeg: string,
  plan: FfmpegPlan,
  view: View,
  secret: string | undefined,
  hands: Hands,
  end: (why: string) => void
): ChildProcess => {
  const child = start(ffmpeg, plan)
  const tail = stderrTail(child.stderr, secret)
  const size = view.canvas.width * view.canvas.height * 3
  let filling: Uint8Array = Buffer.allocUnsafeSlow(size)
  let filled = 0
  child.stdout?.on('data', (chunk: Uint8Array) => {
    let from = 0
    while (from < chunk.length) {
      const take = Math.min(chunk.length - from, size - filled)
      filling.set(chunk.subarray(from, from + take), filled)
      from += take
      filled += take
      if (filled === size) {
        filled = 0
        filling = hands.picture(filling) ?? Buffer.allocUnsafeSlow(size)
      }
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
