/**
 * Random histories of several incidents against a plain reference: answers, rungs, tasks, who is on scene, all-clears, merging,
 * splitting and reopening, with time, restarts from the journal and from snapshots, and a city that hears red first.
 */
import fc from 'fast-check'
import t from 'tap'
import { type Command, decide, type Incident, silentAgencies } from '../../edge/domain/incident.ts'
import { type Agency, type ResponseStatus, type Role, severities } from '../../edge/domain/vocabulary.ts'
import { frozen, many, mustBe, playHistories, roundTrip, step } from '../support/histories.ts'
import { answered_from, type Case, red, refer, type Said, statuses } from '../support/incident-reference.ts'
import {
  agree,
  because,
  begin,
  begun,
  check,
  end,
  folded,
  happen,
  incidentOf,
  let_pass,
  nothing_yet,
  put,
  type Reference,
  reached,
  save,
  units,
  type World
} from '../support/incident-world.ts'

// Tens of thousands of histories beside coverage and a busy machine.
t.setTimeout(300_000)
const histories = many(24_000)

const answered = (incident: Incident): string[] =>
  Object.values(incident.responses).flatMap(({ unit, status }) => (statuses.indexOf(status) >= answered_from ? [unit] : []))
const nothingIsLost = (one: Incident, two: readonly Incident[]): void => {
  const has = (all: readonly unknown[], some: readonly unknown[]): boolean => some.every(each => all.includes(each))
  for (const before of two) {
    mustBe(has(answered(one), answered(before)), 'nobody who answered is forgotten', one, before)
    mustBe(has(Object.keys(one.responses), Object.keys(before.responses)), 'nobody who was asked is forgotten', one, before)
    mustBe(has(one.needs, before.needs), 'nobody who is needed is lost', one, before)
    mustBe(has(one.alerts, before.alerts), 'its alerts have moved', one, before)
    mustBe(has(one.tasks?.map(({ id }) => id) ?? [], before.tasks?.map(({ id }) => id) ?? []), 'its tasks have moved', one, before)
    mustBe(one.severity === before.severity || severities.indexOf(one.severity) > severities.indexOf(before.severity), 'the graver counts')
    const still = silentAgencies(before).some(agency => silentAgencies(one).includes(agency))
    const later = still && before.due_at !== undefined && (one.due_at ?? Infinity) > before.due_at
    mustBe(!later || one.level === 0, 'no deadline is later, unless the ladder begins anew', one, before)
  }
}

/** One order to one incident, and the same to the reference. */
const order = (nth: number, command: Command | ((now: number) => Command), what: (is: Case, now: number) => Said) =>
  step<Reference, World>(
    () => `${nth}: ${JSON.stringify(typeof command === 'function' ? command(0) : command)}`,
    ({ cases }, world) => {
      const is = cases[nth % cases.length]
      if (is === undefined) return
      const { now } = world.time
      const one = typeof command === 'function' ? command(now) : command
      agree(put(world, is.id, one), what(is, now), one.type)
      check(world, [is])
    }
  )

/** As the desk merges: both must agree before either changes. */
const merge = (nth: number, mth: number, reason: string) =>
  step<Reference, World>(
    () => `${nth} goes into ${mth}: ${reason}`,
    ({ cases }, world) => {
      const [from, to] = [cases[nth % cases.length], cases[mth % cases.length]]
      if (from === undefined || to === undefined) return
      const [other, into] = [incidentOf(world, from.id), incidentOf(world, to.id)]
      const gone = decide(other, { type: 'merge_into', into: into.id, by: 'li', reason }, world.time.now)
      const said = 'refused' in gone ? gone.refused : put(world, into.id, { type: 'absorb', other, by: 'li' })
      if ('events' in gone && said === true) for (const event of gone.events) happen(world, event)
      agree(said, refer.merge(from, to, world.time.now, reason), 'merge')
      check(world, [from, to])
      if (said === true) nothingIsLost(incidentOf(world, into.id), [other, into])
    }
  )
