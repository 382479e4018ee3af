/**
 * P13: from a picture's first byte to the same picture in Node, our FFmpeg arguments against the usual `-vf fps=2`. One encoder
 * (x264, no latency, 640×360 at 15 fps) flips between black and white and sends each picture to all readers at once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { seenApart } from '../../edge/ingest/vision/camera.ts'
import { ffmpegArgs } from '../../edge/ingest/vision/ffmpeg.ts'
import { fitView } from '../../edge/ingest/vision/view.ts'
import { freePort } from '../support/box.ts'
import { until } from '../support/until.ts'
import { type Bench, compare, cpuOf, type Figure, found, quantile, type Skipped, sleep } from './measure.ts'

const source = { width: 640, height: 360 }
const fps = 15
/** 2.27 s: no multiple of the half second in which the recipe takes its pictures, nor of the fifth in which ours are handed over. */
const flip_every = 34
const flips = 7
const names = ['reference', 'again', 'ours'] as const
type Name = (typeof names)[number]

export default async (bench: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const ffmpeg = found('ffmpeg')
  if (ffmpeg === undefined) return [{ skipped: 'FFmpeg is not on this machine (apt install ffmpeg)' }]
  const seen = { delay: of(), worst: of(), cpu: of() }
  for (let round = 0; round < bench.rounds; round++) {
    const { delays, cpu } = await play(bench, ffmpeg)
    for (const name of names) {
      seen.delay[name].push(quantile(delays[name], 0.5))
      seen.worst[name].push(Math.max(...delays[name]))
      seen.cpu[name].push(cpu[name])
    }
  }
  const row = (
    id: string,
    what: string,
    unit: string,
    goal: string,
    limit: number | undefined,
    { reference, again, ours }: Record<Name, number[]>
  ): Figure => compare({ id, what, unit, goal, limit }, reference, again, ours)
  const canvas = fitView(source).canvas
  const figures = [
    row('P13', 'picture → Node, p50', 'ms', '≤ 0.25×', 0.25, seen.delay),
    row('P13', 'picture → Node, worst', 'ms', '–', undefined, seen.worst),
    row('P13', `CPU of the reader at ${canvas.width}×${canvas.height}, share of a core`, '%', '≤ 1.25×', 1.25, seen.cpu)
  ]
  for (const { what, ours, reference, ratio, unit } of figures)
    bench.say(`${what}: ${ours.toFixed(1)} ${unit} against ${reference.toFixed(1)} ${unit}, ${ratio.toFixed(2)}×`)
  return figures
}

const of = (): Record<Name, number[]> => ({ reference: [], again: [], ours: [] })

type Reader = { readonly child: ChildProcess; readonly seen: (colour: boolean) => Promise<number> }

const play = async (bench: Bench, ffmpeg: string): Promise<{ delays: Record<Name, number[]>; cpu: Record<Name, number> }> => {
  const canvas = fitView(source).canvas
  const readers = {} as Record<Name, Reader>
  const urls: string[] = []
  for (const name of names) {
    const url = `rtsp://127.0.0.1:${await freePort()}/live`
    urls.push(url)
    // Here the reader listens and the camera comes to it: no RTSP server is needed. Everything else is as in the station.
    const plan = ffmpegArgs('rtsp', url, canvas, { apart_s: seenApart(2) })
    const recipe = ['-hide_banner', '-loglevel', 'error', '-rtsp_flags', 'listen', '-rtsp_transport', 'tcp', '-i', url]
    const small = ['-vf', `fps=2,scale=${canvas.width}:${canvas.height}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
    readers[name] =
      name === 'ours'
        ? openReader(bench, ffmpeg, plan.args, canvas, `${plan.stdin}option rtsp_flags listen\n`)
        : openReader(bench, ffmpeg, [...recipe, ...small], canvas, '')
  }
  await sleep(500)
  const encoder = spawn(ffmpeg, [
    ...[
      '-hide_banner',
      '-loglevel',
      'error',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-s',
      `${source.width}x${source.height}`,
      '-r',
      String(fps),
      '-i',
      'pipe:0'
    ],
    ...[
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-g',
      String(2 * fps),
      '-threads',
      '1',
      '-flags',
      '+global_header'
    ],
    ...['-map', '0:v', '-f', 'tee', urls.map(url => `[f=rtsp:rtsp_transport=tcp]${url}`).join('|')]
  ])
  encoder.stdin.on('error', () => undefined)
  const ends = [encoder, ...names.map(name => readers[name].child)]
  bench.after(() => ends.forEach(child => void child.kill('SIGKILL')))

  // Some grain, or there would be nothing to decode and only the scaling would be compared.
  const pictures = [16, 235].map(grey => Array.from({ length: 8 }, () => grain(grey)))
  let colour = false
  let shown = 0
  let flipped: (() => void) | undefined
  const camera = setInterval(() => {
    shown++
    if (shown % flip_every === 0 && flipped !== undefined) {
      colour = !colour
      flipped()
    }
    encoder.stdin.write(pictures[colour ? 1 : 0]?.[shown % 8])
  }, 1000 / fps)
  try {
    await Promise.all(names.map(name => readers[name].seen(false)))
    // The first second of a connection is spent catching up.
    await sleep(1500)
    const delays = of()
    const before = names.map(name => cpuOf([readers[name].child.pid ?? 0]))
    const began = performance.now()
    for (let i = 0; i < flips; i++) {
      await new Promise<void>(resolve => {
        flipped = () => {
          flipped = undefined
          resolve()
        }
      })
      const at = performance.now()
      await Promise.all(names.map(async name => delays[name].push((await readers[name].seen(colour)) - at)))
    }
    const took_us = (performance.now() - began) * 1000
    const shares = names.map((name, i) => [name, (100 * (cpuOf([readers[name].child.pid ?? 0]) - (before[i] ?? 0))) / took_us])
    return { delays, cpu: Object.fromEntries(shares) as Record<Name, number> }
  } finally {
    clearInterval(camera)
    for (const child of ends) child.kill('SIGKILL')
  }
}

const grain = (grey: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: source.width * source.height }, () => grey + Math.round(16 * Math.random()) - 8))

const openReader = (
  bench: Bench,
  ffmpeg: string,
  args: readonly string[],
  canvas: { width: number; height: number },
  stdin: string
): Reader => {
  const child = spawn(ffmpeg, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text).slice(-500)
  })
  const size = canvas.width * canvas.height * 3
  let filled = 0
  let white: boolean | undefined
  let since = 0
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const take = Math.min(chunk.length - at, size - filled)
      // One byte near the middle of the picture tells its colour; the picture counts when its last byte is here.
      const probe = Math.floor(size / 3) - filled
      const is = probe >= 0 && probe < take ? (chunk[at + probe] as number) > 128 : undefined
      if (is !== undefined) colour = is
      at += take
      filled += take
      if (filled < size) continue
      filled = 0
      if (white !== colour) since = performance.now()
      white = colour
    }
  })
  let colour = false
  const seen = async (wanted: boolean): Promise<number> => {
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`a reader ended: ${said}`)
        return white === wanted
      },
      'the reader sees the picture',
      15_000
    )
    return since
  }
  bench.after(() => child.kill('SIGKILL'))
  return { child, seen }
}
