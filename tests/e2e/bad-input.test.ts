import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import mqtt from 'mqtt'
import t from 'tap'
import { makeBox, program, signIn } from '../support/box.ts'
import { until } from '../support/until.ts'

t.setTimeout(90_000)

t.test('everything bad gets one clear sentence, and the station goes on', async t => {
  const dir = t.testdir({ 'notes.mp4': 'this is not a film\n' })
  const box = await makeBox(dir, [{ id: 'meter', profile: 'json', zone: 'platform-1' }], {
    cameras: [{ id: 'cam-text', url: './notes.mp4', zone: 'platform-1' }]
  })
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const officer = await signIn(box.url, 'installer', box.password)
  const patrol = await signIn(box.url, 'patrol', box.password)
  const device = async (): Promise<Record<string, unknown>> => officer.get('/api/devices/meter')
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: box.mqtt_port,
    username: 'meter',
    password: box.deviceSecret('meter'),
    clientId: 'meter',
    protocolVersion: 4
  })
  t.teardown(() => client.endAsync(true))
  client.on('error', () => undefined)
  const say = (payload: string | Buffer, topic = 'devices/meter/telemetry') => client.publishAsync(topic, payload, { qos: 1 })
  await say('{"temperature_celsius": 20}')

  await t.test('a wrong password', async t => {
    const answer = await fetch(`${box.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': 'zh-CN' },
      body: JSON.stringify({ name: 'installer', password: 'not the right one' })
    })
    t.equal(answer.status, 401)
    t.match(answer.headers.get('content-type'), /application\/problem\+json/)
    t.match(await answer.json(), { code: 'wrong_name_or_password', detail: '用户名或密码不对。' })
    const stranger = mqtt.connect({
      host: '127.0.0.1',
      port: box.mqtt_port,
      username: 'meter',
      password: 'wrong',
      clientId: 'meter',
      protocolVersion: 4,
      reconnectPeriod: 0
    })
    const error = await new Promise<Error>(resolve => stranger.once('error', resolve))
    t.match(error.message, /refused|Bad User Name|Not authorized/i)
  })

  await t.test('a foreign topic is acknowledged, put aside and counted', async t => {
    await say('{"people_count": 1}', 'devices/other/telemetry')
    t.equal((await device()).quarantined_total, 1)
  })

  for (const [what, payload, why] of [
    ['broken JSON', '{"temperature_celsius": 2', /JSON/],
    ['NaN', '{"temperature_celsius": NaN}', /JSON|number/],
    ['a number beyond all numbers', '{"temperature_celsius": 1e400}', /finite|number/]
  ] as const) {
    await t.test(what, async t => {
      const before = Number((await device()).unreadable_total)
      await say(payload)
      const now = await device()
      t.equal(now.unreadable_total, before + 1)
      t.match((now.last_unreadable as { why: string }).why, why)
    })
  }

  await t.test('a time in 2099 is heard at the station’s time, and says so', async t => {
    await say('{"temperature_celsius": 21, "time": "2099-01-01T00:00:00Z"}')
    const [reading] = (
      await officer.get<{ quantity: string; quality: string; doubt: string; at: string }[]>('/api/readings/latest')
    ).filter(({ quantity }) => quantity === 'temperature_celsius')
    t.match(reading, { quality: 'suspect', doubt: 'device_clock' })
    t.ok(Math.abs(Date.parse(reading?.at ?? '') - Date.now()) < 60_000)
  })

  await t.test('a packet of ten megabytes ends its connection at the header', async t => {
    const socket = connect(box.mqtt_port, '127.0.0.1')
    socket.on('error', () => undefined)
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    socket.write(Buffer.concat([Buffer.from([0x30, 0x80, 0x80, 0x80, 0x05]), randomBytes(1000)]))
    await closed
    const answer = await fetch(`${box.url}/api/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: patrol.cookie },
      body: `{"text":"${'x'.repeat(10_000_000)}"}`
    }).catch(() => undefined)
    t.ok(answer === undefined || answer.status === 413)
  })

  await t.test('a camera that is a text file', async t => {
    type Camera = { state: string; why: string }
    await until(async () => (await officer.get<Camera>('/api/cameras/cam-text')).state === 'dead', 'the camera says it is dead', 20_000)
    t.match((await officer.get<Camera>('/api/cameras/cam-text')).why, /不是图片|not a picture|不是.*视频/)
  })

  await t.test('nothing stopped', async t => {
    await say('{"temperature_celsius": 22}')
    t.equal((await fetch(`${box.url}/healthz`)).status, 200)
    t.equal(station.child.exitCode, null)
  })
})

t.test('a settings file with three mistakes: exit 2 and a sentence for each', async t => {
  const dir = t.testdir({})
  const box = await makeBox(dir, [])
  writeFileSync(
    box.file,
    readFileSync(box.file, 'utf8')
      .replace('host:', 'hots:')
      .replace('use: platform', 'use: plattform')
      .replace('transport-hub', 'transport-hubb')
  )
  const { ended, output } = program('edge', ['run', '--config', box.file])
  t.equal(await ended, 2)
  const sentences = output()
    .trim()
    .split('\n')
    .filter(line => line.includes('station.yaml'))
  t.ok(sentences.length >= 2, output())
  t.match(output(), /\/http\/hots: no such setting; did you mean host\?/)
})

t.test('commands that make no sense: exit 2 and what would be right', async t => {
  for (const [args, sentence] of [
    [['dance'], /there is no command "dance"/],
    [['run'], /--config is missing; right would be/],
    [['run', '--config', '/nowhere.yaml'], /nowhere\.yaml: cannot be read \(ENOENT\)/],
    [['replay', join(import.meta.dirname, 'bad-input.test.ts'), '--speed', 'fast'], /not a speed; right would be/]
  ] as const) {
    const { ended, output } = program('edge', args)
    t.equal(await ended, 2, args.join(' '))
    t.match(output(), sentence)
  }
})
