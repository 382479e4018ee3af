import t, { type Test } from 'tap'
import { type CapAlert, capXml } from '../../edge/domain/cap.ts'
import type { Incident } from '../../edge/domain/incident.ts'
import type { Who } from '../../edge/ports.ts'
import { bad, call, first, good } from '../support/cap.ts'
import { needsData } from '../support/data.ts'
import { needs } from '../support/needs.ts'
import { type Client, openTestConsole } from '../support/open-console.ts'
import { capFaults } from '../support/xsd.ts'

const xml = { 'content-type': 'application/cap+xml' }
const writer = 'token-that-writes-001'

const openBoth = async (t: Test) => {
  const { desk, as } = await openTestConsole(t)
  const machine = await as(writer)
  const post = (alert: CapAlert | string, path = '/api/cap', client: Client = machine) =>
    client('POST', path, typeof alert === 'string' ? alert : capXml(alert), xml)
  return { desk, as, machine, post, opened: () => desk.incidents().filter(({ kind }) => kind === 'help') }
}

t.test('an incident is asked for as CAP: the newest message, or an earlier one by its number', async t => {
  const { desk, machine, as } = await openBoth(t)
  const incident = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police', 'fire']) as Incident
  const path = `/api/incidents/${incident.id}/cap.xml`
  const one = await machine('GET', path)
  t.equal(one.status, 200)
  t.equal(one.headers.get('content-type'), 'application/cap+xml; charset=utf-8')
  t.match(one.text, /<msgType>Alert<\/msgType>[\s\S]*<severity>Extreme<\/severity>[\s\S]*一号站台/)
  t.equal((await machine('GET', path)).text, one.text, 'asked twice, the same document')
  desk.command(incident.id, { type: 'ask', ask: [{ unit: 'ops-1', agency: 'operator' }] })
  t.match((await machine('GET', path)).text, /<msgType>Update<\/msgType>[\s\S]*<references>demo-hub@qianshao\.local,demo-hub\.i-\w+\.1,/)
  t.equal((await machine('GET', `${path}?message=1`)).text, one.text)
  const [none, nobody, wrong] = [
    await machine('GET', `${path}?message=3`),
    await machine('GET', '/api/incidents/x/cap.xml'),
    await machine('GET', `${path}?message=0`)
  ]
  t.match(
    [none.status, none.json.code, nobody.status, nobody.json.code, wrong.status],
    [404, 'no_such_message', 404, 'no_such_incident', 400]
  )
  t.equal((await (await as('auditor'))('GET', path)).status, 200)
})

t.test('while the disk is full an incident still speaks, of what is true now', async t => {
  const { desk, machine } = await openBoth(t)
  desk.slowDisk(true)
  const incident = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police']) as Incident
  t.match((await machine('GET', `/api/incidents/${incident.id}/cap.xml`)).text, /<msgType>Alert<\/msgType>/)
  desk.slowDisk(false)
})

t.test('a grave call of a trusted system opens an incident once, however often it comes, and we can answer it', async t => {
  const { desk, machine, post, opened } = await openBoth(t)
  const answers = await Promise.all([post(call()), post(call()), post(call())])
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200, 200]
  )
  t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'answered as before')
  t.match(opened(), [{ kind: 'help', severity: 'red', zone: '', drill: false, because: { with: { by: '邻站', text: /人手不够/ } } }])
  t.match(answers[0]?.json, { done: 'incident', incident: opened()[0]?.id, report: null })
  t.match(
    (await machine('GET', `/api/incidents/${opened()[0]?.id}`)).json,
    { zone: '', zone_name: '人民广场枢纽联勤警务站' },
    'it has a place on the board'
  )
  t.equal((await post(call())).headers.get('idempotent-replayed'), 'true')
  const received = desk.journal.read(0, 1000).filter(({ event }) => event.type === 'cap_received')
  t.match(received, [{ event: { by: 'writer', sender: 'other@qianshao.local', identifier: 'other.i-7.1', done: 'incident' } }])
})

