import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Course, foresee, hearDensity, type Outlook } from '../../edge/domain/forecast.ts'
import {
  emptyRecord,
  evolveForecasts,
  falsesPerWeek,
  type Scoring,
  score,
  startScoring,
  tallied
} from '../../edge/domain/forecast-record.ts'
import rule from '../../edge/domain/rules/crowd-forecast.ts'
import type { ZoneNow } from '../../edge/domain/zone.ts'
import { minutes, seconds } from '../support/clock.ts'
import { data, needsData } from '../support/data.ts'
import { crowds, needsCrowds } from '../support/recorded-crowds.ts'

const city = 'sensors/nab/data/realKnownCause/nyc_taxi.csv'

const courseOf = (densities: readonly number[], every_s = 10): Course | undefined =>
  densities.reduce<Course | undefined>((course, density, i) => hearDensity(course, seconds(i * every_s), density), undefined)
const outlookOf = (densities: readonly number[], limits = [4]): Outlook | undefined => {
  const course = courseOf(densities)
  return course && foresee(course, limits)
}
const rising = (from: number, per_minute: number, for_min: number): number[] =>
  Array.from({ length: for_min * 6 }, (_, i) => from + (per_minute * i) / 6)
const within = (outlook: Outlook | undefined, n: number): number =>
  outlook?.chances.find(one => one.minutes === n)?.probability ?? Number.NaN

t.test('less than three minutes of a zone are no forecast', async t => {
  t.equal(outlookOf(rising(2, 0.2, 3).slice(0, 18)), undefined)
  t.ok(outlookOf(rising(2, 0.2, 4)))
})

t.test('a longer time, a lower limit, a steeper rise: each makes the chance greater', async t => {
  const outlook = outlookOf(rising(2, 0.15, 8), [3.3, 3.6, 4])
  const chances = [3.3, 3.6, 4].map(
    limit => outlook?.chances.filter(one => one.threshold_per_m2 === limit).map(one => one.probability) ?? []
  )
  for (const [five = 0, ten = 0, fifteen = 0] of chances) t.ok(five <= ten && ten <= fifteen, `${five} ${ten} ${fifteen}`)
  for (const i of [0, 1, 2]) t.ok((chances[0]?.[i] ?? 0) >= (chances[1]?.[i] ?? 0) && (chances[1]?.[i] ?? 0) >= (chances[2]?.[i] ?? 0))
  t.ok(within(outlookOf(rising(1, 0.3, 8)), 10) > within(outlookOf(rising(2.2, 0.15, 8)), 10), 'the same density, risen faster')
})

t.test('an empty or a calm zone is in no danger of red, whatever its noise', async t => {
  for (const level of [0, 0.5, 1.5]) {
    const noisy = Array.from({ length: 60 }, (_, i) => Math.max(0, level + 0.1 * Math.sin(i * 2.4)))
    t.ok(within(outlookOf(noisy), 10) < 0.05, `${level} p/m²`)
  }
})

t.test('one group that walks by moves the forecast little', async t => {
  const calm = Array.from({ length: 48 }, (_, i) => 2 + 0.03 * Math.sin(i * 2.4))
  const passing = calm.map((value, i) => (i >= 30 && i < 33 ? value + 1 : value))
  t.ok(within(outlookOf(passing), 10) < 0.25)
})

t.test('what is reached already is no longer foreseen', async t => {
  t.strictSame(outlookOf(rising(3, 0.3, 6), [2.5, 4])?.chances, [])
})

t.test('a gap in what is seen begins the course anew; a step in which nothing is said is like the one before', async t => {
  const course = courseOf(rising(2, 0.1, 6))
  t.equal(course && hearDensity(course, seconds(35 * 10 + 30), 3).steps.length, 38)
  t.strictSame(course && hearDensity(course, seconds(35 * 10 + 120), 3).steps, [])
})

const chance = { threshold_per_m2: 4, minutes: 10, probability: 0.8 } as const
const seen = (at: number, density: number, chances: readonly (typeof chance)[] | undefined = [chance]) => ({
  at,
  density,
  red_per_m2: 4,
  chances
})
const nobody = { warning: undefined, withdrawn: true }
const watched = (densities: readonly number[], standing = nobody): Scoring =>
  densities.reduce((scoring, density, i) => score(scoring, seen(minutes(i), density), standing).scoring, startScoring)

t.test('a forecast is judged when its time is over, and reached means within its own minutes', async t => {
  // The first one was made in minute 1: in minute 10 it is reached, in minute 12 it would be too late.
  const early = watched(Array.from({ length: 17 }, (_, i) => (i === 10 ? 4.1 : 3)))
  t.strictSame(early.tally[10].bins[8], [1, 0.8, 1])
  const late = watched(Array.from({ length: 17 }, (_, i) => (i === 12 ? 4.1 : 3)))
  t.strictSame(late.tally[10].bins[8], [1, 0.8, 0])
})

