import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { program } from '../support/box.ts'
import { password, station, testDir } from '../support/city.ts'
import { cloudYaml, startCloud } from '../support/cloud-process.ts'

t.test('mistakes in cloud.yaml end with 2 and one sentence each: file, path, what is wrong, what would be right', async t => {
  const dir = testDir(t)
  const file = `${dir}/cloud.yaml`
  writeFileSync(
    file,
    `state_dri: ./state
mqtt: { port: 99999 }
stations:
  - { id: Demo Hub, password_file: secret }
silent_after_s: 600
`
  )
  const run = program('cloud', ['run', '--config', file])
  t.equal(await run.ended, 2)
  const lines = run.output().trim().split('\n')
  t.equal(lines.length, 4, run.output())
  t.match(run.output(), /cloud\.yaml: \/state_dri: no such setting; did you mean state_dir\?/)
  t.match(run.output(), /cloud\.yaml: \/mqtt\/port: 99999 .*; right would be: /)
  t.match(run.output(), /cloud\.yaml: \/stations\/0\/id: "Demo Hub" .*lower-case letters/)
  t.match(run.output(), /cloud\.yaml: \/silent_after_s: 600 .*from 20 to 90/)
})

t.test('a missing secret and a station named twice are found before anything is opened', async t => {
  const dir = testDir(t)
  const file = `${dir}/cloud.yaml`
  writeFileSync(file, `stations:\n  - { id: a, password_file: secret }\n  - { id: a, password_file: nowhere }\n`)
  const run = program('cloud', ['check', '--config', file])
  t.equal(await run.ended, 2)
  t.match(run.output(), /\/stations\/1: "a" is there twice/)
  t.match(run.output(), /\/stations\/1\/password_file: the file nowhere cannot be read/)
})

t.test('an unknown command or option is usage: 2', async t => {
  t.equal(await program('cloud', ['fly']).ended, 2)
  t.equal(await program('cloud', ['run', '--conifg', 'x']).ended, 2)
})

t.test('check tries the disk, the ports, the secrets and the time series, and says of each how it went', async t => {
  const dir = testDir(t)
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const file = `${dir}/cloud.yaml`
  writeFileSync(file, cloudYaml(station))
  const good = program('cloud', ['check', '--config', file])
  t.equal(await good.ended, 0, good.output())
  const { port } = taken.address() as AddressInfo
  writeFileSync(
    file,
    cloudYaml(station, `timeseries: { url: "http://127.0.0.1:${port}" }\n`).replace('http: { port: 0 }', `http: { port: ${port} }`)
  )
  taken.on('connection', socket => socket.destroy())
  const bad = program('cloud', ['check', '--config', file])
  t.equal(await bad.ended, 1)
  t.match(bad.output(), /FAIL {2}http port +127\.0\.0\.1:\d+ cannot be opened/)
  t.match(bad.output(), /FAIL {2}time series/)
  t.match(bad.output(), /ok +mqtt port/)
})

t.test('SIGTERM ends within five seconds with 0, an open screen notwithstanding; no log line holds a secret', async t => {
  const dir = testDir(t)
  writeFileSync(`${dir}/cloud.yaml`, cloudYaml(station))
  const cloud = await startCloud(t, `${dir}/cloud.yaml`)
  const base = `http://127.0.0.1:${cloud.httpPort}`
  const body = (word: string) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'city-1', password: word })
  })
  t.equal((await fetch(`${base}/api/session`, body('a wrong guess'))).status, 401)
  const signed = await fetch(`${base}/api/session`, body(password))
  const cookie = signed.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const live = await fetch(`${base}/api/live`, { headers: { cookie } })
  t.equal(live.status, 200)
  const asked = performance.now()
  t.equal(await cloud.end('SIGTERM'), 0)
  t.ok(performance.now() - asked < 5_000)
  await live.body?.cancel().catch(() => {})
  for (const line of cloud.output().trim().split('\n')) t.type(JSON.parse(line), 'object', 'every line is JSON')
  for (const secret of [password, 'a wrong guess']) t.notMatch(cloud.output(), secret)
})
