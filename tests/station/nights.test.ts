/** Scenarios of a duty as stories: a whole duty room, a still clock, people who answer late or never. */
import t from 'tap'
import { annunciated } from '../../edge/domain/alert.ts'
import type { Event } from '../../edge/domain/event.ts'
import type { Incident } from '../../edge/domain/incident.ts'
import { operatorLoad } from '../../edge/domain/operator-load.ts'
import { openSearch, type Search } from '../../edge/search.ts'
import { openTalkBack } from '../../edge/talk-back.ts'
import { minutes, seconds } from '../support/clock.ts'
import { closedByTwo, hubUnits, openStory, type Story, unit } from '../support/duty.ts'
import { memorySafe } from '../support/memory-safe.ts'

const incidents = ({ duty }: Story): Incident[] => [...duty.state.incidents.values()]
const only = (story: Story): Incident => {
  const [incident, ...others] = incidents(story)
  if (incident === undefined || others.length > 0) throw new Error(`${others.length + 1} incidents instead of one`)
  return incident
}
const answered = (story: Story, name: string): void => {
  story.duty.desk.command(only(story).id, { type: 'acknowledge', unit: name, by: name })
}
const shown = ({ duty }: Story) => [...duty.state.alerts.values()].filter(annunciated)
let number = 0
const report = (story: Story, text: string, zone = 'food-row'): void => {
  void story.duty.report({ type: 'report_received', id: `r-${++number}`, at: story.clock.now(), zone, kind: 'crowd', text, by: 'desk' })
}

t.test('[D9] eleven reports in three and a half hours: amber at the third, red before the fifth that says people are pressed', async t => {
  const story = openStory({ units: [...hubUnits, unit('city-1', 'city')] })
  const calls = [
    ...['人很多', '人太多了', '走不动了', '越来越挤'],
    ...['有人被压在墙边', '喘不过气', '压得动不了', '救命，压死人了', '有人倒下', '还在压', '没有人来']
  ]
  const levels: (string | undefined)[] = []
  for (const text of calls) {
    report(story, text)
    levels.push(shown(story)[0]?.severity)
    story.clock.advance(minutes(20))
  }
  t.strictSame(levels.slice(0, 5), [undefined, undefined, 'yellow', 'yellow', 'red'], 'red at the first report of people being pressed')
  const incident = only(story)
  for (const agency of ['police', 'fire', 'city'] as const) t.ok(incident.needs.includes(agency), agency)
  t.equal(shown(story).length, 1, 'one alert, not eleven')
  t.strictSame(story.duty.desk.command(incident.id, { type: 'close', by: 'commander', outcome: 'false_alarm' }), {
    refused: 'all_clear_missing'
  })
  story.duty.desk.command(incident.id, { type: 'all_clear', by: 'commander', role: 'duty_commander' })
  t.strictSame(
    story.duty.desk.command(incident.id, { type: 'all_clear', by: 'commander', role: 'officer' }),
    { refused: 'second_role_needed' },
    'one person cannot close it alone'
  )
})

t.test('[D9] reports are added up over a restart, and what was settled by people counts no more', async t => {
  const before = openStory()
  report(before, '人很多')
  report(before, '人太多了')
  await before.duty.close()
  const after = openStory({ journal: before.journal, clock: before.clock })
  report(after, '走不动了')
  t.equal(shown(after)[0]?.severity, 'yellow')
  const [alert] = shown(after)
  after.duty.desk.alertCommand(alert?.id ?? '', { type: 'acknowledge', by: 'li', episode: 'all' })
  after.clock.advance(minutes(300))
  t.notOk(after.duty.state.alerts.get(alert?.id ?? '')?.active, 'hours of quiet end it')
})

t.test('[D9] who closes it has looked: what is said after that calls again, also the very same', async t => {
  const story = openStory({ units: [...hubUnits, unit('city-1', 'city')] })
  report(story, '有人被压在墙边')
  report(story, '喘不过气')
  const { id } = only(story)
  t.notMatch(closedByTwo(story.duty, id, 'resolved'), { refused: String })
  t.strictSame(shown(story), [], 'what was reported is settled with it')
  story.clock.advance(minutes(10))
  report(story, '有人被压在墙边')
  t.equal(shown(story)[0]?.severity, 'orange')
  report(story, '喘不过气')
  t.match(incidents(story), [
    { id, phase: 'closed' },
    { severity: 'red', phase: 'open' }
  ])
  await story.duty.close()
})

