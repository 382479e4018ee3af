/** Small recordings made on the fly, and cameras opened with everything they say written down. */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { realClock } from '../../edge/clock.ts'
import type { Scene } from '../../edge/domain/scene.ts'
import { type CameraConfig, type OpenCameras, type OpenedCameras, openCameras } from '../../edge/ingest/cameras.ts'

export type Opened = {
  readonly cameras: OpenedCameras
  readonly scenes: Scene[]
  readonly said: string[]
  readonly state: (id: string) => string | undefined
  readonly why: (id: string) => string
}

export const open = async (cameras: readonly CameraConfig[], options: Partial<OpenCameras> = {}): Promise<Opened> => {
  const scenes: Scene[] = []
  const said: string[] = []
  const log = { info: (text: string) => void said.push(text), warn: (text: string) => void said.push(text) }
  const opened = await openCameras({
    cameras,
    clock: realClock,
    log,
    model: 'crowdlite',
    hear: scene => void scenes.push(scene),
    onState: (camera, state, why) => void said.push(`${camera} ${state} ${why}`),
    ...options
  })
  const of = (id: string) => opened.list().find(camera => camera.id === id)
  return { cameras: opened, scenes, said, state: id => of(id)?.state, why: id => of(id)?.why ?? '' }
}

const golden = fileURLToPath(new URL('../../models/crowdlite/golden/picture.png', import.meta.url))

/** The model's golden picture (24 drawn figures) on a wider floor, `shift` pixels along: something that a model counts and that moves. */
export const crowdPicture = async (shift = 0, width = 256, height = 192): Promise<Buffer> =>
  await sharp({ create: { width, height, channels: 3, background: '#8d8a84' } })
    .composite([{ input: golden, left: shift % (width - 192), top: Math.floor((height - 160) / 2) }])
    .png()
    .toBuffer()

export const animatedWebp = async (file: string, pages = 6, delay_ms = 200): Promise<void> => {
  const pictures = await Promise.all(Array.from({ length: pages }, (_, i) => crowdPicture(i * 9)))
  await writeFile(
    file,
    await sharp(pictures, { join: { animated: true } })
      .webp({ quality: 70, loop: 0, delay: Array(pages).fill(delay_ms) })
      .toBuffer()
  )
}

export const testVideo = (file: string, seconds: number, size = '320x240', rate = 10): void => {
  const made = spawnSync('ffmpeg', [
    '-y',
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=${size}:rate=${rate}`,
    '-t',
    `${seconds}`,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    `${rate}`,
    '-bf',
    '0',
    '-pix_fmt',
    'yuv420p',
    file
  ])
  if (made.status !== 0) throw new Error(made.stderr.toString())
}
