import { claimedTime } from './common/time.ts'
import { flag, highest, tidy } from './common/values.ts'
import { defineDevice, message, type Said, type Timed, Type, type Values } from './device.ts'

type Part = Readonly<Record<string, unknown>>
const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const inside = (part: Part, name: string): Part => (isPart(part[name]) ? part[name] : {})

const meters = new Set(['switch', 'light', 'cover', 'pm1', 'em', 'em1', 'emdata', 'em1data'])

/** A relay's or a meter's part: channel 0 speaks for the device, because a notification carries one channel at a time. */
const metered = (values: Values, part: Part): void => {
  if (typeof part.output === 'boolean') values.switch_on = flag(part.output)
  highest(values, 'power_watts', number(part.apower) ?? number(part.act_power) ?? number(part.total_act_power))
  highest(values, 'voltage_volts', number(part.voltage) ?? number(part.a_voltage))
  highest(values, 'current_amperes', number(part.current) ?? number(part.total_current))
  const wh = number(inside(part, 'aenergy').total) ?? number(part.total_act_energy) ?? number(part.total_act)
  highest(values, 'energy_kwh', wh === undefined ? undefined : tidy(wh / 1000))
  highest(values, 'device_temperature_celsius', number(inside(part, 'temperature').tC))
}

/** One component of a status, `switch:0`. Only what changed is told, so what is absent stays as it was. */
const fromPart = (values: Values, component: string, part: Part): void => {
  const [kind = '', index = '0'] = component.split(':')
  if (meters.has(kind) && index === '0') metered(values, part)
  if (kind === 'temperature') highest(values, 'temperature_celsius', number(part.tC))
  if (kind === 'humidity') highest(values, 'humidity_percent', number(part.rh))
  if (kind === 'illuminance') highest(values, 'illuminance_lux', number(part.lux))
  if (kind === 'devicepower') highest(values, 'battery_percent', number(inside(part, 'battery').percent))
  if (kind === 'sys' && isPart(part.available_updates)) values.firmware_offered = flag('stable' in part.available_updates)
  if (kind === 'wifi') highest(values, 'signal_dbm', number(part.rssi))
  if (kind === 'smoke' && typeof part.alarm === 'boolean') highest(values, 'smoke_alarm', flag(part.alarm))
  if (kind === 'flood' && typeof part.alarm === 'boolean') highest(values, 'water_leak', flag(part.alarm))
}

/** Sensors there can be several of: what one says must not hide what another still says. */
const several = new Set(['temperature', 'humidity', 'illuminance', 'smoke', 'flood'])
/** More than any of them carries; a newcomer beyond is heard and not remembered. */
const max_sensors = 40

const newStatus = (): ((parts: Part, at: number | undefined) => Said) => {
  const sensors = new Map<string, Part>()
  return (parts, at) => {
    const values: Values = {}
    for (const [component, part] of Object.entries(parts)) {
      if (!isPart(part)) continue
      fromPart(values, component, part)
      const [kind = ''] = component.split(':')
      if (!several.has(kind)) continue
      if (component.length <= 40 && (sensors.has(component) || sensors.size < max_sensors)) sensors.set(component, part)
      for (const [other, last] of sensors) if (other.startsWith(`${kind}:`)) fromPart(values, other, last)
    }
    return { values, at }
  }
}

/** `btn_down` and `btn_up` come beside every push; only the push itself is one. */
const events = (list: unknown, at: number | undefined): Said => {
  const pushes = (Array.isArray(list) ? list : [])
    .filter(isPart)
    .filter(({ event }) => typeof event === 'string' && /^(single|double|triple|long)_push$/.test(event))
  const records = pushes.map((push): Timed => ({ values: { button_pressed: 1 }, at: claimedTime(push.ts) ?? at }))
  return records.length > 0 ? { records } : { nothing: 'an event that is no push of a button' }
}

/** Its answer to an order comes to the corner that is its own; what counts is the state that it tells of itself. */
const set = (on: boolean, toggle_after?: number) => ({
  topic: '{topic}/rpc',
  payload: { id: 1, src: 'devices/{id}', method: 'Switch.Set', params: { id: 0, on, ...(toggle_after !== undefined && { toggle_after }) } }
})

