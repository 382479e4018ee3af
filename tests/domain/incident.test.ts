import fc from 'fast-check'
import t from 'tap'
import {
  type Asked,
  type Command,
  decide,
  evolve,
  type Incident,
  type IncidentOpened,
  nextDue,
  silentAgencies
} from '../../edge/domain/incident.ts'
import { usualLadder } from '../../edge/domain/templates/template.ts'
import { type ResponseStatus, responseStatuses } from '../../edge/domain/vocabulary.ts'

const s = (n: number): number => n * 1000
const police: Asked = { unit: 'patrol-1', agency: 'police' }
const fire: Asked = { unit: 'engine-1', agency: 'fire' }
const police2: Asked = { unit: 'patrol-2', agency: 'police' }

const opened = (more: Partial<IncidentOpened> = {}): Incident =>
  evolve(undefined, {
    type: 'incident_opened',
    id: 'i-1',
    at: 0,
    kind: 'fire',
    zone: 'z',
    severity: 'orange',
    because: { say: 'flag_set', with: { quantity: 'smoke_alarm' } },
    sop: 'fire',
    needs: ['police', 'fire'],
    ladder: usualLadder,
    ask: [police, fire],
    drill: false,
    ...more
  })

/** Plays commands and fails on a refusal, which is then named. */
const play = (incident: Incident, ...commands: readonly [number, Command][]): Incident =>
  commands.reduce((now, [at, command]) => {
    const decision = decide(now, command, at)
    if ('refused' in decision) throw new Error(`${command.type}: ${decision.refused}`)
    return decision.events.reduce<Incident>((then, event) => evolve(then, event), now)
  }, incident)

const ack = (unit: string): Command => ({ type: 'acknowledge', unit, by: 'someone' })
const decline = (unit: string): Command => ({ type: 'respond', unit, by: 'someone', status: 'declined', reason: 'engaged' })
const escalate = (...ask: readonly Asked[]): Command => ({ type: 'escalate', ask })

t.test('one agency’s answer never silences the other', async t => {
  const incident = play(opened(), [s(5), ack('patrol-1')])
  t.strictSame(silentAgencies(incident), ['fire'])
  t.equal(nextDue(incident)?.at, s(15))
})

t.test('when each agency has answered, time brings nothing more', async t => {
  t.equal(nextDue(play(opened(), [s(5), ack('patrol-1')], [s(14), ack('engine-1')])), undefined)
})

t.test('silence climbs the ladder rung by rung, then says that nobody is left', async t => {
  const first = play(opened(), [s(15), escalate(police2)])
  t.match(nextDue(first), { at: s(45), ask: 'commander' })
  t.equal(first.responses['patrol-2']?.status, 'asked')
  const last = play(first, [s(45), escalate()], [s(105), escalate()], [s(165), escalate()])
  t.equal(last.unanswered, true)
  t.equal(nextDue(last), undefined)
  t.strictSame(decide(last, escalate(), s(200)), { refused: 'nobody_left_to_ask' })
})

t.test('a late answer is an answer', async t => {
  const unanswered = play(opened(), [s(15), escalate()], [s(45), escalate()], [s(105), escalate()], [s(165), escalate()])
  t.equal(play(unanswered, [s(300), ack('patrol-1')], [s(301), ack('engine-1')]).unanswered, false)
})

t.test('with `any`, the first answer is enough', async t => {
  t.equal(nextDue(play(opened({ ladder: { ...usualLadder, enough: 'any' } }), [s(5), ack('patrol-1')])), undefined)
})

t.test('with `all`, every unit asked must answer', async t => {
  const incident = play(
    opened({ ladder: { ...usualLadder, enough: 'all' }, ask: [police, police2, fire] }),
    [s(5), ack('patrol-1')],
    [s(6), ack('engine-1')]
  )
  t.strictSame(silentAgencies(incident), ['police'])
  t.equal(nextDue(play(incident, [s(7), ack('patrol-2')])), undefined)
})

