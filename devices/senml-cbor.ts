import { encode } from 'cborg'
import { type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { parseCbor } from './common/cbor.ts'
import { unreadable } from './common/payload.ts'
import { recordsOf } from './common/senml.ts'
import { openStanding } from './common/standing.ts'
import { binary, defineDevice } from './device.ts'

/** The whole numbers CBOR says instead of a label (RFC 8428, section 6); a label it does not know stays a text. */
const labels: ReadonlyMap<unknown, string> = new Map([
  [-1, 'bver'],
  [-2, 'bn'],
  [-3, 'bt'],
  [-4, 'bu'],
  [-5, 'bv'],
  [-6, 'bs'],
  [0, 'n'],
  [1, 'u'],
  [2, 'v'],
  [3, 'vs'],
  [4, 'vb'],
  [5, 's'],
  [6, 't'],
  [7, 'ut'],
  [8, 'vd']
])
const max_records = 1000
const json = ['内容像是 JSON；这个档案读 CBOR', 'the payload looks like JSON; this profile reads CBOR'] as const

/** A record as JSON would have it. Data are bytes here and are not looked into; a number nobody gave a meaning to may be skipped. */
const asJson = (record: unknown): unknown => {
  if (!(record instanceof Map)) return record
  const fields: [string, unknown][] = []
  for (const [key, value] of record as ReadonlyMap<unknown, unknown>) {
    const label = labels.get(key) ?? (typeof key === 'string' ? key : undefined)
    if (label !== undefined) fields.push([label, value instanceof Uint8Array ? '' : value])
  }
  return Object.fromEntries(fields)
}

/** The other way, for the examples and the simulator. */
const pack = (records: readonly Readonly<Record<string, unknown>>[]): Uint8Array => {
  const numbers = new Map([...labels].map(([number, label]) => [label, number]))
  return encode(records.map(record => new Map(Object.entries(record).map(([label, value]) => [numbers.get(label) ?? label, value]))))
}
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

export default defineDevice({
  vendor: 'IETF',
  model: 'SenML in CBOR (RFC 8428)',
  label: { 'zh-CN': 'SenML 设备（CBOR 编码）', en: 'SenML device (CBOR)' },
  topics: (topic, id) => ({
    publish: [topic, `${topic}/telemetry`, `devices/${id}/telemetry`],
    subscribe: [`${topic}/command`, `devices/${id}/command`]
  }),
  messages: () => {
    const standing = openStanding()
    return [
      binary(['devices/{id}/telemetry', '{topic}/telemetry', '{topic}'], (payload, { now }) => {
        // `[{` is no beginning of CBOR that anything could follow.
        if (payload[0] === 0x5b && payload[1] === 0x7b) return unreadable(...json)
        const parsed = parseCbor(payload)
        if ('unreadable' in parsed) return parsed
        if (!Array.isArray(parsed.value)) return unreadable('SenML 应为列表', 'a SenML pack is a list')
        if (parsed.value.length > max_records)
          return unreadable(
            `一次 ${parsed.value.length} 条记录，上限 ${max_records}`,
            `a pack of ${parsed.value.length} records is more than ${max_records}`
          )
        return recordsOf(parsed.value.map(asJson), now, standing)
      })
    ]
  },
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'a temperature and a door, now',
      says: pack([
        { bn: 'urn:dev:ow:10e2073a01080063:', n: 'temp', u: 'Cel', v: 7.1 },
        { n: 'open', vb: false }
      ]),
      means: { records: [{ values: { temperature_celsius: 7.1 } }, { values: { contact_open: 0 } }] }
    },
    {
      name: 'lists without a length, half floats and a decimal fraction, as constrained devices write them',
      // [_ {_ -2: "s:", -3: -5, 0: "temp", 1: "Cel", 2: 21.5 half}, {0: "humidity", 1: "%RH", 2: 4([-1, 405])}]
      says: hex(
        '9f bf 21 62 733a 22 24 00 64 74656d70 01 63 43656c 02 f9 4d60 ff a3 00 68 68756d6964697479 01 63 255248 02 c4 82 20 19 0195 ff'
      ),
      means: {
        records: [
          { values: { temperature_celsius: 21.5 }, at: 1_795_507_195_000 },
          { values: { humidity_percent: 40.5 }, at: 1_795_507_195_000 }
        ]
      }
    },
    {
      name: 'every quantity by our own name',
      says: pack(Object.keys(quantities).map(n => ({ n, v: 1 }))),
      means: { records: Object.keys(quantities).map(quantity => ({ values: { [quantity]: 1 } })) }
    },
    {
      name: 'bytes of a tag and a text only',
      says: pack([
        { n: 'nfc', vd: hex('68 69 0a') },
        { n: 'note', vs: 'x' }
      ]),
      means: { nothing: 'no quantity in it that we know' }
    },
    {
      name: 'the same label twice in one record',
      says: hex('81 a3 00 64 74656d70 02 01 02 02'),
      means: unreadable('内容不是可接受的 CBOR', 'the payload is not CBOR we accept: found repeat map key "2"')
    },
    {
      name: 'JSON on the wire of a CBOR device',
      says: '[{"n":"t","v":1}]',
      means: unreadable(...json)
    }
  ],
  simulate: {
    every_s: 10,
    says: (between, now) => ({
      payload: pack([
        { bn: 'urn:dev:sim:', bt: now / 1000, n: 'temp', u: 'Cel', v: between(19, 23) },
        { n: 'humidity', u: '%RH', v: between(40, 55) }
      ])
    })
  }
})
