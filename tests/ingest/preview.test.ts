/** Live pictures of real cameras: H.264 as it is, everything else painted, masks black, and no process without a viewer. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import type { CameraConfig } from '../../edge/ingest/cameras.ts'
import { type OpenedPreview, openPreview } from '../../edge/ingest/preview.ts'
import { animatedWebp, testVideo } from '../support/cameras.ts'
import { needs } from '../support/needs.ts'
import { needsRtsp, rtspServer } from '../support/rtsp.ts'
import { until } from '../support/until.ts'
import { somebody } from '../support/viewer.ts'

t.setTimeout(90_000)
const said: string[] = []
const log = { info: (text: string) => void said.push(text), warn: (text: string) => void said.push(text) }
const open = (cameras: readonly CameraConfig[], ffmpeg?: string): OpenedPreview =>
  openPreview({ cameras, clock: realClock, log, ...(ffmpeg !== undefined && { ffmpeg }) })

/** Our own children that run now, by their command line. */
const children = (): string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        return parent === String(process.pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : []
      } catch {
        return []
      }
    })
    .filter(line => line.includes('ffmpeg'))
const nobody = () => until(() => children().length === 0, 'no FFmpeg is left', 5_000)

/** What a browser would see: decoded by another FFmpeg, one grey picture after another. */
const firstPicture = async (bytes: Uint8Array, width: number, height: number): Promise<Buffer> => {
  const decoder = spawn('ffmpeg', [
    ...['-loglevel', 'error', '-i', 'pipe:0', '-frames:v', '1'],
    ...['-vf', `scale=${width}:${height}`, '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1']
  ])
  decoder.stdin.on('error', () => {})
  decoder.stdin.end(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of decoder.stdout) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

t.test('H.264 is passed on as it is, for as long as somebody looks', needsRtsp(), async t => {
  const folder = t.testdir({ secret: "Kan4rie'&p@ss:/wort\n" })
  const server = await rtspServer({ user: 'officer', passwordFile: `${folder}/secret` })
  t.teardown(() => server.stop())
  const preview = open([{ id: 'cam', url: server.url, zone: 'hall', password_file: `${folder}/secret` }])
  t.teardown(() => preview.close())
  t.strictSame(children(), [], 'no viewer, no process')

  const first = somebody()
  const one = preview.watch('cam', first.viewer)
  if ('failed' in one) throw new Error(one.failed)
  await until(() => first.parts.length >= 8, 'pictures', 15_000)
  t.match(first.formats, [{ format: 'mp4', codec: /^avc1\.42[0-9a-f]{4}$/ }])
  t.ok(first.parts[0]?.key, 'the first part is one to begin with')
  t.ok(
    first.parts.some(({ key }) => !key),
    'and the next need not be'
  )
  const between = first.parts.slice(1).map(({ at }, i) => at - (first.parts[i]?.at ?? 0))
  t.ok(Math.max(...between) < 1_500, `a sign of life every ${Math.round(Math.max(...between))} ms at most`)

  const second = somebody()
  const two = preview.watch('cam', second.viewer)
  if ('failed' in two) throw new Error(two.failed)
  t.equal(second.formats.length, 1, 'who comes late sees at once')
  t.ok(second.parts[0]?.key, 'from a picture on that stands alone')
  t.equal(children().length, 1, 'one FFmpeg for both')
  t.equal(preview.counters().live_streams, 1)
  const grey = await firstPicture(Buffer.concat([second.init(), ...second.parts.map(({ bytes }) => bytes)]), 32, 24)
  t.equal(grey.length, 32 * 24, 'and it is a picture')

  const everything = [...children(), ...said].join('\n')
  t.match(everything, /-f concat -i pipe:0/)
  t.notMatch(everything, /Kan4rie/, 'no password in a command line or in what is said')
  for (const pid of preview.pids()) t.notMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /Kan4rie|npm_|HOME=/, 'nor in an environment')

  one.leave()
  one.leave()
  const had = second.parts.length
  await until(() => second.parts.length > had, 'the other still sees')
  two.leave()
  await nobody()
  t.equal(preview.counters().live_streams, 0)
})