t.test('what was heard before a restart is still known', async t => {
  const { desk, post, opened } = await openBoth(t)
  await desk.note({
    type: 'cap_received',
    id: 'cap-before',
    at: 0,
    by: 'writer',
    sender: 'other@qianshao.local',
    identifier: 'other.i-7.1',
    sent: '2026-11-24T16:00:00+08:00',
    status: 'Actual',
    msg_type: 'Alert',
    incidents: ['other/i-7'],
    done: 'incident',
    incident: 'i-old'
  })
  t.match((await post(call())).json, { id: 'cap-before', done: 'incident', incident: 'i-old' })
  t.equal(opened().length, 0)
})

t.test('the answer goes back to who called', async t => {
  const { console, desk, as } = await openTestConsole(t)
  const { json } = await (await as(writer))('POST', '/api/cap', capXml(call()), xml)
  const incident = desk.incidents().find(({ id }) => id === json.incident) as Incident
  t.match(await console.cap.ack(incident, 0), { msgType: 'Ack', addresses: 'other@qianshao.local', references: first })
  const own = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police']) as Incident
  t.equal(await console.cap.ack(own, 0), undefined, 'nobody called us for that')
  const [said] = await console.cap.messages(incident)
  t.equal(said?.incidents, `demo-hub/${incident.id} other/i-7`, 'and whoever hears of it knows that it is the same')
})

t.test('our own call that comes back by way of others is written down, not opened again', async t => {
  const { desk, post, opened } = await openBoth(t)
  const ours = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police']) as Incident
  t.match((await post(call({ incidents: `other/i-7 demo-hub/${ours.id}` }))).json, { done: 'note', incident: ours.id })
  t.equal(opened().length, 0)
  t.match(desk.incidents().find(({ id }) => id === ours.id)?.notes, [{ by: 'writer', text: /^CAP Alert 邻站：人手不够/ }])
})

t.test('what is less grave, or comes from a person, is a report in the zone it names', async t => {
  const { desk, post, as, opened } = await openBoth(t)
  const moderate = await post(
    call({}, { severity: 'Moderate', eventCode: [{ valueName: 'qianshao:kind', value: 'crowd' }] }),
    '/api/cap?zone=hall'
  )
  t.match(moderate.json, { done: 'report', incident: null, report: /^report-/ })
  const geocode = [{ valueName: 'qianshao:zone', value: 'demo-hub/gate' }]
  t.match((await post(call({}, { area: [{ areaDesc: '安检', geocode }] }), '/api/cap', await as('wang'))).json, { done: 'report' })
  const theirs = [{ valueName: 'qianshao:zone', value: 'other/gate' }]
  await post(call({ identifier: 'other.i-8.1', incidents: '' }, { severity: 'Minor', area: [{ areaDesc: '安检', geocode: theirs }] }))
  const { json } = await (await as('commander'))('GET', '/api/reports')
  t.match(json, [
    { zone: '', kind: 'other', by: 'writer' },
    { zone: 'gate', kind: 'other', by: 'wang', text: /人手不够/ },
    { zone: 'hall', kind: 'crowd', by: 'writer' }
  ])
  t.match(desk.journal.read(0, 99).find(({ event }) => event.id === moderate.json.report)?.event, { source: first })
  t.equal(opened().length, 0)
  t.match((await post(call({ identifier: 'z' }), '/api/cap?zone=nowhere')).json, { code: 'no_such_zone' })
})

t.test('an exercise opens an exercise; tests, drafts and what has run out are only kept', async t => {
  const { desk, post, opened } = await openBoth(t)
  t.match((await post(call({ status: 'Exercise', identifier: 'x1' }))).json, { done: 'incident' })
  t.match(opened(), [{ drill: true }])
  t.match((await post(call({ status: 'Exercise', identifier: 'x2' }, { severity: 'Minor' }))).json, { done: 'kept' })
  for (const [i, status] of (['Test', 'Draft', 'System'] as const).entries())
    t.match((await post(call({ status, identifier: `k${i}` }))).json, { done: 'kept' })
  t.match((await post(call({ identifier: 'old' }, { expires: '2020-01-01T00:00:00+08:00' }))).json, { done: 'kept' })
  t.match((await post(call({ identifier: 'past' }, { urgency: 'Past' }))).json, { done: 'kept' })
  t.equal(opened().length, 1)
  t.equal(desk.journal.read(0, 99).filter(({ event }) => event.type === 'report_received').length, 0)
})

