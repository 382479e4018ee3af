/** A real RTSP camera (GStreamer's server), with a password, that dies and comes back. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import t from 'tap'
import { open } from '../support/cameras.ts'
import { data, needsData } from '../support/data.ts'
import { needsRtsp, rtspServer } from '../support/rtsp.ts'
import { until } from '../support/until.ts'

/** Every command line and environment on this machine that may be read. */
const everyProcess = (): string =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => ['cmdline', 'environ'].map(file => `/proc/${pid}/${file}`))
    .map(file => {
      try {
        return readFileSync(file, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .join('\n')

t.test('a camera with a password', needsRtsp(), async t => {
  const folder = t.testdir({ secret: "Zw3i'&p@ss:/wort\n", wrong: "Fa1sch'&p@ss\n" })
  const server = await rtspServer({ user: 'officer', passwordFile: `${folder}/secret` })
  t.teardown(() => server.stop())
  const camera = { url: server.url, zone: 'hall' }
  const { cameras, scenes, state, why, said } = await open([
    { ...camera, id: 'right', password_file: `${folder}/secret` },
    { ...camera, id: 'wrong', password_file: `${folder}/wrong` },
    { ...camera, id: 'without' }
  ])
  t.teardown(() => cameras.close())
  await until(() => scenes.length >= 3 && state('wrong') === 'dead' && state('without') === 'dead', 'scenes, and two refusals', 30_000)
  t.equal(state('right'), 'live')
  t.match(
    why('wrong'),
    /refuses the user name or the password.*next try in (4[5-9]|[567]\d) s/,
    'and is not tried until it locks the account'
  )
  t.match(why('without'), /refuses the user name or the password/)
  const processes = everyProcess()
  t.match(processes, /ffmpeg -hide_banner .* -f concat -i pipe:0/, 'FFmpeg runs')
  t.notMatch(processes, /Zw3i|Fa1sch/, 'no password in any command line or environment')
  t.notMatch(JSON.stringify([said, cameras.list(), cameras.counters()]), /Zw3i|Fa1sch/, 'nor in anything that is said')

  await server.stop()
  const died = Date.now()
  await until(() => ['stalled', 'dead'].includes(state('right') ?? ''), 'the camera is known to be gone', 10_000)
  t.ok(Date.now() - died < 10_000)
  t.equal(cameras.list().find(({ id }) => id === 'right')?.scene, undefined, 'its last count is not shown as if it were now')
  const back = await rtspServer({ port: server.port, user: 'officer', passwordFile: `${folder}/secret` })
  t.teardown(() => back.stop())
  await until(() => state('right') === 'live', 'the camera is live again', 30_000)
  const before = scenes.length
  await until(() => scenes.length > before, 'and is counted again')
})

/** A line to the camera that can be made to carry everything ever later, losing nothing. */
const slowLine = async (port: number) => {
  let slow_since: number | undefined
  const proxy = createServer(near => {
    const far = connect(port, '127.0.0.1')
    for (const end of [near, far]) end.on('error', () => undefined).on('close', () => near.destroy() && far.destroy())
    near.pipe(far)
    far.on('data', bytes => {
      const late_ms = slow_since === undefined ? 0 : (Date.now() - slow_since) / 2
      setTimeout(() => near.writable && near.write(bytes), late_ms)
    })
  })
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
  return {
    port: (proxy.address() as AddressInfo).port,
    slow: (on: boolean) => (slow_since = on ? Date.now() : undefined),
    stop: () => proxy.close()
  }
}

t.test('[D7] a camera whose pictures come ever later is no longer live, and a new connection heals it', needsRtsp(), async t => {
  const server = await rtspServer()
  t.teardown(() => server.stop())
  const line = await slowLine(server.port)
  t.teardown(line.stop)
  const { cameras, scenes, state, why } = await open([
    { id: 'far', url: server.url.replace(`:${server.port}`, `:${line.port}`), zone: 'hall' }
  ])
  t.teardown(() => cameras.close())
  await until(() => scenes.length >= 3, 'scenes', 30_000)
  line.slow(true)
  await until(() => state('far') === 'stalled', 'old pictures are noticed', 30_000)
  t.match(why('far'), /画面已经是 \d+ 秒以前的.* · the picture is \d+ s old/)
  line.slow(false)
  await until(() => state('far') === 'live', 'it is live again', 30_000)
})

const server = needsRtsp()

t.test('the annotated square, by RTSP', server.skip === false ? needsData('video/pets2009-s2l1-view1.avi') : server, async t => {
  const folder = t.testdir()
  const file = `${folder}/square.mp4`
  spawnSync('ffmpeg', [
    '-loglevel',
    'error',
    '-i',
    data('video/pets2009-s2l1-view1.avi') ?? '',
    '-t',
    '20',
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '18',
    '-g',
    '10',
    '-bf',
    '0',
    file
  ])
  const server = await rtspServer({ file })
  t.teardown(() => server.stop())
  const { cameras, scenes } = await open([{ id: 'square', url: server.url, zone: 'square', fps: 4 }])
  t.teardown(() => cameras.close())
  await until(() => scenes.length >= 30, 'eight seconds of it', 40_000)
  const truth = JSON.parse(readFileSync(data('video/pets2009-s2l1-view1.truth.json') ?? '', 'utf8')) as { frames: { boxes: unknown[] }[] }
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const counted = mean(scenes.slice(0, 30).map(scene => scene.people_count))
  const there = mean(truth.frames.slice(0, 80).map(frame => frame.boxes.length))
  t.ok(Math.abs(counted - there) < 2, `${counted.toFixed(1)} people are counted where ${there.toFixed(1)} were`)
})
