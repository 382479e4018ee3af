import t from 'tap'
import { type DeviceProfile, defineDevice, message, Type } from '../../devices/device.ts'
import type { Announced } from '../../edge/domain/announced.ts'
import type { Reading } from '../../edge/domain/reading.ts'
import { type DeviceConfig, openSensors } from '../../edge/ingest/sensors.ts'
import { loadFolder } from '../../edge/load.ts'
import { minutes, seconds, stillClock } from '../support/clock.ts'

/** A gateway that speaks for its rooms in one message and wants every third one answered. */
const gateway = (): DeviceProfile =>
  defineDevice({
    vendor: 'test',
    model: 'gateway',
    label: { 'zh-CN': '网关', en: 'gateway' },
    bridge: true,
    topics: topic => ({ publish: [`${topic}/#`], subscribe: [`${topic}/again`] }),
    messages: () => {
      let heard = 0
      return [
        message({
          on: ['{topic}/all'],
          payload: Type.Record(Type.String(), Type.Number()),
          decode: (said, { topic }) => {
            const behind = Object.entries(said).map(([room, value]) => ({ topic: `gw/${room}`, said: { temperature_celsius: value } }))
            return ++heard % 3 === 0
              ? { said: { behind }, reply: { topic: topic.replace('all', 'again'), payload: `${heard}` } }
              : { behind }
          }
        })
      ]
    },
    measures: ['temperature_celsius'],
    examples: []
  })

const profiles = new Map([
  ...(await loadFolder<DeviceProfile>(new URL('../../devices/', import.meta.url), ['device', 'simulate'])),
  ['gateway', gateway()]
])
const gw: DeviceConfig = { id: 'gw', profile: 'gateway', zone: 'office', topic: 'gw' }
const room = (name: string, via = 'gw'): DeviceConfig => ({ id: name, profile: 'gateway', zone: name, topic: `gw/${name}`, via })
const bridge: DeviceConfig = { id: 'zb', profile: 'zigbee2mqtt-bridge', zone: 'office', topic: 'zigbee2mqtt' }
const smoke: DeviceConfig = { id: 'smoke-b3', profile: 'zigbee2mqtt', zone: 'platform-1', topic: 'zigbee2mqtt/smoke-b3', via: 'zb' }
const plug: DeviceConfig = { id: 'plug-1', profile: 'tasmota', zone: 'office', topic: 'TH16' }
const alone: DeviceConfig = { id: 'door-1', profile: 'zigbee2mqtt', zone: 'gate', topic: 'zigbee2mqtt/door-1' }

const open = (...devices: DeviceConfig[]) => {
  const clock = stillClock()
  const readings: Reading[] = []
  const online: string[] = []
  const logged: string[] = []
  const answers: string[] = []
  const asked: string[] = []
  const kept = Promise.resolve()
  const sensors = openSensors({
    profiles,
    devices,
    clock,
    hear: heard => {
      readings.push(...heard)
      return kept
    },
    online: (device, is) => online.push(`${device} ${is ? 'online' : 'offline'}`),
    log: { warn: (_, sentence) => logged.push(sentence) },
    say: (topic, payload) => answers.push(`${topic} ${payload}`),
    quarantined: device => asked.push(device)
  })
  /** True when there is something to wait for. */
  const say = (device: string, topic: string, payload: unknown): boolean =>
    sensors.hear({
      device,
      topic,
      payload: new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      at: clock.now()
    }) === kept
  const now = (id: string) => sensors.list().find(device => device.id === id)
  return { clock, sensors, say, readings, online, logged, answers, asked, now }
}

t.test('a message becomes readings of its device, whose keeping is waited for', async t => {
  const { say, readings, now, clock } = open(plug)
  t.equal(say('plug-1', 'tele/TH16/SENSOR', { AM2301: { Temperature: 24.6 } }), true)
  t.match(readings, [{ device: 'plug-1', zone: 'office', quantity: 'temperature_celsius', value: 24.6, at: clock.now(), quality: 'good' }])
  t.match(now('plug-1'), { online: true, last_seen: clock.now(), last_readings: [{ value: 24.6 }], unreadable_total: 0 })
})

t.test('a message that carries no reading has nothing to be kept', async t => {
  const { say, sensors } = open(plug)
  t.equal(say('plug-1', 'tele/TH16/INFO1', { Info1: {} }), false)
  t.match(sensors.counters(), { without_reading_total: 1, unreadable_total: 0 })
})

