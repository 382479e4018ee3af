import t from 'tap'
import { max_metrics, openSession } from '../../devices/common/sparkplug.ts'
import { encode, type Metrics, meantBy, parse } from '../../devices/common/sparkplug-codec.ts'

const said = (seq: number | undefined, metrics: Metrics): Uint8Array => encode({ metrics, ...(seq !== undefined && { seq }) })
const many = (count: number, from = 0): Metrics =>
  Array.from({ length: count }, (_, i) => ({ name: `m${from + i}`, alias: from + i, type: 'Boolean', value: true }))

t.test('whole numbers keep their sign and their size, and a value of another kind than its datatype is none', async t => {
  const table: readonly (readonly [type: string, value: unknown, meant: unknown])[] = [
    ['Int8', -1, -1],
    ['Int16', -300, -300],
    ['Int32', -70_000, -70_000],
    ['Int64', -5_000_000_000, -5_000_000_000],
    ['UInt8', 255, 255],
    ['UInt32', 4_294_967_295, 4_294_967_295],
    ['UInt64', 2 ** 40, 2 ** 40],
    ['Double', 0.1, 0.1],
    ['Boolean', false, false],
    ['String', 'open', 'open'],
    ['DateTime', 1_795_507_200_000, undefined],
    ['Bytes', Uint8Array.of(1), undefined]
  ]
  for (const [type, value, meant] of table) {
    const payload = parse(said(0, [{ name: 'x', type, value }] as unknown as Metrics))
    const [metric] = 'metrics' in payload ? payload.metrics : []
    t.equal(metric && meantBy(metric, metric.type), meant, type)
    if (metric !== undefined && type === 'Double') t.equal(meantBy(metric, 11), undefined, 'a double is no flag')
  }
})

t.test('the count goes round at 256 and is one gap for one lost message', async t => {
  const { hear } = openSession()
  t.equal(hear('NBIRTH', '', said(250, [])).rebirth, false)
  for (const seq of [251, 252, 253, 254, 255, 0, 1]) t.equal(hear('NDATA', '', said(seq, [])).rebirth, false, `${seq}`)
  t.equal(hear('NDATA', '', said(3, [])).rebirth, true, '2 is missing')
  t.equal(hear('NDATA', '', said(4, [])).rebirth, true, 'until there is a birth')
  t.equal(hear('NBIRTH', '', said(0, [])).rebirth, false)
  t.equal(hear('NDATA', '', said(1, [])).rebirth, false)
  t.equal(hear('NDATA', '', said(undefined, [])).rebirth, true, 'a message without its number')
})

t.test('a birth gives its kind and unit to what is said by number alone, to its own device only', async t => {
  const { hear } = openSession()
  hear('NBIRTH', '', said(0, []))
  const unit = { engUnit: { type: 'String', value: 'kW' } }
  hear('DBIRTH', 'a', said(1, [{ name: 'load', alias: 1, type: 'Int16', value: 0, properties: unit }] as unknown as Metrics))
  hear('DBIRTH', 'b', said(2, []))
  const bare = encode({ seq: 3, metrics: [{ alias: 1, type: 'Int16', value: -2 }] as unknown as Metrics })
  t.match(hear('DDATA', 'a', bare), { said: { records: [{ values: { power_watts: -2000 } }] }, rebirth: false })
  const stolen = encode({ seq: 4, metrics: [{ alias: 1, type: 'Int16', value: 7 }] as unknown as Metrics })
  t.match(hear('DDATA', 'b', stolen), { said: { records: [] }, rebirth: true }, 'another device does not speak by it')
})

t.test('an alarm ends when the last metric that said it ends it, or says that it knows nothing, or is born without it', async t => {
  const { hear } = openSession()
  const smoke = (room: number, value: boolean | null) => ({ name: `Room ${room}/Smoke`, type: 'Boolean', value })
  const tell = (verb: 'DBIRTH' | 'DDATA', seq: number, ...metrics: readonly object[]) => {
    const { said: told } = hear(verb, 'fire', said(seq, metrics as unknown as Metrics))
    return 'records' in told
      ? (told as { records: readonly { values: object }[] }).records.map(({ values }) => Object.values(values)[0])
      : told
  }
  hear('NBIRTH', '', said(0, []))
  t.strictSame(tell('DBIRTH', 1, smoke(1, false), smoke(2, false)), [0, 0])
  t.strictSame(tell('DDATA', 2, smoke(1, true), smoke(2, false)), [1, 1])
  t.strictSame(tell('DDATA', 3, smoke(2, true)), [1])
  t.strictSame(tell('DDATA', 4, smoke(1, false)), [1])
  t.strictSame(tell('DDATA', 5, smoke(2, null)), [])
  t.strictSame(tell('DDATA', 6, smoke(1, false)), [0], 'what knows nothing keeps nothing up')
  t.strictSame(tell('DDATA', 7, smoke(2, true)), [1])
  t.strictSame(tell('DBIRTH', 8, smoke(1, false)), [0])
})

t.test('a number under a name that no birth announced stands for itself: hot, another cool', async t => {
  const { hear } = openSession()
  hear('NBIRTH', '', said(0, []))
  hear('DBIRTH', 'kiln', said(1, []))
  const heat = (seq: number, name: string, value: number) => hear('DDATA', 'kiln', said(seq, [{ name, type: 'Double', value }]))
  t.match(heat(2, 'batch-41/Temperature', 90), { said: { records: [{ values: { temperature_celsius: 90 } }] } })
  t.match(heat(3, 'batch-42/Temperature', 20), { said: { records: [{ values: { temperature_celsius: 20 } }] } })
})

t.test('what a node announces has an end, and a node that announces more is refused and remembered no further', async t => {
  const { hear } = openSession()
  hear('NBIRTH', '', said(0, many(max_metrics - 10)))
  t.match(hear('DBIRTH', 'a', said(1, many(11, 9000))), { said: { unreadable: /more than 5000 metrics/ } })
  t.match(hear('DBIRTH', 'a', said(2, many(10, 9000))), { said: { records: [] } })
  t.match(hear('NBIRTH', '', said(0, many(max_metrics + 1))), { said: { unreadable: /more than/ } })
  t.match(hear('NBIRTH', '', said(0, many(1))), { said: { records: [] }, rebirth: false }, 'a new birth begins anew')
})
