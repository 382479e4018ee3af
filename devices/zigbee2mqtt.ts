import type { Quantity } from '../edge/domain/vocabulary.ts'
import { claimedTime } from './common/time.ts'
import { flag, tidy } from './common/values.ts'
import { defineDevice, message, Type, type Values } from './device.ts'

const Maybe = <Of extends Parameters<typeof Type.Union>[0][number]>(of: Of) => Type.Optional(Type.Union([of, Type.Null()]))
const number = Maybe(Type.Number())
const boolean = Maybe(Type.Boolean())

/** Zigbee2MQTT says null for what a device has not told yet, and adds fields at will: the ones we know are checked, the rest is let pass. */
const State = Type.Object({
  temperature: number,
  device_temperature: number,
  humidity: number,
  pressure: number,
  illuminance: number,
  illuminance_lux: number,
  co2: number,
  co: number,
  pm25: number,
  noise: number,
  power: number,
  energy: number,
  voltage: number,
  current: number,
  battery: number,
  linkquality: number,
  smoke: boolean,
  gas: boolean,
  carbon_monoxide: boolean,
  water_leak: boolean,
  vibration: boolean,
  occupancy: boolean,
  presence: boolean,
  contact: boolean,
  tamper: boolean,
  battery_low: boolean,
  state: Maybe(Type.String()),
  action: Maybe(Type.String()),
  // What it says of its firmware must never cost what it says of smoke: any shape is let pass.
  update: Type.Optional(Type.Unknown()),
  last_seen: Maybe(Type.Union([Type.String(), Type.Number()]))
})

const numbers = {
  temperature: 'temperature_celsius',
  device_temperature: 'device_temperature_celsius',
  humidity: 'humidity_percent',
  pressure: 'pressure_hpa',
  co2: 'co2_ppm',
  co: 'carbon_monoxide_ppm',
  pm25: 'pm25_ug_per_m3',
  noise: 'sound_db',
  power: 'power_watts',
  energy: 'energy_kwh',
  current: 'current_amperes',
  battery: 'battery_percent',
  linkquality: 'link_quality'
} as const
const flags = {
  smoke: 'smoke_alarm',
  gas: 'gas_alarm',
  carbon_monoxide: 'carbon_monoxide_alarm',
  water_leak: 'water_leak',
  vibration: 'vibration',
  tamper: 'tamper',
  battery_low: 'battery_low'
} as const

const known = new Map<string, Quantity>(Object.entries({ ...numbers, ...flags }))

/** What a device that exposes this word gives. */
export const quantityOf = (word: string): Quantity | undefined =>
  known.get(word) ??
  (
    {
      illuminance_lux: 'illuminance_lux',
      illuminance: 'illuminance_lux',
      occupancy: 'occupancy',
      presence: 'occupancy',
      contact: 'contact_open',
      state: 'switch_on',
      voltage: 'voltage_volts',
      action: 'button_pressed'
    } as Readonly<Record<string, Quantity>>
  )[word]

/** Of the states of an update: one that waits to be taken, or already does. */
const offered = (update: unknown): boolean | undefined =>
  typeof update !== 'object' || update === null || !('state' in update) || typeof update.state !== 'string'
    ? undefined
    : update.state !== 'idle'

/** `single`, `1_double`, `button_2_hold`, `emergency`; a release, a dimmer's turn or a cube's slide is no call for help. */
const press = /(^|_)(single|double|triple|quadruple|quintuple|many|hold|long|press|panic|emergency|sos|on|off|toggle)(_|$)/
const shake = /(^|_)(vibration|tilt|drop|shake)(_|$)/

const docs = 'Koenkk/zigbee2mqtt.io docs/guide/usage/mqtt_topics_and_messages.md @0014d923b972'