t.test('[D12] sixty devices that fail and flap in a power dip are one alert, listed under it; a panic press is on top at once', async t => {
  const story = openStory()
  const { desk } = story.duty
  const flap = (device: number, raised: boolean): void => {
    const subject = { key: `silent:d-${device}`, rule: 'silent', zone: 'food-row', device: `d-${device}` }
    const because = { say: 'silent_for', with: { seconds: 60, limit: 60 } } as const
    void desk.verdict(subject, { kind: 'device' }, raised ? { raised: true, severity: 'yellow', because } : { raised: false, because })
  }
  let most = 0
  for (let round = 0; round < 20; round++) {
    for (let device = 0; device < 60; device++) flap(device, round % 2 === 0)
    most = Math.max(most, shown(story).filter(({ active }) => active).length)
    story.clock.advance(seconds(30))
  }
  for (let device = 0; device < 60; device++) flap(device, true)
  const active = shown(story).filter(alert => alert.active)
  t.strictSame(
    active.map(({ rule }) => rule),
    ['common-cause']
  )
  t.ok(most <= 10, `${most} at once`)
  const under = [...story.duty.state.alerts.values()].filter(({ phase, suppressed }) => phase === 'open' && suppressed)
  t.equal(under.length, 60, 'all sixty are listed under their cause')
  const raisedShown = (await story.told()).filter(line => line.includes('alert_raised')).length
  t.comment(`${raisedShown} alerts were raised in ten minutes, ${most} shown at once`)
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  const panic = incidents(story).find(({ kind }) => kind === 'panic')
  t.match(panic, { severity: 'red', phase: 'open' })
  t.equal(panic?.opened_at, story.clock.now(), 'in the same moment')
  for (let device = 0; device < 60; device++) flap(device, false)
  t.notOk(
    shown(story).some(({ rule, active: still }) => rule === 'common-cause' && still),
    'when they work again, it is over'
  )
})

t.test('[D6] a panic press: the nearest pair is asked at once, a false press closes with one reason', async t => {
  const story = openStory()
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  t.strictSame(
    Object.values(only(story).responses).map(({ unit: name, asked_at }) => [name, asked_at]),
    [
      ['patrol-1', story.clock.now()],
      ['guard-1', story.clock.now()]
    ]
  )
  story.clock.advance(seconds(8))
  answered(story, 'patrol-1')
  answered(story, 'guard-1')
  story.clock.advance(minutes(3))
  closedByTwo(story.duty, only(story).id, 'false_alarm', '误按')
  t.match(only(story), { phase: 'closed', outcome: 'false_alarm', outcome_text: '误按' })
  story.clock.advance(minutes(1))
  await story.told()
  const events = story.journal.read(0, 10_000).map(({ event }) => event)
  const { false_shares, nuisances } = operatorLoad(events, { from: story.clock.now() - minutes(60), to: story.clock.now(), operators: 1 })
  t.match(false_shares, [{ rule: 'threshold', judged: 1, false_alarms: 1 }], 'it counts against the rule')
  t.match(nuisances, [{ device: 'panic-b', kind: 'panic', judged: 1, false_alarms: 1 }], 'and against the button')
})

t.test('[D6] nobody goes alone: where guards are not on duty, the next nearest patrol goes too', async t => {
  const story = openStory({
    units: [unit('command', 'police', { commands: true }), unit('patrol-1', 'police', { zones: ['food-row'] }), unit('patrol-2', 'police')]
  })
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  t.strictSame(Object.keys(only(story).responses), ['patrol-1', 'patrol-2'])
})