t.test('an agency whose last unit declines is asked further at once', async t => {
  t.equal(nextDue(play(opened(), [s(3), decline('engine-1')]))?.at, s(3))
})

t.test('a unit that declines while a colleague is still asked does not hurry the ladder', async t => {
  t.equal(nextDue(play(opened({ ask: [police, police2, fire] }), [s(3), decline('patrol-2')]))?.at, s(15))
})

t.test('a unit that had answered and must turn away makes its agency silent again', async t => {
  const all = play(opened(), [s(1), ack('patrol-1')], [s(2), ack('engine-1')])
  t.equal(nextDue(play(all, [s(60), decline('engine-1')]))?.at, s(60))
})

t.test('who was not asked, who answered already, who gives no reason is told so', async t => {
  const incident = play(opened(), [s(1), ack('patrol-1')])
  t.strictSame(decide(incident, ack('market-9'), s(2)), { refused: 'not_asked' })
  t.strictSame(decide(incident, ack('patrol-1'), s(2)), { refused: 'already_answered' })
  t.strictSame(decide(incident, { type: 'respond', unit: 'engine-1', by: 'x', status: 'declined', reason: ' ' }, s(2)), {
    refused: 'reason_missing'
  })
  t.strictSame(decide(incident, { type: 'respond', unit: 'engine-1', by: 'x', status: 'asked' }, s(2)), { refused: 'not_a_response' })
})

t.test('worse than before starts the ladder anew, with everyone newly needed, and the event alone tells it all', async t => {
  const calm = play(opened(), [s(5), ack('patrol-1')], [s(6), ack('engine-1')])
  const decision = decide(
    calm,
    {
      type: 'worsen',
      severity: 'red',
      because: calm.because,
      needs: ['police', 'fire', 'medical'],
      ask: [{ unit: 'medic-1', agency: 'medical' }]
    },
    s(60)
  )
  if (!('events' in decision)) throw new Error('refused')
  const [event] = decision.events
  if (event === undefined) throw new Error('no event')
  const worse = evolve(undefined, event)
  t.strictSame(worse, evolve(calm, event))
  t.strictSame(silentAgencies(worse), ['medical'])
  t.equal(nextDue(worse)?.at, s(75))
  t.equal(worse.responses['patrol-1']?.status, 'acknowledged')
})

t.test('a red incident is closed only after two people in two roles have given the all-clear', async t => {
  const red = opened({ severity: 'red' })
  const close: Command = { type: 'close', by: 'commander', outcome: 'resolved' }
  t.strictSame(decide(red, close, s(9)), { refused: 'all_clear_missing' })
  const once = play(red, [s(9), { type: 'all_clear', by: 'commander', role: 'duty_commander' }])
  t.strictSame(decide(once, { type: 'all_clear', by: 'commander', role: 'officer' }, s(10)), { refused: 'second_role_needed' })
  const twice = play(once, [s(10), { type: 'all_clear', by: 'li', role: 'officer' }], [s(11), close])
  t.equal(twice.phase, 'closed')
  t.equal(nextDue(twice), undefined)
  t.strictSame(decide(twice, ack('patrol-1'), s(12)), { refused: 'already_closed' })
})

