/** Ten thousand changes that raise or end alerts, at a real station over real MQTT: what a person is shown of them, and how soon a press. */
import { readFileSync } from 'node:fs'
import mqtt from 'mqtt'
import t from 'tap'
import { hubZones, makeBox, signIn } from '../support/box.ts'
import { hearLive } from '../support/hears.ts'
import { until } from '../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
type Shape = any

t.setTimeout(300_000)
const changes = 10_000
const devices = 240
const bridges = 4
const zones = Array.from({ length: 20 }, (_, n) => ({ id: `z-${n}`, name: `区域${n}`, use: 'walkway', area_m2: 100 }))
const line = async (port: number, id: string, secret: string): Promise<mqtt.MqttClient> => {
  const client = mqtt.connect({ host: '127.0.0.1', port, username: id, password: secret, clientId: id, reconnectPeriod: 0 })
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
  return client
}
const rss_mib = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
/** Leaks flutter, heat comes and goes, a short circuit makes gas and smoke detectors shout. */
const says = (device: number, there: boolean): object =>
  [{ water_leak: there }, { temperature: there ? 60 : 21 }, { gas: there }, { smoke: there }, { carbon_monoxide: there }][device % 5] ?? {}

t.test(
  '[D12] ten thousand alert changes at once: at most ten lines are called out, nothing is lost, a press is on top within a second',
  async t => {
    const things = Array.from({ length: devices }, (_, n) => ({
      id: `d-${n}`,
      profile: 'zigbee2mqtt',
      zone: `z-${n % 20}`,
      topic: `z2m-${n % bridges}/d-${n}`,
      via: `bridge-${n % bridges}`
    }))
    const box = await makeBox(
      t.testdir({}),
      [
        ...Array.from({ length: bridges }, (_, n) => ({
          id: `bridge-${n}`,
          profile: 'zigbee2mqtt-bridge',
          zone: 'z-0',
          topic: `z2m-${n}`
        })),
        { id: 'panic-b', profile: 'json', zone: 'z-3' },
        ...things
      ],
      { zones: [...hubZones, ...zones] }
    )
    const station = await box.start()
    t.teardown(() => station.end('SIGKILL'))
    const commander = await signIn(box.url, 'commander', box.password)
    const ear = await hearLive(box.url, commander.cookie)
    t.teardown(ear.leave)
    const gates = await Promise.all(
      Array.from({ length: bridges }, (_, n) => line(box.mqtt_port, `bridge-${n}`, box.deviceSecret(`bridge-${n}`)))
    )
    const button = await line(box.mqtt_port, 'panic-b', box.deviceSecret('panic-b'))
    t.teardown(() => Promise.all([...gates, button].map(one => one.endAsync(true))))

    const pid = station.child.pid ?? 0
    const rss: number[] = []
    const began = Date.now()
    let pressed = 0
    let heard = 0
    for (let n = 0; n < changes; ) {
      const turn = Array.from({ length: 50 }, () => n++)
      await Promise.all(
        turn.map(i => {
          const device = i % devices
          return gates[device % bridges]?.publishAsync(
            `z2m-${device % bridges}/d-${device}`,
            JSON.stringify(says(device, Math.floor(i / devices) % 2 === 0)),
            { qos: 1 }
          )
        })
      )
      if (n % 2000 === 0) rss.push(Math.round(rss_mib(pid)))
      if (n !== 6000) continue
      pressed = Date.now()
      await button.publishAsync('devices/panic-b/telemetry', '{"button_pressed": true}', { qos: 1 })
      const shows = () => ear.heard.find(({ type, data, at }) => at >= pressed && type === 'board' && data.called.includes('pressed:z-3'))
      await until(shows, 'the press is on the board')
      heard = shows()?.at ?? Number.POSITIVE_INFINITY
      t.equal(shows()?.data.lines[0].id, 'pressed:z-3', 'on top')
    }
    const took_s = (Date.now() - began) / 1000
    t.ok(heard - pressed < 1000, `the press was on the screen after ${heard - pressed} ms`)

    const called = ear.heard.flatMap(({ type, data }) => (type === 'board' ? data.called : []))
    t.ok(called.length <= 11, `ten lines and the press: ${called.join(', ')}`)
    t.equal(called.filter((id: string) => id.startsWith('pressed')).length, 1)
    t.ok((rss.at(-1) ?? 0) - (rss[1] ?? 0) < 120, `memory is flat: ${rss.join(', ')} MiB at every 2,000`)

    const [board, open] = [await commander.get<Shape>('/api/board'), await commander.get<Shape[]>('/api/alerts')]
    const groups = board.lines.flatMap((one: Shape) => one.groups)
    const listed = await Promise.all(groups.map(({ id }: Shape) => commander.get<Shape[]>(`/api/alerts?group=${encodeURIComponent(id)}`)))
    t.strictSame(
      listed
        .flat()
        .map(({ id }) => id)
        .sort(),
      open.map(({ id }) => id).sort(),
      'every alert is found under exactly one group'
    )
    t.ok(open.length >= devices, `${open.length} are open`)
    t.ok(
      open.some(({ flapping, rule }) => flapping?.changes > 10 || rule === 'flapping'),
      'what flaps says so: the alert with how often, or the sensor itself'
    )
    t.notOk(
      ear.heard.some(({ type }) => type === 'lost'),
      'the screen was never closed'
    )
    const told = ear.heard.filter(({ type }) => type === 'alert' || type === 'incident').length
    t.comment(
      `${changes} changes in ${took_s.toFixed(1)} s: ${called.length} lines called out, ${told} messages to the screen, press ${heard - pressed} ms, RSS ${rss.join(', ')} MiB`
    )
  }
)
