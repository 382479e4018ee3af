import { chatter } from '../quality.ts'
import type { Quantity, Severity } from '../vocabulary.ts'
import { defineRule } from './rule.ts'

type Memory = { readonly until?: number; readonly quantity?: Quantity }

/** A loose contact: its own alert stays as it is, and whoever mends things is told once. */
export default defineRule({
  kind: 'device',
  per: 'series',
  watches: ['smoke_alarm', 'gas_alarm', 'carbon_monoxide_alarm', 'water_leak', 'tamper', 'battery_low'],
  settings: { severity: 'blue' as Severity },
  start: {} as Memory,
  step: (memory, { at, reading }, { severity }) => {
    const { until, quantity = '' } = memory
    if (reading?.doubt === 'flapping') {
      const flaps = { until: at + chatter.calm_ms, quantity: reading.quantity }
      if (until !== undefined) return { memory: flaps }
      return { memory: flaps, verdict: { raised: true, severity, because: { say: 'flaps', with: { quantity: reading.quantity } } } }
    }
    if (until === undefined || at < until) return { memory }
    return { memory: {}, verdict: { raised: false, because: { say: 'calm_again', with: { quantity } } } }
  },
  resume: (_, at, quantity) => ({ until: at + chatter.calm_ms, ...(quantity !== undefined && { quantity }) }),
  nextDue: ({ until }) => until,
  examples: [
    {
      name: 'an alarm that comes and goes once does not flap',
      quantity: 'smoke_alarm',
      says: { 0: 0, 10: 1, 20: 0, 400: null },
      expect: {}
    },
    {
      name: 'a contact that comes and goes three times within a minute does, until it was calm for five',
      quantity: 'smoke_alarm',
      says: { 0: 0, 5: 1, 10: 0, 15: 1, 20: 0, 25: 1, 30: 0, 35: 0, 335: null },
      expect: { 30: 'blue', 335: 'cleared' }
    }
  ]
})
