import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Config, readConfig } from '../../edge/config.ts'
import type { Known } from '../../edge/config-check.ts'
import { check, SettingsError } from '../../edge/settings.ts'

const known: Known = {
  templates: ['transport-hub', 'community'],
  profiles: ['zigbee2mqtt', 'json'],
  rules: { 'crowd-density': { on_delay_s: 5 } },
  cameraUrl: url => (url.startsWith('file:') ? 'file: addresses are not allowed' : undefined)
}

const good = `
station: { id: demo-hub, name: 人民广场枢纽联勤警务站, template: transport-hub, locale: zh-CN, timezone: Asia/Shanghai }
state_dir: ./var/edge
http: { host: 127.0.0.1, port: 8080 }
mqtt: { host: 0.0.0.0, port: 1883 }
zones:
  - { id: platform-1, name: 一号站台, use: platform, area_m2: 180, capacity: 400 }
devices:
  - { id: smoke-b3, profile: zigbee2mqtt, zone: platform-1, topic: zigbee2mqtt/smoke-b3, password_file: secrets/smoke-b3 }
cameras:
  - { id: cam-1, url: "rtsp://user@10.0.0.5/stream2", password_file: secrets/cam-1, zone: platform-1, fps: 2,
      ground: [{ px: [112, 540], m: [0, 0] }, { px: [600, 540], m: [6, 0] }, { px: [500, 200], m: [6, 9] }, { px: [200, 200], m: [0, 9] }],
      masks: [[[0,0],[200,0],[200,90]]] }
users:
  - { name: commander, password_file: secrets/commander, agency: police, roles: [duty_commander] }
units:
  - { id: patrol-1, name: 巡逻一组, agency: police, members: [commander] }
uplink: { url: "mqtts://cloud.example:8883", username: demo-hub, password_file: secrets/uplink }
`
const folder = (test: Test, yaml: string): string =>
  join(test.testdir({ 'station.yaml': yaml, secrets: { 'smoke-b3': 'x', 'cam-1': 'x', commander: 'x', uplink: 'x' } }), 'station.yaml')

const mistakes = (test: Test, yaml: string): readonly string[] => {
  try {
    readConfig(folder(test, yaml), known)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes
    throw error
  }
}

t.test('the example of the contract is right as it stands', async t => t.strictSame(mistakes(t, good), []))

t.test('paths are meant relative to the file', async t => {
  const file = folder(t, good)
  const config = readConfig(file, known)
  t.equal(config.users[0]?.password_file, join(file, '..', 'secrets/commander'))
  t.equal(config.state_dir, join(file, '..', 'var/edge'))
})

t.test('a file with three mistakes gets three sentences: what, where, what would be right', async t => {
  const found = mistakes(
    t,
    good.replace('port: 8080', 'prot: 8080').replace('use: platform', 'use: plattform').replace('area_m2: 180', 'area_m2: -3')
  )
  t.equal(found.length, 3)
  t.match(found.join('\n'), /station\.yaml: \/http\/prot: no such setting; did you mean port\?/)
  t.match(found.join('\n'), /\/zones\/0\/use: "plattform" is not allowed; right would be: .*one of queue, walkway, stairs, platform/)
  t.match(found.join('\n'), /\/zones\/0\/area_m2: -3 must be > 0/)
})

t.test('names that do not exist, twice the same, files that cannot be read, and forbidden cameras are found', async t => {
  const found = mistakes(
    t,
    good
      .replace('profile: zigbee2mqtt', 'profile: zigbee3mqtt')
      .replace('members: [commander]', 'members: [nobody]')
      .replace('secrets/uplink', 'secrets/none')
      .replace('rtsp://user@10.0.0.5/stream2', 'file:///etc/passwd')
  ).join('\n')
  t.match(found, /\/devices\/0\/profile: there is no device profile "zigbee3mqtt"; right would be: one of zigbee2mqtt, json/)
  t.match(found, /\/units\/0\/members\/0: there is no person or machine "nobody"/)
  t.match(found, /\/uplink\/password_file: the file secrets\/none cannot be read/)
  t.match(found, /\/cameras\/0\/url: file: addresses are not allowed/)
})

