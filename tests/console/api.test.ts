import t, { type Test } from 'tap'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Onboarding } from '../../edge/console/onboarding-shape.ts'
import * as Shapes from '../../edge/console/shapes.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { openTestConsole } from '../support/open-console.ts'

const fits = (t: Test, schema: TSchema, value: unknown, what: string): void =>
  void t.strictSame([...Value.Errors(schema, value)], [], `${what} has the documented shape`)

t.test('everyone may see that the station lives, nobody its version or its insides', async t => {
  const { as, desk } = await openTestConsole(t)
  const anyone = await as()
  t.strictSame((await anyone('GET', '/healthz')).json, { status: 'alive' })
  t.equal((await anyone('GET', '/readyz')).status, 200)
  desk.troubled('uplink', 'the cloud does not answer')
  const unready = await anyone('GET', '/readyz')
  t.equal(unready.status, 503)
  t.strictSame(unready.json.parts, [{ part: 'uplink', why: 'the cloud does not answer' }])
  const page = await anyone('GET', '/')
  t.match(page.text, /npm run build/)
  t.match(page.headers.get('content-security-policy'), /script-src 'self';/)
  t.equal(page.headers.get('x-content-type-options'), 'nosniff')
  for (const path of ['/healthz', '/readyz', '/', '/api/me', '/nothing']) t.notMatch((await anyone('GET', path)).text, /0\.1\.0|fastify/i)
})

