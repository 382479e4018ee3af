/**
 * How much one core counts, and how many cameras a whole station carries: frames a second per core on real pictures, and station after
 * station with one camera more (the annotated square at its own pace, 2 fps counted) until a number is more than 1.5 s late on the live
 * stream, a camera gets less than it asked for, or one is refused. Two cores are shared by cameras, decoding, station and listener.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { carries } from '../../edge/domain/frame-budget.ts'
import { openCounter } from '../../edge/ingest/vision/counter.ts'
import { ffmpegArgs } from '../../edge/ingest/vision/ffmpeg.ts'
import { fitView } from '../../edge/ingest/vision/view.ts'
import model from '../../models/crowdlite/model.ts'
import { makeBox, signIn } from '../support/box.ts'
import { data } from '../support/data.ts'
import { hearLive } from '../support/hears.ts'
import { until } from '../support/until.ts'
import { type Bench, type Figure, found, median, quantile, type Skipped, sleep } from './measure.ts'

const clip = 'video/pets2009-s2l1-view1.avi'
const source = { width: 768, height: 576 }
const fps = 2
const latest_ms = 1_500
const canvases = [
  [1024, 768],
  [640, 480],
  [320, 240]
] as const
const most_cameras = 40
const settle_ms = 15_000
const listen_ms = 20_000

export default async ({ say, dir }: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const file = data(clip)
  if (file === undefined) return [{ skipped: `cameras at once: there is no ${clip} (QIANSHAO_DATA names its folder)` }]
  if (found('ffmpeg') === undefined) return [{ skipped: 'cameras at once: FFmpeg is not on this machine (apt install ffmpeg)' }]
  const first: number[] = []
  for (const size of canvases) {
    const { cpu_ms, ms } = await onePicture(file, size)
    say(
      `${size.join('×')}: ${(1000 / cpu_ms).toFixed(1)} frames/s per core (${cpu_ms.toFixed(1)} ms of a core, ${ms.toFixed(1)} ms by the clock)`
    )
    // One below what the processor's time promises: what is asked first should fit.
    first.push(Math.max(1, carries(cpu_ms, fps, 0.85).in_full - 1))
  }
  for (const [i, size] of canvases.slice(0, 2).entries()) await mostCameras(join(dir, size.join('x')), file, size, first[i] ?? 1, say)
  return []
}

/** Processor time and time by the clock of one picture, medians over twenty of the square. */
const onePicture = async (file: string, size_px: readonly [number, number]): Promise<{ cpu_ms: number; ms: number }> => {
  const opened = await openCounter(model, new URL('../../models/crowdlite/', import.meta.url))
  if ('refused' in opened) throw new Error(opened.refused)
  const view = fitView(source, [...size_px])
  const bytes = view.canvas.width * view.canvas.height * 3
  const { stdout } = spawnSync('ffmpeg', ffmpegArgs('file', file, view.canvas, { fps: 0.2 }).args, { maxBuffer: 2 ** 30 })
  const pictures = Array.from({ length: Math.min(20, Math.floor(stdout.length / bytes)) }, (_, i) =>
    Uint8Array.from(stdout.subarray(i * bytes, (i + 1) * bytes))
  )
  const taken: { cpu_ms: number; ms: number }[] = []
  for (const rgb of pictures) {
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    await opened.counter.count({ rgb, view })
    const { user, system } = process.cpuUsage(cpu)
    taken.push({ cpu_ms: (user + system) / 1000, ms: performance.now() - began })
  }
  return { cpu_ms: median(taken.map(one => one.cpu_ms)), ms: median(taken.map(one => one.ms)) }
}

type Seen = {
  readonly cameras: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly least_fps: number
  readonly refused: number
  readonly late: number
}

/** One camera more each time; what fails once is tried once more, because a neighbour's minute is no limit of ours. */
const mostCameras = async (
  dir: string,
  file: string,
  size_px: readonly [number, number],
  first: number,
  say: Bench['say']
): Promise<void> => {
  let most: Seen | undefined
  let misses = 0
  let too_many = most_cameras + 1
  for (let n = first; n > 0 && n < too_many; ) {
    const own = join(dir, `${n}-${misses}`)
    mkdirSync(own, { recursive: true })
    const seen = await station(own, file, size_px, n)
    const fits = seen.p95_ms <= latest_ms && seen.refused === 0 && seen.least_fps >= 0.95 * fps
    say(
      `${size_px.join('×')}, ${n} cameras: frame → board p50 ${seen.p50_ms.toFixed(0)} ms, p95 ${seen.p95_ms.toFixed(0)} ms, slowest counted ${seen.least_fps.toFixed(2)} fps, refused ${seen.refused}, load ${loadavg()[0]?.toFixed(1)}${fits ? '' : ' · too many'}`
    )
    if (fits) {
      most = seen
      misses = 0
      n++
    } else if (++misses === 2) {
      // Downwards, when even the first was too many.
      too_many = n
      n = most === undefined ? n - 1 : too_many
      misses = 0
    }
  }
  say(
    most === undefined
      ? `${size_px.join('×')}: not one camera at ${fps} fps`
      : `${size_px.join('×')}: ${most.cameras} cameras at ${fps} fps, frame → board p95 ${most.p95_ms.toFixed(0)} ms (limit ${latest_ms})`
  )
}

type Camera = { readonly id: string; readonly state: string; readonly fps_given: number }

/** A whole station with n cameras, each with a zone of its own, and one listener at its live stream. */
const station = async (dir: string, file: string, size_px: readonly [number, number], n: number): Promise<Seen> => {
  const ids = Array.from({ length: n }, (_, i) => `z${i + 1}`)
  const zones = ids.map(id => ({ id, name: id, use: 'walkway', area_m2: 1000 }))
  const cameras = ids.map(zone => ({ id: `cam-${zone}`, url: file, zone, fps, size_px: [...size_px] }))
  const units = [{ id: 'command', name: '指挥长', agency: 'police', commands: true, members: ['commander'] }]
  const box = await makeBox(dir, [], { zones, cameras, units })
  const running = await box.start()
  try {
    const { cookie, get } = await signIn(box.url, 'commander', box.password)
    const now = (): Promise<readonly Camera[]> => get<readonly Camera[]>('/api/cameras')
    const decided = async (): Promise<boolean> => (await now()).every(({ state }) => state === 'live' || state === 'refused')
    await until(decided, 'each camera is live or refused', 120_000)
    await sleep(settle_ms)
    const ear = await hearLive(box.url, cookie)
    await sleep(listen_ms)
    ear.leave()
    const shown = await now()
    const late = new Map<string, number>()
    const ages: number[] = []
    const counts = new Map<string, number>()
    for (const { type, at, data } of ear.heard) {
      if (type !== 'zone' || data.age_seconds === null) continue
      // The same count shown again is no second picture.
      const seen_at = at - data.age_seconds * 1000
      if (Math.abs(seen_at - (late.get(data.id) ?? 0)) < 100) continue
      late.set(data.id, seen_at)
      counts.set(data.id, (counts.get(data.id) ?? 0) + 1)
      ages.push(data.age_seconds * 1000)
    }
    const live = shown.filter(({ state }) => state === 'live')
    const rates = live.map(({ id }) => ((counts.get(id.slice(4)) ?? 0) * 1000) / listen_ms)
    return {
      cameras: n,
      p50_ms: quantile(ages, 0.5),
      p95_ms: quantile(ages, 0.95),
      least_fps: Math.min(...rates),
      refused: n - live.length,
      late: ages.filter(age => age > latest_ms).length
    }
  } finally {
    await running.end()
  }
}