t.test('a camera that dies and comes back: its viewers are told, and see it again', needsRtsp(), async t => {
  const server = await rtspServer()
  t.teardown(() => server.stop())
  const preview = open([{ id: 'cam', url: server.url, zone: 'hall' }])
  t.teardown(() => preview.close())
  const seen = somebody()
  preview.watch('cam', seen.viewer)
  await until(() => seen.parts.length > 2, 'pictures', 15_000)
  await server.stop()
  await until(() => seen.waits.length > 0, 'that nothing comes any more', 10_000)
  t.match(seen.waits[0], /[\u4e00-\u9fff].* · /)
  const back = await rtspServer({ port: server.port })
  t.teardown(() => back.stop())
  const had = seen.parts.length
  await until(() => seen.parts.length > had + 2, 'pictures again', 30_000)
  t.equal(seen.formats.length, 2, 'as a stream of its own')
  for (const pid of preview.pids()) process.kill(pid, 'SIGKILL')
  await until(() => seen.formats.length === 3, 'an FFmpeg that is killed is started again', 20_000)
  await preview.close()
  t.equal(seen.ended.length, 1, 'the end of the station is told')
  await nobody()
})

t.test('a wrong password is not tried again', needsRtsp(), async t => {
  const folder = t.testdir({ secret: 'right\n', wrong: 'Kan4rie\n' })
  const server = await rtspServer({ user: 'officer', passwordFile: `${folder}/secret` })
  t.teardown(() => server.stop())
  const preview = open([{ id: 'cam', url: server.url, zone: 'hall', password_file: `${folder}/wrong` }])
  const seen = somebody()
  preview.watch('cam', seen.viewer)
  await until(() => seen.ended.length === 1, 'the refusal', 15_000)
  t.match(seen.ended[0], /refuses the user name or the password/)
  t.notMatch([...seen.ended, ...said].join(), /Kan4rie/)
  t.equal(preview.counters().live_streams_opened_total, 1)
  await nobody()
})

t.test('a masked camera is never passed on as it is: what its masks cover is black', needsRtsp(), async t => {
  const server = await rtspServer()
  t.teardown(() => server.stop())
  const masks = [
    [
      [40, 30],
      [160, 30],
      [160, 120],
      [40, 120]
    ]
  ] as const
  const folder = t.testdir()
  // All white, so that whatever is dark was made dark.
  const white = `${folder}/white.jpg`
  writeFileSync(
    white,
    await sharp({ create: { width: 320, height: 240, channels: 3, background: '#fff' } })
      .jpeg()
      .toBuffer()
  )
  const preview = open([
    { id: 'masked', url: server.url, zone: 'hall', masks },
    { id: 'white', url: white, zone: 'hall', masks }
  ])
  t.teardown(() => preview.close())
  const moving = somebody()
  const still = somebody()
  const [a, b] = [preview.watch('masked', moving.viewer), preview.watch('white', still.viewer)]
  if ('failed' in a || 'failed' in b) throw new Error('refused')
  await until(() => moving.parts.length > 3 && still.parts.length > 6, 'pictures', 20_000)
  t.match(moving.formats, [{ format: 'mpeg1', width: 512, height: 384 }])
  const grey = await firstPicture(Buffer.concat(still.parts.map(({ bytes }) => bytes)), 320, 240)
  const at = (x: number, y: number): number => grey[y * 320 + x] ?? -1
  let lightest = 0
  for (let y = 30; y < 120; y++) for (let x = 40; x < 160; x++) lightest = Math.max(lightest, at(x, y))
  t.ok(lightest < 40, `every pixel of the mask is dark, its edge too (lightest ${lightest} of 255)`)
  t.ok(at(20, 20) > 200 && at(200, 150) > 200 && at(100, 140) > 200, 'and the rest is seen')
  t.notMatch(children().join('\n'), /127\.0\.0\.1/, 'no address in any command line')
  const third = preview.watch('masked', somebody().viewer)
  t.notOk('failed' in third, 'one more viewer of the same picture costs nothing')
  if (!('failed' in third)) third.leave()
  a.leave()
  b.leave()
  await nobody()
})

