/**
 * What is out of the ordinary: watched series are sampled on a grid of five minutes, judged all at once against what each is at
 * this hour on other days, and what comes of it goes to the rule, the time series and the chart. Doubted readings are neither
 * judged nor learnt.
 */
import { isPassage } from './domain/gates.ts'
import type { Reading } from './domain/reading.ts'
import type { OdditySight } from './domain/rules/rule.ts'
import type { Quantity } from './domain/vocabulary.ts'
import { series_at_most } from './ingest/oddity.ts'
import type { Clock, ExpectedSeries, ExpectedStep, Judge, Judged } from './ports.ts'

export type Oddities = {
  readonly hear: (reading: Reading) => void
  /** Series as they were in the last two days. */
  readonly expected: () => readonly ExpectedSeries[]
  /** Resolves when the last step that has ended is judged. */
  readonly judged: () => Promise<void>
  readonly counters: () => Readonly<Record<'oddity_readings_turned_away_total' | 'oddity_steps_let_go_total', number>>
  readonly close: () => void
}

export type OdditiesParts = {
  readonly clock: Clock
  readonly timezone: string
  readonly quantities: readonly Quantity[]
  readonly judge: Judge
  readonly odd: (oddity: OdditySight) => void
  readonly keep: (of: Series, step: ExpectedStep, score: number) => void
  /** How many days are learnt before anything is odd, and what then is: the rule's own. */
  readonly rule: { readonly learn_days: number; readonly isOdd: (oddity: OdditySight) => boolean }
}

type Series = { readonly device: string; readonly zone: string; readonly quantity: Quantity }
type Sum = { sum: number; n: number }
type Course = { readonly series: Series; learnt_steps: number; steps: ExpectedStep[] }

export const oddity_step_ms = 5 * 60_000
export const oddity_steps_a_day = 86_400_000 / oddity_step_ms
const steps_shown = 2 * oddity_steps_a_day

export const openOddities = ({ clock, timezone, quantities, judge, odd, keep, rule }: OdditiesParts): Oddities => {
  const watched = new Set<Quantity>(quantities)
  const sums = new Map<string, Sum>()
  const courses = new Map<string, Course>()
  let last: Promise<void> = Promise.resolve()
  let waiting = 0
  const count = { oddity_readings_turned_away_total: 0, oddity_steps_let_go_total: 0 }
  /** The step in which the station began is not whole: a sum of it would be too small. */
  let whole = false

  const take = (step: number, { series: key, ...judged }: Judged, value: number): void => {
    const course = courses.get(key)
    if (course === undefined) return
    const at = (step + 0.5) * oddity_step_ms
    const { usual, low, high, score, raw, learnt_steps } = judged
    course.learnt_steps = learnt_steps
    const learnt_days = learnt_steps / oddity_steps_a_day
    const sight =
      usual === undefined || low === undefined || high === undefined
        ? undefined
        : { ...course.series, at, timezone, value, usual, low, high, score, learnt_days }
    const seen: ExpectedStep = { at, value, usual, low, high, odd: sight !== undefined && rule.isOdd(sight) }
    course.steps.push(seen)
    if (course.steps.length > steps_shown) course.steps.shift()
    keep(course.series, seen, raw)
    if (sight !== undefined) odd(sight)
  }

  const judgeStep = async (step: number, values: ReadonlyMap<string, number>): Promise<void> => {
    const judged = await judge.judge(
      step,
      [...values].map(([series, value]) => ({ series, value }))
    )
    if ('refused' in judged) return
    for (const one of judged) {
      const value = values.get(one.series)
      if (value !== undefined) take(step, one, value)
    }
  }

  const end = (step: number): void => {
    const began = !whole
    whole = true
    const values = new Map([...sums].map(([key, { sum, n }]) => [key, isSummed(courses.get(key)?.series.quantity) ? sum : sum / n]))
    sums.clear()
    const oldest = (step - steps_shown) * oddity_step_ms
    for (const [key, { steps }] of courses) if (!values.has(key) && (steps.at(-1)?.at ?? oldest) <= oldest) courses.delete(key)
    if (began || values.size === 0) return
    // A judge that hangs is ended within the step; more than one step never waits behind it.
    if (waiting > 1) {
      count.oddity_steps_let_go_total++
      return
    }
    waiting++
    last = last
      .then(() => judgeStep(step, values))
      .catch(() => undefined)
      .finally(() => {
        waiting--
      })
  }

  let cancel = (): void => undefined
  const next = (): void => {
    const step = Math.floor(clock.now() / oddity_step_ms)
    cancel = clock.wake((step + 1) * oddity_step_ms, () => {
      end(step)
      next()
    })
  }
  if (watched.size > 0) next()

  return {
    hear: ({ device, zone, quantity, value, quality, at }) => {
      if (!watched.has(quantity) || quality !== 'good') return
      // What a device had stored up belongs to another step, which has been judged.
      if (Math.floor(at / oddity_step_ms) !== Math.floor(clock.now() / oddity_step_ms)) return
      const key = `${zone} ${device} ${quantity}`
      if (!courses.has(key)) {
        // As many as the judge has room for: of more than these nobody keeps a chart either.
        if (courses.size >= series_at_most) {
          count.oddity_readings_turned_away_total++
          return
        }
        courses.set(key, { series: { device, zone, quantity }, learnt_steps: 0, steps: [] })
      }
      const sum = sums.get(key)
      if (sum === undefined) sums.set(key, { sum: value, n: 1 })
      else {
        sum.sum += value
        sum.n++
      }
    },
    expected: () =>
      [...courses.values()].map(({ series, learnt_steps, steps }) => {
        const learnt_days = learnt_steps / oddity_steps_a_day
        return { ...series, learnt_days, learning: learnt_days < rule.learn_days, steps: [...steps] }
      }),
    judged: () => last,
    counters: () => ({ ...count }),
    close: () => cancel()
  }
}

/** How many have passed adds up; everything else is what it was on the whole. */
const isSummed = (quantity: Quantity | undefined): boolean => quantity !== undefined && isPassage(quantity)
