/** F61: a camera that stalls, breaks, lies or shows nothing says so within 10 s, is tried again, and never disturbs another. */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import sharp from 'sharp'
import t from 'tap'
import { animatedWebp, crowdPicture, open } from '../support/cameras.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

/** A camera under our control down to its bytes. */
const badCamera = async (
  t: { readonly teardown: (done: () => void) => void },
  serve: (socket: Socket, path: string) => void
): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', request => serve(socket, request.toString('latin1').split(' ')[1] ?? ''))
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const mjpeg = 'HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n'
const part = (jpeg: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`), jpeg, Buffer.from('\r\n')])

t.test('bad cameras beside a good one', { timeout: 60_000 }, async t => {
  const folder = t.testdir()
  await animatedWebp(`${folder}/good.webp`)
  const jpegs = await Promise.all(
    [0, 8, 16, 24].map(
      async shift =>
        await sharp(await crowdPicture(shift))
          .jpeg()
          .toBuffer()
    )
  )
  const small = await Promise.all(
    [0, 8, 16, 24].map(
      async shift =>
        await sharp(await crowdPicture(shift))
          .resize(128, 96)
          .jpeg()
          .toBuffer()
    )
  )
  const black = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#050505' } })
    .jpeg()
    .toBuffer()
  const every = (socket: Socket, next: (i: number) => Buffer): void => {
    socket.write(mjpeg)
    let i = 0
    const timer = setInterval(() => socket.write(part(next(i++))), 100)
    socket.on('close', () => clearInterval(timer))
  }
  const pick = (from: readonly Buffer[], i: number): Buffer => from[i % from.length] ?? black
  let flaps = 0
  const port = await badCamera(t, (socket, path) => {
    if (path === '/stall') socket.write(Buffer.concat([Buffer.from(mjpeg), part(pick(jpegs, 0)), part(pick(jpegs, 1))]))
    else if (path === '/reset') socket.resetAndDestroy()
    else if (path === '/garbage') socket.end(Buffer.concat([Buffer.from(mjpeg), Buffer.alloc(20_000, 0xa7)]))
    else if (path === '/broken') every(socket, i => Buffer.from(pick(jpegs, i)).fill(0xa7, 400))
    else if (path === '/frozen') every(socket, () => pick(jpegs, 0))
    else if (path === '/black') every(socket, () => black)
    else if (path === '/resize') every(socket, i => pick(i % 20 < 10 ? jpegs : small, i))
    else if (path === '/endless') socket.write('HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n', () => socket.pipe(socket))
    else if (path === '/flap') {
      flaps++
      socket.end(Buffer.concat([Buffer.from(mjpeg), part(pick(jpegs, flaps))]))
    }
    // '/silent' is accepted and never answered.
  })
  const bad = ['stall', 'reset', 'garbage', 'broken', 'frozen', 'black', 'resize', 'silent', 'flap']
  const opened = await open([
    { id: 'good', url: `${folder}/good.webp`, zone: 'hall', fps: 4, size_px: [256, 192] },
    ...bad.map(id => ({ id, url: `http://127.0.0.1:${port}/${id}`, zone: 'hall', size_px: [256, 192] as const }))
  ])
  const { cameras, scenes, state, why, said } = opened
  t.teardown(() => cameras.close())
  const of = (id: string) => scenes.filter(scene => scene.camera === id)
  await until(() => of('good').length > 0, 'the good camera is counted', 20_000)
  const [began, first] = [Date.now(), of('good').length]

  await until(
    () => ['reset', 'garbage', 'broken', 'silent'].every(id => state(id) === 'dead') && state('black') === 'covered',
    'the quick ones',
    10_000
  )
  t.match(why('reset'), /broke the connection/)
  t.match(why('garbage'), /claims to be MJPEG and is not/)
  t.match(why('broken'), /is no picture/)
  t.match(why('silent'), /does not answer in time/)
  await until(() => said.some(line => line.startsWith('stall stalled')), 'the stalled one', 10_000)
  await until(() => state('frozen') === 'frozen', 'the frozen one', 12_000)
  t.equal(of('black').length, 0, 'nobody is counted, not even as 0, on a black picture')
  t.ok(said.some(line => line.startsWith('flap live')) && said.some(line => line.startsWith('flap dead')), 'the flapping one says both')
  t.ok(flaps < 8, `and is asked ${flaps} times, not without end`)
  t.equal(state('resize'), 'live', 'a camera that changes its resolution goes on')
  t.ok(of('resize').every(scene => Number.isFinite(scene.people_count)))
  const rate = ((of('good').length - first) * 1000) / (Date.now() - began)
  t.ok(rate > 3.2, `the good one was counted ${rate.toFixed(2)} times a second beside nine bad ones`)
  t.equal(state('good'), 'live')
  for (const id of ['reset', 'black', 'frozen', 'stall'])
    t.equal(cameras.list().find(camera => camera.id === id)?.scene, undefined, `${id} shows no count`)
})

t.test('garbage where RTSP is expected', needs('ffmpeg'), async t => {
  const port = await badCamera(t, (socket, path) => {
    if (path.endsWith('/lost')) socket.end('RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n')
    else if (path.endsWith('/noise')) socket.end(Buffer.alloc(20_000, 0xa7))
    else if (path.endsWith('/reset')) socket.resetAndDestroy()
    // '/silent' is accepted and never answered.
  })
  const { cameras, state, why } = await open(
    ['lost', 'noise', 'reset', 'silent'].map(id => ({ id, url: `rtsp://127.0.0.1:${port}/${id}`, zone: 'hall' }))
  )
  t.teardown(() => cameras.close())
  await until(() => ['lost', 'noise', 'reset', 'silent'].every(id => state(id) === 'dead'), 'all four are dead within 10 s', 11_000)
  t.match(why('lost'), /no such stream \(404\)/)
  for (const id of ['noise', 'reset', 'silent']) t.match(why(id), /next try in/, why(id))
})
