import mqttPacket from 'mqtt-packet'
import t from 'tap'
import type { Principal } from '../../edge/ports.ts'
import { device, machine, openTestBroker, publishBytes } from '../support/broker.ts'
import { until } from '../support/until.ts'

const hello = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60 } as const

t.test('who does not say who it is, or says it wrongly, is refused without a hint', async t => {
  const { raw, count, said } = await openTestBroker(t, [device('d')])
  const anonymous = await raw()
  t.match(await anonymous.hello('d', { username: undefined, password: undefined }), { returnCode: 5 })
  const wrong = await raw()
  t.match(await wrong.hello('d', { password: Buffer.from('s3cret-guess') }), { returnCode: 4 })
  const unknown = await raw()
  t.match(await unknown.hello('nobody'), { returnCode: 4 })
  await until(() => anonymous.closed() && wrong.closed() && unknown.closed(), 'closed')
  t.equal(count('mqtt_refused_anonymous_total'), 1)
  t.equal(count('mqtt_refused_bad_credentials_total'), 2)
  t.notMatch(said.join('\n'), /s3cret-guess/)
})

t.test('MQTT 5 is refused with the code that makes a client try 3.1.1', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')])
  t.match(await (await raw()).hello('d', { protocolVersion: 5 }), { returnCode: 1 })
  t.match(await (await raw()).hello('d', { protocolVersion: 3, protocolId: 'MQIsdp' }), { returnCode: 0 })
  t.equal(count('mqtt_refused_protocol_version_total'), 1)
})

t.test('what comes before CONNECT, or a second CONNECT, closes the line', async t => {
  const { raw, heard } = await openTestBroker(t, [device('d')])
  const early = await raw()
  early.send(publishBytes('devices/d/t'))
  await until(() => early.closed(), 'closed')
  const twice = await raw()
  await twice.hello('d')
  await twice.hello('d')
  await until(() => twice.closed(), 'closed')
  t.strictSame(heard, [])
})

t.test('guessing is slowed down for the one who guesses, and for nobody else', async t => {
  let checks = 0
  const { raw, count } = await openTestBroker(t, [], {
    authenticate: async (name, password) => {
      checks++
      return Buffer.from(password).toString() === 'right' ? device(name) : undefined
    }
  })
  for (let i = 0; i < 12; i++) await (await raw()).hello('d', { password: Buffer.from(`guess ${i}`) })
  t.equal(checks, 5)
  t.equal(count('mqtt_refused_throttled_total'), 7)
  t.match(
    await (await raw({ from: '127.0.0.2' })).hello('d', { password: Buffer.from('right') }),
    { returnCode: 0 },
    'the device itself, elsewhere'
  )
  t.match(await (await raw()).hello('other', { password: Buffer.from('right') }), { returnCode: 0 }, 'another name, same address')
})

t.test('two passwords are checked at a time, some wait, and the rest are told to come later', async t => {
  let now = 0
  let most = 0
  const answers: (() => void)[] = []
  const { raw, count } = await openTestBroker(t, [], {
    limits: { password_queue: 3 },
    authenticate: async name => {
      most = Math.max(most, ++now)
      await new Promise<void>(resolve => answers.push(resolve))
      now--
      return device(name)
    }
  })
  const lines = await Promise.all(Array.from({ length: 8 }, () => raw()))
  const codes = lines.map((line, i) => line.hello(`d${i}`))
  await until(() => count('mqtt_refused_busy_total') === 3, 'three are told to come later')
  const work = setInterval(() => answers.shift()?.(), 5)
  t.teardown(() => clearInterval(work))
  const all = (await Promise.all(codes)).map(answer => answer?.returnCode)
  t.equal(most, 2)
  t.strictSame(all.sort(), [0, 0, 0, 0, 0, undefined, undefined, undefined])
})

t.test('a check that never answers, or fails, refuses its client and blocks no other', async t => {
  const { raw, count, said } = await openTestBroker(t, [], {
    limits: { password_check_ms: 100 },
    authenticate: (name): Promise<Principal | undefined> => {
      if (name.startsWith('hangs')) return new Promise(() => undefined)
      return name === 'breaks' ? Promise.reject(new Error('no such file')) : Promise.resolve(device(name))
    }
  })
  const hanging = await Promise.all(['hangs1', 'hangs2'].map(async name => (await raw()).hello(name)))
  t.strictSame(hanging, [undefined, undefined])
  t.equal(await (await raw()).hello('breaks'), undefined)
  t.match(await (await raw()).hello('d'), { returnCode: 0 })
  t.equal(count('mqtt_refused_busy_total'), 3)
  t.match(said.join('\n'), /no such file/)
})

t.test('F37: no credential can take, or even disturb, the session of another', async t => {
  const { raw, broker, count } = await openTestBroker(t, [device('victim'), device('thief'), device('bound', { client_id: 'sn-1' })])
  const victim = await raw()
  await victim.hello('victim')
  t.match(await (await raw()).hello('thief', { clientId: 'victim' }), { returnCode: 5 })
  t.match(await (await raw()).hello('bound', { clientId: 'bound' }), { returnCode: 5 })
  t.match(await (await raw()).hello('bound', { clientId: 'sn-1' }), { returnCode: 0 })
  const shared = await raw()
  await shared.hello('victim', { clientId: 'same' })
  t.match(
    await (await raw()).hello('thief', { clientId: 'same' }),
    { returnCode: 0, sessionPresent: false },
    'an id of its own, though the letters are the same'
  )
  for (const line of [victim, shared]) {
    line.send({ cmd: 'pingreq' })
    t.ok(await line.next('pingresp'))
  }
  t.equal(count('mqtt_takeovers_total'), 0)
  t.equal(count('mqtt_refused_foreign_client_id_total'), 2)
  t.ok(broker.online('victim'))
})

