import { createHmac } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import webhook from '../../edge/notify/webhook.ts'
import { certificate } from '../support/certificate.ts'
import { needs } from '../support/needs.ts'
import { json, means, message, vendor } from '../support/vendor.ts'

const calm = (): AbortSignal => AbortSignal.timeout(10_000)
const key = Buffer.from('a key of thirty-two bytes or so..').toString('base64')
const open = (url: string, secret = `whsec_${key}`) => webhook.open({ url, secret_file: 's' }, means({ secret: () => secret }))

t.test('a webhook carries the signature of Standard Webhooks, both languages, and the same id at every try', async t => {
  const server = await vendor(({ headers, body }, reply) => {
    const right = createHmac('sha256', Buffer.from(key, 'base64'))
      .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
      .digest('base64')
    const fresh = Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300
    json(reply, {}, fresh && headers['webhook-signature'] === `v1,${right}` ? 200 : 401)
  })
  const channel = await open(server.url)
  t.match(await channel.send(message(), calm()), { receipt: 'delivered' })
  t.match(await channel.send(message({ drill: true }), calm()), { receipt: 'delivered' })
  t.strictSame(
    server.asked.map(({ headers }) => headers['webhook-id']),
    ['p-1', 'p-1']
  )
  const [first, second] = server.asked.map(({ body }) => JSON.parse(body))
  t.match(first, { type: 'incident.opened', station: { id: 'hub' }, data: { title: { 'zh-CN': String, en: String }, drill: false } })
  t.equal(second.data.drill, true)
  t.notMatch(server.asked[0]?.body, /1380000|example\.org/, 'no number and no address of anyone')
  const wrong = await open(server.url, `whsec_${Buffer.from('another key of thirty bytes...').toString('base64')}`)
  t.match(await wrong.send(message(), calm()), { failed: 'they answered with an error: 401', retry: false })
  await server.close()
})

t.test('a key too short to be one signs nothing', async t => {
  const server = await vendor((_, reply) => json(reply, {}))
  const channel = await open(server.url, 'whsec_c2hvcnQ=')
  t.match(await channel.send(message(), calm()), { failed: String, retry: false })
  t.equal(server.asked.length, 0)
  await server.close()
})

t.test('what is tried again and when: a table of answers', async t => {
  let answer: { status: number; headers?: Record<string, string> } = { status: 200 }
  const server = await vendor((_, reply) => {
    reply.writeHead(answer.status, answer.headers)
    reply.end('x'.repeat(100_000))
  })
  const channel = await open(server.url)
  const date = new Date(Date.now() - 86_400_000)
  const later = new Date(date.getTime() + 90_000)
  const table = [
    [{ status: 202 }, { receipt: 'delivered' }],
    [{ status: 302, headers: { location: `${server.url}/elsewhere` } }, { retry: false }],
    [{ status: 400 }, { retry: false }],
    [{ status: 410 }, { retry: false }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { retry: true, after_ms: 7_000 }
    ],
    [
      { status: 429, headers: { 'retry-after': 'soon' } },
      { retry: true, after_ms: undefined }
    ],
    [
      { status: 429, headers: { 'retry-after': '99999999' } },
      { retry: true, after_ms: 3_600_000 }
    ],
    [
      { status: 503, headers: { 'retry-after': later.toUTCString(), date: date.toUTCString() } },
      { retry: true, after_ms: 90_000 }
    ],
    [{ status: 500 }, { retry: true }]
  ] as const
  for (const [given, expected] of table) {
    answer = given
    t.match(await channel.send(message(), calm()), expected, `${given.status}`)
  }
  t.equal(server.asked.length, table.length, 'it was never led elsewhere')
  await server.close()
  t.match(await channel.send(message(), calm()), { failed: 'they were not reached: ECONNREFUSED', retry: true })
})

t.test('an answer that breaks off, trickles or never comes ends with the signal', async t => {
  const server = await vendor(({ url }, reply) => {
    reply.writeHead(200, { 'content-length': '1000' })
    if (url.pathname === '/broken') reply.write('half', () => reply.destroy())
    else if (url.pathname === '/trickle') reply.write('a')
  })
  t.match(await (await open(`${server.url}/broken`)).send(message(), calm()), { failed: String, retry: true })
  const begun = performance.now()
  t.match(await (await open(`${server.url}/trickle`)).send(message(), AbortSignal.timeout(100)), {
    failed: 'no answer in time',
    retry: true
  })
  t.match(await (await open(server.url)).send(message(), AbortSignal.abort()), { failed: 'no answer in time', retry: true })
  t.ok(performance.now() - begun < 2_000)
  await server.close()
})

t.test('over TLS only a server with a certificate of the named authority is told anything', needs('openssl'), async t => {
  const tls = certificate(t.testdir())
  let asked = 0
  const server = createServer(tls, (_, reply) => {
    asked++
    reply.writeHead(204).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const secret = (file: string): string => (file === 'ca' ? tls.cert : `whsec_${key}`)
  const knowing = await webhook.open({ url, secret_file: 's', ca_file: 'ca' }, means({ secret }))
  const doubting = await webhook.open({ url, secret_file: 's' }, means({ secret }))
  t.match(await doubting.send(message(), calm()), { failed: 'they were not reached: DEPTH_ZERO_SELF_SIGNED_CERT', retry: true })
  t.equal(asked, 0)
  t.match(await knowing.send(message(), calm()), { receipt: 'delivered' })
  server.closeAllConnections()
  await new Promise<void>(resolve => server.close(() => resolve()))
})
