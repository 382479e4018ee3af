import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import { openBroker } from '../../edge/ingest/broker.ts'
import { device, machine, openRaw, openTestBroker } from '../support/broker.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

t.test('a device is heard with its name, its topic and its bytes', async t => {
  const { client, heard } = await openTestBroker(t, [device('smoke-b3')])
  const smoke = client('smoke-b3')
  await new Promise(resolve => smoke.publish('devices/smoke-b3/telemetry', '{"t":1}', { qos: 1 }, resolve))
  t.match(heard, [{ device: 'smoke-b3', topic: 'devices/smoke-b3/telemetry' }])
  t.equal(Buffer.from(heard[0]?.payload ?? []).toString(), '{"t":1}')
  t.ok(Math.abs((heard[0]?.at ?? 0) - Date.now()) < 5000)
})

t.test('QoS 1 is acknowledged only when the message is kept', async t => {
  let keep: () => void = () => undefined
  const { raw } = await openTestBroker(t, [device('d')], { hear: () => new Promise<void>(resolve => (keep = resolve)) })
  const d = await raw()
  await d.hello('d')
  d.send({ cmd: 'publish', topic: 'devices/d/t', payload: 'x', qos: 1, messageId: 7, dup: false, retain: false })
  t.equal(await d.next('puback', 200), undefined, 'not yet')
  keep()
  t.match(await d.next('puback'), { messageId: 7 })
})

t.test('acknowledgements leave in the order the messages came [MQTT-4.6.0-2]', async t => {
  const keeps: (() => void)[] = []
  const { raw } = await openTestBroker(t, [device('d')], { hear: () => new Promise<void>(resolve => keeps.push(resolve)) })
  const d = await raw()
  await d.hello('d')
  for (const messageId of [1, 2, 3])
    d.send({ cmd: 'publish', topic: 'devices/d/t', payload: 'x', qos: 1, messageId, dup: false, retain: false })
  await until(() => keeps.length === 3, 'three messages heard')
  for (const keep of keeps.reverse()) keep()
  await until(() => d.got.filter(({ cmd }) => cmd === 'puback').length === 3, 'three acknowledgements')
  t.strictSame(
    d.got.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId),
    [1, 2, 3]
  )
})

t.test('what could not be kept is not acknowledged, and the line is closed so that the device sends it again', async t => {
  let broken = true
  const { client, count, said } = await openTestBroker(t, [device('d')], {
    hear: async () => {
      if (broken) throw new Error('disk gone')
    }
  })
  const d = client('d', { reconnectPeriod: 50 })
  const acknowledged = new Promise(resolve => d.publish('devices/d/t', 'x', { qos: 1 }, resolve))
  await until(() => count('mqtt_unkept_total') >= 2, 'sent again after a refusal')
  broken = false
  await acknowledged
  t.match(said.join('\n'), /could not be kept: disk gone/)
})

t.test('a hearer that throws costs its message only', async t => {
  const { raw, count, broker } = await openTestBroker(t, [device('d')], {
    hear: () => {
      throw new Error('a bug')
    }
  })
  const d = await raw()
  await d.hello('d')
  d.send({ cmd: 'publish', topic: 'devices/d/t', payload: 'x', qos: 0, dup: false, retain: false })
  await until(() => count('mqtt_unkept_total') === 1, 'counted')
  d.send({ cmd: 'pingreq' })
  t.ok(await d.next('pingresp'))
  t.ok(broker.online('d'))
})

t.test('QoS 2 arrives once', async t => {
  const { client, heard } = await openTestBroker(t, [device('d')])
  await new Promise(resolve => client('d').publish('devices/d/t', 'x', { qos: 2 }, resolve))
  t.equal(heard.length, 1)
})

t.test('a device hears the station and nobody else', async t => {
  const { client, broker } = await openTestBroker(t, [device('a'), device('b')])
  const got: string[] = []
  const [a, b] = [client('a'), client('b')]
  b.on('message', (topic, payload) => got.push(`${topic} ${payload}`))
  await b.subscribeAsync('devices/b/#')
  await a.publishAsync('devices/a/t', 'mine', { qos: 1 })
  broker.publish('devices/b/command', 'open')
  await until(() => got.length > 0, 'the command arrives')
  t.strictSame(got, ['devices/b/command open'])
})

