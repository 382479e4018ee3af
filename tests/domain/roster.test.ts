import fc from 'fast-check'
import t from 'tap'
import { type Cover, coverGaps, coversOf, coverVerdicts, nextCoverChange } from '../../edge/domain/cover.ts'
import { firstUnits, unitsFor } from '../../edge/domain/dispatch.ts'
import {
  type DutyChange,
  type DutyChangeCommand,
  decideDutyChange,
  evolveDutyChanges,
  longest_change_ms
} from '../../edge/domain/duty-change.ts'
import { localTime } from '../../edge/domain/local-time.ts'
import { stepsTo } from '../../edge/domain/neighbours.ts'
import { dutySpans, onDuty, type Person, type Unit } from '../../edge/domain/roster.ts'
import { unit } from '../support/duty.ts'
import { dutyMinutes, minute_ms, shiftMinutes, wallClock } from '../support/minute-roster.ts'

const hour = 3_600_000
const day = 24 * hour
const night = [{ from: '22:00', to: '01:30' }]

t.test('a shift over midnight is on duty on both sides of it, and not in between shifts', async t => {
  const watch = unit('w', 'police', { shifts: [{ from: '20:00', to: '08:00' }] })
  const at = (time: string): boolean => onDuty(watch, Date.parse(`2026-11-24T${time}+08:00`), 'Asia/Shanghai')
  t.strictSame(['19:59', '20:00', '23:59', '00:00', '07:59', '08:00'].map(at), [false, true, true, true, true, false])
})

t.test('no shifts means always, a shift of no length means never, and 24:00 is an end', async t => {
  t.ok(onDuty(unit('a', 'police'), 0, 'Asia/Shanghai'))
  t.notOk(onDuty(unit('a', 'police', { shifts: [{ from: '08:00', to: '08:00' }] }), 0, 'Asia/Shanghai'))
  const whole = unit('a', 'police', { shifts: [{ from: '00:00', to: '24:00' }] })
  t.strictSame(dutySpans(whole, { from: 0, until: 3 * day }, 'Asia/Shanghai'), [{ from: 0, until: 3 * day }])
})

t.test('in the hour that comes twice the old shift stays until its second passing and the new one comes at its first', async t => {
  // Berlin, 2026-10-25: at 01:00 UTC the clock goes from 03:00 back to 02:00.
  const old = unit('old', 'police', { shifts: [{ from: '22:00', to: '02:30' }] })
  const next = unit('next', 'police', { shifts: [{ from: '02:30', to: '08:00' }] })
  const during = { from: Date.parse('2026-10-24T18:00Z'), until: Date.parse('2026-10-25T12:00Z') }
  t.strictSame(dutySpans(old, during, 'Europe/Berlin'), [{ from: Date.parse('2026-10-24T20:00Z'), until: Date.parse('2026-10-25T01:30Z') }])
  t.strictSame(dutySpans(next, during, 'Europe/Berlin'), [
    { from: Date.parse('2026-10-25T00:30Z'), until: Date.parse('2026-10-25T07:00Z') }
  ])
})

t.test('a time that is skipped is reached when the hands jump over it', async t => {
  // Berlin, 2026-03-29: at 01:00 UTC the clock goes from 02:00 to 03:00.
  const jump = Date.parse('2026-03-29T01:00Z')
  const during = { from: jump - 6 * hour, until: jump + 6 * hour }
  const old = unit('old', 'police', { shifts: [{ from: '22:00', to: '02:30' }] })
  const next = unit('next', 'police', { shifts: [{ from: '02:30', to: '08:00' }] })
  t.equal(dutySpans(old, during, 'Europe/Berlin').at(-1)?.until, jump)
  t.equal(dutySpans(next, during, 'Europe/Berlin')[0]?.from, jump)
  t.equal(localTime(jump, 'Europe/Berlin'), '03:00')
})

