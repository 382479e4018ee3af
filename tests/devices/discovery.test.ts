import { readFileSync } from 'node:fs'
import t from 'tap'
import { announcedProfile } from '../../devices/common/announced-profile.ts'
import { matches } from '../../devices/common/topic.ts'
import type { DeviceProfile } from '../../devices/device.ts'
import { listenTo, readingsFrom, rightsOf } from '../../devices/device.ts'
import { written } from '../../devices/homeassistant/abbreviations.ts'
import { at, pathOf } from '../../devices/homeassistant/template.ts'
import homeassistant from '../../devices/homeassistant.ts'
import type { Announced } from '../../edge/domain/announced.ts'
import { openProposals } from '../../edge/ingest/proposals.ts'
import { openSensors } from '../../edge/ingest/sensors.ts'
import { stillClock } from '../support/clock.ts'
import { data, needsData } from '../support/data.ts'

const now = Date.UTC(2026, 10, 24, 8)
const bytes = (says: unknown): Uint8Array => new TextEncoder().encode(typeof says === 'string' ? says : JSON.stringify(says))
const gateway = { device: 'gw', zone: 'office', topic: 'homeassistant' }
const announce = (topic: string, says: unknown): readonly Announced[] => {
  const heard = readingsFrom(homeassistant, gateway, topic, bytes(says), now)
  if (!('announces' in heard)) throw new Error(JSON.stringify(heard))
  return heard.announces
}
const sensor = (more: object): Announced => {
  const [one] = announce('homeassistant/sensor/x/config', { state_topic: 'x/state', ...more })
  if (one === undefined) throw new Error('nothing was announced')
  return one
}
const values = (profile: DeviceProfile, topic: string, says: unknown): object => {
  const heard = readingsFrom(profile, { device: 'd', zone: 'z', topic: 'x/state' }, topic, bytes(says), now)
  return 'readings' in heard ? Object.fromEntries(heard.readings.map(({ quantity, value }) => [quantity, value])) : heard
}

t.test('a value_template is a path into the payload, or is refused with a sentence', async t => {
  for (const [template, path] of [
    [undefined, []],
    ['{{ value }}', []],
    ['{{value_json}}', []],
    ['{{ value_json.temperature}}', ['temperature']],
    ['{{ value_json.a.b }}', ['a', 'b']],
    ["{{ value_json['a'] }}", ['a']],
    ['{{- value_json["ENERGY"].Power -}}', ['ENERGY', 'Power']],
    ["{{ value_json['with space']['b'] }}", ['with space', 'b']]
  ] as const)
    t.strictSame(pathOf(template), path, String(template))
  for (const template of [
    '',
    '{{ value | float }}',
    '{{ value_json.t | round(1) }}',
    '{{ value_json.t * 2 }}',
    '{% if value %}ON{% endif %}',
    '{{ value.x }}',
    '{{ value_json.items[0] }}',
    "{{ value_json['a }}",
    '{{ states("sensor.x") }}',
    '{{ value_json.a }} {{ value_json.b }}',
    `{{ value_json${'.a'.repeat(9)} }}`,
    `{{ value_json.${'a'.repeat(300)} }}`
  ])
    t.match(pathOf(template), { unreadable: /不执行其他模板 · of value_template only/ }, template)
  t.equal(at({ __proto__: { a: 1 } }, ['a']), undefined, 'only what the payload itself has')
  t.equal(at({ a: { b: 3 } }, ['a', 'b']), 3)
  t.equal(at('text', ['a']), undefined)
})

t.test('what is written short is written long, the base topic filled in', async t => {
  t.strictSame(
    written({
      '~': 'stall-7',
      stat_t: '~/state',
      cmd_t: '~/set',
      avty: [{ t: 'up/~', pl_avail: 'yes' }],
      dev: { ids: ['a'], mf: 'M', sa: '大厅' },
      cmps: { one: { p: 'sensor', stat_t: '~/one', dev_cla: 'temperature' } }
    }),
    {
      state_topic: 'stall-7/state',
      cmd_t: '~/set',
      availability: [{ topic: 'up/stall-7', payload_available: 'yes' }],
      device: { identifiers: ['a'], manufacturer: 'M', suggested_area: '大厅' },
      components: { one: { platform: 'sensor', state_topic: 'stall-7/one', device_class: 'temperature' } }
    }
  )
})

