import fc from 'fast-check'
import t from 'tap'
import { climb, onDelay, onTheGround, type Steadiness } from '../../edge/domain/hysteresis.ts'
import crowdDensity from '../../edge/domain/rules/crowd-density.ts'
import { rank, type Severity, severities } from '../../edge/domain/vocabulary.ts'
import { densityLimits } from '../../edge/domain/zone.ts'
import { climbPlainly, type Said, type Seen } from '../support/climb-reference.ts'

const { deadband_per_m2, ...rest } = crowdDensity.settings
const usual: Steadiness = { deadband: deadband_per_m2, ...rest }
const limitOf = (severity: Severity): number => densityLimits.platform[rank(severity) - 1] ?? 0

const said = (seen: readonly Seen[], steadiness = usual): readonly Said[] => {
  const all: Said[] = []
  let heights = onTheGround
  for (const { at, value } of seen) {
    const step = climb(heights, value, at, limitOf, steadiness)
    heights = step.heights
    if (step.turn !== undefined) all.push({ at, raised: step.turn.raised })
  }
  return all
}
/** Rises to this level or above it from below it. */
const raisedTo = (level: Severity, turns: readonly Said[]): number =>
  turns.filter(({ raised }, i) => rank(raised ?? 'green') >= rank(level) && rank(turns[i - 1]?.raised ?? 'green') < rank(level)).length

/** Anything a zone may be seen to do: long calm stretches, jumps, values exactly at limits, irregular pace. */
const limits = [...densityLimits.platform]
const value = fc.oneof(
  fc.double({ min: 0, max: 6, noNaN: true }),
  fc.constantFrom(...limits, ...limits.map(limit => limit - usual.deadband))
)
const stretch = fc.record({ value, times: fc.integer({ min: 1, max: 30 }), every_s: fc.constantFrom(0.5, 1, 5, 9, 60) })
const anything = fc.array(stretch, { maxLength: 30 }).map(stretches => {
  let at = 0
  return stretches.flatMap(({ value, times, every_s }) =>
    Array.from({ length: times }, (): Seen => {
      at += every_s * 1000
      return { at, value }
    })
  )
})
const settings = fc.record({
  deadband: fc.constantFrom(0, 0.3, 1),
  on_delay_s: fc.constantFrom(0, 5, 30),
  early_on_delay_s: fc.constantFrom(0, 5, 60),
  off_delay_s: fc.constantFrom(0, 30, 90),
  dwell_s: fc.constantFrom(0, 60, 200),
  cooldown_s: fc.constantFrom(0, 120, 600),
  from: fc.constantFrom(...severities)
})

t.test('whatever is seen, it says what somebody would who looks back over everything', async t => {
  fc.assert(
    fc.property(anything, settings, (seen, steadiness) => {
      t.strictSame(said(seen, steadiness), climbPlainly(seen, limitOf, steadiness))
    }),
    { numRuns: 400 }
  )
})

/**
 * A breach of a level: the value has been at or above its limit, or that of a graver one, for the delay of that limit. It is over
 * when the value has been under the limit less the deadband for the off-delay. Counted here over the whole curve, with no memory
 * of what was said.
 */
const breaches = (level: Severity, seen: readonly Seen[]): number => {
  const graver = severities.filter(one => rank(one) >= rank(level))
  const above = new Map<Severity, number>()
  let count = 0
  let open = false
  let below: number | undefined
  for (const { at, value } of seen) {
    for (const one of graver) {
      if (value < limitOf(one)) above.delete(one)
      else if (!above.has(one)) above.set(one, at)
    }
    if (!open && graver.some(one => at - (above.get(one) ?? Number.POSITIVE_INFINITY) >= onDelay(one, usual) * 1000)) {
      count += 1
      open = true
      below = undefined
    } else if (open) {
      below = value < limitOf(level) - usual.deadband ? (below ?? at) : undefined
      if (below !== undefined && at - below >= usual.off_delay_s * 1000) open = false
    }
  }
  return count
}

t.test('any noise gives at most one alert a breach, at every level', async t => {
  const noisy = fc
    .record({
      heights: fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 12 }),
      noise: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 80 })
    })
    .map(({ heights, noise }) =>
      Array.from(
        { length: heights.length * 60 },
        (_, i): Seen => ({
          at: i * 1000,
          value: Math.max(0, (heights[Math.floor(i / 60)] ?? 0) + (noise[i % noise.length] ?? 0))
        })
      )
    )
  let heard = 0
  fc.assert(
    fc.property(fc.oneof(noisy, anything), seen => {
      const turns = said(seen)
      for (const level of severities.filter(one => rank(one) >= rank(usual.from))) {
        heard += raisedTo(level, turns)
        t.ok(
          raisedTo(level, turns) <= breaches(level, seen),
          `${level}: ${raisedTo(level, turns)} alerts, ${breaches(level, seen)} breaches`
        )
      }
    }),
    { numRuns: 300 }
  )
  t.ok(heard > 50, `${heard} alerts were among them`)
})

t.test('a value that trembles at a limit for an hour is one alert', async t => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -0.29, max: 3, noNaN: true }), { minLength: 3600, maxLength: 3600 }), noise => {
      const turns = said(noise.map((one, i) => ({ at: i * 1000, value: limitOf('yellow') + one })))
      for (const level of severities) t.ok(raisedTo(level, turns) <= 1, level)
    }),
    { numRuns: 20 }
  )
})

t.test('red is never kept waiting: not by what came before it, not by a minute of staying, not by the time after it cleared', async t => {
  fc.assert(
    fc.property(anything, seen => {
      const turns = said(seen)
      let above: number | undefined
      for (const { at, value } of seen) {
        above = value >= limitOf('red') ? (above ?? at) : undefined
        if (above === undefined || at - above < usual.on_delay_s * 1000) continue
        t.equal(turns.findLast(turn => turn.at <= at)?.raised, 'red', `red at ${at / 1000} s`)
      }
    }),
    { numRuns: 300 }
  )
})
