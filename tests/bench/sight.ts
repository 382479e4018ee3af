/**
 * `node --import tsx tests/bench/sight.ts [--json FILE]`: how well a whole station sees, and how soon people see it. The annotated square
 * and a square that fills and empties by itself go out by RTSP at their own pace; a real browser shows the zone. One machine, one clock.
 * Two cores are shared by all: server, FFmpeg, model, station and browser.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { buildScreens } from '../../edge/console/screen/build.ts'
import { makeBox, signIn } from '../support/box.ts'
import { data, needsData } from '../support/data.ts'
import { type Ear, hearLive } from '../support/hears.ts'
import { needsRtsp, rtspServer } from '../support/rtsp.ts'
import { besideTruth, scores, square_files, square_fps, squareClip, squareTruth } from '../support/square.ts'
import { until } from '../support/until.ts'
import { found, header, quantile } from './measure.ts'

type Painted = { readonly at: number; readonly people: number }
type Watched = { readonly played_at: number; readonly ear: Ear; readonly painted: () => Promise<readonly Painted[]> }

/** No multiple of the 500 ms between two counted pictures, so that a change falls on every moment between them. */
const flip_pictures = 13
const flip_seconds = 125
const full_picture = 132
const empty_picture = 404

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { json: { type: 'string' } } })
  const lacking = [needsRtsp(), needsData(...square_files)].find(({ skip }) => skip !== false)?.skip
  const program = found('chromium')
  if (lacking || program === undefined) throw new Error(`not measured: ${lacking || 'chromium is not on this machine'}`)
  await buildScreens()
  const dir = mkdtempSync(join(tmpdir(), 'qianshao-sight-'))
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] })
  try {
    const about = header()
    for (const [name, value] of Object.entries(about)) say(`${name.padEnd(10)}${value}`)
    const delay = await measureDelay(join(dir, 'flip'), browser)
    say('\nfrom a change in front of the camera to the number on the screen, ms')
    console.table(rounded(delay.table))
    const count = await measureCount(join(dir, 'square'), browser, delay.way_ms)
    say('\nthe zone’s count on the live stream beside the annotation, whole clip')
    console.table(rounded({ count }))
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ at: new Date().toISOString(), ...about, count, delay }, null, 2)}\n`)
  } finally {
    await browser.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const rounded = (table: Readonly<Record<string, Readonly<Record<string, number>>>>) =>
  Object.fromEntries(
    Object.entries(table).map(([row, cells]) => [row, Object.fromEntries(Object.entries(cells).map(([k, v]) => [k, Number(v.toFixed(2))]))])
  )

const measureCount = async (dir: string, browser: Browser, way_ms: number) => {
  mkdirSync(dir)
  const truth = squareTruth()
  return await watch(dir, browser, squareClip(join(dir, 'clip.mp4')), truth.length / square_fps, async ({ ear, played_at }) => {
    const seen = besideTruth(zonesOf(ear), played_at, truth, way_ms)
    // A sparse square is nearly always 5 to 7 people, so a small error alone proves little; that the count follows is the correlation.
    const usual = seen.reduce((sum, one) => sum + one.truth, 0) / seen.length
    return { ...scores(seen), mae_of_always_the_mean: seen.reduce((sum, one) => sum + Math.abs(one.truth - usual), 0) / seen.length }
  })
}

const measureDelay = async (dir: string, browser: Browser) => {
  mkdirSync(dir)
  return await watch(dir, browser, flipClip(dir), flip_seconds, async ({ ear, played_at, painted }) => {
    const zones = zonesOf(ear)
    const shown = await painted()
    const period_ms = (flip_pictures / square_fps) * 1000
    const parts = {
      to_station: [] as number[],
      to_live: [] as number[],
      to_screen: [] as number[],
      all: [] as number[],
      in_station: [] as number[]
    }
    let missed = 0
    // The first seconds belong to the connection.
    for (let flip = 4; (flip + 1) * period_ms < flip_seconds * 1000; flip++) {
      const at = played_at + flip * period_ms
      const full = flip % 2 === 0
      const within = (one: { readonly at: number }): boolean => one.at > at && one.at < at + period_ms
      const right = (people: number): boolean => people > 3.5 === full
      const zone = zones.find(one => one.people_count !== null && within(one) && right(one.people_count))
      const paint = shown.find(one => within(one) && right(one.people))
      if (zone === undefined || paint === undefined || paint.at < zone.seen_at) missed++
      else {
        parts.to_station.push(zone.seen_at - at)
        parts.to_live.push(zone.at - zone.seen_at)
        parts.to_screen.push(paint.at - zone.at)
        parts.in_station.push(paint.at - zone.seen_at)
        parts.all.push(paint.at - at)
      }
    }
    const row = (times: readonly number[]) => ({
      least: Math.min(...times),
      p50: quantile(times, 0.5),
      p95: quantile(times, 0.95),
      max: Math.max(...times)
    })
    return {
      flips: parts.all.length,
      missed,
      // The soonest a picture was here after it was due: what the way alone takes, without waiting to be the next one counted.
      way_ms: quantile(parts.to_station, 0.05),
      table: {
        'change → picture at the station (way + wait for the next counted picture)': row(parts.to_station),
        'picture at the station → zone on the live stream (decode queue, model, rules)': row(parts.to_live),
        'live stream → painted in Chromium': row(parts.to_screen),
        'picture at the station → painted': row(parts.in_station),
        'change → painted': row(parts.all)
      }
    }
  })
}

type ZoneHeard = { readonly at: number; readonly seen_at: number; readonly people_count: number | null }
const zonesOf = (ear: Ear) =>
  ear.heard
    .filter(({ type, data }) => type === 'zone' && data.id === 'platform-1')
    .map(
      message =>
        ({
          ...message,
          people_count: message.data.people_count,
          seen_at: message.at - (message.data.age_seconds ?? 0) * 1000
        }) satisfies ZoneHeard & typeof message
    )

/** Opens a station that watches `clip` by RTSP with one browser at its board, until the clip has gone out. */
const watch = async <Answer>(
  dir: string,
  browser: Browser,
  clip: string,
  seconds: number,
  judge: (watched: Watched) => Promise<Answer>
): Promise<Answer> => {
  const server = await rtspServer({ file: clip })
  const zones = [{ id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 10 }]
  const units = [{ id: 'command', name: '指挥长', agency: 'police', commands: true, members: ['commander'], zones: [] }]
  const cameras = [{ id: 'cam-1', url: server.url, zone: 'platform-1', fps: 2 }]
  const box = await makeBox(dir, [], { zones, units, cameras })
  const station = await box.start()
  try {
    const { cookie } = await signIn(box.url, 'commander', box.password)
    const ear = await hearLive(box.url, cookie)
    const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage()
    await page.goto(box.url)
    await page.fill('[name=name]', 'commander')
    await page.fill('[name=password]', box.password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-zone=platform-1]')
    // As text: what esbuild adds to a function (`__name`) is not there in a page. Two animation frames later the text is painted.
    await page.evaluate(`{
      window.painted = []
      let last
      const look = () => {
        const text = document.querySelector('[data-zone=platform-1] .people span')?.textContent
        if (text === last) return
        last = text
        const people = parseInt(text)
        requestAnimationFrame(() => requestAnimationFrame(() => painted.push({ at: performance.timeOrigin + performance.now(), people })))
      }
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
    }`)
    await until(() => server.plays().length > 0, 'the camera is asked', 20_000)
    const played_at = server.plays()[0] ?? 0
    await until(() => Date.now() > played_at + seconds * 1000 + 1000, 'the clip has gone out', (seconds + 10) * 1000)
    ear.leave()
    return await judge({ ear, played_at, painted: () => page.evaluate('painted') })
  } finally {
    await station.end()
    await server.stop()
  }
}

/** A full and an empty moment of the square in turns, with a little noise as a camera has, so that no two pictures are the same. */
const flipClip = (dir: string): string => {
  const file = join(dir, 'flip.mp4')
  const clip = data(square_files[0]) ?? ''
  const picture = (number: number): string => `select=eq(n\\,${number}),loop=-1:1,setpts=N/(${square_fps}*TB)`
  const graph = [
    `[0:v]split[a][b];[a]${picture(full_picture)}[full];[b]${picture(empty_picture)}[empty]`,
    `[empty][full]overlay=enable='lt(mod(n\\,${2 * flip_pictures})\\,${flip_pictures})',noise=alls=3:allf=t`
  ].join(';')
  const coder = '-c:v libx264 -preset veryfast -crf 18 -g 10 -bf 0 -pix_fmt yuv420p'.split(' ')
  const made = spawnSync('ffmpeg', [
    '-loglevel',
    'error',
    '-i',
    clip,
    '-filter_complex',
    graph,
    '-t',
    `${flip_seconds}`,
    '-r',
    `${square_fps}`,
    ...coder,
    file
  ])
  if (made.status !== 0 || !existsSync(file)) throw new Error(made.stderr.toString())
  return file
}

await main()
