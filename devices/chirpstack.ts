import { type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { misread } from './common/payload.ts'
import { openStanding } from './common/standing.ts'
import { claimedTime } from './common/time.ts'
import { everyQuantity, highest } from './common/values.ts'
import { valuesOf } from './common/words.ts'
import { defineDevice, message, type Said, Type } from './device.ts'

const docs = 'chirpstack/chirpstack-docs src/chirpstack/integrations/events.md @5ab575f66004'
const event = (kind: string): string => `{topic}/+/device/+/event/${kind}`
const eui = '17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101'
const of = (said: Said) => ({ behind: [{ topic: `{topic}/${eui}`, said }] })
const example = (kind: string): string => `{topic}/${eui}/event/${kind}`

/** An event is told below the topic that the device is enrolled with, `application/<id>/device/<EUI>`. */
const behind = (topic: string, said: Said) => ({ behind: [{ topic: topic.replace(/\/event\/[^/]*$/, ''), said }] })
const Time = Type.Optional(Type.Union([Type.String(), Type.Null()]))

/**
 * A ChirpStack server is enrolled with the topic `application` and is the bridge of its LoRaWAN devices, which have this profile too.
 * What a device measures is what the codec of its device profile there says; bytes without a codec stay closed.
 */
export default defineDevice({
  vendor: 'ChirpStack',
  model: 'v4',
  label: { 'zh-CN': 'ChirpStack v4 服务器及其 LoRaWAN 设备', en: 'ChirpStack v4 server and its LoRaWAN devices' },
  bridge: true,
  topics: topic => ({ publish: [`${topic}/+/device/+/event/+`], subscribe: [`${topic}/+/device/+/command/+`] }),
  messages: () => {
    const standing = openStanding()
    return [
      message({
        on: [event('up')],
        payload: Type.Object({
          time: Time,
          object: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
          rxInfo: Type.Optional(Type.Array(Type.Object({ rssi: Type.Optional(Type.Number()) }), { maxItems: 100 }))
        }),
        decode: ({ object, time, rxInfo = [] }, { topic, now }) => {
          if (object === undefined || object === null)
            return behind(topic, { nothing: 'bytes without meaning: its device profile in ChirpStack has no codec' })
          const said = valuesOf(object, standing, topic, claimedTime(time), now)
          for (const { rssi } of rxInfo) highest(said.values, 'signal_dbm', rssi)
          return behind(topic, said)
        }
      }),
      message({
        on: [event('status')],
        payload: Type.Object({
          time: Time,
          batteryLevel: Type.Optional(Type.Number()),
          batteryLevelUnavailable: Type.Optional(Type.Boolean()),
          externalPowerSource: Type.Optional(Type.Boolean())
        }),
        decode: ({ time, batteryLevel, batteryLevelUnavailable, externalPowerSource }, { topic }) =>
          // 0 stands beside both flags, and for a device that did not say.
          batteryLevel === undefined || batteryLevel === 0 || batteryLevelUnavailable === true || externalPowerSource === true
            ? behind(topic, { nothing: 'a status without a battery level' })
            : behind(topic, { values: { battery_percent: batteryLevel }, at: claimedTime(time) })
      }),
      message({ on: [event('join')], payload: Type.Object({}), decode: (_, { topic }) => behind(topic, { online: true }) }),
      { on: [event('+')], ignore: 'ChirpStack speaks of the way and not of what was measured' }
    ]
  },
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'a climate sensor, heard by two gateways; the time has nanoseconds',
      topic: example('up'),
      says: {
        time: '2026-11-24T07:59:15.775023242+00:00',
        deviceInfo: { deviceName: 'hall-1', devEui: '0101010101010101' },
        fPort: 2,
        data: 'AQ==',
        object: { temperature: 21.5, humidity: 40, battery: 92, setpoint_temperature: 60 },
        rxInfo: [
          { gatewayId: '0016c001f153a14c', rssi: -97, snr: 3 },
          { gatewayId: '0016c001f153a14d', rssi: -71, snr: 9 }
        ]
      },
      means: of({
        values: { temperature_celsius: 21.5, humidity_percent: 40, battery_percent: 92, signal_dbm: -71 },
        at: Date.UTC(2026, 10, 24, 7, 59, 15, 775)
      })
    },
    {
      name: 'words instead of flags, volts that are no percentage, and a flag that is a text',
      topic: example('up'),
      says: { object: { door: 'open', leak: 'normal', button: 'short press', battery: 3.6, tamper: 'false', smoke: 'true' } },
      // Nobody hears of that smoke, so somebody has to see it.
      means: of({
        values: { contact_open: 1, water_leak: 0, button_pressed: 1 },
        ...misread('smoke_alarm 应为 true 或 false、1 或 0', 'smoke_alarm is true or false, 1 or 0')
      })
    },
    {
      name: 'one head of a detector is clear; the other, told before, still sees smoke',
      after: [{ topic: example('up'), says: { object: { north: { smoke: true }, south: { smoke: true } } } }],
      topic: example('up'),
      says: { object: { south: { smoke: false } } },
      means: of({ smoke_alarm: 1 })
    },
    {
      name: 'every quantity by our own name',
      topic: example('up'),
      says: { object: everyQuantity },
      means: of(everyQuantity)
    },
    {
      name: 'no codec',
      topic: example('up'),
      source: docs,
      says: { time: '2022-07-18T09:34:15.775023242+00:00', devAddr: '00189440', dr: 1, fPort: 1, data: 'qg==', rxInfo: [{ rssi: -36 }] },
      means: of({ nothing: 'bytes without meaning: its device profile in ChirpStack has no codec' })
    },
    {
      name: 'its battery',
      topic: example('status'),
      source: `${docs}, its time moved to this year`,
      says: { time: '2026-11-24T07:35:06.927172638+00:00', margin: 10, batteryLevel: 88.3 },
      means: of({ values: { battery_percent: 88.3 }, at: Date.UTC(2026, 10, 24, 7, 35, 6, 927) })
    },
    {
      name: 'a device on the mains has no battery to be low',
      topic: example('status'),
      says: { margin: 10, externalPowerSource: true, batteryLevelUnavailable: false, batteryLevel: 0 },
      means: of({ nothing: 'a status without a battery level' })
    },
    {
      name: 'a device that cannot tell its battery',
      topic: example('status'),
      says: { margin: 10, externalPowerSource: false, batteryLevelUnavailable: true, batteryLevel: 255 },
      means: of({ nothing: 'a status without a battery level' })
    },
    { name: 'it joined', topic: example('join'), says: { devAddr: '00189440' }, means: of({ online: true }) },
    {
      name: 'a log line',
      topic: example('log'),
      says: { level: 'ERROR', code: 'UPLINK_CODEC' },
      means: { nothing: 'ChirpStack speaks of the way and not of what was measured' }
    },
    {
      name: 'an object that is a list',
      topic: example('up'),
      says: { object: [21.5] },
      means: { unreadable: '/object must be object' }
    }
  ]
})
