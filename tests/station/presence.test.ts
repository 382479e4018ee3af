import t from 'tap'
import { cellsOf, claimOf, type Watcher } from '../../edge/domain/coverage.ts'
import { reading } from '../../edge/domain/reading.ts'
import type { Hazard, Quantity } from '../../edge/domain/vocabulary.ts'
import { say } from '../../edge/domain/words.ts'
import { openPresence } from '../../edge/presence.ts'
import { minutes, seconds } from '../support/clock.ts'
import { definitions, openStory } from '../support/duty.ts'

type There = { id: string; profile: string; zone: string; online: boolean; last_seen: number | undefined }

/** A station whose devices are only named: they speak when the story lets them. */
const openWatched = (before: Parameters<typeof openStory>[0] = {}, own: Readonly<Record<string, readonly Hazard[]>> = {}) => {
  const story = openStory(before)
  const { clock, duty } = story
  const there = new Map<string, There>()
  const presence = openPresence({
    clock,
    state: duty.state,
    devices: () => [...there.values()],
    cameras: () => [],
    measures: profile => definitions.profiles.get(profile)?.measures ?? [],
    own: id => own[id],
    latest: duty.floor.latest,
    record: duty.desk.record,
    raise: (subject, verdict) => duty.desk.verdict(subject, { kind: 'blind' }, verdict),
    order: duty.desk.alertCommand
  })
  const add = (id: string, zone = 'platform-1', profile = 'zigbee2mqtt'): void => {
    there.set(id, { id, zone, profile, online: true, last_seen: undefined })
    duty.watch.expect(id, zone, clock.now(), 600)
  }
  return {
    ...story,
    presence,
    there,
    add,
    speak: (id: string, quantity: Quantity, value: number): void => {
      const device = there.get(id)
      if (device === undefined) throw new Error(`${id} is not there`)
      device.last_seen = clock.now()
      const said = reading({ device: id, zone: device.zone }, quantity, value, undefined, clock.now())
      if (said !== undefined) void duty.hear([said], id)
    },
    cell: (hazard: Hazard, zone = 'platform-1') => presence.cells().find(one => one.zone === zone && one.hazard === hazard),
    alerts: () =>
      [...duty.state.alerts.values()].map(({ rule, active, suppressed }) => `${rule}${active ? '' : ' over'}${suppressed ? ' aside' : ''}`),
    blind: () => [...duty.state.alerts.values()].filter(({ rule }) => rule === 'coverage')
  }
}

t.test('the only smoke detector of a zone falls silent: the zone is blind to smoke; its neighbour returns: covered', async t => {
  const { clock, duty, add, speak, cell, blind, alerts } = openWatched()
  add('smoke-1')
  add('smoke-2')
  speak('smoke-1', 'smoke_alarm', 0)
  speak('smoke-2', 'smoke_alarm', 0)
  clock.advance(seconds(2))
  t.match(cell('smoke'), { state: 'covered', by: [{ id: 'smoke-1', sight: 'sees' }, { id: 'smoke-2' }] })
  clock.advance(minutes(9))
  speak('smoke-1', 'smoke_alarm', 0)
  clock.advance(minutes(2))
  t.match(cell('smoke'), {
    state: 'thin',
    by: [
      { id: 'smoke-1', sight: 'sees' },
      { id: 'smoke-2', sight: 'blind', why: 'silent' }
    ]
  })
  t.strictSame(alerts(), ['silent'], 'with another that watches it is only less sure')
  t.equal(duty.state.incidents.size, 0)
  clock.advance(minutes(9))
  t.match(cell('smoke'), { state: 'blind' })
  t.match(blind(), [{ kind: 'blind', severity: 'orange', active: true, zone: 'platform-1' }])
  t.strictSame(alerts(), ['silent aside', 'silent aside', 'coverage'], 'the silences are listed behind it')
  t.match([...duty.state.incidents.values()], [{ kind: 'blind', responses: { command: { status: 'asked' } } }], 'the commander is told')
  const [because] = blind().map(alert => say({ ...alert.because, with: { ...alert.because.with, zone: '一号站台' } }, 'zh-CN'))
  t.equal(because, '一号站台烟雾监测失守：2 个设备全部失效（smoke-1没有消息），请派人去')
  speak('smoke-2', 'smoke_alarm', 0)
  clock.advance(seconds(2))
  t.match(cell('smoke'), { state: 'thin', by: [{ sight: 'blind' }, { sight: 'sees' }] })
  t.equal(blind()[0]?.active, false)
  t.equal(say(blind()[0]?.because as never, 'en'), 'platform-1 is watched for smoke again: smoke-2')
  t.strictSame(alerts(), ['silent over aside', 'silent', 'coverage over'], 'what is still silent speaks for itself again')
})

