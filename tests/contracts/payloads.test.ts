import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type DeviceProfile, type Listened, listenTo, readingsOf } from '../../devices/device.ts'
import { loadFolder } from '../../edge/load.ts'
import { data, needsData } from '../support/data.ts'

/** Payloads as devices of others publish them, each file read by its profile as one device or bridge after another message. */
const profiles = await loadFolder<DeviceProfile>(new URL('../../devices/', import.meta.url), ['device', 'simulate'])
const now = Date.UTC(2026, 10, 24, 8)

type Capture = {
  readonly messages: readonly { readonly topic: string; readonly payload: unknown; readonly raw?: boolean; readonly encoding?: string }[]
}
type Meaning = { readonly [topic: string]: Meaning } | readonly (readonly (string | number)[])[] | object

const capture = (convention: string): Capture => JSON.parse(readFileSync(data(`payloads/${convention}.json`) as string, 'utf8')) as Capture

/** `[quantity, value]`, with the doubt where the recording's old time is not believed. */
const shown = (heard: Listened): Meaning => {
  const { reply, ...meant } = heard
  if ('behind' in meant)
    return Object.fromEntries(meant.behind.map(({ topic, said }) => [topic, shown(readingsOf(said, { device: 'd', zone: 'z' }, now))]))
  return 'readings' in meant ? meant.readings.map(({ quantity, value, doubt }) => [quantity, value, ...(doubt ? [doubt] : [])]) : meant
}

const heard = (convention: string, profile: string, topicOf: (topic: string) => string): readonly Meaning[] => {
  const listeners = new Map<string, ReturnType<typeof listenTo>>()
  return capture(convention).messages.map(({ topic, payload, raw, encoding }) => {
    const own = topicOf(topic)
    const listen = listeners.get(own) ?? listenTo(profiles.get(profile) as DeviceProfile, { device: 'd', zone: 'z', topic: own })
    listeners.set(own, listen)
    const text = raw ? String(payload) : JSON.stringify(payload)
    return shown(listen(topic, encoding === undefined ? Buffer.from(text) : Buffer.from(String(payload), 'base64'), now))
  })
}

const old = 'device_clock'
const told = {
  zigbee2mqtt: () => {
    const said = heard('zigbee2mqtt', 'zigbee2mqtt', topic => topic)
    return [...said.slice(0, 3), ...heard('zigbee2mqtt', 'zigbee2mqtt-bridge', () => 'zigbee2mqtt').slice(3)]
  },
  tasmota: () => heard('tasmota', 'tasmota', () => 'TH16'),
  'shelly-gen2': () => heard('shelly-gen2', 'shelly-gen2', topic => topic.split('/')[0] as string),
  senml: () => heard('senml', 'senml', topic => topic),
  'sparkplug-b': () => heard('sparkplug-b', 'sparkplug-b', () => 'station/hub-01'),
  chirpstack: () => heard('chirpstack', 'chirpstack', () => 'application'),
  'frigate-events': () => heard('frigate-events', 'frigate', () => 'frigate'),
  'onvif-mqtt': () => heard('onvif-mqtt', 'onvif-mqtt', () => 'BoschCam1')
}

const lora = 'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101'
const want: Readonly<Record<keyof typeof told, readonly Meaning[]>> = {
  zigbee2mqtt: [
    [
      ['temperature_celsius', 27.34],
      ['humidity_percent', 44.72]
    ],
    [['occupancy', 1]],
    [['button_pressed', 1]],
    { online: true },
    { nothing: 'the bridge speaks of itself' }
  ],
  tasmota: [
    [
      ['temperature_celsius', 24.6],
      ['humidity_percent', 58.2]
    ],
    [['switch_on', 0]],
    [['switch_on', 0]]
  ],
  'shelly-gen2': [
    [['device_temperature_celsius', 37.67, old]],
    [['switch_on', 0, old]],
    [
      ['switch_on', 0],
      ['device_temperature_celsius', 37.7]
    ],
    { online: true }
  ],
  senml: [
    [
      ['humidity_percent', 20, old],
      ['humidity_percent', 20.3, old],
      ['humidity_percent', 20.7, old],
      ['battery_percent', 98, old],
      ['humidity_percent', 21.2, old]
    ],
    [
      ['temperature_celsius', 7.1],
      ['contact_open', 0]
    ]
  ],
  'sparkplug-b': [
    { nothing: 'no quantity in it that we know' },
    {
      'station/hub-01/cam1': [
        ['density_per_m2', 2.5, old],
        ['contact_open', 1, old]
      ]
    }
  ],
  chirpstack: [
    { [lora]: { nothing: 'bytes without meaning: its device profile in ChirpStack has no codec' } },
    { [lora]: [['battery_percent', 88.3, old]] }
  ],
  'frigate-events': [
    {
      'frigate/front_door': [['occupancy', 1, old]],
      'frigate/yard': [['occupancy', 1, old]],
      'frigate/driveway': [['occupancy', 1, old]]
    },
    {
      'frigate/front_door': [
        ['people_count', 3],
        ['occupancy', 1]
      ]
    },
    { online: true }
  ],
  'onvif-mqtt': [[['people_entered_total', 5, old]], [['occupancy', 1, old]], [['people_entered', 1, old]]]
}

/** HTTP, SIP and Modbus, which nobody publishes to a broker; and what announces devices instead of measuring. */
const not_mqtt = ['dahua-events', 'hikvision-isapi', 'gb28181-alarm', 'modbus']
const announced = ['homeassistant-discovery']

for (const [convention, meanings] of Object.entries(want))
  t.test(`real payloads of ${convention} mean what they say`, needsData(`payloads/${convention}.json`), async t => {
    t.strictSame(told[convention as keyof typeof told](), meanings)
  })

t.test('every convention we have payloads of is read, or is no MQTT', needsData('payloads'), async t => {
  const files = readdirSync(data('payloads') as string).map(file => file.replace('.json', ''))
  t.strictSame(files.sort(), [...Object.keys(want), ...not_mqtt, ...announced].sort())
  for (const convention of not_mqtt)
    t.notOk(
      capture(convention).messages.some(message => 'topic' in message),
      `${convention} has no topics`
    )
})

t.test('what Frigate knows of a person has no way in', needsData('payloads/frigate-events.json'), async t => {
  const [first] = capture('frigate-events').messages
  const event = structuredClone(first?.payload) as { after: Record<string, unknown> }
  event.after.sub_label = ['Zhang San', 0.93]
  event.after.recognized_license_plate = '京A12345'
  event.after.attributes = { face: 0.9 }
  const listen = listenTo(profiles.get('frigate') as DeviceProfile, { device: 'd', zone: 'z', topic: 'frigate' })
  const said = JSON.stringify(listen('frigate/events', Buffer.from(JSON.stringify(event)), now))
  for (const secret of ['Zhang', '0.93', '京A', '0.9}', event.after.id, '1607123955'])
    t.notOk(said.includes(String(secret)), `no ${secret}`)
})
