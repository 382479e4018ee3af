import { isOfLife } from '../proposal.ts'
import { chatter } from '../quality.ts'
import { isOld, isUnbelievable, type Reading } from '../reading.ts'
import { believable, type IncidentKind, type Quantity, quantities, rank, type Severity } from '../vocabulary.ts'
import { defineRule, type Sight, type Verdict } from './rule.ts'

type Limit = {
  readonly kind: IncidentKind
  readonly above: number
  readonly deadband: number
  readonly on_delay_s: number
  readonly severity: Severity
  /** A press has no end of its own: the condition is over this long after the last one. */
  readonly lasts_s?: number
}
type Memory = {
  readonly raised: Severity | undefined
  readonly above: Readonly<Record<number, number>>
  readonly until?: number
  readonly quantity?: Quantity
}
type Step = { readonly memory: Memory; readonly verdict?: Verdict }

/** What is newer says that it is over: it is told, and its condition has gone this long after. */
const told_for_ms = 60_000

/**
 * What was true some time ago is history and wakes nobody, with one exception: an alarm that reached us only after a gap is told,
 * with its age, because nobody else may have heard it. It ends nothing: of now it says nothing.
 */
const heardLate = (memory: Memory, { at, reading, as_of = '' }: Sight, limits: readonly Limit[]): Step => {
  const limit = limits.at(-1)
  if (reading === undefined || limit === undefined || memory.raised !== undefined || !believable(reading.quantity).urgent) return { memory }
  const { quantity, value, doubt } = reading
  if (value < limit.above) return { memory }
  const lasts_ms = limit.lasts_s === undefined ? undefined : limit.lasts_s * 1000
  const over = doubt === 'out_of_order' ? (lasts_ms ?? told_for_ms) : lasts_ms
  return {
    memory: { raised: limit.severity, above: {}, ...(over !== undefined && { until: at + over, quantity }) },
    verdict: { raised: true, severity: limit.severity, kind: limit.kind, because: { say: 'flag_set_then', with: { quantity, as_of } } }
  }
}

/** No sensor can follow the world so fast: somebody looks, and a second such value makes it what it is. It ends nothing. */
const doubtful = (memory: Memory, { quantity, value }: Reading, limits: readonly Limit[], unit: string): Step => {
  const limit = limits.findLast(({ above }) => value >= above)
  if (limit === undefined || memory.raised !== undefined) return { memory }
  const severity = rank(limit.severity) > rank('yellow') ? 'yellow' : limit.severity
  const because = { say: 'value_jumped' as const, with: { quantity, value, limit: limit.above, unit } }
  return { memory: { ...memory, raised: severity }, verdict: { raised: true, severity, kind: limit.kind, because } }
}

/**
 * A sensor over its limit. Alarms of the sensor itself (smoke, gas, a pressed button) speak at once; measured values wait
 * out their on-delay and clear only under the deadband, so a value that trembles at the limit is one alert.
 */
