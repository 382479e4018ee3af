import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import mqtt from 'mqtt'
import sharp from 'sharp'
import t from 'tap'
import { makeBox, program, signIn } from '../support/box.ts'

t.setTimeout(120_000)

/** A command of ours: its exit code and what it printed. */
const command = async (args: readonly string[], input?: string): Promise<{ code: number | string; said: string }> => {
  const { ended, output } = program('edge', args, input === undefined ? {} : { input })
  return { code: await ended, said: output() }
}

t.test('check tries everything the file names: ports, disk, clock, people, cameras with their model', async t => {
  const dir = t.testdir({})
  const picture = join(dir, 'square.png')
  await sharp({ create: { width: 320, height: 240, channels: 3, background: { r: 90, g: 110, b: 80 } } })
    .composite([{ input: Buffer.from('<svg width="320" height="240"><circle cx="99" cy="80" r="40" fill="#543"/></svg>') }])
    .png()
    .toFile(picture)
  const box = await makeBox(dir, [], { cameras: [{ id: 'cam-1', url: picture, zone: 'platform-1' }] })
  const well = await command(['check', '--config', box.file])
  t.equal(well.code, 0, well.said)
  t.match(well.said, /ok\s+model\s+crowdlite \(sha256 [0-9a-f]{12}…\) answers its golden picture/)
  t.match(well.said, /camera cam-1\s+live, \d+ people counted in \d+ ms/)
  t.match(well.said, /vision\s+counting a picture takes \d+ ms, [\d.]+ of [\d.]+ cores are given: at 2 fps \d+ such cameras have all/)

  const taken = createServer().listen(box.mqtt_port, '127.0.0.1')
  const other = await makeBox(t.testdir({}), [], { mqtt: { host: '127.0.0.1', port: box.mqtt_port }, vision: { model: 'theirs' } })
  const bad = await command(['check', '--config', other.file])
  taken.close()
  t.equal(bad.code, 1)
  t.match(bad.said, new RegExp(`FAIL\\s+mqtt\\s+127.0.0.1:${box.mqtt_port} is taken by another program`))
  t.match(bad.said, /FAIL\s+model\s+模型包 theirs 未启用：.* · model pack theirs is not used: its model.json cannot be read/)
})

t.test('passwords are set by standard input and never shown; a device’s is shown once', async t => {
  const box = await makeBox(t.testdir({}), [{ id: 'meter', profile: 'json', zone: 'platform-1' }], {
    devices: [{ id: 'meter', profile: 'json', zone: 'platform-1' }],
    users: [{ name: 'li', agency: 'police', roles: ['officer'] }],
    units: [{ id: 'patrol-1', name: '巡逻一组', agency: 'police', members: ['li'], commands: true }]
  })
  const added = await command(['user', 'add', 'li', '--config', box.file], 'a long enough password\n')
  t.equal(added.code, 0, added.said)
  t.notMatch(added.said, /a long enough password/)
  const stranger = await command(['user', 'add', 'wang', '--config', box.file], 'a long enough password\n')
  t.equal(stranger.code, 2)
  t.match(stranger.said, /no such person; right would be: one of li/)
  const short = await command(['user', 'add', 'li', '--config', box.file], 'short\n')
  t.equal(short.code, 2, short.said)
  const enrolled = await command(['device', 'enrol', 'meter', '--config', box.file])
  t.equal(enrolled.code, 0, enrolled.said)

  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const session = await signIn(box.url, 'li', 'a long enough password')
  t.match(await session.get('/api/me'), { name: 'li' })
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: box.mqtt_port,
    username: 'meter',
    password: enrolled.said.trim(),
    clientId: 'meter',
    protocolVersion: 4,
    reconnectPeriod: 0
  })
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
  await client.endAsync()
})

t.test('verify, backup and restore: a changed entry is named, a copy is proved, and lives on under an id of its own', async t => {
  const dir = t.testdir({})
  const box = await makeBox(dir, [])
  const station = await box.start()
  const state = join(dir, 'state')
  const [copy, again] = [join(dir, 'copy'), join(dir, 'again')]
  const backup = await command(['backup', '--state', state, '--to', copy])
  t.equal(backup.code, 0, backup.said)
  t.equal(await station.end(), 0)
  t.match(await command(['verify', '--state', state]), { code: 0, said: /the chain holds/ })
  t.equal((await command(['backup', '--state', state, '--to', copy])).code, 2, 'a backup is never overwritten')

  const restored = await command(['restore', '--from', copy, '--state', again])
  t.equal(restored.code, 0, restored.said)
  const id = (folder: string): unknown => {
    const db = new Database(join(folder, 'journal.db'), { readonly: true })
    const row = db.prepare("SELECT value FROM meta WHERE name = 'id'").get()
    db.close()
    return row
  }
  t.notSame(id(again), id(state))
  t.equal((await command(['verify', '--state', again])).code, 0)

  const db = new Database(join(state, 'journal.db'))
  db.exec("DROP TRIGGER entry_never_changes; UPDATE entry SET body = replace(body, 'station_started', 'station_stopped') WHERE seq = 1")
  db.close()
  t.match(await command(['verify', '--state', state]), { code: 1, said: /broken at entry 1/ })
})

t.test('a recorded scenario is replayed, one event a line with --json', async t => {
  const { code, said } = await command(['replay', 'edge/demo/scenarios/D2.yaml', '--json'])
  t.equal(code, 0, said)
  const events = said
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { type: string; at_s: number })
  t.equal(events.filter(({ type }) => type === 'incident_opened').length, 1)
  t.equal(events.find(({ type }) => type === 'incident_escalated')?.at_s, 45)
})
