import fc from 'fast-check'
import t from 'tap'
import { type CalendarEntry, dayOf, holds, weekdays, zoneAt } from '../../edge/domain/calendar.ts'
import { localDay, localTime, offsetAt } from '../../edge/domain/local-time.ts'
import { type Use, uses } from '../../edge/domain/vocabulary.ts'
import { dangerLimit, densityLimits, limitsOf, type Zone } from '../../edge/domain/zone.ts'

const square: Zone = { id: 'square', name: '广场', use: 'walkway', area_m2: 2000 }
const platform: Zone = { id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 180 }
const shanghai = 'Asia/Shanghai'
const concert: CalendarEntry = { name: '跨年音乐会', zones: ['square'], date: '2026-12-31', from: '18:00', to: '02:00', use: 'viewing' }
const rush: CalendarEntry = {
  name: '晚高峰',
  zones: [],
  weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '17:00',
  to: '19:30',
  times: 0.9
}
const at = (time: string): number => Date.parse(time)

t.test('a concert makes the square a viewing area from its first minute to its last, past midnight, and no other night', async t => {
  const use = (time: string): Use => zoneAt(square, [concert], at(time), shanghai).use
  t.strictSame(
    [
      '2026-12-31T17:59:59+08:00',
      '2026-12-31T18:00:00+08:00',
      '2027-01-01T01:59:59+08:00',
      '2027-01-01T02:00:00+08:00',
      '2026-12-30T20:00:00+08:00'
    ].map(use),
    ['walkway', 'viewing', 'viewing', 'walkway', 'walkway']
  )
  t.strictSame(zoneAt(square, [concert], at('2026-12-31T20:00:00+08:00'), shanghai).limits_per_m2, densityLimits.viewing)
  t.equal(zoneAt(platform, [concert], at('2026-12-31T20:00:00+08:00'), shanghai), platform, 'another zone is left alone')
})

t.test('the rush hour of a working day makes a platform strict, by the wall clock of the station', async t => {
  const limits = (time: string, timezone = shanghai): readonly number[] => limitsOf(zoneAt(platform, [rush], at(time), timezone))
  const strict = [1.35, 2.25, 2.97, 3.6]
  t.strictSame(limits('2026-11-27T18:00:00+08:00'), strict, 'Friday')
  t.strictSame(limits('2026-11-28T18:00:00+08:00'), densityLimits.platform, 'Saturday')
  t.strictSame(limits('2026-11-27T18:00:00+08:00', 'Europe/London'), densityLimits.platform, '10:00 in London')
  t.strictSame(limits('2026-11-30T01:00:00Z', 'America/Los_Angeles'), densityLimits.platform, 'still Sunday in Los Angeles')
  t.strictSame(limits('2026-12-01T01:00:00Z', 'America/Los_Angeles'), strict, 'Monday 17:00 in Los Angeles, Tuesday in London')
})

t.test('an entry that meets a skipped or a repeated hour holds for all of it', async t => {
  const berlin = 'Europe/Berlin'
  const night: CalendarEntry = { name: '夜市', zones: [], from: '02:00', to: '03:00', times: 0.8 }
  // 2026-10-25: 02:00–03:00 comes twice. 2026-03-29: it does not come at all.
  const holdsAt = (time: string): boolean => holds(night, at(time), berlin)
  t.strictSame(
    ['2026-10-24T23:59:00Z', '2026-10-25T00:00:00Z', '2026-10-25T01:30:00Z', '2026-10-25T01:59:59Z', '2026-10-25T02:00:00Z'].map(holdsAt),
    [false, true, true, true, false]
  )
  t.strictSame(['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z'].map(holdsAt), [false, false])
  const over: CalendarEntry = { ...night, from: '23:00', to: '04:00' }
  t.ok(holds(over, at('2026-03-29T01:30:00Z'), berlin), '03:30 on the wall, the short night')
  t.notOk(holds(over, at('2026-03-29T02:00:00Z'), berlin))
})

const hour = fc.integer({ min: 0, max: 23 }).map(h => `${String(h).padStart(2, '0')}:00`)
const entry: fc.Arbitrary<CalendarEntry> = fc
  .record(
    {
      name: fc.constant('x'),
      zones: fc.constantFrom([], ['square'], ['platform-1']),
      date: fc.constantFrom('2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25', '2026-12-31'),
      weekdays: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
      from: hour,
      to: hour,
      use: fc.constantFrom(...(Object.keys(uses) as Use[])),
      times: fc.double({ min: 0.3, max: 2, noNaN: true })
    },
    { requiredKeys: ['name', 'zones', 'from', 'to'] }
  )
  .filter(({ from, to }) => from !== to)
const moment = fc.oneof(
  fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-02T00:00:00Z') }),
  fc.integer({ min: at('2026-03-27T00:00:00Z'), max: at('2026-03-31T00:00:00Z') }),
  fc.integer({ min: at('2026-10-23T00:00:00Z'), max: at('2026-10-27T00:00:00Z') })
)
const timezone = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia')

/** Far enough from the night in which the clocks change. */
const settled = (now: number, zone: string): boolean => offsetAt(now - 3 * 3_600_000, zone) === offsetAt(now + 3 * 3_600_000, zone)

t.test('an entry holds whenever the wall clock stands within it, and but for the night of the change never else', async t => {
  let held = 0
  fc.assert(
    fc.property(entry, moment, timezone, (one, now, zone) => {
      const clock = localTime(now, zone)
      const day = localDay(now, zone)
      const fits = (d: number): boolean =>
        (one.date === undefined || d === dayOf(one.date)) &&
        (one.weekdays === undefined || one.weekdays.some(weekday => weekdays.indexOf(weekday) === new Date(d * 86_400_000).getUTCDay()))
      const within =
        one.from < one.to
          ? fits(day) && clock >= one.from && clock < one.to
          : (fits(day) && clock >= one.from) || (fits(day - 1) && clock < one.to)
      if (within) held += 1
      if (within || settled(now, zone)) t.equal(holds(one, now, zone), within, `${clock} in ${zone} and ${one.from}–${one.to}`)
    }),
    { numRuns: 2000 }
  )
  t.ok(held > 50, `${held} moments were within`)
})

t.test('whatever the calendar says, four limits rise and red is not above what is dangerous for the use', async t => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), moment, timezone, (calendar, now, zone) => {
      for (const place of [square, platform, { ...platform, limits_per_m2: [1, 2, 3, 5] as const }]) {
        const { use, ...judged } = zoneAt(place, calendar, now, zone)
        const [blue, yellow, orange, red] = limitsOf({ use, ...judged })
        t.ok(
          0 < blue && blue <= yellow && yellow <= orange && orange <= red && red <= dangerLimit[use],
          `${use} ${[blue, yellow, orange, red]}`
        )
      }
    }),
    { numRuns: 500 }
  )
})