export default defineRule({
  kind: 'other',
  per: 'series',
  watches: [
    'smoke_alarm',
    'gas_alarm',
    'carbon_monoxide_alarm',
    'water_leak',
    'button_pressed',
    'mains_lost',
    'path_check',
    'gas_lel_percent',
    'carbon_monoxide_ppm',
    'smoke_obscuration_percent',
    'temperature_celsius',
    'co2_ppm'
  ],
  settings: {
    smoke_alarm: [{ kind: 'fire', above: 1, deadband: 0, on_delay_s: 0, severity: 'red' }],
    gas_alarm: [{ kind: 'gas', above: 1, deadband: 0, on_delay_s: 0, severity: 'red' }],
    carbon_monoxide_alarm: [{ kind: 'gas', above: 1, deadband: 0, on_delay_s: 0, severity: 'red' }],
    water_leak: [{ kind: 'water', above: 1, deadband: 0, on_delay_s: 0, severity: 'yellow' }],
    button_pressed: [{ kind: 'panic', above: 1, deadband: 0, on_delay_s: 0, severity: 'red', lasts_s: 60 }],
    // As a power supply or a switch with a battery tells it: the cause of all that falls silent behind it.
    mains_lost: [{ kind: 'outage', above: 1, deadband: 0, on_delay_s: 0, severity: 'orange' }],
    // The station's own hourly check of the whole path: it calls nobody, unless it does not come through.
    path_check: [{ kind: 'path', above: 1, deadband: 0, on_delay_s: 0, severity: 'blue' }],
    // 10 %LEL is the usual first alarm of a gas detector, 25 %LEL the usual second.
    gas_lel_percent: [
      { kind: 'gas', above: 10, deadband: 2, on_delay_s: 0, severity: 'orange' },
      { kind: 'gas', above: 25, deadband: 5, on_delay_s: 0, severity: 'red' }
    ],
    // EN 50291: an alarm within 10 to 40 minutes at 100 ppm, within 3 minutes at 300.
    carbon_monoxide_ppm: [
      { kind: 'gas', above: 100, deadband: 20, on_delay_s: 600, severity: 'orange' },
      { kind: 'gas', above: 300, deadband: 50, on_delay_s: 0, severity: 'red' }
    ],
    // EN 14604 detectors alarm at about 0.05–0.2 dB/m, that is 1–5 %/m.
    smoke_obscuration_percent: [{ kind: 'fire', above: 4, deadband: 1, on_delay_s: 5, severity: 'red' }],
    temperature_celsius: [
      { kind: 'heat', above: 45, deadband: 3, on_delay_s: 60, severity: 'yellow' },
      { kind: 'fire', above: 57, deadband: 5, on_delay_s: 0, severity: 'red' }
    ],
    co2_ppm: [{ kind: 'other', above: 2000, deadband: 300, on_delay_s: 300, severity: 'blue' }]
  } as Partial<Record<Quantity, readonly Limit[]>>,
  start: { raised: undefined, above: {} } as Memory,
  step: (memory, sight, settings) => {
    const { at, reading } = sight
    if (reading === undefined) {
      if (memory.until === undefined || at < memory.until) return { memory }
      const because = { say: 'flag_unset' as const, with: { quantity: memory.quantity ?? '' } }
      return { memory: { raised: undefined, above: {} }, verdict: { raised: false, because } }
    }
    if (isUnbelievable(reading)) return { memory }
    const { quantity, value, doubt } = reading
    const limits = settings[quantity] ?? []
    const { unit, max } = quantities[quantity]
    const isFlag = max === 1
    if (isOld(reading)) return heardLate(memory, sight, limits)
    if (doubt === 'jump') return doubtful(memory, reading, limits, unit)
    const above = Object.fromEntries(limits.flatMap((limit, i) => (value >= limit.above ? [[i, memory.above[i] ?? at]] : [])))
    const held = limits.filter((limit, i) => above[i] !== undefined && at - above[i] >= limit.on_delay_s * 1000).at(-1)
    const until = held?.lasts_s === undefined ? {} : { until: at + held.lasts_s * 1000, quantity }
    if (held !== undefined && (memory.raised === undefined || rank(held.severity) > rank(memory.raised))) {
      const because = isFlag
        ? { say: 'flag_set' as const, with: { quantity } }
        : { say: 'value_above' as const, with: { quantity, value, limit: held.above, unit } }
      return {
        memory: { raised: held.severity, above, ...until },
        verdict: { raised: true, severity: held.severity, kind: held.kind, because }
      }
    }
    if (memory.raised === undefined) return { memory: { raised: undefined, above } }
    const lowest = limits[0]
    const { until: _, ...lasting } = memory
    if (lowest === undefined || value >= lowest.above - lowest.deadband) return { memory: { ...lasting, above, ...until } }
    // A loose contact stays one alert until it has been calm.
    if (doubt === 'flapping') return { memory: { ...memory, above, until: at + chatter.calm_ms, quantity } }
    // A button that is let go is not a danger that has gone: the press lasts its time.
    if (memory.until !== undefined && lowest.lasts_s !== undefined) return { memory }
    const because = isFlag
      ? { say: 'flag_unset' as const, with: { quantity } }
      : { say: 'value_below' as const, with: { quantity, value, limit: lowest.above - lowest.deadband, unit } }
    return { memory: { raised: undefined, above }, verdict: { raised: false, because } }
  },
  resume: (raised, at, quantity, settings) => {
    const lasts_s = quantity === undefined ? undefined : settings[quantity]?.find(limit => limit.severity === raised)?.lasts_s
    return { raised, above: {}, ...(lasts_s !== undefined && quantity !== undefined && { until: at + lasts_s * 1000, quantity }) }
  },
  nextDue: ({ until }) => until,
  // The first limit only: it asks to look, and what is graver stays as the standard has it.
  tunes: {
    quantities: ['temperature_celsius', 'co2_ppm', 'gas_lel_percent', 'carbon_monoxide_ppm', 'smoke_obscuration_percent'],
    limit: (settings: Partial<Record<Quantity, readonly Limit[]>>, quantity) => {
      const [first, next] = settings[quantity] ?? []
      if (first === undefined || quantities[quantity].max === 1) return undefined
      const highest = next === undefined ? 2 * first.above : next.above - next.deadband
      return { now: first.above, least: first.above / 2, most: isOfLife(first.kind, quantity) ? first.above : highest, kind: first.kind }
    },
    with: (settings: Partial<Record<Quantity, readonly Limit[]>>, quantity, above) => ({
      [quantity]: (settings[quantity] ?? []).map((limit, i) => (i === 0 ? { ...limit, above } : limit))
    })
  },
  examples: [
    {
      name: 'a panic press is one alert, over a minute after the last press',
      quantity: 'button_pressed',
      says: { 0: 1, 1: 0, 5: 1, 60: null, 65: null },
      expect: { 0: 'red', 65: 'cleared' }
    },
    {
      name: 'a smoke alarm is red at once',
      quantity: 'smoke_alarm',
      says: { 0: 0, 10: 1, 20: 1, 90: 0 },
      expect: { 10: 'red', 90: 'cleared' }
    },
    {
      name: 'gas that trembles at 10 %LEL is one alert',
      quantity: 'gas_lel_percent',
      says: { 0: 9.9, 1: 10, 2: 9.5, 3: 10.2, 4: 7.9 },
      expect: { 1: 'orange', 4: 'cleared' }
    },
    {
      name: 'gas that goes on rising becomes red',
      quantity: 'gas_lel_percent',
      says: { 0: 12, 5: 26, 9: 22, 20: 1 },
      expect: { 0: 'orange', 5: 'red', 20: 'cleared' }
    },
    {
      name: 'a warm minute is not yet heat',
      quantity: 'temperature_celsius',
      says: { 0: 46, 59: 46, 60: 46, 61: 41 },
      expect: { 60: 'yellow', 61: 'cleared' }
    },
    {
      name: 'a loose contact is one alert until it has been calm for five minutes',
      quantity: 'smoke_alarm',
      says: { 0: 0, 5: 1, 10: 0, 15: 1, 20: 0, 25: 1, 30: 0, 32: 1, 35: 0, 335: null },
      expect: { 5: 'red', 10: 'cleared', 15: 'red', 20: 'cleared', 25: 'red', 335: 'cleared' }
    },
    { name: 'a flame is red without delay', quantity: 'temperature_celsius', says: { 0: 30, 10: 58 }, expect: { 10: 'red' } }
  ]
})