t.test('another system may be a member of a unit, but never under the name of a person', async t => {
  const machine = (name: string): string => `${good}\nmachines:\n  - { name: ${name}, token_file: secrets/uplink }\n`
  t.strictSame(mistakes(t, machine('station-2').replace('members: [commander]', 'members: [commander, station-2]')), [])
  t.match(mistakes(t, machine('commander')), [/\/machines\/0\/name: "commander" is a person; right would be: a name of its own/])
})

t.test('YAML that is no YAML names its line', async t =>
  t.match(mistakes(t, 'station: [1,\nzones: }')[0], /station\.yaml:\d+:\d+: not valid YAML/)
)

t.test('a file that is not there, or not readable, is one sentence', async t => {
  const dir = t.testdir({})
  t.throws(() => readConfig(join(dir, 'none.yaml'), known), { message: /none\.yaml: cannot be read \(ENOENT\)/ })
  if (process.getuid?.() !== 0) {
    writeFileSync(join(dir, 'shut.yaml'), good)
    chmodSync(join(dir, 'shut.yaml'), 0)
    t.throws(() => readConfig(join(dir, 'shut.yaml'), known), { message: /EACCES/ })
  }
})

t.test('a secret in the file itself is refused', async t => {
  t.match(mistakes(t, good.replace('password_file: secrets/commander', 'password: hunter2'))[0], /\/users\/0\/password: no such setting/)
})

t.test('every setting carries the words an installer reads', async t => {
  const nameless: string[] = []
  const walk = (schema: Record<string, unknown>, path: string): void => {
    const { properties, items, title, anyOf, $ref } = schema as {
      properties?: Record<string, Record<string, unknown>>
      items?: Record<string, unknown>
      title?: string
      anyOf?: unknown
      $ref?: string
    }
    if (path !== '' && title === undefined && !properties && !items && !anyOf && !$ref) nameless.push(path)
    for (const [key, value] of Object.entries(properties ?? {})) walk(value, `${path}/${key}`)
    if (items && !Array.isArray(items)) walk(items, `${path}[]`)
  }
  walk(Config as unknown as Record<string, unknown>, '')
  t.strictSame(
    nameless.filter(path => !/ground|masks/.test(path)),
    []
  )
})

t.test('nothing but a station is needed; every other key has its default', async t => {
  const { value, mistakes } = check(Config, { station: { id: 'a', name: 'A', template: 'community' } })
  t.strictSame(mistakes, [])
  t.equal(value.http.port, 8080)
  t.equal(value.station.locale, 'zh-CN')
})

t.test('minimum cover names a zone that exists and a whole window, and a shift does not end when it begins', async t => {
  const cover = (of: string): readonly string[] => mistakes(t, `${good}cover: [${of}]\n`)
  t.strictSame(cover('{ agency: police, zone: platform-1, from: "22:00", to: "06:00", units: 1, qualification: first_aid }'), [])
  t.match(cover('{ agency: police, zone: nowhere, units: 1 }')[0], /\/cover\/0\/zone: there is no zone "nowhere"/)
  t.match(cover('{ agency: police, from: "22:00", units: 1 }')[0], /\/cover\/0: has a start or an end, and not the other/)
  t.match(cover('{ agency: police, from: "22:00", to: "22:00", units: 1 }')[0], /\/cover\/0\/to: "22:00" is when it begins/)
  t.match(cover('{ agency: police, units: 0 }')[0], /\/cover\/0\/units/)
  const shift = good.replace('members: [commander]', 'members: [commander], shifts: [{ from: "08:00", to: "08:00" }]')
  t.match(mistakes(t, shift)[0], /\/units\/0\/shifts\/0\/to: "08:00" is when it begins/)
})