t.test('what the station says of itself is kept for those who come later, and forgotten when it says so', async t => {
  const { client, broker } = await openTestBroker(t, [machine('board', 'station/#')])
  broker.publish('station/hub/zones/p1', '{"level":"red"}', true)
  broker.publish('station/hub/zones/p2', '{"level":"green"}', true)
  broker.publish('station/hub/zones/p2', '', true)
  const got: string[] = []
  const board = client('board')
  board.on('message', (topic, payload, { retain }) => got.push(`${topic} ${payload} ${retain}`))
  await board.subscribeAsync('station/hub/zones/#', { qos: 1 })
  await until(() => got.length === 1, 'the retained zone')
  broker.publish('station/hub/zones/p1', '{"level":"blue"}', true)
  await until(() => got.length === 2, 'the live zone')
  t.strictSame(got, ['station/hub/zones/p1 {"level":"red"} true', 'station/hub/zones/p1 {"level":"blue"} false'])
  t.throws(() => broker.publish('devices/d/command', 'x', true), /only what the station says of itself is retained/)
})

t.test('being online is told once, when a device comes and when it goes, and not when it takes its own place', async t => {
  const { client, broker, online, count } = await openTestBroker(t, [device('d')])
  const first = client('d')
  await until(() => broker.online('d'), 'online')
  t.equal(count('mqtt_connections'), 1)
  const second = client('d')
  await until(() => count('mqtt_takeovers_total') === 1 && second.connected, 'taken over')
  await until(() => !first.connected, 'the first is gone')
  t.strictSame(online, ['d online'])
  second.end()
  await until(() => !broker.online('d'), 'offline')
  t.strictSame(online, ['d online', 'd offline'])
  t.equal(count('mqtt_connections'), 0)
})

t.test('a last will on a topic of its own is heard, without its retain flag', async t => {
  const { raw, client, heard, count } = await openTestBroker(t, [device('tasmota'), machine('all', '#')])
  const late: string[] = []
  const tasmota = await raw()
  await tasmota.hello('tasmota', { will: { topic: 'devices/tasmota/LWT', payload: Buffer.from('Offline'), qos: 1, retain: true } })
  tasmota.socket.destroy()
  await until(() => heard.length === 1, 'the will')
  t.match(heard, [{ device: 'tasmota', topic: 'devices/tasmota/LWT' }])
  const all = client('all')
  all.on('message', topic => late.push(topic))
  await all.subscribeAsync('#')
  await all.subscribeAsync('devices/#')
  t.strictSame(late, [])
  t.equal(count('mqtt_wills_dropped_total'), 0)
})

t.test('pipelined packets behind a CONNECT wait for its answer', async t => {
  const { raw, heard } = await openTestBroker(t, [device('d')])
  const d = await raw()
  const publishes = Array.from(
    { length: 100 },
    (_, i) => ({ cmd: 'publish', topic: 'devices/d/t', payload: 'x', qos: 1, messageId: i + 1, dup: false, retain: false }) as const
  )
  d.send(
    {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'd',
      keepalive: 60,
      username: 'd',
      password: Buffer.from('d')
    },
    ...publishes
  )
  await until(() => d.got.filter(({ cmd }) => cmd === 'puback').length === 100, 'all acknowledged')
  t.equal(heard.length, 100)
})

t.test('over a message that comes in single bytes nothing is lost', async t => {
  const { raw, heard } = await openTestBroker(t, [device('d')])
  const d = await raw()
  await d.hello('d')
  const payload = 'y'.repeat(300)
  const bytes = (await import('mqtt-packet')).default.generate({
    cmd: 'publish',
    topic: 'devices/d/t',
    payload,
    qos: 1,
    messageId: 9,
    dup: false,
    retain: false
  })
  for (const byte of bytes) {
    d.socket.write(Buffer.from([byte]))
    await new Promise(resolve => setImmediate(resolve))
  }
  t.match(await d.next('puback'), { messageId: 9 })
  t.equal(Buffer.from(heard[0]?.payload ?? []).toString(), payload)
})