t.test('a value becomes ours whatever unit it is told in; a unit that fits nothing is left out with a sentence', async t => {
  for (const [device_class, unit, said, quantity, value] of [
    ['temperature', '°C', 21.5, 'temperature_celsius', 21.5],
    ['temperature', '°F', 70.7, 'temperature_celsius', 21.5],
    ['temperature', 'K', 294.65, 'temperature_celsius', 21.5],
    ['atmospheric_pressure', 'kPa', 101.32, 'pressure_hpa', 1013.2],
    ['pressure', 'hPa', 1013.2, 'pressure_hpa', 1013.2],
    ['carbon_dioxide', 'ppm', '815', 'co2_ppm', 815],
    ['voltage', 'mV', 3015, 'voltage_volts', 3.015],
    ['power', 'kW', 1.5, 'power_watts', 1500],
    ['energy', 'Wh', 500, 'energy_kwh', 0.5]
  ] as const) {
    const announced = sensor({ device_class, unit_of_measurement: unit })
    t.strictSame(values(announcedProfile(announced), 'x/state', said), { [quantity]: value }, `${device_class} in ${unit}`)
  }
  for (const [more, why] of [
    [{ device_class: 'temperature' }, /told in °C, °F, K, not in no unit/],
    [{ device_class: 'temperature', unit_of_measurement: 'V' }, /not in V/],
    [{ device_class: 'carbon_monoxide', unit_of_measurement: 'mg/m³' }, /told in ppm, ppb/],
    [{ device_class: 'moisture', unit_of_measurement: '%' }, /none of our quantities/],
    [{ device_class: 'constructor', unit_of_measurement: '%' }, /none of our quantities/],
    [{ unit_of_measurement: '°C' }, /没有 device_class/],
    [{ device_class: 'temperature', unit_of_measurement: '°C', state_topic: 'a/+/b' }, /is no topic/],
    [{ device_class: 'temperature', unit_of_measurement: '°C', state_topic: '{first}/secret' }, /is no topic/]
  ] as const) {
    const { entities, left_out } = sensor(more)
    t.strictSame(entities, [])
    t.match(left_out, [why])
  }
  t.match(values(announcedProfile(sensor({ device_class: 'temperature', unit_of_measurement: '°C' })), 'x/state', 'warm'), {
    unreadable: /x 应为数字 · x must be a number/
  })
  t.match(values(announcedProfile(sensor({ device_class: 'temperature', unit_of_measurement: '°C' })), 'x/state', 'nan'), {
    nothing: String
  })
})

t.test('every class of binary sensor that the duty needs has its word', async t => {
  for (const [device_class, quantity] of Object.entries({
    smoke: 'smoke_alarm',
    gas: 'gas_alarm',
    carbon_monoxide: 'carbon_monoxide_alarm',
    moisture: 'water_leak',
    door: 'contact_open',
    window: 'contact_open',
    motion: 'occupancy',
    occupancy: 'occupancy',
    vibration: 'vibration',
    battery: 'battery_low',
    problem: 'trouble',
    safety: 'trouble',
    tamper: 'tamper'
  })) {
    const [announced] = announce('homeassistant/binary_sensor/x/config', {
      state_topic: 'x/state',
      device_class,
      pl_on: true,
      pl_off: false
    })
    const profile = announcedProfile(announced as Announced)
    t.strictSame(values(profile, 'x/state', 'true'), { [quantity]: 1 }, device_class)
    t.strictSame(values(profile, 'x/state', 'False'), { [quantity]: 0 }, device_class)
    t.match(values(profile, 'x/state', 'maybe'), { unreadable: /is true or false/ })
  }
})

t.test('a press is a press, whether told as an event or as a trigger; a release is none', async t => {
  const event = announce('homeassistant/event/sos/button/config', {
    device_class: 'button',
    state_topic: 'sos/button',
    event_types: ['press', 'release', 'hold']
  })
  const profile = announcedProfile(event[0] as Announced)
  t.strictSame(values(profile, 'sos/button', { event_type: 'press' }), { button_pressed: 1 })
  t.match(values(profile, 'sos/button', { event_type: 'release' }), { nothing: String })
  const trigger = announce('homeassistant/device_automation/0x1/press/config', {
    atype: 'trigger',
    type: 'button_short_press',
    stype: 'button_1',
    t: 'zigbee/sos/action',
    pl: 'single',
    dev: { ids: ['0x1'] }
  })
  t.strictSame(values(announcedProfile(trigger[0] as Announced), 'zigbee/sos/action', 'single'), { button_pressed: 1 })
  t.match(
    announce('homeassistant/device_automation/0x1/x/config', { atype: 'trigger', type: 'button_short_release', t: 'a', pl: 'r' })[0],
    {
      entities: [],
      left_out: [/is no press/]
    }
  )
})

