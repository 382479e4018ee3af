/** The engineer's bench: recordings and what a station kept, through the same pipeline with a moved clock. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import mqtt from 'mqtt'
import t from 'tap'
import { makeBox, program, signIn } from '../support/box.ts'
import { animatedWebp } from '../support/cameras.ts'

t.setTimeout(180_000)

/** A command of ours: its exit code and what it printed. */
const command = async (args: readonly string[]): Promise<{ code: number | string; said: string }> => {
  const { ended, output } = program('edge', args)
  return { code: await ended, said: output() }
}

t.test('a recording is counted as fast as it goes, beside its truth, and its scenes are played again without counting', async t => {
  const dir = t.testdir({})
  await animatedWebp(join(dir, 'crowd.webp'), 8, 500)
  const truth = { truth: [{ second: 0, people: 24 }] }
  await writeFile(join(dir, 'truth.json'), JSON.stringify(truth))
  const box = await makeBox(dir, [], {
    // 24 people on 8 m² of a platform are orange; on trial from blue on, without waiting.
    zones: [{ id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 8 }],
    units: [{ id: 'command', name: '指挥长', agency: 'police', commands: true, members: ['commander'] }],
    cameras: [{ id: 'cam-1', url: join(dir, 'crowd.webp'), zone: 'platform-1', size_px: [256, 192] }],
    rules: { 'crowd-density': { on_delay_s: 2, early_on_delay_s: 2 } },
    shadow: [{ id: 'at-once', rule: 'crowd-density', settings: { from: 'blue', on_delay_s: 0, early_on_delay_s: 0 } }]
  })
  const [scenes, recording] = [join(dir, 'scenes.jsonl'), join(dir, 'crowd.webp')]
  const counted = await command([
    'replay',
    recording,
    '--config',
    box.file,
    '--truth',
    join(dir, 'truth.json'),
    '--scenes',
    scenes,
    '--json'
  ])
  t.equal(counted.code, 0, counted.said)
  const events = linesOf(counted.said)
  const summary = events.at(-1)
  t.match(summary, { type: 'summary', lines: 8, seconds: 3.5, alerts: { 'crowd-density platform-1': 1 }, shadow: { 'at-once': 1 } })
  t.equal(summary?.score.pictures, 8)
  t.ok(summary?.score.mae < 8, `24 figures, ${summary?.score.mae} off on average`)
  const at = (type: string) => events.find(event => event.type === type)?.at_s
  t.equal(at('shadow_fired'), 0, 'on trial: at once')
  t.equal(at('alert_raised'), 2, 'on duty: after its two seconds')

  const again = await command(['replay', scenes, '--config', box.file, '--json'])
  t.match(linesOf(again.said).at(-1), { lines: 8, alerts: summary?.alerts, shadow: summary?.shadow }, 'the same scenes, the same alerts')

  await writeFile(scenes, '{"at":"2026-11-28T08:00:00Z","camera":"cam-1"}\n')
  t.match(await command(['replay', scenes, '--config', box.file]), {
    code: 2,
    said: /line 1 is neither a scene nor a reading; right would be/
  })
})

t.test('what a station kept is exported and played again with other settings', async t => {
  const dir = t.testdir({})
  const meter = { id: 'meter', profile: 'json', zone: 'platform-1', password_file: 'secret' }
  await writeFile(join(dir, 'secret'), 'a long enough password\n')
  const box = await makeBox(dir, [], { devices: [meter] })
  const station = await box.start()
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: box.mqtt_port,
    username: 'meter',
    password: 'a long enough password',
    clientId: 'meter'
  })
  for (const value of [61, 22, 21.9])
    await client.publishAsync('devices/meter/telemetry', JSON.stringify({ temperature_celsius: value }), { qos: 1 })
  const state = join(dir, 'state')
  const running = await command(['export', '--state', state])
  t.strictSame(
    linesOf(running.said).map(({ device, quantity, value }) => [device, quantity, value]),
    [61, 22, 21.9].map(value => ['meter', 'temperature_celsius', value]),
    'beside the running station'
  )
  await client.endAsync()
  const [commander, patrol] = [await signIn(box.url, 'commander', box.password), await signIn(box.url, 'patrol', box.password)]
  const [incident] = await commander.get<{ id: string; kind: string }[]>('/api/incidents')
  await commander.post(`/api/incidents/${incident?.id}/all-clear`, { role: 'duty_commander' })
  await patrol.post(`/api/incidents/${incident?.id}/all-clear`, { role: 'officer' })
  t.equal((await commander.post(`/api/incidents/${incident?.id}/closure`, { outcome: 'false_alarm', text: '烤炉' })).status, 200)
  t.equal(await station.end(), 0)
  t.match(linesOf((await command(['replay', state, '--config', box.file, '--json'])).said).at(-1), {
    lines: 3,
    alerts: { 'threshold platform-1': 1 },
    judged: { 'threshold platform-1': { fired: 1, false: 1, true: 0 } }
  })
  t.match((await command(['replay', state, '--config', box.file])).said, /threshold platform-1: 1，属实 0 次、误报 1 次/)
  const later = await command(['export', '--state', state, '--from', '2100-01-01T00:00:00Z'])
  t.match(later, { code: 0, said: '' })
  t.match(await command(['export', '--state', dir]), { code: 1, said: /holds no history.db/ })
})

const linesOf = (said: string) =>
  said
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
