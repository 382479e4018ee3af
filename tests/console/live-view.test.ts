/** A camera, live, through the door of the console: who may, who is written down, and how it ends. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import WebSocket from 'ws'
import { live_view_limits } from '../../edge/console/live-view.ts'
import type { Who } from '../../edge/ports.ts'
import { who } from '../support/fake-people.ts'
import { openTestConsole } from '../support/open-console.ts'
import { until } from '../support/until.ts'

type Told = { type: string; code?: string; why?: string; again?: boolean; camera?: { state: string }; format?: string; codec?: string }
type Watching = { socket: WebSocket; told: Told[]; parts: Buffer[]; closed: () => boolean }

const open = async (url: string, cookie: string, query: string, headers: Record<string, string> = {}): Promise<Watching | number> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${query}`, { headers: { cookie, origin: url, ...headers } })
  const told: Told[] = []
  const parts: Buffer[] = []
  socket.on('message', (data: Buffer, binary: boolean) => void (binary ? parts.push(data) : told.push(JSON.parse(data.toString()))))
  const answer = await Promise.race([
    once(socket, 'open').then(() => 101),
    new Promise<number>(resolve => socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0)))
  ])
  return answer === 101 ? { socket, told, parts, closed: () => socket.readyState === WebSocket.CLOSED } : answer
}
const watching = async (...args: Parameters<typeof open>): Promise<Watching> => {
  const opened = await open(...args)
  if (typeof opened === 'number') throw new Error(`refused with ${opened}`)
  return opened
}
const path = '/api/cameras/cam-1/live?reason=%E6%A0%B8%E5%AE%9E'
const h264 = { format: 'mp4', codec: 'avc1.640028', init: new Uint8Array([1, 2, 3]) } as const

const openRoom = async (t: Test) => {
  const gone = new Set<string>()
  const demoted = new Set<string>()
  const people = (name: string): Who | undefined => {
    const found = gone.has(name) ? undefined : who(name)
    return found && demoted.has(name) ? { ...found, roles: ['auditor'] } : found
  }
  const { desk, console, as } = await openTestConsole(t, { who: people })
  const signIn = async (name: string) => {
    const client = await as(name)
    const answer = await fetch(`${console.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password: 'a long enough password' })
    })
    return { client, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
  }
  const noted = (type: string) => desk.journal.read(0, 1_000).flatMap(({ event }) => (event.type === type ? [event] : []))
  return { desk, console, signIn, noted, gone, demoted, url: console.url }
}

t.test('who looks, at what, why and for how long is written down; the pictures are not', async t => {
  const { desk, signIn, noted, url } = await openRoom(t)
  const { client, cookie } = await signIn('wang')
  desk.preview.begin('cam-1', h264)
  const { socket, told, parts } = await watching(url, cookie, `${path}&incident=i-1`)
  await until(() => parts.length === 1, 'the description of the stream')
  t.match(noted('live_view_began'), [{ id: 'cam-1', by: 'wang', reason: '核实', incident: 'i-1' }], 'before the first picture')
  t.match(
    told.map(({ type }) => type),
    ['welcome', 'camera', 'stream']
  )
  t.match(told[2], { format: 'mp4', codec: 'avc1.640028', init: undefined })
  desk.preview.part('cam-1', new Uint8Array([7, 7]), true)
  await until(() => parts.length === 2, 'a part')
  const [, part] = parts
  t.ok(Math.abs((part?.readDoubleBE(0) ?? 0) - desk.clock.now()) < 2_000, 'and when it came from the camera')
  t.strictSame(part?.subarray(8), Buffer.from([7, 7]))
  desk.camera('cam-1', { state: 'covered', why: 'dark' })
  await until(() => told.some(({ camera }) => camera?.state === 'covered'), 'the state of the camera is told at once', 500)
  desk.preview.fail('cam-1', '无信号 · no signal')
  await until(() => told.some(({ type, why }) => type === 'waits' && why === '无信号 · no signal'), 'nothing comes, and why')
  socket.close()
  await until(() => noted('live_view_ended').length === 1, 'the end')
  t.match(noted('live_view_ended'), [{ id: 'cam-1', by: 'wang', seconds: Number, why: 'left' }])
  t.equal(desk.preview.viewers('cam-1'), 0, 'and nobody is left in front of the camera')
  const auditor = (await signIn('auditor')).client
  t.match(
    (await auditor('GET', '/api/audit')).json.map(({ type }: { type: string }) => type).filter((type: string) => type.startsWith('live')),
    ['live_view_ended', 'live_view_began']
  )
  t.equal((await client('GET', path)).status, 426)
  t.match((await client('GET', '/metrics')).text, /^qianshao_live_viewers 0$/m)
})

t.test('who may not is told before anything opens', async t => {
  const { console, desk, signIn, noted, url } = await openRoom(t)
  const { client, cookie } = await signIn('wang')
  t.equal(await open(url, '', path), 401)
  t.equal(await open(url, (await signIn('auditor')).cookie, path), 403)
  t.equal(await open(url, (await signIn('installer')).cookie, path), 403)
  t.equal(await open(url, '', path, { authorization: 'Bearer token-that-writes-001' }), 403, 'no machine looks')
  t.equal(await open(url, cookie, path, { origin: 'http://elsewhere.example' }), 403)
  const { origin: _, ...bare } = { origin: '', cookie }
  const without = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers: bare })
  const refused = await new Promise<number>(resolve =>
    without.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
  )
  t.equal(refused, 403, 'a socket that does not say where it comes from')
  t.equal(await open(url, cookie, '/api/cameras/none/live?reason=x'), 404)
  t.equal(await open(url, cookie, '/api/cameras/cam-1/live?reason=%20'), 400)
  t.equal(await open(url, cookie, `${path}&format=hevc`), 400)
  t.match((await client('GET', '/api/cameras/cam-1/live')).json, { code: 'reason_missing', detail: '请填写理由。' })
  t.equal(noted('live_view_began').length, 0)
  t.equal(desk.preview.viewers('cam-1'), 0)
  t.ok((console.counters().live_views_refused_total ?? 0) >= 3)
})

t.test('four people watch a camera; the fifth is told so, and may when one leaves', async t => {
  const { desk, signIn, url } = await openRoom(t)
  const { client, cookie } = await signIn('wang')
  const four: Watching[] = []
  for (let i = 0; i < live_view_limits.viewers_per_camera; i++) four.push(await watching(url, cookie, path))
  await until(() => desk.preview.viewers('cam-1') === 4, 'four watch')
  t.equal(await open(url, cookie, path), 409)
  t.match((await client('GET', path)).json, { code: 'too_many_viewers_of_camera', detail: /已有 4 人/ })
  four[0]?.socket.close()
  await until(() => desk.preview.viewers('cam-1') === 3, 'one has left')
  t.type(await open(url, cookie, path), 'object')
})

t.test('who opens it again and again must wait', async t => {
  const { signIn, url } = await openRoom(t)
  const { client } = await signIn('wang')
  for (let i = 0; i < live_view_limits.openings_per_minute; i++) t.equal((await client('GET', path)).status, 426)
  const answer = await client('GET', path)
  t.equal(answer.status, 429)
  t.ok(answer.headers.get('retry-after'))
  t.equal((await client('GET', '/api/cameras')).status, 200, 'everything else goes on')
  t.ok(url)
})

t.test('it ends with the sign-in, with the right, with the person, and with the station', async t => {
  for (const [how, code] of [
    ['signs out', 'not_welcome'],
    ['loses the right', 'not_welcome'],
    ['is removed', 'not_welcome'],
    ['the station closes', 'station_closing']
  ] as const) {
    const { desk, console, signIn, noted, gone, demoted, url } = await openRoom(t)
    const { cookie } = await signIn('wang')
    const { told, closed } = await watching(url, cookie, path)
    await until(() => desk.preview.viewers('cam-1') === 1, 'wang watches')
    if (how === 'signs out') await fetch(`${url}/api/session`, { method: 'DELETE', headers: { cookie } })
    if (how === 'loses the right') demoted.add('wang')
    if (how === 'is removed') gone.add('wang')
    if (how === 'the station closes') void console.close()
    await until(closed, `${how}: it closes`, 3_000)
    t.match(told.at(-1), { type: 'end', code }, how)
    t.match(noted('live_view_ended'), [{ why: code, by: 'wang' }], how)
    t.equal(desk.preview.viewers('cam-1'), 0, how)
  }
})

t.test('it ends after ten minutes, and when the camera has nothing more to show', async t => {
  const { desk, signIn, noted, url } = await openRoom(t)
  const { cookie } = await signIn('wang')
  const real = performance.now.bind(performance)
  t.teardown(() => {
    performance.now = real
  })
  const long = await watching(url, cookie, path)
  await until(() => desk.preview.viewers('cam-1') === 1, 'wang watches')
  performance.now = () => real() + live_view_limits.minutes * 60_000
  await until(long.closed, 'it closes', 3_000)
  performance.now = real
  t.match(long.told.at(-1), { type: 'end', code: 'time_is_up', why: /10 分钟/, again: true })
  const second = await watching(url, cookie, path)
  await until(() => desk.preview.viewers('cam-1') === 1, 'wang watches again')
  desk.preview.fail('cam-1', '摄像头拒绝了用户名或密码 · the camera refuses', true)
  await until(second.closed, 'it closes', 3_000)
  t.match(second.told.at(-1), { code: 'no_picture', why: /拒绝了用户名/ })
  t.match(
    noted('live_view_ended').map(event => (event as { why: string }).why),
    ['time_is_up', 'no_picture']
  )
})

t.test('a camera with privacy masks that has moved is watched by nobody, for they no longer hide what they should', async t => {
  const { desk, signIn, noted, url } = await openRoom(t)
  const { client, cookie } = await signIn('wang')
  desk.camera('cam-1', { masked: true })
  const { told, closed } = await watching(url, cookie, path)
  await until(() => desk.preview.viewers('cam-1') === 1, 'wang watches')
  desk.camera('cam-1', { state: 'moved' })
  await until(closed, 'it closes', 3_000)
  t.match(told.at(-1), { type: 'end', code: 'masks_astray', why: /遮罩/ })
  t.match(noted('live_view_ended'), [{ why: 'masks_astray' }])
  t.match(await client('GET', path), { status: 409, json: { code: 'masks_astray' } })
  desk.camera('cam-1', { masked: false })
  await watching(url, cookie, path)
  await until(() => desk.preview.viewers('cam-1') === 1, 'without masks a view that has moved is only another view')
})

t.test('a viewer who does not read is left out of pictures, begins again at a key, and is let go; the others see all', async t => {
  const { desk, console, signIn, url } = await openRoom(t)
  const { cookie } = await signIn('wang')
  const quick = await watching(url, cookie, path)
  const slow = await watching(url, cookie, path)
  await until(() => desk.preview.viewers('cam-1') === 2, 'two watch')
  desk.preview.begin('cam-1', h264)
  slow.socket.pause()
  const picture = new Uint8Array(256 * 1024)
  let sent = 0
  await until(
    () => {
      desk.preview.part('cam-1', picture, sent % 5 === 0)
      sent++
      return (console.counters().live_view_parts_left_out_total ?? 0) >= 10
    },
    'pictures are left out',
    10_000
  )
  await until(() => quick.parts.length === sent + 1, 'the quick one has them all')
  slow.socket.resume()
  const had = 1 + sent - (console.counters().live_view_parts_left_out_total ?? 0)
  await until(() => slow.parts.length === had, 'what waited has arrived, and nothing more', 5_000)
  desk.preview.part('cam-1', new Uint8Array([9]), false)
  desk.preview.part('cam-1', new Uint8Array([5]), true)
  await until(() => slow.parts.length > had, 'the key reaches it')
  t.strictSame(slow.parts[had]?.subarray(8), Buffer.from([5]), 'and is the first that does')
  slow.socket.pause()
  const real = performance.now.bind(performance)
  t.teardown(() => {
    performance.now = real
  })
  await until(
    () => {
      const left = console.counters().live_view_parts_left_out_total ?? 0
      desk.preview.part('cam-1', picture, false)
      return (console.counters().live_view_parts_left_out_total ?? 0) > left
    },
    'slow once more',
    10_000
  )
  performance.now = () => real() + live_view_limits.too_slow_ms
  await until(() => desk.preview.viewers('cam-1') === 1, 'the slow one is let go', 5_000)
  performance.now = real
  t.equal(console.counters().live_views_too_slow_total, 1)
  t.notOk(quick.closed())
})

t.test('a request that offers to upgrade to something else is served as if it had not', async t => {
  const { console, signIn } = await openRoom(t)
  const { cookie } = await signIn('wang')
  const say = async (text: string): Promise<string> => {
    const socket = connect(console.port, '127.0.0.1')
    socket.end(text)
    let heard = ''
    for await (const chunk of socket) heard += chunk
    return heard
  }
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n'
  t.match(await say(`GET /api/cameras HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n${offer}\r\n`), /^HTTP\/1\.1 200 [\s\S]*"cam-1"/)
  const body = JSON.stringify({ name: 'wang', password: 'a long enough password' })
  const post = `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${offer}\r\n`
  t.match(await say(`${post}${body}`), /^HTTP\/1\.1 200 [\s\S]*set-cookie/i, 'with its body')
  t.match(
    await say(`GET /api/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`),
    /^HTTP\/1\.1 401/,
    'a socket anywhere else is an ordinary request'
  )
})