t.test('a busy port is one clear sentence', async t => {
  const { broker } = await openTestBroker(t, [])
  const options = {
    clock: realClock,
    host: '127.0.0.1',
    authenticate: async () => undefined,
    isKnown: () => false,
    hear: async () => undefined,
    log: () => undefined
  }
  await t.rejects(openBroker({ ...options, port: broker.port }), {
    message: `MQTT cannot listen on 127.0.0.1:${broker.port}: another program has this port; stop it or choose another port`
  })
  await t.rejects(openBroker({ ...options, port: 0, tls: { port: 0, cert: 'no', key: 'no' } }), {
    message: /certificate and its key cannot be used together/
  })
})

t.test('closing takes less than two seconds, whoever is connected and whatever is not yet kept', async t => {
  const { raw, client, broker, heard } = await openTestBroker(t, [device('d'), device('e')], {
    hear: () => new Promise<void>(() => undefined)
  })
  const d = await raw()
  await d.hello('d', { will: { topic: 'devices/d/LWT', payload: Buffer.from('Offline'), qos: 1, retain: true } })
  d.send({ cmd: 'publish', topic: 'devices/d/t', payload: 'x', qos: 1, messageId: 1, dup: false, retain: false })
  const e = client('e')
  await until(() => e.connected, 'connected')
  const before = performance.now()
  await broker.close()
  t.ok(performance.now() - before < 2000, `${Math.round(performance.now() - before)} ms`)
  await until(() => d.closed(), 'the line is closed')
  t.strictSame(heard, [], 'and no last will is taken for a word of its device')
})

t.test(
  'over TLS the same device is heard, from version 1.2 on, and a certificate is asked for when a CA is named',
  needs('openssl'),
  async t => {
    const folder = t.testdir({})
    const openssl = (...args: readonly string[]): void => {
      const made = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
      if (made.status !== 0) throw new Error(made.stderr)
    }
    const pem = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8')
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=ca'
    )
    for (const name of ['hub', 'd']) {
      openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`
      )
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '2'
      )
    }
    const trust = { protocol: 'mqtts', ca: pem('ca.pem'), checkServerIdentity: () => undefined } as const
    const tls = { port: 0, cert: pem('hub.pem'), key: pem('hub.key') }

    const open = await openTestBroker(t, [device('d')], { tls })
    t.type(open.broker.tlsPort, 'number')
    const d = open.client('d', { ...trust, port: open.broker.tlsPort as number })
    await d.publishAsync('devices/d/t', 'x', { qos: 1 })
    t.equal(open.heard.length, 1)
    const old = connectTls({
      port: open.broker.tlsPort as number,
      ca: trust.ca,
      checkServerIdentity: () => undefined,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0'
    })
    await new Promise(resolve => old.once('error', resolve))
    await until(() => open.count('mqtt_refused_tls_total') === 1, 'TLS 1.1 is refused')

    const mutual = await openTestBroker(t, [device('d')], { tls: { ...tls, ca: pem('ca.pem') } })
    const port = mutual.broker.tlsPort as number
    const without = mutual.client('d', { ...trust, port })
    await until(() => mutual.count('mqtt_refused_tls_total') === 1, 'no certificate, no session')
    t.notOk(without.connected)
    const withOne = mutual.client('d', { ...trust, port, cert: pem('d.pem'), key: pem('d.key') })
    await withOne.publishAsync('devices/d/t', 'x', { qos: 1 })
    t.equal(mutual.heard.length, 1)
    t.match(await (await mutual.raw()).hello('d', { clientId: 'plain' }), { returnCode: 0 }, 'the plain port is another door')
  }
)

t.test('a TLS handshake that never ends is silence like any other', needs('openssl'), async t => {
  const folder = t.testdir({})
  spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'k',
      '-out',
      'c',
      '-days',
      '2',
      '-subj',
      '/CN=hub'
    ],
    { cwd: folder }
  )
  const tls = { port: 0, cert: readFileSync(`${folder}/c`, 'utf8'), key: readFileSync(`${folder}/k`, 'utf8') }
  const { broker, count } = await openTestBroker(t, [], { tls, limits: { connect_within_ms: 300 } })
  const silent = await openRaw(broker.tlsPort as number)
  await until(() => silent.closed(), 'gone', 2000)
  t.equal(count('mqtt_refused_silent_total'), 1)
})
