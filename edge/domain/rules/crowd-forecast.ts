import type { Severity } from '../vocabulary.ts'
import { defineRule } from './rule.ts'

type Memory = { readonly raised: boolean; readonly since?: number }

/**
 * A zone that will very likely be red within minutes: the people of orange are called now, while there is still time. It speaks through
 * the alert of the density, so that one danger in one place is one alert, and it falls silent when the chance is no longer even.
 */
export default defineRule({
  kind: 'crowd',
  per: 'zone',
  joins: 'crowd-density',
  watches: ['people_count', 'density_per_m2'],
  settings: { at_least: 0.8, within_min: 10, gone_below: 0.5, on_delay_s: 20, off_delay_s: 120, severity: 'orange' as Severity },
  start: { raised: false } as Memory,
  step: ({ raised, since }: Memory, { at, zone }, { at_least, within_min, gone_below, on_delay_s, off_delay_s, severity }) => {
    const density = zone?.density_per_m2
    const outlook = zone?.outlook
    // Unknown is not safe: what was foreseen stays until the zone is seen again.
    if (density === undefined || outlook === undefined) return { memory: { raised } }
    const red = outlook.chances.filter(({ minutes }) => minutes <= within_min).at(-1)
    // Nothing left to reach is the other rule's.
    const probability = red?.probability ?? 1
    const turns = raised ? probability < gone_below : red !== undefined && probability >= at_least
    if (!turns) return { memory: { raised } }
    const from = since ?? at
    if (at - from < (raised ? off_delay_s : on_delay_s) * 1000) return { memory: { raised, since: from } }
    const percent = Math.round(probability * 100)
    const limit = red?.threshold_per_m2 ?? density
    return {
      memory: { raised: !raised },
      verdict: raised
        ? { raised: false, because: { say: 'forecast_gone', with: { minutes: within_min, limit, percent, value: density } } }
        : { raised: true, severity, because: { say: 'forecast_red', with: { minutes: within_min, limit, percent, value: density } } }
    }
  },
  resume: (): Memory => ({ raised: true }),
  examples: [
    {
      name: 'a platform that fills by 0.5 p/m² a minute calls people while it is still orange',
      use: 'platform',
      says: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [i * 10, 1.2 + i / 12])),
      expect: { 280: 'orange' }
    },
    {
      name: 'a steady crowd is no forecast, however full',
      use: 'platform',
      says: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i * 10, 3.1 + (i % 2) * 0.1])),
      expect: {}
    },
    {
      name: 'a train that empties the platform ends what was foreseen',
      use: 'platform',
      says: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i * 10, i < 31 ? 1.2 + i / 12 : 1.4])),
      expect: { 280: 'orange', 470: 'cleared' }
    }
  ]
})