/** A duty room whose buttons hear back: what each of them and its lamp were told. */
const openButtons = () => {
  const told: string[] = []
  const called: string[] = []
  let talkBack: ((event: Event) => void) | undefined
  const story = openStory({
    heard: ({ event }) => talkBack?.(event),
    call: ({ kind }, asked, occasion) => called.push(...asked.map(({ unit }) => `${kind} ${unit} ${occasion}`))
  })
  talkBack = openTalkBack(
    story.duty.state,
    (topic, payload) => told.push(`${topic.split('/')[1]} ${payload}`),
    button => ({ lamp: button.replace('panic', 'lamp'), ...(button === 'panic-c' && { tone: 'bell' }) }),
    (device, { state, for_s }) => told.push(`${device} ${state}${for_s === undefined ? '' : ` for ${for_s} s`}`)
  )
  const taken = (what: string[]): string[] => what.splice(0)
  const of = (kind: string): Incident => {
    const found = incidents(story).find(one => one.kind === kind && one.phase === 'open')
    if (found === undefined) throw new Error(`no ${kind}`)
    return found
  }
  return {
    ...story,
    press: async (id: string) => {
      await story.hear(id, 'food-row', 'button_pressed', 1)
      return taken(told)
    },
    called: () => taken(called),
    of,
    open: () => incidents(story).flatMap(({ kind, phase }) => (phase === 'open' ? [kind] : [])),
    respond: (kind: string, name: string, status: 'acknowledged' | 'en_route' | 'on_scene' | 'done') => {
      story.duty.desk.command(of(kind).id, { type: 'respond', unit: name, by: name, status })
      return taken(told)
    },
    close: (id: string) => {
      closedByTwo(story.duty, id, 'resolved')
      return taken(told)
    }
  }
}

t.test('[D6] a press in a fight that is being handled calls its own pair, and who pressed hears that somebody comes', async t => {
  const room = openButtons()
  for (const text of ['有人打架', '三号口有人持刀']) report(room, text)
  room.respond('fight', 'patrol-1', 'en_route')
  room.called()
  t.strictSame(await room.press('panic-b'), ['panic-b {"heard":true}', 'lamp-b on'])
  t.strictSame(room.open(), ['fight', 'panic'])
  t.strictSame(room.called(), ['panic patrol-1 opened', 'panic guard-1 opened'])
  t.strictSame(room.respond('panic', 'guard-1', 'en_route'), ['panic-b {"status":"en_route"}', 'lamp-b blink'])
  const fight = room.of('fight').id
  room.duty.desk.merge(room.of('panic').id, fight, 'commander', 'the same fight')
  const comes = ['panic-b {"status":"en_route"}', 'lamp-b blink']
  t.strictSame(await room.press('panic-b'), [...comes, 'panic-b {"heard":true}', 'lamp-b on', ...comes])
  t.strictSame(room.close(fight), ['panic-b {"status":"closed"}', 'lamp-b off'], 'merged into another kind, its lamp goes off with that')
  await room.duty.close()
})

t.test('[D6] a sounder says that it was heard and that somebody is on the way, and nothing else', async t => {
  const room = openButtons()
  const lamp = (says: string, state: string): string[] => [`panic-c ${says}`, `lamp-c ${state}`]
  t.strictSame(await room.press('panic-c'), [...lamp('{"heard":true}', 'on'), 'bell on for 1 s'])
  t.strictSame(room.respond('panic', 'patrol-1', 'acknowledged'), lamp('{"status":"acknowledged"}', 'blink'))
  t.strictSame(room.respond('panic', 'patrol-1', 'en_route'), [...lamp('{"status":"en_route"}', 'blink'), 'bell on for 1 s'])
  t.strictSame(room.respond('panic', 'patrol-1', 'on_scene'), lamp('{"status":"on_scene"}', 'blink'))
  await room.duty.close()
})

