/** The duty's scenarios once in real time: a real station as its own process, real MQTT, HTTP and live events. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import mqtt from 'mqtt'
import t from 'tap'
import { hubPeople, hubUnits, hubZones, makeBox, type Session, signIn } from '../support/box.ts'
import { hearLive } from '../support/hears.ts'
import { until } from '../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
type Shape = any

t.test('D3, D6, D9, D12 and D14 at one station, in real time', async t => {
  const dir = t.testdir({})
  const state_dir = `${dir}/state`
  const people = [...hubPeople, { name: 'deputy', agency: 'police', roles: ['duty_commander', 'officer'] }]
  const quiet = Array.from({ length: 60 }, (_, n) => ({ id: `meter-${n}`, profile: 'json', zone: 'food-row', silent_after_s: 5 }))
  const box = await makeBox(dir, [{ id: 'panic-b', profile: 'json', zone: 'food-row' }, ...quiet], {
    users: people.map(one => ({ ...one, password_file: 'secrets/people' })),
    units: [
      ...hubUnits.map(one => (one.id === 'command' ? { ...one, members: ['commander', 'deputy'] } : one)),
      { id: 'guard-1', name: '保安一组', agency: 'guard', members: ['operator'] }
    ]
  })
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const as = (name: string): Promise<Session> => signIn(box.url, name, box.password)
  const [commander, deputy, patrol, fire] = [await as('commander'), await as('deputy'), await as('patrol'), await as('fire')]
  const ear = await hearLive(box.url, commander.cookie)
  t.teardown(ear.leave)
  const incident = async (kind: string): Promise<Shape> =>
    (await commander.get<Shape[]>('/api/incidents?phase=open')).find(one => one.kind === kind && !one.drill)
  const close = async (id: string): Promise<void> => {
    for (const one of [commander, fire])
      await one.post(`/api/incidents/${id}/all-clear`, one === fire ? { role: 'officer' } : { role: 'duty_commander' })
    t.equal((await commander.post(`/api/incidents/${id}/closure`, { outcome: 'resolved' })).status, 200)
  }

  await t.test('[D12] sixty devices fall silent at once: one cause is shown, sixty are listed under it', async t => {
    await until(
      async () => (await commander.get<Shape[]>('/api/alerts')).filter(({ state }) => state === 'suppressed').length >= 60,
      'all sixty are under their cause',
      30_000
    )
    const alerts = await commander.get<Shape[]>('/api/alerts')
    const calling = alerts.filter(({ state }) => state !== 'suppressed')
    t.strictSame(
      calling.map(({ rule }) => rule),
      ['common-cause']
    )
  })

  await t.test('[D6] a press is on every screen and back at the button within a second, in the middle of that', async t => {
    const secret = box.deviceSecret('panic-b')
    const button = mqtt.connect({
      host: '127.0.0.1',
      port: box.mqtt_port,
      username: 'panic-b',
      password: secret,
      clientId: 'panic-b',
      reconnectPeriod: 0
    })
    await new Promise((resolve, reject) => button.once('connect', resolve).once('error', reject))
    t.teardown(() => button.endAsync(true))
    const lamp: { at: number; says: Shape }[] = []
    button.on('message', (_, payload) => lamp.push({ at: Date.now(), says: JSON.parse(String(payload)) }))
    await button.subscribeAsync('devices/panic-b/command')
    const pressed = Date.now()
    await button.publishAsync('devices/panic-b/telemetry', '{"button_pressed": true}', { qos: 1 })
    await until(
      () => lamp.length > 0 && ear.heard.some(({ type, data }) => type === 'incident' && data.kind === 'panic'),
      'lamp and screen'
    )
    const screen = ear.heard.find(({ type, data }) => type === 'incident' && data.kind === 'panic')
    const first = lamp[0]
    t.match(first?.says, { heard: true })
    t.ok((screen?.at ?? Number.POSITIVE_INFINITY) - pressed < 1000, `on the screen after ${(screen?.at ?? 0) - pressed} ms`)
    t.ok((first?.at ?? Number.POSITIVE_INFINITY) - pressed < 1000, `at the button after ${(first?.at ?? 0) - pressed} ms`)
    const { id } = await incident('panic')
    t.equal((await patrol.post(`/api/incidents/${id}/acknowledgement`)).status, 200)
    await until(() => lamp.some(({ says }) => says.status === 'acknowledged'), 'the button hears that somebody has it')
    t.equal((await patrol.post(`/api/incidents/${id}/responses`, { status: 'en_route' })).status, 200)
    await until(() => lamp.some(({ says }) => says.status === 'en_route'), 'the button hears that somebody is coming')
  })

  await t.test('[D14] the command passes during it: read-back must name the red incident', async t => {
    const { id } = await incident('panic')
    t.equal((await commander.post('/api/handover/take', { reason: '当班' })).status, 201)
    t.equal((await commander.post('/api/handover', { to: 'deputy', text: '07:30' })).status, 201)
    t.match(await deputy.post('/api/handover/read-back', { items: [] }), { status: 409, body: { code: 'read_back_incomplete' } })
    t.equal((await deputy.post('/api/handover/read-back', { items: [id] })).status, 200)
    t.equal((await commander.post('/api/handover/confirmation')).status, 200)
    t.match(await deputy.get<Shape>('/api/roster'), { command: { holder: 'deputy' } })
    await close(id)
  })

  await t.test('[D9] reports of one place become amber at the third, red when somebody says that people are pressed', async t => {
    const level = async (): Promise<string | undefined> =>
      (await commander.get<Shape[]>('/api/alerts')).find(({ rule }) => rule === 'reports')?.severity
    for (const text of ['人很多', '走不动', '越来越多']) await patrol.post('/api/reports', { zone: 'platform-1', kind: 'crowd', text })
    t.equal(await level(), 'yellow')
    await patrol.post('/api/reports', { zone: 'platform-1', kind: 'crowd', text: '有人喘不过气' })
    t.equal(await level(), 'red')
    const { id, needs } = await incident('crowd')
    for (const agency of ['police', 'fire', 'city']) t.ok(needs.includes(agency), agency)
    t.match(await commander.post(`/api/incidents/${id}/closure`, { outcome: 'resolved' }), {
      status: 409,
      body: { code: 'all_clear_missing' }
    })
    await close(id)
  })

  await t.test('[D3] a lost child: each zone answers seen or not seen, and nothing of the child is in the journal', async t => {
    const opened = await commander.post('/api/incidents', {
      kind: 'lost_child',
      zone: 'platform-1',
      severity: 'orange',
      text: '男孩 5 岁 红上衣',
      sought: { consent: 'guardian', clothes: '红上衣' }
    })
    const id = (opened.body as Shape).id
    t.strictSame(
      (opened.body as Shape).tasks.map(({ zone }: Shape) => zone),
      hubZones.map(({ id: zone }) => zone)
    )
    for (const [n, { id: zone }] of hubZones.entries())
      await (n === 0 ? patrol : fire).post(`/api/incidents/${id}/tasks/sweep-${zone}/completion`, { answer: n === 0 ? 'not_seen' : 'seen' })
    t.ok((await commander.get<Shape>(`/api/incidents/${id}`)).tasks.every(({ done }: Shape) => done !== null))
    t.match((await patrol.get<Shape>(`/api/incidents/${id}/description`)).fields[0], { value: '男孩 5 岁 红上衣' })
    t.match(await patrol.post(`/api/incidents/${id}/handover-receipt`, { to: 'guardian', receiver: '王某某', checked: true }), {
      status: 201
    })
    t.equal((await commander.post(`/api/incidents/${id}/closure`, { outcome: 'handed_over' })).status, 200)
    const state = readdirSync(state_dir, { recursive: true, encoding: 'utf8' })
    const holding = state.filter(file => {
      const path = `${state_dir}/${file}`
      return statSync(path).isFile() && ['红上衣', '王某某'].some(word => readFileSync(path).includes(word))
    })
    t.strictSame(holding, [`sought/${id}.json`], 'one file holds it, which will be erased')
  })
})
