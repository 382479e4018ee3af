import fc from 'fast-check'
import t from 'tap'
import { type Resolved, resolve } from '../../devices/common/senml.ts'
import { readingsFrom } from '../../devices/device.ts'
import senml from '../../devices/senml.ts'

const now_s = 1_795_507_200
const records = (pack: unknown): readonly Resolved[] => {
  const resolved = resolve(pack, now_s)
  if ('unreadable' in resolved) throw new Error(resolved.unreadable)
  return resolved.records
}

t.test('base fields and times resolve as RFC 8428 section 4.6 says', async t => {
  const table: readonly (readonly [name: string, pack: unknown, resolved: unknown])[] = [
    ['an empty pack', [], []],
    ['a single value', [{ n: 'a', v: 1 }], [{ n: 'a', t: now_s, v: 1 }]],
    [
      'a base name goes before the name',
      [
        { bn: 'dev:', n: 'a', v: 1 },
        { n: 'b', v: 2 }
      ],
      [
        { n: 'dev:a', t: now_s, v: 1 },
        { n: 'dev:b', t: now_s, v: 2 }
      ]
    ],
    ['a base name alone is a name', [{ bn: 'dev', v: 1 }], [{ n: 'dev', t: now_s, v: 1 }]],
    [
      'a later base name replaces the first',
      [
        { bn: 'x', v: 1 },
        { bn: 'y', v: 2 }
      ],
      [
        { n: 'x', t: now_s, v: 1 },
        { n: 'y', t: now_s, v: 2 }
      ]
    ],
    ['base time and time add', [{ bn: 'a', bt: 1.7e9, t: 5, v: 1 }], [{ n: 'a', t: 1.7e9 + 5, v: 1 }]],
    ['a time below 2^28 is relative', [{ n: 'a', t: -10, v: 1 }], [{ n: 'a', t: now_s - 10, v: 1 }]],
    ['2^28 - 1 still is relative', [{ n: 'a', t: 2 ** 28 - 1, v: 1 }], [{ n: 'a', t: now_s + 2 ** 28 - 1, v: 1 }]],
    ['2^28 is a moment', [{ n: 'a', t: 2 ** 28, v: 1 }], [{ n: 'a', t: 2 ** 28, v: 1 }]],
    [
      'a base unit holds unless a unit is given',
      [
        { bn: 'a', bu: 'Cel', v: 1 },
        { u: 'K', v: 2 }
      ],
      [
        { n: 'a', u: 'Cel', t: now_s, v: 1 },
        { n: 'a', u: 'K', t: now_s, v: 2 }
      ]
    ],
    [
      'a base value is added',
      [{ bn: 'a', bv: 20, v: 1 }, { v: -2 }],
      [
        { n: 'a', t: now_s, v: 21 },
        { n: 'a', t: now_s, v: 18 }
      ]
    ],
    [
      'a base value stands for a missing one',
      [{ bn: 'a', bv: 20, v: 0 }, { n: 'x' }],
      [
        { n: 'a', t: now_s, v: 20 },
        { n: 'ax', t: now_s, v: 20 }
      ]
    ],
    ['a base sum is added', [{ bn: 'a', bs: 100, s: 1 }], [{ n: 'a', t: now_s, s: 101 }]],
    ['a text has no base value', [{ bn: 'a', bv: 20, vs: 'x' }], [{ n: 'a', t: now_s, vs: 'x' }]],
    ['base fields alone make no record', [{ bn: 'a', bt: -5 }, { v: 1 }], [{ n: 'a', t: now_s - 5, v: 1 }]],
    [
      'the result is in the order of time',
      [
        { bn: 'a', t: 0, v: 1 },
        { t: -9, v: 2 }
      ],
      [
        { n: 'a', t: now_s - 9, v: 2 },
        { n: 'a', t: now_s, v: 1 }
      ]
    ],
    ['an unknown label is let pass', [{ n: 'a', v: 1, foo: 'bar', __proto__x: 1 }], [{ n: 'a', t: now_s, v: 1 }]]
  ]
  for (const [name, pack, resolved] of table) t.strictSame(records(pack), resolved, name)
})

