import t from 'tap'
import { type Entity, fold } from '../../cloud/fold.ts'
import { realClock } from '../../edge/clock.ts'
import { type Alert, evolveAlert } from '../../edge/domain/alert.ts'
import { evolve, type Incident } from '../../edge/domain/incident.ts'
import { line } from '../../edge/domain/line-protocol.ts'
import type { Entry } from '../../edge/domain/uplink.ts'
import { openChaosProxy } from '../support/chaos-proxy.ts'
import {
  answered,
  changed,
  lineOf,
  moving,
  noted,
  opened,
  openTestCity,
  openTestStation,
  password,
  raised,
  signIn,
  station,
  testDir
} from '../support/city.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

type Listed = { id: string; state: string; refused?: string }

t.test('red overtakes what came before it: the higher number wins, whatever the order of arrival', t => {
  const first = evolveAlert(undefined, raised('a-1', 'yellow', 1_000))
  const red = { ...first, severity: 'red', highest: 'red', changed_at: 3_000 } as Alert
  const entries: Entry[] = [
    { seq: 1, lane: 'events', event: raised('a-1', 'yellow', 1_000) },
    { seq: 2, lane: 'events', event: { type: 'alert_acknowledged', id: 'a-1', at: 2_000, by: 'chen' } },
    { seq: 3, lane: 'red', event: changed(red, 3_000) },
    { seq: 4, lane: 'red', event: { type: 'alert_linked', id: 'a-1', at: 4_000, incident: 'i-1' } }
  ]
  for (const order of [
    [0, 1, 2, 3],
    [2, 3, 0, 1],
    [0, 2, 3, 1],
    [2, 0, 3, 1]
  ]) {
    let known: Entity | undefined
    for (const i of order) {
      const folded = fold(known, entries[i] as Entry)
      if ('entity' in folded) known = folded.entity
    }
    t.match(known, { seq: 4, kind: 'alert', state: { severity: 'red', highest: 'red', incident: 'i-1' } }, order.join())
  }
  t.end()
})

t.test('what changes something never heard of is kept for the record and folded into nothing', t => {
  t.strictSame(fold(undefined, { seq: 9, lane: 'events', event: answered('i-9', 1) }), { kept: 'orphan' })
  t.strictSame(fold(undefined, { seq: 9, lane: 'events', event: noted('n-1', 1) }), { kept: 'other' })
  const known = fold(undefined, { seq: 1, lane: 'red', event: opened('i-1', 'red', 1) })
  const stranger = { ...answered('i-1', 2), unit: 'never-asked' } as ReturnType<typeof answered>
  t.strictSame('entity' in known && fold(known.entity, { seq: 2, lane: 'red', event: stranger }), { kept: 'unfoldable' })
  t.strictSame('entity' in known && fold(known.entity, { seq: 1, lane: 'red', event: opened('i-1', 'red', 1) }), { kept: 'older' })
  t.end()
})

t.test('the board folds by the station’s own evolve: incident, answer and who is silent are the same on both sides', async t => {
  const cloud = await openTestCity(t, testDir(t))
  const { journal, uplink, drained } = openTestStation(t, cloud.mqttPort, { clock: realClock })
  const at = Date.now()
  const events = [opened('i-1', 'red', at), answered('i-1', at + 500)]
  await journal.append(events.map(event => ({ event, lane: 'red' as const }))).kept
  uplink.poke()
  await until(drained, 'confirmed')
  const there = evolve(evolve(undefined, events[0] as never), events[1] as never) as Incident
  const call = await signIn(cloud.httpPort)
  const { body } = await call('GET', `/api/stations/${station}/incidents`)
  t.match(body, [
    {
      id: 'i-1',
      severity: 'red',
      phase: there.phase,
      silent_agencies: ['operator'],
      responses: [{ unit: 'patrol-1', status: 'acknowledged' }]
    }
  ])
  t.match((await call('GET', `/api/stations/${station}/incidents/i-1`)).body, {
    timeline: [{ type: 'incident_opened' }, { type: 'incident_response' }]
  })
  t.match((await call('GET', '/api/stations')).body, [
    { id: station, name: '人民广场枢纽联勤警务站', status: 'online', level: 'red', open_incidents: 1 }
  ])
})

