/** How a device is let in, and how that ends, over the real broker with real clients. */
import mqtt, { type MqttClient } from 'mqtt'
import t from 'tap'
import { type Box, freePort, makeBox, type Session, signIn } from '../support/box.ts'
import { authority } from '../support/certificate.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

type Proposal = { id: string; name: string; zone: string | null; gives: { quantity: string }[]; left_out: string[]; device: string | null }
type Device = {
  id: string
  online: boolean
  credential: string
  last_readings: { quantity: string; value: number }[]
  last_unreadable: object | null
}
type Issued = { username: string | null; password: string | null; topic: string; broker_url: string }

const connect = async (box: Box, username: string, password: string, more: object = {}): Promise<MqttClient> => {
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: box.mqtt_port,
    username,
    password,
    clientId: username,
    protocolVersion: 4,
    ...more
  })
  client.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject))
  return client
}
const call = async (box: Box, { cookie }: Session, method: string, path: string, body?: object) => {
  const answer = await fetch(box.url + path, {
    method,
    headers: { cookie, 'accept-language': 'en', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) })
  })
  return { status: answer.status, cache: answer.headers.get('cache-control'), body: (await answer.json()) as Record<string, unknown> }
}

t.test('a device that announces itself waits for a person, is served from then on, and over a restart', async t => {
  const box = await makeBox(t.testdir({}), [
    { id: 'gw', profile: 'homeassistant', zone: 'platform-1', topic: 'homeassistant' },
    { id: 'zb', profile: 'zigbee2mqtt-bridge', zone: 'platform-1', topic: 'zigbee2mqtt' }
  ])
  let station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  let installer = await signIn(box.url, 'installer', box.password)
  const latest = async (): Promise<string[]> =>
    (await installer.get<{ device: string; quantity: string; value: number }[]>('/api/readings/latest')).map(
      ({ device, quantity, value }) => `${device} ${quantity} ${value}`
    )
  const waiting = async () => (await installer.get<{ proposals: Proposal[]; names: { topic: string }[] }>('/api/onboarding')).proposals

  const gateway = await connect(box, 'gw', box.deviceSecret('gw'))
  t.teardown(() => void gateway.end(true))
  const say = (topic: string, says: unknown) =>
    gateway.publishAsync(topic, typeof says === 'string' ? says : JSON.stringify(says), { qos: 1, retain: topic.endsWith('/config') })
  const dev = { ids: ['30aea4f0c1d2'], name: '摊位 7', mf: 'Espressif', mdl: 'esp32dev', sa: '美食街' }
  const smoke = { '~': 'stall-7', name: '烟感', dev_cla: 'smoke', stat_t: '~/smoke', avty_t: '~/status', dev }
  await say('homeassistant/binary_sensor/stall-7/smoke/config', smoke)
  await say('homeassistant/sensor/stall-7/heat/config', {
    ...{ '~': 'stall-7', name: 'heat', dev_cla: 'temperature', unit_of_meas: '°F', stat_t: '~/air', val_tpl: '{{ value_json.t }}', dev }
  })
  await say('homeassistant/sensor/stall-7/odd/config', { ...smoke, dev_cla: 'temperature', name: 'odd', val_tpl: '{{ value|float }}' })
  await say('stall-7/smoke', 'ON')

  const [proposal] = await waiting()
  t.match(proposal, { name: '摊位 7', zone: 'food-row', gives: [{ quantity: 'temperature_celsius' }, { quantity: 'smoke_alarm' }] })
  t.match(proposal?.left_out, [/^odd: /])
  t.strictSame(await latest(), [], 'nothing is served before somebody has looked at it')
  t.equal((await installer.get<Device>('/api/devices/gw')).id, 'gw')

  const patrol = await signIn(box.url, 'patrol', box.password)
  t.equal((await call(box, patrol, 'POST', '/api/devices', { id: 's7', zone: 'food-row', proposal: proposal?.id })).status, 403)
  const back = new Promise<void>(resolve => gateway.once('connect', () => resolve()))
  const let_in = await call(box, installer, 'POST', '/api/devices', { id: 'stall-7', zone: 'food-row', proposal: proposal?.id })
  t.equal(let_in.status, 201)
  t.match(let_in.body, { id: 'stall-7', username: null, password: null }, 'it speaks through its gateway')
  await back
  await say('stall-7/air', { t: 70.7 })
  await say('stall-7/smoke', 'ON')
  t.strictSame(await latest(), ['stall-7 temperature_celsius 21.5', 'stall-7 smoke_alarm 1'])
  t.strictSame(await waiting(), [], 'it waits no longer')
  await say('stall-7/status', 'offline')
  t.equal((await installer.get<Device>('/api/devices/stall-7')).online, false)
  await say('stall-7/smoke', 'perhaps')
  t.match((await installer.get<Device>('/api/devices/stall-7')).last_unreadable, { why: /应为 ON 或 OFF/ })

  await t.test('the list of a Zigbee network is a list of proposals too', async t => {
    const bridge = await connect(box, 'zb', box.deviceSecret('zb'))
    t.teardown(() => void bridge.end(true))
    const listed = {
      ieee_address: '0x1',
      type: 'EndDevice',
      friendly_name: 'door-2',
      definition: { model: 'M', vendor: 'V', exposes: [{ name: 'contact' }] }
    }
    await bridge.publishAsync('zigbee2mqtt/bridge/devices', JSON.stringify([listed]), { qos: 1 })
    await bridge.publishAsync('zigbee2mqtt/door-2', '{"contact": false}', { qos: 1 })
    await bridge.publishAsync('zigbee2mqtt/unheard-of', '{"contact": false}', { qos: 1 })
    const { proposals, names } = await installer.get<{ proposals: Proposal[]; names: { topic: string }[] }>('/api/onboarding')
    t.match(proposals, [{ name: 'door-2', gives: [{ quantity: 'contact_open' }] }])
    t.match(names, [{ topic: 'zigbee2mqtt/unheard-of' }])
    t.equal(
      (await call(box, installer, 'POST', '/api/devices', { id: 'door-2', zone: 'food-row', proposal: proposals[0]?.id })).status,
      201
    )
    await bridge.publishAsync('zigbee2mqtt/door-2', '{"contact": false}', { qos: 1 })
    t.ok((await latest()).includes('door-2 contact_open 1'))
  })

  await gateway.endAsync(true)
  await station.end('SIGTERM')
  station = await box.start()
  installer = await signIn(box.url, 'installer', box.password)
  const again = await connect(box, 'gw', box.deviceSecret('gw'))
  t.teardown(() => void again.end(true))
  await again.publishAsync('stall-7/smoke', 'OFF', { qos: 1 })
  t.ok((await latest()).includes('stall-7 smoke_alarm 0'), 'after a restart, before anything was announced anew')

  await again.publishAsync('homeassistant/binary_sensor/stall-7/smoke/config', JSON.stringify({ ...smoke, pl_on: 'FIRE' }), { qos: 1 })
  t.match(await waiting(), [{ device: 'stall-7' }], 'that it says something else of itself now waits for a person again')
  await again.publishAsync('stall-7/smoke', 'ON', { qos: 1 })
  t.ok((await latest()).includes('stall-7 smoke_alarm 1'), 'and what was approved holds until then')
})

