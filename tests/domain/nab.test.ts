/** The scorer that judges our model gives what the benchmark's own gives, for whoever says nothing, everything, and for a detector that anyone can write down. */
import t from 'tap'
import { bestOf, course, learningRows, type ProfileName, profiles, type Scored, scoreAt, told, worths } from '../../models/nab.ts'
import { data, needsData } from '../support/data.ts'
import { published, readNab } from '../support/nab.ts'

const file = { rows: 200, windows: [[100, 109]] as const }
const says = (...rows: readonly number[]): Scored => ({
  file,
  scores: Array.from({ length: 200 }, (_, row) => (rows.includes(row) ? 1 : 0))
})

t.test('who says nothing has 0, who speaks at the first row of every window has 100', async t => {
  t.equal(bestOf(course([says()], profiles.standard)).score, 0)
  t.equal(bestOf(course([says(100)], profiles.standard)).score, 100)
  t.equal(scoreAt(course([says(100, 105)], profiles.standard), 1), 100, 'a second word in the window adds nothing')
})

t.test('worth falls through a window, and what comes just after it costs less than what comes from nowhere', async t => {
  const { value } = worths(file)
  const by_hand = (place: number): number => 2 / (1 + Math.exp(5 * place)) - 1
  for (const [row, place] of [
    [105, -0.5],
    [109, -0.1],
    [110, 1 / 9],
    [112, 3 / 9]
  ] as const)
    t.ok(Math.abs((value[row] ?? 0) - by_hand(place) / (row < 110 ? by_hand(-1) : 1)) < 1e-12, `row ${row}`)
  t.equal(value[50], -1)
  t.equal(value[199], -1)
})

t.test('a false word costs 0.11 or 0.22 of a window, a missed window one or two', async t => {
  const at = (scored: Scored, profile: ProfileName): number => scoreAt(course([scored], profiles[profile]), 1)
  t.ok(Math.abs(at(says(50, 100), 'standard') - (100 * (1 - 0.11 + 1)) / 2) < 1e-9)
  t.ok(Math.abs(at(says(50, 100), 'low_fp') - (100 * (1 - 0.22 + 1)) / 2) < 1e-9)
  t.ok(Math.abs(at(says(50, 100), 'low_fn') - (100 * (1 - 0.11 + 2)) / 3) < 1e-9)
  t.equal(at(says(10, 100), 'standard'), 100, 'what is said while learning counts for nothing')
  t.strictSame([learningRows(200), learningRows(5000), learningRows(20_000)], [30, 750, 750])
  t.match(told([says(50, 100)], 1), { windows: 1, hit: 1, false_alerts: 1, rows: 170 })
})

const root = data('sensors/nab')
t.test(
  'the windowed Gaussian of the benchmark, written down again, has its published scores',
  needsData('sensors/nab/published_results.json'),
  async t => {
    const scored = readNab(root ?? '').map(series => ({ file: series, scores: gaussian(series.values) }))
    const wanted = published(root ?? '').windowedGaussian ?? {}
    for (const [ours, theirs] of [
      ['standard', 'standard'],
      ['low_fp', 'reward_low_FP_rate'],
      ['low_fn', 'reward_low_FN_rate']
    ] as const) {
      const { score } = bestOf(course(scored, profiles[ours]))
      t.ok(Math.abs(score - (wanted[theirs] ?? 0)) < 0.05, `${theirs}: ${score.toFixed(2)}, published ${wanted[theirs]?.toFixed(2)}`)
    }
  }
)

/** How unlikely a value is by the Gaussian of the last 6,400, renewed every hundred. */
const gaussian = (values: readonly number[]): readonly number[] => {
  let [from, to, mean, squares] = [0, 0, 0, 0]
  const enter = (value: number): void => {
    to++
    const before = value - mean
    mean += before / (to - from)
    squares += before * (value - mean)
  }
  return values.map((value, i) => {
    const score = to > 0 ? 1 - tail(value, mean, Math.sqrt(squares / (to - from)) || 1e-6) : 0
    if (to < 6400) enter(value)
    else if (i + 1 - to === 100) {
      const window = values.slice(from + 100, to + 100)
      ;[from, to, mean, squares] = [from + 100, from + 100, 0, 0]
      for (const one of window) enter(one)
    }
    // The benchmark's results are files of twelve digits, in which many are exactly 1.
    return Number(score.toPrecision(12))
  })
}

/** The chance of a Gaussian value at least so far above the mean; below it, as far on that side. */
const tail = (value: number, mean: number, deviation: number): number => {
  const x = Math.abs(value - mean) / deviation / Math.SQRT2
  return 0.5 * (x < 2.5 ? 1 - erf(x) : erfc(x))
}
const erf = (x: number): number => {
  let [term, sum] = [x, x]
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}
/** By its continued fraction, from far out inwards. */
const erfc = (x: number): number => {
  let below = x
  for (let n = 60; n >= 1; n--) below = x + n / 2 / below
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / below
}
