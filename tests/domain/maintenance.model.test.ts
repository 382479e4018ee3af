/**
 * Random histories of a maintenance window against a plain reference: it never opens before its time nor outlasts it, no round
 * is forgotten, and it ends by itself, also when the station was down meanwhile.
 */
import fc from 'fast-check'
import t from 'tap'
import {
  decideMaintenance,
  evolveMaintenance,
  longest_window_s,
  type Maintenance,
  type MaintenanceCommand,
  type MaintenanceEvent,
  nextDueOfMaintenance,
  planMaintenance,
  windowOver
} from '../../edge/domain/maintenance.ts'
import { frozen, many, mustBe, mustEqual, mustRead, passTime, playHistories, roundTrip, step, type Time } from '../support/histories.ts'

// Tens of thousands of histories beside coverage and a busy machine.
t.setTimeout(300_000)
const histories = many(13_000)

type Reference = {
  readonly from: number
  readonly until: number
  readonly every: number
  open: boolean
  over: boolean
  rounds: number
  missed: number
  round_due: number
}
type World = {
  window: Maintenance
  readonly events: MaintenanceEvent[]
  readonly time: Time
  snapshot: { readonly n: number; readonly body: string }
}
const reached = new Set<string>()

const minute = 60_000
const first_of_kept = 50
const subject = { zone: 'p', device: 'smoke-1', rule: 'smoke', kind: 'fire' } as const

const happen = (world: World, event: MaintenanceEvent): void => {
  reached.add(event.type)
  world.events.push(event)
  world.window = frozen(evolveMaintenance(world.window, frozen(event)))
}
const order = (command: MaintenanceCommand, what: (is: Reference, now: number) => string | boolean) =>
  step<Reference, World>(
    () => JSON.stringify(command),
    (is, world) => {
      const decision = decideMaintenance(world.window, command, world.time.now)
      const said = 'refused' in decision ? decision.refused : decision.events.length > 0
      mustEqual(said, is.over ? 'window_is_over' : what(is, world.time.now), `the answer to ${command.type}`)
      if ('events' in decision) for (const event of decision.events) happen(world, event)
      if (typeof said === 'string') reached.add(said)
      compare(world, is)
    }
  )

const begin = order({ type: 'begin' }, (is, now) => {
  if (is.open || now < is.from) return false
  return began(is, now)
})
const began = (is: Reference, now: number): true => {
  is.over = now >= is.until
  is.open = !is.over
  if (is.open) is.round_due = now + is.every
  return true
}
const round = (by: string) =>
  order({ type: 'round', by }, (is, now) => {
    if (!is.open) return 'window_not_open'
    is.rounds++
    is.round_due = now + is.every
    return true
  })
const miss = order({ type: 'miss' }, (is, now) => is.open && is.round_due <= now && missed(is, now))
const missed = (is: Reference, now: number): true => {
  is.missed++
  is.round_due = now + is.every
  return true
}
const end = (by: string | undefined) =>
  order({ type: 'end', ...(by !== undefined && { by }) }, is => {
    is.over = true
    is.open = false
    return true
  })

/** When time alone brings something next. */
const earliest = (is: Reference): number => (is.over ? Infinity : is.open ? Math.min(is.round_due, is.until) : is.from)
const let_pass = (is: Reference, world: World, ms: number, late: boolean): void => {
  const { time } = world
  passTime(
    time,
    ms,
    () => {
      const due = nextDueOfMaintenance(world.window)
      return due && { at: due.at, fire: () => fire(is, world, due.command) }
    },
    late
  )
  mustBe(earliest(is) > time.now, 'nothing that time brings was missed', is)
  compare(world, is)
}
const fire = (is: Reference, world: World, command: MaintenanceCommand): boolean => {
  const { now } = world.time
  const decision = decideMaintenance(world.window, command, now)
  if ('refused' in decision || decision.events.length === 0) return false
  for (const event of decision.events) happen(world, event)
  if (!is.open) began(is, now)
  else if (is.round_due < is.until) missed(is, now)
  else {
    is.open = false
    is.over = true
  }
  return true
}

const folded = (events: readonly MaintenanceEvent[], start?: Maintenance): Maintenance => {
  const window = roundTrip(events).reduce<Maintenance | undefined>((now, event) => evolveMaintenance(now, event), start)
  mustBe(window !== undefined, 'it was planned')
  return window
}
const fromSnapshot = ({ events, snapshot: { n, body } }: World): Maintenance => folded(events.slice(n), JSON.parse(body) as Maintenance)
const restart = (ms: number, snapshot: boolean) =>
  step<Reference, World>(
    () => `down for ${ms} ms, again from the ${snapshot ? 'snapshot' : 'beginning'}`,
    (is, world) => {
      world.window = frozen(snapshot ? fromSnapshot(world) : folded(world.events))
      let_pass(is, world, ms, true)
    }
  )