t.test('metrics are counters and gauges that Prometheus reads', async t => {
  const { as, desk } = await openTestConsole(t)
  desk.people('platform-1', 90)
  const { text, headers } = await (await as())('GET', '/metrics')
  t.match(headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  t.match(text, /^qianshao_readings_total 12$/m)
  t.match(text, /^qianshao_zone_density_per_m2\{zone="platform-1",use="platform"\} 0\.5$/m)
  t.notMatch(text, /zone_people_count\{zone="hall"/, 'what is not known is absent, never 0')
  for (const line of text.trim().split('\n')) t.match(line, /^(# TYPE \w+ (counter|gauge)|[a-z_][a-z0-9_]*(\{[^}]*\})? -?[\d.e+-]+)$/)
})

t.test('zones say how full, how sure and how old, and null where nothing is known', async t => {
  const { as, desk } = await openTestConsole(t)
  desk.people('platform-1', 540, 30)
  const wang = await as('wang')
  const zones = (await wang('GET', '/api/zones')).json
  for (const zone of zones) fits(t, Shapes.Zone, zone, zone.id)
  t.match(zones[0], {
    people_count: 540,
    people_count_error: 30,
    density_per_m2: 3,
    level: 'yellow',
    level_label: '黄色 III级',
    use_label: '站台'
  })
  t.match(zones[0].since, /\+08:00$/, 'times carry the station’s offset')
  t.match(zones[1], { people_count: null, density_per_m2: null, level: 'unknown', age_seconds: null })
  t.equal((await wang('GET', '/api/zones/nowhere')).json.code, 'no_such_zone')
  const from = encodeURIComponent(zones[0].since)
  t.equal((await wang('GET', `/api/readings?zone=platform-1&quantity=people_count&from=${from}`)).json[0].value, 540)
  t.match((await wang('GET', '/api/readings?from=yesterday', undefined, { 'accept-language': 'en' })).json, {
    status: 400,
    detail: /querystring\/from must be a time with its offset, for example 2026-/
  })
})

t.test('every agency answers for itself, and only for a unit of its own', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const incident = desk.raise({ kind: 'fire', zone: 'platform-1' }, ['police', 'fire'])
  const [wang, zhao, chen] = [await as('wang'), await as('zhao'), await as('chen')]
  const path = `/api/incidents/${incident?.id}`
  clock.advance(seconds(4))
  const foreign = await chen('POST', `${path}/acknowledgement`)
  t.equal(foreign.status, 403)
  t.equal(foreign.json.code, 'not_your_unit')
  t.equal((await wang('POST', `${path}/acknowledgement`, { unit: 'fire-1' })).status, 403)
  const police = await wang('POST', `${path}/acknowledgement`)
  t.equal(police.status, 200)
  fits(t, Shapes.Incident, police.json, 'incident')
  t.match(police.json.agencies, [
    { agency: 'police', label: '公安', state: 'answered', answered_by: '巡逻一组', seconds: 4 },
    { agency: 'fire', label: '消防', state: 'silent', seconds: null }
  ])
  t.ok(police.json.ladder.due_at, 'fire is still awaited')
  t.match((await wang('POST', `${path}/acknowledgement`)).json, { status: 409, code: 'already_answered' })
  const fire = await zhao('POST', `${path}/acknowledgement`)
  t.equal(fire.json.ladder.due_at, null, 'nobody is awaited any more')
  t.match((await wang('POST', `${path}/responses`, { status: 'on_scene' })).json.responses[0], { unit: 'patrol-1', status: 'on_scene' })
  t.match((await zhao('POST', `${path}/responses`, { status: 'declined' })).json, { status: 409, code: 'reason_missing' })
  t.equal((await wang('POST', `${path}/closure`, { outcome: 'resolved' })).json.code, 'all_clear_missing')
  t.equal((await wang('POST', `${path}/all-clear`, { role: 'duty_commander' })).json.code, 'may_not')
  t.equal((await wang('POST', `${path}/all-clear`)).status, 200)
  t.equal((await zhao('POST', `${path}/all-clear`)).json.code, 'second_role_needed')
  t.equal((await (await as('commander'))('POST', `${path}/all-clear`)).status, 200)
  t.match((await wang('POST', `${path}/notes`, { text: '<img src=x onerror=alert(1)> 已核实' })).json.notes, [{ by: 'wang' }])
  t.match((await wang('POST', `${path}/closure`, { outcome: 'resolved' })).json, { phase: 'closed', outcome_label: '已处置' })
  const timeline = (await wang('GET', `${path}/timeline`)).json
  for (const entry of timeline) fits(t, Shapes.Entry, entry, entry.type)
  t.strictSame(
    timeline.map((entry: { type: string }) => entry.type),
    [
      'alert_raised',
      'incident_opened',
      'alert_linked',
      'incident_response',
      'incident_response',
      'incident_response',
      'incident_all_clear',
      'incident_all_clear',
      'incident_noted',
      'incident_closed',
      'alert_acknowledged'
    ]
  )
})

t.test('an incident opened by hand asks people at once', async t => {
  const { as } = await openTestConsole(t)
  const commander = await as('commander')
  const opened = await commander('POST', '/api/incidents', {
    kind: 'dispute',
    zone: 'hall',
    severity: 'yellow',
    text: '顾客与摊主争吵'
  })
  t.equal(opened.status, 201)
  t.match(opened.json, { because: 'commander报告：顾客与摊主争吵', zone_name: '换乘大厅', phase: 'open' })
  const listed = (await commander('GET', '/api/incidents')).json
  t.equal(listed.length, 1)
  const { clocks: _, ...alone } = (await commander('GET', `/api/incidents/${opened.json.id}`)).json
  t.match(listed[0], alone, 'the board shows what the incident itself shows')
  t.match(listed[0].clocks, { rings: [{ within_s: 60 }, { within_s: 180 }, { within_s: 300 }] })
  t.strictSame((await commander('GET', '/api/incidents?phase=closed')).json, [])
  t.equal(
    (await commander('POST', '/api/incidents', { kind: 'lost_child', zone: 'moon', severity: 'yellow', text: 'x' })).json.code,
    'no_such_zone'
  )
})

t.test('who is sought is read by people on duty alone, on a stated ground, and never from the board', async t => {
  const { as } = await openTestConsole(t)
  const commander = await as('commander')
  const sought = { consent: 'guardian', age_years: 5, clothes: '红色上衣' }
  const order = { kind: 'lost_child', zone: 'hall', severity: 'yellow', text: '在大厅走散' }
  t.equal((await commander('POST', '/api/incidents', { ...order, kind: 'dispute', sought })).json.code, 'nobody_is_sought')
  const wrong = await commander('POST', '/api/incidents', { ...order, sought: { ...sought, consent: 'none', face: 'x' } })
  t.equal(wrong.status, 400, 'a ground must be one of the two, and nothing else of a person has a place')
  const opened = await commander('POST', '/api/incidents', { ...order, sought })
  t.equal(opened.status, 201)
  t.notMatch(JSON.stringify(opened.json), /走散|红色/)
  t.match(opened.json.tasks[0], {
    zone: 'platform-1',
    text: /^搜索[^·]+$/,
    answers: [{ answer: 'seen', label: '看到' }, { answer: 'not_seen' }]
  })
  const path = `/api/incidents/${opened.json.id}`
  const patrol = await as('wang')
  const read = await patrol('GET', `${path}/description`)
  t.match(read, { status: 200, json: { consent_label: '监护人同意', receiver: null } })
  t.strictSame(
    read.json.fields.map(({ label, value }: { label: string; value: string }) => `${label} ${value}`),
    ['描述 在大厅走散', '年龄 5', '衣着 红色上衣']
  )
  t.equal((await (await as('auditor'))('GET', `${path}/description`)).status, 403)
  t.equal((await patrol('PUT', `${path}/description`, { text: '蓝色上衣', consent: 'vital_interest' })).status, 200)
  t.equal((await patrol('POST', `${path}/closure`, { outcome: 'handed_over' })).json.code, 'receipt_missing')
  const given = await patrol('POST', `${path}/handover-receipt`, { to: 'guardian', receiver: '王某某', checked: true })
  t.match(given, { status: 201, json: { handed_over: { to_label: '监护人', checked: true, receipt: /^[0-9A-F]{8}$/ } } })
  t.match((await patrol('GET', `${path}/description`)).json, { receiver: '王某某', fields: [{ value: '蓝色上衣' }] })
  const audit = (await (await as('auditor'))('GET', '/api/audit')).json as { type: string }[]
  t.equal(audit.filter(({ type }) => type === 'description_read').length, 2)
  fits(t, Shapes.Incident, given.json, 'the incident')
})

t.test('an alert is acknowledged, confirmed and shelved, a red one never shelved', async t => {
  const { as, desk } = await openTestConsole(t)
  desk.raise({ kind: 'crowd', zone: 'platform-1', severity: 'yellow' }, [])
  desk.raise({ kind: 'crowd', zone: 'hall', severity: 'red' }, ['police'])
  const wang = await as('wang')
  const [red, yellow] = (await wang('GET', '/api/alerts')).json
  fits(t, Shapes.Alert, red, 'alert')
  t.equal(red.severity, 'red', 'the worst comes first')
  t.equal((await wang('POST', `/api/alerts/${yellow.id}/confirmation`)).json.code, 'not_acknowledged')
  t.equal((await wang('POST', `/api/alerts/${yellow.id}/acknowledgement`)).json.state, 'acknowledged')
  t.equal((await wang('POST', `/api/alerts/${yellow.id}/confirmation`)).json.confirmed.by, 'wang')
  t.equal((await wang('POST', `/api/alerts/${yellow.id}/shelf`, { for_s: 600, reason: '施工' })).json.state, 'shelved')
  t.equal((await wang('POST', `/api/alerts/${yellow.id}/shelf`, { for_s: 86_400, reason: '施工' })).json.code, 'shelved_too_long')
  t.equal((await wang('POST', `/api/alerts/${red.id}/shelf`, { for_s: 600, reason: '施工' })).json.code, 'red_is_never_shelved')
})

t.test('a tap that arrives twice happens once, even at the same moment', async t => {
  const { as, desk } = await openTestConsole(t)
  const incident = desk.raise({ kind: 'fire', zone: 'platform-1' }, ['police', 'fire'])
  const wang = await as('wang')
  const tap = () => wang('POST', `/api/incidents/${incident?.id}/acknowledgement`, {}, { 'idempotency-key': 'tap-1' })
  const [first, second] = await Promise.all([tap(), tap()])
  t.equal(first.status, 200)
  t.equal(second.status, 200)
  t.equal(first.text, second.text)
  t.equal([first, second].filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length, 1)
  t.equal((await tap()).text, first.text)
  const other = await wang('POST', `/api/incidents/${incident?.id}/acknowledgement`, { unit: 'patrol-1' }, { 'idempotency-key': 'tap-1' })
  t.match(other.json, { status: 422, code: 'key_used_otherwise' })
  const commander = await as('commander')
  t.equal(
    (await commander('POST', `/api/incidents/${incident?.id}/acknowledgement`, {}, { 'idempotency-key': 'tap-1' })).json.code,
    'already_answered',
    'a key belongs to the person who made it'
  )
})

t.test('nobody waits for a slow disk: the answer comes within a second and says it is not kept yet', async t => {
  const { as, desk } = await openTestConsole(t)
  const incident = desk.raise({ kind: 'fire', zone: 'platform-1' }, ['police', 'fire'])
  const wang = await as('wang')
  desk.slowDisk(true)
  const from = performance.now()
  const answer = await wang('POST', `/api/incidents/${incident?.id}/acknowledgement`)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('qianshao-kept'), 'pending')
  t.ok(performance.now() - from < 1000)
  t.equal((await wang('GET', '/api/station')).json.unpersisted, 1)
  desk.slowDisk(false)
  const kept = await wang('POST', `/api/incidents/${incident?.id}/notes`, { text: '好' })
  t.equal(kept.headers.get('qianshao-kept'), 'kept')
})

t.test('a device is enrolled by who looks after devices, and its password is shown once', async t => {
  const { as } = await openTestConsole(t)
  const [installer, wang, auditor] = [await as('installer'), await as('wang'), await as('auditor')]
  const device = { id: 'th-1', profile: 'json', zone: 'hall' }
  t.equal((await wang('POST', '/api/devices', device)).json.code, 'may_not')
  const enrolled = await installer('POST', '/api/devices', device)
  t.match(enrolled.json, { id: 'th-1', username: 'th-1', password: 'shown-this-once' })
  t.equal((await installer('POST', '/api/devices', device)).json.code, 'device_exists')
  fits(t, Onboarding, (await installer('GET', '/api/onboarding')).json, 'what may be chosen')
  t.equal((await auditor('GET', '/api/onboarding')).json.code, 'may_not')
  const devices = (await wang('GET', '/api/devices')).json
  for (const one of devices) fits(t, Shapes.Device, one, one.id)
  t.notMatch(JSON.stringify(devices), /shown-this-once/)
  t.match((await wang('GET', '/api/devices/th-1')).json, { online: false, last_seen: null, topic: 'devices/th-1' })
  t.match((await installer('DELETE', '/api/devices/th-1')).json, { removed: true })
  t.equal((await installer('DELETE', '/api/devices/th-1')).status, 404)
  t.strictSame(
    (await auditor('GET', '/api/audit')).json.slice(0, 2).map(({ type, by }: { type: string; by: string }) => [type, by]),
    [
      ['device_removed', 'installer'],
      ['device_enrolled', 'installer']
    ]
  )
})

t.test('gas, smoke and fire speak later than the rules say only where the duty commander wants it so', async t => {
  const { as } = await openTestConsole(t)
  const [installer, commander] = [await as('installer'), await as('commander')]
  const device = { id: 'gas-1', profile: 'json', zone: 'hall' }
  const deaf = await installer('POST', '/api/devices', { ...device, limits: { gas_lel_percent: [99, 100] } }, { 'accept-language': 'en' })
  t.match([deaf.status, deaf.json], [403, { code: 'limits_of_life', detail: /^Only the duty commander/ }])
  t.equal((await installer('POST', '/api/devices', { ...device, limits: { gas_lel_percent: [5, 20] } })).status, 201)
  const put = async (by: typeof installer, limits: Readonly<Record<string, number[]>>): Promise<number> =>
    (await by('PUT', '/api/devices/gas-1/limits', limits)).status
  const table: readonly [Readonly<Record<string, number[]>>, number][] = [
    [{ gas_lel_percent: [10, 25] }, 200],
    [{ gas_lel_percent: [10, 26] }, 403],
    [{ carbon_monoxide_ppm: [101, 300] }, 403],
    [{ smoke_obscuration_percent: [4.5] }, 403],
    [{ temperature_celsius: [56, 57], co2_ppm: [4000] }, 200],
    [{ temperature_celsius: [45, 58] }, 403]
  ]
  for (const [limits, status] of table) t.equal(await put(installer, limits), status, JSON.stringify(limits))
  t.equal(await put(commander, { gas_lel_percent: [12, 40] }), 200)
  t.equal(await put(installer, { gas_lel_percent: [12, 40], co2_ppm: [3000] }), 200, 'what the commander has set may stay')
  t.equal(await put(installer, { gas_lel_percent: [12, 41] }), 403)
})

t.test('a still needs a reason, is written down, and is never an old picture', async t => {
  const { as, desk } = await openTestConsole(t)
  const [wang, installer, auditor] = [await as('wang'), await as('installer'), await as('auditor')]
  t.match((await wang('GET', '/api/cameras/cam-1/still')).json, { status: 400, code: 'reason_missing' })
  t.equal((await installer('GET', '/api/cameras/cam-1/still?reason=x')).status, 403)
  const still = await wang('GET', '/api/cameras/cam-1/still', undefined, { 'qianshao-reason': encodeURIComponent('核实拥挤') })
  t.equal(still.headers.get('content-type'), 'image/jpeg')
  t.match((await auditor('GET', '/api/audit')).json[0], { type: 'still_taken', id: 'cam-1', by: 'wang', reason: '核实拥挤' })
  desk.camera('cam-1', { state: 'frozen' })
  t.equal((await wang('GET', '/api/cameras/cam-1/still?reason=x')).json.code, 'no_fresh_picture')
  for (const camera of (await wang('GET', '/api/cameras')).json) fits(t, Shapes.Camera, camera, camera.id)
})

t.test('that a moved camera looks where it should is said by whoever looks after it, and written down', async t => {
  const { as, desk } = await openTestConsole(t)
  const [wang, installer, auditor] = [await as('wang'), await as('installer'), await as('auditor')]
  t.match((await installer('POST', '/api/cameras/cam-1/view')).json, { status: 409, code: 'view_not_in_doubt' })
  desk.camera('cam-1', { state: 'moved' })
  t.equal((await wang('POST', '/api/cameras/cam-1/view')).status, 403)
  t.equal((await installer('POST', '/api/cameras/cam-9/view')).json.code, 'no_such_camera')
  t.equal((await installer('POST', '/api/cameras/cam-1/view')).status, 200)
  t.match((await auditor('GET', '/api/audit')).json[0], { type: 'view_accepted', id: 'cam-1', by: 'installer' })
})

t.test('reports are kept and read back, the newest first', async t => {
  const { as } = await openTestConsole(t)
  const wang = await as('wang')
  for (const text of ['压', '喘不过气 🆘']) await wang('POST', '/api/reports', { text, zone: 'platform-1', kind: 'crowd' })
  const reports = (await wang('GET', '/api/reports')).json
  for (const report of reports) fits(t, Shapes.Report, report, report.text)
  t.match(reports, [{ text: '喘不过气 🆘', kind_label: '人群聚集', zone_name: '一号站台', by: 'wang' }, { text: '压' }])
})

t.test('what is wrong is said with its place and what would be right, in the language asked for', async t => {
  const { as } = await openTestConsole(t)
  const wang = await as('wang')
  const wrong = { kind: 'party', zone: 'hall', severity: 5, text: '', more: 1 }
  const zh = await wang('POST', '/api/incidents', wrong)
  t.equal(zh.headers.get('content-type'), 'application/problem+json; charset=utf-8')
  t.equal(zh.headers.get('content-language'), 'zh-CN')
  fits(t, Shapes.Problem, zh.json, 'problem')
  t.match(zh.json.detail, /body\/kind 应是 crowd, .* 之一/)
  t.match(zh.json.detail, /body\/more 不认识 more/)
  const en = await wang('POST', '/api/incidents', wrong, { 'accept-language': 'fr, en;q=0.8, zh;q=0.5' })
  t.equal(en.headers.get('content-language'), 'en')
  t.match(en.json.errors, [{ path: 'body/more', wrong: 'more is not known here' }])
  t.match(en.json.detail, /body\/text must have at least 1 characters/)
  t.match((await wang('GET', '/nothing', undefined, { 'accept-language': 'en' })).json, {
    status: 404,
    code: 'not_found',
    title: 'Not Found'
  })
  t.match((await wang('GET', '/api/incidents/i-0')).json, { status: 404, code: 'no_such_incident', detail: '没有这个警情。' })
})

t.test('a failure on our side shows nothing of our insides', async t => {
  const { as, desk } = await openTestConsole(t)
  const wang = await as('wang')
  Object.assign(desk, {
    zones: () => {
      throw new Error('secret path /var/lib')
    }
  })
  const answer = await wang('GET', '/api/zones')
  t.equal(answer.status, 500)
  t.match(answer.json, { code: 'our_fault', detail: '系统内部出错，已记录。' })
  t.notMatch(answer.text, /secret|var/)
})
