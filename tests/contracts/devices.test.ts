import t, { type Test as Tap } from 'tap'
import { matches, overlap } from '../../devices/common/topic.ts'
import {
  type Behind,
  type DeviceProfile,
  type Example,
  example_now,
  fill,
  type Listened,
  listenTo,
  orderFor,
  readingsFrom,
  readingsOf,
  rightsOf,
  type Said,
  type Timed,
  type Values,
  waysOf
} from '../../devices/device.ts'
import type { Announces } from '../../edge/domain/announced.ts'
import type { OrderKind } from '../../edge/domain/orders.ts'
import { isQuantity, locales } from '../../edge/domain/vocabulary.ts'
import { loadFolder } from '../../edge/load.ts'

/** What every device profile owes us. A new profile is under test the moment its file exists. */
const profiles = await loadFolder<DeviceProfile>(new URL('../../devices/', import.meta.url), ['device', 'simulate'])

const bytes = (says: unknown): Uint8Array =>
  says instanceof Uint8Array ? says : new TextEncoder().encode(typeof says === 'string' ? says : JSON.stringify(says))
const own = { id: 'd-1', topic: 'site/own-1' }
const speaker = { device: own.id, zone: 'z-1', topic: own.topic }
type Answer = { nothing: string } | { online: boolean } | { unreadable: string }
const answer = (means: Said): means is Answer => 'nothing' in means || 'online' in means || 'unreadable' in means
const recordsOf = (means: Said): readonly Timed[] =>
  answer(means) ? [] : 'records' in means ? means.records : 'values' in means ? [means as Timed] : [{ values: means as Values }]
const saidIn = (means: Said | Behind | Announces): readonly Said[] =>
  'behind' in means ? means.behind.map(({ said }) => said) : 'announces' in means ? [] : [means]
const filled = <What>(what: What): What => JSON.parse(fill(JSON.stringify(what), own))

const heardOf = (profile: DeviceProfile, { after = [], topic = '{topic}', says }: Example): Listened => {
  const listen = listenTo(profile, speaker)
  for (const before of after) listen(fill(before.topic ?? '{topic}', own), bytes(before.says), example_now)
  return listen(fill(topic, own), bytes(says), example_now)
}

const misread = (heard: object): unknown => ('misread' in heard ? heard.misread : undefined)

const sameMeaning = (t: Tap, name: string, understood: Listened, means: Said, at: number | undefined): void => {
  if (answer(means)) {
    t.strictSame(understood, means, name)
    return
  }
  t.ok('readings' in understood, `${name}: ${JSON.stringify(understood).slice(0, 120)}`)
  const readings = 'readings' in understood ? understood.readings : []
  const want = recordsOf(means).flatMap(({ values, at: when }) =>
    Object.entries(values).map(([quantity, value]) => ({ quantity, value, at: when ?? at ?? example_now }))
  )
  const order = (a: { quantity: string; at: number }, b: { quantity: string; at: number }): number =>
    a.at - b.at || a.quantity.localeCompare(b.quantity)
  t.equal(misread(understood), misread(means), `${name}: what else it said`)
  t.strictSame(readings.map(({ quantity, value, at }) => ({ quantity, value, at })).sort(order), want.sort(order), name)
  t.ok(
    readings.every(r => r.device === own.id && r.zone === 'z-1'),
    'the readings are this device’s'
  )
}

t.ok(profiles.size >= 5, 'the folder holds the profiles')