t.test('an Update worsens the incident that the Alert opened, a Cancel is written into it, and an exercise touches neither', async t => {
  const { post, opened } = await openBoth(t)
  await post(call({}, { severity: 'Severe' }))
  const update = call({ msgType: 'Update', identifier: 'other.i-7.2', references: first })
  t.match((await post(update)).json, { done: 'note', incident: opened()[0]?.id })
  t.match(opened(), [{ severity: 'red', notes: [] }])
  t.match((await post({ ...update, identifier: 'other.i-7.3' })).json, { done: 'note' })
  const drill = await post({ ...update, identifier: 'other.i-7.4', status: 'Exercise' })
  t.match([drill.status, drill.json.code], [409, 'drill_is_not_real'])
  t.match((await post(call({ msgType: 'Cancel', identifier: 'other.i-7.5', references: first, note: '误报', info: [] }))).json, {
    done: 'note'
  })
  t.match(opened(), [{ phase: 'open', notes: [{ text: /CAP Update/ }, { text: /CAP Cancel .*误报/ }] }])
  t.equal(opened().length, 1)
})

t.test('an Ack of one of our messages is the answer of the unit that was called', async t => {
  const { desk, post, machine } = await openBoth(t)
  const ours = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police']) as Incident
  const ack = call({
    msgType: 'Ack',
    identifier: 'other.a.1',
    info: [],
    references: `demo-hub@qianshao.local,demo-hub.${ours.id}.1,2026-11-24T16:00:00+08:00`
  })
  const early = await post(ack)
  t.match([early.status, early.json.code], [409, 'not_asked'], 'nobody of theirs was asked')
  desk.command(ours.id, { type: 'ask', ask: [{ unit: 'writer', agency: 'neighbour' }] })
  t.match((await post(ack)).json, { done: 'acknowledged', incident: ours.id })
  t.match(desk.incidents().find(({ id }) => id === ours.id)?.responses.writer, { status: 'acknowledged' })
  t.equal((await post(ack)).status, 200, 'said twice, answered as before')
  t.match((await post({ ...ack, identifier: 'other.a.2' })).json, { code: 'already_answered' })
  t.match((await post({ ...ack, identifier: 'other.a.3', references: 'demo-hub@qianshao.local,demo-hub.i-999.1,x' })).json, {
    code: 'no_such_incident'
  })
  t.match((await post({ ...ack, identifier: 'other.e.1', msgType: 'Error', note: '看不懂' })).json, { done: 'note', incident: ours.id })
  t.equal((await machine('GET', `/api/incidents/${ours.id}`)).json.notes.length, 1)
})

t.test('two stations: one calls, the other opens an incident and answers, and the caller sees who has it', async t => {
  const neighbour: Who = { name: 'station-2', agency: undefined, roles: [], units: ['ops-1'], machine: true, scopes: ['read', 'write'] }
  const [a, b] = [await openTestConsole(t, { checkToken: async () => neighbour }), await openTestConsole(t)]
  const send = async (to: string, alert: CapAlert | undefined) => {
    const body = capXml(alert as CapAlert)
    return fetch(`${to}/api/cap`, { method: 'POST', body, headers: { ...xml, authorization: `Bearer ${writer}` } })
  }
  const ours = a.desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police']) as Incident
  const asked = a.desk.command(ours.id, { type: 'ask', ask: [{ unit: 'ops-1', agency: 'operator' }] })
  if ('refused' in asked) throw new Error(asked.refused)
  t.equal((await send(b.console.url, (await a.console.cap.messages(asked.state)).at(-1))).status, 200)
  const theirs = b.desk.incidents().find(({ kind }) => kind === 'help') as Incident
  t.match(theirs, { severity: 'red', phase: 'open' })
  t.equal((await send(a.console.url, await b.console.cap.ack(theirs, b.desk.clock.now()))).status, 200)
  t.match(a.desk.incidents().find(({ id }) => id === ours.id)?.responses['ops-1'], { status: 'acknowledged' })
})

t.test('who may not write may not call', async t => {
  const { as, post } = await openBoth(t)
  t.equal((await post(call(), '/api/cap', await as())).status, 401)
  t.equal((await post(call(), '/api/cap', await as('auditor'))).status, 403)
  t.equal((await post(call(), '/api/cap', await as('token-that-reads-0001'))).status, 403)
})