t.test('a detector that is stuck or says what cannot be watches nothing', async t => {
  const { clock, add, speak, cell, blind } = openWatched()
  add('heat-1')
  speak('heat-1', 'temperature_celsius', 21)
  clock.advance(seconds(10))
  t.match(cell('heat'), { state: 'covered' })
  speak('heat-1', 'temperature_celsius', -127)
  clock.advance(seconds(2))
  t.match(cell('heat'), { state: 'thin', by: [{ sight: 'unsure', why: 'implausible_value' }] }, 'one bad word is a glitch')
  clock.advance(minutes(5))
  t.match(cell('heat'), { state: 'blind', by: [{ why: 'implausible_value' }] })
  t.match(blind(), [{ severity: 'yellow', active: true }])
  speak('heat-1', 'temperature_celsius', 21)
  clock.advance(seconds(2))
  t.match(blind(), [{ active: false }])
})

t.test('a device that is taken away is missed, over a restart too, until somebody has seen it', async t => {
  const before = openWatched()
  before.add('smoke-1')
  before.speak('smoke-1', 'smoke_alarm', 0)
  before.clock.advance(seconds(2))
  await before.told()
  before.presence.close()
  const { clock, duty, cell, blind } = openWatched({ journal: before.journal, clock: before.clock })
  clock.advance(seconds(2))
  t.match(cell('smoke'), { state: 'blind', by: [{ id: 'smoke-1', why: 'removed' }] })
  const [alert] = blind()
  t.ok(alert?.active)
  duty.desk.alertCommand(alert?.id ?? '', { type: 'acknowledge', by: 'li' })
  clock.advance(seconds(2))
  t.equal(cell('smoke'), undefined, 'nobody is there to watch, and somebody knows')
  t.match(blind(), [{ active: false, because: { say: 'watched_no_more' } }])
})

t.test('who is revoked, or says that it is in trouble, is not relied on', async t => {
  const { clock, duty, add, speak, cell, blind } = openWatched()
  add('smoke-1')
  speak('smoke-1', 'smoke_alarm', 0)
  speak('smoke-1', 'trouble', 1)
  clock.advance(seconds(2))
  t.match(cell('smoke'), { state: 'thin', by: [{ sight: 'unsure', why: 'trouble' }] })
  void duty.desk.record([{ type: 'device_revoked', id: 'smoke-1', at: clock.now(), by: 'li' }])
  clock.advance(seconds(2))
  t.match(cell('smoke'), { state: 'blind', by: [{ why: 'revoked' }] })
  t.match(blind(), [{ active: true }])
})

t.test('a watcher that comes and goes is counted by its changes, and what it came to holds', async t => {
  const { clock, there, add, speak, blind, told } = openWatched()
  add('smoke-1')
  speak('smoke-1', 'smoke_alarm', 0)
  clock.advance(seconds(2))
  const smoke = there.get('smoke-1')
  for (let n = 0; n < 3; n++) {
    there.delete('smoke-1')
    clock.advance(seconds(20))
    if (smoke) there.set('smoke-1', smoke)
    clock.advance(seconds(20))
  }
  t.match(blind(), [{ active: true, flapping: { changes: 1 } }], 'held as blind')
  clock.advance(seconds(60))
  t.match(blind(), [{ flapping: { changes: 1 } }], 'that it is well is one change, however often it is looked at')
  there.delete('smoke-1')
  const cleared = async () => (await told()).filter(line => line.includes('alert_cleared')).length
  const before = await cleared()
  clock.advance(minutes(20))
  t.match(blind(), [{ active: true, flapping: undefined }])
  t.equal(await cleared(), before, 'it was blind when it was steady')
})