const a = unit('a', 'police', { shifts: [{ from: '08:00', to: '20:00' }] })
const b = unit('b', 'police', { shifts: [{ from: '20:00', to: '08:00' }] })
const fire = unit('f', 'fire')
const units = [a, b, fire]
const start = Date.parse('2026-11-24T00:00+08:00')
const order = (changes: readonly DutyChange[], command: DutyChangeCommand, at = start): readonly DutyChange[] => {
  const decision = decideDutyChange(changes, command, units, at)
  if ('refused' in decision) throw new Error(decision.refused)
  return decision.events.reduce(evolveDutyChanges, changes)
}
const absent = (unit: string, from: number, until: number): DutyChangeCommand => ({
  type: 'absent',
  ...{ id: `c-${unit}-${from}`, unit, from, until, by: 'li', reason: 'ill' }
})
const swap = (unit: string, other: string, from: number, until: number): DutyChangeCommand => ({
  type: 'swap',
  with: other,
  ...{ id: `c-${unit}-${from}`, unit, from, until, by: 'li', reason: 'ill' }
})
const noon = start + 12 * hour

t.test('who stands in is on duty for the shift of the other, besides their own', async t => {
  const plan = order([], swap('a', 'b', start, start + day))
  t.notOk(onDuty(a, noon, 'Asia/Shanghai', plan))
  t.ok(onDuty(b, noon, 'Asia/Shanghai', plan))
  t.ok(onDuty(b, noon + 10 * hour, 'Asia/Shanghai', plan), 'and still by its own')
  t.ok(onDuty(a, noon + day, 'Asia/Shanghai', plan), 'the next day is as it was')
})

t.test('who is absent is away even when they agreed to stand in', async t => {
  const plan = order(order([], swap('a', 'b', start, start + day)), absent('b', noon, noon + hour))
  t.notOk(onDuty(b, noon, 'Asia/Shanghai', plan))
  t.ok(onDuty(b, noon + hour, 'Asia/Shanghai', plan))
})

t.test('what is restored holds from then on, and what was stays as it was', async t => {
  const plan = order(order([], absent('a', start, start + day)), { type: 'restore', id: `c-a-${start}`, by: 'li' }, noon)
  t.notOk(onDuty(a, noon - 1, 'Asia/Shanghai', plan))
  t.ok(onDuty(a, noon, 'Asia/Shanghai', plan))
  t.strictSame(order(order([], absent('a', noon, noon + hour)), { type: 'restore', id: `c-a-${noon}`, by: 'li' }), [])
})

t.test('a change of duty that makes no sense is refused with its reason', async t => {
  const refused = (command: DutyChangeCommand, changes: readonly DutyChange[] = []): string => {
    const decision = decideDutyChange(changes, command, units, noon)
    return 'refused' in decision ? decision.refused : 'done'
  }
  t.equal(refused(absent('nobody', noon, noon + hour)), 'no_such_unit')
  t.equal(refused({ ...absent('a', noon, noon + hour), reason: ' ' } as DutyChangeCommand), 'reason_missing')
  t.equal(refused(absent('a', noon - hour, noon)), 'change_is_over')
  t.equal(refused(absent('a', noon, noon + longest_change_ms + 1)), 'change_too_long')
  t.equal(refused(swap('a', 'a', noon, noon + hour)), 'swap_with_itself')
  t.equal(refused(swap('a', 'f', noon, noon + hour)), 'swap_with_another_agency')
  t.equal(refused(swap('a', 'nobody', noon, noon + hour)), 'no_such_unit')
  const plan = order([], absent('a', noon, noon + hour))
  t.equal(refused(absent('a', noon + 1, noon + 2), plan), 'already_away')
  t.equal(refused(absent('a', noon + hour, noon + 2 * hour), plan), 'done', 'the moment it ends is free')
  t.equal(refused(swap('a', 'b', noon, noon + hour), plan), 'done', 'somebody may stand in for who is ill')
  t.equal(refused({ type: 'restore', id: 'nothing', by: 'li' }, plan), 'no_such_change')
  const many = Array.from(
    { length: 500 },
    (_, i): DutyChange => ({ ...absent('a', noon, noon + i + 1), kind: 'absent', at: noon }) as never
  )
  t.equal(refused(absent('b', noon, noon + hour), many), 'too_many_changes')
})