t.test(
  'any history: an open incident in which somebody needed is silent always has a due time, or has said that nobody is left',
  async t => {
    const units = [police, police2, fire, { unit: 'city', agency: 'city' } as const]
    const unit = fc.constantFrom(...units.map(one => one.unit))
    const command: fc.Arbitrary<Command> = fc.oneof(
      fc.record({
        type: fc.constant('respond' as const),
        unit,
        by: fc.constant('x'),
        status: fc.constantFrom(...(Object.keys(responseStatuses) as ResponseStatus[])),
        reason: fc.constant('busy')
      }),
      fc.record({ type: fc.constant('escalate' as const), ask: fc.subarray(units) }),
      fc.record({ type: fc.constant('ask' as const), ask: fc.subarray(units) }),
      fc.record({
        type: fc.constant('worsen' as const),
        severity: fc.constantFrom('orange' as const, 'red' as const),
        because: fc.constant(opened().because),
        needs: fc.constant(['police' as const, 'medical' as const]),
        ask: fc.subarray(units)
      }),
      fc.record({
        type: fc.constant('all_clear' as const),
        by: fc.constantFrom('a', 'b'),
        role: fc.constantFrom('officer' as const, 'duty_commander' as const)
      }),
      fc.record({ type: fc.constant('close' as const), by: fc.constant('x'), outcome: fc.constant('resolved' as const) })
    )
    fc.assert(
      fc.property(
        fc.constantFrom('any' as const, 'each_agency' as const, 'all' as const),
        fc.array(command, { maxLength: 30 }),
        (enough, commands) => {
          let incident = opened({ severity: 'yellow', ladder: { ...usualLadder, enough } })
          const events = []
          let at = 0
          for (const one of commands) {
            at += 1000
            const decision = decide(incident, one, at)
            if ('refused' in decision) continue
            for (const event of decision.events) {
              incident = evolve(incident, event)
              events.push(event)
            }
            const missing = silentAgencies(incident).length > 0
            if (incident.phase === 'open' && missing !== (nextDue(incident) !== undefined || incident.unanswered)) return false
            if (incident.phase === 'closed' && nextDue(incident) !== undefined) return false
            if (incident.phase === 'closed' && incident.highest === 'red' && incident.all_clear.length < 2) return false
          }
          const replayed = events.reduce<Incident>(
            (then, event) => evolve(then, event),
            opened({ severity: 'yellow', ladder: { ...usualLadder, enough } })
          )
          t.strictSame(replayed, incident)
          return true
        }
      ),
      { numRuns: 2000 }
    )
  }
)

const respond = (unit: string, status: ResponseStatus): Command => ({ type: 'respond', unit, by: 'x', status, reason: 'engaged' })

t.test('that a screen has shown it to a unit that declined does not take back that it cannot come', async t => {
  const declined = play(opened(), [s(1), decline('engine-1')])
  t.strictSame(decide(declined, respond('engine-1', 'shown'), s(2)), { refused: 'already_answered' })
  t.strictSame(decide(declined, respond('engine-1', 'heard'), s(2)), { refused: 'already_answered' })
  t.equal(play(declined, [s(2), ack('engine-1')]).responses['engine-1']?.status, 'acknowledged', 'it may come after all')
})

t.test('who is done cannot decline any more', async t => {
  const done = play(opened(), [s(1), respond('engine-1', 'done')])
  t.strictSame(decide(done, decline('engine-1'), s(2)), { refused: 'already_answered' })
})

t.test('a name that every object has was not asked', async t => {
  for (const unit of ['constructor', '__proto__', 'toString']) {
    t.strictSame(decide(opened(), ack(unit), s(1)), { refused: 'not_asked' })
    t.strictSame(decide(opened(), { type: 'check_in', unit, by: 'x' }, s(1)), { refused: 'not_asked' })
    t.strictSame(decide(opened(), { type: 'unit_overdue', unit }, s(1)), { events: [] })
  }
  t.match(decide(opened(), { type: 'ask', ask: [{ unit: 'constructor', agency: 'guard' }] }, s(1)), { events: [{}] })
})

const worsen = (more: Partial<Extract<Command, { type: 'worsen' }>> = {}): Command => ({
  type: 'worsen',
  severity: 'red',
  because: opened().because,
  needs: [],
  ask: [],
  ...more
})

t.test('when it becomes worse and those on scene have to be heard from, the clock of who is there already starts', async t => {
  const there = play(opened(), [s(5), respond('patrol-1', 'on_scene')], [s(60), worsen({ accountability_s: 600 })])
  t.equal(there.responses['patrol-1']?.check_due_at, s(660))
  t.match(nextDue(play(there, [s(61), ack('engine-1')])), { at: s(660), type: 'unit_overdue', unit: 'patrol-1' })
})