export default defineDevice({
  vendor: 'Koenkk',
  model: 'Zigbee2MQTT',
  label: { 'zh-CN': 'Zigbee 设备（经 Zigbee2MQTT）', en: 'Zigbee device (through Zigbee2MQTT)' },
  topics: topic => ({
    publish: [topic, `${topic}/availability`],
    subscribe: [`${topic}/set`, `${topic}/set/#`, `${topic}/get`, `${topic}/get/#`]
  }),
  messages: [
    message({
      on: ['{topic}/availability'],
      text: true,
      payload: Type.Union([Type.String(), Type.Object({ state: Type.String() })]),
      decode: said => {
        const state = typeof said === 'string' ? said : said.state
        return state === 'online' || state === 'offline'
          ? { online: state === 'online' }
          : { unreadable: 'an availability is online or offline' }
      }
    }),
    message({
      on: ['{topic}'],
      payload: State,
      decode: said => {
        const values: Values = {}
        for (const [word, value] of Object.entries(said)) {
          const quantity = known.get(word)
          if (quantity !== undefined && (typeof value === 'number' || typeof value === 'boolean')) values[quantity] = Number(value)
        }
        const lux = said.illuminance_lux ?? said.illuminance
        if (typeof lux === 'number') values.illuminance_lux = lux
        const seen = said.occupancy ?? said.presence
        if (typeof seen === 'boolean') values.occupancy = flag(seen)
        // A closed door is contact: true.
        if (typeof said.contact === 'boolean') values.contact_open = flag(!said.contact)
        if (said.state === 'ON' || said.state === 'OFF') values.switch_on = flag(said.state === 'ON')
        // Batteries are told in mV, the mains in V, under one name.
        if (typeof said.voltage === 'number') values.voltage_volts = said.voltage >= 1000 ? tidy(said.voltage / 1000) : said.voltage
        if (said.action && press.test(said.action)) values.button_pressed = 1
        if (said.action && shake.test(said.action)) values.vibration = 1
        const newer = offered(said.update)
        if (newer !== undefined) values.firmware_offered = flag(newer)
        return { values, at: claimedTime(said.last_seen) }
      }
    })
  ],
  measures: [
    ...Object.values(numbers),
    ...Object.values(flags),
    'illuminance_lux',
    'occupancy',
    'contact_open',
    'switch_on',
    'voltage_volts',
    'button_pressed',
    'firmware_offered'
  ],
  examples: [
    {
      name: 'a quiet smoke detector',
      says: { smoke: false, battery_low: false, tamper: false, battery: 97, linkquality: 120, voltage: 3015 },
      means: { smoke_alarm: 0, battery_low: 0, tamper: 0, battery_percent: 97, link_quality: 120, voltage_volts: 3.015 }
    },
    {
      name: 'smoke',
      says: { smoke: true, battery: 97, linkquality: 118 },
      means: { smoke_alarm: 1, battery_percent: 97, link_quality: 118 }
    },
    {
      name: 'a climate sensor',
      source: docs,
      says: { temperature: 27.34, humidity: 44.72 },
      means: { temperature_celsius: 27.34, humidity_percent: 44.72 }
    },
    { name: 'a motion sensor', source: docs, says: { occupancy: true }, means: { occupancy: 1 } },
    { name: 'a button pressed once', source: docs, says: { action: 'single' }, means: { button_pressed: 1 } },
    { name: 'a button let go says nothing new', says: { action: 'release' }, means: { nothing: 'no quantity in it that we know' } },
    {
      name: 'a door that is closed has contact',
      says: { contact: true, device_temperature: 24 },
      means: { contact_open: 0, device_temperature_celsius: 24 }
    },
    { name: 'a door that stands open', says: { contact: false }, means: { contact_open: 1 } },
    {
      name: 'gas, carbon monoxide and water in one detector',
      says: { gas: true, carbon_monoxide: true, co: 120, water_leak: true },
      means: { gas_alarm: 1, carbon_monoxide_alarm: 1, carbon_monoxide_ppm: 120, water_leak: 1 }
    },
    {
      name: 'an air monitor that has not told everything yet',
      says: { co2: 815, pm25: 12, noise: 48, pressure: 1013.2, illuminance: 320, temperature: null, presence: true },
      means: { co2_ppm: 815, pm25_ug_per_m3: 12, sound_db: 48, pressure_hpa: 1013.2, illuminance_lux: 320, occupancy: 1 }
    },
    {
      name: 'a metering plug',
      says: { state: 'ON', power: 42.1, energy: 3.2, voltage: 231, current: 0.18 },
      means: { switch_on: 1, power_watts: 42.1, energy_kwh: 3.2, voltage_volts: 231, current_amperes: 0.18 }
    },
    {
      name: 'a knock, as a vibration sensor tells it',
      says: { action: 'vibration', linkquality: 80 },
      means: { vibration: 1, link_quality: 80 }
    },
    {
      name: 'an old state told again carries the time the device was last heard',
      says: { smoke: true, last_seen: '2026-11-24T15:00:00+08:00' },
      means: { smoke_alarm: 1 },
      at: Date.UTC(2026, 10, 24, 7)
    },
    { name: 'the bridge lost it', topic: '{topic}/availability', says: { state: 'offline' }, means: { online: false } },
    { name: 'an older bridge found it again', topic: '{topic}/availability', says: 'online', means: { online: true } },
    {
      name: 'newer firmware waits for it',
      source: 'zigbee2mqtt 2.7.1 dist/extension/otaUpdate.d.ts, UpdatePayload',
      says: { smoke: false, update: { state: 'available', installed_version: 16777241, latest_version: 16777251 } },
      means: { smoke_alarm: 0, firmware_offered: 1 }
    },
    {
      name: 'none waits',
      says: { linkquality: 90, update: { state: 'idle', installed_version: 16777251, latest_version: 16777251 } },
      means: { link_quality: 90, firmware_offered: 0 }
    },
    { name: 'an update of no known shape costs nothing else', says: { smoke: true, update: 'soon' }, means: { smoke_alarm: 1 } },
    {
      name: 'smoke, and a thermometer that is broken',
      says: { smoke: true, water_leak: false, temperature: 'warm', battery: 97 },
      means: { values: { smoke_alarm: 1 }, misread: '/temperature must be number' }
    },
    {
      name: 'an all-clear that half fits calms nobody',
      says: { smoke: false, temperature: 'warm' },
      means: { unreadable: '/temperature must be number' }
    },
    { name: 'a temperature that is a word', says: { temperature: 'warm' }, means: { unreadable: '/temperature must be number' } }
  ],
  simulate: {
    every_s: 10,
    says: between => ({
      payload: {
        smoke: false,
        temperature: between(19, 24),
        humidity: between(40, 55),
        battery: 97,
        battery_low: false,
        linkquality: Math.round(between(90, 140))
      }
    }),
    momentary: ['action']
  },
  commands: {
    lamp: {
      tell: ({ state }) => ({
        topic: '{topic}/set',
        payload: state === 'blink' ? { state: 'ON', effect: 'blink' } : { state: state === 'on' ? 'ON' : 'OFF' }
      }),
      answers: 'switch_on',
      examples: [
        { name: 'on', source: docs, order: { state: 'on' }, topic: '{topic}/set', says: { state: 'ON' } },
        { name: 'somebody comes', order: { state: 'blink' }, topic: '{topic}/set', says: { state: 'ON', effect: 'blink' } },
        { name: 'off', order: { state: 'off' }, topic: '{topic}/set', says: { state: 'OFF' } }
      ]
    },
    // A warning device keeps no state that it could tell: that it was sent is all there is.
    siren: {
      tell: ({ state, for_s = 30 }) => ({
        topic: '{topic}/set',
        payload: { warning: state === 'off' ? { mode: 'stop', strobe: false } : { mode: 'emergency', strobe: true, duration: for_s } }
      }),
      examples: [
        {
          name: 'ten seconds',
          source: 'zigbee2mqtt.io/devices/HS2WD-E.html',
          order: { state: 'on', for_s: 10 },
          topic: '{topic}/set',
          says: { warning: { mode: 'emergency', strobe: true, duration: 10 } }
        },
        { name: 'quiet', order: { state: 'off' }, topic: '{topic}/set', says: { warning: { mode: 'stop', strobe: false } } }
      ]
    }
  }
})
