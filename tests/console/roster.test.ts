import t from 'tap'
import { Value } from 'typebox/value'
import { Powers, Roster } from '../../edge/console/roster-shape.ts'
import { handover_within_ms } from '../../edge/domain/command-post.ts'
import { minutes, stillClock } from '../support/clock.ts'
import { openTestConsole } from '../support/open-console.ts'

const hour = minutes(60)
const inEnglish = { 'accept-language': 'en' }

t.test('the roster tells who is on duty in the shape it promises, and no way to reach anybody', async t => {
  const { as } = await openTestConsole(t, { clock: stillClock() })
  const { json, text } = await (await as('wang'))('GET', '/api/roster')
  t.strictSame([...Value.Errors(Roster, json)], [])
  t.match(json.units[0], { id: 'patrol-1', agency_label: '公安', on_duty: true, qualifications: [{ label: '人群疏导' }] })
  t.match(json.people[1], { name: 'wang', role_labels: ['执勤人员'] })
  t.strictSame(json.gaps, [])
  t.match(json.command, { owner: { kind: 'unit', id: 'patrol-2', name: '巡逻二组' }, holder: null, offer: null })
  t.notMatch(text, /password|email|mobile|phone/)
  const reader = await as('token-that-reads-0001')
  t.equal((await reader('GET', '/api/roster')).status, 200)
  t.equal((await reader('POST', '/api/handover/take', { reason: 'x' })).status, 403)
})

t.test('an officer plans the absence of the own unit, a commander of every unit', async t => {
  const clock = stillClock()
  const { as } = await openTestConsole(t, { clock })
  const wang = await as('wang')
  const until = new Date(clock.now() + 3 * hour).toISOString()
  t.equal((await wang('POST', '/api/roster/absences', { unit: 'fire-1', until, reason: 'ill' })).json.code, 'not_your_unit')
  const planned = await wang('POST', '/api/roster/absences', { unit: 'patrol-1', until, reason: 'training' })
  t.equal(planned.status, 201)
  t.match(planned.json.changes[0], { kind_label: '缺勤', unit_name: '巡逻一组', by: 'wang', reason: 'training', over: false })
  t.match(planned.json.units[0], { on_duty: false })
  const units = (await wang('GET', '/api/units')).json
  t.equal(units.find((unit: { id: string }) => unit.id === 'patrol-1').on_duty, false, 'other answers respect it')
  const commander = await as('commander')
  t.equal((await commander('POST', '/api/roster/absences', { unit: 'fire-1', until, reason: 'ill' })).status, 201)
})

t.test('who is absent is not called; who stands in for the last of an agency mends the gap, and the warning ends', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const commander = await as('commander')
  const warning = () => desk.alerts().find(({ rule, phase, active }) => rule === 'cover' && phase === 'open' && active)
  const away = async (unit: string, from_h: number) => {
    const at = (h: number): string => new Date(clock.now() + h * hour).toISOString()
    const body = { unit, from: at(from_h), until: at(from_h + 4), reason: 'ill' }
    const { status, json } = await commander('POST', '/api/roster/absences', body)
    t.equal(status, 201, JSON.stringify(json))
    return json
  }
  await away('patrol-1', 3)
  t.equal(warning(), undefined)
  const { gaps } = await away('patrol-2', 3)
  t.match(gaps, [{ cover: { agency_label: '公安', units: 1 }, present: 0, missing: 1 }])
  t.equal(warning(), undefined, 'three hours are far')
  clock.advance(hour)
  t.match(warning(), { severity: 'yellow', kind: 'cover', because: { say: 'cover_breaks' } })
  clock.advance(minutes(90))
  t.match(warning(), { severity: 'orange' })
  const id = (await commander('GET', '/api/roster')).json.changes.find((one: { unit: string }) => one.unit === 'patrol-2').id
  t.equal((await commander('DELETE', `/api/roster/swaps/${id}`)).status, 404, 'an absence is no swap')
  t.equal((await commander('DELETE', `/api/roster/absences/${id}`)).status, 200)
  t.equal(warning(), undefined)
  clock.advance(hour)
  const incident = desk.raise({ kind: 'fire', zone: 'platform-1' }, ['police'])
  t.strictSame(Object.keys(incident?.responses ?? {}), ['patrol-2'], 'patrol-1 stands there usually, and is away')
})

t.test('a swap goes to a unit of the same agency', async t => {
  const clock = stillClock()
  const { as } = await openTestConsole(t, { clock })
  const commander = await as('commander')
  const until = new Date(clock.now() + hour).toISOString()
  const swap = (other: string) => commander('POST', '/api/roster/swaps', { unit: 'patrol-1', with: other, until, reason: 'court' })
  t.equal((await swap('fire-1')).json.code, 'swap_with_another_agency')
  const swapped = await swap('patrol-2')
  t.match(swapped.json.changes[0], { kind_label: '换班', with_name: '巡逻二组' })
  t.equal((await swap('patrol-2')).json.code, 'already_away')
  t.equal((await commander('DELETE', `/api/roster/swaps/${swapped.json.changes[0].id}`)).status, 200)
})

t.test('a time without its offset is asked for again, by the name of its field', async t => {
  const { as } = await openTestConsole(t)
  const body = { unit: 'patrol-1', until: '2026-11-24 20:00', reason: 'x' }
  const { status, json } = await (await as('wang'))('POST', '/api/roster/absences', body, inEnglish)
  t.equal(status, 400)
  t.equal(json.errors[0].path, 'body/until')
})