t.test('what does not fit is counted, quoted in 200 printable characters with its reason, acknowledged', async t => {
  const { say, sensors, now, clock } = open(plug)
  t.equal(say('plug-1', 'tele/TH16/SENSOR', `{"AM2301": \u001b[31m\r\n${'温'.repeat(5000)}`), false)
  const { last_unreadable, unreadable_total } = now('plug-1') ?? {}
  t.equal(unreadable_total, 1)
  t.match(last_unreadable, { at: clock.now(), topic: 'tele/TH16/SENSOR', why: /not JSON/ })
  t.equal([...(last_unreadable?.payload ?? '')].length, 200)
  t.notMatch(last_unreadable?.payload, /\p{Cc}/u)
  t.equal(sensors.counters().unreadable_total, 1)
})

t.test('a device that talks nonsense is logged once a minute', async t => {
  const { say, logged, clock, now } = open(plug)
  for (let i = 0; i < 50; i++) {
    say('plug-1', 'tele/TH16/SENSOR', 'nonsense')
    clock.advance(seconds(1))
  }
  t.equal(logged.length, 1)
  clock.advance(minutes(1))
  say('plug-1', 'tele/TH16/SENSOR', 'nonsense')
  t.equal(logged.length, 2)
  t.equal(now('plug-1')?.unreadable_total, 51)
})

t.test('a bridge speaks for the devices behind it', async t => {
  const { say, readings, now } = open(smoke, bridge)
  say('zb', 'zigbee2mqtt/smoke-b3', { smoke: true })
  t.match(readings, [{ device: 'smoke-b3', zone: 'platform-1', quantity: 'smoke_alarm', value: 1 }])
  t.equal(now('zb')?.unreadable_total, 0)
})

t.test('a bridge is not believed for a device that has its own credential [R20]', async t => {
  const { say, readings, sensors, now } = open(bridge, smoke, alone)
  t.equal(say('zb', 'zigbee2mqtt/door-1', { contact: false }), false)
  t.strictSame(readings, [])
  t.equal(sensors.counters().foreign_topic_total, 1)
  t.match(now('zb')?.last_unreadable?.why, /belongs to door-1/)
  say('door-1', 'zigbee2mqtt/door-1', { contact: false })
  t.match(readings, [{ device: 'door-1', quantity: 'contact_open', value: 1 }])
})

t.test('one message of a bridge may speak for many: each hears its own part, and nobody who is not behind it', async t => {
  const { say, readings, sensors, online } = open(gw, room('hall'), room('roof'), { ...gw, id: 'gw-2', topic: 'gw-2' })
  t.equal(say('gw', 'gw/all', { hall: 20 }), true)
  say('gw', 'gw/all', { hall: 21, roof: 3, cellar: 9 })
  t.strictSame(
    readings.map(({ device, zone, value }) => [device, zone, value]),
    [
      ['hall', 'hall', 20],
      ['hall', 'hall', 21],
      ['roof', 'roof', 3]
    ]
  )
  t.match(sensors.unknown(), [{ bridge: 'gw', topic: 'gw/cellar', heard_total: 1 }])
  t.strictSame(online, ['gw online', 'hall online', 'roof online'])
  say('gw-2', 'gw-2/all', { hall: 99 })
  t.equal(readings.length, 3, 'another bridge is not believed for them')
  t.strictSame(sensors.add(room('cellar')), { added: true })
  t.strictSame(
    sensors.unknown().map(({ bridge }) => bridge),
    [],
    'who is enrolled is unknown no longer'
  )
  t.match(sensors.add({ ...room('attic'), via: 'hall' }), { failed: /no bridge/ }, 'who is behind a bridge is none itself')
})

t.test('what a bridge says of a device that nobody let in is never its own: a camera of Frigate, a meter of ThingsBoard', async t => {
  const nvr: DeviceConfig = { id: 'nvr', profile: 'frigate', zone: 'gate', topic: 'frigate' }
  const tb: DeviceConfig = { id: 'tb', profile: 'thingsboard-gateway', zone: 'gate', topic: 'v1/gateway' }
  const { say, readings, sensors } = open(nvr, tb)
  say('nvr', 'frigate/front_door/person', '3')
  say('tb', 'v1/gateway/telemetry', { 'Meter 2': [{ smoke: true }] })
  t.strictSame(readings, [])
  t.match(sensors.unknown(), [{ topic: 'frigate/front_door' }, { topic: 'v1/gateway/devices/Meter 2' }])
})

