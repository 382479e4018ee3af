/** A recording, counted as fast as it goes: the same decoder, canvas, masks, model and sums as a camera that is watched. */
import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Scene } from '../../domain/scene.ts'
import type { Counter } from './counter.ts'
import { ffmpegArgs } from './ffmpeg.ts'
import { openFusion, type ZoneOutline } from './fusion.ts'
import { openLooker } from './look.ts'
import { maskPainter } from './masks.ts'
import type { CameraOrder } from './messages.ts'
import { layPixels } from './picture.ts'
import { sniff } from './recording.ts'
import { fitInto, fitView, largest_px, type Size, type View } from './view.ts'
import { openAnimation } from './webp.ts'

type Picture = { readonly at_s: number; readonly rgb: Uint8Array; readonly view: View }
export type Counted = { readonly at_s: number; readonly scene: Omit<Scene, 'took_ms'> }

export async function* scenesAtOnce(
  order: CameraOrder,
  counter: Counter,
  zones: readonly ZoneOutline[],
  started_at: number,
  ffmpeg = 'ffmpeg'
): AsyncGenerator<Counted> {
  const fusion = openFusion(zones)
  fusion.sees(order.id, true)
  const looker = openLooker(order, counter.model, fusion)
  let paint: { readonly view: View; readonly masks: ReturnType<typeof maskPainter> } | undefined
  for await (const { at_s, rgb, view } of await picturesOf(order, ffmpeg)) {
    if (paint?.view !== view) paint = { view, masks: maskPainter(view, order.masks) }
    paint.masks(rgb)
    const at = started_at + at_s * 1000
    const counted = await counter.count({ rgb, view })
    if ('refused' in counted) throw new Error(`picture at ${at_s} s: ${counted.refused}`)
    yield { at_s, scene: looker(counted.cells, view, at) }
  }
}

const picturesOf = async (order: CameraOrder, ffmpeg: string): Promise<AsyncGenerator<Picture>> => {
  const path = resolve(order.url)
  const file = await open(path)
  const { buffer } = await file.read(new Uint8Array(400), 0, 400, 0).finally(() => file.close())
  const kind = sniff(buffer)
  if (kind === 'webp') return fromWebp(order, path)
  if (kind === 'video') return fromVideo(order, path, ffmpeg)
  throw new Error(`${path} is neither a video nor an animated WebP; right would be: a recording of a camera`)
}

/** Pages have times of their own; of those between two counted moments only the last is looked at. */
async function* fromWebp(order: CameraOrder, path: string): AsyncGenerator<Picture> {
  const player = await openAnimation(path)
  if (player === undefined) throw new Error(`${path} is one picture and no recording`)
  const view = fitView(player.size, order.size_px)
  try {
    let [at_s, due_s] = [0, 0]
    for (const [index, ms] of player.durations_ms.entries()) {
      // Each page is painted over the one before, counted or not.
      const canvas = await player.page(index)
      if (at_s + ms / 1000 > due_s) {
        yield { at_s, rgb: await layPixels(canvas, player.size, view), view }
        due_s += 1 / order.fps
      }
      at_s += ms / 1000
    }
  } finally {
    await player.close()
  }
}

async function* fromVideo(order: CameraOrder, path: string, ffmpeg: string): AsyncGenerator<Picture> {
  const [width, height] = order.size_px ?? largest_px
  const { canvas } = fitView({ width, height }, order.size_px)
  const bytes = canvas.width * canvas.height * 3
  const child = spawn(ffmpeg, ffmpegArgs('file', path, canvas, { fps: order.fps }).args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const size = await new Promise<Size>((known, fail) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, wide, high] = /Stream #0:\d.*: Video: .*?[ ,](\d{2,5})x(\d{2,5})/.exec(said) ?? []
      if (wide !== undefined && high !== undefined) known({ width: Number(wide), height: Number(high) })
    })
    child.on('error', fail)
    child.on('close', () => fail(new Error(`FFmpeg does not read ${path}: ${said.trim().split('\n').at(-1) ?? ''}`)))
  })
  const view = fitInto(size, canvas)
  const shown = view.canvas.width * view.canvas.height * 3
  let held: Buffer = Buffer.alloc(0)
  let number = 0
  try {
    for await (const chunk of child.stdout) {
      held = Buffer.concat([held, chunk as Buffer])
      for (; held.length >= bytes; held = held.subarray(bytes))
        yield { at_s: number++ / order.fps, rgb: Uint8Array.from(held.subarray(0, shown)), view }
    }
  } finally {
    child.kill('SIGKILL')
  }
}
