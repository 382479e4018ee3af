import { spawn } from 'node:child_process'
import { encode as cbor } from 'cborg'
import mqtt from 'mqtt'
import { get as sparkplug } from 'sparkplug-payload'
import t from 'tap'
import { makeBox, signIn } from '../support/box.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

/** Publishers that are not ours, at a station as an installer would set it up. */
const lora = 'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101'
const devices = [
  { id: 'z2m', profile: 'zigbee2mqtt-bridge', zone: 'food-row', topic: 'zigbee2mqtt' },
  { id: 'hall-temp', profile: 'zigbee2mqtt', zone: 'food-row', topic: 'zigbee2mqtt/hall_temp', via: 'z2m' },
  { id: 'plc', profile: 'sparkplug-b', zone: 'platform-1', topic: 'market/plc-1' },
  { id: 'plc-door', profile: 'sparkplug-b', zone: 'platform-1', topic: 'market/plc-1/door', via: 'plc' },
  { id: 'tiny', profile: 'senml-cbor', zone: 'food-row' },
  { id: 'lora', profile: 'chirpstack', zone: 'food-row', topic: 'application' },
  { id: 'leak-1', profile: 'chirpstack', zone: 'food-row', topic: lora, via: 'lora' },
  { id: 'nvr', profile: 'frigate', zone: 'platform-1', topic: 'frigate' },
  { id: 'nvr-door', profile: 'frigate', zone: 'platform-1', topic: 'frigate/front_door', via: 'nvr' },
  { id: 'tb', profile: 'thingsboard-gateway', zone: 'food-row', topic: 'v1/gateway' },
  { id: 'meter-1', profile: 'thingsboard-gateway', zone: 'food-row', topic: 'v1/gateway/devices/Meter 1', via: 'tb' },
  { id: 'counter-1', profile: 'onvif-mqtt', zone: 'platform-1', topic: 'BoschCam1' }
]

const box = await makeBox(t.testdir({}), devices)
const station = await box.start()
t.teardown(() => station.end('SIGKILL'))
const officer = await signIn(box.url, 'installer', box.password)

/** QoS 1 by mosquitto_pub, the payload on its standard input: it ends well when the station has it on disk. */
const say = (id: string, topic: string, payload: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const who = `-h 127.0.0.1 -p ${box.mqtt_port} -u ${id} -P ${box.deviceSecret(id)} -i ${id} -q 1 -s`.split(' ')
    const child = spawn('mosquitto_pub', [...who, '-t', topic], { stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', chunk => (said += chunk))
    child.once('error', reject)
    child.once('close', code => (code === 0 ? resolve() : reject(new Error(`mosquitto_pub ${id}: ${said}`))))
    child.stdin.end(payload)
  })

type Latest = { readonly device: string; readonly zone: string; readonly quantity: string; readonly value: number }
const latestOf = async (device: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await officer.get<Latest[]>('/api/readings/latest')).filter(one => one.device === device).map(one => [one.quantity, one.value])
  )

t.test('publishers of six conventions are understood through mosquitto_pub', needs('mosquitto_pub'), async t => {
  const json = (id: string, topic: string, payload: unknown): Promise<void> => say(id, topic, JSON.stringify(payload))

  // Payloads as Zigbee2MQTT's, ChirpStack's and Frigate's own pages show them.
  await json('z2m', 'zigbee2mqtt/hall_temp', { temperature: 27.34, humidity: 44.72 })
  await json('lora', `${lora}/event/status`, { time: new Date().toISOString(), margin: 10, batteryLevel: 88.3 })
  await json('lora', `${lora}/event/up`, { fPort: 1, object: { leak: 'normal' }, rxInfo: [{ rssi: -36, snr: 10.5 }] })
  await say('nvr', 'frigate/front_door/person', '3')
  await json('tb', 'v1/gateway/telemetry', { 'Meter 1': [{ ts: Date.now(), values: { power: 60.5 } }], 'Meter 2': [{ power: 1 }] })
  await json('counter-1', 'BoschCam1/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Occupancy', { Data: { Count: 5 } })
  await say(
    'tiny',
    'devices/tiny/telemetry',
    cbor([
      new Map<number, unknown>([
        [0, 'temp'],
        [1, 'Cel'],
        [2, 21.5]
      ])
    ])
  )

  t.strictSame(await latestOf('hall-temp'), { temperature_celsius: 27.34, humidity_percent: 44.72 })
  t.strictSame(await latestOf('leak-1'), { battery_percent: 88.3, water_leak: 0, signal_dbm: -36 })
  t.strictSame(await latestOf('nvr-door'), { people_count: 3, occupancy: 1 })
  t.strictSame(await latestOf('meter-1'), { power_watts: 60.5 })
  t.strictSame(await latestOf('tb'), {}, 'a meter that nobody let in is not its gateway')
  t.match((await officer.get<{ names: object[] }>('/api/onboarding')).names, [{ bridge: 'tb', topic: 'v1/gateway/devices/Meter 2' }])
  t.strictSame(await latestOf('counter-1'), { people_count: 5 })
  t.strictSame(await latestOf('tiny'), { temperature_celsius: 21.5 })

  await say('tiny', 'devices/tiny/telemetry', '[{"n":"temp","v":1}]')
  t.match(await officer.get('/api/devices/tiny'), { unreadable_total: 1, last_unreadable: { why: /JSON/ } })
  await say('nvr', 'frigate/front_door/person/snapshot', Uint8Array.of(0xff, 0xd8, 0xff))
  t.match(await officer.get('/api/devices/nvr'), { unreadable_total: 0 }, 'a picture is let pass, not looked into')
})