const people: readonly Person[] = [
  { name: 'wu', agency: 'police', roles: ['officer'], qualifications: ['mediation'] },
  { name: 'qi', agency: 'police', roles: ['officer'], qualifications: ['crowd_steward'] }
]
const far = unit('far', 'police', { members: ['wu'] })
const near = unit('near', 'police', { zones: ['p'] })
const nearToo = unit('near-too', 'police', { zones: ['p'], members: ['qi'] })
const duty = { units: [far, near, nearToo], at: noon, timezone: 'Asia/Shanghai', people }

t.test('of two units equally near, the one that has learned what it takes goes first', async t => {
  t.equal(firstUnits(['police'], 'p', duty, 'crowd')[0]?.unit, 'near-too')
  t.equal(firstUnits(['police'], 'p', duty, 'fire')[0]?.unit, 'near')
  t.equal(firstUnits(['police'], 'p', duty)[0]?.unit, 'near')
  t.equal(firstUnits(['police'], 'elsewhere', duty, 'dispute')[0]?.unit, 'far')
})

t.test('nearness counts before what was learned', async t => t.equal(firstUnits(['police'], 'p', duty, 'dispute')[0]?.unit, 'near'))

t.test('who stands next door is nearer than who stands farther on, and of two equally near the free one goes', async t => {
  const zones = [{ id: 'gate', beside: ['p'] }, { id: 'p' }, { id: 'hall', beside: ['gate'] }, { id: 'island' }]
  const units = [
    unit('hall', 'police', { zones: ['hall'] }),
    unit('gate', 'police', { zones: ['gate'] }),
    unit('gate-too', 'police', { zones: ['gate'] })
  ]
  const asked = (busy: readonly string[] = [], zone = 'p'): string | undefined =>
    firstUnits(['police'], zone, { ...duty, units, zones, busy: new Set(busy) })[0]?.unit
  t.equal(asked(), 'gate')
  t.equal(asked(['gate']), 'gate-too')
  t.equal(asked(['gate', 'gate-too']), 'gate', 'being near counts before being free')
  t.equal(asked([], 'island'), 'hall', 'where no way is known, everyone is equally far')
  t.equal(stepsTo(['hall'], 'p', zones), 2)
  t.equal(stepsTo(['island'], 'p', zones), undefined)
})

t.test('who is absent is not asked, and when everyone is, everyone is', async t => {
  const away = (id: string): DutyChange => ({ kind: 'absent', id, unit: id, from: 0, until: noon + 1, by: 'li', at: 0, reason: 'ill' })
  const ask = (...ids: string[]): readonly string[] =>
    unitsFor('on_duty', ['police'], 'p', { ...duty, plan: ids.map(away) }, 'crowd').map(one => one.unit)
  t.strictSame(ask('near-too'), ['near'])
  t.strictSame(ask('near-too', 'near', 'far'), ['far', 'near', 'near-too'])
})

t.test('a gap is warned of two hours before, is urgent at half an hour, and is over when somebody stands in', async t => {
  const covers: readonly Cover[] = [{ agency: 'police', units: 1 }]
  const roster = { units: [a, b], timezone: 'Asia/Shanghai', plan: order([], absent('a', noon, noon + hour)) }
  const said = (at: number) => coverVerdicts(covers, roster, at)[0]?.verdict
  t.strictSame(coverGaps(covers, roster, { from: start, until: start + day }), [
    { cover: covers[0], begin: noon, end: noon + hour, present: 0, missing: 1 }
  ])
  t.equal(nextCoverChange(covers, roster, start), noon - 2 * hour)
  t.notOk(said(noon - 2 * hour - 1)?.raised)
  t.match(said(noon - 2 * hour), { raised: true, severity: 'yellow', because: { with: { begin: '12:00', needed: 1, present: 0 } } })
  t.match(said(noon - hour / 2), { raised: true, severity: 'orange' })
  t.match(said(noon), { because: { say: 'cover_broken' } })
  t.notOk(said(noon + hour)?.raised)
  const mended = { ...roster, plan: order(roster.plan, swap('a', 'b', noon, noon + hour)) }
  t.notOk(coverVerdicts(covers, mended, noon)[0]?.verdict.raised)
})

