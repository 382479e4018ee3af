/**
 * Random histories of one alert against a plain reference: what OPC UA Part 9 and ISA-18.2 say of it, in sets and booleans,
 * with time, restarts from the journal and from snapshots, late deadlines, and a city that hears red first.
 */
import fc from 'fast-check'
import t from 'tap'
import {
  type Alert,
  type AlertCommand,
  type AlertEvent,
  decideAlert,
  evolveAlert,
  longest_shelf_s,
  most_branches,
  nextDueOfAlert
} from '../../edge/domain/alert.ts'
import { severities } from '../../edge/domain/vocabulary.ts'
import type { Entry } from '../../edge/ports.ts'
import { laneAfter } from '../../edge/state.ts'
import { brought, compare, endIfOver, lawful, type Reference, red, returned, soundAgain } from '../support/alert-reference.ts'
import {
  cityAgrees,
  entryOf,
  frozen,
  many,
  mustBe,
  mustEqual,
  passTime,
  playHistories,
  roundTrip,
  step,
  type Time
} from '../support/histories.ts'

// Tens of thousands of histories beside coverage and a busy machine.
t.setTimeout(300_000)
const histories = many(64_000)
const flaps = many(500)

/** Every answer and every event that some history came to: what is never reached is not proved. */
const reached = new Set<string>()
type World = { alert: Alert; readonly entries: Entry[]; readonly time: Time; snapshot: { readonly seq: number; readonly body: string } }

const because = { say: 'reported', with: { by: 'li', text: 'x' } } as const

/** Puts the order to both; they must give the same answer, and then be in the same state. */
const order = (command: AlertCommand, what: (is: Reference, now: number) => string | boolean) =>
  step<Reference, World>(
    () => JSON.stringify(command),
    (is, world) => {
      const { now } = world.time
      const decision = decideAlert(world.alert, command, now)
      const answer = is.over ? 'already_closed' : what(is, now)
      const expected = answer === 'kept' || answer
      const said = 'refused' in decision ? decision.refused : decision.events.length > 0
      mustEqual(said, expected, `the answer to ${command.type}`)
      if (typeof said === 'string') reached.add(said)
      if ('events' in decision) for (const event of decision.events) happen(world, event)
      if (answer === true && command.type !== 'link') is.changed = now
      if (expected === true) endIfOver(is)
      compare(world.alert, is)
      lawful(world.alert, now)
    }
  )

const answers = [
  'already_answered',
  'already_closed',
  'no_such_episode',
  'not_acknowledged',
  'not_active',
  'not_latched',
  'not_shelved',
  'red_is_never_shelved',
  'red_is_never_suppressed',
  'shelved_too_long',
  'still_active',
  'window_is_over'
]
const events =
  'raised changed cleared acknowledged confirmed reset shelved unshelved suppressed unsuppressed out_of_service in_service realarmed flapping steady linked'
    .split(' ')
    .map(name => `alert_${name}`)

const happen = (world: World, event: AlertEvent): void => {
  reached.add(event.type)
  const next = evolveAlert(world.alert, frozen(event))
  world.entries.push(entryOf(world.entries, event, laneAfter(next)))
  world.alert = frozen(next)
}

const change = (bad: number) =>
  order({ type: 'change', severity: severities[bad] ?? 'red', because }, (is, now) => {
    if (is.there && is.bad === bad) return false
    const back = !is.there
    const risen = bad > is.bad
    if (back && !is.seen && !is.explained) {
      const last = is.lines.at(-1)
      if (is.lines.length === most_branches && last) last.push(is.episode)
      else is.lines.push([is.episode])
    }
    if (back) is.episode++
    if (back) is.began = now
    if (back || risen) is.seen = is.confirmed = false
    if (risen || bad === red) is.shelf = null
    if (bad === red) is.explained = null
    is.there = true
    is.bad = bad
    is.worst = Math.max(is.worst, bad)
    if (back || risen) soundAgain(is, now)
    return true
  })

const clear = order({ type: 'clear', because }, is => {
  if (!is.there) return false
  is.there = false
  is.flaps = null
  is.sounds_at = null
  if (is.shelf?.once) is.shelf = null
  return true
})

const acknowledge = (episode: number | 'all' | undefined) =>
  order({ type: 'acknowledge', by: 'li', ...(episode !== undefined && { episode }) }, is => {
    const which = episode ?? is.episode
    const lines = is.lines.filter(line => which === 'all' || line.at(-1) === which)
    const present = !is.seen && (which === 'all' || which === is.episode)
    if (lines.length === 0 && !present) return typeof which === 'number' && which > is.episode ? 'no_such_episode' : 'already_answered'
    is.lines = is.lines.filter(line => !lines.includes(line))
    is.seen ||= present
    return true
  })

