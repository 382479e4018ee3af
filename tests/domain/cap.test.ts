import fc from 'fast-check'
import t from 'tap'
import { type CapAlert, capList, capListed, capReferences, capTimes, capXml } from '../../edge/domain/cap.ts'
import { capHistory } from '../../edge/domain/cap-history.ts'
import { type CapStation, capAck, capsOf, incidentOfCap, usualCap } from '../../edge/domain/cap-of-incident.ts'
import type { Event } from '../../edge/domain/event.ts'
import { evolve, type Incident, type IncidentEvent, type IncidentOpened } from '../../edge/domain/incident.ts'
import crowd from '../../edge/domain/sops/crowd.ts'
import { usualLadder } from '../../edge/domain/templates/template.ts'
import { type IncidentKind, incidentKinds, type Outcome, outcomes, type Severity, severities } from '../../edge/domain/vocabulary.ts'
import { data, needsData } from '../support/data.ts'
import { needs } from '../support/needs.ts'
import { capFaults } from '../support/xsd.ts'

const start = Date.UTC(2026, 10, 24, 8)
const s = (n: number): number => start + n * 1000
const station: CapStation = {
  id: 'demo-hub',
  name: '人民广场枢纽联勤警务站',
  timezone: 'Asia/Shanghai',
  cap: usualCap('demo-hub'),
  zoneName: zone => ({ 'platform-1': '一号站台' })[zone] ?? zone,
  sop: name => (name === 'crowd' ? crowd : undefined)
}
const opened = (more: Partial<IncidentOpened> = {}): IncidentOpened => ({
  type: 'incident_opened',
  id: 'i-1',
  at: start,
  kind: 'crowd',
  zone: 'platform-1',
  severity: 'orange',
  because: { say: 'density_above', with: { value: 4.234, level: 'orange', limit: 4, seconds: 6 } },
  sop: 'crowd',
  needs: ['police', 'operator'],
  ladder: usualLadder,
  ask: [{ unit: 'patrol-1', agency: 'police' }],
  drill: false,
  ...more
})
const fold = (events: readonly IncidentEvent[]): Incident => {
  const incident = events.reduce<Incident | undefined>(evolve, undefined)
  if (incident === undefined) throw new Error('no events')
  return incident
}
const said = (...events: readonly IncidentEvent[]): readonly CapAlert[] => capsOf(capHistory(events, fold(events), s(9_999)), station)
const closed = (outcome: Outcome, at = s(60)): IncidentEvent => ({ type: 'incident_closed', id: 'i-1', at, by: 'wang', outcome })
const escalated: IncidentEvent = {
  type: 'incident_escalated',
  id: 'i-1',
  at: s(15),
  level: 1,
  silent: ['police'],
  ask: [{ unit: 'patrol-2', agency: 'police' }]
}
const reopened = (at: number): IncidentEvent => ({
  type: 'incident_reopened',
  id: 'i-1',
  at,
  by: 'li',
  reason: '又来了',
  ask: [{ unit: 'patrol-1', agency: 'police' }]
})

t.test('an opened incident is an Alert in both languages, Chinese first', async t => {
  const [alert, more] = said(opened())
  t.equal(more, undefined)
  t.match(alert, {
    identifier: 'demo-hub.i-1.1',
    sender: 'demo-hub@qianshao.local',
    sent: '2026-11-24T16:00:00+08:00',
    status: 'Actual',
    msgType: 'Alert',
    scope: 'Restricted',
    references: undefined,
    incidents: 'demo-hub/i-1',
    info: [
      {
        language: 'zh-CN',
        category: ['Safety'],
        event: '人群聚集',
        responseType: ['Avoid', 'Execute'],
        urgency: 'Immediate',
        severity: 'Severe',
        certainty: 'Observed',
        headline: '橙色 II级人群聚集：人民广场枢纽联勤警务站 一号站台',
        expires: '2026-11-24T22:00:00+08:00',
        instruction: /^1\. 公安：到现场或看画面核实/,
        area: [{ areaDesc: '人民广场枢纽联勤警务站 一号站台' }]
      },
      { language: 'en', event: 'crowding', headline: /^orange II crowding: / }
    ]
  })
  t.match(alert?.info?.[0]?.parameter, [
    { valueName: 'qianshao:level', value: 'orange' },
    { valueName: 'density_per_m2', value: '4.23' },
    { valueName: 'density_per_m2_limit', value: '4' },
    { valueName: 'seconds', value: '6' },
    { valueName: 'qianshao:silent', value: 'police operator' }
  ])
})