t.test('a credential is shown once, rotated, revoked; hardware is replaced under the same name', async t => {
  const box = await makeBox(t.testdir({}), [{ id: 'meter', profile: 'json', zone: 'platform-1' }])
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const installer = await signIn(box.url, 'installer', box.password)
  const enrolled = await call(box, installer, 'POST', '/api/devices', {
    id: 'th-1',
    profile: 'json',
    zone: 'platform-1',
    limits: { temperature_celsius: [30, 40] }
  })
  const first = enrolled.body as unknown as Issued
  t.match(first, { username: 'th-1', topic: 'devices/th-1', broker_url: `mqtt://127.0.0.1:${box.mqtt_port}` })
  t.equal(enrolled.cache, 'no-store')
  t.notMatch(station.output(), first.password, 'never logged')
  t.equal(
    (
      await call(box, installer, 'POST', '/api/devices', {
        id: 'th-2',
        profile: 'json',
        zone: 'platform-1',
        limits: { temperature_celsius: [40, 30] }
      })
    ).body.code,
    'limits_do_not_fit'
  )

  const device = await connect(box, 'th-1', first.password ?? '', { reconnectPeriod: 0 })
  t.teardown(() => void device.end(true))
  await device.publishAsync('devices/th-1/telemetry', '{"temperature_celsius": 41}', { qos: 1 })
  const alerts = await installer.get<{ device: string; severity: string }[]>('/api/alerts')
  t.match(alerts, [{ device: 'th-1', severity: 'red' }], 'by its own limits')
  await device.publishAsync('devices/th-1/telemetry', '{"temperature_celsius": "warm"}', { qos: 1 })

  t.equal((await call(box, installer, 'PUT', '/api/devices/th-1/limits', { temperature_celsius: [60] })).body.code, 'limits_do_not_fit')
  t.match((await call(box, installer, 'PUT', '/api/devices/th-1/limits', { temperature_celsius: [50, 57] })).body, {
    limits: { temperature_celsius: [50, 57] }
  })
  await device.publishAsync('devices/th-1/telemetry', '{"temperature_celsius": 41}', { qos: 1 })
  t.match(await installer.get('/api/alerts'), [{ device: 'th-1', active: false }], 'by the new limits it is over')

  const gone = new Promise<void>(resolve => device.once('close', () => resolve()))
  const rotated = (await call(box, installer, 'POST', '/api/devices/th-1/credential', {})).body as unknown as Issued
  await gone
  await t.rejects(connect(box, 'th-1', first.password ?? '', { reconnectPeriod: 0 }), 'the old one opens nothing')
  const second = await connect(box, 'th-1', rotated.password ?? '', { reconnectPeriod: 0 })
  t.teardown(() => void second.end(true))

  const revokedIt = new Promise<void>(resolve => second.once('close', () => resolve()))
  t.match((await call(box, installer, 'DELETE', '/api/devices/th-1/credential')).body, { id: 'th-1', credential: 'revoked' })
  await revokedIt
  await t.rejects(connect(box, 'th-1', rotated.password ?? '', { reconnectPeriod: 0 }))
  t.match(
    await installer.get<Device>('/api/devices/th-1'),
    { credential: 'revoked', last_readings: [{ value: 41 }] },
    'it stays in the list'
  )

  const replaced = (await call(box, installer, 'POST', '/api/devices/th-1/replacement', { profile: 'tasmota', topic: 'TH16' }))
    .body as unknown as Issued
  t.equal(replaced.topic, 'TH16')
  const third = await connect(box, 'th-1', replaced.password ?? '', { reconnectPeriod: 0 })
  t.teardown(() => void third.end(true))
  await third.publishAsync('tele/TH16/SENSOR', '{"AM2301": {"Temperature": 24.6}}', { qos: 1 })
  t.match(await installer.get<Device>('/api/devices/th-1'), {
    credential: 'password',
    profile: 'tasmota',
    last_readings: [{ value: 24.6 }]
  })

  const file = await call(box, installer, 'POST', '/api/devices/meter/credential', {})
  t.match(file.body, { code: 'credential_in_file', detail: /change that file/ })
  t.equal((await call(box, installer, 'DELETE', '/api/devices/meter')).body.code, 'device_in_file')
  const meter = await connect(box, 'meter', box.deviceSecret('meter'), { reconnectPeriod: 0 })
  const meterGone = new Promise<void>(resolve => meter.once('close', () => resolve()))
  t.equal((await call(box, installer, 'DELETE', '/api/devices/meter/credential')).status, 200)
  await meterGone
  await t.rejects(connect(box, 'meter', box.deviceSecret('meter'), { reconnectPeriod: 0 }), 'revoked, though the file still has it')

  const auditor = await signIn(box.url, 'auditor', box.password)
  const audit = await auditor.get<{ type: string; id: string; by: string }[]>('/api/audit')
  for (const type of ['device_enrolled', 'device_rotated', 'device_revoked', 'device_replaced'])
    t.ok(
      audit.some(entry => entry.type === type && entry.by === 'installer'),
      `${type} is written down`
    )
})