t.test('what is no worse but needs others calls all of them, and the ladder begins again for those who have not answered', async t => {
  const late = play(
    opened(),
    [s(1), ack('patrol-1')],
    [s(15), { type: 'escalate', ask: [] }],
    [s(20), { type: 'all_clear', by: 'commander', role: 'duty_commander' }]
  )
  const lesser = worsen({ severity: 'blue', because: { say: 'works_again', with: {} } })
  t.strictSame(decide(late, lesser, s(21)), { events: [] })
  const after = play(late, [s(21), { ...lesser, needs: ['guard'], ask: [{ unit: 'guard-1', agency: 'guard' }], again: true } as Command])
  const { severity, because, level, needs, all_clear, responses } = after
  t.match([severity, because, level, all_clear], [late.severity, late.because, 0, []], 'as bad as it was, for the reason it was')
  t.strictSame(needs, [...late.needs, 'guard'])
  t.match([responses['patrol-1']?.status, responses['guard-1']?.status], ['acknowledged', 'asked'])
  t.match(nextDue(after), { type: 'escalate', at: s(21 + (late.ladder.rungs[0]?.within_s ?? 0)) })
})

t.test('a graver card never lets who is on scene be silent for longer', async t => {
  const there = play(opened({ accountability_s: 300 }), [s(5), respond('patrol-1', 'on_scene')], [s(60), worsen({ accountability_s: 600 })])
  t.equal(there.accountability_s, 300)
  t.equal(there.responses['patrol-1']?.check_due_at, s(305))
})

t.test('a new alert after the all-clear has not been cleared', async t => {
  const once = play(opened({ severity: 'red' }), [s(9), { type: 'all_clear', by: 'commander', role: 'duty_commander' }])
  t.strictSame(play(once, [s(10), { type: 'link', alert: 'a-2' }]).all_clear, [])
})

t.test('who is on scene is heard from, or is overdue, or has gone', async t => {
  const there = play(opened({ accountability_s: 600 }), [s(5), respond('patrol-1', 'on_scene')], [s(6), ack('engine-1')])
  const overdue = play(there, [s(605), { type: 'unit_overdue', unit: 'patrol-1' }])
  t.match(overdue.responses['patrol-1'], { overdue_at: s(605), check_due_at: undefined })
  t.equal(nextDue(overdue), undefined)
  t.match(play(overdue, [s(700), { type: 'check_in', unit: 'patrol-1', by: 'x' }]).responses['patrol-1'], {
    overdue_at: undefined,
    check_due_at: s(1300)
  })
  t.equal(nextDue(play(there, [s(300), respond('patrol-1', 'done')])), undefined)
  t.strictSame(decide(there, { type: 'check_in', unit: 'engine-1', by: 'x' }, s(7)), { refused: 'not_on_scene' })
})

t.test('a task is done, cancelled or overdue, and a deadline in the past is refused', async t => {
  const add = (id: string, due_at?: number): Command => ({
    type: 'add_task',
    task: { id, text: 'sweep', by: 'x', ...(due_at !== undefined && { due_at }) }
  })
  t.strictSame(decide(opened(), add('t-1', s(5)), s(5)), { refused: 'deadline_is_over' })
  const two = play(opened({ needs: [] }), [s(1), add('t-1', s(60))], [s(1), add('t-2', s(30))])
  t.strictSame(decide(two, add('t-1'), s(2)), { refused: 'already_asked' })
  t.match(nextDue(two), { at: s(30), task: 't-2' })
  t.match(nextDue(play(two, [s(2), { type: 'cancel_task', task: 't-2', by: 'x' }])), { at: s(60), task: 't-1' })
  const late = play(
    two,
    [s(30), { type: 'task_overdue', task: 't-2' }],
    [s(31), { type: 'finish_task', task: 't-2', by: 'x', answer: 'not seen' }]
  )
  t.match(late.tasks?.[1], { overdue_at: s(30), done: { answer: 'not seen' } })
  t.strictSame(decide(late, { type: 'cancel_task', task: 't-2', by: 'x' }, s(32)), { refused: 'already_answered' })
  t.strictSame(decide(late, { type: 'cancel_task', task: 't-9', by: 'x' }, s(32)), { refused: 'no_such_task' })
})

