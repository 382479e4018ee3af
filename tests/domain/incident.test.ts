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
