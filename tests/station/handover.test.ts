import t from 'tap'
import { handover_within_ms } from '../../edge/domain/command-post.ts'
import type { Person } from '../../edge/domain/roster.ts'
import { type DutyRoom, openDuty } from '../../edge/duty.ts'
import { fromSnapshot, toSnapshot } from '../../edge/state.ts'
import { minutes, type StillClock, seconds, stillClock } from '../support/clock.ts'
import { definitions, hubZones, noHistory, unit } from '../support/duty.ts'
import { type MemoryJournal, memoryJournal } from '../support/memory-journal.ts'

const person = (name: string, commands: boolean): Person => ({
  name,
  agency: 'police',
  roles: commands ? ['duty_commander'] : ['officer'],
  qualifications: name === 'wang' ? ['de_escalation'] : []
})
const people = [person('night', true), person('day', true), person('wang', false)]
const units = [
  unit('command', 'police', { commands: true, zones: ['nowhere'] }),
  unit('patrol-n', 'police', { shifts: [{ from: '20:00', to: '08:00' }] }),
  unit('patrol-d', 'police', { shifts: [{ from: '08:00', to: '20:00' }] }),
  unit('patrol-w', 'police', { shifts: [{ from: '08:00', to: '20:00' }], members: ['wang'] }),
  unit('guard-1', 'guard')
]
/** 07:30 at the station. */
const half_past_seven = Date.parse('2026-11-24T07:30:00+08:00')

const open = (clock: StillClock, journal: MemoryJournal, said: string[] = []): DutyRoom =>
  openDuty({
    clock,
    journal,
    history: noHistory as never,
    station: { id: 'hub', timezone: 'Asia/Shanghai', version: 'test' },
    zones: hubZones,
    units,
    people,
    cover: [{ agency: 'police', units: 3 }],
    template: definitions.templates.get('transport-hub') as never,
    rules: definitions.rules,
    log: message => said.push(message)
  })

const did = (duty: DutyRoom, command: Parameters<DutyRoom['roster']['command']>[0]): void => {
  const answer = duty.roster.command(command)
  if ('refused' in answer) throw new Error(answer.refused)
}
const press = (duty: DutyRoom, clock: StillClock, value = 1) =>
  duty.hear([{ device: 'panic-b', zone: 'food-row', quantity: 'button_pressed', value, at: clock.now(), quality: 'good' }], 'panic-b')

t.test('the morning takes over at half past seven, during a panic call: in no second, restart and all, is it nobody’s [D14]', async t => {
  const clock = stillClock(half_past_seven)
  const journal = memoryJournal()
  const said: string[] = []
  let duty = open(clock, journal, said)
  did(duty, { type: 'take', id: 'h-0', by: 'night', reason: 'begin of the night' })
  await press(duty, clock)
  const [incident] = [...duty.state.incidents.values()]
  if (incident === undefined) throw new Error('the button raised nothing')

  const owners: string[] = []
  const second = (): void => {
    clock.advance(seconds(1))
    const { kind, id } = duty.roster.owner()
    if (owners.at(-1) !== `${kind} ${id}`) owners.push(`${kind} ${id}`)
  }
  const pass = (n: number): void => {
    for (let i = 0; i < n; i++) second()
  }
  pass(10)
  did(duty, { type: 'offer', id: 'h-1', by: 'night', to: 'day', text: 'button at the food row' })
  pass(20)
  // The station is started anew between the offer and the read-back.
  await duty.close()
  duty = open(clock, journal, said)
  pass(20)
  did(duty, { type: 'read_back', by: 'day', items: [incident.id], text: 'one red, food row' })
  pass(5)
  did(duty, { type: 'confirm', by: 'night' })
  pass(30)
  t.strictSame(owners, ['person night', 'person day'])
  t.ok(said.some(line => /command passed from night to day/.test(line)))
  t.equal(duty.state.incidents.get(incident.id)?.phase, 'open', 'and the call went on meanwhile')
})

t.test('an offer that ran out while the station was down is over at the start, and the command stays', async t => {
  const clock = stillClock(half_past_seven)
  const journal = memoryJournal()
  const before = open(clock, journal)
  did(before, { type: 'take', id: 'h-0', by: 'night', reason: 'begin' })
  did(before, { type: 'offer', id: 'h-1', by: 'night', to: 'day', text: '' })
  await before.close()
  clock.advance(handover_within_ms + 1)
  const after = open(clock, journal)
  clock.advance(0)
  t.strictSame(after.state.roster.command, { holder: 'night', since: half_past_seven })
})

t.test('of two patrols equally near, the call goes to the one that has learned to calm people down', async t => {
  const clock = stillClock(half_past_seven + minutes(60))
  const duty = open(clock, memoryJournal())
  await press(duty, clock)
  const [incident] = [...duty.state.incidents.values()]
  t.strictSame(Object.keys(incident?.responses ?? {}), ['patrol-w', 'guard-1'])
})

t.test(
  'cover that breaks at eight in the evening is told at six, sharper at half past seven, and is no second alert after a restart',
  async t => {
    const clock = stillClock(Date.parse('2026-11-24T17:59:00+08:00'))
    const journal = memoryJournal()
    let duty = open(clock, journal)
    const warnings = () => [...duty.state.alerts.values()].filter(({ rule }) => rule === 'cover')
    t.strictSame(warnings(), [], 'at night two units are on duty, and three must be')
    clock.advance(minutes(1))
    t.match(warnings(), [{ severity: 'yellow', because: { with: { begin: '20:00', present: 2, needed: 3 } } }])
    await duty.close()
    duty = open(clock, journal)
    clock.advance(minutes(89))
    t.match(warnings(), [{ severity: 'yellow' }])
    clock.advance(minutes(1))
    t.match(warnings(), [{ severity: 'orange', active: true }])
    const until = clock.now() + minutes(60 * 24)
    did(duty, { type: 'swap', id: 'd-1', unit: 'patrol-n', with: 'patrol-d', from: clock.now(), until, by: 'night', reason: 'court' })
    t.match(warnings(), [{ active: true }], 'who stands in for one of two makes no third')
    t.strictSame(duty.state.incidents.size, 0, 'it is for the board; nobody is called')
  }
)

t.test('what the roster knows survives in a snapshot, and one from before the roster is not used', async t => {
  const clock = stillClock(half_past_seven)
  const duty = open(clock, memoryJournal())
  did(duty, { type: 'take', id: 'h-0', by: 'night', reason: 'begin' })
  did(duty, { type: 'absent', id: 'd-1', unit: 'patrol-d', from: clock.now(), until: clock.now() + 1, by: 'night', reason: 'ill' })
  const snapshot = JSON.parse(JSON.stringify(toSnapshot(duty.state)))
  t.strictSame(fromSnapshot(snapshot)?.roster, duty.state.roster)
  t.equal(fromSnapshot({ ...snapshot, version: 2 }), undefined)
})
