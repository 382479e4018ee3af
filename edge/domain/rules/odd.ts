import { daypartAt, weekdayAt } from '../local-time.ts'
import { type Quantity, quantities, type Severity } from '../vocabulary.ts'
import type { Sentence } from '../words.ts'
import { defineRule, type OdditySight } from './rule.ts'

type Memory = { readonly raised: boolean; readonly usual_steps: number }
export type Settings = {
  readonly from: number
  readonly very: number
  readonly learn_days: number
  readonly back_steps: number
  readonly severity: Severity
  readonly very_severity: Severity
  /** What is no matter: a difference to the usual that is smaller is never told. */
  readonly least: Readonly<Partial<Record<Quantity, number>>>
}

/** Known for long enough, rarer than it ever was, outside of its band, and by more than is no matter. */
export const isOdd = ({ value, usual, low, high, score, learnt_days, quantity }: OdditySight, settings: Settings): boolean =>
  learnt_days >= settings.learn_days &&
  score >= settings.from &&
  (value < low || value > high) &&
  Math.abs(value - usual) >= (settings.least[quantity] ?? 0)

/**
 * A series that is not what it is at this hour on other days. It tells and calls nobody: what it means, a person sees in the chart.
 * Nothing is told before a whole week is known, and one oddity is one alert, until the series has been usual again for a while.
 */
export default defineRule<Memory, Settings>({
  kind: 'odd',
  per: 'oddity',
  watches: [],
  settings: {
    from: 0.9,
    very: 1.35,
    learn_days: 7,
    back_steps: 3,
    severity: 'blue',
    very_severity: 'yellow',
    least: {
      people_count: 5,
      flow_per_min: 3,
      flow_in_per_min: 3,
      flow_out_per_min: 3,
      people_entered: 10,
      people_left: 10,
      sound_db: 6,
      temperature_celsius: 2,
      co2_ppm: 150,
      power_watts: 100
    }
  },
  start: { raised: false, usual_steps: 0 },
  step: ({ raised, usual_steps }, { oddity }, settings) => {
    if (oddity === undefined) return { memory: { raised, usual_steps } }
    const { back_steps, very, severity, very_severity } = settings
    const { value, low, high, score } = oddity
    const inside = value >= low && value <= high
    if (raised) {
      if (!inside) return { memory: { raised, usual_steps: 0 } }
      if (usual_steps + 1 < back_steps) return { memory: { raised, usual_steps: usual_steps + 1 } }
      return {
        memory: { raised: false, usual_steps: 0 },
        verdict: { raised: false, because: { say: 'odd_over', with: named(oddity, { value: rounded(value) }) } }
      }
    }
    if (!isOdd(oddity, settings)) return { memory: { raised, usual_steps: 0 } }
    return {
      memory: { raised: true, usual_steps: 0 },
      verdict: { raised: true, severity: score >= very ? very_severity : severity, because: because(oddity) }
    }
  },
  resume: () => ({ raised: true, usual_steps: 0 }),
  examples: [
    {
      name: 'six times what is usual at this hour is one alert, over when three steps were usual again',
      says: { 0: 12, 300: 60, 600: 64, 900: 14, 1200: 12, 1500: 13 },
      expect: { 300: 'yellow', 1500: 'cleared' }
    },
    {
      name: 'a busy evening within its band is nothing, and a little outside of it neither',
      says: { 0: 14, 300: 15, 600: 17 },
      expect: {}
    },
    { name: 'nobody where there are always some is odd too', says: { 0: 10, 300: -12 }, expect: { 300: 'blue' } }
  ]
})

/** Twice as much can be said as a multiple; what is nearly nothing, or may be below nothing, has none. */
const because = (oddity: OdditySight): Sentence => {
  const { value, usual, low, high, quantity } = oddity
  const { min } = quantities[quantity]
  if (min === 0 && usual >= 1 && value >= 2 * usual)
    return { say: 'odd_times', with: named(oddity, { times: one(value / usual), value: rounded(value), usual: rounded(usual) }) }
  const band = { value: rounded(value), low: rounded(Math.max(low, min)), high: rounded(high) }
  return { say: value > usual ? 'odd_above' : 'odd_below', with: named(oddity, band) }
}

const named = ({ zone, device, quantity, at, timezone }: OdditySight, more: Record<string, number>): Record<string, string | number> => ({
  day: weekdayAt(at, timezone),
  when: daypartAt(at, timezone),
  zone,
  device,
  quantity,
  measure: quantities[quantity].unit,
  ...more
})
const one = (value: number): number => Math.round(value * 10) / 10
const rounded = (value: number): number => (Math.abs(value) >= 20 ? Math.round(value) : one(value))