t.test('a Sparkplug node that lost a message is asked once for its birth, and what it then says by number alone is understood', async t => {
  const codec = sparkplug('spBv1.0')
  if (codec === null) throw new Error('no codec')
  type Metrics = NonNullable<Parameters<typeof codec.encodePayload>[0]['metrics']>
  const packed = (metrics: Metrics, seq?: number): Buffer =>
    Buffer.from(codec.encodePayload({ timestamp: Date.now(), metrics, ...(seq !== undefined && { seq }) }))
  const death = packed([{ name: 'bdSeq', type: 'UInt64', value: 0 }])
  const node = mqtt.connect({
    host: '127.0.0.1',
    port: box.mqtt_port,
    username: 'plc',
    password: box.deviceSecret('plc'),
    clientId: 'plc',
    protocolVersion: 4,
    reconnectPeriod: 0,
    will: { topic: 'spBv1.0/market/NDEATH/plc-1', payload: death, qos: 1, retain: false }
  })
  await new Promise((resolve, reject) => node.once('connect', resolve).once('error', reject))
  t.teardown(() => node.endAsync(true))

  let seq = 0
  const tell = (verb: string, metrics: Metrics): Promise<unknown> => {
    const topic = `spBv1.0/market/${verb}/plc-1${verb.startsWith('D') ? '/door' : ''}`
    const sent = node.publishAsync(topic, packed(metrics, seq), { qos: 0 })
    seq = (seq + 1) % 256
    return sent
  }
  const births = async (): Promise<void> => {
    seq = 0
    await tell('NBIRTH', [
      { name: 'bdSeq', type: 'UInt64', value: 0 },
      { name: 'Node Control/Rebirth', type: 'Boolean', value: false }
    ])
    await tell('DBIRTH', [
      { name: 'Door/Open', alias: 1, type: 'Boolean', value: false },
      { name: 'Hall/Temperature', alias: 2, type: 'Float', value: 20 }
    ])
  }
  let asked = 0
  const states = new Map<string, string>()
  node.on('message', (topic, payload) => {
    if (topic.includes('STATE/')) {
      states.set(topic, String(payload))
      return
    }
    const [metric] = codec.decodePayload(payload).metrics ?? []
    t.equal(topic, 'spBv1.0/market/NCMD/plc-1')
    t.match(metric, { name: 'Node Control/Rebirth', value: true })
    asked++
    void births()
  })
  await node.subscribeAsync(['spBv1.0/STATE/test-hub', 'STATE/test-hub'], { qos: 1 })
  await until(() => states.size === 2, 'the host it waits for is on line, in both forms of the convention')
  t.equal(states.get('STATE/test-hub'), 'ONLINE')
  t.match(JSON.parse(states.get('spBv1.0/STATE/test-hub') ?? ''), { online: true, timestamp: Number })
  await node.subscribeAsync('spBv1.0/market/NCMD/plc-1', { qos: 1 })
  const door = async (quantity: string, value: number): Promise<void> => {
    await until(async () => (await latestOf('plc-door'))[quantity] === value, `${quantity} ${value}`)
  }

  await births()
  await tell('DDATA', [{ alias: 1, type: 'Boolean', value: true }])
  await door('contact_open', 1)
  t.equal(asked, 0)

  seq = (seq + 1) % 256
  await tell('DDATA', [{ alias: 2, type: 'Float', value: 31.5 }])
  await door('temperature_celsius', 31.5)
  await until(() => asked === 1, 'the station asks for a birth')
  await door('temperature_celsius', 20)
  await tell('DDATA', [{ alias: 1, type: 'Boolean', value: false }])
  await door('contact_open', 0)

  // A node that loses one message after another is not shouted at.
  for (let i = 0; i < 20; i++) {
    seq = (seq + 1) % 256
    await tell('DDATA', [{ alias: 2, type: 'Float', value: 40 + i }])
  }
  await door('temperature_celsius', 59)
  t.equal(asked, 1)

  node.stream.destroy()
  await until(
    async () => (await officer.get<{ online: boolean }>('/api/devices/plc-door')).online === false,
    'its last will takes what is behind it along'
  )
  t.match(await officer.get('/api/devices/plc'), { online: false, unreadable_total: 0 })
})
