import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { readingsFrom } from '../../devices/device.ts'
import { readMappings } from '../../edge/mappings.ts'
import { SettingsError } from '../../edge/settings.ts'
import { makeBox, program, signIn } from '../support/box.ts'

t.setTimeout(90_000)

const smoke = {
  vendor: 'Acme',
  model: 'Smoke-2',
  label: { 'zh-CN': 'Acme 烟感', en: 'Acme smoke detector' },
  measures: ['temperature_celsius', 'smoke_alarm'],
  messages: [
    { on: ['{topic}/up'], read: '{temperature_celsius: (data.f - `32`) / `1.8`, smoke_alarm: data.obs > `4`, at: ts}' },
    { on: ['{topic}/log'], read: 'entries[].{temperature_celsius: t, at: when}' }
  ],
  examples: [
    { name: 'quiet', topic: '{topic}/up', says: { data: { f: 70.7, obs: 0.4 } }, means: { temperature_celsius: 21.5, smoke_alarm: false } },
    { name: 'a log', topic: '{topic}/log', says: { entries: [{ t: 20, when: 1_795_507_140 }] }, means: { temperature_celsius: 20 } },
    { name: 'a word', topic: '{topic}/up', says: { data: { f: 'warm' } }, means: { unreadable: '' } }
  ]
}
const folder = (dir: string, files: Readonly<Record<string, unknown>>): string => {
  mkdirSync(dir, { recursive: true })
  for (const [name, what] of Object.entries(files)) writeFileSync(join(dir, name), typeof what === 'string' ? what : stringify(what))
  return dir
}
const read = (t: Test, what: unknown): readonly string[] => {
  try {
    readMappings(folder(t.testdir({}), { 'acme.yaml': what }), ['json'])
    return []
  } catch (cause) {
    if (cause instanceof SettingsError) return cause.mistakes
    throw cause
  }
}

t.test('a mapping file is a profile like any other, and never throws', async t => {
  const profiles = readMappings(folder(t.testdir({}), { 'acme.yaml': smoke, 'README.md': 'no mapping' }), [])
  const acme = profiles.get('acme')
  if (acme === undefined) throw new Error('the file is no profile by its name')
  t.strictSame(acme.topics('site/s-1', 's-1').publish, ['{topic}/up', '{topic}/log'])
  const hear = (topic: string, says: unknown) =>
    readingsFrom(
      acme,
      { device: 's-1', zone: 'z', topic: 'site/s-1' },
      topic,
      new TextEncoder().encode(JSON.stringify(says)),
      1_795_507_200_000
    )
  t.match(hear('site/s-1/up', { data: { f: 32, obs: 5 }, ts: '2026-11-24T08:00:00Z' }), {
    readings: [
      { quantity: 'temperature_celsius', value: 0 },
      { quantity: 'smoke_alarm', value: 1 }
    ]
  })
  for (const [says, answer] of [
    [{ data: { f: 'warm' } }, { unreadable: /映射算不出来.* · the mapping cannot be worked out/ }],
    [{ data: { f: 'warm', obs: 5, open: true } }, { readings: [{ quantity: 'smoke_alarm', value: 1 }], misread: /worked out/ }],
    [{}, { unreadable: /worked out/ }],
    [{ data: { f: 1e308, obs: 1 }, ts: 'yesterday' }, { readings: [{}, { doubt: 'device_clock' }] }],
    [[], {}],
    [null, {}]
  ] as const)
    t.match(hear('site/s-1/up', says), answer, JSON.stringify(says))
  t.match(hear('site/s-1/log', { entries: [{ t: true }, { t: 'x' }] }), { unreadable: /must be a number/ })
  t.match(hear('site/s-1/log', { entries: [{ t: true }, { t: 21 }] }), { readings: [{ value: 21 }], misread: /must be a number/ })
  const entries = Array.from({ length: 1001 }, (_, i) => ({ t: 20, when: 1_795_500_000 + i }))
  t.match(hear('site/s-1/log', { entries }), { misread: /of 1001 records the first 1000/ })
  t.match(hear('site/s-1/log', {}), { nothing: String })
})