t.test('F37: ids that could be mistaken for something else are refused', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')])
  const odd = [
    'a\0b',
    '__proto__',
    'constructor',
    'x'.repeat(129),
    '#',
    'a+',
    '\u202ed',
    'a\nb',
    Buffer.from([0x61, 0xff]) as unknown as string
  ]
  for (const clientId of odd) {
    const line = await raw()
    const code = (await line.hello('d', { clientId: String(clientId) }))?.returnCode
    t.equal(code, 2, JSON.stringify(String(clientId)))
  }
  t.match(await (await raw()).hello('d', { clientId: '', clean: true }), { returnCode: 0 }, 'none at all is allowed in a clean session')
  const nameless = await raw()
  const connect = mqttPacket.generate({ ...hello, clientId: '', username: 'd', password: Buffer.from('d') })
  connect[9] = (connect[9] as number) & ~2 // a session to be kept: mqtt-packet refuses to write that
  nameless.send(connect)
  t.match(await nameless.next('connack'), { returnCode: 2 })
  t.equal(count('mqtt_refused_odd_client_id_total'), odd.length + 1)
})

t.test('F37: two clients with one credential and one id do not kick each other for ever', async t => {
  const { client, count, said } = await openTestBroker(t, [device('d')])
  for (const _ of [1, 2]) client('d', { reconnectPeriod: 20 })
  await until(() => count('mqtt_refused_flapping_total') > 5, 'newcomers are told to come later')
  t.ok(count('mqtt_takeovers_total') <= 6, `${count('mqtt_takeovers_total')} takeovers`)
  t.match(said.join('\n'), /refused: flapping/)
})

t.test('one principal has ten sessions at most', async t => {
  const { raw, count } = await openTestBroker(t, [machine('m', 'station/#')])
  const codes: (number | undefined)[] = []
  for (let i = 0; i < 12; i++) codes.push((await (await raw()).hello('m', { clientId: `app-${i}` }))?.returnCode)
  t.strictSame(codes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, undefined, undefined])
  t.equal(count('mqtt_refused_too_many_sessions_total'), 2)
})

t.test('F43: a revoked principal hears and says nothing more, at once, and its last will dies with it', async t => {
  const { raw, broker, heard, principals, online } = await openTestBroker(t, [device('d'), machine('m', 'station/#')])
  const [d, m] = [await raw(), await raw()]
  await d.hello('d', { will: { topic: 'devices/d/LWT', payload: Buffer.from('Offline'), qos: 1, retain: false } })
  await m.hello('m')
  m.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'station/#', qos: 1 }] })
  await m.next('suback')
  for (let i = 0; i < 100; i++) broker.publish('station/s/alerts/a', String(i))
  principals.clear()
  broker.drop('m')
  broker.drop('d')
  d.send(publishBytes('devices/d/t', 'after', 1, 1))
  broker.publish('station/s/alerts/a', 'secret', true)
  await until(() => d.closed() && m.closed(), 'both lines are closed', 2000)
  t.notOk(m.got.some(packet => packet.cmd === 'publish' && String(packet.payload) === 'secret'))
  t.strictSame(heard, [])
  t.match(await (await raw()).hello('m'), { returnCode: 4 })
  t.notOk(broker.online('d'))
  t.strictSame(online, ['d online', 'm online', 'm offline', 'd offline'])
})

t.test('F43: a right narrowed while subscribed no longer passes anything on after the reconnect', async t => {
  const { raw, broker, principals } = await openTestBroker(t, [machine('m', 'station/#')])
  const before = await raw()
  await before.hello('m', { clean: false })
  before.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'station/#', qos: 1 }] })
  await before.next('suback')
  broker.publish('station/s/alerts/a', 'old', true)
  principals.set('m', machine('m', 'station/s/zones/#'))
  broker.drop('m')
  await until(() => before.closed(), 'the session ends')
  const after = await raw()
  t.match(await after.hello('m', { clean: false }), { returnCode: 0, sessionPresent: false })
  after.send({
    cmd: 'subscribe',
    messageId: 2,
    subscriptions: ['station/#', 'station/s/alerts/a'].map(topic => ({ topic, qos: 1 as const }))
  })
  t.strictSame((await after.next('suback'))?.granted, [128, 128])
  broker.publish('station/s/alerts/a', 'new')
  t.equal(await after.next('publish', 150), undefined)
})

t.test('F43: rights revoked while their password is being checked do not slip through', async t => {
  let answer: (() => void) | undefined
  const { raw, broker, count } = await openTestBroker(t, [], {
    authenticate: async name => {
      await new Promise<void>(resolve => (answer = resolve))
      return device(name)
    }
  })
  const d = await raw()
  const code = d.hello('d')
  await until(() => answer !== undefined, 'the check has begun')
  broker.drop('d')
  answer?.()
  t.equal(await code, undefined)
  t.equal(count('mqtt_refused_revoked_total'), 1)
})