const confirm = order({ type: 'confirm', by: 'li' }, is => {
  if (!is.seen) return 'not_acknowledged'
  if (is.confirmed) return 'already_answered'
  is.confirmed = true
  return true
})

const reset = order({ type: 'reset', by: 'li' }, is => {
  if (!is.latches) return 'not_latched'
  if (is.there) return 'still_active'
  if (!is.seen || is.lines.length > 0) return 'not_acknowledged'
  is.released = true
  return true
})

const hour = 3_600_000
const shelve = (for_s: number, mode: 'timed' | 'one_shot' | undefined) =>
  order({ type: 'shelve', by: 'li', for_s, reason: 'works', ...(mode && { mode }) }, (is, now) => {
    const until = now + for_s * 1000
    const first = is.shelf?.first ?? now
    if (is.bad === red) return 'red_is_never_shelved'
    if (for_s * 1000 > 8 * hour) return 'shelved_too_long'
    if (mode === 'one_shot' && !is.there) return 'not_active'
    if (until > first + 8 * hour) return 'shelved_too_long'
    is.shelf = { first, until, once: mode === 'one_shot' }
    return true
  })
const unshelve = order({ type: 'unshelve', by: 'li' }, (is, now) => {
  if (is.shelf === null) return 'not_shelved'
  is.shelf = null
  return returned(is, now)
})

const suppress = (cause: string) =>
  order({ type: 'suppress', cause }, is => {
    if (is.bad === red) return 'red_is_never_suppressed'
    if (is.explained === cause || !is.there || cause === 'a-1') return false
    is.explained = cause
    return true
  })
const unsuppress = order({ type: 'unsuppress' }, (is, now) => {
  if (!is.explained) return false
  is.explained = null
  return returned(is, now)
})

const outOfService = (until: number, window: string) =>
  order({ type: 'out_of_service', window, until }, (is, now) => {
    if (until <= now) return 'window_is_over'
    if (is.works?.window === window) return false
    is.works = { window, until }
    return true
  })
const inService = order({ type: 'in_service' }, (is, now) => {
  if (is.works === null) return false
  is.works = null
  return returned(is, now)
})

const realarm = order({ type: 'realarm' }, (is, now) => {
  if (is.sounds_at === null || now < is.sounds_at) return false
  is.seen = is.confirmed = false
  is.sounded++
  return returned(is, now)
})

const flap = (changes: number) =>
  order({ type: 'flap', changes }, is => {
    if (!is.there || (is.flaps !== null && is.flaps >= changes)) return false
    is.flaps = changes
    return 'kept'
  })
const steady = order({ type: 'steady', changes: 5 }, is => {
  if (is.flaps === null) return false
  is.flaps = null
  return 'kept'
})

const link = (incident: string) =>
  order({ type: 'link', incident }, is => {
    const news = is.incident !== incident
    is.incident = incident
    return news
  })

const let_pass = (is: Reference, world: World, ms: number, late: boolean): void => {
  const { time } = world
  passTime(
    time,
    ms,
    () => {
      const due = nextDueOfAlert(world.alert)
      return due && { at: due.at, fire: () => fire(world, due.command) && brought(is, time.now) }
    },
    late
  )
  mustBe(!brought(is, time.now), 'nothing that time brings was missed', is)
  compare(world.alert, is)
  lawful(world.alert, time.now)
}
const fire = (world: World, command: AlertCommand): boolean => {
  const decision = decideAlert(world.alert, command, world.time.now)
  if ('refused' in decision) return false
  for (const event of decision.events) happen(world, event)
  return decision.events.length > 0
}

const advance = (ms: number) =>
  step<Reference, World>(
    () => `${ms} ms pass`,
    (is, world) => let_pass(is, world, ms, false)
  )
/** The station is down for a while; then it folds what it kept, and what fell due meanwhile acts at once. */
const restart = (ms: number, from: 'beginning' | 'snapshot') =>
  step<Reference, World>(
    () => `down for ${ms} ms, again from the ${from}`,
    (is, world) => {
      world.alert = frozen(folded(world, from))
      let_pass(is, world, ms, true)
    }
  )
