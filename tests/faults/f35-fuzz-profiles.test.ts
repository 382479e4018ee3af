import { readFileSync } from 'node:fs'
import { encode as cbor } from 'cborg'
import fc from 'fast-check'
import t from 'tap'
import { announcedProfile } from '../../devices/common/announced-profile.ts'
import { type Metrics, encode as sparkplug } from '../../devices/common/sparkplug-codec.ts'
import { matches } from '../../devices/common/topic.ts'
import { type DeviceProfile, fill, type Listened, listenTo, max_readings, readingsOf, rightsOf } from '../../devices/device.ts'
import { topicsOf } from '../../edge/domain/announced.ts'
import { believableTime, type Reading } from '../../edge/domain/reading.ts'
import { quantities } from '../../edge/domain/vocabulary.ts'
import { openSensors } from '../../edge/ingest/sensors.ts'
import { loadFolder } from '../../edge/load.ts'
import { readMappings } from '../../edge/mappings.ts'
import { stillClock } from '../support/clock.ts'
import { data } from '../support/data.ts'
import { at, type Draw, draw, misplaced, mutateBytes, mutateTree, nonsense, replaced, without } from '../support/fuzz.ts'

/** CI does so many cases as fit into seconds; `FUZZ_CASES=1000000 FUZZ_MS=900000` does a million. What a run finds becomes an example. */
const cases = Number(process.env.FUZZ_CASES ?? 10_000)
const budget_ms = Number(process.env.FUZZ_MS ?? 8_000)
const seed = Number(process.env.FUZZ_SEED ?? 35)
t.setTimeout(budget_ms + 30_000)

const profiles = new Map(await loadFolder<DeviceProfile>(new URL('../../devices/', import.meta.url), ['device', 'simulate']))
/** A station's own mapping file is a profile like the others. */
const mapping = {
  vendor: 'Acme',
  model: 'Smoke-2',
  label: { 'zh-CN': 'Acme 烟感', en: 'Acme smoke detector' },
  measures: ['temperature_celsius', 'smoke_alarm', 'contact_open'],
  messages: [
    {
      on: ['{topic}/up'],
      read: '{temperature_celsius: (data.f - `32`) / `1.8`, smoke_alarm: data.obs > `4`, contact_open: data.open, at: ts}'
    },
    { on: ['{topic}/log'], read: 'entries[].{temperature_celsius: t, at: when}' }
  ],
  examples: [
    {
      name: 'quiet',
      topic: '{topic}/up',
      says: { data: { f: 70.7, obs: 0.4, open: false }, ts: 1_795_507_140 },
      means: { temperature_celsius: 21.5, smoke_alarm: false, contact_open: false }
    },
    { name: 'a log', topic: '{topic}/log', says: { entries: [{ t: 20, when: 1_795_507_140 }] }, means: { temperature_celsius: 20 } }
  ]
}
for (const [name, profile] of readMappings(t.testdir({ 'acme.yaml': JSON.stringify(mapping) }), [])) profiles.set(name, profile)

const clock = stillClock()
const now = clock.now()

type Seed = {
  readonly name: string
  readonly profile: DeviceProfile
  readonly own: { readonly id: string; readonly topic: string }
  readonly topic: string
  readonly bytes: Uint8Array
  readonly json: unknown
  readonly after: readonly { readonly topic: string; readonly bytes: Uint8Array }[]
}
const encode = (says: unknown): Uint8Array =>
  says instanceof Uint8Array ? says : new TextEncoder().encode(typeof says === 'string' ? says : JSON.stringify(says))