t.test('a file that does not prove itself stops the start: file, place, what would be right', async t => {
  const [quiet] = smoke.examples
  for (const [what, sentences] of [
    [
      { ...smoke, measures: ['temperature_celsius', 'smoke_alrm'] },
      [/acme\.yaml: \/measures\/1: there is no quantity "smoke_alrm"; did you mean smoke_alarm/]
    ],
    [
      { ...smoke, messages: [{ on: ['{topic}/up'], read: '{temperature_celsius: data.f -' }] },
      [/acme\.yaml: \/messages\/0\/read: is no JMESPath \(Syntax error.*\); right would be: for example/]
    ],
    [
      { ...smoke, examples: [{ ...quiet, means: { temperature_celsius: 22, smoke_alarm: 0 } }, ...smoke.examples.slice(1)] },
      [
        /\/examples\/0\/means: it means \{"smoke_alarm":0,"temperature_celsius":21\.5\} and not \{"smoke_alarm":0,"temperature_celsius":22\}/
      ]
    ],
    [{ ...smoke, messages: [...smoke.messages, { on: ['{topic}/else'], read: 'nosuch(@)' }] }, [/\/messages\/2: no example shows it/]],
    [
      { ...smoke, messages: [{ on: ['{topic}/up', '{topic}/log'], read: 'nosuch(@)' }] },
      [/\/examples\/0\/means: it means \{"unreadable":".*Unknown function: nosuch/, /\/examples\/1/]
    ],
    [{ ...smoke, examples: smoke.examples.slice(1) }, [/\/measures\/1: no example shows smoke_alarm/]],
    [
      { ...smoke, messages: [{ on: ['+/{topic}'], read: '@' }, ...smoke.messages] },
      [/is not below the device's own topic/, /no example shows it/]
    ],
    [{ ...smoke, messages: [{ on: ['station/{topic}'], read: '@' }, ...smoke.messages] }, [/not below/, /no example/]],
    [{ ...smoke, mesures: [] }, [/\/mesures: no such setting; did you mean measures/]],
    ['label: [', [/acme\.yaml:1:\d+: not valid YAML/]]
  ] as const) {
    const mistakes = read(t, what)
    t.equal(mistakes.length, sentences.length, mistakes.join('\n'))
    sentences.forEach((sentence, i) => void t.match(mistakes[i], sentence))
  }
  for (const [files, sentence] of [
    [{ 'json.yaml': smoke }, /json\.yaml: .*there is a profile "json" already/],
    [{ 'a.yaml': smoke, 'a.yml': smoke }, /a\.yml: .*there is a profile "a" already/]
  ] as const)
    t.match(
      (() => {
        try {
          return readMappings(folder(t.testdir({}), files), ['json'])
        } catch (cause) {
          return (cause as SettingsError).mistakes
        }
      })(),
      [sentence]
    )
})

t.test('a device with a mapping is understood over the broker; check says which mappings there are, and what is wrong in one', async t => {
  const dir = t.testdir({})
  folder(join(dir, 'state/mappings'), { 'acme-smoke.yaml': smoke })
  const box = await makeBox(dir, [{ id: 's-1', profile: 'acme-smoke', zone: 'platform-1', topic: 's-1' }])
  const checked = program('edge', ['check', '--config', box.file])
  await checked.ended
  t.match(checked.output(), /正常 ok {4}mappings +acme-smoke: what their examples say/)
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const installer = await signIn(box.url, 'installer', box.password)
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: box.mqtt_port,
    username: 's-1',
    password: box.deviceSecret('s-1'),
    clientId: 's-1'
  })
  t.teardown(() => void client.end(true))
  await client.publishAsync('s-1/up', '{"data": {"f": 70.7, "obs": 9}}', { qos: 1 })
  t.match(await installer.get('/api/devices/s-1'), {
    last_readings: [
      { quantity: 'temperature_celsius', value: 21.5 },
      { quantity: 'smoke_alarm', value: 1 }
    ]
  })
  const { profiles } = await installer.get<{ profiles: { id: string; label: string }[] }>('/api/onboarding')
  t.ok(
    profiles.some(({ id, label }) => id === 'acme-smoke' && label === 'Acme 烟感'),
    'and may be chosen for the next device'
  )

  folder(join(dir, 'state/mappings'), { 'acme-smoke.yaml': { ...smoke, measures: ['temperature_celsius', 'smoke'] } })
  const refused = program('edge', ['check', '--config', box.file])
  t.equal(await refused.ended, 2)
  t.match(refused.output(), /acme-smoke\.yaml: \/measures\/1: there is no quantity "smoke"; did you mean .*smoke_alarm/)
})
