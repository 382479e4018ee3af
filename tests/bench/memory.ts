/**
 * `node --import tsx tests/bench/memory.ts [--minutes 60] [--nice 10] [--json FILE]`: whether vision keeps its size. Four recordings
 * at 2 fps, at their own pace; the resident memory of the vision process and of its FFmpegs every ten seconds, and the slope of it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { realClock } from '../../edge/clock.ts'
import { openCameras } from '../../edge/ingest/cameras.ts'
import { data } from '../support/data.ts'
import { header, quantile, sleep, withChildren } from './measure.ts'

type Sample = { readonly at_s: number; readonly vision_mib: number; readonly ffmpeg_mib: number }

const every_s = 10
/** Buffers are learnt and code is compiled in the first minutes; what grows after that is a leak. */
const warm_s = 300

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '60' }, nice: { type: 'string', default: '10' }, json: { type: 'string' } }
  })
  const minutes = Number(values.minutes)
  const demo = fileURLToPath(new URL('../../edge/demo/platform.webp', import.meta.url))
  const clips = ['video/pets2009-s2l1-view1.avi', 'video/one-by-one-person.mp4', 'video/cars-no-people.mp4'].map(data)
  const recordings = [demo, ...clips].filter(file => file !== undefined)
  let scenes = 0
  const cameras = await openCameras({
    cameras: Array.from({ length: 4 }, (_, i) => ({
      id: `cam-${i}`,
      url: recordings[i % recordings.length] ?? demo,
      zone: 'hall',
      fps: 2
    })),
    clock: realClock,
    log: { info: () => undefined, warn: say },
    model: 'crowdlite',
    hear: () => void scenes++,
    onState: () => undefined
  })
  const about = header()
  for (const [name, value] of Object.entries(about)) say(`${name.padEnd(10)}${value}`)
  const pid = cameras.pid() ?? 0
  const samples: Sample[] = []
  const began = performance.now()
  while (performance.now() - began < minutes * 60_000) {
    await sleep(every_s * 1000)
    if (cameras.pid() !== pid) throw new Error('vision has been started again: its memory says nothing')
    const [own = 0, ...others] = withChildren(pid)
    // Vision makes itself as nice as a station wants it; beside other work it may be nicer.
    for (const thread of readdirSync(`/proc/${own}/task`)) setPriority(Number(thread), Number(values.nice))
    const sample = {
      at_s: (performance.now() - began) / 1000,
      vision_mib: rss(own),
      ffmpeg_mib: others.reduce((sum, one) => sum + rss(one), 0)
    }
    samples.push(sample)
    if (samples.length % 30 === 1)
      say(
        `${Math.round(sample.at_s)} s  vision ${sample.vision_mib.toFixed(1)} MiB  FFmpeg ${sample.ffmpeg_mib.toFixed(1)} MiB  ${scenes} scenes`
      )
  }
  await cameras.close()
  const warm = samples.filter(({ at_s }) => at_s >= Math.min(warm_s, (minutes * 60) / 4))
  const row = (of: 'vision_mib' | 'ffmpeg_mib') => {
    const sizes = warm.map(sample => sample[of])
    return { least: Math.min(...sizes), p50: quantile(sizes, 0.5), most: Math.max(...sizes), per_hour: slope(warm, of) * 3600 }
  }
  const table = { vision: row('vision_mib'), 'FFmpeg, all': row('ffmpeg_mib') }
  say(`\nresident memory, MiB, ${recordings.length} recordings as 4 cameras at 2 fps, ${scenes} scenes in ${minutes} min`)
  console.table(table)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...about, minutes, scenes, table, samples }, null, 2)}\n`)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const rss = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

/** Least squares, MiB a second. */
const slope = (samples: readonly Sample[], of: 'vision_mib' | 'ffmpeg_mib'): number => {
  const mean = (pick: (sample: Sample) => number): number => samples.reduce((sum, one) => sum + pick(one), 0) / samples.length
  const [t, m] = [mean(({ at_s }) => at_s), mean(one => one[of])]
  const [over, under] = [mean(one => (one.at_s - t) * (one[of] - m)), mean(({ at_s }) => (at_s - t) ** 2)]
  return over / under
}

await main()