t.test('what RFC 8428 forbids is unreadable, with the record named', async t => {
  const table: readonly (readonly [pack: unknown, why: RegExp])[] = [
    [{ n: 'a', v: 1 }, /is a list/],
    [[1], /record 0: is no object/],
    [[{ v: 1 }], /record 0: has no name/],
    [
      [
        { n: 'a', v: 1 },
        { n: '-a', v: 1 }
      ],
      /record 1: its name/
    ],
    [[{ n: 'a b', v: 1 }], /characters/],
    [[{ n: 'a', v: '1' }], /v must be a number/],
    [[{ n: 'a', v: 1, vs: 'x' }], /more than one value/],
    [[{ n: 'a', v: 1, critical_: true }], /critical_ must be understood/],
    [[{ bver: 11, n: 'a', v: 1 }], /newer than 10/],
    [[{ n: 'a', bv: 1e308, v: 1e308 }], /too large/]
  ]
  for (const [pack, why] of table) t.match(resolve(pack, now_s), { unreadable: why })
})

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9\-:./_]{0,12}$/)
const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const record = fc
  .record({
    bn: some(name),
    bt: some(fc.integer({ min: -3600, max: 2e9 })),
    bu: some(fc.constantFrom('Cel', '%RH')),
    bv: some(number),
    bs: some(number),
    n: some(name),
    u: some(fc.constantFrom('K', 'lx')),
    t: some(fc.integer({ min: -3600, max: 3600 })),
    value: fc.oneof(fc.record({ v: number }), fc.record({ vb: fc.boolean() }), fc.record({ vs: fc.string() }), fc.record({ s: number }))
  })
  .map(({ value, ...rest }) => JSON.parse(JSON.stringify({ ...rest, ...value })) as Record<string, unknown>)
const pack = fc.tuple(name, fc.array(record, { maxLength: 12 })).map(([bn, rest]) => [{ bn }, ...rest])

t.test('resolving what is resolved changes nothing', async t => {
  fc.assert(
    fc.property(pack, pack => {
      const once = records(pack)
      t.strictSame(records(once), once)
    }),
    { numRuns: 300 }
  )
})

t.test('a pack says the same with its base fields spelled out in every record', async t => {
  fc.assert(
    fc.property(
      name,
      fc.constantFrom('Cel', 'lx'),
      fc.integer({ min: -3600, max: 0 }),
      fc.array(number, { minLength: 1, maxLength: 8 }),
      (bn, bu, bt, values) => {
        const short = values.map((v, i) => ({ ...(i === 0 && { bn, bu, bt }), n: `x${i}`, v }))
        const long = values.map((v, i) => ({ n: `${bn}x${i}`, u: bu, t: bt, v }))
        t.strictSame(records(short), records(long))
      }
    ),
    { numRuns: 200 }
  )
})

t.test('any JSON at all is resolved or refused, never thrown at', async t => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
      const resolved = resolve(value, now_s)
      const asPack = resolve([value], now_s)
      t.ok(('records' in resolved || resolved.unreadable.length > 0) && ('records' in asPack || asPack.unreadable.length > 0))
    }),
    { numRuns: 300 }
  )
})

t.test('a place in units we have no quantity for becomes no reading', async t => {
  const said = readingsFrom(
    senml,
    { device: 'd', zone: 'z', topic: 'devices/d' },
    'devices/d/telemetry',
    new TextEncoder().encode(
      JSON.stringify([
        { n: 'pos', u: 'lat', v: 60.07 },
        { n: 'smoke', vb: true }
      ])
    ),
    now_s * 1000
  )
  t.match(said, { readings: [{ quantity: 'smoke_alarm', value: 1, at: now_s * 1000 }] })
  t.equal('readings' in said && said.readings.length, 1)
})