export default defineDevice({
  vendor: 'Shelly',
  model: 'Gen2 and later',
  label: { 'zh-CN': 'Shelly 二代及以后设备', en: 'Shelly device, second generation and later' },
  topics: topic => ({
    publish: [`${topic}/events/rpc`, `${topic}/status/+`, `${topic}/online`],
    subscribe: [`${topic}/rpc`, `${topic}/command`, `${topic}/command/+`]
  }),
  messages: () => {
    const status = newStatus()
    return [
      { on: ['devices/{id}/rpc'], ignore: 'the answer to an order; its state says what it did' },
      message({ on: ['{topic}/online'], payload: Type.Boolean(), decode: online => ({ online }) }),
      message({
        on: ['{topic}/events/rpc'],
        payload: Type.Object({
          method: Type.String(),
          params: Type.Object({ ts: Type.Optional(Type.Union([Type.Number(), Type.Null()])) })
        }),
        decode: ({ method, params }) => {
          const at = claimedTime(params.ts)
          if (method === 'NotifyStatus' || method === 'NotifyFullStatus') return status(params as Part, at)
          if (method === 'NotifyEvent') return events((params as Part).events, at)
          return { nothing: 'a notification that carries no status' }
        }
      }),
      message({
        on: ['{topic}/status/+'],
        payload: Type.Object({}),
        decode: (part: Part, { tail }) => status({ [tail]: part }, undefined)
      })
    ]
  },
  measures: [
    'switch_on',
    'power_watts',
    'voltage_volts',
    'current_amperes',
    'energy_kwh',
    'device_temperature_celsius',
    'temperature_celsius',
    'humidity_percent',
    'illuminance_lux',
    'battery_percent',
    'signal_dbm',
    'smoke_alarm',
    'water_leak',
    'button_pressed',
    'firmware_offered'
  ],
  examples: [
    {
      name: 'a relay grew warmer, captured in 2024: heard at the station’s time',
      topic: '{topic}/events/rpc',
      source: 'shellyplus1 capture quoted in public code; frame at shelly-api-docs.shelly.cloud/gen2/General/Notifications',
      says: {
        src: 'shellyplus1-441793ab3fb4',
        dst: 'shellyplus1-441793ab3fb4/events',
        method: 'NotifyStatus',
        params: { ts: 1708179956.3, 'switch:0': { id: 0, temperature: { tC: 37.67, tF: 99.81 } } }
      },
      means: { device_temperature_celsius: 37.67 }
    },
    {
      name: 'a relay was switched off a minute ago',
      topic: '{topic}/events/rpc',
      says: { method: 'NotifyStatus', params: { ts: 1795507140.5, 'switch:0': { id: 0, output: false, source: 'HTTP_in' } } },
      means: { switch_on: 0 },
      at: 1_795_507_140_500
    },
    {
      name: 'smoke',
      topic: '{topic}/events/rpc',
      says: { method: 'NotifyStatus', params: { ts: 1795507199, 'smoke:0': { id: 0, alarm: true, mute: false } } },
      means: { smoke_alarm: 1 },
      at: 1_795_507_199_000
    },
    {
      name: 'a battery sensor woke up, its clock not set',
      topic: '{topic}/events/rpc',
      source: 'shape of a Shelly Plus H&T status, gist.github.com/NelsonMinar/494a0f53785c20290b395639548349fa',
      says: {
        method: 'NotifyFullStatus',
        params: {
          ts: null,
          'devicepower:0': { id: 0, battery: { V: 5.1, percent: 88 } },
          'humidity:0': { id: 0, rh: 42.2 },
          'temperature:0': { id: 0, tC: 19.8, tF: 67.6 },
          'illuminance:0': { id: 0, lux: 12 },
          'flood:0': { id: 0, alarm: false },
          wifi: { rssi: -61 }
        }
      },
      means: { battery_percent: 88, humidity_percent: 42.2, temperature_celsius: 19.8, illuminance_lux: 12, water_leak: 0, signal_dbm: -61 }
    },
    {
      name: 'two pushes in one notification; going down and up is neither',
      topic: '{topic}/events/rpc',
      says: {
        method: 'NotifyEvent',
        params: {
          ts: 1795507190,
          events: [
            { component: 'input:0', id: 0, event: 'btn_down', ts: 1795507188 },
            { component: 'input:0', id: 0, event: 'single_push', ts: 1795507189 },
            { component: 'input:0', id: 0, event: 'long_push', ts: 1795507190 }
          ]
        }
      },
      means: {
        records: [
          { values: { button_pressed: 1 }, at: 1_795_507_189_000 },
          { values: { button_pressed: 1 }, at: 1_795_507_190_000 }
        ]
      }
    },
    {
      name: 'events that are a list and an object that cannot be shown as a text',
      topic: '{topic}/events/rpc',
      says: { method: 'NotifyEvent', params: { events: [{ event: ['single_push'] }, { event: { toString: 1, valueOf: 1 } }] } },
      means: { nothing: 'an event that is no push of a button' }
    },
    {
      name: 'the colder of its two probes speaks: the hotter one still is hot',
      after: [{ topic: '{topic}/status/temperature:100', says: { id: 100, tC: 81.5 } }],
      topic: '{topic}/events/rpc',
      says: { method: 'NotifyStatus', params: { ts: 1795507199, 'temperature:101': { id: 101, tC: 22.1 } } },
      means: { temperature_celsius: 81.5 },
      at: 1_795_507_199_000
    },
    {
      name: 'a stable release waits for it; a beta would not count',
      topic: '{topic}/events/rpc',
      source: 'shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Sys, status',
      says: {
        method: 'NotifyStatus',
        params: { ts: 1795507199, sys: { available_updates: { stable: { version: '1.4.4' }, beta: { version: '1.5.0-beta1' } } } }
      },
      means: { firmware_offered: 1 },
      at: 1_795_507_199_000
    },
    {
      name: 'only a button let go',
      topic: '{topic}/events/rpc',
      says: { method: 'NotifyEvent', params: { ts: 1795507190, events: [{ component: 'input:0', event: 'btn_up' }] } },
      means: { nothing: 'an event that is no push of a button' }
    },
    {
      name: 'the status of a metering relay',
      topic: '{topic}/status/switch:0',
      says: {
        id: 0,
        output: true,
        apower: 61.2,
        voltage: 229.8,
        current: 0.27,
        aenergy: { total: 1532.1 },
        temperature: { tC: 41.5, tF: 106.7 }
      },
      means: {
        switch_on: 1,
        power_watts: 61.2,
        voltage_volts: 229.8,
        current_amperes: 0.27,
        energy_kwh: 1.5321,
        device_temperature_celsius: 41.5
      }
    },
    {
      name: 'its second relay does not speak for it',
      topic: '{topic}/status/switch:1',
      says: { id: 1, output: true },
      means: { nothing: 'no quantity in it that we know' }
    },
    {
      name: 'it has connected',
      topic: '{topic}/online',
      says: true,
      source: 'shellyplus1 capture quoted in public code',
      means: { online: true }
    },
    { name: 'its last will', topic: '{topic}/online', says: false, means: { online: false } },
    {
      name: 'a notification without parameters',
      topic: '{topic}/events/rpc',
      says: { method: 'NotifyStatus' },
      means: { unreadable: 'it must have required properties params' }
    }
  ],
  simulate: {
    every_s: 20,
    says: (between, now) => ({
      topic: '{topic}/events/rpc',
      payload: {
        method: 'NotifyStatus',
        params: {
          ts: now / 1000,
          'switch:0': { id: 0, output: true, apower: between(40, 80), voltage: between(226, 234), temperature: { tC: between(38, 42) } }
        }
      }
    })
  },
  commands: {
    lamp: {
      tell: ({ state }) => set(state !== 'off'),
      answers: 'switch_on',
      examples: [
        {
          name: 'on',
          source: 'shelly-api-docs.shelly.cloud/gen2/General/RPCProtocol',
          order: { state: 'on' },
          topic: '{topic}/rpc',
          says: { id: 1, src: 'devices/{id}', method: 'Switch.Set', params: { id: 0, on: true } }
        }
      ]
    },
    siren: {
      tell: ({ state, for_s }) => set(state !== 'off', state === 'off' ? undefined : for_s),
      answers: 'switch_on',
      examples: [
        {
          name: 'off again by itself',
          order: { state: 'on', for_s: 30 },
          topic: '{topic}/rpc',
          says: { id: 1, src: 'devices/{id}', method: 'Switch.Set', params: { id: 0, on: true, toggle_after: 30 } }
        },
        {
          name: 'quiet',
          order: { state: 'off' },
          topic: '{topic}/rpc',
          says: { id: 1, src: 'devices/{id}', method: 'Switch.Set', params: { id: 0, on: false } }
        }
      ]
    }
  }
})