t.test('command passes when the receiver has read back every red incident and the giver confirms [D14]', async t => {
  const clock = stillClock()
  const { as, desk } = await openTestConsole(t, { clock })
  const [commander, li, wang] = [await as('commander'), await as('li'), await as('wang')]
  t.equal((await wang('POST', '/api/handover/take', { reason: 'x' })).status, 403, 'an officer commands nothing')
  const taken = await commander('POST', '/api/handover/take', { reason: '接班' })
  t.equal(taken.status, 201)
  t.match(taken.json.command, { owner: { kind: 'person', id: 'commander' }, holder: 'commander' })
  const red = desk.raise({ kind: 'panic', zone: 'gate' }, ['police'])?.id ?? ''
  const offered = await commander('POST', '/api/handover', { to: 'li', text: 'B口有人报警' })
  t.match(offered.json.command.offer, { from: 'commander', to: 'li', items: [{ id: red, severity: 'red', zone_name: '安检排队区' }] })
  t.match(offered.json.command.must_name, [{ id: red, kind_label: '一键报警' }])
  const short = await li('POST', '/api/handover/read-back', { items: [] }, inEnglish)
  t.equal(short.status, 409)
  t.match(short.json, { code: 'read_back_incomplete', missing: [red] })
  t.ok(short.json.detail.includes(red), 'the sentence names it too')
  t.equal((await commander('POST', '/api/handover/confirmation')).json.code, 'not_read_back')
  const read = await li('POST', '/api/handover/read-back', { items: [red], text: 'B口一起，等人到场' })
  t.equal(read.json.command.holder, 'commander', 'not yet')
  const second = desk.raise({ kind: 'fire', zone: 'hall' }, ['police'])?.id ?? ''
  t.strictSame((await commander('POST', '/api/handover/confirmation')).json.missing, [second])
  await li('POST', '/api/handover/read-back', { items: [red, second] })
  const done = await commander('POST', '/api/handover/confirmation')
  t.match(done.json.command, { holder: 'li', offer: null, owner: { id: 'li' } })
  t.strictSame(Value.Errors(Roster, done.json).length, 0)
  const told = desk.journal.read(0, 10_000).map(({ event }) => event.type)
  t.strictSame(
    told.filter(type => type.startsWith('handover_')),
    ['handover_taken', 'handover_offered', 'handover_read_back', 'handover_read_back', 'handover_confirmed']
  )
})

t.test('an offer that nobody answers is over by itself, and one can be declined or taken back', async t => {
  const clock = stillClock()
  const { as } = await openTestConsole(t, { clock })
  const [commander, li] = [await as('commander'), await as('li')]
  await commander('POST', '/api/handover/take', { reason: '接班' })
  const offer = () => commander('POST', '/api/handover', { to: 'li' })
  await offer()
  t.equal((await offer()).json.code, 'handover_under_way')
  clock.advance(handover_within_ms)
  const { json } = await li('GET', '/api/roster')
  t.match(json.command, { holder: 'commander', offer: null })
  await offer()
  t.equal((await li('DELETE', '/api/handover')).json.code, 'reason_missing')
  t.equal((await li('DELETE', '/api/handover', { reason: '我在现场' })).status, 200)
  await offer()
  t.equal((await commander('DELETE', '/api/handover')).json.command.offer, null)
  t.equal((await commander('DELETE', '/api/handover')).json.code, 'no_handover')
  const taken = await li('POST', '/api/handover/take', { reason: '联系不上' })
  t.equal(taken.json.command.holder, 'li')
})

t.test('the powers of agencies are told with their law, their limits, and that nobody has verified them', async t => {
  const { as } = await openTestConsole(t)
  const wang = await as('wang')
  const zh = (await wang('GET', '/api/powers')).json
  t.strictSame([...Value.Errors(Powers, zh)], [])
  const hold = zh.find((one: { power: string }) => one.power === 'hold_tools')
  t.match(hold, { label: '暂扣经营工具', may: [{ agency_label: '城管', verified: false }], may_not: [{ agency_label: '保安' }] })
  const en = (await wang('GET', '/api/powers', undefined, inEnglish)).text
  t.notMatch(en, /\p{Script=Han}/u)
})

t.test('nobody is told to do what their agency may not do, and who sets the task is told who may', async t => {
  const { as, desk } = await openTestConsole(t, { clock: stillClock() })
  const commander = await as('commander')
  const { id = '' } = desk.raise({ kind: 'fire', zone: 'hall' }, ['police', 'fire']) ?? {}
  const set = (body: object, headers = {}) => commander('POST', `/api/incidents/${id}/tasks`, { text: '清场', ...body }, headers)
  const refused = await set({ agency: 'guard', power: 'remove_person' }, inEnglish)
  t.equal(refused.status, 409)
  t.match(refused.json, { code: 'power_missing', detail: /guards may not: remove somebody by force, by .*Art\. 30.*ask police/ })
  t.equal((await set({ unit: 'fire-1', power: 'question' })).json.code, 'power_missing', 'a unit has the powers of its agency')
  const { json } = await set({ agency: 'police', power: 'remove_person' })
  t.match(json.tasks[0].power, { label: '强行带离现场', said: /^公安可以强行带离现场：《人民警察法》第八条/ })
  t.strictSame(desk.command(id, { type: 'add_task', task: { id: 't', text: 'x', by: 'li', agency: 'guard', power: 'question' } }), {
    refused: 'power_missing'
  })
})