t.test('two parts that say the same: a warning sees the highest of what each said last', async t => {
  const [announced] = announce('homeassistant/device/hood/config', {
    dev: { ids: 'hood', name: 'Hood' },
    cmps: {
      left: { p: 'binary_sensor', dev_cla: 'smoke', stat_t: 'hood/left' },
      right: { p: 'binary_sensor', dev_cla: 'smoke', stat_t: 'hood/right' }
    }
  })
  const listen = listenTo(announcedProfile(announced as Announced), { device: 'd', zone: 'z', topic: 'hood/left' })
  const smoke = (topic: string, says: string): unknown => {
    const heard = listen(topic, bytes(says), now)
    return 'readings' in heard ? heard.readings.map(({ value }) => value) : heard
  }
  t.strictSame(smoke('hood/left', 'ON'), [1])
  t.strictSame(smoke('hood/right', 'OFF'), [1], 'the quiet one does not end what the other says')
  t.strictSame(smoke('hood/left', 'OFF'), [0])
})

t.test('a part that says nonsense takes nothing from the part that sees smoke in the same message', async t => {
  const dev = {
    cmps: {
      heat: { p: 'sensor', stat_t: 'x/state', dev_cla: 'temperature', unit_of_meas: '°C', val_tpl: '{{ value_json.t }}' },
      smoke: { p: 'binary_sensor', stat_t: 'x/state', dev_cla: 'smoke', val_tpl: '{{ value_json.smoke }}' }
    }
  }
  const [announced] = announce('homeassistant/device/x/config', dev)
  const listen = listenTo(announcedProfile(announced as Announced), { device: 'd', zone: 'z', topic: 'x/state' })
  t.match(listen('x/state', bytes({ t: 'err', smoke: 'ON' }), now), {
    readings: [{ quantity: 'smoke_alarm', value: 1 }],
    misread: /must be a number/
  })
})

t.test('whether a device is there is told as its list says: by the latest word, by any, or by all', async t => {
  const presence = (mode: string) => {
    const [announced] = announce('homeassistant/binary_sensor/x/config', {
      state_topic: 'x/state',
      device_class: 'smoke',
      avty_mode: mode,
      avty: [{ t: 'gw/up' }, { t: 'x/up', pl_avail: 'yes', pl_not_avail: 'no', val_tpl: '{{ value_json.up }}' }]
    })
    const listen = listenTo(announcedProfile(announced as Announced), { device: 'd', zone: 'z', topic: 'x/state' })
    return (topic: string, says: unknown) => listen(topic, bytes(says), now)
  }
  for (const [mode, after] of [
    ['latest', true],
    ['any', true],
    ['all', false]
  ] as const) {
    const say = presence(mode)
    t.strictSame(say('gw/up', 'offline'), { online: false })
    t.strictSame(say('x/up', { up: 'yes' }), { online: after }, mode)
    t.match(say('gw/up', 'perhaps'), mode === 'latest' ? { online: true } : {}, 'another word changes nothing')
  }
})

t.test(
  'the documented messages are understood, and an empty one takes the entity back',
  needsData('payloads/homeassistant-discovery.json'),
  async t => {
    const { messages } = JSON.parse(readFileSync(data('payloads/homeassistant-discovery.json') as string, 'utf8')) as {
      messages: { topic: string; payload: unknown }[]
    }
    const [bedroom, , removed] = messages
    const proposals = openProposals()
    proposals.hear('gw', bedroom?.topic ?? '', announce(bedroom?.topic ?? '', bedroom?.payload), now)
    t.match(proposals.list(), [{ bridge: 'gw', announced: { name: 'Bedroom', gives: ['temperature_celsius'] } }])
    t.strictSame(announce(removed?.topic ?? '', removed?.payload), [])
    proposals.hear('gw', bedroom?.topic ?? '', [], now)
    t.strictSame(proposals.list(), [])
  }
)

