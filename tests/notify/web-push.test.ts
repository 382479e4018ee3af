import { createECDH, createPublicKey, type ECDH, randomBytes, verify } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import type { PushSubscription } from '../../edge/notify/channel.ts'
import webPush, { vapidPublicKey } from '../../edge/notify/web-push.ts'
import { type Asked, means, message, vendor } from '../support/vendor.ts'

type Phone = { readonly ecdh: ECDH; readonly auth: Buffer; readonly subscription: PushSubscription }
const ece = createRequire(import.meta.url)('http_ece') as {
  decrypt: (body: Buffer, how: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }) => Buffer
}
const calm = (): AbortSignal => AbortSignal.timeout(10_000)
const settings = { subject: 'mailto:duty@station.example', ttl_s: 600, services: ['127.0.0.1'] }

/** A browser: its own keys, and an address at a push service. */
const phone = (endpoint: string): Phone => {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  const auth = randomBytes(16)
  const keys = { p256dh: ecdh.getPublicKey().toString('base64url'), auth: auth.toString('base64url') }
  return { ecdh, auth, subscription: { endpoint, keys } }
}
const read = ({ ecdh, auth }: Phone, { raw }: Asked): Record<string, unknown> =>
  JSON.parse(ece.decrypt(raw, { version: 'aes128gcm', privateKey: ecdh, authSecret: auth.toString('base64url') }).toString())

/** As RFC 8292 has it: signed by the key it names, for this service, for at most a day, with somebody to write to. */
const isSigned = ({ headers }: Asked, origin: string, known: string): boolean => {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(\S+)$/.exec(headers.authorization ?? '') ?? []
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
  const by = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  const left = exp - Date.now() / 1000
  const right = verify('sha256', Buffer.from(`${head}.${claims}`), by, Buffer.from(signature, 'base64url'))
  return right && key === known && aud === origin && left > 0 && left <= 86_400 && sub === settings.subject
}
const openFor = (t: { testdir: () => string }, phones: Record<string, readonly PushSubscription[]>, more: object = {}) => {
  const forgotten: string[] = []
  const dir = t.testdir()
  const forgetSubscription = (endpoint: string): void => void forgotten.push(endpoint)
  const open = webPush.open({ ...settings, ...more }, means({ dir, subscriptions: name => phones[name] ?? [], forgetSubscription }))
  return { open: Promise.resolve(open), forgotten, dir }
}

t.test('each phone of the unit gets it, sealed to its own key, under the station’s signature', async t => {
  const server = await vendor((_, reply) => reply.writeHead(201).end())
  const [a, b] = [phone(`${server.url}/push/a`), phone(`${server.url}/push/b`)]
  const { open, dir } = openFor(t, { li: [a.subscription], wang: [b.subscription, a.subscription] })
  const told = message({ drill: true, title: { 'zh-CN': '【演练】火', en: 'EXERCISE: fire' } })
  t.match(await (await open).send(told, calm()), { receipt: 'sent', note: '2/2' })
  t.strictSame(server.asked.map(({ url }) => url.pathname).sort(), ['/push/a', '/push/b'], 'one that two share is called once')
  for (const asked of server.asked) {
    t.ok(isSigned(asked, server.url, vapidPublicKey(dir)))
    t.match(asked.headers, { ttl: '600', urgency: 'high', 'content-encoding': 'aes128gcm', topic: /^[A-Za-z0-9_-]{32}$/ })
    const mine = asked.url.pathname === '/push/a' ? a : b
    t.match(read(mine, asked), {
      id: 'p-1',
      incident: 'i-1',
      unit: 'patrol-1',
      drill: true,
      severity: 'red',
      url: 'http://station/#i-1',
      title: { 'zh-CN': '【演练】火', en: 'EXERCISE: fire' },
      text: { 'zh-CN': '红色火情 美食街\n烟雾报警 & <报>', en: 'fire\nsmoke' }
    })
    t.notMatch(JSON.stringify(asked.headers), /13800|example\.org/)
    t.throws(() => read(mine === a ? b : a, asked), 'the other phone cannot open it')
  }
  await server.close()
})

t.test('the longest text still fits what a push service takes', async t => {
  const server = await vendor(({ raw }, reply) => reply.writeHead(raw.length <= 4096 ? 201 : 413).end())
  const a = phone(`${server.url}/a`)
  const { open } = openFor(t, { li: [a.subscription] })
  for (const text of ['火'.repeat(5_000), '"\n'.repeat(5_000), '\u0001'.repeat(5_000)])
    t.match(await (await open).send(message({ text: { 'zh-CN': text, en: text } }), calm()), { receipt: 'sent' })
  await server.close()
})

