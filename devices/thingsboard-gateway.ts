import { type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { unreadable } from './common/payload.ts'
import { openStanding } from './common/standing.ts'
import { claimedTime } from './common/time.ts'
import { everyQuantity } from './common/values.ts'
import { valuesOf } from './common/words.ts'
import { defineDevice, message, type Said, Type } from './device.ts'

const docs = 'form of thingsboard.io/docs/reference/gateway-mqtt-api, values ours'
/** One message for more devices than this, or a longer name, is no gateway of a station. */
const max_devices = 100
const max_name = 100

const of = (...parts: readonly (readonly [name: string, said: Said])[]) => ({
  behind: parts.map(([name, said]) => ({ topic: `{topic}/devices/${name}`, said }))
})
const One = Type.Object({ device: Type.String({ minLength: 1, maxLength: max_name }) })
const Fields = Type.Record(Type.String(), Type.Unknown())
const isFields = (said: unknown): said is Readonly<Record<string, unknown>> =>
  typeof said === 'object' && said !== null && !Array.isArray(said)
const enrolled = (topic: string, name: string): string => `${topic.replace(/\/[^/]*$/, '')}/devices/${name}`

/**
 * A ThingsBoard gateway is enrolled with the topic `v1/gateway` and is the bridge of the devices it names,
 * `v1/gateway/devices/<name>`, which have this profile too. One message speaks for many.
 */
export default defineDevice({
  vendor: 'ThingsBoard',
  model: 'IoT Gateway',
  label: { 'zh-CN': 'ThingsBoard 网关及其设备', en: 'ThingsBoard gateway and its devices' },
  bridge: true,
  topics: topic => ({ publish: [`${topic}/#`], subscribe: [`${topic}/#`] }),
  messages: () => {
    const standing = openStanding()
    return [
      message({
        on: ['{topic}/telemetry'],
        payload: Type.Record(Type.String(), Type.Array(Fields, { maxItems: 1000 })),
        decode: (said, { topic, now }) => {
          const parts = Object.entries(said)
          if (parts.length > max_devices)
            return unreadable(
              `一条消息替 ${parts.length} 个设备说话，上限 ${max_devices}`,
              `it speaks for ${parts.length} devices, limit ${max_devices}`
            )
          if (parts.some(([name]) => name.length === 0 || name.length > max_name))
            return unreadable(`设备名称应为 1 到 ${max_name} 个字符`, `the name of a device has 1 to ${max_name} characters`)
          // A record is `{ts, values}`, or the values alone.
          const records = (device: string, list: readonly Readonly<Record<string, unknown>>[]): Said => ({
            records: list.map(({ ts, values, ...bare }) =>
              valuesOf(isFields(values) ? values : bare, standing, device, claimedTime(ts), now)
            )
          })
          return { behind: parts.map(([name, list]) => ({ topic: enrolled(topic, name), said: records(name, list) })) }
        }
      }),
      message({
        on: ['{topic}/connect'],
        payload: One,
        decode: ({ device }, { topic }) => ({ behind: [{ topic: enrolled(topic, device), said: { online: true } }] })
      }),
      message({
        on: ['{topic}/disconnect'],
        payload: One,
        decode: ({ device }, { topic }) => ({ behind: [{ topic: enrolled(topic, device), said: { online: false } }] })
      }),
      { on: ['{topic}/#'], ignore: 'attributes describe a device, and answers are for ThingsBoard' }
    ]
  },
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'two devices in one message, one of them with what it kept',
      topic: '{topic}/telemetry',
      source: docs,
      says: {
        'Device A': [
          { ts: 1795507140000, values: { temperature: 21.5, humidity: 40 } },
          { ts: 1795507150000, values: { temperature: 22 } }
        ],
        'Device B': [{ ts: 1795507150000, values: { smoke: true, power: 60.5, model: 'x' } }]
      },
      means: of(
        [
          'Device A',
          {
            records: [
              { values: { temperature_celsius: 21.5, humidity_percent: 40 }, at: 1_795_507_140_000 },
              { values: { temperature_celsius: 22 }, at: 1_795_507_150_000 }
            ]
          }
        ],
        ['Device B', { values: { smoke_alarm: 1, power_watts: 60.5 }, at: 1_795_507_150_000 }]
      )
    },
    {
      name: 'one head is clear; the other, told before, still sees smoke, and the device beside has its own',
      after: [{ topic: '{topic}/telemetry', says: { 'Device A': [{ north: { smoke: true }, south: { smoke: true } }] } }],
      topic: '{topic}/telemetry',
      says: { 'Device A': [{ south: { smoke: false } }], 'Device B': [{ south: { smoke: false } }] },
      means: of(['Device A', { smoke_alarm: 1 }], ['Device B', { smoke_alarm: 0 }])
    },
    {
      name: 'values without a time are now',
      topic: '{topic}/telemetry',
      says: { 'Device A': [{ temperature: 21.5 }] },
      means: of(['Device A', { temperature_celsius: 21.5 }])
    },
    {
      name: 'every quantity by our own name',
      topic: '{topic}/telemetry',
      says: { 'Device A': [everyQuantity] },
      means: of(['Device A', everyQuantity])
    },
    {
      name: 'a device came',
      topic: '{topic}/connect',
      source: docs,
      says: { device: 'Device A' },
      means: of(['Device A', { online: true }])
    },
    {
      name: 'a device went',
      topic: '{topic}/disconnect',
      source: docs,
      says: { device: 'Device A' },
      means: of(['Device A', { online: false }])
    },
    {
      name: 'attributes',
      topic: '{topic}/attributes',
      says: { 'Device A': { temperature: 99, firmware: '1.2' } },
      means: { nothing: 'attributes describe a device, and answers are for ThingsBoard' }
    },
    {
      name: 'numbers that are texts',
      topic: '{topic}/telemetry',
      says: { 'Device A': [{ values: { temperature: '21.5', smoke: 'false' } }] },
      means: of(['Device A', unreadable('smoke_alarm 应为 true 或 false、1 或 0', 'smoke_alarm is true or false, 1 or 0')])
    },
    {
      name: 'smoke beside a device without a list',
      topic: '{topic}/telemetry',
      says: { 'Device A': [{ smoke: true, power: 60.5 }], 'Device B': { power: 1 } },
      means: { ...of(['Device A', { smoke_alarm: 1 }]), misread: '/Device B must be array' }
    },
    {
      name: 'a device without a list',
      topic: '{topic}/telemetry',
      says: { 'Device A': { temperature: 21.5 } },
      means: { unreadable: '/Device A must be array' }
    }
  ]
})