t.test('the calendar names days that exist, changes something, and leaves stairs stairs; own actions name zones that exist', async t => {
  const calendar = (of: string): readonly string[] => mistakes(t, `${good}calendar: [${of}]\n`)
  t.strictSame(calendar('{ name: 音乐会, zones: [platform-1], date: 2026-12-31, from: "18:00", to: "02:00", use: viewing }'), [])
  t.strictSame(calendar('{ name: 晚高峰, weekdays: [mon, fri], from: "17:00", to: "19:30", times: 0.9 }'), [])
  t.match(
    calendar('{ name: x, date: 2026-02-30, from: "18:00", to: "20:00", times: 0.9 }')[0],
    /\/calendar\/0\/date: there is no 2026-02-30/
  )
  t.match(
    calendar('{ name: x, until: 2026-12-31, from: "18:00", to: "20:00", times: 0.9 }')[0],
    /\/calendar\/0\/until: 2026-12-31 is not after a first day/
  )
  t.match(calendar('{ name: x, from: "18:00", to: "18:00", times: 0.9 }')[0], /\/calendar\/0\/to: "18:00" is when it begins/)
  t.match(calendar('{ name: x, from: "18:00", to: "20:00" }')[0], /\/calendar\/0: changes nothing/)
  t.match(
    calendar('{ name: x, zones: [nowhere], from: "18:00", to: "20:00", times: 0.9 }')[0],
    /\/calendar\/0\/zones\/0: there is no zone "nowhere"/
  )
  t.match(calendar('{ name: x, from: "18:00", to: "20:00", times: 3 }')[0], /\/calendar\/0\/times/)
  const stairs = `${good.replace('use: platform', 'use: stairs')}calendar: [{ name: x, from: "18:00", to: "20:00", use: viewing }]\n`
  t.match(mistakes(t, stairs)[0], /\/calendar\/0\/use: platform-1 is stairs, and stairs stay stairs/)
  const action = '{ for: platform, level: red, zones: [nowhere], do: { zh-CN: 清站, en: Clear the station }, source: 本站预案 }'
  t.match(mistakes(t, `${good}actions: [${action}]\n`)[0], /\/actions\/0\/zones\/0: there is no zone "nowhere"/)
})

t.test('the density limits of a zone are four rising numbers, and red is not later than the danger', async t => {
  const limits = (of: string): readonly string[] => mistakes(t, good.replace('capacity: 400', `limits_per_m2: ${of}`))
  t.strictSame(limits('[1, 2, 3, 5]'), [])
  t.match(
    limits('[1, 2, 2, 4]')[0],
    /\/zones\/0\/limits_per_m2: 1, 2, 2, 4 do not rise; right would be: four rising numbers, for example 1.5, 2.5, 3.3, 4/
  )
  t.match(
    limits('[1, 2, 3, 5.1]')[0],
    /\/zones\/0\/limits_per_m2\/3: red at 5.1 p\/m² would come after the danger; right would be: 5 at most/
  )
  t.match(limits('[1, 2, 3]')[0], /\/zones\/0\/limits_per_m2/)
})

t.test('a line has two points, in pixels or on a ground that is known, and a name of its own', async t => {
  const lines = (text: string) => mistakes(t, good.replace('masks:', `lines: [${text}], masks:`))
  t.strictSame(lines('{ id: gate-a, px: [[0, 9], [90, 9]] }, { id: gate-b, m: [[0, 1], [6, 1]] }'), [])
  t.match(lines('{ id: gate-a }'), [/lines\/0: a line has its points either in px or in m; right would be/])
  t.match(lines('{ id: gate-a, px: [[9, 9], [9, 9]] }'), [/lines\/0: the two points of the line are one/])
  t.match(lines('{ id: cam-1, px: [[0, 9], [90, 9]] }'), [/lines\/0\/id: "cam-1" is the id of another line, camera or device/])
  t.match(lines('{ id: gate-a, zone: hall, px: [[0, 9], [90, 9]] }'), [/lines\/0\/zone: there is no zone "hall"/])
  const unmeasured = good.replace(/ground: \[.*\],\n/, 'lines: [{ id: gate-a, m: [[0, 1], [6, 1]] }],\n')
  t.match(mistakes(t, unmeasured), [/lines\/0\/m: the camera has no ground points/])
})