t.test('evidence is attached once', async t => {
  const attach: Command = { type: 'attach', by: 'x', name: 'a.jpg', media_type: 'image/jpeg', bytes: 3, sha256: 'ff' }
  t.strictSame(decide(play(opened(), [s(1), attach]), attach, s(2)), { refused: 'already_attached' })
})

/** The first takes the second in, as whoever merges does. */
const merged = (into: Incident, other: Incident, at: number): Incident => play(into, [at, { type: 'absorb', other, by: 'x' }])
const other = (more: Partial<IncidentOpened> = {}): Incident => opened({ id: 'i-2', ...more })
const medic: Asked = { unit: 'medic-1', agency: 'medical' }

t.test('whoever answered either has answered both', async t => {
  const both = merged(play(opened(), [s(1), ack('patrol-1')]), play(other(), [s(2), ack('engine-1')]), s(3))
  t.strictSame(silentAgencies(both), [])
  t.equal(nextDue(both), undefined)
  t.strictSame(both.merged, ['i-2'])
})

t.test('whom only the other needs is asked further by the other’s rung, though this one has given up', async t => {
  const up = play(opened(), [s(15), escalate()], [s(45), escalate()], [s(105), escalate()], [s(165), escalate()])
  const young = other({ at: s(170), needs: ['medical'], ask: [medic] })
  t.match(merged(up, young, s(175)), { unanswered: false, level: 0, due_at: s(185) })
})

t.test('of two that wait, the lower rung and the sooner moment count', async t => {
  const up = play(opened(), [s(15), escalate()], [s(45), escalate()])
  const young = other({ at: s(80), needs: ['medical'], ask: [medic] })
  t.match(merged(up, young, s(81)), { level: 0, due_at: s(95) })
  t.match(merged(young, up, s(81)), { level: 0, due_at: s(95) })
})

t.test('that this one had given up is over when the other has the answer', async t => {
  const up = play(opened(), [s(15), escalate()], [s(45), escalate()], [s(105), escalate()], [s(165), escalate()])
  const answered = play(other(), [s(1), ack('patrol-1')], [s(2), ack('engine-1')])
  const one = merged(up, answered, s(170))
  t.equal(one.unanswered, false)
  t.equal(nextDue(play(one, [s(180), decline('engine-1')]))?.at, s(180), 'who then turns away is replaced')
})

t.test('one that had given up stays on its last rung in an incident where everyone has answered', async t => {
  const answered = play(other(), [s(1), ack('patrol-1')], [s(2), ack('engine-1')])
  const alone = opened({ needs: ['medical'], ask: [medic] })
  const up = play(alone, [s(15), escalate()], [s(45), escalate()], [s(105), escalate()], [s(165), escalate()])
  const one = merged(answered, up, s(170))
  t.match(one, { unanswered: true, level: usualLadder.rungs.length - 1 })
  t.equal(nextDue(one), undefined)
  t.strictSame(decide(one, escalate(), s(180)), { refused: 'nobody_left_to_ask' })
})

t.test('one that had given up on a shorter ladder goes on at once up the longer', async t => {
  const short = { ...usualLadder, rungs: usualLadder.rungs.slice(0, 1) }
  const up = play(opened({ needs: ['medical'], ask: [medic], ladder: short }), [s(15), escalate()])
  t.equal(up.unanswered, true)
  const one = merged(play(other(), [s(1), ack('patrol-1')], [s(2), ack('engine-1')]), up, s(20))
  t.match(one, { unanswered: false, level: 0, due_at: s(20) })
})

t.test('the stricter of the two ladders holds', async t => {
  const easy = play(opened({ ladder: { ...usualLadder, enough: 'any' } }), [s(1), ack('patrol-1')])
  const one = merged(easy, other({ at: s(2), needs: ['medical'], ask: [medic] }), s(3))
  t.strictSame(silentAgencies(one), ['fire', 'medical'])
  t.match(one, { level: 0, due_at: s(18) }, 'whom nobody was waiting for is asked from the first rung on')
})