const fromExamples = [...profiles].flatMap(([name, profile]) =>
  profile.examples.map(({ topic = '{topic}', says, after = [] }): Seed => {
    const own = { id: `f-${name}`, topic: `site/${name}` }
    return {
      name,
      profile,
      own,
      topic: fill(topic, own),
      bytes: encode(says),
      json: says instanceof Uint8Array ? undefined : says,
      after: after.map(before => ({ topic: fill(before.topic ?? '{topic}', own), bytes: encode(before.says) }))
    }
  })
)
/** Real payloads, where they are: by whom they are read, and as whom. */
const captured: readonly (readonly [file: string, profile: string, topic: string])[] = [
  ['zigbee2mqtt', 'zigbee2mqtt', 'zigbee2mqtt/hall_temp'],
  ['tasmota', 'tasmota', 'TH16'],
  ['shelly-gen2', 'shelly-gen2', 'shellyplus1-441793ab3fb4'],
  ['senml', 'senml', 'station/hub-01/senml'],
  ['sparkplug-b', 'sparkplug-b', 'station/hub-01'],
  ['chirpstack', 'chirpstack', 'application'],
  ['frigate-events', 'frigate', 'frigate'],
  ['onvif-mqtt', 'onvif-mqtt', 'BoschCam1']
]
const fromCaptures = captured.flatMap(([file, name, own_topic]) => {
  const path = data(`payloads/${file}.json`)
  if (path === undefined) return []
  const { messages } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly messages: readonly { readonly topic: string; readonly payload: unknown; readonly encoding?: string }[]
  }
  return messages.map(({ topic, payload, encoding }): Seed => {
    const bytes = encoding === undefined ? encode(payload) : Uint8Array.from(Buffer.from(String(payload), 'base64'))
    const own = { id: `r-${name}`, topic: own_topic }
    return {
      name,
      profile: profiles.get(name) as DeviceProfile,
      own,
      topic,
      bytes,
      json: encoding === undefined ? payload : undefined,
      after: []
    }
  })
})
/** Devices as they announced themselves, each saying something in every place that it named. */
const fromAnnounced = [...profiles.values()].flatMap(({ examples }) =>
  examples.flatMap(({ means }) =>
    ('announces' in means ? means.announces : [])
      .filter(({ speaks }) => speaks === undefined)
      .flatMap((announced): readonly Seed[] => {
        const topic = topicsOf(announced)[0]
        if (topic === undefined) return []
        const says = announced.entities.reduce<unknown>(
          (said, { path, ...entity }) =>
            path.reduceRight<unknown>(
              (value, word) => ({ ...(said as object), [word]: value }),
              entity.reads === 'number' ? 21.5 : entity.reads === 'flag' ? entity.on : entity.presses[0]
            ),
          {}
        )
        const own = { id: 'announced', topic }
        return [{ name: 'announced', profile: announcedProfile(announced), own, topic, bytes: encode(says), json: says, after: [] }]
      })
  )
)
const seeds = [...fromExamples, ...fromCaptures, ...fromAnnounced]

