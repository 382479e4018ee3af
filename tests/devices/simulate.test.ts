import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import t, { type Test } from 'tap'
import { type DeviceProfile, readingsFrom } from '../../devices/device.ts'
import { type SimulatedDevice, simulateDevices } from '../../devices/simulate.ts'
import { realClock } from '../../edge/clock.ts'
import { loadFolder } from '../../edge/load.ts'
import { minutes, seconds, stillClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

const profiles = await loadFolder<DeviceProfile>(new URL('../../devices/', import.meta.url), ['device', 'simulate'])
const profile = (name: string): DeviceProfile => profiles.get(name) as DeviceProfile
const log = { info: () => undefined, warn: () => undefined }

type Said = { readonly client: string; readonly topic: string; readonly payload: Buffer; readonly qos: number }

/** A broker of the ordinary kind, on a port of its own. */
const broker = async (t: Test) => {
  const aedes = await Aedes.createBroker()
  const said: Said[] = []
  const users: string[] = []
  aedes.authenticate = (client, name, password, done) => {
    users.push(`${client.id} ${name} ${password?.toString()}`)
    done(null, true)
  }
  aedes.on('publish', (packet, client) => {
    if (!packet.topic.startsWith('$SYS'))
      said.push({ client: client?.id ?? 'will', topic: packet.topic, payload: Buffer.from(packet.payload), qos: packet.qos })
  })
  const server = createServer(aedes.handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    await new Promise<void>(resolve => aedes.close(() => resolve()))
    await new Promise<void>(resolve => server.close(() => resolve()))
  })
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, said, users }
}

t.test('every profile speaks over MQTT with its own credential, QoS 1, in words it understands', async t => {
  const { url, said, users } = await broker(t)
  const devices: SimulatedDevice[] = [...profiles.keys()]
    .filter(name => profile(name).simulate !== undefined)
    .map(name => ({ id: `sim-${name}`, profile: profile(name), topic: `own-${name}`, password: `secret-${name}` }))
  const simulator = simulateDevices({ url, devices, script: 'calm', clock: realClock, log })
  t.teardown(() => simulator.stop())
  const understood = (device: SimulatedDevice): boolean =>
    said.some(({ client, topic, payload }) => {
      if (client !== device.id) return false
      const heard = readingsFrom(device.profile, { device: device.id, zone: 'z', topic: device.topic }, topic, payload, Date.now())
      return 'readings' in heard && heard.readings.every(({ quality }) => quality === 'good')
    })
  await until(() => devices.every(understood), 'each device was understood')
  t.ok(said.every(({ qos }) => qos === 1))
  t.strictSame(users.sort(), devices.map(({ id, password }) => `${id} ${id} ${password}`).sort())
})

t.test('a script has a device see smoke at its minute, and the detector goes on seeing it', async t => {
  const { url, said } = await broker(t)
  const clock = stillClock()
  const devices = [
    { id: 'zb', profile: profile('zigbee2mqtt-bridge'), topic: 'zigbee2mqtt', password: 'secret-zb' },
    { id: 'smoke-b3', profile: profile('zigbee2mqtt'), topic: 'zigbee2mqtt/smoke-b3', via: 'zb' }
  ]
  const simulator = simulateDevices({
    url,
    devices,
    script: [{ after_s: 120, device: 'smoke-b3', says: { smoke: true, action: 'test' } }],
    clock,
    log
  })
  t.teardown(() => simulator.stop())
  const smokes = () =>
    said
      .filter(({ topic }) => topic === 'zigbee2mqtt/smoke-b3')
      .map(({ payload }) => JSON.parse(payload.toString()) as Record<string, unknown>)
  await until(() => said.some(({ topic }) => topic === 'zigbee2mqtt/bridge/state'), 'the bridge said hello')
  clock.advance(seconds(119))
  await until(() => smokes().length === 12, 'twelve calm messages in two minutes')
  t.ok(smokes().every(({ smoke }) => smoke === false))
  clock.advance(seconds(1))
  await until(() => smokes().some(({ smoke }) => smoke === true), 'smoke')
  clock.advance(minutes(1))
  await until(() => smokes().length >= 18, 'another minute of messages')
  t.ok(
    said.every(({ client }) => client === 'zb'),
    'the bridge speaks for it'
  )
  const later = smokes().slice(-5)
  t.ok(
    later.every(({ smoke }) => smoke === true),
    'the state lasts'
  )
  t.notOk(
    later.some(said => 'action' in said),
    'a press does not'
  )
})

t.test('a person can have a device say anything, an example by its name too', async t => {
  const { url, said } = await broker(t)
  const simulator = simulateDevices({
    url,
    devices: [{ id: 'th', profile: profile('tasmota'), topic: 'TH16', password: 'secret-th' }],
    clock: stillClock(),
    log
  })
  await simulator.say('th', 'a relay as plain text')
  await simulator.say('th', '{broken', 'tele/{topic}/SENSOR')
  t.ok(said.some(({ topic, payload }) => topic === 'stat/TH16/POWER' && payload.toString() === 'ON'))
  t.ok(said.some(({ topic, payload }) => topic === 'tele/TH16/SENSOR' && payload.toString() === '{broken'))
  await t.rejects(simulator.say('nobody', {}), /no simulated device/)
  await simulator.stop()
  await until(() => said.some(({ topic, payload }) => topic === 'tele/TH16/LWT' && payload.toString() === 'Offline'), 'its last will')
})