t.test('who is on scene stays accounted for, and by the shorter time', async t => {
  const here = play(opened(), [s(5), respond('patrol-1', 'on_scene')])
  const watched = play(other({ accountability_s: 600 }), [s(5), respond('engine-1', 'on_scene')])
  const one = merged(here, watched, s(10))
  t.match(one.responses, { 'patrol-1': { check_due_at: s(610) }, 'engine-1': { check_due_at: s(605) } })
  t.equal(play(one, [s(20), { type: 'check_in', unit: 'engine-1', by: 'x' }]).responses['engine-1']?.check_due_at, s(620))
})

t.test('what is the graver of the two counts, nothing of it has been cleared, and evidence held by both is held once', async t => {
  const attach: Command = { type: 'attach', by: 'x', name: 'a.jpg', media_type: 'image/jpeg', bytes: 3, sha256: 'ff' }
  const cleared = play(opened(), [s(1), { type: 'all_clear', by: 'a', role: 'officer' }], [s(1), attach])
  const one = merged(cleared, play(other({ severity: 'red' }), [s(2), attach]), s(3))
  t.match(one, { severity: 'red', highest: 'red', level: 0, due_at: s(18), all_clear: [] })
  t.equal(one.attachments?.length, 1)
})

t.test('an exercise is never merged with what is real, nothing with itself, nothing with what is over', async t => {
  const absorb = (what: Incident) => decide(opened(), { type: 'absorb', other: what, by: 'x' }, s(1))
  t.strictSame(absorb(other({ drill: true })), { refused: 'drill_is_not_real' })
  t.strictSame(absorb(opened()), { refused: 'merge_with_itself' })
  t.strictSame(absorb(play(other(), [s(1), { type: 'close', by: 'x', outcome: 'resolved' }])), { refused: 'already_closed' })
  t.strictSame(decide(opened(), { type: 'merge_into', into: 'i-1', by: 'x', reason: 'same' }, 1), { refused: 'merge_with_itself' })
  t.strictSame(decide(opened(), { type: 'merge_into', into: 'i-2', by: 'x', reason: ' ' }, 1), { refused: 'reason_missing' })
})

t.test('what is not part of an incident cannot leave it', async t => {
  const linked = play(opened(), [s(1), { type: 'link', alert: 'a-1' }], [s(1), { type: 'link', alert: 'a-2' }])
  const split = (alerts: readonly string[]): Command => ({ type: 'split_off', to: 'i-2', alerts, by: 'x', reason: 'two fires' })
  t.strictSame(decide(linked, split(['a-1', 'a-9']), s(2)), { refused: 'not_part_of_it' })
  t.strictSame(play(linked, [s(2), split(['a-1'])]).alerts, ['a-2'])
})

t.test('a closed incident that was not over asks everyone afresh; a merged one does not come back', async t => {
  const reopen: Command = { type: 'reopen', by: 'x', reason: 'smoke again', ask: [police] }
  const over = play(opened(), [s(1), ack('patrol-1')], [s(2), ack('engine-1')], [s(3), { type: 'close', by: 'x', outcome: 'resolved' }])
  const back = play(over, [s(60), reopen])
  t.match(back, { phase: 'open', level: 0, due_at: s(75), closed_at: undefined, outcome: undefined, reopened: [{ at: s(60) }] })
  t.strictSame(Object.keys(back.responses), ['patrol-1'])
  t.strictSame(decide(back, reopen, s(61)), { refused: 'not_closed' })
  t.strictSame(decide(over, { ...reopen, reason: '' }, s(60)), { refused: 'reason_missing' })
  const gone = play(opened(), [s(1), { type: 'merge_into', into: 'i-2', by: 'x', reason: 'same' }])
  t.match(gone, { phase: 'closed', outcome: 'duplicate', merged_into: 'i-2' })
  t.strictSame(decide(gone, reopen, s(2)), { refused: 'merged_away' })
})