t.test('a device that calls the alarm topic of its neighbour its availability does not swallow the alarm', async t => {
  const announced = (key: string, presence: string): Announced => ({
    ...{ key, name: key, gives: ['smoke_alarm'], left_out: [], presence_mode: 'latest' as const },
    entities: [{ key, name: key, quantity: 'smoke_alarm', topic: `${key}/smoke`, path: [], reads: 'flag', on: 'ON', off: 'OFF' }],
    presence: [{ topic: presence, path: [], up: 'ON', down: 'OFF' }]
  })
  const behind = (key: string, presence: string): DeviceConfig => ({
    ...{ id: key, profile: 'homeassistant', zone: 'food-row', topic: `${key}/smoke`, via: 'ha' },
    announced: announced(key, presence)
  })
  const ha: DeviceConfig = { id: 'ha', profile: 'homeassistant', zone: 'office', topic: 'homeassistant' }
  const { say, readings, now } = open(ha, behind('stall-7', 'stall-7/status'), behind('stall-8', 'stall-7/smoke'))
  t.equal(say('ha', 'stall-7/smoke', 'ON'), true, 'its keeping is waited for')
  t.match(readings, [{ device: 'stall-7', quantity: 'smoke_alarm', value: 1 }])
  t.equal(now('stall-8')?.online, true)
})

t.test('one bad value takes nothing from those beside it, and is counted and shown', async t => {
  const json: DeviceConfig = { id: 'j', profile: 'json', zone: 'z', topic: 'devices/j' }
  const { say, readings, now, sensors } = open(json, alone)
  t.equal(say('j', 'devices/j/telemetry', { temperature_celsius: 'err', smoke_alarm: true, humidity_percent: 40 }), true)
  say('door-1', 'zigbee2mqtt/door-1', { smoke: true, temperature: 'warm', humidity: 40 })
  t.match(readings, [{ quantity: 'smoke_alarm' }, { quantity: 'humidity_percent' }, { device: 'door-1', quantity: 'smoke_alarm' }])
  t.equal(readings.length, 3, 'of a message that does not fit its convention nothing but the alarm')
  t.match(now('j'), { online: true, unreadable_total: 1, last_unreadable: { why: /temperature_celsius/, payload: /err/ } })
  t.match(now('door-1'), { unreadable_total: 1, last_unreadable: { why: '/temperature must be number' } })
  t.equal(sensors.counters().unreadable_total, 2)
})

