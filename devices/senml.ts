import { type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { misread } from './common/payload.ts'
import { recordsOf } from './common/senml.ts'
import { openStanding } from './common/standing.ts'
import { defineDevice, message, Type } from './device.ts'

const rfc = 'RFC 8428 section 5.1.2, as quoted in a public test; draft senml data-ct'

export default defineDevice({
  vendor: 'IETF',
  model: 'SenML (RFC 8428)',
  label: { 'zh-CN': 'SenML 设备（RFC 8428）', en: 'SenML device (RFC 8428)' },
  topics: (topic, id) => ({
    publish: [topic, `${topic}/telemetry`, `devices/${id}/telemetry`],
    subscribe: [`${topic}/command`, `devices/${id}/command`]
  }),
  messages: () => {
    const standing = openStanding()
    return [
      message({
        on: ['devices/{id}/telemetry', '{topic}/telemetry', '{topic}'],
        payload: Type.Array(Type.Unknown(), { maxItems: 1000 }),
        decode: (pack, { now }) => recordsOf(pack, now, standing)
      })
    ]
  },
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'a temperature, a door and something unreadable to us, now',
      source: rfc,
      says: [
        { bn: 'urn:dev:ow:10e2073a01080063:', n: 'temp', u: 'Cel', v: 7.1 },
        { n: 'open', vb: false },
        { n: 'nfc-reader', vd: 'aGkgCg' }
      ],
      means: { records: [{ values: { temperature_celsius: 7.1 } }, { values: { contact_open: 0 } }] }
    },
    {
      name: 'a series told late, places left out',
      source: `${rfc}, its base time moved to this year`,
      says: [
        { bn: 'urn:dev:ow:10e2073a01080063:', bt: 1795507000, bu: '%RH', v: 20 },
        { u: 'lon', v: 24.30621 },
        { t: 60, v: 20.3 },
        { u: '%EL', t: 150, v: 98 }
      ],
      means: {
        records: [
          { values: { humidity_percent: 20 }, at: 1_795_507_000_000 },
          { values: { humidity_percent: 20.3 }, at: 1_795_507_060_000 },
          { values: { battery_percent: 98 }, at: 1_795_507_150_000 }
        ]
      }
    },
    {
      name: 'units that are not ours, five seconds ago',
      says: [
        { bn: 'plant/', bt: -5 },
        { n: 't', u: 'K', v: 300 },
        { n: 'p', u: 'Pa', v: 101325 },
        { n: 'e', u: 'J', v: 7.2e6 },
        { n: 'co2', u: 'ppm', v: 640 },
        { n: 'people', u: 'count', v: 12 }
      ],
      means: {
        records: [
          { values: { temperature_celsius: 26.85 }, at: 1_795_507_195_000 },
          { values: { pressure_hpa: 1013.25 }, at: 1_795_507_195_000 },
          { values: { energy_kwh: 2 }, at: 1_795_507_195_000 },
          { values: { co2_ppm: 640 }, at: 1_795_507_195_000 },
          { values: { people_count: 12 }, at: 1_795_507_195_000 }
        ]
      }
    },
    {
      name: 'two smoke heads in one pack: the one that sees smoke is heard',
      says: [
        { bn: 'hall:', n: 'north:smoke', vb: true },
        { n: 'south:smoke', vb: false },
        { n: 'temp', u: 'Cel', v: 20 },
        { n: 'temp', u: 'Cel', v: 21, t: -60 }
      ],
      means: {
        records: [
          { values: { temperature_celsius: 21 }, at: 1_795_507_140_000 },
          { values: { smoke_alarm: 1 } },
          { values: { temperature_celsius: 20 } }
        ]
      }
    },
    {
      name: 'one smoke head is clear in a message of its own; the other, heard before, still sees smoke',
      after: [{ says: [{ n: 'hall:north:smoke', vb: true }] }],
      says: [{ n: 'hall:south:smoke', vb: false }],
      means: { smoke_alarm: 1 }
    },
    {
      name: 'the head that saw smoke is clear',
      after: [{ says: [{ n: 'hall:north:smoke', vb: true }] }, { says: [{ n: 'hall:south:smoke', vb: false }] }],
      says: [{ n: 'hall:north:smoke', vb: false }],
      means: { smoke_alarm: 0 }
    },
    {
      name: 'every quantity by our own name',
      says: Object.keys(quantities).map(n => ({ n, v: 1 })),
      means: { records: Object.keys(quantities).map(quantity => ({ values: { [quantity]: 1 } })) }
    },
    {
      name: 'smoke said in a word that is none, beside heat',
      says: [
        { n: 'smoke', vs: 'yes' },
        { n: 'temp', u: 'Cel', v: 70 }
      ],
      means: {
        values: { temperature_celsius: 70 },
        ...misread('smoke_alarm 应为 true 或 false、1 或 0', 'smoke_alarm is true or false, 1 or 0')
      }
    },
    {
      name: 'smoke beside a number that is a word',
      says: [
        { bn: 'hall:', n: 'temp', u: 'Cel', v: 'err' },
        { n: 'smoke', vb: true },
        { n: 'humidity', u: '%RH', v: 40 }
      ],
      means: { values: { smoke_alarm: 1 }, misread: 'record 0: v must be a number' }
    },
    { name: 'only a name that tells nothing', says: [{ n: 'x', vs: 'hello' }], means: { nothing: 'no quantity in it that we know' } },
    { name: 'a record without a name', says: [{ v: 1 }], means: { unreadable: 'record 0: has no name' } }
  ],
  simulate: {
    every_s: 10,
    says: (between, now) => ({
      payload: [
        { bn: 'urn:dev:sim:', bt: now / 1000, n: 'temp', u: 'Cel', v: between(19, 23) },
        { n: 'humidity', u: '%RH', v: between(40, 55) },
        { n: 'light', u: 'lx', v: between(200, 500) }
      ]
    })
  }
})
