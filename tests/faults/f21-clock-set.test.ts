import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import t from 'tap'
import { makeBox, signIn } from '../support/box.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
type Incident = { id: string; ladder: { level: number }; opened_at: string }
type Entry = { type: string; by_ms?: number }

t.test(
  'the clock of a real station is put back by three hours and then ten days forward: it escalates in time and once, nobody is signed out [F21, G19]',
  { ...needs(library), timeout: 120_000 },
  async t => {
    const dir = t.testdir({})
    const hands = join(dir, 'hands')
    const set = (by: string): void => writeFileSync(hands, `${by}\n`)
    set('+0')
    const box = await makeBox(dir, [{ id: 'smoke', profile: 'json', zone: 'platform-1' }])
    const station = await box.start({
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: hands,
      FAKETIME_NO_CACHE: '1',
      // What counts how much time passes is nobody's to set.
      FAKETIME_DONT_FAKE_MONOTONIC: '1'
    })
    t.teardown(() => station.end('SIGKILL'))
    const officer = await signIn(box.url, 'commander', box.password)
    const auditor = await signIn(box.url, 'auditor', box.password)
    const device = mqtt.connect({
      host: '127.0.0.1',
      port: box.mqtt_port,
      username: 'smoke',
      password: box.deviceSecret('smoke'),
      clientId: 'smoke'
    })
    t.teardown(() => device.endAsync(true))
    const incidents = (): Promise<Incident[]> => officer.get('/api/incidents')
    const steps = async (): Promise<Entry[]> => (await auditor.get<Entry[]>('/api/audit')).filter(({ type }) => type === 'clock_stepped')

    await device.publishAsync('devices/smoke/telemetry', '{"smoke_alarm": 1}', { qos: 1 })
    const began = performance.now()
    const rung = async (): Promise<number> => (await incidents())[0]?.ladder.level ?? 0
    set('-3h')
    await until(async () => (await steps()).length === 1, 'the step is written down')
    await until(async () => (await rung()) >= 1, 'the second rung', 30_000)
    const waited_s = (performance.now() - began) / 1000
    t.ok(waited_s > 10, `${Math.round(waited_s)} s after the alarm, fifteen are agreed`)

    set('+10d')
    await until(async () => (await steps()).length === 2, 'the second step')
    await device.publishAsync('devices/smoke/telemetry', '{"smoke_alarm": 1}', { qos: 1 })
    await until(async () => (await rung()) >= 2, 'the third rung', 60_000)
    const all = await incidents()
    t.equal(all.length, 1)
    t.ok(Date.parse(all[0]?.opened_at ?? '') > Date.now() + 9 * 86_400_000, 'it began a minute ago by the clock of today')
    t.equal((await officer.get<unknown[]>('/api/alerts')).length, 1, 'and no sensor is silent')
  }
)