t.test('what cannot be read of a device behind a bridge is its own, and what would have been right is what the bridge says', async t => {
  const plc: DeviceConfig = { id: 'plc', profile: 'sparkplug-b', zone: 'z', topic: 'market/plc-1' }
  const { say, now } = open(plc, { ...plc, id: 'door', topic: 'market/plc-1/door', via: 'plc' })
  say('plc', 'spBv1.0/market/DDATA/plc-1/door', { temperature: 20 })
  t.equal(now('plc')?.unreadable_total, 0)
  t.match(now('door')?.last_unreadable, { why: /protobuf/, expected: { example: { topic: /^spBv1\.0\/market\/DDATA\/plc-1\// } } })
})

t.test('a device that wants an answer gets one, and not more than one in half a minute however often it asks', async t => {
  const { say, answers, clock, sensors } = open(gw, room('hall'))
  for (let i = 0; i < 30; i++) say('gw', 'gw/all', { hall: i })
  t.strictSame(answers, ['gw/again 3'])
  clock.advance(seconds(30))
  for (let i = 0; i < 3; i++) say('gw', 'gw/all', { hall: i })
  t.strictSame(answers, ['gw/again 3', 'gw/again 33'])
  t.match(sensors.counters(), { answers_total: 2, answers_withheld_total: 9 })
})

t.test('a name nobody enrolled is listed below its bridge, not served, until it is enrolled [R19]', async t => {
  const { say, readings, sensors } = open(bridge)
  say('zb', 'zigbee2mqtt/new-thing', { smoke: true })
  say('zb', 'zigbee2mqtt/new-thing', { smoke: true })
  t.strictSame(readings, [])
  t.match(sensors.unknown(), [{ bridge: 'zb', topic: 'zigbee2mqtt/new-thing', heard_total: 2 }])
  t.equal(sensors.counters().unknown_device_total, 2)
  t.strictSame(sensors.add({ ...smoke, topic: 'zigbee2mqtt/new-thing' }), { added: true })
  t.strictSame(sensors.unknown(), [])
  say('zb', 'zigbee2mqtt/new-thing', { smoke: true })
  t.match(readings, [{ device: 'smoke-b3', value: 1 }])
})

t.test('the list of unknown names has an end', async t => {
  const { say, sensors } = open(bridge)
  for (let i = 0; i < 500; i++) say('zb', `zigbee2mqtt/thing-${i}`, {})
  t.equal(sensors.unknown().length, 200)
  t.equal(sensors.counters().unknown_device_total, 500)
})

t.test('a bridge has its own rights with those of the devices behind it, which have none', async t => {
  const { sensors } = open(bridge, smoke, alone)
  t.strictSame(sensors.principalTopics('smoke-b3'), undefined)
  t.strictSame(sensors.principalTopics('nobody'), undefined)
  t.ok(sensors.principalTopics('zb')?.publish.includes('zigbee2mqtt/smoke-b3'))
  t.ok(sensors.principalTopics('zb')?.publish.includes('devices/zb/#'))
  t.notOk(sensors.principalTopics('zb')?.publish.includes('devices/door-1/#'))
  t.strictSame(sensors.principalTopics('door-1')?.publish, ['zigbee2mqtt/door-1', 'zigbee2mqtt/door-1/availability', 'devices/door-1/#'])
})

t.test('a last will makes a device offline, its next word online', async t => {
  const { say, online } = open(plug)
  say('plug-1', 'tele/TH16/LWT', 'Online')
  say('plug-1', 'tele/TH16/LWT', 'Offline')
  say('plug-1', 'stat/TH16/POWER', 'ON')
  t.strictSame(online, ['plug-1 online', 'plug-1 offline', 'plug-1 online'])
})

t.test('a bridge that goes takes those behind it along, who come back with it', async t => {
  const { say, online } = open(bridge, smoke)
  say('zb', 'zigbee2mqtt/bridge/state', 'online')
  say('zb', 'zigbee2mqtt/smoke-b3', { smoke: false })
  say('zb', 'zigbee2mqtt/bridge/state', { state: 'offline' })
  say('zb', 'zigbee2mqtt/bridge/state', { state: 'online' })
  t.strictSame(online, ['zb online', 'smoke-b3 online', 'zb offline', 'smoke-b3 offline', 'zb online', 'smoke-b3 online'])
})

t.test('the newest reading is shown, though an older one arrives after it', async t => {
  const { say, now } = open({ id: 'j', profile: 'json', zone: 'z', topic: 'devices/j' })
  say('j', 'devices/j/telemetry', { temperature_celsius: 20, at: '2026-11-24T07:59:00Z' })
  say('j', 'devices/j/telemetry', { temperature_celsius: 30, at: '2026-11-24T07:00:00Z' })
  t.match(now('j')?.last_readings, [{ value: 20 }])
})

t.test('a device that may not be added is told why', async t => {
  const { sensors } = open(bridge, plug)
  const why = (device: Partial<DeviceConfig>) => sensors.add({ id: 'x', profile: 'json', zone: 'z', topic: 'devices/x', ...device })
  t.match(why({ profile: 'nokia' }), { failed: /no profile nokia; there are .*json/ })
  t.match(why({ topic: 'devices/#' }), { failed: /without wildcards/ })
  t.match(why({ id: 'a/b' }), { failed: /an id has no/ })
  t.match(why({ topic: '$SYS/x' }), { failed: /without wildcards/ })
  t.match(why({ topic: 'station/demo/status' }), { failed: /belongs to the station/ })
  t.match(why({ topic: 'devices/plug-1' }), { failed: /corner/ })
  t.strictSame(
    why({ id: 'plc', profile: 'sparkplug-b', topic: 'station/hub-01' }),
    { added: true },
    'a Sparkplug group of that name speaks elsewhere'
  )
  t.match(why({ profile: 'tasmota', topic: 'TH16' }), { failed: /belongs to plug-1 already/ })
  t.match(why({ via: 'plug-1' }), { failed: /no bridge/ })
  t.strictSame(why({}), { added: true })
  t.match(why({}), { failed: /there already/ })
  t.throws(() => open(plug, plug), /there already/)
})

t.test('a removed device is no longer heard', async t => {
  const { say, sensors, readings } = open(plug)
  t.equal(sensors.remove('plug-1'), true)
  t.equal(sensors.remove('plug-1'), false)
  t.equal(say('plug-1', 'stat/TH16/POWER', 'ON'), false)
  t.strictSame(readings, [])
})

t.test('one device is looked up alone: when a thousand come back, each is shown without a walk over all', async t => {
  const { sensors, asked } = open(bridge, smoke, plug)
  t.match(sensors.find('plug-1'), { id: 'plug-1', topic: 'TH16' })
  t.equal(sensors.find('nobody'), undefined)
  t.strictSame(asked, ['plug-1'])
})