const advance = (ms: number) =>
  step<Reference, World>(
    () => `${ms} ms pass`,
    (is, world) => let_pass(is, world, ms, false)
  )
const snapshot = step<Reference, World>(
  () => 'snapshot',
  (_, world) => {
    world.snapshot = { n: world.events.length, body: JSON.stringify(world.window) }
  }
)

const compare = ({ window, time: { now } }: World, is: Reference): void => {
  const { phase, rounds, missed, round_due_at } = window
  mustRead(
    { phase, rounds: rounds.length, missed, due: phase === 'open' ? round_due_at : null, next: nextDueOfMaintenance(window)?.at ?? null },
    {
      phase: is.over ? 'ended' : is.open ? 'open' : 'planned',
      rounds: Math.min(is.rounds, first_of_kept),
      missed: is.missed,
      due: is.open ? is.round_due : null,
      next: is.over ? null : earliest(is)
    },
    'the window is what the reference says'
  )
  mustBe(is.open === (windowOver([window], subject) !== undefined), 'it stands over its alerts while it is open', window)
  mustBe(!is.open || (now >= window.from && (nextDueOfMaintenance(window)?.at ?? Infinity) <= window.until), 'it has its own end', window)
  mustBe(window.until - window.from <= longest_window_s * 1000 && window.from < window.until, 'no window is longer than may be', window)
  mustBe((phase === 'ended') === (window.ended !== undefined), 'what ended says when', window)
}

const plans = fc.tuple(
  fc.constantFrom(-10 * minute, 0, 5 * minute, 60 * minute),
  fc.constantFrom(0, 1, 10 * minute, 60 * minute, 12 * 60 * minute, 13 * 60 * minute),
  fc.constantFrom(59, 60, 600, 3600, 3601)
)
const anything: readonly fc.Arbitrary<fc.Command<Reference, World>>[] = [
  fc.constant(begin),
  fc.constantFrom('wang', 'li').map(round),
  fc.constant(miss),
  fc.constantFrom(undefined, 'li').map(end),
  fc.constantFrom(0, 1, minute, 5 * minute, 10 * minute, 3 * 60 * minute).map(advance),
  fc.constantFrom(0, minute, 5 * minute, 10 * minute).map(advance),
  fc.tuple(fc.constantFrom(0, minute, 60 * minute, 24 * 60 * minute), fc.boolean()).map(([ms, saved]) => restart(ms, saved)),
  fc.constant(snapshot)
]

/** Every plan that is refused, or the window that comes of it. */
const planned = ([after, lasts, every_s]: readonly [number, number, number]):
  | { readonly model: Reference; readonly real: World }
  | string => {
  const now = 100 * minute
  const from = now + after
  const plan = {
    id: 'm-1',
    covers: { zone: 'p' },
    owner: 'works',
    by: 'li',
    from,
    until: from + lasts,
    reason: 'new detector',
    patrol: { unit: 'guard-1', every_s }
  }
  const decision = planMaintenance(plan, now)
  if ('refused' in decision) return decision.refused
  const [event] = decision.events
  mustBe(event !== undefined && decision.events.length === 1, 'a plan is one event')
  const window = evolveMaintenance(undefined, event)
  reached.add(event.type)
  const real: World = { window, events: [event], time: { now }, snapshot: { n: 1, body: JSON.stringify(window) } }
  const begins = Math.max(from, now)
  return {
    model: {
      from: begins,
      until: from + lasts,
      every: every_s * 1000,
      open: false,
      over: false,
      rounds: 0,
      missed: 0,
      round_due: begins + every_s * 1000
    },
    real
  }
}

t.test('random histories of a window are what the reference says, end in time and fold again to the same', async t => {
  let played = 0
  const worlds = fc.sample(plans, { numRuns: 26, seed: 7 }).map(planned)
  const good = worlds.filter(world => typeof world !== 'string')
  for (const world of worlds) if (typeof world === 'string') reached.add(world)
  t.ok(good.length >= 5)
  for (const { model, real } of good)
    played += playHistories(
      Math.ceil(histories / good.length),
      anything,
      () => ({ model: { ...model }, real: { ...real, events: [...real.events], time: { ...real.time } } }),
      (world, is) => {
        let_pass(is, world, 48 * 60 * minute, false)
        mustBe(world.window.phase === 'ended', 'every window ends', world.window)
        mustEqual(folded(world.events), world.window, 'the journal folded again gives the same')
        mustEqual(fromSnapshot(world), world.window, 'and so does a snapshot with what followed')
      }
    )
  t.ok(played >= histories)
  t.comment(`${played} histories of a maintenance window`)
  t.strictSame(
    [...reached].sort(),
    [
      'maintenance_began',
      'maintenance_ended',
      'maintenance_planned',
      'maintenance_round',
      'maintenance_round_missed',
      'patrol_too_rare',
      'window_is_over',
      'window_not_open',
      'window_too_long'
    ].sort()
  )
})
