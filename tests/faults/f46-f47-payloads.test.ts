import fc from 'fast-check'
import t from 'tap'
import { quote } from '../../devices/common/payload.ts'
import { claimedTime } from '../../devices/common/time.ts'
import { type DeviceProfile, fill, type Listened, readingsFrom, waysOf } from '../../devices/device.ts'
import { loadFolder } from '../../edge/load.ts'

const profiles = await loadFolder<DeviceProfile>(new URL('../../devices/', import.meta.url), ['device', 'simulate'])
const now = Date.UTC(2026, 10, 24, 8)
const own = { id: 'd-1', topic: 'own-1' }
const text = new TextEncoder()

const hear = (profile: DeviceProfile, topic: string, payload: Uint8Array): Listened =>
  readingsFrom(profile, { device: own.id, zone: 'z-1', topic: own.topic }, topic, payload, now)
const telemetry = (payload: string | Uint8Array): Listened =>
  hear(profiles.get('json') as DeviceProfile, 'devices/d-1/telemetry', typeof payload === 'string' ? text.encode(payload) : payload)
const topicsOf = (profile: DeviceProfile): readonly string[] =>
  [...new Set(waysOf(profile).flatMap(({ on }) => on))].map(on => fill(on, own).replace('+', 'switch:0').replace('#', 'event'))

/** [F46]: name, bytes, and why it cannot be read; without a reason it is understood. */
const corpus: readonly (readonly [name: string, payload: Uint8Array, why?: RegExp])[] = [
  ['nothing', new Uint8Array(0), /empty/],
  ['1e400', text.encode('{"temperature_celsius": 1e400}'), /too large/],
  ['-1e400 deep inside', text.encode('{"a": [[{"b": -1e400}]]}'), /too large/],
  ['NaN', text.encode('{"temperature_celsius": NaN}'), /not JSON/],
  ['Infinity', text.encode('{"temperature_celsius": Infinity}'), /not JSON/],
  ['-0', text.encode('{"temperature_celsius": -0}')],
  ['2^53 + 1', text.encode('{"people_count": 9007199254740993}')],
  ['a string of 1 MB', text.encode(`{"temperature_celsius": "${'x'.repeat(2 ** 20)}"}`), /1048603 bytes, limit 65536/],
  ['500 000 brackets', text.encode('['.repeat(500_000)), /bytes, limit/],
  ['60 000 brackets', text.encode('['.repeat(60_000)), /nested deeper than 32/],
  ['33 levels', text.encode(`{"temperature_celsius": 1, "x": ${'['.repeat(32)}${']'.repeat(32)}}`), /nested deeper than 32/],
  ['32 levels', text.encode(`{"temperature_celsius": 1, "x": ${'['.repeat(31)}${']'.repeat(31)}}`)],
  ['brackets in a string', text.encode(`{"temperature_celsius": 1, "x": "\\"${'['.repeat(1000)}"}`)],
  ['the same key twice', text.encode('{"temperature_celsius": 20, "temperature_celsius": 21}')],
  ['__proto__', text.encode('{"__proto__": {"temperature_celsius": 99, "polluted": 1}, "temperature_celsius": 20}')],
  ['constructor', text.encode('{"constructor": {"prototype": {"polluted": 1}}, "toString": 1, "temperature_celsius": 20}')],
  ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, ...text.encode('{"temperature_celsius": 20}')), /byte order mark/],
  ['UTF-16 with a mark', Uint8Array.of(0xff, 0xfe, ...Buffer.from('{"temperature_celsius": 20}', 'utf16le')), /UTF-16/],
  ['UTF-16 without', new Uint8Array(Buffer.from('{"temperature_celsius": 20}', 'utf16le')), /UTF-16/],
  ['broken UTF-8', Uint8Array.of(...text.encode('{"x": "'), 0xc3, 0x28, ...text.encode('", "temperature_celsius": 20}')), /UTF-8/],
  ['half of a pair', Uint8Array.of(...text.encode('{"x": "'), 0xed, 0xa0, 0x80, ...text.encode('"}')), /UTF-8/],
  ['raw CR LF in a string', text.encode('{"temperature_celsius": "a\r\nb"}'), /not JSON/],
  ['escaped CR LF', text.encode('{"temperature_celsius": "\\r\\n"}'), /must be a number/],
  ['ANSI colours', text.encode('\u001b[31m{"temperature_celsius": 20}'), /not JSON/],
  ['an emoji', text.encode('{"temperature_celsius": "🔥"}'), /must be a number/],
  ['broken JSON', text.encode('{"temperature_celsius": 20'), /not JSON/],
  ['a bare null', text.encode('null'), /must/],
  ['a bare number', text.encode('42'), /must/]
]

t.test('every payload of the corpus is understood or refused with its reason [F46]', async t => {
  for (const [name, payload, why] of corpus) {
    const heard = telemetry(payload)
    if (why !== undefined) t.match(heard, { unreadable: why }, name)
    else t.ok('readings' in heard && heard.readings.length === 1, name)
  }
})