t.test('parts of the same name are two, what gives is what is kept, and what is too much is said', async t => {
  const dev = { ids: ['stall-7'], name: 'stall 7' }
  const part = (topic: string) => ({ stat_t: topic, dev })
  const proposals = openProposals()
  const hear = (topic: string, says: object): void => proposals.hear('gw', topic, announce(topic, says), now)
  const only = () => proposals.list()[0]?.announced as Announced
  hear('homeassistant/binary_sensor/stall-7/air/config', { ...part('stall-7/smoke'), dev_cla: 'smoke' })
  hear('homeassistant/sensor/stall-7/air/config', { ...part('stall-7/heat'), dev_cla: 'temperature', unit_of_meas: '°C' })
  t.match(only().entities, [{ quantity: 'smoke_alarm' }, { quantity: 'temperature_celsius' }])
  for (let i = 0; i < 63; i++)
    hear(`homeassistant/sensor/stall-7/t${i}/config`, { ...part(`stall-7/t${i}`), dev_cla: 'temperature', unit_of_meas: '°C' })
  hear('homeassistant/binary_sensor/stall-7/gas/config', { ...part('stall-7/gas'), dev_cla: 'gas', name: 'gas' })
  t.equal(only().entities.length, 64)
  t.strictSame(only().gives, ['temperature_celsius', 'smoke_alarm'], 'no gas, which is one too many')
  t.match(
    only().left_out.map(why => why.replace(/:.* · /, ': ')),
    ['gas: of one device 64 parts are taken', /t62: /]
  )
})

t.test('a bridge that announces without end fills its own share, and what it says after that is let go and counted', async t => {
  const proposals = openProposals()
  const one = (key: string): Announced => ({ ...sensor({ device_class: 'temperature', unit_of_measurement: '°C' }), key })
  for (let i = 0; i < 5000; i++) proposals.hear('loud', `c/${i}`, [one(`d-${i}`)], now)
  proposals.hear('quiet', 'c/0', [one('d-0')], now)
  t.equal(proposals.list().filter(({ bridge }) => bridge === 'loud').length, 1500)
  t.equal(proposals.list().filter(({ bridge }) => bridge === 'quiet').length, 1)
  t.equal(proposals.counters().announcements_let_go_total, 3500)
})

t.test('what a bridge announces on the topics of the station or of another device is never its own', async t => {
  const profiles = new Map(
    await Promise.all(
      ['homeassistant', 'json', 'zigbee2mqtt', 'zigbee2mqtt-bridge'].map(
        async name => [name, (await import(`../../devices/${name}.ts`)).default] as const
      )
    )
  )
  const sensors = openSensors({
    profiles,
    devices: [
      { id: 'gw', profile: 'homeassistant', zone: 'z', topic: 'homeassistant' },
      { id: 'zb', profile: 'zigbee2mqtt-bridge', zone: 'z', topic: 'zigbee2mqtt' },
      { id: 'meter', profile: 'json', zone: 'z', topic: 'devices/meter' }
    ],
    clock: stillClock(),
    hear: () => undefined,
    online: () => undefined,
    log: { warn: () => undefined }
  })
  const on = (state_topic: string) => sensors.claims(sensor({ device_class: 'temperature', unit_of_measurement: '°C', state_topic }), 'gw')
  t.strictSame(on('station/x/status'), { topic: 'station/x/status', of: 'station' })
  t.strictSame(on('devices/meter/telemetry'), { topic: 'devices/meter/telemetry', of: 'meter' })
  t.strictSame(on('zigbee2mqtt/new-thing'), { topic: 'zigbee2mqtt/new-thing', of: 'zb' })
  t.equal(on('esp/kitchen/state'), undefined)
  t.strictSame(
    sensors.claims({ ...sensor({ device_class: 'temperature', unit_of_measurement: '°C', avty_t: 'zigbee2mqtt/bridge/state' }) }, 'gw'),
    { topic: 'zigbee2mqtt/bridge/state', of: 'zb' },
    'nor may it listen there for whether it is up'
  )
})

t.test('a node of ESPHome announces below its own name, and nowhere else', async t => {
  const { publish } = rightsOf(homeassistant, { id: 'esp-1', topic: 'stall-7' })
  const may = (topic: string): boolean => publish.some(filter => matches(filter, topic))
  for (const topic of ['homeassistant/sensor/stall-7/heat/config', 'homeassistant/switch/stall-7/relay/config', 'stall-7/status'])
    t.ok(may(topic), topic)
  for (const topic of [
    'homeassistant/sensor/stall-8/heat/config',
    'homeassistant/sensor/x/config',
    'stall-8/status',
    'homeassistant/status'
  ])
    t.notOk(may(topic), topic)
})