t.test('what changes is an Update that names every earlier message, and the same journal says the same again', async t => {
  const events = [opened(), escalated, closed('resolved')]
  const messages = said(...events)
  t.strictSame(
    messages.map(({ msgType, references }) => [msgType, references]),
    [
      ['Alert', undefined],
      ['Update', 'demo-hub@qianshao.local,demo-hub.i-1.1,2026-11-24T16:00:00+08:00'],
      [
        'Update',
        'demo-hub@qianshao.local,demo-hub.i-1.1,2026-11-24T16:00:00+08:00 demo-hub@qianshao.local,demo-hub.i-1.2,2026-11-24T16:00:15+08:00'
      ]
    ]
  )
  t.strictSame(said(...events).map(capXml), messages.map(capXml))
  t.strictSame(said(...events.slice(0, 2)).map(capXml), messages.slice(0, 2).map(capXml), 'what comes later changes nothing said before')
})

t.test('how it ends: dealt with is an AllClear, a false alarm is withdrawn, handed over goes on', async t => {
  const table: readonly [Outcome, string, string, string, string][] = [
    ['resolved', 'Update', 'AllClear', 'Past', 'Observed'],
    ['exercise', 'Update', 'AllClear', 'Past', 'Observed'],
    ['false_alarm', 'Cancel', 'None', 'Past', 'Unlikely'],
    ['duplicate', 'Cancel', 'None', 'Past', 'Observed'],
    ['handed_over', 'Update', 'Monitor', 'Immediate', 'Observed']
  ]
  t.strictSame(table.map(([outcome]) => outcome).sort(), Object.keys(outcomes).sort())
  for (const [outcome, msgType, responseType, urgency, certainty] of table)
    t.match(
      said(opened(), closed(outcome)).at(-1),
      {
        msgType,
        note: new RegExp(outcomes[outcome]['zh-CN']),
        info: [{ responseType: [responseType], urgency, certainty, instruction: undefined }]
      },
      outcome
    )
})

t.test('reopened after a Cancel it is a new Alert, after an AllClear an Update', async t => {
  t.match(said(opened(), closed('false_alarm'), reopened(s(90))).at(-1), {
    msgType: 'Alert',
    references: undefined,
    incidents: 'demo-hub/i-1'
  })
  const again = said(opened(), closed('resolved'), reopened(s(90))).at(-1)
  t.match(again, { msgType: 'Update', info: [{ urgency: 'Immediate' }] })
  t.equal(capReferences(again?.references).length, 2)
})

t.test('merged away is a Cancel that names where it went', async t => {
  const merged: IncidentEvent = { type: 'incident_merged', id: 'i-1', at: s(30), into: 'i-9', by: 'li', reason: '同一处' }
  t.match(said(opened(), merged).at(-1), { msgType: 'Cancel', incidents: 'demo-hub/i-1 demo-hub/i-9' })
})

t.test('an exercise says so in status, note and headline; the hourly path check is a Test', async t => {
  t.match(said(opened({ drill: true })), [
    { status: 'Exercise', note: /演练 exercise i-1/, info: [{ headline: /^【演练】/ }, { headline: /^EXERCISE: / }] }
  ])
  t.match(said(opened({ kind: 'path' })), [{ status: 'Test', info: [{ responseType: ['None'] }] }])
})

t.test('measured, forecast and reported differ in urgency and certainty; who reported is not told', async t => {
  const by = (because: object) => said(opened({ because: because as IncidentOpened['because'] }))[0]?.info?.[0]
  t.match(by({ say: 'flag_set', with: { quantity: 'smoke_alarm' } }), { urgency: 'Immediate', certainty: 'Observed' })
  t.match(by({ say: 'cover_breaks', with: { agency: 'fire' } }), { urgency: 'Expected', certainty: 'Likely' })
  const reported = by({ say: 'reported', with: { by: 'wang-xiaoming', text: '有人晕倒' } })
  t.match(reported, { urgency: 'Immediate', certainty: 'Possible', description: /^有人晕倒/ })
  t.notMatch(JSON.stringify(reported), /wang-xiaoming/)
})

t.test('a message that is not on the disk yet is told by what is true now', async t => {
  const live = fold([opened(), escalated])
  t.match(capHistory([], live, s(20)), [{ n: 1, msgType: 'Alert', at: start }])
  t.match(capHistory([opened()], live, s(20)), [{ n: 1 }, { n: 2, msgType: 'Update', why: 'changed', at: s(20), references: [1] }])
})

t.test('a long story names its newest hundred messages only', async t => {
  const asked = Array.from(
    { length: 150 },
    (_, i): Event => ({ type: 'incident_asked', id: 'i-1', at: s(i), ask: [{ unit: `u-${i}`, agency: 'police' }] })
  )
  const events = [opened(), ...asked] as readonly IncidentEvent[]
  const last = capHistory(events, fold(events), s(999)).at(-1)
  t.equal(last?.references.length, 100)
  t.equal(last?.references.at(-1), 150)
})

