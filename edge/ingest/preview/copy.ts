/**
 * H.264 as the camera sends it, put into fragments of MP4 and not decoded: 0.7 % of a core where transcoding is 12 % [P14].
 * The address and its credential reach FFmpeg on its standard input, as they do for vision.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { sentence } from '../vision/sentence.ts'
import { explain, stderrTail } from '../vision/stderr.ts'
import { networkTarget } from '../vision/target.ts'
import type { OpenLane } from './lane.ts'
import { cutMp4 } from './parts.ts'

const give_up_us = 5_000_000
/** With `frag_keyframe` alone a viewer would get one part per group of pictures: 2 to 10 s late, and never sure that it still comes. */
const fragment_us = 200_000

/** What the command line holds is the same for every camera. */
export const copyArgs: readonly string[] = [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info', '-fflags', 'nobuffer', '-fpsprobesize', '0'],
  ...['-protocol_whitelist', 'pipe,rtsp,rtp,tcp,tls,crypto', '-safe', '0', '-f', 'concat', '-i', 'pipe:0'],
  ...['-map', '0:v:0', '-c', 'copy', '-an', '-sn', '-dn', '-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
  ...['-frag_duration', String(fragment_us), '-flush_packets', '1', 'pipe:1']
]

export const openCopy: OpenLane = (order, hands, ffmpeg) => {
  let child: ChildProcess | undefined
  let stopped = false
  const kill = (): void => {
    stopped = true
    // SIGKILL also ends one that is stopped or stuck; it has nothing to save.
    child?.kill('SIGKILL')
  }
  const end = (why: string, other = false): void => {
    if (stopped) return
    kill()
    hands.ended(why, other)
  }
  const cut = cutMp4(
    start => {
      if (start.codec === '') end(not_h264, true)
      else hands.begins({ format: 'mp4', ...start })
    },
    part => hands.part(part)
  )
  const begin = async (): Promise<void> => {
    const target = await networkTarget(order.url, order.password)
    if (typeof target !== 'string') return end(target.refused)
    if (stopped) return
    const started = spawn(ffmpeg, copyArgs, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' }
    })
    child = started
    // A process that dies at once closes its input before it is written to; its exit says why.
    started.stdin.on('error', () => {})
    started.stdin.end(
      `ffconcat version 1.0\nfile '${target}'\noption rtsp_transport tcp\noption timeout ${give_up_us}\noption fflags nobuffer\noption fpsprobesize 0\n`
    )
    const tail = stderrTail(started.stderr, order.password, () => {})
    // Asked before the first picture: some codecs are muxed as readily as H.264, others end FFmpeg with words of the muxer.
    started.stderr.on('data', (text: string) => {
      const codec = /Stream #0:\d.*: Video: (\w+)/.exec(text)?.[1]
      if (codec !== undefined && codec !== 'h264') end(not_h264, true)
    })
    started.stdout.on('data', (chunk: Uint8Array) => {
      if (stopped) return
      const wrong = cut(chunk)
      if (wrong !== undefined) end(sentence('不是可识别的视频', `what it sends cannot be passed on: ${wrong.refused}`))
    })
    started.on('error', error => end(sentence('FFmpeg 无法启动', `FFmpeg does not start: ${error.message}`)))
    started.on('close', (code, signal) => end(explain(tail.lines(), signal ?? undefined, code ?? undefined)))
  }
  begin().catch(cause => end(sentence('无法打开', `cannot be opened: ${(cause as Error).message}`)))
  return { stop: kill, pids: () => (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null ? [] : [child.pid]) }
}

const not_h264 = sentence('画面不是 H.264', 'the picture is not H.264')
