/** Real pictures of every kind a camera may send, through the real vision process, to scenes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import t from 'tap'
import { openAnimation } from '../../edge/ingest/vision/webp.ts'
import { animatedWebp, crowdPicture, open, testVideo } from '../support/cameras.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

/** The drawn figures are as large as the model knows heads when the canvas is as large as the drawing. */
const size_px = [256, 192] as const

t.test('recordings without FFmpeg are watched and counted', async t => {
  const folder = t.testdir({ 'notes.txt': 'root:x:0:0:root:/root:/bin/sh\n' })
  await animatedWebp(`${folder}/crowd.webp`)
  await writeFile(
    `${folder}/photo.jpg`,
    await sharp(await crowdPicture())
      .jpeg()
      .toBuffer()
  )
  unopenedVideo(`${folder}/clip.mp4`)
  const px: [number, number][] = [
    [20, 180],
    [236, 180],
    [180, 30],
    [76, 30]
  ]
  const m: [number, number][] = [
    [0, 0],
    [4, 0],
    [4, 8],
    [0, 8]
  ]
  const ground = px.map((point, i) => ({ px: point, m: m[i] ?? point }))
  const { cameras, scenes, state, why, said } = await open(
    [
      { id: 'webp', url: `${folder}/crowd.webp`, zone: 'hall', fps: 5, size_px, ground },
      {
        id: 'photo',
        url: `${folder}/photo.jpg`,
        zone: 'hall',
        fps: 5,
        masks: [
          [
            [0, 0],
            [256, 0],
            [256, 192],
            [0, 192]
          ]
        ]
      },
      { id: 'text', url: `${folder}/notes.txt`, zone: 'hall' },
      { id: 'gone', url: `${folder}/nothing.webp`, zone: 'hall' },
      { id: 'video', url: `${folder}/clip.mp4`, zone: 'hall' },
      { id: 'refused', url: 'concat:/etc/passwd', zone: 'hall' },
      { id: 'locked', url: `${folder}/crowd.webp`, zone: 'hall', password_file: `${folder}/no-such-secret` }
    ],
    { ffmpeg: `${folder}/no-ffmpeg-here` }
  )
  t.teardown(() => cameras.close())
  await until(
    () => scenes.filter(scene => scene.camera === 'webp').length >= 8 && scenes.some(scene => scene.camera === 'photo'),
    'scenes of both',
    30_000
  )
  await until(() => ['text', 'gone', 'video'].every(id => state(id) === 'dead'), 'the others are dead')

  const counts = scenes.filter(scene => scene.camera === 'webp').map(scene => scene.people_count)
  t.ok(
    counts.every(count => count > 18 && count < 32),
    `24 figures are counted as ${counts.map(count => count.toFixed(1))}`
  )
  const scene = scenes.find(scene => scene.camera === 'webp')
  t.match(scene, { density_per_m2: Number, seen_m2: Number, people_count_error: Number, took_ms: Number })
  t.ok((scene?.density_per_m2 ?? 0) > 0.1 && (scene?.density_per_m2 ?? 99) < 10, `${scene?.density_per_m2} p/m²`)
  t.equal(scenes.find(scene => scene.camera === 'photo')?.people_count, 0, 'nobody is counted behind a mask')
  t.notOk('density_per_m2' in (scenes.find(scene => scene.camera === 'photo') ?? {}), 'without ground points there is no density')
  t.equal(state('webp'), 'live')
  t.equal(state('photo'), 'live')
  t.match(why('text'), /notes\.txt is not a picture or video/)
  t.match(why('gone'), /there is no file/)
  t.match(why('video'), /install Debian's package ffmpeg/)
  t.match(why('refused'), /concat: is not read/)
  t.match(why('locked'), /password file .* cannot be read: ENOENT/)
  t.equal(said.filter(line => line.startsWith('camera text is dead')).length, 1, 'a failing camera is news once')

  const still = await cameras.still('webp')
  if (!('jpeg' in still)) throw new Error(still.failed)
  t.match(await sharp(still.jpeg).metadata(), { format: 'jpeg', width: 256, height: 192 })
  t.match(await cameras.still('text'), { failed: /no picture younger than 10 s/ })
  t.match(await cameras.still('nobody'), { failed: /there is no camera nobody/ })

  const now = () => cameras.list().find(camera => camera.id === 'webp')
  await until(() => (now()?.frames_total ?? 0) >= 8 && (now()?.fps ?? 0) > 0, 'frames are counted')
  t.match(now(), { state: 'live', fps: Number, frames_total: Number, scene: { camera: 'webp' } })
  t.strictSame(cameras.troubles(), [])
})

/** A file that says of itself that it is a video: enough where no FFmpeg is there to open it. */
const unopenedVideo = (file: string): void => writeFileSync(file, Buffer.concat([Buffer.from('\0\0\0 ftypisom'), Buffer.alloc(400)]))

t.test('[D7] a camera whose picture becomes another size in mid-stream no longer fits its masks, and says so', needs('ffmpeg'), async t => {
  const folder = t.testdir()
  for (const size of ['320x240', '640x360']) testVideo(`${folder}/${size}.ts`, 6, size)
  await writeFile(`${folder}/both.ts`, Buffer.concat(['320x240', '640x360'].map(size => readFileSync(`${folder}/${size}.ts`))))
  const masks: [number, number][][] = [
    [
      [0, 0],
      [80, 0],
      [80, 80]
    ]
  ]
  const { cameras, said, state } = await open([{ id: 'gate', url: `${folder}/both.ts`, zone: 'hall', masks }])
  t.teardown(() => cameras.close())
  await until(() => state('gate') === 'moved', 'the other size is noticed', 30_000)
  t.match(
    said.find(line => line.startsWith('gate moved')),
    /was 320×240 and is now 640×360/
  )
})

t.test('a video file is played at its own pace', needs('ffmpeg'), async t => {
  const folder = t.testdir()
  testVideo(`${folder}/clip.mp4`, 2, '640x360')
  const { cameras, scenes } = await open([{ id: 'clip', url: `${folder}/clip.mp4`, zone: 'hall', fps: 4 }])
  t.teardown(() => cameras.close())
  await until(() => scenes.length >= 12, 'more scenes than one round of the clip holds', 30_000)
  const took = (scenes.at(-1)?.at ?? 0) - (scenes[0]?.at ?? 0)
  t.ok(took > 2_000 && took < 6_000, `12 scenes at 4 a second in ${took} ms`)
  const still = await cameras.still('clip')
  if (!('jpeg' in still)) throw new Error(still.failed)
  t.match(await sharp(still.jpeg).metadata(), { width: 1024, height: 576 }, 'empty rows of the canvas are not part of the picture')
})

const serve = async (
  t: { readonly teardown: (done: () => void) => void },
  answer: (path: string, response: ServerResponse, auth: string | undefined) => void
): Promise<number> => {
  const server: Server = createServer((request, response) => answer(request.url ?? '', response, request.headers.authorization))
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

t.test('cameras that speak HTTP', async t => {
  const folder = t.testdir({ secret: "p@ss'word\n", wrong: 'guess\n' })
  const jpegs = await Promise.all(
    [0, 5, 10, 15].map(
      async shift =>
        await sharp(await crowdPicture(shift))
          .jpeg()
          .toBuffer()
    )
  )
  let asked = 0
  const port = await serve(t, (path, response, auth) => {
    if (path === '/snap.jpg') {
      if (auth !== `Basic ${Buffer.from("user:p@ss'word").toString('base64')}`)
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end()
      return void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpegs[asked++ % 4])
    }
    if (path === '/mjpeg') {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
      let i = 0
      const timer = setInterval(() => {
        const jpeg = jpegs[i++ % 4] ?? Buffer.alloc(0)
        response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`)
        response.write(jpeg)
        response.write('\r\n')
      }, 50)
      return void response.on('close', () => clearInterval(timer))
    }
    if (path === '/elsewhere') return void response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    if (path === '/page') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    if (path === '/lies') return void response.writeHead(200, { 'content-type': 'image/jpeg' }).end('this is no picture')
    response.writeHead(404).end()
  })
  const url = (path: string, user = '') => `http://${user}127.0.0.1:${port}${path}`
  const { cameras, scenes, state, why, said } = await open([
    { id: 'snap', url: url('/snap.jpg', 'user@'), password_file: `${folder}/secret`, zone: 'hall', fps: 4, size_px },
    { id: 'locked', url: url('/snap.jpg', 'user@'), password_file: `${folder}/wrong`, zone: 'hall', size_px },
    { id: 'mjpeg', url: url('/mjpeg'), zone: 'hall', fps: 4, size_px },
    ...['elsewhere', 'page', 'lies', 'missing'].map(id => ({ id, url: url(`/${id}`), zone: 'hall', size_px }))
  ])
  t.teardown(() => cameras.close())
  const of = (id: string) => scenes.filter(scene => scene.camera === id)
  await until(() => of('snap').length >= 4 && of('mjpeg').length >= 8, 'scenes of both', 30_000)
  t.ok(
    of('mjpeg').every(({ people_count }) => people_count > 18 && people_count < 32),
    'MJPEG is counted'
  )
  t.ok(
    of('snap').every(({ people_count }) => people_count > 18 && people_count < 32),
    'snapshots are counted'
  )
  await until(
    () => (cameras.list().find(camera => camera.id === 'mjpeg')?.frames_skipped_total ?? 0) > 10,
    'pictures that nobody needed are let go unopened, and counted'
  )
  await until(() => ['locked', 'elsewhere', 'page', 'lies', 'missing'].every(id => state(id) === 'dead'), 'the others are dead')
  t.match(why('locked'), /refuses the user name or the password/)
  t.match(why('elsewhere'), /redirects elsewhere, which is not followed/)
  t.match(why('page'), /answers text\/html, not a picture/)
  t.match(why('lies'), /is no picture/)
  t.match(why('missing'), /answers 404/)
  t.notMatch(said.join('\n'), /p@ss|guess/, 'no password is ever said')
})

t.test('an animated WebP is composed page by page as the format says', async t => {
  const folder = t.testdir()
  const pages = await Promise.all([0, 25, 50].map(shift => crowdPicture(shift)))
  for (const [name, options] of [
    ['lossy', { quality: 90 }],
    ['lossless', { lossless: true, minSize: true }]
  ] as const) {
    const file = `${folder}/${name}.webp`
    await writeFile(
      file,
      await sharp(pages, { join: { animated: true } })
        .webp({ ...options, delay: [100, 200, 300] })
        .toBuffer()
    )
    const player = await openAnimation(file)
    if (player === undefined) throw new Error('not animated')
    t.strictSame(player.durations_ms, [100, 200, 300])
    for (const index of [0, 1, 2, 0]) {
      const ours = await player.page(index)
      const theirs = await sharp(readFileSync(file), { page: index }).removeAlpha().raw().toBuffer()
      const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? 0))), 0)
      t.ok(worst <= 2, `${name} page ${index} is as libvips shows it (worst ${worst})`)
    }
    await player.close()
  }
  await writeFile(`${folder}/cut.webp`, readFileSync(`${folder}/lossy.webp`).subarray(0, -50))
  await t.rejects(openAnimation(`${folder}/cut.webp`), /cut off/)
  t.equal(await openAnimation(await photograph(folder)), undefined, 'a WebP photograph is no animation')
})

const photograph = async (folder: string): Promise<string> => {
  await writeFile(
    `${folder}/photo.webp`,
    await sharp(await crowdPicture())
      .webp()
      .toBuffer()
  )
  return `${folder}/photo.webp`
}