t.test('the answer to a call names the call, and our own messages name their incident', async t => {
  const origin = {
    sender: 'other@qianshao.local',
    identifier: 'other.i-7.1',
    sent: '2026-11-24T16:00:00+08:00',
    status: 'Actual',
    incidents: ['other/i-7']
  } as const
  t.match(capAck(origin, fold([opened()]), s(5), station), {
    identifier: 'demo-hub.i-1.ack',
    msgType: 'Ack',
    scope: 'Private',
    addresses: 'other@qianshao.local',
    references: 'other@qianshao.local,other.i-7.1,2026-11-24T16:00:00+08:00',
    incidents: 'demo-hub/i-1 other/i-7'
  })
  t.equal(incidentOfCap('demo-hub', 'demo-hub.i-1.12'), 'i-1')
  for (const foreign of ['other.i-1.1', 'demo-hub.i-1', 'demo-hub.i-1.ack', 'demo-hub-2.i-1.1', ''])
    t.equal(incidentOfCap('demo-hub', foreign), undefined)
})

t.test('times carry their offset, never Z', async t => {
  const table: readonly [string, number, string][] = [
    ['Asia/Shanghai', start, '2026-11-24T16:00:00+08:00'],
    ['UTC', start + 999, '2026-11-24T08:00:00-00:00'],
    ['America/St_Johns', start, '2026-11-24T04:30:00-03:30'],
    ['Asia/Kathmandu', start, '2026-11-24T13:45:00+05:45'],
    ['Europe/Berlin', Date.UTC(2026, 6, 1), '2026-07-01T02:00:00+02:00']
  ]
  for (const [timezone, at, text] of table) t.equal(capTimes(timezone)(at), text, timezone)
})

t.test('a list is read back as it was written', async t => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }).filter(word => !/"/.test(word) && word.trim() !== '')), words => {
      t.strictSame(capListed(capList(words)), words)
    }),
    { numRuns: 200 }
  )
  t.strictSame(capListed('a "b c"  d'), ['a', 'b c', 'd'])
  t.strictSame(capListed(undefined), [])
})

const xsd = needs('xmllint').skip || needsData('standards/cap12.xsd').skip
t.test('whatever people write, the document is well formed and valid by the OASIS schema', { skip: xsd }, async t => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map(codes => String.fromCharCode(...codes)),
    fc.constantFrom(
      ']]>',
      '<!DOCTYPE a>',
      '&amp;&#0;',
      '\ud800',
      '\udc00\ud800',
      '\u0000\u0001\u001f\u007f\u0085',
      '\ufffe\uffff',
      '👩‍👩‍👧‍👦 火🔥',
      '\r\n\t',
      '<b>',
      ' '
    )
  )
  const story = fc.record({
    text: nasty,
    zone: nasty,
    name: nasty,
    kind: fc.constantFrom(...(Object.keys(incidentKinds) as IncidentKind[])),
    severity: fc.constantFrom<Severity>(...severities),
    drill: fc.boolean(),
    outcome: fc.constantFrom(...(Object.keys(outcomes) as Outcome[])),
    addresses: fc.option(fc.array(nasty, { minLength: 1, maxLength: 3 })),
    timezone: fc.constantFrom('Asia/Shanghai', 'UTC', 'America/St_Johns')
  })
  const documents = fc
    .sample(story, { numRuns: 150, seed: 12 })
    .flatMap(({ text, zone, name, kind, severity, drill, outcome, addresses, timezone }) => {
      const because = { say: 'reported', with: { by: 'x', text } } as const
      const events = [opened({ kind, severity, zone, drill, because }), escalated, closed(outcome)]
      const cap = {
        ...usualCap('demo-hub'),
        ...(addresses === null ? { scope: 'Restricted' as const, restriction: name } : { scope: 'Private' as const, addresses })
      }
      const origin = { sender: 'o', identifier: 'p', sent: '2026-11-24T16:00:00+08:00', status: 'Actual', incidents: [name] } as const
      const of = { ...station, name, cap, timezone, zoneName: () => zone }
      return [...capsOf(capHistory(events, fold(events), s(99)), of, origin), capAck(origin, fold(events), s(5), of)]
    })
  t.equal(documents.length, 600)
  t.equal(capFaults(t.testdir(), documents.map(capXml)), '')
  t.ok(data('standards/cap12.xsd'))
  const broken = capXml(documents[0] as CapAlert)
    .replace('<status>', '<estatus>')
    .replace('</status>', '</estatus>')
  t.not(capFaults(t.testdir(), [broken]), '', 'and the validator can say no')
})
