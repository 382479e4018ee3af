import type { Severity } from '../vocabulary.ts'
import { defineRule } from './rule.ts'

type Memory = { readonly heard: number | undefined; readonly raised: boolean }

/** A device that says nothing any more. Silence is news that time alone brings, so this rule has a `nextDue`. */
export default defineRule({
  kind: 'device',
  per: 'device',
  watches: 'anything',
  // Battery sensors of Zigbee2MQTT, Tasmota and Shelly report at least hourly by default; mains ones far more often.
  settings: { after_s: 4000, severity: 'yellow' as Severity },
  start: { heard: undefined, raised: false } as Memory,
  step: (memory, { at, reading, last_heard }, { after_s, severity }) => {
    if (reading !== undefined) {
      const heard = { heard: at, raised: false }
      return memory.raised ? { memory: heard, verdict: { raised: false, because: { say: 'heard_again', with: {} } } } : { memory: heard }
    }
    const heard = memory.heard ?? last_heard
    if (heard === undefined || memory.raised || at - heard < after_s * 1000) return { memory: { ...memory, heard } }
    const because = { say: 'silent_for' as const, with: { seconds: (at - heard) / 1000, limit: after_s } }
    return { memory: { heard, raised: true }, verdict: { raised: true, severity, because } }
  },
  resume: (_, at) => ({ heard: at, raised: true }),
  nextDue: ({ heard, raised }, { after_s }) => (heard === undefined || raised ? undefined : heard + after_s * 1000),
  examples: [
    {
      name: 'a device that speaks is not silent',
      quantity: 'battery_percent',
      says: { 0: 90, 3000: 90, 6000: 90, 6100: null },
      expect: {}
    },
    {
      name: 'a device that stops is raised once, and cleared by its next word',
      quantity: 'battery_percent',
      says: { 0: 90, 3999: null, 4000: null, 9000: null, 9500: 88 },
      expect: { 4000: 'yellow', 9500: 'cleared' }
    }
  ]
})
