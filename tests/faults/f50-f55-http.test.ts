import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { openTestConsole } from '../support/open-console.ts'

/** What the other side answers until it closes, and how long that takes. */
const talk = (t: Test, port: number, begin: (socket: Socket) => void): Promise<{ text: string; took_ms: number }> =>
  new Promise(resolve => {
    const from = performance.now()
    let text = ''
    const socket = connect(port, '127.0.0.1', () => begin(socket))
    t.teardown(() => socket.destroy())
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ text, took_ms: performance.now() - from }))
  })

const head = (port: number, more = ''): string =>
  `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${more}`
const every = (socket: Socket, ms: number, text: string): void => {
  const timer = setInterval(() => socket.write(text), ms)
  socket.on('close', () => clearInterval(timer))
}

t.test('F50: whoever sends slowly is gone within ten seconds, and others never notice', async t => {
  const { console, as } = await openTestConsole(t)
  const { port } = console
  const slow = Promise.all([
    talk(t, port, socket => {
      socket.write('GET /healthz HTTP/1.1\r\n')
      every(socket, 500, 'X-A: b\r\n')
    }),
    talk(t, port, socket => {
      socket.write(head(port, 'Content-Length: 5000\r\n\r\n{'))
      every(socket, 500, ' ')
    }),
    talk(t, port, socket => {
      socket.write(head(port, 'Transfer-Encoding: chunked\r\n\r\n'))
      every(socket, 500, '1\r\n \r\n')
    })
  ])
  const wang = await as('wang')
  const from = performance.now()
  t.equal((await wang('GET', '/api/zones')).status, 200)
  t.ok(performance.now() - from < 200)
  for (const { took_ms, text } of await slow) {
    t.ok(took_ms < 10_000, `closed after ${Math.round(took_ms)} ms`)
    t.match(text, /^(HTTP\/1\.1 408|$)/)
  }
})

t.test('F51: two megabytes, a tower of brackets, a gzip bomb or a number beyond all numbers is a 4xx with a sentence', async t => {
  const { as } = await openTestConsole(t)
  const wang = await as('wang')
  const send = (body: string, headers = {}) => wang('POST', '/api/reports', body, headers)
  const before = process.memoryUsage.rss()
  t.match((await send(`{"text":"${'x'.repeat(2_000_000)}"}`)).json, { status: 413, code: 'too_large' })
  t.match((await send(`{"text":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)).json, { status: 400, code: 'not_json' })
  t.match((await send(`${'['.repeat(500_000)}`)).status, 413)
  t.match((await send('{"text":1e400}')).json, { status: 400, code: 'not_json', detail: /数字超出范围/ })
  t.match((await send('{"__proto__":{"roles":["duty_commander"]}}')).json, { status: 400, code: 'not_json' })
  t.match((await send('{"constructor":{"prototype":{"x":1}}}')).status, 400)
  t.match((await send('{"text":')).json, { status: 400, code: 'not_json' })
  t.match((await send('{}', { 'content-encoding': 'gzip' })).json, { status: 415, code: 'wrong_media_type' })
  t.match((await send('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415)
  t.match((await send('{"text":"x","zone":"hall","kind":"other","roles":["duty_commander"]}')).json, { status: 400, code: 'not_valid' })
  t.equal(({} as { roles?: unknown }).roles, undefined)
  t.ok(process.memoryUsage.rss() - before < 60 * 1024 * 1024)
})

t.test('F52: more headers than anyone needs, or one too long, never reach a route', async t => {
  const { console } = await openTestConsole(t)
  const long = await talk(t, console.port, socket => socket.end(`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`))
  t.match(long.text, /^HTTP\/1\.1 (400|431)/)
})

t.test('F53: a request that can be read in two ways is not read at all', async t => {
  const { console } = await openTestConsole(t)
  const smuggled = [
    'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    'GET /healthz HTTP/1.1\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\nInjected: b\r\n\r\n'
  ]
  for (const request of smuggled) {
    const { text } = await talk(t, console.port, socket => socket.end(request))
    t.match(text, /^HTTP\/1\.1 400/, request)
    t.notMatch(text, /qianshao_/, request)
  }
})

t.test('F55: no path leads out of the screen’s folder', async t => {
  const screen = t.testdir({ 'index.html': '<p>screen</p>', assets: { 'app.js': '1' }, 'secret.txt': 'not for you' })
  const { console } = await openTestConsole(t, { screen })
  t.match(await (await fetch(console.url)).text(), /screen/)
  t.equal((await fetch(`${console.url}/assets/app.js`)).status, 200)
  const ways = [
    '../secret.txt',
    '..%2fsecret.txt',
    '..%252fsecret.txt',
    '..\\secret.txt',
    '..%5csecret.txt',
    '%00',
    '//etc/passwd',
    '.%2e/secret.txt',
    '....//secret.txt',
    '/etc/passwd'
  ]
  for (const way of ways) {
    const answer = await talk(t, console.port, socket =>
      socket.write(`GET /assets/${way} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    )
    t.match(answer.text, /^HTTP\/1\.1 4\d\d/, way)
    t.notMatch(answer.text, /not for you|root:/, way)
  }
})