t.test('a warning is a hit with its lead, or false; a red nobody was warned of is missed once', async t => {
  const warning = { at: minutes(20), limit_per_m2: 4, percent: 84, within_s: 600 }
  const calm = watched([3, 3])
  t.strictSame(score(calm, seen(minutes(26), 4), { warning, withdrawn: false }).scored, { outcome: 'hit', lead_s: 360 })
  t.equal(score(calm, seen(minutes(29), 3), { warning, withdrawn: true }).scored, undefined, 'its ten minutes are not over')
  t.equal(score(calm, seen(minutes(40), 3), { warning, withdrawn: false }).scored, undefined, 'it is still said')
  t.strictSame(score(calm, seen(minutes(30), 3), { warning, withdrawn: true }).scored, { outcome: 'false' })
  const missed = score(calm, seen(minutes(3), 4), nobody)
  t.strictSame(missed.scored, { outcome: 'miss' })
  const trembling = score(score(missed.scoring, seen(minutes(4), 3.8), nobody).scoring, seen(minutes(5), 4.1), nobody)
  t.equal(trembling.scored, undefined, 'a red that trembles is the same red')
})

t.test('the record adds up: warnings, leads, and false ones a zone-week', async t => {
  const of = { id: 'platform-1', at: minutes(1) }
  const tally = tallied(startScoring.tally, 5, 0.84, true)
  const record = (
    [
      { ...of, type: 'forecast_warned', limit_per_m2: 4, percent: 84, within_s: 600 },
      { ...of, type: 'forecast_scored', outcome: 'hit', lead_s: 312 },
      { ...of, type: 'forecast_scored', outcome: 'false' },
      { id: 'hub', at: of.at, type: 'forecasts_tallied', tally, watched_s: { 'platform-1': 7 * 86_400 } },
      { id: 'hub', at: of.at, type: 'forecasts_tallied', tally, watched_s: { 'platform-1': 7 * 86_400 } }
    ] as const
  ).reduce(evolveForecasts, emptyRecord)
  const { warning, ...zone } = record.zones['platform-1'] ?? {}
  t.equal(warning, undefined)
  t.match(zone, { hits: 1, falses: 1, misses: 0, leads_s: [312], watched_s: 14 * 86_400 })
  t.equal(falsesPerWeek({ falses: 1, watched_s: 14 * 86_400 }), 0.5)
  t.strictSame(record.tally[5].bins[8], [2, 1.68, 2])
})

t.test('what is stated with 80 % or more in ten minutes happens about so often, in crowds it was not fitted on', needsCrowds(), async t => {
  let stated = 0
  let happened = 0
  let n = 0
  for (const counts of Object.values(crowds('judge')).flat()) {
    const peak = Math.max(...counts)
    const densities = counts.map(count => (count / peak) * 4)
    for (let i = 18; i + 60 < densities.length; i += 12) {
      for (const { threshold_per_m2, minutes, probability } of outlookOf(
        densities.slice(Math.max(0, i - 48), i + 2),
        [1.6, 2, 2.4, 2.8, 3.2, 3.6]
      )?.chances ?? []) {
        if (minutes !== 10 || probability < 0.8) continue
        n++
        stated += probability
        if (densities.slice(i + 2, i + 62).filter(density => density >= threshold_per_m2).length >= 2) happened++
      }
    }
  }
  t.ok(n > 100, `${n} forecasts`)
  t.ok(Math.abs(stated / n - happened / n) < 0.12, `stated ${(stated / n).toFixed(2)}, happened ${(happened / n).toFixed(2)} of ${n}`)
})

t.test(
  'a week of ordinary peaks is no false amber: real counts of a city, a train every four minutes, red never reached',
  needsData(city),
  async t => {
    const counts = readFileSync(data(city) ?? city, 'utf8')
      .trim()
      .split('\n')
      .slice(337, 674)
      .map(line => Number(line.split(',')[1]))
    const top = Math.max(...counts)
    let state = 7
    const roll = (): number => {
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647 - 0.5
    }
    let course: Course | undefined
    let memory = rule.start
    let warned = 0
    for (let step = 0; step < 7 * 8640; step++) {
      const half_hours = step / 180
      const [from = 0, to = 0] = counts.slice(Math.floor(half_hours), Math.floor(half_hours) + 2)
      const part = (from + (to - from) * (half_hours % 1)) / top
      const train = 1 + 0.3 * ((step % 24) / 24 - 0.5)
      const density_per_m2 = Math.max(0, 3.4 * part * train + 0.16 * Math.sqrt(part) * (roll() + roll() + roll()))
      const at = seconds(step * 10)
      course = hearDensity(course, at, density_per_m2)
      if (step % 3 !== 0) continue
      const outlook = foresee(course, [4])
      const { memory: next, verdict } = rule.step(
        memory,
        { at, zone: { density_per_m2, ...(outlook && { outlook }) } as ZoneNow },
        rule.settings
      )
      memory = next
      if (verdict?.raised) warned++
    }
    t.ok(warned <= 1, `${warned} in a zone-week`)
  }
)
