import { alarmPoints } from '../evidence.ts'
import { defineHypothesis, type Found } from '../hypothesis.ts'
import type { Severity } from '../vocabulary.ts'
import threshold from './threshold.ts'

/** Alarms of the detector itself. */
const flags = ['smoke_alarm', 'gas_alarm', 'carbon_monoxide_alarm'] as const
/** Values that mean something before they reach their limit: nothing of them belongs into the air. */
const foreign = ['gas_lel_percent', 'carbon_monoxide_ppm', 'smoke_obscuration_percent'] as const
const isOne = <Name extends string>(names: readonly Name[], name: string): name is Name => (names as readonly string[]).includes(name)

/** Fire or gas in one place, from everything that says so: detectors under and over their limits, warmth, people. */
export default defineHypothesis({
  kinds: ['fire', 'gas', 'heat'],
  says_less_than: ['fire', 'gas', 'heat'],
  leans: {
    smoke_alarm: 'fire',
    smoke_obscuration_percent: 'fire',
    temperature_celsius: 'fire',
    temperature_rising: 'fire',
    report_fire: 'fire',
    report_smoke: 'fire',
    gas_alarm: 'gas',
    carbon_monoxide_alarm: 'gas',
    gas_lel_percent: 'gas',
    carbon_monoxide_ppm: 'gas',
    report_gas: 'gas'
  },
  watches: [...flags, ...foreign, 'temperature_celsius'],
  aggravates: ['people_near', 'report_collapse'],
  calls: { people_near: ['medical'], report_collapse: ['medical'] },
  settings: {
    /** Just under its limit; half of it at half the limit. */
    gas_lel_percent: 30,
    carbon_monoxide_ppm: 30,
    smoke_obscuration_percent: 30,
    least_share: 0.3,
    temperature_rising: 20,
    rising_by_celsius: 8,
    report_fire: 50,
    report_smoke: 30,
    report_gas: 25,
    people_near: 20,
    people_near_from_per_m2: 1,
    report_collapse: 20,
    beside_share: 0.5
  },
  read: ({ quantity, value }, settings, warmer_by) => {
    const limits = threshold.settings[quantity] ?? []
    const reached = limits.findLast(({ above }) => value >= above)
    if (isOne(flags, quantity)) return reached === undefined ? [] : [alarm(quantity, reached.severity)]
    const over = reached === undefined ? [] : [{ ...alarm(quantity as Found['sign'], reached.severity), value }]
    if (quantity === 'temperature_celsius') {
      const share = Math.min(1, warmer_by / settings.rising_by_celsius)
      const rising: readonly Found[] =
        share < 0.5 ? [] : [{ sign: 'temperature_rising', points: settings.temperature_rising * share, value: warmer_by }]
      return [...over, ...rising]
    }
    if (over.length > 0 || !isOne(foreign, quantity)) return over
    const share = value / (limits[0]?.above ?? Number.POSITIVE_INFINITY)
    return share < settings.least_share ? [] : [{ sign: quantity, points: settings[quantity] * share, value }]
  },
  see: ({ density_per_m2 = 0 }, { people_near, people_near_from_per_m2 }) =>
    density_per_m2 < people_near_from_per_m2 ? [] : [{ sign: 'people_near', points: people_near, value: density_per_m2 }],
  examples: [
    {
      name: 'gas under its limit, a room that warms and somebody who smells gas are a likely leak before any limit is reached',
      says: {
        0: { temperature_celsius: 21 },
        60: { gas_lel_percent: 6 },
        120: { temperature_celsius: 26 },
        180: '有煤气味'
      },
      expect: { 180: 'orange' }
    },
    {
      name: 'gas under its limit alone says nothing; with a room that warms it is shown, and calls nobody',
      says: { 0: { gas_lel_percent: 9 }, 60: { gas_lel_percent: 9.5 }, 120: { temperature_celsius: 20 }, 400: { temperature_celsius: 26 } },
      expect: { 400: 'blue' }
    },
    {
      name: 'who says that it burns is heard alone, and two hours later it has faded',
      says: { 0: '烧烤摊着火了', 7625: null },
      expect: { 0: 'orange', 7625: 'cleared' }
    },
    {
      name: 'who says that nothing burns has reported no fire',
      says: { 0: '没有着火，是灯光', 60: 'no smoke here' },
      expect: {}
    },
    {
      name: 'a crowd beside gas makes it worse, and a crowd alone is no fire',
      says: { 0: { density_per_m2: 3 }, 30: { gas_lel_percent: 12 }, 40: { carbon_monoxide_ppm: 90 } },
      expect: { 40: 'red' }
    }
  ]
})

const alarm = (sign: Found['sign'], severity: Severity): Found => ({ sign, points: alarmPoints(severity) })