const most_cases = 6
/** As the desk splits: the alerts leave for an incident of their own. */
const split = (nth: number, alerts: readonly string[], reason: string) =>
  step<Reference, World>(
    () => `${alerts.join()} leave ${nth}: ${reason}`,
    ({ cases }, world) => {
      const is = cases[nth % cases.length]
      if (is === undefined || cases.length >= most_cases) return
      const to = `i-${cases.length + 1}`
      const { now } = world.time
      const said = put(world, is.id, { type: 'split_off', to, alerts, by: 'li', reason })
      agree(said, refer.split(is, now, alerts, reason), 'split')
      if (said !== true) return
      const own = begun(to, is.drill, is.bad, 'each_agency', null, ['police'], world)
      cases.push(own)
      for (const alert of alerts) agree(put(world, to, { type: 'link', alert }), refer.link(own, now, alert), 'link')
      check(world, [is, own])
    }
  )

/** Everyone who was asked answers: a history comes to the quiet after it, where the next silence begins. */
const all_answer = (nth: number, status: ResponseStatus) =>
  step<Reference, World>(
    () => `${nth}: all ${status}`,
    ({ cases }, world) => {
      const is = cases[nth % cases.length]
      for (const unit of [...(is?.who.keys() ?? [])])
        order(nth, { type: 'respond', unit, by: 'li', status, reason: 'engaged' }, (is, now) =>
          refer.respond(is, now, unit, status, 'engaged')
        ).run({ cases }, world)
    }
  )
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
      for (const [id, incident] of folded(roundTrip(world.entries), from === 'snapshot' ? world.snapshot : nothing_yet))
        world.incidents.set(id, frozen(incident))
      let_pass(is, world, ms, true)
    }
  )
const snapshot = step<Reference, World>(
  () => 'snapshot',
  (_, world) => save(world)
)

const nth = fc.nat(most_cases - 1)
const asked = fc.subarray([...units])
const reason = fc.constantFrom('engaged', 'engaged', 'engaged', ' ')
const unit = fc.constantFrom('p1', 'p2', 'f1', 'm1', 'c', 'p1', 'f1', 'constructor', 'nobody')
const task = fc.constantFrom('t-1', 't-2', 't-3')
const alerts = ['a-1', 'a-2', 'a-3']
const by = 'li'
const { respond, escalate, ask, worsen, link, note, add, finish, attach, checkIn, unitLate, taskLate, clear, close, reopen } = refer

