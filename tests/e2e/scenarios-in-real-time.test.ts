/**
 * D1 and D2 against a real station: its own process, real MQTT, HTTP and live events, an officer for each unit. Eighteen minutes of
 * D1 are played faster here; `REAL_TIME=1` plays every second of both, which is how their lead times were seen.
 */

import { fileURLToPath } from 'node:url'
import mqtt from 'mqtt'
import t, { type Test } from 'tap'
import { linesOf, readScenario, type Scenario } from '../../edge/scenario.ts'
import { makeBox, type Session, secretFile, signIn } from '../support/box.ts'
import { hearLive } from '../support/hears.ts'
import { until } from '../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
type Shape = any
type Moment = { readonly s: number; readonly what: string }

const real = process.env.REAL_TIME === '1'
t.setTimeout(real ? 1_800_000 : 150_000)
const scenario = (name: string): Scenario => readScenario(fileURLToPath(new URL(`../../edge/demo/scenarios/${name}.yaml`, import.meta.url)))

/** Plays it at that speed; answers what was seen and when, in seconds of the scenario. */
const live = async (t: Test, played: Scenario, speed: number, until_s = played.lasts_s) => {
  const dir = t.testdir({})
  const people = played.units.map(({ id, agency, commands }) => ({
    name: id,
    agency,
    roles: commands ? ['duty_commander', 'officer'] : ['officer'],
    password_file: 'secrets/people'
  }))
  const box = await makeBox(dir, played.devices, {
    station: { id: 'test-hub', name: '测试枢纽', template: played.template },
    zones: played.zones,
    users: people,
    units: played.units.map(unit => ({ ...unit, members: [unit.id] })),
    // Yellow waits a minute of the wall: played faster, it would wait for longer than the crowd takes.
    rules: { 'crowd-density': { early_on_delay_s: 60 / speed } }
  })
  secretFile(dir, 'people', box.password)
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const sessions = new Map<string, Session>()
  for (const { name } of people) sessions.set(name, await signIn(box.url, name, box.password))
  const clients = new Map<string, mqtt.MqttClient>()
  for (const { id } of played.devices)
    clients.set(
      id,
      await mqtt.connectAsync({
        ...{ host: '127.0.0.1', port: box.mqtt_port, username: id, password: box.deviceSecret(id), clientId: id },
        reconnectPeriod: 0
      })
    )
  t.teardown(() => Promise.all([...clients.values()].map(client => client.endAsync(true))))

  const began = Date.now()
  const now_s = (): number => ((Date.now() - began) / 1000) * speed
  const seen: Moment[] = []
  const say = (what: string): void => void seen.push({ s: now_s(), what })
  const answers = new Map(played.answers.map(({ unit, after_s }) => [unit, after_s]))
  const asked = new Set<string>()
  const latest = new Map<string, Shape>()
  /** An officer who has a screen open answers as the scenario says; the others stay silent. */
  const officer = (incident: Shape): void => {
    for (const { unit, status } of incident.responses) {
      const after_s = answers.get(unit)
      if (status !== 'asked' || after_s === undefined || asked.has(`${incident.id} ${unit}`)) continue
      asked.add(`${incident.id} ${unit}`)
      setTimeout(
        () => {
          void sessions
            .get(unit)
            ?.post(`/api/incidents/${incident.id}/acknowledgement`, { unit })
            .then(({ status }) => say(`${unit} answers: ${status}`))
        },
        (after_s * 1000) / speed
      )
    }
  }
  const [first = ''] = people.map(({ name }) => name)
  const ear = await hearLive(box.url, sessions.get(first)?.cookie ?? '', ({ type, data }) => {
    if (type !== 'alert' && type !== 'incident') return
    const before = latest.get(data.id)
    latest.set(data.id, data)
    if (before?.severity !== data.severity) say(`${type} ${data.kind} ${data.severity}`)
    if (type !== 'incident') return
    if (before?.ladder.level !== data.ladder.level && data.ladder.level > 0) say(`rung ${data.ladder.level}`)
    officer(data)
  })
  t.teardown(ear.leave)
  // Amber is for the commander and the station operator: on the screens of both.
  for (const name of ['commander', 'station-staff'].filter(one => sessions.has(one))) {
    const screen = await hearLive(box.url, sessions.get(name)?.cookie ?? '', ({ type, data }) => {
      if (type === 'alert' && data.severity === 'yellow') say(`${name} sees amber`)
    })
    t.teardown(screen.leave)
  }

  const kept: unknown[] = []
  const topics = new Map(played.devices.map(({ id, topic }) => [id, topic]))
  for (const { at_s, device, payload } of linesOf(played)) {
    if (at_s > until_s) break
    const wait_ms = began + (at_s * 1000) / speed - Date.now()
    if (wait_ms > 0) await new Promise(resolve => setTimeout(resolve, wait_ms))
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    // Its acknowledgement comes when it is on disk, up to a second later: nobody speaks slower for that.
    kept.push(clients.get(device)?.publishAsync(telemetryTopic(played, device, topics.get(device) ?? ''), text, { qos: 1 }))
  }
  await Promise.all(kept)
  // The ladder climbs in seconds of the wall, however fast the crowd came.
  await until(() => seen.some(({ what }) => what === 'rung 1'), 'somebody’s silence is seen', 30_000)
  t.comment(seen.map(({ s, what }) => `${(s / 60).toFixed(1)} min ${what}`).join(' · '))
  return { seen, latest, sessions, box }
}
const telemetryTopic = ({ devices }: Scenario, device: string, topic: string): string =>
  devices.find(({ id }) => id === device)?.profile === 'json' && topic === `devices/${device}` ? `${topic}/telemetry` : topic