t.test('what the template asks of an agency without a unit here is not missed; what the station asks is', async t => {
  const template: readonly Cover[] = [{ agency: 'police', units: 1 }, { agency: 'medical', units: 1 }] // biome-ignore format: one line
  t.strictSame(coversOf([], template, [a]), [template[0]])
  t.strictSame(coversOf([{ agency: 'medical', units: 2 }], template, [a]), [{ agency: 'medical', units: 2 }])
})

/** Stretches in which a clock is set, and one in which none is; the last two at midnight and by half an hour. */
const stretches = [
  ['Europe/Berlin', '2026-03-28T12:00Z'],
  ['Europe/Berlin', '2026-10-24T12:00Z'],
  ['America/New_York', '2026-11-01T00:00Z'],
  ['Asia/Shanghai', '2026-11-24T00:00Z'],
  ['America/Havana', '2026-10-31T20:00Z'],
  ['America/Havana', '2026-03-07T20:00Z'],
  ['Asia/Beirut', '2026-10-24T10:00Z'],
  ['Asia/Beirut', '2026-03-28T10:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T04:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T04:00Z']
] as const
const looked_minutes = 40 * 60
/** The reference sees whole shifts only when it begins before them. */
const before_minutes = 49 * 60
const walls = stretches.map(([timezone, text]) => {
  const from = Date.parse(text)
  const begin = from - before_minutes * minute_ms
  return { timezone, from, begin, wall: wallClock(begin, before_minutes + looked_minutes + 26 * 60, timezone) }
})

const time = fc.integer({ min: 0, max: 95 }).map(n => `${`${Math.floor(n / 4)}`.padStart(2, '0')}:${`${(n % 4) * 15}`.padStart(2, '0')}`)
const shift = fc.record({ from: time, to: fc.oneof({ weight: 9, arbitrary: time }, { weight: 1, arbitrary: fc.constant('24:00') }) })
const ids = ['u0', 'u1', 'u2', 'u3'] as const
const someUnits = fc
  .array(fc.record({ shifts: fc.array(shift, { maxLength: 2 }), zone: fc.boolean(), learned: fc.boolean() }), {
    minLength: 1,
    maxLength: 4
  })
  .map(list =>
    list.map(
      ({ shifts, zone, learned }, i): Unit =>
        unit(`u${i}`, 'police', { shifts, zones: zone ? ['p'] : [], members: learned ? ['qi'] : ['wu'] })
    )
  )
const somePlan = fc.array(
  fc.record({
    kind: fc.constantFrom('absent', 'swapped'),
    unit: fc.constantFrom(...ids),
    with: fc.constantFrom(...ids),
    begin: fc.integer({ min: -600, max: looked_minutes }),
    minutes: fc.integer({ min: 1, max: 1200 })
  }),
  { maxLength: 4 }
)
const someCover = fc.record({
  units: fc.integer({ min: 1, max: 3 }),
  hours: fc.option(fc.record({ from: time, to: time })),
  zone: fc.boolean(),
  learned: fc.boolean()
})
const situation = fc.record({ at: fc.nat({ max: walls.length - 1 }), units: someUnits, changes: somePlan, asked: someCover })

