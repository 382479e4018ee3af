import { rank, type Severity, severities } from '../vocabulary.ts'
import { densityLimits, levelOf } from '../zone.ts'
import { defineRule } from './rule.ts'

type Memory = {
  readonly raised: Severity | undefined
  readonly above: Readonly<Partial<Record<Severity, number>>>
  readonly below?: number
}
const nothing: Memory = { raised: undefined, above: {} }

/**
 * Too many people for what the zone is used for, long enough that it is not one group walking by.
 * Rises level by level; falls only under the limit less the deadband, and not at the first gap in the crowd.
 */
export default defineRule({
  kind: 'crowd',
  per: 'zone',
  watches: ['people_count', 'density_per_m2'],
  settings: { deadband_per_m2: 0.3, on_delay_s: 5, off_delay_s: 30, from: 'yellow' as Severity },
  start: nothing,
  step: (memory, { at, zone }, { deadband_per_m2, on_delay_s, off_delay_s, from }) => {
    const density = zone?.density_per_m2
    // Unknown is not empty: what was raised stays raised until the zone is seen again.
    if (zone === undefined || density === undefined) return { memory }
    const limits = densityLimits[zone.use]
    const watched = severities.filter(severity => rank(severity) >= rank(from))
    const above: Partial<Record<Severity, number>> = {}
    for (const severity of watched) if (rank(levelOf(zone.use, density)) >= rank(severity)) above[severity] = memory.above[severity] ?? at
    const held = watched.filter(severity => at - (above[severity] ?? at) >= on_delay_s * 1000 && above[severity] !== undefined).at(-1)

    if (held !== undefined && (memory.raised === undefined || rank(held) > rank(memory.raised))) {
      const because = {
        say: 'density_above' as const,
        with: { value: density, limit: limits[rank(held) - 1] ?? 0, level: held, seconds: (at - (above[held] ?? at)) / 1000 }
      }
      return { memory: { raised: held, above }, verdict: { raised: true, severity: held, because } }
    }
    if (memory.raised === undefined) return { memory: { raised: undefined, above } }

    const limit = (limits[rank(memory.raised) - 1] ?? 0) - deadband_per_m2
    if (density >= limit) return { memory: { raised: memory.raised, above } }
    const below = memory.below ?? at
    if (at - below < off_delay_s * 1000) return { memory: { raised: memory.raised, above, below } }
    const lower = watched.filter(severity => density >= (limits[rank(severity) - 1] ?? 0) - deadband_per_m2).at(-1)
    const because = { say: 'density_below' as const, with: { value: density, limit } }
    return lower === undefined
      ? { memory: { raised: undefined, above }, verdict: { raised: false, because } }
      : { memory: { raised: lower, above }, verdict: { raised: true, severity: lower, because } }
  },
  resume: raised => ({ raised, above: {} }),
  examples: [
    { name: 'a tour group passing through raises nothing', use: 'platform', says: { 0: 2.6, 2: 2.7, 4: 1.2, 10: 1.1 }, expect: {} },
    {
      name: 'a platform that fills rises level by level, once each',
      use: 'platform',
      says: { 0: 2.2, 10: 2.6, 15: 2.7, 30: 3.4, 35: 3.5, 60: 4.1, 65: 4.2, 70: 4.6 },
      expect: { 15: 'yellow', 35: 'orange', 65: 'red' }
    },
    {
      name: 'it clears only under the deadband, and only when that lasts',
      use: 'platform',
      says: { 0: 2.6, 5: 2.6, 10: 2.3, 20: 2.1, 30: 2.4, 40: 2.1, 60: 2, 70: 1.9 },
      expect: { 5: 'yellow', 70: 'cleared' }
    },
    { name: 'stairs are dangerous sooner than a viewing area', use: 'stairs', says: { 0: 3.1, 5: 3.1 }, expect: { 5: 'red' } },
    { name: 'exactly the limit counts as above', use: 'viewing', says: { 0: 3, 5: 3 }, expect: { 5: 'yellow' } }
  ]
})
