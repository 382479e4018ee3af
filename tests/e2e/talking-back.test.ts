/** What the station says back: to who pressed, on a lamp within a second; to the public only when people have confirmed it. */
import mqtt from 'mqtt'
import t from 'tap'
import { hubUnits, makeBox, secretFile, signIn } from '../support/box.ts'
import { until } from '../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
type Shape = any
type Heard = { readonly at: number; readonly topic: string; readonly says: string }

t.test('a press is answered on its lamp within a second; a siren for the public waits for a person, one for staff does not', async t => {
  const dir = t.testdir({})
  const city = secretFile(dir, 'city')
  const box = await makeBox(
    dir,
    [
      { id: 'panic-b', profile: 'zigbee2mqtt', zone: 'food-row', topic: 'zigbee2mqtt/panic-b', lamp: 'lamp-b' },
      { id: 'lamp-b', profile: 'tasmota', zone: 'food-row', topic: 'lamp-b' },
      { id: 'buzzer', profile: 'json', zone: 'food-row' },
      { id: 'siren-1', profile: 'shelly-gen2', zone: 'food-row', topic: 'siren-1' },
      { id: 'sign-1', profile: 'json', zone: 'food-row' }
    ] as never,
    {
      units: [...hubUnits, { id: 'guard-1', name: '保安一组', agency: 'guard', members: ['operator'] }],
      channels: [
        { id: 'room', type: 'siren', audience: 'staff', settings: { device: 'buzzer' } },
        { id: 'horn', type: 'siren', from: 'red', settings: { device: 'siren-1', for_s: 20 } },
        { id: 'way-out', type: 'sign', persons: 2, settings: { device: 'sign-1' } }
      ],
      machines: [{ name: 'city', token_file: city.file, scopes: ['read', 'write'] }]
    }
  )
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const line = async (id: string, ...hears: string[]) => {
    const client = mqtt.connect({
      ...{ host: '127.0.0.1', port: box.mqtt_port, username: id, password: box.deviceSecret(id), clientId: id, reconnectPeriod: 0 }
    })
    await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
    t.teardown(() => client.endAsync(true))
    const heard: Heard[] = []
    client.on('message', (topic, payload) => heard.push({ at: Date.now(), topic, says: String(payload) }))
    await client.subscribeAsync(hears)
    return {
      heard,
      say: (topic: string, payload: object | string) =>
        client.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { qos: 1 })
    }
  }
  const button = await line('panic-b', 'devices/panic-b/command')
  const lamp = await line('lamp-b', 'cmnd/lamp-b/#')
  const buzzer = await line('buzzer', 'devices/buzzer/command')
  const siren = await line('siren-1', 'siren-1/rpc')
  const sign = await line('sign-1', 'devices/sign-1/command')
  const [commander, patrol] = [await signIn(box.url, 'commander', box.password), await signIn(box.url, 'patrol', box.password)]

  const pressed = Date.now()
  await button.say('zigbee2mqtt/panic-b', { action: 'single' })
  await until(() => lamp.heard.length > 0 && button.heard.length > 0, 'lamp and button hear it')
  t.match(lamp.heard[0], { topic: 'cmnd/lamp-b/POWER', says: 'ON' })
  t.equal(button.heard[0]?.says, '{"heard":true}')
  const after = (lamp.heard[0]?.at ?? Number.POSITIVE_INFINITY) - pressed
  t.ok(after < 1000, `the lamp was on after ${after} ms`)
  t.comment(`press to lamp ${after} ms`)

  const incident = async (): Promise<Shape> =>
    (await commander.get<Shape[]>('/api/incidents?phase=open')).find(({ kind }) => kind === 'panic')
  await until(async () => (await incident()) !== undefined, 'the incident')
  const { id } = await incident()
  t.equal((await patrol.post(`/api/incidents/${id}/acknowledgement`)).status, 200)
  await until(() => lamp.heard.some(({ says }) => says === 'BLINK'), 'somebody comes')

  await until(() => buzzer.heard.length > 0, 'the buzzer of the duty room has sounded by itself')
  t.equal(buzzer.heard[0]?.says, '{"on":true,"for_s":30}')
  const action = async (name: string): Promise<Shape> => (await incident()).actions.find((one: Shape) => one.id === name)
  t.match(await action('horn'), { status: 'proposed', status_label: '待确认', kind_label: '警号', device: 'siren-1', persons: 1 })
  t.strictSame([siren.heard, sign.heard], [[], []], 'and what the public would hear has not')

  const url = (name: string): string => `/api/incidents/${id}/actions/${name}/confirmation`
  const machine = { method: 'POST', headers: { authorization: `Bearer ${city.secret}` } }
  t.equal((await fetch(box.url + url('horn'), machine)).status, 403, 'a machine is no person')
  t.equal((await patrol.post(url('nothing'))).status, 404)
  t.equal((await patrol.post(url('horn'))).status, 200)
  await until(() => siren.heard.length > 0, 'the siren')
  t.match(JSON.parse(siren.heard[0]?.says ?? ''), { method: 'Switch.Set', params: { id: 0, on: true, toggle_after: 20 } })
  await until(async () => (await action('horn')).status === 'sent', 'it was sent')
  await siren.say('siren-1/status/switch:0', { id: 0, output: true })
  await until(async () => (await action('horn')).status === 'acknowledged', 'and the device has done it')

  const end = `/api/incidents/${id}/actions/horn/stop`
  t.equal((await fetch(box.url + end, machine)).status, 403, 'nor does a machine end it')
  t.equal((await patrol.post(end)).status, 200)
  await until(() => siren.heard.length > 1, 'the siren is told to be quiet, while the incident goes on')
  t.match(JSON.parse(siren.heard[1]?.says ?? ''), { method: 'Switch.Set', params: { id: 0, on: false } })
  t.match(await action('horn'), { status: 'stopping', status_label: '正在停止' }, 'and is believed to be so when it says so')
  await siren.say('siren-1/status/switch:0', { id: 0, output: false })
  await until(async () => (await action('horn')).status === 'stopped', 'it has')
  t.match(await patrol.post(end), { status: 409, body: { code: 'nothing_to_stop' } })
  t.equal((await commander.post(url('horn'))).status, 200)
  await until(() => siren.heard.length > 2, 'confirmed anew, it sounds again')
  await until(async () => (await action('horn')).status === 'sent', 'sent anew')
  t.equal((await patrol.post(end)).status, 200)
  await until(() => siren.heard.length > 3, 'ended before it has said that it is on')
  t.equal((await action('horn')).status, 'stopping', 'that it was off before the order proves nothing')
  await siren.say('siren-1/status/switch:0', { id: 0, output: false })
  await until(async () => (await action('horn')).status === 'stopped', 'now it has said so')

  t.equal((await patrol.post(url('way-out'))).status, 200)
  t.match(await patrol.post(url('way-out')), { status: 409, body: { code: 'second_person_needed' } })
  t.strictSame(sign.heard, [], 'one person is not enough for it')
  t.equal((await commander.post(url('way-out'))).status, 200)
  await until(() => sign.heard.length > 0, 'the sign')
  t.match(JSON.parse(sign.heard[0]?.says ?? ''), { text: /一键报警/ })
  await until(async () => (await action('way-out')).status === 'failed', 'a device that says nothing has not done it', 20_000)
  t.equal((await action('way-out')).why, '设备没有回报')
  const told = async (): Promise<string[]> => (await commander.get<Shape[]>(`/api/incidents/${id}/timeline`)).map(({ text }) => text)
  for (const says of [
    /建议对外：警号“horn”，待人确认/,
    /patrol 确认“horn”/,
    /“horn”：设备已执行/,
    /patrol 停止“horn”/,
    /“horn”：已停止/,
    /“way-out”：未执行/
  ])
    await until(async () => (await told()).some(text => says.test(text)), String(says))
})