t.test('what is not usable is said in one sentence, and opens nothing', async t => {
  const { desk, console, as } = await openTestConsole(t)
  const machine = await as(writer)
  const before = desk.journal.last()
  t.ok(bad.length > 45)
  for (const [name, body, sentence] of bad) {
    const answer = await fetch(`${console.url}/api/cap`, {
      method: 'POST',
      body: body as never,
      headers: { ...xml, authorization: `Bearer ${writer}`, 'accept-language': 'en' }
    })
    const problem = (await answer.json()) as { code: string; detail: string; errors: readonly unknown[] }
    t.match([answer.status, problem.code, problem.errors.length], [400, 'not_cap', 1], name)
    t.match(problem.detail, sentence, name)
    t.notMatch(problem.detail, /root:|\n/, name)
  }
  const chinese = await machine('POST', '/api/cap', good.replace('Extreme', 'red'), { ...xml, 'accept-language': 'zh' })
  t.match(chinese.json.detail, /不是可用的 CAP 1.2 消息：alert\/info\[1\]\/severity 应是 Extreme, .* 之一/)
  const huge = await machine('POST', '/api/cap', good.replace('人手不够', '人'.repeat(350_000)), xml)
  t.match([huge.status, huge.json.code], [413, 'too_large'])
  for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }, { ...xml, 'content-encoding': 'gzip' }])
    t.match((await machine('POST', '/api/cap', good, headers)).json, { code: 'wrong_media_type' })
  t.match((await machine('POST', '/api/incidents', good, xml)).json, { code: 'wrong_media_type' }, 'and no other route reads XML')
  t.strictSame([desk.incidents(), desk.journal.last()], [[], before], 'nothing was opened, nothing even written down')
})

t.test('a document made to be slow is answered as fast as any other', async t => {
  const { post } = await openBoth(t)
  const prefixes = Array.from({ length: 2_000 }, (_, i) => ` xmlns:n${i}="u"`).join('')
  const slow = `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"${prefixes}>${'<a/>'.repeat(6_000)}</alert>`
  const began = performance.now()
  t.match((await post(slow)).json, { code: 'not_cap' })
  t.ok(performance.now() - began < 3_000, 'copying the prefixes for each element took 10 s')
})

t.test('prefixes, CDATA, comments, character references and elements of others are understood', async t => {
  const { desk, machine, post } = await openBoth(t)
  const body = `<?xml version="1.0"?><!-- hello --><c:alert xmlns:c="urn:oasis:names:tc:emergency:cap:1.2" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
    ${good
      .replace(/^[\s\S]*?<identifier>/, '<identifier>')
      .replace('</alert>', '')
      .replaceAll('<', '<c:')
      .replaceAll('<c:/', '</c:')
      .replace('人手不够', '<![CDATA[<人手>]]> &amp; &#x4e0d;&#22815;')
      .replace('需要两组人', '需要<!-- x -->两组人')}
    <ds:Signature><ds:identifier>evil</ds:identifier><ds:sender>x</ds:sender></ds:Signature></c:alert>`
  t.match((await post(body)).json, { done: 'incident' })
  t.match(desk.incidents(), [{ because: { with: { text: /^<人手> & 不够\n需要两组人/ } } }])
  t.match((await machine('POST', '/api/cap', good, { 'content-type': 'application/xml' })).json, { done: 'incident' })
})

t.test(
  'what the station answers in CAP it can read, and the OASIS schema agrees',
  { skip: needs('xmllint').skip || needsData('standards/cap12.xsd').skip },
  async t => {
    const { desk, machine, post } = await openBoth(t)
    const incident = desk.raise({ kind: 'fire', zone: 'hall' }, ['fire']) as Incident
    desk.command(incident.id, { type: 'ask', ask: [{ unit: 'ops-1', agency: 'operator' }] })
    const documents = [
      (await machine('GET', `/api/incidents/${incident.id}/cap.xml?message=1`)).text,
      (await machine('GET', `/api/incidents/${incident.id}/cap.xml`)).text
    ]
    t.equal(capFaults(t.testdir(), documents), '')
    for (const document of documents) t.equal((await post(document)).status, 200)
  }
)