type Damage = {
  readonly trees: readonly Draw[]
  readonly cuts: readonly Draw[]
  readonly anything?: unknown
  /** Well packed, by the convention's own encoder, and still nobody's message. */
  readonly packed?: { readonly profile: string; readonly bytes: Uint8Array }
}
const orEmpty = (pack: () => Uint8Array): Uint8Array => {
  try {
    return pack()
  } catch {
    return new Uint8Array(0)
  }
}
const value = fc.oneof(fc.boolean(), fc.integer(), fc.double(), fc.constantFrom(0, 1, -1, 2 ** 40, null, '1', 'false', 'open'))
const metrics = fc.array(
  fc.record({
    name: fc.option(fc.constantFrom('temperature', 'Door/Open', 'smoke_alarm', 'bdSeq', 'cpu/temp', 'people/count', 'battery', ''), {
      nil: undefined
    }),
    alias: fc.option(fc.nat(9), { nil: undefined }),
    type: fc.constantFrom('Int8', 'Int32', 'Int64', 'UInt16', 'UInt64', 'Float', 'Double', 'Boolean', 'String', 'DateTime', 'Unknown'),
    value,
    timestamp: fc.option(fc.oneof(fc.nat(), fc.constantFrom(now, now - 3_600_000, now + 1e9)), { nil: undefined }),
    isHistorical: fc.boolean()
  }),
  { maxLength: 6 }
)
const label = fc.oneof(fc.integer({ min: -7, max: 9 }), fc.constantFrom('n', 'v', 'u', 'x_', '__proto__'))
const field = fc.oneof(value, fc.constantFrom('temp', 'smoke', 'Cel', '%RH', 'urn:dev:1:'), fc.array(value, { maxLength: 2 }))
const packed = fc.oneof(
  fc.tuple(metrics, fc.option(fc.nat(300), { nil: undefined })).map(([list, seq]) => ({
    profile: 'sparkplug-b',
    bytes: orEmpty(() => sparkplug({ timestamp: now, metrics: list as Metrics, ...(seq !== undefined && { seq }) }))
  })),
  fc
    .array(fc.array(fc.tuple(label, field), { maxLength: 5 }), { maxLength: 5 })
    .map(records => ({ profile: 'senml-cbor', bytes: orEmpty(() => cbor(records.map(record => new Map(record)))) }))
)
const some = fc.array(draw, { minLength: 1, maxLength: 3 })
const damage = fc.oneof(
  { weight: 5, arbitrary: some.map((trees): Damage => ({ trees, cuts: [] })) },
  { weight: 4, arbitrary: some.map((cuts): Damage => ({ trees: [], cuts })) },
  { weight: 1, arbitrary: fc.tuple(some, some).map(([trees, cuts]): Damage => ({ trees, cuts })) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }).map((anything): Damage => ({ trees: [], cuts: [], anything })) },
  { weight: 2, arbitrary: packed.map((packed): Damage => ({ trees: [], cuts: [], packed })) }
)
const seedOf = (profile: string, n: number): Seed => {
  const own = seeds.filter(({ name }) => name === profile)
  return own[n % own.length] as Seed
}
const one = fc.record({ seed: fc.nat(seeds.length - 1), other: fc.nat(seeds.length - 1), elsewhere: fc.nat(19), damage })

const flags = new Set(Object.entries(quantities).flatMap(([name, { unit, max }]) => (unit === '' && max === 1 ? [name] : [])))

/** Why a reading must not be; nothing when it may. */
const wrong = ({ quantity, value, at, quality }: Reading, profile: DeviceProfile): string | undefined => {
  if (!Number.isFinite(value)) return `${quantity} is ${value}`
  if (!profile.measures.includes(quantity)) return `${quantity} is nothing it measures`
  if (believableTime(at, now).doubted) return `${quantity} at ${at}`
  const { min, max } = quantities[quantity]
  if (quality === 'good' && (value < min || value > max)) return `${quantity} is ${value} and good`
  if (flags.has(quantity) && value !== 0 && value !== 1) return `${quantity} is ${value}, which is no flag`
  return undefined
}

const all = (listened: Listened): readonly Reading[] => {
  const { reply: _, ...heard } = listened
  if ('readings' in heard) return heard.readings
  if (!('behind' in heard)) return []
  return heard.behind.flatMap(({ said }) => {
    const understood = readingsOf(said, { device: 'b', zone: 'z' }, now)
    return 'readings' in understood ? understood.readings : []
  })
}
const check = ({ profile, own }: Seed, listened: Listened): void => {
  const readings = all(listened)
  if (readings.length > max_readings) throw new Error(`${readings.length} readings`)
  for (const reading of readings) {
    const why = wrong(reading, profile)
    if (why !== undefined) throw new Error(why)
  }
  if (listened.reply !== undefined && !rightsOf(profile, own).subscribe.some(filter => matches(filter, listened.reply?.topic ?? '')))
    throw new Error(`it is answered at ${listened.reply.topic}`)
  if ('behind' in listened && !listened.behind.every(({ topic }) => topic.startsWith(`${own.topic}/`) && topic.length < 400))
    throw new Error('it speaks for somebody who is not behind it')
  if ('unreadable' in listened && (listened.unreadable.length === 0 || listened.unreadable.length > 250))
    throw new Error(`refused with ${listened.unreadable.length} characters`)
}

