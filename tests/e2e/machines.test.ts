import mqtt from 'mqtt'
import t from 'tap'
import { makeBox, secretFile, signIn } from '../support/box.ts'
import { until } from '../support/until.ts'

t.test(
  'another system reads by token: status, readings, zones and alerts over MQTT in the shapes of the HTTP API, and may not speak',
  async t => {
    const dir = t.testdir({})
    const { file, secret } = secretFile(dir, 'token')
    const box = await makeBox(dir, [{ id: 'meter', profile: 'json', zone: 'platform-1' }], {
      machines: [{ name: 'city-screen', token_file: file, scopes: ['read'] }]
    })
    const station = await box.start()
    t.teardown(() => station.end('SIGKILL'))
    const connect = async (username: string, password: string) => {
      const client = mqtt.connect({
        host: '127.0.0.1',
        port: box.mqtt_port,
        username,
        password,
        clientId: username,
        protocolVersion: 4,
        reconnectPeriod: 0
      })
      await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
      t.teardown(() => client.endAsync(true))
      return client
    }
    const device = await connect('meter', box.deviceSecret('meter'))
    await device.publishAsync('devices/meter/telemetry', '{"people_count": 300, "smoke_alarm": 1}', { qos: 1 })

    const heard = new Map<string, unknown>()
    const reader = await connect('city-screen', secret)
    reader.on('message', (topic, payload) => heard.set(topic, topic.endsWith('/status') ? String(payload) : JSON.parse(String(payload))))
    await reader.subscribeAsync('station/test-hub/#')
    await until(
      () =>
        heard.has('station/test-hub/status') &&
        heard.has('station/test-hub/zones/platform-1') &&
        [...heard.keys()].some(topic => topic.includes('/alerts/')),
      'what is retained'
    )
    t.equal(heard.get('station/test-hub/status'), 'online')
    t.match(heard.get('station/test-hub/zones/platform-1'), { id: 'platform-1', people_count: 300, level: String })
    const [alert] = [...heard].filter(([topic]) => topic.includes('/alerts/')).map(([, payload]) => payload as { id: string })
    const officer = await signIn(box.url, 'commander', box.password)
    const shape = (await officer.get<{ id: string }[]>('/api/alerts')).find(one => one.id === alert?.id)
    t.strictSame(Object.keys(alert ?? {}).sort(), Object.keys(shape ?? {}).sort(), 'the shape of the HTTP API')

    await device.publishAsync('devices/meter/telemetry', '{"temperature_celsius": 21.5}', { qos: 1 })
    await until(() => heard.has('station/test-hub/readings/meter/temperature_celsius'), 'the reading')
    t.match(heard.get('station/test-hub/readings/meter/temperature_celsius'), { device: 'meter', value: 21.5 })

    await reader.publishAsync('station/test-hub/status', 'offline', { qos: 1 })
    const answer = await fetch(`${box.url}/api/zones`, { headers: { authorization: `Bearer ${secret}` } })
    t.equal(answer.status, 200, 'and over HTTP')
    t.equal((await fetch(`${box.url}/api/zones`)).status, 401, 'nothing anonymous')
    t.equal(heard.get('station/test-hub/status'), 'online', 'a reader does not speak for the station')
  }
)
