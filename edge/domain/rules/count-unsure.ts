import type { Severity } from '../vocabulary.ts'
import { defineRule } from './rule.ts'

type Memory = { readonly unsure_since: number | undefined; readonly sure_since: number | undefined; readonly raised: boolean }
type Settings = { readonly on_delay_s: number; readonly off_delay_s: number; readonly severity: Severity }

/** A zone whose count is not to be believed: too dark, beyond what the model was shown, or from normal to dangerous. */
export default defineRule<Memory, Settings>({
  kind: 'camera',
  per: 'zone',
  watches: ['people_count'],
  settings: { on_delay_s: 10, off_delay_s: 30, severity: 'yellow' },
  start: { unsure_since: undefined, sure_since: undefined, raised: false },
  step: (memory, { at, zone }, { on_delay_s, off_delay_s, severity }) => {
    if (zone === undefined) return { memory }
    if (zone.unsure === undefined) {
      const sure_since = memory.sure_since ?? at
      if (!memory.raised) return { memory: { unsure_since: undefined, sure_since, raised: false } }
      // Unseen is not sure: what was doubted stays doubted until somebody counts again.
      if (zone.level === 'unknown') return { memory }
      if (at - sure_since < off_delay_s * 1000) return { memory: { ...memory, sure_since } }
      return {
        memory: { unsure_since: undefined, sure_since, raised: false },
        verdict: { raised: false, because: { say: 'count_sure', with: { zone: zone.id } } }
      }
    }
    const unsure_since = memory.unsure_since ?? at
    const now: Memory = { ...memory, unsure_since, sure_since: undefined }
    if (memory.raised || at - unsure_since < on_delay_s * 1000) return { memory: now }
    const because = { say: `unsure_${zone.unsure}` as const, with: { zone: zone.id } }
    return { memory: { ...now, raised: true }, verdict: { raised: true, severity, because } }
  },
  resume: (_, at) => ({ unsure_since: at, sure_since: undefined, raised: true }),
  examples: [
    { name: 'a doubt that passes raises nothing', says: { 0: 1, 2: 'too_wide', 6: 'too_wide', 8: 1, 20: 1 }, expect: {} },
    {
      name: 'a zone in the dark is looked at by somebody, until it is clear for half a minute',
      says: { 0: 'too_dark', 10: 'too_dark', 60: 1, 75: 'too_dark', 80: 1, 110: 1 },
      expect: { 10: 'yellow', 110: 'cleared' }
    }
  ]
})
