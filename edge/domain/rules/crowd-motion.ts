import type { MotionLevel } from '../crowd-motion.ts'
import { rank, type Severity } from '../vocabulary.ts'
import { defineRule } from './rule.ts'

type Memory = { readonly raised: Severity | undefined }
type Settings = { readonly stop_and_go: Severity; readonly turbulent: Severity; readonly clears_at: number }

/**
 * A crowd that moves in waves is about to be pushed, and one that churns is pushed already; its density may not have changed. How long
 * a level must last before it is believed is in the level itself (domain/crowd-motion.ts), so the rule needs no delay of its own.
 */
export default defineRule<Memory, Settings>({
  kind: 'crowd',
  per: 'zone',
  watches: ['motion_level'],
  settings: { stop_and_go: 'orange', turbulent: 'red', clears_at: 1 },
  start: { raised: undefined },
  step: (memory, { zone }, { stop_and_go, turbulent, clears_at }) => {
    const level = zone?.motion?.motion_level
    // Not seen to move is not known to be calm: what was raised stays raised.
    if (zone === undefined || level === undefined) return { memory }
    const severity = severityOf(level, zone.use, stop_and_go, turbulent)
    if (severity !== undefined && (memory.raised === undefined || rank(severity) > rank(memory.raised))) {
      const because =
        level === 4
          ? { say: 'crowd_turbulent' as const, with: { pressure: Number((zone.motion?.crowd_pressure_per_s2 ?? 0).toFixed(2)) } }
          : { say: 'crowd_stop_and_go' as const, with: { value: Number((zone.density_per_m2 ?? 0).toFixed(1)) } }
      return { memory: { raised: severity }, verdict: { raised: true, severity, because } }
    }
    if (memory.raised === undefined || level > clears_at) return { memory }
    return { memory: { raised: undefined }, verdict: { raised: false, because: { say: 'crowd_moves_freely', with: {} } } }
  },
  resume: raised => ({ raised }),
  examples: [
    {
      name: 'a crowd that is slow, or stands, raises nothing',
      quantity: 'motion_level',
      says: { 0: 0, 60: 1, 120: 2, 300: 1 },
      expect: {}
    },
    {
      name: 'stop-and-go is told of once, turbulence is worse, and it ends when people move again',
      quantity: 'motion_level',
      says: { 0: 1, 60: 3, 65: 3, 120: 4, 150: 3, 200: 2, 260: 1 },
      expect: { 60: 'orange', 120: 'red', 260: 'cleared' }
    },
    {
      name: 'a queue moves up in steps, and only its turbulence is a danger',
      use: 'queue',
      quantity: 'motion_level',
      says: { 0: 3, 60: 3, 120: 4 },
      expect: { 120: 'red' }
    }
  ]
})

const severityOf = (level: MotionLevel, use: string, stop_and_go: Severity, turbulent: Severity): Severity | undefined =>
  level === 4 ? turbulent : level === 3 && use !== 'queue' ? stop_and_go : undefined
