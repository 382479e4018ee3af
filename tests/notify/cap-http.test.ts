import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import { realClock } from '../../edge/clock.ts'
import { type CapAlert, capXml } from '../../edge/domain/cap.ts'
import capHttp, { outcomeOf } from '../../edge/notify/cap-http.ts'
import type { Means, Message } from '../../edge/notify/channel.ts'
import { openTestConsole } from '../support/open-console.ts'

const token = 'token-that-writes-001'
const means: Means = {
  clock: realClock,
  station: { id: 'other', name: '邻站', locale: 'zh-CN' },
  dir: '/nowhere',
  secret: () => token,
  publish: () => undefined,
  isOnline: () => false,
  order: () => false,
  watching: () => new Set(),
  subscriptions: () => [],
  forgetSubscription: () => undefined,
  log: () => undefined
}
const alert: CapAlert = {
  identifier: 'other.i-7.1',
  sender: 'other@qianshao.local',
  sent: '2026-11-24T16:00:00+08:00',
  status: 'Actual',
  msgType: 'Alert',
  scope: 'Restricted',
  restriction: 'joint duty',
  incidents: 'other/i-7',
  info: [{ category: ['Safety'], event: '求援', urgency: 'Immediate', severity: 'Extreme', certainty: 'Observed', headline: '人手不够' }]
}
const message: Message = {
  id: 'p-1',
  occasion: 'asked',
  incident: 'i-7',
  kind: 'crowd',
  zone: 'square',
  zone_name: '广场',
  severity: 'red',
  unit: 'neighbour-1',
  unit_name: '邻站',
  agency: 'neighbour',
  to: [],
  title: { 'zh-CN': '求援', en: 'help' },
  text: { 'zh-CN': '求援', en: 'help' },
  speech: { 'zh-CN': '求援', en: 'help' },
  cap: capXml(alert),
  url: undefined,
  drill: false,
  at: 0
}
const never = new AbortController().signal
const open = (url: string, more: object = {}) =>
  capHttp.open(Value.Parse(capHttp.settings, { form: 'xml', url, token_file: 'secrets/other', ...more }), means)

const listening = async (t: Test, listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/cap`
}

t.test('a neighbouring station hears the call as an incident of its own, once', async t => {
  const { desk, console } = await openTestConsole(t)
  const channel = await open(`${console.url}/api/cap`)
  for (let i = 0; i < 2; i++) t.strictSame(await channel.send(message, never), { receipt: 'delivered' })
  t.match(desk.incidents(), [{ kind: 'help', severity: 'red' }])
  t.equal(desk.incidents().length, 1)
})

t.test('a platform that wants JSON gets the document in an envelope, with the token', async t => {
  const heard: { headers: IncomingHttpHeaders; body: string }[] = []
  const url = await listening(t, async (request, answer) => {
    let body = ''
    for await (const part of request) body += part
    heard.push({ headers: request.headers, body })
    answer.writeHead(202).end()
  })
  t.strictSame(await (await open(url, { form: 'json' })).send(message, never), { receipt: 'delivered' })
  t.match(heard, [{ headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }])
  t.strictSame(JSON.parse(heard[0]?.body ?? ''), {
    id: 'p-1',
    station: 'other',
    incident: 'i-7',
    kind: 'crowd',
    severity: 'red',
    drill: false,
    cap: message.cap
  })
})

t.test('what they answer decides whether trying again can help', async t => {
  const answered = (status: number, text = '', after_ms?: number) =>
    outcomeOf({ status, text, ...(after_ms !== undefined && { after_ms }) })
  t.strictSame(answered(204), { receipt: 'delivered' })
  t.strictSame(answered(401), { failed: 'they answered with an error: 401', retry: false })
  t.strictSame(answered(409, '{"code":"already_closed","detail":"x"}'), {
    failed: 'they answered with an error: 409 already_closed',
    retry: false
  })
  t.strictSame(answered(302), { failed: 'they answered with an error: 302', retry: false })
  t.strictSame(answered(503, '', 7_000), { failed: 'they answered with an error: 503', retry: true, after_ms: 7_000 })
  t.strictSame(answered(500), { failed: 'they answered with an error: 500', retry: true })
})

t.test('a side that is away, silent or endless fails with a reason and without the token', async t => {
  const away = await (await open('http://127.0.0.1:1/api/cap')).send(message, never)
  t.match(away, { failed: /^they were not reached: ECONNREFUSED/, retry: true })
  const silent = await (await open(await listening(t, () => undefined))).send(message, AbortSignal.timeout(50))
  t.strictSame(silent, { failed: 'no answer in time', retry: true })
  const endless = await listening(t, (_, answer) => {
    answer.writeHead(200)
    const more = (): unknown => answer.destroyed || (answer.write('x'.repeat(1_000)) ? setImmediate(more) : answer.once('drain', more))
    more()
  })
  t.strictSame(await (await open(endless)).send(message, never), { receipt: 'delivered' })
  const { cap: _, ...bare } = message
  t.strictSame(await (await open('http://127.0.0.1:1/')).send(bare, never), { failed: 'there is no CAP document for this', retry: false })
  t.notMatch(JSON.stringify([away, silent]), token)
})

t.test('an address with a password in it is refused', async t => {
  t.throws(() => Value.Parse(capHttp.settings, { form: 'xml', url: 'https://a:b@c.example/api/cap', token_file: 'x' }))
})
