/**
 * P14: what it costs to show a camera live. One camera (H.264 Main, 1280×720 at 25 fps, 3 Mbit/s, some grain) on a real RTSP server is watched in turns
 * by node-rtsp-stream's own muxer with its own arguments, and by the station's preview: passed on, painted because of a mask, and with
 * nobody looking. CPU is that of Node and every FFmpeg below it.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js'
import { realClock } from '../../edge/clock.ts'
import type { CameraConfig } from '../../edge/ingest/cameras.ts'
import { openPreview } from '../../edge/ingest/preview.ts'
import { needsRtsp, type RtspServer, rtspServer } from '../support/rtsp.ts'
import { until } from '../support/until.ts'
import { somebody } from '../support/viewer.ts'
import { type Bench, compare, cpuOf, type Figure, found, type Skipped, sleep } from './measure.ts'

const settle_ms = 2_000
const watch_ms = 6_000
/** Longer than a turn: each connection plays it from its beginning. */
const film_s = 20
const mask = [
  [0, 0],
  [200, 0],
  [200, 120]
] as const

export default async (bench: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const ffmpeg = found('ffmpeg')
  const { skip } = needsRtsp()
  if (ffmpeg === undefined || skip !== false) return [{ skipped: skip || 'FFmpeg is not on this machine (apt install ffmpeg)' }]
  const film = join(bench.dir, 'film.mp4')
  record(ffmpeg, film)
  const server = await rtspServer({ file: film })
  bench.after(() => server.stop())

  const cpu: Record<'reference' | 'again' | 'copied' | 'painted' | 'nobody', number[]> = {
    ...{ reference: [], again: [], copied: [], painted: [], nobody: [] }
  }
  for (let round = 0; round < bench.rounds; round++) {
    // What this process spends on nothing is nobody's cost.
    const idle = await shareOfCore(server.pid)
    cpu.reference.push((await muxer(server, ffmpeg)) - idle)
    cpu.copied.push((await preview(server, [], 1)) - idle)
    cpu.again.push((await muxer(server, ffmpeg)) - idle)
    cpu.painted.push((await preview(server, [mask], 1)) - idle)
    cpu.nobody.push((await preview(server, [], 0)) - idle)
  }
  const row = (what: string, goal: string, limit: Parameters<typeof compare>[0]['limit'], ours: number[]): Figure =>
    compare({ id: 'P14', what: `CPU per live camera, ${what}`, unit: '%', goal, limit }, cpu.reference, cpu.again, ours)
  const figures = [
    row('H.264 passed on', '≤ 0.05×', 0.05, cpu.copied),
    row('masked, so painted at 640×384', '–', undefined, cpu.painted),
    row('nobody looks', '0', (_, share) => Math.abs(share) < 0.1, cpu.nobody)
  ]
  for (const { what, ours, reference, ratio } of figures)
    bench.say(`${what}: ${ours.toFixed(2)} % of a core against ${reference.toFixed(1)} %, ${ratio.toFixed(3)}×`)
  return figures
}

const record = (ffmpeg: string, file: string): void => {
  const made = spawnSync(ffmpeg, [
    ...['-y', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25,noise=alls=8:allf=t', '-t', String(film_s)],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-profile:v',
      'main',
      '-b:v',
      '3M',
      '-maxrate',
      '3M',
      '-bufsize',
      '3M',
      '-g',
      '50',
      '-bf',
      '0'
    ],
    ...['-pix_fmt', 'yuv420p', file]
  ])
  if (made.status !== 0) throw new Error(`no film to show: ${made.stderr}`)
}

/** Share of a core in percent: this process and all below it, but for the camera. */
const shareOfCore = async (camera_pid: number): Promise<number> => {
  const spent = (): number => cpuOf([process.pid]) - cpuOf([camera_pid])
  await sleep(settle_ms)
  const before = spent()
  const began = performance.now()
  await sleep(watch_ms)
  return (100 * (spent() - before)) / ((performance.now() - began) * 1000)
}

const muxer = async ({ url, pid }: RtspServer, ffmpegPath: string): Promise<number> => {
  const one = new Mpeg1Muxer({ url, ffmpegPath, ffmpegOptions: {} })
  let parts = 0
  one.on('mpeg1data', () => void parts++)
  try {
    await until(() => parts > 3, 'node-rtsp-stream has pictures', 15_000)
    return await shareOfCore(pid)
  } finally {
    one.stream.kill('SIGKILL')
  }
}

const preview = async ({ url, pid }: RtspServer, masks: CameraConfig['masks'], viewers: 0 | 1): Promise<number> => {
  const camera = { id: 'cam', url, zone: 'hall', masks: masks ?? [] }
  const opened = openPreview({ cameras: [camera], clock: realClock, log: { info: () => {}, warn: () => {} } })
  const seen = somebody()
  try {
    if (viewers === 1) opened.watch('cam', seen.viewer)
    await until(() => viewers === 0 || seen.parts.length > 3, 'the station has pictures', 15_000)
    return await shareOfCore(pid)
  } finally {
    await opened.close()
  }
}