t.test('what is not H.264 is painted, two cameras at a time', needs('ffmpeg'), async t => {
  const folder = t.testdir()
  await animatedWebp(`${folder}/crowd.webp`)
  testVideo(`${folder}/video.mp4`, 3)
  const jpeg = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer()
  const http = createServer((_, answer) => answer.setHeader('content-type', 'image/jpeg').end(jpeg)).listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => http.close())
  const preview = open([
    { id: 'webp', url: `${folder}/crowd.webp`, zone: 'hall' },
    { id: 'video', url: `${folder}/video.mp4`, zone: 'hall' },
    { id: 'http', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/snap.jpg`, zone: 'hall' },
    { id: 'none', url: `${folder}/none.mp4`, zone: 'hall' },
    { id: 'bad', url: 'file:///etc/passwd', zone: 'hall' }
  ])
  t.teardown(() => preview.close())
  const seen = { webp: somebody(), video: somebody(), http: somebody(), none: somebody(), bad: somebody() }
  const webp = preview.watch('webp', seen.webp.viewer)
  const video = preview.watch('video', seen.video.viewer)
  if ('failed' in webp || 'failed' in video) throw new Error('refused')
  await until(() => seen.webp.parts.length > 5 && seen.video.parts.length > 5, 'both are seen', 15_000)
  t.match(seen.video.formats, [{ format: 'mpeg1', width: 512, height: 384 }])
  t.match(preview.watch('http', seen.http.viewer), { failed: /at most 2 pictures are painted/ })
  webp.leave()
  const http_ = preview.watch('http', seen.http.viewer)
  await until(() => seen.http.parts.length > 3, 'a camera that is asked picture by picture', 15_000)
  t.match(seen.http.formats, [{ width: 640, height: 360 }])
  video.leave()
  const none = preview.watch('none', seen.none.viewer)
  await until(() => seen.none.waits.length > 0, 'a file that is not there')
  t.match(seen.none.waits[0], /no file/)
  for (const one of [http_, none]) if (!('failed' in one)) one.leave()
  preview.watch('bad', seen.bad.viewer)
  await until(() => seen.bad.waits.length > 0, 'an address that may not be read')
  t.match(seen.bad.waits[0], /file: is not read/)
  t.match(preview.watch('nowhere', somebody().viewer), { failed: /no camera nowhere/ })
  await preview.close()
  t.match(preview.watch('webp', somebody().viewer), { failed: /closing/ })
  await nobody()
})

t.test('without FFmpeg its viewer is told, and the station goes on', async t => {
  const folder = t.testdir()
  await animatedWebp(`${folder}/crowd.webp`)
  const preview = open([{ id: 'cam', url: `${folder}/crowd.webp`, zone: 'hall' }], '/nowhere/ffmpeg')
  t.teardown(() => preview.close())
  const seen = somebody()
  preview.watch('cam', seen.viewer)
  await until(() => seen.waits.length > 0, 'the reason')
  t.match(seen.waits[0], /FFmpeg does not start/)
})

t.test('a station that is killed leaves no FFmpeg behind', needsRtsp(), async t => {
  const server = await rtspServer()
  t.teardown(() => server.stop())
  const folder = t.testdir()
  await animatedWebp(`${folder}/crowd.webp`)
  // Nothing but this test holds its input, so it ends with the test, however that ends.
  const script = `
    process.stdin.on('end', () => process.exit()).resume()
    const { openPreview } = await import(${JSON.stringify(new URL('../../edge/ingest/preview.ts', import.meta.url).href)})
    const { realClock } = await import(${JSON.stringify(new URL('../../edge/clock.ts', import.meta.url).href)})
    const log = { info: () => {}, warn: () => {} }
    const cameras = [{ id: 'a', url: ${JSON.stringify(server.url)}, zone: 'x' }, { id: 'b', url: ${JSON.stringify(`${folder}/crowd.webp`)}, zone: 'x' }]
    const preview = openPreview({ cameras, clock: realClock, log })
    let parts = 0
    for (const { id } of cameras) preview.watch(id, { mpeg1_only: false, begins: () => {}, waits: () => {}, ended: () => {}, part: () => {
      if (++parts === 20) process.stdout.write(preview.pids().join(' ') + '\\n')
    } })`
  const station = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'pipe']
  })
  t.teardown(() => station.kill('SIGKILL'))
  let pids: string[] = []
  station.stdout.on('data', (text: Buffer) => {
    pids = text.toString().trim().split(' ')
  })
  station.stderr.on('data', (text: Buffer) => t.comment(text.toString()))
  await until(() => pids.length === 2, 'both stream', 30_000)
  station.kill('SIGKILL')
  const runs = (pid: string): boolean => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  await until(() => !pids.some(runs), 'both have ended', 10_000)
})