const sensors = openSensors({
  profiles,
  clock,
  devices: [...profiles.keys()].map(name => ({ id: `f-${name}`, profile: name, zone: 'z', topic: `site/${name}` })),
  hear: () => undefined,
  online: () => undefined,
  log: { warn: () => undefined }
})

const listen = ({ profile, own, after }: Seed): ReturnType<typeof listenTo> => {
  const hear = listenTo(profile, { device: own.id, zone: 'z', topic: own.topic })
  for (const { topic, bytes } of after) hear(topic, bytes, now)
  return hear
}

t.test(`F35: up to ${cases} broken messages of every convention (seed ${seed}) break nothing and become no nonsense`, async t => {
  let done = 0
  let understood = 0
  const before_mb = process.memoryUsage().heapUsed / 1e6
  fc.assert(
    fc.property(one, ({ seed, other, elsewhere, damage: { trees, cuts, anything, packed } }) => {
      const from = packed === undefined ? (seeds[seed] as Seed) : seedOf(packed.profile, seed)
      const stranger = seeds[other] as Seed
      const tree = anything ?? trees.reduce<unknown>(mutateTree, from.json)
      const start = packed?.bytes ?? (from.json === undefined && anything === undefined ? from.bytes : encode(tree))
      const bytes = cuts.reduce<Uint8Array>((made, cut) => mutateBytes(made, cut, stranger.bytes), start)
      const topic = elsewhere === 0 ? stranger.topic : elsewhere === 1 ? `${from.topic}/x` : from.topic
      const listened = listen(from)(topic, bytes, now)
      done++
      if (all(listened).length > 0) understood++
      check(from, listened)
      void sensors.hear({ device: from.own.id, topic, payload: bytes, at: now })
    }),
    { numRuns: cases, seed, interruptAfterTimeLimit: budget_ms, markInterruptAsFailure: false }
  )
  const grown_mb = process.memoryUsage().heapUsed / 1e6 - before_mb
  t.comment(`${done} cases from ${seeds.length} messages, ${understood} of them still became readings, heap +${grown_mb.toFixed(0)} MB`)
  t.ok(done >= Math.min(cases, 2000), `${done} cases`)
  t.ok(understood > done / 20, 'enough of them get past the first door')
  t.ok(sensors.unknown().length <= 200)
  t.ok(grown_mb < 200, `the heap grew ${grown_mb.toFixed(0)} MB`)
  t.equal(({} as { polluted?: unknown }).polluted, undefined)
})

/** What is said of a value, whatever its time. */
const meant = (seed: Seed, json: unknown): readonly string[] =>
  all(listen(seed)(seed.topic, encode(json), now)).map(({ quantity, value }) => `${quantity} ${value}`)

t.test('F35: a text, a list or an object where a number or a flag belongs never becomes one', async t => {
  let places = 0
  for (const seed of seeds) {
    // What announces itself says its numbers as texts, too.
    if (seed.json === undefined || typeof seed.json !== 'object' || seed.name === 'announced') continue
    for (const path of misplaced(seed.json)) {
      const left = new Set(meant(seed, without(seed.json, path)))
      const stood = at(seed.json, path)
      // A number that was understood and is no flag's is none of true and false either.
      const countable = typeof stood === 'number' && stood !== 0 && stood !== 1 && meant(seed, seed.json).length > 0
      for (const bad of countable ? [...nonsense, true, false] : nonsense) {
        places++
        // What a convention may say as a text must mean what the text says.
        const allowed =
          bad === 'true' || bad === 'false' ? new Set([...left, ...meant(seed, replaced(seed.json, path, bad === 'true'))]) : left
        const more = meant(seed, replaced(seed.json, path, bad)).filter(one => !allowed.has(one))
        if (more.length > 0) t.fail(`${seed.name} at ${path.join('.')}: ${JSON.stringify(bad)} became ${more.join(', ')}`)
      }
    }
  }
  t.ok(places > 1000, `${places} misplaced values`)
})
