/**
 * `node --import tsx tests/bench/blur.ts`: what a blur takes from the count, beside the sharpness by which a camera knows of it; and when
 * a lens that blurs by 0.2 pixels more every five minutes is found out, with and without the memory of days (decision 0019).
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import sharp, { type Sharp } from 'sharp'
import { ffmpegArgs } from '../../edge/ingest/vision/ffmpeg.ts'
import { astrayBy } from '../../edge/ingest/vision/health.ts'
import { openLandmarks } from '../../edge/ingest/vision/landmarks.ts'
import { lightOf } from '../../edge/ingest/vision/light.ts'
import { openModel, shippedModels } from '../../edge/ingest/vision/open-model.ts'
import { layPicture, readSize } from '../../edge/ingest/vision/picture.ts'
import { fitView, type View } from '../../edge/ingest/vision/view.ts'
import { data } from '../support/data.ts'
import { median } from './measure.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const found = (path: string): string => {
  const there = data(path)
  if (there === undefined) throw new Error(`there is no ${path} (QIANSHAO_DATA names its folder)`)
  return there
}
const blurs_px = [0, 0.6, 1, 1.6, 2, 3, 4]
/** An eye of one view: knows its landmarks after a while. */
const eyeOf = ({ canvas, content }: View) => {
  const marks = openLandmarks(canvas.width, content.width >> 3, content.height >> 3)
  return {
    look: (rgb: Uint8Array) => marks.look(rgb, lightOf(rgb, canvas.width, content)),
    learn: marks.learn
  }
}

const streets = async (): Promise<void> => {
  const opened = await openModel('crowdlite', shippedModels.href)
  if ('refused' in opened) throw new Error(opened.refused)
  const folder = found('crowd/shanghaitech_b_train')
  const held_back = readFileSync(new URL('../../models/crowdlite/training/held_back.txt', import.meta.url), 'utf8')
    .trim()
    .split(/\s+/)
  const rows = blurs_px.map(blur_px => ({ blur_px, people: 0, sharp: [] as number[] }))
  for (const name of held_back.filter((_, nth) => nth % 2 === 0)) {
    const original = readFileSync(`${folder}/${name}`)
    const view = fitView(await readSize(original))
    const eye = eyeOf(view)
    for (const row of rows) {
      const picture = row.blur_px === 0 ? original : await sharp(original).blur(row.blur_px).png().toBuffer()
      const rgb = await layPicture(picture, view)
      for (let n = 0; row.blur_px === 0 && n < 24; n++) {
        eye.look(rgb)
        eye.learn(rgb, n * 500)
      }
      const counted = await opened.counter.count({ rgb, view })
      if ('refused' in counted) throw new Error(counted.refused)
      row.people += counted.cells.people.reduce((a, b) => a + b, 0)
      row.sharp.push(eye.look(rgb)?.sharp ?? Number.NaN)
    }
  }
  say('twenty held-back streets: people counted, as a share of those on the clear picture, and the sharpness that is left')
  const clear = rows[0]?.people ?? 1
  for (const { blur_px, people, sharp } of rows)
    say(`  blurred by ${blur_px} px: ${(people / clear).toFixed(2)}, sharpness ${median(sharp).toFixed(2)}`)
}

const every_ms = 2_000
const clear_looks = 900
const looks_a_step = 150
const step_px = 0.2
const most_px = 5

const dust = async (path: string): Promise<void> => {
  const view = fitView({ width: 768, height: 576 })
  const { width, height } = view.canvas
  const { stdout } = spawnSync('ffmpeg', ffmpegArgs('file', found(path), view.canvas, { fps: 0.5 }).args, { maxBuffer: 2 ** 30 })
  const bytes = width * height * 3
  const frames = Array.from({ length: Math.min(12, Math.floor(stdout.length / bytes)) }, (_, n) =>
    stdout.subarray(n * bytes, (n + 1) * bytes)
  )
  const raw = { width, height, channels: 3 as const }
  const all = async (change: (of: Sharp) => Sharp): Promise<readonly Uint8Array[]> =>
    await Promise.all(frames.map(async rgb => new Uint8Array(await change(sharp(rgb, { raw })).raw().toBuffer())))
  for (const days of [false, true]) {
    const eye = eyeOf(view)
    let looks = 0
    let astray = false
    const look = (rgb: Uint8Array): boolean => {
      const seen = eye.look(rgb)
      astray = seen !== undefined && astrayBy(days ? seen : { ...seen, clear: 1 }, astray) !== undefined
      if (!astray) eye.learn(rgb, looks * every_ms)
      looks++
      return astray
    }
    const show = (pictures: readonly Uint8Array[], times: number): boolean =>
      Array.from({ length: times }, (_, n) => look(pictures[n % pictures.length] ?? new Uint8Array())).some(Boolean)
    let said = show(frames, clear_looks) ? 0 : undefined
    for (let blur_px = 0.5; said === undefined && blur_px <= most_px; blur_px += step_px)
      if (show(await all(picture => picture.blur(blur_px)), looks_a_step)) said = blur_px
    say(`  ${path}, ${days ? 'with' : 'without'} the memory of days: ${said === undefined ? 'never' : `at ${said.toFixed(1)} px`}`)
  }
}

await streets()
say('a lens that blurs by 0.2 px more every five minutes is said to be out of focus')
for (const path of ['video/pets2009-s2l1-view1.avi', 'video/one-by-one-person.mp4', 'video/cars-no-people.mp4']) await dust(path)
