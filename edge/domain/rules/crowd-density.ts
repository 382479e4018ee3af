import { climb, onTheGround, standingAt } from '../hysteresis.ts'
import { rank, type Severity } from '../vocabulary.ts'
import { limitsOf } from '../zone.ts'
import { defineRule } from './rule.ts'

/**
 * Too many people for what the zone is used for, long enough that it is not one group walking by: a minute for yellow, which asks
 * to look, five seconds for what people are called for.
 * Rises level by level; falls only under the limit less the deadband, and not at the first gap in the crowd.
 */
export default defineRule({
  kind: 'crowd',
  per: 'zone',
  watches: ['people_count', 'density_per_m2'],
  settings: {
    deadband_per_m2: 0.3,
    on_delay_s: 5,
    early_on_delay_s: 60,
    off_delay_s: 30,
    dwell_s: 60,
    cooldown_s: 120,
    from: 'yellow' as Severity,
    /** Yellow from here on instead of the zone's own limit, which 0 leaves. */
    yellow_per_m2: 0
  },
  start: onTheGround,
  step: (memory, { at, zone }, { deadband_per_m2, yellow_per_m2, ...steadiness }) => {
    const density = zone?.density_per_m2
    // Unknown is not empty: what was raised stays raised until the zone is seen again.
    if (zone === undefined || density === undefined) return { memory }
    const limitOf = (severity: Severity): number =>
      severity === 'yellow' && yellow_per_m2 > 0 ? yellow_per_m2 : (zone.limits_per_m2[rank(severity) - 1] ?? 0)
    const { heights, turn } = climb(memory, density, at, limitOf, { deadband: deadband_per_m2, ...steadiness })
    if (turn === undefined) return { memory: heights }
    const { raised, limit } = turn
    const because = turn.risen
      ? { say: 'density_above' as const, with: { value: density, limit, level: turn.raised, seconds: turn.seconds } }
      : { say: 'density_below' as const, with: { value: density, limit } }
    return { memory: heights, verdict: raised === undefined ? { raised: false, because } : { raised: true, severity: raised, because } }
  },
  resume: standingAt,
  // Yellow alone, which asks to look: what people are called for stays as the use of the zone has it.
  tunes: {
    quantities: ['density_per_m2'],
    limit: ({ yellow_per_m2 }: { yellow_per_m2: number }, _, zone) => {
      const [blue, yellow, orange] = limitsOf(zone)
      return { now: yellow_per_m2 > 0 ? yellow_per_m2 : yellow, least: blue, most: orange - 0.3, kind: 'crowd' }
    },
    with: (_, __, yellow_per_m2) => ({ yellow_per_m2 })
  },
  examples: [
    {
      name: 'a tour group passing through raises nothing',
      use: 'platform',
      says: { 0: 2.6, 2: 2.7, 40: 2.6, 50: 1.2, 70: 1.1 },
      expect: {}
    },
    {
      name: 'a platform that fills rises level by level, once each',
      use: 'platform',
      says: { 0: 2.2, 10: 2.6, 40: 2.7, 70: 2.8, 90: 3.4, 95: 3.5, 120: 4.1, 125: 4.2, 130: 4.6 },
      expect: { 70: 'yellow', 95: 'orange', 125: 'red' }
    },
    {
      name: 'it clears only under the deadband, and only when that lasts',
      use: 'platform',
      says: { 0: 2.6, 60: 2.6, 70: 2.3, 80: 2.1, 90: 2.4, 100: 2.1, 120: 2, 130: 1.9 },
      expect: { 60: 'yellow', 130: 'cleared' }
    },
    {
      name: 'what was raised stays for a minute, however empty it looks',
      use: 'platform',
      says: { 0: 3.4, 5: 3.4, 6: 1, 40: 1, 64: 1, 65: 1 },
      expect: { 5: 'orange', 65: 'cleared' }
    },
    {
      name: 'what comes back within two minutes is held back unless it is worse; red never waits',
      use: 'platform',
      says: { 0: 3.4, 5: 3.4, 30: 1, 70: 1, 80: 3.4, 90: 3.4, 100: 4.1, 105: 4.1, 140: 1, 180: 1, 190: 4.1, 195: 4.1 },
      expect: { 5: 'orange', 70: 'cleared', 105: 'red', 180: 'cleared', 195: 'red' }
    },
    { name: 'stairs are dangerous sooner than a viewing area', use: 'stairs', says: { 0: 3.1, 5: 3.1 }, expect: { 5: 'red' } },
    { name: 'exactly the limit counts as above', use: 'viewing', says: { 0: 4, 5: 4 }, expect: { 5: 'orange' } }
  ]
})
