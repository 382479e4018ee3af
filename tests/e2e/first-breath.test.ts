import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { makeBox, secretFile, signIn } from '../support/box.ts'
import { cloudYaml, startCloud } from '../support/cloud-process.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

const run = promisify(execFile)
t.setTimeout(120_000)

type Answer = { readonly agency: string; readonly state: string }
type Incident = {
  readonly id: string
  readonly kind: string
  readonly because: string
  readonly unanswered: boolean
  readonly agencies: readonly Answer[]
  readonly ladder: { readonly level: number }
}
type Entry = { readonly type: string; readonly at: string; readonly [more: string]: unknown }

t.test(
  'mosquitto_pub speaks Zigbee2MQTT and Tasmota; police and fire must each answer; the silent one is escalated; the city hears it once',
  needs('mosquitto_pub'),
  async t => {
    const dir = t.testdir({ cloud: {} })
    const up = secretFile(dir, 'uplink')
    writeFileSync(join(dir, 'cloud', 'secret'), `${up.secret}\n`)
    writeFileSync(join(dir, 'cloud', 'cloud.yaml'), cloudYaml('test-hub'))
    const cloud = await startCloud(t, join(dir, 'cloud', 'cloud.yaml'))
    const box = await makeBox(
      dir,
      [
        { id: 'smoke-b3', profile: 'zigbee2mqtt', zone: 'food-row', topic: 'zigbee2mqtt/smoke-b3' },
        { id: 'th16', profile: 'tasmota', zone: 'platform-1', topic: 'TH16' }
      ],
      { uplink: { url: `mqtt://127.0.0.1:${cloud.mqttPort}`, username: 'test-hub', password_file: up.file } }
    )
    const station = await box.start()
    t.teardown(() => station.end('SIGKILL'))
    const publish = (device: string, topic: string, message: string): Promise<unknown> =>
      run('mosquitto_pub', [
        '-h',
        '127.0.0.1',
        '-p',
        String(box.mqtt_port),
        '-q',
        '1',
        '-u',
        device,
        '-P',
        box.deviceSecret(device),
        '-t',
        topic,
        '-m',
        message
      ])
    const [police, fire] = [await signIn(box.url, 'patrol', box.password), await signIn(box.url, 'fire', box.password)]

    await publish(
      'th16',
      'tele/TH16/SENSOR',
      JSON.stringify({ Time: '2019-01-01T00:00:00', AM2301: { Temperature: 24.6, Humidity: 58.2 }, TempUnit: 'C' })
    )
    const latest = await police.get<{ device: string; quantity: string; value: number }[]>('/api/readings/latest')
    t.match(
      latest.find(({ device, quantity }) => device === 'th16' && quantity === 'temperature_celsius'),
      { value: 24.6 }
    )

    await publish('smoke-b3', 'zigbee2mqtt/smoke-b3', JSON.stringify({ smoke: true, battery: 97, linkquality: 120 }))
    const only = async (): Promise<Incident> => {
      const all = await police.get<Incident[]>('/api/incidents')
      t.equal(all.length, 1)
      return all[0] as Incident
    }
    const opened = await only()
    t.equal(opened.kind, 'fire')
    t.strictSame(opened.agencies.map(({ agency, state }) => `${agency} ${state}`).sort(), ['fire silent', 'police silent'])

    t.equal((await police.post(`/api/incidents/${opened.id}/acknowledgement`)).status, 200)
    const half = await only()
    t.strictSame(
      half.agencies.map(({ agency, state }) => `${agency} ${state}`).sort(),
      ['fire silent', 'police answered'],
      'one answer never silences the other'
    )
    const twice = await police.post(`/api/incidents/${opened.id}/acknowledgement`)
    t.equal(twice.status, 409)
    t.equal(twice.body.code, 'already_answered')

    await until(async () => (await only()).ladder.level === 1, 'the silent agency is escalated', 20_000)
    const story = (): Promise<Entry[]> => police.get<Entry[]>(`/api/incidents/${opened.id}/timeline`)
    // People are told before the disk is: the timeline follows within a commit.
    await until(async () => (await story()).some(({ type }) => type === 'incident_escalated'), 'the escalation is on disk')
    const timeline = await story()
    const at = (type: string): number => Date.parse(timeline.find(entry => entry.type === type)?.at ?? '')
    const late_s = (at('incident_escalated') - at('incident_opened')) / 1000
    t.ok(late_s >= 15 && late_s < 16, `escalated after ${late_s} s, due at 15 s`)

    t.equal((await fire.post(`/api/incidents/${opened.id}/acknowledgement`)).status, 200)
    t.strictSame(
      (await only()).agencies.map(({ state }) => state),
      ['answered', 'answered']
    )

    const city = await signIn(`http://127.0.0.1:${cloud.httpPort}`, 'city-1', up.secret)
    const known = async (): Promise<Incident[]> => city.get<Incident[]>('/api/stations/test-hub/incidents')
    await until(
      async () =>
        (await known()).some(
          incident =>
            incident.id === opened.id &&
            Object.values((incident as unknown as { responses: { status: string }[] }).responses).filter(
              ({ status }) => status === 'acknowledged'
            ).length === 2
        ),
      'the city sees both answers',
      10_000
    )
    t.equal((await known()).length, 1, 'once')
    t.comment(`escalated after ${late_s} s`)
  }
)
