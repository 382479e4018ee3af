/** F62: FFmpeg, or the whole vision process, is killed or stopped; cameras come back, and nothing is left behind. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { animatedWebp, open, testVideo } from '../support/cameras.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

/** The FFmpegs of one vision process, by their parent. */
const ffmpegsOf = (parent: number | undefined): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return stat.includes('(ffmpeg)') && Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === parent
      } catch {
        return false
      }
    })
    .map(Number)

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

t.test('FFmpeg is killed, then stopped', { ...needs('ffmpeg'), timeout: 60_000 }, async t => {
  const folder = t.testdir()
  testVideo(`${folder}/clip.mp4`, 3)
  await animatedWebp(`${folder}/good.webp`)
  const { cameras, scenes, state, why } = await open([
    { id: 'clip', url: `${folder}/clip.mp4`, zone: 'hall', size_px: [256, 192] },
    { id: 'good', url: `${folder}/good.webp`, zone: 'hall', size_px: [256, 192] }
  ])
  t.teardown(() => cameras.close())
  await until(() => state('clip') === 'live' && state('good') === 'live', 'both are live', 20_000)
  const [first] = ffmpegsOf(cameras.pid())
  if (first === undefined) throw new Error('no FFmpeg runs')
  process.kill(first, 'SIGKILL')
  await until(() => state('clip') === 'dead', 'its end is seen')
  t.match(why('clip'), /FFmpeg was ended by SIGKILL.*next try in 1 s/)
  await until(() => state('clip') === 'live', 'another one takes over', 10_000)

  const [second] = ffmpegsOf(cameras.pid())
  if (second === undefined) throw new Error('no FFmpeg runs')
  const good = scenes.filter(scene => scene.camera === 'good').length
  process.kill(second, 'SIGSTOP')
  await until(() => state('clip') === 'stalled', 'a hung one is seen', 8_000)
  await until(() => !lives(second), 'and is ended', 8_000)
  await until(() => state('clip') === 'live', 'and replaced', 12_000)
  t.ok(scenes.filter(scene => scene.camera === 'good').length - good > 10, 'the other camera was counted all the while')
  const { restarts_total = 0 } = cameras.list().find(({ id }) => id === 'clip') ?? {}
  t.equal(restarts_total, 2)
})

t.test('vision itself is killed, then hangs', { ...needs('ffmpeg'), timeout: 60_000 }, async t => {
  const folder = t.testdir()
  testVideo(`${folder}/clip.mp4`, 3)
  const { cameras, scenes, state, said } = await open([{ id: 'clip', url: `${folder}/clip.mp4`, zone: 'hall', size_px: [256, 192] }], {
    silence_ms: 3_000
  })
  t.teardown(() => cameras.close())
  await until(() => scenes.length > 2, 'it is counted', 20_000)
  const frames = () => cameras.list()[0]?.frames_total ?? 0
  await until(() => frames() > 10, 'frames are counted')
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    const [vision, before, counted] = [cameras.pid(), scenes.length, frames()]
    if (vision === undefined) throw new Error('no vision runs')
    const ffmpegs = ffmpegsOf(vision)
    t.equal(ffmpegs.length, 1)
    process.kill(vision, signal)
    await until(() => state('clip') === 'dead', `after ${signal} the camera is not shown as live`, 8_000)
    t.match(await cameras.still('clip'), { failed: /vision ended/ })
    await until(() => cameras.pid() !== undefined && cameras.pid() !== vision && scenes.length > before, 'and is counted again', 20_000)
    await until(() => ![vision, ...ffmpegs].some(lives), 'nothing of the old one is left')
    t.ok(frames() >= counted, 'counters do not fall')
  }
  t.match(said.join('\n'), /vision is silent for 3000 ms/)
  t.equal(cameras.counters().vision_restarts_total, 2)
  const [last, ffmpegs] = [cameras.pid(), ffmpegsOf(cameras.pid())]
  await cameras.close()
  await until(() => ![last ?? 0, ...ffmpegs].some(lives), 'a closed station leaves nothing behind')
})
