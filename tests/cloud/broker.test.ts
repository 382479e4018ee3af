import { connect as connectTcp } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import t, { type Test } from 'tap'
import { frameWatch } from '../../cloud/frame-guard.ts'
import { openTestCity, password, station, testDir } from '../support/city.ts'
import { until } from '../support/until.ts'

const two = (dir: string) => ({
  stations: [
    { id: station, password_file: `${dir}/secret` },
    { id: 'other-hub', password_file: `${dir}/secret` }
  ]
})

const client = (t: Test, port: number, more: object = {}): MqttClient => {
  const one = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 4,
    clientId: station,
    username: station,
    password,
    reconnectPeriod: 0,
    ...more
  })
  one.on('error', () => {})
  t.teardown(() => one.end(true))
  return one
}
const ready = (one: MqttClient): Promise<'in' | number | string> =>
  new Promise(resolve => {
    one.once('connect', () => resolve('in'))
    one.once('error', (error: Error & { code?: number }) => resolve(error.code ?? error.message))
    one.once('close', () => resolve('closed'))
  })

t.test('anonymous, unknown, wrong password and a foreign client id are all refused', async t => {
  const dir = testDir(t)
  const { mqttPort: port } = await openTestCity(t, dir, two(dir))
  t.equal(await ready(client(t, port)), 'in')
  t.equal(await ready(client(t, port, { username: undefined, password: undefined, clientId: 'x' })), 4)
  t.equal(await ready(client(t, port, { username: 'nobody', clientId: 'nobody' })), 4)
  t.equal(await ready(client(t, port, { password: 'guess' })), 4)
  t.equal(await ready(client(t, port, { clientId: 'other-hub' })), 4, 'a station cannot take another’s place')
})

t.test('a station hears and speaks only below its own topics; what is denied is acknowledged, set apart and counted', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir, two(dir))
  const mine = client(t, cloud.mqttPort)
  const theirs = client(t, cloud.mqttPort, { clientId: 'other-hub', username: 'other-hub' })
  await Promise.all([ready(mine), ready(theirs)])
  const heard: string[] = []
  theirs.on('message', topic => heard.push(topic))
  await theirs.subscribeAsync('down/other-hub/#', { qos: 1 })
  for (const filter of [
    '#',
    '+/other-hub/#',
    'up/#',
    'down/other-hub/#',
    'down/+/command',
    '$SYS/#',
    '$share/g/down/demo-hub/x',
    'quarantine',
    `down/${station}`
  ]) {
    const granted = await mine.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }])
    t.equal(granted[0]?.qos, 128, filter)
  }
  for (const topic of ['down/other-hub/command', 'up/other-hub/hello', '$SYS/x/new/clients', 'anything'])
    await mine.publishAsync(topic, 'other-hub', { qos: 1 })
  await mine.publishAsync(`up/${station}/alive`, JSON.stringify({ at: 1, behind_seconds: 0, backlog_records: 0 }), { qos: 1 })
  await until(() => cloud.counters().quarantined_total === 4, 'four denied')
  t.equal(cloud.counters().messages_total, 1)
  t.strictSame(heard, [])
  t.ok(theirs.connected, 'nobody was kicked out')
})

t.test('the installer’s check is let in beside the running station, and may neither hear nor speak', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const running = client(t, cloud.mqttPort)
  await ready(running)
  const check = client(t, cloud.mqttPort, { clientId: `${station}-check` })
  t.equal(await ready(check), 'in')
  t.equal((await check.subscribeAsync(`down/${station}/#`, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]?.qos, 128)
  await check.publishAsync(`up/${station}/status`, 'online', { qos: 1 })
  t.equal(cloud.counters().messages_total, 0)
  t.ok(running.connected, 'the running station keeps its line')
})

t.test('nothing is retained, and a session never outlives its connection', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const first = client(t, cloud.mqttPort, { clean: false })
  await ready(first)
  await first.subscribeAsync(`down/${station}/#`, { qos: 1 })
  await first.publishAsync(`up/${station}/status`, 'online', { qos: 1, retain: true })
  await first.endAsync()
  const again = client(t, cloud.mqttPort, { clean: false })
  const session = await new Promise<boolean>(resolve => again.once('connect', ({ sessionPresent }) => resolve(sessionPresent)))
  t.equal(session, false)
})

t.test('a header that announces too much closes the connection before memory is spent', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const socket = connectTcp(cloud.mqttPort, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
  await until(() => socket.destroyed || socket.readableEnded, 'closed')
  t.equal(cloud.counters().frames_refused_total, 1)
})

t.test('the frame watch follows packets across any cut of the stream', t => {
  const connect = Buffer.from([0x10, 2, 0, 0])
  const publish = Buffer.concat([Buffer.from([0x30, 0x80, 0x01]), Buffer.alloc(128)])
  const stream = Buffer.concat([connect, publish, publish, Buffer.from([0xc0, 0])])
  for (let size = 1; size < 9; size++) {
    const watch = frameWatch(200)
    for (let i = 0; i < stream.length; i += size) t.equal(watch(stream.subarray(i, i + size)), undefined)
  }
  const small = frameWatch(127)
  t.equal(small(connect), undefined)
  t.match(small(publish), /128 bytes/)
  t.match(frameWatch(200)(publish), /not CONNECT/)
  const endless = frameWatch(2 ** 40)
  t.equal(endless(connect), undefined)
  t.match(endless(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])), /malformed/)
  t.end()
})