t.test('[D6] every press calls again whoever comes, answers who pressed, and is back at work where all had finished', async t => {
  const room = openButtons()
  await room.press('panic-b')
  room.respond('panic', 'patrol-1', 'en_route')
  room.respond('panic', 'guard-1', 'en_route')
  room.called()
  const heard = (id: string): string[] => [
    ...[`panic-${id} {"heard":true}`, `lamp-${id} on`, ...(id === 'c' ? ['bell on for 1 s'] : [])],
    ...[`panic-${id} {"status":"en_route"}`, `lamp-${id} blink`]
  ]
  t.strictSame(await room.press('panic-c'), heard('c'), 'another button')
  t.strictSame(room.called(), ['panic patrol-1 worsened', 'panic guard-1 worsened'])
  t.strictSame(await room.press('panic-b'), heard('b'), 'within the minute of the first press')
  t.strictSame(room.called(), [], 'which is the same press')
  room.clock.advance(minutes(2))
  t.strictSame(await room.press('panic-b'), heard('b'))
  t.strictSame(room.called(), ['panic patrol-1 worsened', 'panic guard-1 worsened'])
  t.strictSame(room.open(), ['panic'])

  const old = room.of('panic').id
  for (const name of ['patrol-1', 'guard-1']) room.respond('panic', name, 'done')
  room.clock.advance(minutes(2))
  t.strictSame(await room.press('panic-b'), ['panic-b {"heard":true}', 'lamp-b on'])
  t.strictSame(room.called(), ['panic patrol-1 opened', 'panic guard-1 opened'])
  t.strictSame(room.close(old), ['panic-c {"status":"closed"}', 'lamp-c off'], 'the lamp of the new press stays on')
  t.strictSame(room.close(room.of('panic').id), ['panic-b {"status":"closed"}', 'lamp-b off'])
  await room.duty.close()
})

/** A duty room that looks for people: the desk of the search stands before it, as the console has it. */
const lookOut = (before: Parameters<typeof openStory>[0] = {}, safe = memorySafe()) => {
  let search: Search | undefined
  const story = openStory({
    units: [...hubUnits, unit('guard-2', 'guard'), unit('north-station', 'neighbour')],
    ...before,
    heard: entry => search?.heard(entry)
  })
  const { clock, duty } = story
  const opened = openSearch({
    clock,
    safe,
    retention: { after_closure_ms: minutes(24 * 60), at_most_ms: minutes(30 * 24 * 60) },
    incidents: duty.state.incidents,
    desk: duty.desk,
    log: () => undefined
  })
  search = opened
  return { story, safe, search: opened }
}
const boy = { consent: 'guardian', description: { text: '', age_years: 5, clothes: '红色上衣' } } as const
const lost = ({ search }: ReturnType<typeof lookOut>): Incident => {
  const answer = search.open({ kind: 'lost_child', zone: 'platform-1', severity: 'orange', text: '在站台走散', by: 'desk', sought: boy })
  if ('refused' in answer) throw new Error(answer.refused)
  return answer.state
}

t.test('[D3] a lost child: everyone mobile and the neighbour are asked at once, each zone answers seen or not seen', async t => {
  const night = lookOut()
  const { id, needs, responses } = lost(night)
  const { desk } = night.story.duty
  t.strictSame(needs, ['police', 'operator', 'guard', 'volunteer'])
  t.strictSame(
    Object.values(responses).map(({ unit: name }) => name),
    ['command', 'patrol-1', 'patrol-2', 'staff-1', 'guard-1', 'guard-2', 'volunteer-1', 'north-station']
  )
  const sweeps = () => (only(night.story).tasks ?? []).map(({ zone, done, overdue_at }) => [zone, done?.answer, overdue_at !== undefined])
  desk.command(id, { type: 'finish_task', task: 'sweep-platform-1', by: 'li', answer: 'not_seen' })
  t.strictSame(desk.command(id, { type: 'finish_task', task: 'sweep-food-row', by: 'wang', answer: 'perhaps' }), {
    refused: 'answer_missing',
    missing: ['seen', 'not_seen']
  })
  night.story.clock.advance(minutes(6))
  t.strictSame(
    sweeps(),
    [
      ['platform-1', 'not_seen', false],
      ['food-row', undefined, true]
    ],
    'the zone that has not answered is visible'
  )
  desk.command(id, { type: 'finish_task', task: 'sweep-food-row', by: 'wang', answer: 'seen' })
  t.ok(only(night.story).tasks?.every(({ done }) => done))
})