for (const [name, profile] of profiles) {
  t.test(`device ${name} means what its examples say`, async t => {
    t.ok(profile.examples.length > 1, 'carries an ordinary example and an awkward one')
    for (const example of profile.examples) {
      const { name, means, at } = example
      const { reply, ...understood } = heardOf(profile, example)
      t.equal(reply?.topic, example.answer === undefined ? undefined : fill(example.answer, own), `${name}: where it is answered`)
      if ('announces' in means) {
        t.strictSame(understood, filled(means), name)
        continue
      }
      if (!('behind' in means)) {
        sameMeaning(t, name, understood, means, at)
        continue
      }
      const heard = 'behind' in understood ? understood.behind : []
      t.strictSame(
        heard.map(({ topic }) => topic),
        means.behind.map(({ topic }) => fill(topic, own)),
        `${name}: of whom it speaks`
      )
      if (heard.length > 0) t.equal(misread(understood), misread(means), `${name}: what else it said`)
      for (const [i, { said }] of means.behind.entries())
        sameMeaning(t, name, readingsOf(heard[i]?.said as Said, { device: own.id, zone: 'z-1' }, example_now), said, at)
    }
  })

  t.test(`device ${name} measures what it says it measures, each quantity proved by an example`, async t => {
    const shown = new Set(
      profile.examples
        .flatMap(({ means }) => saidIn(means))
        .flatMap(recordsOf)
        .flatMap(({ values }) => Object.keys(values))
    )
    t.strictSame([...shown].sort(), [...new Set(profile.measures)].sort())
    t.ok(profile.measures.every(isQuantity))
    t.equal(new Set(profile.measures).size, profile.measures.length, 'each once')
  })

  t.test(`device ${name} has its name in every language`, async t => {
    for (const locale of locales) t.match(profile.label[locale], /\S/)
    t.match(profile.label['zh-CN'], /\p{Script=Han}/u)
  })

  t.test(`device ${name} stays below its own topic`, async t => {
    const rights = rightsOf(profile, own)
    for (const filter of [...rights.publish, ...rights.subscribe]) {
      const levels = filter.split('/')
      const fixed = levels.slice(0, levels.findIndex(level => level === '+' || level === '#') >>> 0)
      t.ok(
        own.topic.split('/').every(level => fixed.includes(level)) || fixed.join('/').startsWith(`devices/${own.id}`),
        `${filter} names the device before any wildcard`
      )
    }
    for (const { answer } of profile.examples)
      if (answer !== undefined)
        t.ok(
          rights.subscribe.some(filter => matches(filter, fill(answer, own))),
          `${answer} is a topic it may hear`
        )
    const other = rightsOf(profile, { id: 'd-2', topic: 'site/own-2' })
    for (const mine of rights.publish)
      for (const theirs of [...other.publish, ...other.subscribe]) t.notOk(overlap(mine, theirs), `${mine} never meets ${theirs}`)
    for (const way of waysOf(profile))
      for (const on of way.on)
        t.ok(
          rights.publish.some(filter => overlap(filter, fill(on, own))),
          `${on} is a topic it may publish`
        )
  })

  for (const [kind, command] of Object.entries(profile.commands ?? {}))
    t.test(`device ${name} is told ${kind} as its examples say, where it may hear it`, async t => {
      t.ok(command.examples.length > 0)
      for (const { name, order, topic, says } of command.examples) {
        const told = orderFor(profile, own, { kind: kind as OrderKind, ...order })
        t.equal(told?.topic, fill(topic, own), name)
        t.equal(told?.payload, fill(typeof says === 'string' ? says : JSON.stringify(says), own), name)
        t.ok(
          rightsOf(profile, own).subscribe.some(filter => overlap(filter, told?.topic ?? '')),
          `${told?.topic} is a topic it may hear`
        )
      }
      if (command.answers !== undefined) t.ok(profile.measures.includes(command.answers), 'and what it answers is among what it measures')
    })

  const { simulate } = profile
  if (simulate !== undefined)
    t.test(`device ${name} is simulated in words it understands`, async t => {
      const { topic = '{topic}', payload } = simulate.says((low, high) => (low + high) / 2, example_now)
      const understood = readingsFrom(profile, speaker, fill(topic, own), bytes(payload), example_now)
      t.ok(
        'readings' in understood &&
          understood.readings.length > 0 &&
          understood.readings.every(r => r.quality === 'good' && r.at === example_now)
      )
    })
}