t.test('whoever watched for nothing but crowds is forgotten when it is taken away: nobody could say that they have seen it', async t => {
  const { clock, there, add, speak, cell, blind } = openWatched({}, { 'counter-1': ['crowd'], 'both-1': ['crowd', 'smoke'] })
  for (const id of ['counter-1', 'both-1']) add(id, id === 'both-1' ? 'food-row' : 'platform-1')
  speak('counter-1', 'people_count', 3)
  clock.advance(seconds(2))
  t.match(cell('crowd'), { state: 'covered' })
  there.clear()
  clock.advance(seconds(3))
  t.equal(cell('crowd'), undefined)
  t.match(cell('smoke', 'food-row'), { state: 'blind' })
  t.match(blind(), [{ zone: 'food-row', active: true }])
})

t.test('one that is replaced is forgotten without a word', async t => {
  const { clock, there, add, speak, cell, blind } = openWatched()
  for (const id of ['smoke-1', 'smoke-2']) {
    add(id)
    speak(id, 'smoke_alarm', 0)
  }
  clock.advance(seconds(2))
  there.delete('smoke-1')
  clock.advance(seconds(2))
  t.match(cell('smoke'), { state: 'covered', by: [{ id: 'smoke-2' }] })
  t.equal(blind().length, 0)
})

t.test('where somebody works on the only detector, the zone is blind and a patrol looks, so nobody is called', async t => {
  const { clock, duty, add, speak, cell, blind } = openWatched()
  add('smoke-1')
  speak('smoke-1', 'smoke_alarm', 0)
  clock.advance(seconds(2))
  const from = clock.now()
  const patrol = { unit: 'guard-1', every_s: 600 }
  duty.desk.planMaintenance({
    covers: { device: 'smoke-1' },
    owner: 'works',
    by: 'li',
    from,
    until: from + minutes(5),
    reason: 'new battery',
    patrol
  })
  clock.advance(minutes(4))
  t.match(cell('smoke'), { state: 'blind', by: [{ why: 'works' }] })
  t.equal(blind().length, 0)
  clock.advance(minutes(2))
  t.match(cell('smoke'), { state: 'covered' })
})

t.test('what is claimed: as station.yaml says, as a profile of one thing can tell, or as it was heard to tell', async t => {
  const smoke: readonly Quantity[] = ['smoke_alarm', 'battery_percent']
  const all: readonly Quantity[] = ['smoke_alarm', 'gas_alarm', 'water_leak', 'contact_open', 'temperature_celsius']
  const table: readonly (readonly [Parameters<typeof claimOf>, readonly Hazard[]])[] = [
    [[undefined, smoke, [], []], ['smoke']],
    [[undefined, all, [], []], []],
    [[undefined, all, ['temperature_celsius', 'humidity_percent'], []], ['heat']],
    [
      [undefined, all, ['temperature_celsius'], ['smoke']],
      ['smoke', 'heat']
    ],
    [[['crowd'], smoke, ['smoke_alarm'], ['smoke']], ['crowd']],
    [[[], smoke, ['smoke_alarm'], ['smoke']], []]
  ]
  for (const [given, expected] of table) t.strictSame(claimOf(...given), expected)
})

t.test('a zone is blind since the last was lost and less sure since the first was', async t => {
  const watcher = (id: string, sight: Watcher['sight'], since?: number): Watcher => ({
    id,
    zone: 'z',
    hazard: 'gas',
    sight,
    ...(since !== undefined && { since })
  })
  const of = (...by: Watcher[]) => cellsOf(by).map(({ state, since }) => [state, since])
  t.strictSame(of(), [])
  t.strictSame(of(watcher('a', 'sees')), [['covered', undefined]])
  t.strictSame(of(watcher('a', 'unsure', 3)), [['thin', 3]])
  t.strictSame(of(watcher('a', 'blind', 3), watcher('b', 'unsure', 5), watcher('c', 'sees')), [['thin', 3]])
  t.strictSame(of(watcher('a', 'blind', 3), watcher('b', 'blind', 5)), [['blind', 5]])
})
