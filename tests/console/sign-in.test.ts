import { readFileSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { Value } from 'typebox/value'
import { absolute_ms, idle_ms } from '../../edge/console/sessions.ts'
import * as Shapes from '../../edge/console/shapes.ts'
import { stillClock } from '../support/clock.ts'
import { password, who } from '../support/fake-people.ts'
import { type Client, openTestConsole } from '../support/open-console.ts'

t.test('a person signs in, is told who they are, and signs out for good', async t => {
  const { as, console } = await openTestConsole(t)
  const wang = await as('wang')
  const me = await wang('GET', '/api/me')
  t.strictSame([...Value.Errors(Shapes.Me, me.json)], [])
  t.match(me.json, {
    name: 'wang',
    agency: 'police',
    agency_label: '公安',
    roles: ['officer'],
    units: [{ id: 'patrol-1', name: '巡逻一组' }]
  })
  t.ok(me.json.may.includes('POST /api/incidents/:id/acknowledgement'))
  t.notOk(me.json.may.includes('GET /api/audit'))
  t.equal(me.headers.get('cache-control'), 'no-store')
  t.equal((await wang('DELETE', '/api/session')).status, 204)
  const after = await wang('GET', '/api/me')
  t.equal(after.status, 401)
  t.equal(after.json.code, 'not_signed_in')
  const raw = await fetch(`${console.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'wang', password })
  })
  t.match(raw.headers.getSetCookie()[0], /^qianshao=[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Strict$/)
})

t.test('a session ends after a shift without a touch, or after a day', async t => {
  const clock = stillClock()
  const { as } = await openTestConsole(t, { clock })
  const idle = await as('wang')
  const busy = await as('wang')
  clock.advance(idle_ms - 1000)
  t.equal((await busy('GET', '/api/me')).status, 200)
  clock.advance(2000)
  t.equal((await idle('GET', '/api/me')).status, 401)
  t.equal((await busy('GET', '/api/me')).status, 200)
  clock.advance(absolute_ms - idle_ms)
  t.equal((await busy('GET', '/api/me')).status, 401)
})

t.test('five wrong passwords lock the account at that address for 15 minutes, the right one too', async t => {
  const clock = stillClock()
  const { as } = await openTestConsole(t, { clock })
  const anyone = await as()
  for (let i = 0; i < 5; i++) {
    const wrong = await anyone('POST', '/api/session', { name: 'wang', password: 'guess' })
    const nobody = await anyone('POST', '/api/session', { name: 'nobody', password: 'guess' })
    t.equal(wrong.status, 401)
    const { instance: _, ...said } = wrong.json
    t.match(nobody.json, said, 'an unknown name is answered like a known one')
  }
  t.equal((await anyone('POST', '/api/session', { name: 'wang', password })).status, 429)
  t.equal((await anyone('POST', '/api/session', { name: 'li', password })).status, 200, 'others still come in')
  clock.advance(15 * 60_000)
  t.equal((await anyone('POST', '/api/session', { name: 'wang', password })).status, 200)
  const auditor = await as('auditor')
  const audit = (await auditor('GET', '/api/audit')).json
  t.equal(audit.filter((entry: { type: string }) => entry.type === 'sign_in_refused').length, 10)
  t.notMatch(JSON.stringify(audit), /nobody|guess/, 'what was typed as a name may be a password: it is not written down')
})

t.test('who was on duty before a power cut is on duty after it, who had signed out is not', async t => {
  const sessions_file = `${t.testdir()}/sessions.json`
  const before = await openTestConsole(t, { sessions_file })
  const [wang, li] = [await before.as('wang'), await before.as('li')]
  const cookieOf = async (client: Client): Promise<string> => (await client('GET', '/api/me')).cookie
  const [stays, leaves] = [await cookieOf(wang), await cookieOf(li)]
  await li('DELETE', '/api/session')
  await before.console.close()
  const text = readFileSync(sessions_file, 'utf8')
  t.match(text, /"name":"wang"/)
  t.notMatch(text, stays.split('=')[1], 'the file signs nobody in')
  t.equal(statSync(sessions_file).mode & 0o077, 0)
  const after = await openTestConsole(t, { sessions_file })
  const anyone = await after.as()
  t.equal((await anyone('GET', '/api/me', undefined, { cookie: stays })).json.name, 'wang')
  t.equal((await anyone('GET', '/api/me', undefined, { cookie: leaves })).status, 401)
  await after.console.close()
  writeFileSync(sessions_file, '{"half": ')
  const broken = await openTestConsole(t, { sessions_file })
  t.equal((await (await broken.as('wang'))('GET', '/api/me')).status, 200, 'a broken file is an empty one')
})

t.test('guesses sent at once, or under borrowed addresses, are counted like any others [F53, F54]', async t => {
  const { as } = await openTestConsole(t)
  const anyone = await as()
  const guesses = Array.from({ length: 40 }, (_, i) =>
    anyone(
      'POST',
      '/api/session',
      { name: 'wang', password: `guess ${i}` },
      { 'x-forwarded-for': `10.0.0.${i}`, forwarded: `for=10.0.0.${i}` }
    )
  )
  const statuses = (await Promise.all(guesses)).map(({ status }) => status)
  t.equal(statuses.filter(status => status === 401).length, 5)
  t.equal(statuses.filter(status => status === 429).length, 35)
})

t.test('machines come with tokens and may do what their scopes say', async t => {
  const { as } = await openTestConsole(t)
  const reader = await as('token-that-reads-0001')
  const writer = await as('token-that-writes-001')
  const report = { text: '闸机口有人摔倒', zone: 'gate', kind: 'other' }
  t.equal((await reader('GET', '/api/zones')).status, 200)
  t.equal((await reader('POST', '/api/reports', report)).status, 403)
  t.equal((await writer('POST', '/api/reports', report)).status, 201)
  t.equal((await writer('GET', '/api/audit')).status, 403)
  t.equal((await (await as())('GET', '/api/zones', undefined, { authorization: 'Bearer not-a-token-at-all-0' })).status, 401)
})

t.test('another site’s page can neither act nor listen in an officer’s name [F56]', async t => {
  const { as, console } = await openTestConsole(t)
  const wang = await as('wang')
  const report = { text: 'x', zone: 'hall', kind: 'other' }
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
    t.equal((await wang('POST', '/api/reports', report, { origin })).json.code, 'foreign_origin')
    t.equal((await wang('GET', '/api/live', undefined, { origin })).status, 403)
  }
  t.equal((await wang('POST', '/api/reports', report, { 'sec-fetch-site': 'cross-site' })).status, 403)
  t.equal((await wang('POST', '/api/reports', report, { origin: console.url })).status, 201)
})

t.test('a session seen from another browser raises a counter, and one of a person who is no longer known ends [F58]', async t => {
  const gone = new Set<string>()
  const { as, console } = await openTestConsole(t, { who: name => (gone.has(name) ? undefined : who(name)) })
  const wang = await as('wang')
  await wang('GET', '/api/me')
  t.equal(console.counters().sessions_from_elsewhere_total, 0)
  t.equal((await wang('GET', '/api/me', undefined, { 'user-agent': 'somebody else' })).status, 200)
  await wang('GET', '/api/me', undefined, { 'user-agent': 'somebody else' })
  t.equal(console.counters().sessions_from_elsewhere_total, 1, 'once a session, not once a request')
  gone.add('wang')
  t.equal((await wang('GET', '/api/me')).status, 401)
  gone.clear()
  t.equal((await wang('GET', '/api/me')).status, 401, 'the session does not come back with the name')
})