t.test('readings reach the query and zones keep their age: what is old is unknown, never green', async t => {
  const clock = stillClock()
  const cloud = await openTestCity(t, testDir(t), {}, clock)
  const { history, uplink, drained } = openTestStation(t, cloud.mqttPort, { clock: realClock })
  const at = clock.now() - seconds(30)
  const zone = line(
    'zone',
    [
      ['station', station],
      ['zone', 'platform-1'],
      ['use', 'platform']
    ],
    { people_count: 54, density_per_m2: 0.3, level: 0 },
    at
  )
  await history.keep([lineOf(52, at), lineOf(54, at + 1_000), zone ?? ''])
  uplink.poke()
  await until(drained, 'confirmed')
  const call = await signIn(cloud.httpPort)
  const from = new Date(at - 60_000).toISOString()
  t.match((await call('GET', `/api/stations/${station}/readings?from=${from}&step=0`)).body, [
    { quantity: 'people_count', value: 52 },
    { quantity: 'people_count', value: 54 }
  ])
  t.match((await call('GET', `/api/stations/${station}/readings?from=${from}&step=60&quantity=people_count`)).body, [
    { value: 53, min: 52, max: 54, n: 2 }
  ])
  t.match((await call('GET', `/api/stations/${station}/zones`)).body, [
    { id: 'platform-1', level: 'green', people_count: 54, age_seconds: 30 }
  ])
  clock.advance(seconds(120))
  t.match((await call('GET', `/api/stations/${station}/zones`)).body, [
    { level: 'unknown', last_level: 'green', people_count: null, age_seconds: 150 }
  ])
})

t.test('a damaged block or line is counted and let go; the lane goes on', async t => {
  const cloud = await openTestCity(t, testDir(t))
  const { history, uplink, drained } = openTestStation(t, cloud.mqttPort, { clock: realClock })
  const damaged = {
    ...history,
    blocks: async (after: number, most: number) =>
      (await history.blocks(after, most)).map(block => (block.seq === 2 ? { ...block, gzip: Buffer.from('damaged') } : block))
  }
  await uplink.close()
  for (const lines of [[lineOf(1, 1_000), 'a newer station says "more" 1'], [lineOf(2, 2_000)], [lineOf(3, 3_000)]])
    await history.keep(lines)
  const again = openTestStation(t, cloud.mqttPort, { clock: realClock, history: damaged })
  await until(again.drained, 'confirmed')
  t.equal(drained(), false)
  t.match(cloud.counters(), { blocks_unreadable_total: 1, lines_unread_total: 1 })
  const call = await signIn(cloud.httpPort)
  t.match((await call('GET', `/api/stations/${station}/readings?from=1970-01-01T00:00:00Z&to=1970-01-01T00:30:00Z&step=0`)).body, [
    { value: 1 },
    { value: 3 }
  ])
})

t.test('a silent station is an alarm within 90 s, survives a restart of the cloud, and ends with the station’s next word', async t => {
  const dir = testDir(t)
  const clock = stillClock()
  const cloud = await openTestCity(t, dir, {}, clock)
  const edge = openTestStation(t, cloud.mqttPort, { clock: realClock })
  const call = await signIn(cloud.httpPort)
  const status = async (ask = call): Promise<string> => ((await ask('GET', '/api/stations')).body as { status: string }[])[0]?.status ?? ''
  await until(async () => (await status()) === 'online', 'online')
  await edge.uplink.close()
  await until(async () => (await status()) === 'offline', 'the last word says so at once')
  const heardLast = clock.now()
  await until(async () => {
    clock.advance(seconds(1))
    return (await status()) === 'silent'
  }, 'the alarm')
  t.ok(clock.now() - heardLast <= seconds(90), `${(clock.now() - heardLast) / 1000} s`)
  await cloud.close()

  const second = await openTestCity(t, dir, {}, clock)
  const again = await signIn(second.httpPort)
  t.equal(await status(again), 'silent', 'still an alarm after the restart')
  t.match((await again('GET', `/api/stations/${station}/alerts`)).body, [{ rule: 'station-silent', source: 'cloud', phase: 'open' }])
  openTestStation(t, second.mqttPort, { clock: realClock })
  await until(async () => (await status(again)) === 'online', 'heard again')
  t.strictSame((await again('GET', `/api/stations/${station}/alerts`)).body, [])
  t.match((await again('GET', `/api/stations/${station}/alerts?state=all`)).body, [{ rule: 'station-silent', phase: 'closed' }])
})

t.test('a heartbeat every ten seconds keeps a quiet station from being called silent', async t => {
  const clock = stillClock()
  const cloud = await openTestCity(t, testDir(t), {}, clock)
  const { uplink } = openTestStation(t, cloud.mqttPort, { clock })
  await until(() => uplink.now().online, 'online')
  for (let i = 0; i < 30; i++) {
    const before = cloud.counters().messages_total ?? 0
    clock.advance(seconds(10))
    await until(() => (cloud.counters().messages_total ?? 0) > before, 'a heartbeat')
  }
  const call = await signIn(cloud.httpPort)
  t.match((await call('GET', '/api/stations')).body, [{ status: 'online', silent: null }])
})