const at = (seen: readonly Moment[], what: RegExp): number => seen.find(one => what.test(one.what))?.s ?? Number.NaN

t.test('[D1] a platform fills: amber long before red, one alert, every agency asked, the silent one seen, closed by two', async t => {
  const d1 = scenario('D1')
  const speed = real ? 1 : 36
  const { seen, latest, sessions } = await live(t, d1, speed, real ? d1.lasts_s : 1080)
  const [amber, red] = [at(seen, /^alert crowd yellow/), at(seen, /^incident crowd red/)]
  const four_at_s = ((4 - 2.2) / (4.6 - 2.2)) * 1080
  t.comment(`amber ${(amber / 60).toFixed(1)} min, red ${(red / 60).toFixed(1)} min, 4 p/m² at ${(four_at_s / 60).toFixed(1)} min`)
  t.ok(amber < red)
  for (const name of ['commander', 'station-staff'])
    t.ok(at(seen, new RegExp(`^${name} sees amber`)) - amber < speed, `${name} sees it within a second`)
  // Delays of the rules are seconds of the wall, so at speed they weigh more.
  t.ok(four_at_s - amber >= (real ? 600 : 600 - 20 * speed), `amber ${((four_at_s - amber) / 60).toFixed(1)} min before 4 p/m²`)
  t.equal([...latest.values()].filter(one => one.rule === 'crowd-density').length, 1, 'one alert, however it rises')
  const incident = [...latest.values()].find(one => one.kind === 'crowd' && one.responses)
  t.equal(incident.highest, 'red')
  for (const { agency, state, needed } of incident.agencies)
    if (needed) t.equal(state, agency === 'medical' ? 'silent' : 'answered', agency)
  t.ok(!real || seen.some(({ what }) => what === 'rung 3'), 'the medics’ silence climbs to the city')
  const [commander, patrol] = [sessions.get('commander'), sessions.get('patrol-1')]
  t.equal((await commander?.post(`/api/incidents/${incident.id}/all-clear`, { role: 'duty_commander' }))?.status, 200)
  t.not(
    (await commander?.post(`/api/incidents/${incident.id}/closure`, { outcome: 'resolved' }))?.status,
    200,
    'one person does not close red'
  )
  t.equal((await patrol?.post(`/api/incidents/${incident.id}/all-clear`, { role: 'officer' }))?.status, 200)
  t.equal((await commander?.post(`/api/incidents/${incident.id}/closure`, { outcome: 'resolved' }))?.status, 200)
})

t.test('[D2] gas, then smoke in the same row: one incident, red, on the screen within a second, each source named', async t => {
  const d2 = scenario('D2')
  const { seen, latest, sessions } = await live(t, d2, real ? 1 : 5, real ? d2.lasts_s : 90)
  const incidents = [...latest.values()].filter(one => one.responses)
  t.equal(incidents.length, 1, 'one incident, not three')
  const [incident] = incidents
  t.equal(incident.highest, 'red')
  t.ok(at(seen, /^incident .* red/) > 0)
  const alerts = [...latest.values()].filter(one => one.rule !== undefined)
  t.ok(alerts.length >= 2, 'gas and smoke')
  t.strictSame([...incident.alerts].sort(), alerts.map(({ id }) => id).sort(), 'each source is its evidence')
  t.strictSame(
    incident.evidence.rows.map(({ source, sign }: Shape) => [source, sign]),
    [
      ['smoke-7', 'smoke_alarm'],
      ['gas-7', 'gas_lel_percent'],
      ['food-row', 'people_near']
    ],
    'who added what'
  )
  for (const agency of ['police', 'fire', 'medical', 'city_management', 'grid']) {
    const asked = incident.responses.find((one: Shape) => one.agency === agency)
    t.ok(Date.parse(asked?.asked_at) - Date.parse(incident.opened_at) < 1000, `${agency} is asked in the same second`)
  }
  const timeline = await sessions.values().next().value?.get<readonly Shape[]>(`/api/incidents/${incident.id}/timeline`)
  t.ok(timeline?.some(({ category }) => category === 'evidence'))
})