const status = fc.constantFrom<ResponseStatus>(...statuses, 'declined', 'acknowledged', 'on_scene', 'on_scene')
const anything: readonly fc.Arbitrary<fc.Command<Reference, World>>[] = [
  fc
    .tuple(nth, unit, status, reason)
    .map(([n, u, s, why]) => order(n, { type: 'respond', unit: u, by, status: s, reason: why }, (is, now) => respond(is, now, u, s, why))),
  fc
    .tuple(nth, unit, status, reason)
    .map(([n, u, s, why]) => order(n, { type: 'respond', unit: u, by, status: s, reason: why }, (is, now) => respond(is, now, u, s, why))),
  fc
    .tuple(nth, unit)
    .map(([n, u]) => order(n, { type: 'acknowledge', unit: u, by }, (is, now) => respond(is, now, u, 'acknowledged', 'x'))),
  fc.tuple(nth, asked).map(([n, a]) => order(n, { type: 'escalate', ask: a }, (is, now) => escalate(is, now, a))),
  fc.tuple(nth, asked).map(([n, a]) => order(n, { type: 'ask', ask: a }, (is, now) => ask(is, now, a))),
  fc
    .tuple(
      nth,
      fc.nat(3),
      fc.subarray<Agency>(['police', 'fire', 'medical']),
      asked,
      fc.constantFrom(null, 20, 60),
      fc.constantFrom(undefined, true as const, 'z', 'z-2')
    )
    .map(([n, bad, needs, a, every, more]) =>
      order(
        n,
        {
          ...{ type: 'worsen', severity: severities[bad] ?? 'red', because, needs, ask: a },
          ...(every !== null && { accountability_s: every }),
          ...(more === true ? { again: more } : more && { place: more })
        },
        (is, now) => worsen(is, now, bad, needs, a, every && every * 1000, more)
      )
    ),
  fc.tuple(nth, fc.constantFrom(...alerts)).map(([n, alert]) => order(n, { type: 'link', alert }, (is, now) => link(is, now, alert))),
  fc
    .tuple(nth, fc.constantFrom(undefined, 's-1', 's-2'))
    .map(([n, s]) => order(n, { type: 'note', by, text: 'x', ...(s && { step: s }) }, (is, now) => note(is, now, s))),
  fc.tuple(nth, task, fc.constantFrom(null, 0, 1000, 40_000)).map(([n, id, after]) =>
    order(
      n,
      now => ({ type: 'add_task', task: { id, text: 'x', by, ...(after !== null && { due_at: now + after }) } }),
      (is, now) => add(is, now, id, after === null ? null : now + after)
    )
  ),
  fc
    .tuple(nth, task, fc.boolean())
    .map(([n, id, done]) =>
      order(n, { type: done ? 'finish_task' : 'cancel_task', task: id, by }, (is, now) => finish(is, now, id, done ? 'done' : 'cancelled'))
    ),
  fc
    .tuple(nth, task, unit, fc.boolean())
    .map(([n, id, u, which]) =>
      which
        ? order(n, { type: 'task_overdue', task: id }, (is, now) => taskLate(is, now, id))
        : order(n, { type: 'unit_overdue', unit: u }, (is, now) => unitLate(is, now, u))
    ),
  fc
    .tuple(nth, fc.constantFrom('f1', 'f2'))
    .map(([n, sha256]) =>
      order(n, { type: 'attach', by, name: 'a', media_type: 'image/jpeg', bytes: 3, sha256 }, (is, now) => attach(is, now, sha256))
    ),
  fc.tuple(nth, unit).map(([n, u]) => order(n, { type: 'check_in', unit: u, by }, (is, now) => checkIn(is, now, u))),
  fc
    .tuple(nth, fc.constantFrom('a', 'b', 'c'), fc.constantFrom<Role>('officer', 'duty_commander'))
    .map(([n, who, role]) => order(n, { type: 'all_clear', by: who, role }, (is, now) => clear(is, now, who, role))),
  fc
    .tuple(nth, fc.constantFrom(null, 'a kettle'))
    .map(([n, text]) => order(n, { type: 'close', by, outcome: 'false_alarm', ...(text && { text }) }, (is, now) => close(is, now, text))),
  fc
    .tuple(nth, reason, asked)
    .map(([n, why, a]) => order(n, { type: 'reopen', by, reason: why, ask: a }, (is, now) => reopen(is, now, why, a))),
  fc.tuple(nth, nth, reason).map(([n, m, why]) => merge(n, m, why)),
  fc.tuple(nth, fc.subarray(alerts, { maxLength: 2 }), reason).map(([n, some, why]) => split(n, some, why)),
  fc.tuple(nth, fc.constantFrom<ResponseStatus>('acknowledged', 'on_scene', 'declined')).map(([n, s]) => all_answer(n, s)),
  fc.constantFrom(0, 1, 10_000, 15_000, 30_000, 120_000).map(advance),
  fc
    .tuple(fc.constantFrom(0, 1000, 20_000, 3_600_000), fc.constantFrom('beginning' as const, 'snapshot' as const))
    .map(([ms, from]) => restart(ms, from)),
  fc.constant(snapshot)
]

const answers = [
  'all_clear_missing',
  'already_answered',
  'already_asked',
  'already_attached',
  'already_closed',
  'deadline_is_over',
  'drill_is_not_real',
  'merge_with_itself',
  'merged_away',
  'no_such_task',
  'nobody_is_silent',
  'nobody_left_to_ask',
  'not_a_response',
  'not_asked',
  'not_closed',
  'not_on_scene',
  'not_part_of_it',
  'reason_missing',
  'second_role_needed'
]
const events = [
  'opened',
  'response',
  'escalated',
  'unanswered',
  'asked',
  'worsened',
  'linked',
  'noted',
  'task_added',
  'task_done',
  'task_cancelled',
  'task_overdue',
  'attached',
  'checked_in',
  'unit_overdue',
  'all_clear',
  'closed',
  'reopened',
  'absorbed',
  'merged',
  'split'
].map(name => `incident_${name}`)

t.test('random histories of incidents are what the reference says, break no law, lose no deadline and fold again to the same', async t => {
  let played = 0
  for (const enough of ['any', 'each_agency', 'all'] as const)
    for (const severity of [1, red]) played += playHistories(histories / 6, anything, () => begin(enough, severity), end)
  t.ok(played >= histories)
  t.comment(`${played} histories of incidents`)
  t.strictSame([...reached].sort(), [...answers, ...events].sort())
})
