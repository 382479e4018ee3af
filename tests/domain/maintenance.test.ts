import t from 'tap'
import {
  decideMaintenance,
  evolveMaintenance,
  longest_window_s,
  type Maintenance,
  type MaintenanceCommand,
  nextDueOfMaintenance,
  planMaintenance,
  windowOver
} from '../../edge/domain/maintenance.ts'

const minutes = (n: number): number => n * 60_000
const plan = {
  id: 'm-1',
  covers: { zone: 'p', device: 'smoke-1' },
  owner: 'works',
  by: 'li',
  from: minutes(10),
  until: minutes(70),
  reason: 'new detector',
  patrol: { unit: 'guard-1', every_s: 600 }
}
const planned = (more: Partial<typeof plan> = {}): Maintenance => {
  const decision = planMaintenance({ ...plan, ...more }, 0)
  const [event] = 'refused' in decision ? [] : decision.events
  if (event === undefined) throw new Error('not planned')
  return evolveMaintenance(undefined, event)
}
const smoke = { zone: 'p', device: 'smoke-1', rule: 'smoke', kind: 'fire' } as const
const play = (from: Maintenance, ...commands: readonly [number, MaintenanceCommand][]): Maintenance =>
  commands.reduce((now, [at, command]) => {
    const decision = decideMaintenance(now, command, at)
    if ('refused' in decision) throw new Error(decision.refused)
    return decision.events.reduce<Maintenance>((then, event) => evolveMaintenance(then, event), now)
  }, from)

t.test('a window that covers nothing, has no reason, is over, too long or patrolled too rarely is not planned', async t => {
  const refused = (more: object): unknown => planMaintenance({ ...plan, ...more }, minutes(5))
  t.strictSame(refused({ covers: { rule: 'smoke' } }), { refused: 'window_covers_nothing' })
  t.strictSame(refused({ reason: ' ' }), { refused: 'reason_missing' })
  t.strictSame(refused({ from: 0, until: minutes(5) }), { refused: 'window_is_over' })
  t.strictSame(refused({ from: minutes(20), until: minutes(20) }), { refused: 'window_is_over' })
  t.strictSame(refused({ until: plan.from + longest_window_s * 1000 + 1 }), { refused: 'window_too_long' })
  t.match(refused({ until: plan.from + longest_window_s * 1000 }), { events: [{ type: 'maintenance_planned' }] })
  t.strictSame(refused({ patrol: { unit: 'guard-1', every_s: 59 } }), { refused: 'patrol_too_rare' })
  t.strictSame(refused({ patrol: { unit: 'guard-1', every_s: 3601 } }), { refused: 'patrol_too_rare' })
  t.match(refused({ from: 0 }), { events: [{ from: minutes(5) }] }, 'it never began in the past')
})

t.test('time begins a window, asks for each round, and ends it', async t => {
  t.strictSame(nextDueOfMaintenance(planned()), { at: minutes(10), command: { type: 'begin' } })
  const open = play(planned(), [minutes(9), { type: 'begin' }], [minutes(10), { type: 'begin' }])
  t.match(open, { phase: 'open', round_due_at: minutes(20) })
  t.strictSame(nextDueOfMaintenance(open), { at: minutes(20), command: { type: 'miss' } })
  const patrolled = play(open, [minutes(15), { type: 'round', by: 'wang' }], [minutes(20), { type: 'miss' }])
  t.match(patrolled, { rounds: [{ by: 'wang' }], missed: 0, round_due_at: minutes(25) })
  const missed = play(patrolled, [minutes(25), { type: 'miss' }])
  t.match(missed, { missed: 1, round_due_at: minutes(35) })
  t.strictSame(nextDueOfMaintenance(play(missed, [minutes(65), { type: 'round', by: 'wang' }])), {
    at: minutes(70),
    command: { type: 'end' }
  })
  const over = play(missed, [minutes(70), { type: 'end' }])
  t.equal(nextDueOfMaintenance(over), undefined)
  t.strictSame(decideMaintenance(over, { type: 'round', by: 'wang' }, minutes(71)), { refused: 'window_is_over' })
})

t.test('a round before the window began is refused', async t => {
  t.strictSame(decideMaintenance(planned(), { type: 'round', by: 'wang' }, 1), { refused: 'window_not_open' })
})

t.test('a window that passed while the station was down never opens', async t => {
  t.equal(play(planned(), [minutes(70), { type: 'begin' }]).phase, 'ended')
  t.equal(play(planned(), [minutes(69), { type: 'begin' }]).phase, 'open', 'what is left of one does')
})

t.test('a window stands over what fits all that it names, while it is open', async t => {
  const open = play(planned(), [minutes(10), { type: 'begin' }])
  t.equal(windowOver([open], smoke)?.id, 'm-1')
  t.equal(windowOver([open], { ...smoke, device: 'smoke-2' }), undefined)
  t.equal(windowOver([open], { ...smoke, zone: 'q' }), undefined)
  t.equal(windowOver([open], { zone: 'p', rule: 'smoke', kind: 'fire' }), undefined)
  t.equal(windowOver([planned()], smoke), undefined)
})

t.test('of several windows over one thing, the one that ends last stands over it', async t => {
  const first = play(planned(), [minutes(10), { type: 'begin' }])
  const longer = play(planned({ id: 'm-2', until: minutes(90) }), [minutes(10), { type: 'begin' }])
  t.equal(windowOver([first, longer], smoke)?.id, 'm-2')
  t.equal(windowOver([longer, first], smoke)?.id, 'm-2')
})

t.test(
  'works in a zone put out of service what detects, never what people press or say, nor what the station itself has missed',
  async t => {
    const all = play(planned({ covers: { zone: 'p' } as typeof plan.covers }), [minutes(10), { type: 'begin' }])
    t.ok(windowOver([all], smoke))
    t.ok(windowOver([all], { zone: 'p', rule: 'crowd-density', kind: 'crowd' }))
    t.equal(windowOver([all], { zone: 'p', rule: 'reports', kind: 'crowd' }), undefined)
    t.equal(windowOver([all], { zone: 'p', rule: 'patrol-missed', kind: 'other' }), undefined)
    t.equal(windowOver([all], { zone: 'p', rule: 'common-cause', kind: 'outage' }), undefined)
    const button = { zone: 'p', device: 'button-1', rule: 'threshold', kind: 'panic' } as const
    t.equal(windowOver([all], button), undefined)
    const itself = play(planned({ covers: { zone: 'p', device: 'button-1' } }), [minutes(10), { type: 'begin' }])
    t.ok(windowOver([itself], button), 'a button that is itself worked on')
  }
)