const snapshot = step<Reference, World>(
  () => 'snapshot',
  (_, world) => {
    world.snapshot = { seq: world.entries.length, body: JSON.stringify(world.alert) }
  }
)
const folded = ({ entries, snapshot: { seq, body } }: World, from: 'beginning' | 'snapshot'): Alert => {
  const start = from === 'beginning' ? undefined : (JSON.parse(body) as Alert)
  const kept = roundTrip(entries.slice(from === 'beginning' ? 0 : seq))
  const alert = kept.reduce<Alert | undefined>((now, { event }) => evolveAlert(now, event as AlertEvent), start)
  mustBe(alert !== undefined, 'it was raised')
  return alert
}

const begin = (latches: boolean, sounds_every: number | undefined): { model: Reference; real: World } => {
  const time = { now: 1_000_000 }
  const world: World = { alert: undefined as never, entries: [], time, snapshot: undefined as never }
  happen(world, {
    type: 'alert_raised',
    id: 'a-1',
    at: time.now,
    key: 'crowd-density:p',
    rule: 'crowd-density',
    kind: 'crowd',
    zone: 'p',
    severity: 'yellow',
    because,
    ...(latches && { latching: true }),
    ...(sounds_every !== undefined && { realarm_s: sounds_every / 1000 })
  })
  world.snapshot = { seq: world.entries.length, body: JSON.stringify(world.alert) }
  const model: Reference = {
    over: false,
    there: true,
    bad: severities.indexOf('yellow'),
    worst: severities.indexOf('yellow'),
    episode: 1,
    seen: false,
    confirmed: false,
    released: false,
    latches,
    ...(sounds_every !== undefined && { sounds_every }),
    lines: [],
    shelf: null,
    explained: null,
    flaps: null,
    works: null,
    sounds_at: sounds_every === undefined ? null : time.now + sounds_every,
    sounded: 0,
    incident: null,
    began: time.now,
    changed: time.now
  }
  return { model, real: world }
}

const end = (world: World, is: Reference): void => {
  mustEqual(folded(world, 'beginning'), world.alert, 'the journal folded again gives the same')
  mustEqual(folded(world, 'snapshot'), world.alert, 'and so does a snapshot with what followed')
  cityAgrees(roundTrip(world.entries), new Map([['a-1', world.alert]]), world.entries.length * 7919 + is.episode)
}

const anything: readonly fc.Arbitrary<fc.Command<Reference, World>>[] = [
  fc.constantFrom(0, 1, 2, 3).map(change),
  fc.constant(clear),
  fc.constant(clear),
  fc.constantFrom(undefined, undefined, 'all' as const, 1, 2, 3, 99).map(acknowledge),
  fc.constantFrom(confirm, reset, unshelve, unsuppress, inService, realarm),
  fc
    .tuple(
      fc.constantFrom(1, 60, 900, 3600, longest_shelf_s, longest_shelf_s + 1),
      fc.constantFrom(undefined, 'timed' as const, 'one_shot' as const)
    )
    .map(([for_s, mode]) => shelve(for_s, mode)),
  fc.constantFrom('a-1', 'a-2', 'a-3').map(suppress),
  fc
    .constantFrom(0, 1_000_000, 1_060_000, 1_900_000, 30_000_000)
    .chain(until => fc.constantFrom('m-1', 'm-2').map(window => outOfService(until, window))),
  fc.constantFrom('i-1', 'i-2').map(link),
  fc.constantFrom(1, 3, 10).map(flap),
  fc.constant(steady),
  fc.constantFrom(0, 1, 60_000, 899_999, 900_000, hour, 8 * hour).map(advance),
  fc
    .tuple(fc.constantFrom(0, 1000, 900_000, 9 * hour), fc.constantFrom('beginning' as const, 'snapshot' as const))
    .map(([ms, from]) => restart(ms, from)),
  fc.constant(snapshot)
]

t.test('random histories of an alert are what the reference says, break no law, lose no deadline and fold again to the same', async t => {
  let played = 0
  for (const latches of [false, true])
    for (const sounds_every of [undefined, 900_000])
      played += playHistories(histories / 4, anything, () => begin(latches, sounds_every), end)
  t.ok(played >= histories)
  t.comment(`${played} histories of an alert`)
  t.strictSame([...reached].sort(), [...answers, ...events].sort())
})

t.test('histories that only flap lose no episode beyond the lines of a screen', async t => {
  const flapping = [
    ...[1, 2].map(bad => fc.constant(change(bad))),
    fc.constant(clear),
    fc.constant(clear),
    fc.constantFrom(5, 12, 'all' as const).map(acknowledge)
  ]
  t.equal(
    playHistories(flaps, flapping, () => begin(true, undefined), end, 150),
    flaps
  )
})
