import t from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { OperatorLoad } from '../../edge/console/operator-load-shape.ts'
import { Shadow } from '../../edge/console/shadow-shape.ts'
import { minutes, seconds, stillClock } from '../support/clock.ts'
import { openTestConsole } from '../support/open-console.ts'

const start = Date.UTC(2026, 10, 24, 8)

t.test('who commands, looks after or audits the station sees its load, an officer does not', async t => {
  const { as } = await openTestConsole(t)
  const status = async (name: string): Promise<number> => (await (await as(name))('GET', '/api/operator-load')).status
  t.strictSame([await status('commander'), await status('auditor'), await status('token-that-reads-0001')], [200, 200, 200])
  t.strictSame([await status('wang'), await status('installer')], [403, 403])
})

t.test('a flood, its noise and the answers are told in the shape and the language that was asked for', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const li = await as('li')
  const first = desk.raise({ kind: 'fire', zone: 'hall' }, ['police', 'fire'])
  clock.advance(seconds(20))
  desk.command(first?.id ?? '', { type: 'acknowledge', unit: 'patrol-1', by: 'wang' })
  for (let i = 0; i < 12; i++) {
    clock.advance(seconds(5))
    desk.raise({ kind: 'heat', zone: 'gate', severity: 'yellow' }, [])
  }
  clock.advance(minutes(5))
  const zh = await li('GET', '/api/operator-load')
  t.strictSame([...Value.Errors(OperatorLoad, zh.json)], [])
  t.match(zh.json, {
    to: '2026-11-24T16:06:20.000+08:00',
    complete: true,
    annunciated: 13,
    grade: 'acceptable',
    operators: { least: 1, most: 1, hours: 24 },
    floods: [{ to: null, alarms: 13 }],
    bad_actors: [
      { kind_label: '高温', zone_name: '安检排队区', count: 12 },
      { kind_label: '火情', count: 1 }
    ],
    agencies: [
      { label: '公安', n: 1, p50_s: 20, never: 0 },
      { label: '消防', n: 0, p50_s: null, waiting: 1 }
    ]
  })
  t.equal(zh.json.windows.counts.at(-1), 13)
  const en = await li('GET', '/api/operator-load', undefined, { 'accept-language': 'en' })
  t.equal(en.json.bad_actors[0].kind_label, 'heat')
})

t.test('the same question within five seconds has the same answer, after that a new one', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const li = await as('li')
  const count = async (): Promise<number> => (await li('GET', '/api/operator-load')).json.annunciated
  t.equal(await count(), 0)
  desk.raise({ kind: 'heat', zone: 'gate', severity: 'yellow' }, [])
  clock.advance(seconds(4))
  t.equal(await count(), 0)
  clock.advance(seconds(1))
  t.equal(await count(), 1)
})

t.test('a span that ends before it begins or is longer than 31 days is refused with what would be right', async t => {
  const clock = stillClock()
  const { as } = await openTestConsole(t, { clock })
  const li = await as('li')
  const at = (days: number): string => encodeURIComponent(new Date(start - days * 86_400_000).toISOString())
  const ask = (query: string) => li('GET', `/api/operator-load?${query}`, undefined, { 'accept-language': 'en' })
  t.match((await ask(`from=${at(-1)}`)).json, { status: 400, detail: /querystring\/from must be before to/ })
  t.match((await ask(`from=${at(31.1)}`)).json, { status: 400, detail: /at most 31 days before to/ })
  t.equal((await ask(`from=${at(31)}`)).status, 200)
  t.match((await ask('to=tomorrow')).json, { status: 400, detail: /must be a time with its offset/ })
})

t.test('when too much has happened it looks at the newest 100,000 entries, and says since when', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const li = await as('li')
  for (let i = 0; i < 100_600; i++) {
    if (i % 10 === 0) clock.advance(seconds(1))
    void desk.note({ type: 'signed_in', id: 'wang', at: clock.now(), address: '' })
  }
  const began = performance.now()
  const { json } = await li('GET', '/api/operator-load')
  t.comment(`${Math.round(performance.now() - began)} ms`)
  t.strictSame([json.complete, json.entries], [false, 100_000])
  // Entry 601 is the first that was looked at; ten were written a second.
  t.equal(Date.parse(json.from), start + seconds(61))
})

t.test('a rule on trial is told with what it would have raised, and how people closed it', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const li = await as('li')
  t.equal((await (await as('wang'))('GET', '/api/shadow')).status, 403, 'an officer has no use for it')
  await desk.report({ type: 'report_received', id: 'r-1', at: clock.now(), zone: 'hall', kind: 'crowd', text: '人很多', by: 'wang' })
  const told = async (language: string) => {
    const { json } = await li('GET', '/api/shadow', undefined, { 'accept-language': language })
    t.strictSame([...Value.Errors(Type.Array(Shadow), json)], [])
    return json[0]
  }
  t.match(await told('zh-CN'), {
    id: 'hasty-reports',
    rule: 'reports',
    settings: { amber_at: 1 },
    fired: 1,
    open: 1,
    on_duty: { fired: 0 },
    firings: [{ zone_name: '换乘大厅', kind_label: '人群聚集', severity: 'yellow', truth: 'open', incident: null, ahead_seconds: null }]
  })
  t.equal(desk.alerts().length, 0, 'nobody was called')
  clock.advance(minutes(31))
  t.match(await told('en'), { fired: 1, nothing: 1, firings: [{ kind_label: 'crowding', truth: 'nothing' }] })
})