t.test('a command waits honestly across an outage: pending, then done once; what the station refuses is refused', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  const clock = stillClock()
  const edge = openTestStation(t, proxy.port, { clock })
  await until(() => edge.uplink.now().online, 'online')
  const call = await signIn(cloud.httpPort)
  const path = `/api/stations/${station}/commands`
  const note = { type: 'note', incident: 'i-1', text: '封闭二号口' }
  t.match(await call('POST', path, note), { status: 202, body: { state: 'delivered', outcome: 'done' } })
  t.match(await call('POST', path, { ...note, incident: 'i-none' }), {
    status: 202,
    body: { outcome: 'refused', refused: 'no_such_incident' }
  })

  proxy.refuse(true)
  await until(() => !edge.uplink.now().online, 'cut')
  const { status, body } = await call('POST', path, { ...note, text: '增派一组' })
  t.match({ status, body }, { status: 202, body: { state: 'pending' } })
  t.equal(edge.commands.length, 2)
  proxy.refuse(false)
  await until(
    moving(clock, seconds(1), () => edge.commands.length === 3),
    'delivered after the outage'
  )
  const { id } = body as Listed
  const state = async (): Promise<string | undefined> => ((await call('GET', path)).body as Listed[]).find(one => one.id === id)?.state
  await until(async () => (await state()) === 'done', 'done')
  t.equal(edge.commands.length, 3, 'once')
})

t.test('nobody sees anything without signing in, and the door closes after five wrong passwords', async t => {
  const { httpPort } = await openTestCity(t, testDir(t))
  const base = `http://127.0.0.1:${httpPort}`
  for (const path of ['/api/stations', `/api/stations/${station}`, `/api/stations/${station}/readings`, '/api/live', '/api/me'])
    t.equal((await fetch(`${base}${path}`)).status, 401, path)
  const refused = await fetch(`${base}/api/stations`, { headers: { 'accept-language': 'en' } })
  t.match(refused.headers.get('content-type'), 'application/problem+json')
  t.match(await refused.json(), { code: 'not_signed_in', detail: 'Please sign in first.' })
  t.match(await (await fetch(`${base}/api/stations`)).json(), { detail: '请先登录。' })
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) t.equal((await fetch(`${base}${path}`)).status, 200, path)
  const knock = (word: string) =>
    fetch(`${base}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'city-1', password: word })
    })
  for (let i = 0; i < 5; i++) t.equal((await knock('guess')).status, 401)
  t.equal((await knock(password)).status, 429, 'even the right one has to wait')
})

t.test('a signed-in board is told live and resumes by id without a gap', async t => {
  const cloud = await openTestCity(t, testDir(t))
  const { journal, uplink, drained } = openTestStation(t, cloud.mqttPort, { clock: realClock })
  const signed = await fetch(`http://127.0.0.1:${cloud.httpPort}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'city-1', password })
  })
  t.match(signed.headers.get('set-cookie'), /HttpOnly; SameSite=Strict/)
  const cookie = signed.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const listen = async (lastId?: string) => {
    const stop = new AbortController()
    const answer = await fetch(`http://127.0.0.1:${cloud.httpPort}/api/live`, {
      headers: { cookie, ...(lastId && { 'last-event-id': lastId }) },
      signal: stop.signal
    })
    const heard = { text: '' }
    const reading = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) heard.text += decoder.decode(chunk as Uint8Array)
    })().catch(() => {})
    t.teardown(() => stop.abort())
    return { heard, stop: () => stop.abort(), reading }
  }
  const screen = await listen()
  await until(() => screen.heard.text.includes('event: reset'), 'a new screen is told to load')
  await journal.append([{ event: opened('i-1', 'red', Date.now()), lane: 'red' }]).kept
  uplink.poke()
  await until(() => screen.heard.text.includes('event: incident'), 'live')
  const id = /id: (\S+)\nevent: incident/.exec(screen.heard.text)?.[1] ?? ''
  screen.stop()
  await journal.append([{ event: answered('i-1', Date.now()), lane: 'red' }]).kept
  uplink.poke()
  await until(drained, 'confirmed')
  const back = await listen(id)
  await until(() => back.heard.text.includes('"status":"acknowledged"'), 'what was missed')
  t.notMatch(back.heard.text, /event: reset/)
})