t.test('a phone that is gone is forgotten, and does not hide that another has it', async t => {
  let status = 410
  const server = await vendor(({ url }, reply) => reply.writeHead(url.pathname === '/gone' ? status : 201).end())
  const [here, gone] = [phone(`${server.url}/here`), phone(`${server.url}/gone`)]
  const bad = { endpoint: `${server.url}/bad`, keys: { p256dh: 'AAAA', auth: 'AAAA' } }
  const { open, forgotten } = openFor(t, { li: [here.subscription], wang: [gone.subscription] })
  t.match(await (await open).send(message(), calm()), { receipt: 'sent', note: '1/2' })
  status = 404
  t.match(await (await open).send(message({ id: 'p-2', to: [{ name: 'wang' }] }), calm()), {
    failed: 'the phone takes pushes no more',
    retry: false
  })
  t.strictSame(forgotten, [`${server.url}/gone`, `${server.url}/gone`])
  const broken = openFor(t, { li: [bad] })
  t.match(await (await broken.open).send(message(), calm()), { failed: 'the phone takes pushes no more', retry: false })
  t.strictSame(broken.forgotten, [bad.endpoint])
  t.match(await (await open).send(message({ to: [{ name: 'nobody' }] }), calm()), { failed: /nobody of this unit/, retry: false })
  await server.close()
})

t.test('what is tried again, and only with the phone that has it not: a table', async t => {
  let status = 201
  const server = await vendor(({ url }, reply) => {
    if (url.pathname === '/b' && status === 0) return
    reply.writeHead(url.pathname === '/b' ? status : 201, { 'retry-after': '5' }).end()
  })
  const { open, forgotten } = openFor(t, { li: [phone(`${server.url}/a`).subscription], wang: [phone(`${server.url}/b`).subscription] })
  const send = async (given: number, id: string, signal = calm()): Promise<unknown> => {
    status = given
    return (await open).send(message({ id }), signal)
  }
  t.match(await send(429, 'p-1'), { retry: true, after_ms: 5_000 })
  t.match(await send(201, 'p-1'), { receipt: 'sent', note: '2/2' })
  t.strictSame(server.asked.map(({ url }) => url.pathname).sort(), ['/a', '/b', '/b'])
  t.match(await send(503, 'p-2'), { failed: 'they answered with an error: 503', retry: true })
  for (const [i, given] of [400, 401, 403, 413].entries())
    t.match(await send(given, `p-3${i}`), { receipt: 'sent', note: '1/2' }, `${given}`)
  const begun = performance.now()
  t.match(await send(0, 'p-4', AbortSignal.timeout(100)), { failed: 'no answer in time', retry: true })
  t.ok(performance.now() - begun < 2_000)
  await server.close()
  t.match(await send(201, 'p-5'), { failed: 'they were not reached: ECONNREFUSED', retry: true })
  t.strictSame(forgotten, [])
})

t.test('a made-up subscription does not lead the station into its own network', async t => {
  const server = await vendor((_, reply) => reply.writeHead(201).end())
  const port = new URL(server.url).port
  const services = ['push.example']
  const made = [
    server.url,
    'http://push.example/x',
    'https://push.example.evil/x',
    `https://evilpush.example:${port}/x`,
    'file:///etc/passwd',
    'x'
  ]
  for (const endpoint of [...made, `https://u:p@push.example:${port}/`]) {
    const { open } = openFor(t, { li: [phone(endpoint).subscription] }, { services })
    t.match(
      await (await open).send(message(), calm()),
      { failed: 'this push service is not among the allowed ones', retry: false },
      endpoint
    )
  }
  t.equal(server.asked.length, 0)
  await server.close()
})

t.test('the station’s key is made once, kept from others, and never quietly replaced', async t => {
  const dir = join(t.testdir(), 'channels', 'push')
  const key = vapidPublicKey(dir)
  t.match(key, /^[A-Za-z0-9_-]{87}$/)
  t.equal(vapidPublicKey(dir), key)
  const file = join(dir, 'vapid.json')
  t.equal(statSync(file).mode & 0o777, 0o600)
  const { private_key } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, `{"public_key":"${key}","private_key":"${private_key}`)
  try {
    vapidPublicKey(dir)
    t.fail('half a key is no key')
  } catch (error) {
    t.match((error as Error).message, /holds no key pair; restore it from the backup/)
    t.notMatch((error as Error).message, private_key)
  }
})