t.test('what did not fit is shown with the place, what would be right there, and an example', async t => {
  const box = await makeBox(t.testdir({}), [{ id: 'plug', profile: 'zigbee2mqtt', zone: 'platform-1', topic: 'zigbee2mqtt/plug' }])
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const installer = await signIn(box.url, 'installer', box.password)
  const client = await connect(box, 'plug', box.deviceSecret('plug'))
  t.teardown(() => void client.end(true))
  for (const [says, place, zh] of [
    ['{"temperature": "warm"}', '/temperature', '数字'],
    ['{"temperature": 1', null, 'UTF-8 编码的 JSON'],
    ['[1]', '/', '对象 { … }']
  ] as const) {
    await client.publishAsync('zigbee2mqtt/plug', says, { qos: 1 })
    const { last_unreadable } = await installer.get<Device>('/api/devices/plug')
    t.match(last_unreadable, { payload: says, place, wants: zh, example: { topic: 'zigbee2mqtt/plug', payload: /smoke/ } }, says)
  }
})

t.test(
  'under TLS a device signs in by its certificate alone, by its password too where that is asked for, and by none that was given up',
  needs('openssl'),
  async t => {
    const dir = t.testdir({})
    const ca = authority(dir)
    const tls_port = await freePort()
    const box = await makeBox(dir, [], {
      mqtt: { host: '127.0.0.1', port: await freePort(), tls: { port: tls_port, ...ca.server(), client_ca_file: 'ca.pem' } }
    })
    const station = await box.start()
    t.teardown(() => station.end('SIGKILL'))
    const installer = await signIn(box.url, 'installer', box.password)
    const over = async (files: { cert: Buffer; key: Buffer }, more: object = {}): Promise<MqttClient> => {
      const client = mqtt.connect({
        protocol: 'mqtts',
        host: '127.0.0.1',
        port: tls_port,
        ca: ca.cert,
        ...files,
        clientId: 'x',
        reconnectPeriod: 0,
        protocolVersion: 4,
        ...more
      })
      t.teardown(() => void client.end(true))
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve())
        client.on('error', reject)
        client.once('close', () => reject(new Error('closed')))
      })
      return client
    }
    const cam = await call(box, installer, 'POST', '/api/devices', {
      id: 'gate-1',
      profile: 'json',
      zone: 'platform-1',
      auth: 'certificate'
    })
    t.match(cam.body, { password: null, broker_url: `mqtts://127.0.0.1:${tls_port}` })
    const mine = ca.device('gate-1')
    const gate = await over(mine, { clientId: 'gate-1' })
    await gate.publishAsync('devices/gate-1/telemetry', '{"people_count": 3}', { qos: 1 })
    t.match(await installer.get<Device>('/api/devices/gate-1'), { credential: 'certificate', last_readings: [{ value: 3 }] })
    await t.rejects(over(ca.device('other'), { username: 'gate-1', password: '' }), 'the certificate of another is none')

    const both = await call(box, installer, 'POST', '/api/devices', { id: 'gate-2', profile: 'json', zone: 'platform-1', auth: 'both' })
    const password = String(both.body.password)
    await t.rejects(over(ca.device('gate-2'), { username: 'gate-2', password: 'wrong' }))
    await t.rejects(over(mine, { username: 'gate-2', password }), 'nor is the password without its own certificate')
    await over(ca.device('gate-2'), { username: 'gate-2', password, clientId: 'gate-2' })

    const gone = new Promise<void>(resolve => gate.once('close', () => resolve()))
    await until(() => Date.now() - ca.issued('gate-1') > 1100, 'a second has passed since it was issued')
    t.equal((await call(box, installer, 'POST', '/api/devices/gate-1/credential', {})).status, 200)
    await gone
    await t.rejects(over(mine, { clientId: 'gate-1' }), 'a certificate issued before that opens nothing')
    const new_one = ca.device('gate-1')
    const again = await over(new_one, { clientId: 'gate-1' })

    const goneAgain = new Promise<void>(resolve => again.once('close', () => resolve()))
    await until(() => Date.now() - ca.issued('gate-1') > 1100, 'a second has passed since it was issued')
    t.equal((await call(box, installer, 'DELETE', '/api/devices/gate-1')).status, 200)
    await goneAgain
    const other = { id: 'gate-1', profile: 'json', zone: 'platform-1', auth: 'certificate' }
    t.equal((await call(box, installer, 'POST', '/api/devices', other)).status, 201)
    for (const files of [mine, new_one])
      await t.rejects(over(files, { clientId: 'gate-1' }), 'nor does it when another is let in under the name')
    await over(ca.device('gate-1'), { clientId: 'gate-1' })
  }
)