t.test('[D3] what is said of the child is no part of the journal, each look at it is, and a day after the end it is erased', async t => {
  const night = lookOut()
  const { id } = lost(night)
  const { story, search, safe } = night
  t.match(search.description(id, 'patrol'), { sought: { consent: 'guardian', description: { text: '在站台走散', clothes: '红色上衣' } } })
  t.match(story.duty.desk.command(id, { type: 'close', by: 'commander', outcome: 'handed_over' }), { refused: 'receipt_missing' })
  const given = { by: 'li', to: 'guardian', receiver: '王某某', checked: true } as const
  const answer = search.handOver(id, given)
  if ('refused' in answer) throw new Error(answer.refused)
  t.match(answer.state.handed_over, { to: 'guardian', checked: true, receipt: /^[0-9A-F]{8}$/ })
  t.match(search.handOver(id, given), { refused: 'already_handed_over' })
  t.equal(safe.get(id)?.receiver, '王某某')
  story.duty.desk.command(id, { type: 'close', by: 'commander', outcome: 'handed_over' })
  story.clock.advance(minutes(24 * 60) - 1)
  t.notMatch(search.description(id, 'auditor'), { refused: String }, 'a day later somebody may still ask')
  story.clock.advance(1)
  t.strictSame(search.description(id, 'auditor'), { refused: 'no_description' })
  t.strictSame(safe.all(), [])
  const told = await story.told()
  for (const line of ['description_kept', 'incident_handed_over', 'description_erased'])
    t.ok(
      told.some(one => one.includes(line)),
      line
    )
  t.equal(told.filter(one => one.includes('description_read')).length, 2, 'each look is written down')
  const journal = JSON.stringify(story.journal.read(0, 10_000))
  for (const word of ['站台走散', '红色上衣', '王某某']) t.notOk(journal.includes(word), word)
})

t.test('[D3] a restart forgets nothing too early and nothing too late; a merged search takes the description along', async t => {
  const before = lookOut()
  const { id } = lost(before)
  await before.story.duty.close()
  const again = { journal: before.story.journal, clock: before.story.clock }
  const after = lookOut(again, before.safe)
  const second = after.search.open({ kind: 'lost_child', zone: 'food-row', severity: 'orange', text: '另一人报告', by: 'desk' })
  if ('refused' in second) throw new Error(second.refused)
  const merged = after.story.duty.desk.merge(id, second.state.id, 'li', '同一个孩子')
  t.notMatch(merged, { refused: String })
  t.equal(after.safe.get(second.state.id)?.description.text, '另一人报告', 'of two descriptions its own')
  t.equal(after.safe.get(id), undefined)
  after.story.duty.desk.command(second.state.id, { type: 'close', by: 'commander', outcome: 'resolved' })
  await after.story.duty.close()
  after.search.close()
  before.story.clock.advance(minutes(25 * 60))
  t.equal(after.safe.all().length, 1, 'nobody was there to erase it')
  t.strictSame(lookOut(again, before.safe).safe.all(), [], 'it is erased before anybody can read it')
})

t.test('[D14] the command passes during a red incident, and there is no second in which it has no owner', async t => {
  const story = openStory({
    units: hubUnits.map(one => (one.commands ? { ...one, members: ['zhang', 'zhao'] } : one)),
    people: ['zhang', 'zhao'].map(name => ({ name, agency: 'police', roles: ['duty_commander'], qualifications: [] }))
  })
  const { roster } = story.duty
  const owners: unknown[] = []
  const tick = (n: number): void => {
    for (let second = 0; second < n; second++) {
      owners.push(roster.owner())
      story.clock.advance(seconds(1))
    }
  }
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  tick(3)
  roster.command({ type: 'take', id: 'h-0', by: 'zhang', reason: '接班' })
  tick(3)
  roster.command({ type: 'offer', id: 'h-1', by: 'zhang', to: 'zhao', text: '07:30 交班' })
  tick(5)
  t.match(roster.command({ type: 'read_back', by: 'zhao', items: [], text: '' }), { refused: 'read_back_incomplete' })
  tick(2)
  t.notMatch(roster.command({ type: 'read_back', by: 'zhao', items: [only(story).id], text: '一起红色警情' }), { refused: String })
  tick(2)
  t.notMatch(roster.command({ type: 'confirm', by: 'zhang' }), { refused: String })
  tick(2)
  t.ok(owners.every(owner => owner !== undefined && owner !== null))
  t.match(roster.now().command, { holder: 'zhao' })
})