t.test('no profile throws at any payload of the corpus, on any of its topics', async t => {
  for (const [name, profile] of profiles)
    for (const topic of [...topicsOf(profile), 'own-1/else', 'devices/d-1/telemetry'])
      for (const [what, payload] of corpus) {
        const heard = hear(profile, topic, payload)
        if (
          !(
            'readings' in heard ||
            'nothing' in heard ||
            'online' in heard ||
            'behind' in heard ||
            'announces' in heard ||
            heard.unreadable.length > 0
          )
        )
          t.fail(`${name} on ${topic} at ${what}`)
      }
  t.pass('none threw')
})

t.test('minus nothing is nothing, the last of two keys counts', async t => {
  const value = (payload: string): number | undefined => {
    const heard = telemetry(payload)
    return 'readings' in heard ? heard.readings[0]?.value : undefined
  }
  t.ok(Object.is(value('{"temperature_celsius": -0}'), 0))
  t.equal(value('{"temperature_celsius": 20, "temperature_celsius": 21}'), 21)
  t.equal(value('{"__proto__": {"temperature_celsius": 99}, "temperature_celsius": 20}'), 20)
  t.equal(({} as Record<string, unknown>).polluted, undefined)
})

t.test('more people than the world holds is heard with a doubt', async t => {
  t.match(telemetry('{"people_count": 9007199254740993}'), { readings: [{ quality: 'suspect', doubt: 'implausible_value' }] })
})

t.test('a quote is one printable line of at most 200 characters [R44]', async t => {
  const nasty = quote(`\u001b[31mred\r\n2026-11-24 forged line\u202E\u2028\u0000😀${'🔥'.repeat(1000)}`)
  t.match(nasty, /^·\[31mred··2026-11-24 forged line···😀🔥/)
  t.equal([...nasty].length, 200)
  t.notMatch(quote(Uint8Array.of(0xff, 0x1b, 0x0a, 0x41)), /\p{Cc}/u)
})

t.test('random bytes and random JSON never throw, and no reading is ever without a finite value', async t => {
  const all = [...profiles.values()].flatMap(profile => topicsOf(profile).map(topic => ({ profile, topic })))
  const keys = fc.constantFrom(
    'temperature',
    'smoke',
    'action',
    'params',
    'method',
    'ts',
    'AM2301',
    'ENERGY',
    'Power',
    'bn',
    'n',
    'v',
    'bt',
    'quantity',
    'value',
    'readings',
    'at',
    '__proto__',
    'events',
    'StatusSNS',
    'Button1',
    'last_seen'
  )
  const json = fc.letrec<{ any: unknown }>(tie => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom(1e308, -1, 'NotifyStatus', 'NotifyEvent', 'single'),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(keys, tie('any'), { maxKeys: 6 })
    )
  })).any
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    json.map(value => text.encode(JSON.stringify(value)))
  )
  fc.assert(
    fc.property(fc.constantFrom(...all), payload, ({ profile, topic }, payload) => {
      const heard = hear(profile, topic, payload)
      return (
        !('readings' in heard) ||
        heard.readings.every(r => Number.isFinite(r.value) && Number.isFinite(r.at) && Math.abs(r.at - now) < 8 * 24 * 3_600_000)
      )
    }),
    { numRuns: 3000 }
  )
  t.pass('3000 payloads')
})

t.test('times in seconds, ms, µs and ns are one time; absurd ones are doubted and heard at the station’s time [F22, F47]', async t => {
  const at = now - 60_000
  const s = at / 1000
  for (const said of [
    s,
    at,
    at * 1e3,
    at * 1e6,
    String(s),
    '2026-11-24T07:59:00Z',
    '2026-11-24T15:59:00+08:00',
    '2026-11-24t07:59:00.000z'
  ])
    t.match(
      telemetry(JSON.stringify({ temperature_celsius: 20, at: said })),
      { readings: [{ value: 20, at, quality: 'good' }] },
      String(said)
    )
  for (const said of [
    0,
    -1,
    4_070_908_800,
    '1970-01-01T00:00:00Z',
    '2099-01-01T00:00:00Z',
    'yesterday',
    '2026-13-45T99:99:99Z',
    s + 3600,
    true,
    {}
  ])
    t.match(
      telemetry(JSON.stringify({ temperature_celsius: 20, at: said })),
      { readings: [{ value: 20, at: now, quality: 'suspect', doubt: 'device_clock' }] },
      JSON.stringify(said)
    )
  for (const said of [null, '', '2019-01-01T00:00:00'])
    t.match(
      telemetry(JSON.stringify({ temperature_celsius: 20, at: said })),
      { readings: [{ value: 20, at: now, quality: 'good' }] },
      `${said} claims no moment`
    )
})

t.test('a claimed time is a number, NaN or nothing, whatever is said', async t => {
  fc.assert(fc.property(fc.anything(), said => ['number', 'undefined'].includes(typeof claimedTime(said))))
  t.pass('any')
})