const laidOut = ({ at, units, changes, asked }: typeof situation extends fc.Arbitrary<infer S> ? S : never) => {
  const stretch = walls[at] as (typeof walls)[number]
  const plan = changes
    .filter(({ unit, with: other, kind }) => (kind === 'absent' || unit !== other) && units.some(({ id }) => id === unit))
    .map(({ kind, unit: id, with: other, begin, minutes }, i): DutyChange => {
      const from = stretch.from + begin * minute_ms
      const change = { id: `c${i}`, unit: id, from, until: from + minutes * minute_ms, by: 'li', at: 0, reason: 'x' }
      const shifts = units.find(one => one.id === id)?.shifts ?? []
      return kind === 'absent' ? { ...change, kind } : { ...change, kind: 'swapped', with: other, shifts }
    })
  const cover: Cover = {
    agency: 'police',
    units: asked.units,
    ...(asked.hours !== null && asked.hours.from !== asked.hours.to && asked.hours),
    ...(asked.zone && { zone: 'p' }),
    ...(asked.learned && { qualification: 'crowd_steward' as const })
  }
  return { ...stretch, units, plan, cover }
}

t.test('minute by minute, who is on duty and where cover is missing is what the slow way finds', async t => {
  let gaps_found = 0
  fc.assert(
    fc.property(situation, given => {
      const { timezone, from, begin, wall, units, plan, cover } = laidOut(given)
      const until = from + looked_minutes * minute_ms
      const roster = { units, timezone, plan, people }
      const slow = units.map(one => dutyMinutes(one, plan, begin, wall))
      const quick = units.map(one => dutySpans(one, { from, until }, timezone, plan))
      const gaps = coverGaps([cover], roster, { from, until })
      gaps_found += gaps.length
      const hours = shiftMinutes(cover.from === undefined ? [] : [{ from: cover.from, to: cover.to as string }], wall)
      const counted = units.map(
        one => (cover.zone === undefined || one.zones.includes('p')) && (cover.qualification === undefined || one.members.includes('qi'))
      )
      for (let m = 0; m < looked_minutes; m++) {
        const at = from + m * minute_ms
        const i = m + before_minutes
        let present = 0
        for (const [u, minutes] of slow.entries()) {
          const on = quick[u]?.some(span => span.from <= at && at < span.until) === true
          if (on !== minutes[i]) throw new Error(`${units[u]?.id} at ${wall[i]} ${timezone}: ${on}, the slow way says ${minutes[i]}`)
          if (counted[u] && on) present++
        }
        const expected = hours[i] ? Math.max(0, cover.units - present) : 0
        const said = gaps.filter(gap => gap.begin <= at && at < gap.end)
        if (said.length > 1 || (said[0]?.missing ?? 0) !== expected)
          throw new Error(`cover at ${wall[i]} ${timezone}: ${said[0]?.missing ?? 0}, the slow way says ${expected}`)
      }
    }),
    { numRuns: 700 }
  )
  t.ok(gaps_found > 500, `${gaps_found} gaps were found`)
})

t.test('nothing about cover changes before the moment that is told as the next change', async t => {
  fc.assert(
    fc.property(situation, fc.integer({ min: 0, max: 20 * 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (given, after, part) => {
      const { timezone, from, units, plan, cover } = laidOut(given)
      const roster = { units, timezone, plan, people }
      const at = from + after * minute_ms
      const next = nextCoverChange([cover], roster, at)
      const between = at + Math.floor((next - 1 - at) * part)
      const said = coverVerdicts([cover], roster, at)
      if (JSON.stringify(coverVerdicts([cover], roster, between)) !== JSON.stringify(said))
        throw new Error(`it changed between ${new Date(at).toISOString()} and ${new Date(next).toISOString()}`)
    }),
    { numRuns: 3000 }
  )
  t.pass()
})

t.test('the point and the stretch agree on who is on duty', async t => {
  const watch = unit('w', 'police', { shifts: night })
  for (let at = start; at < start + 2 * day; at += 7 * minute_ms) {
    const inside = dutySpans(watch, { from: start, until: start + 2 * day }, 'Asia/Shanghai').some(s => s.from <= at && at < s.until)
    if (inside !== onDuty(watch, at, 'Asia/Shanghai')) t.fail(new Date(at).toISOString())
  }
  t.pass()
})
