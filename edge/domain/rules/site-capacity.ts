import { climb, onTheGround, standingAt } from '../hysteresis.ts'
import type { Severity } from '../vocabulary.ts'
import { defineRule } from './rule.ts'

/**
 * A site that fills up, counted at its gates, against its approved number of people. LB/T 034-2014 asks for action at 80 %:
 * announce it, report it, stop the sale of tickets. It acts again at 90 and 100, and lets go only well under each.
 */
export default defineRule({
  kind: 'capacity',
  per: 'zone',
  watches: ['people_entered_total', 'people_left_total', 'people_entered', 'people_left'],
  settings: {
    yellow_percent: 80,
    orange_percent: 90,
    red_percent: 100,
    deadband_percent: 5,
    off_delay_s: 300,
    dwell_s: 300,
    cooldown_s: 600
  },
  start: onTheGround,
  step: (memory, { at, zone }, { yellow_percent, orange_percent, red_percent, deadband_percent, ...times }) => {
    if (zone?.capacity === undefined || zone.inside === undefined) return { memory }
    const limits: Readonly<Record<Severity, number>> = {
      blue: 0,
      yellow: yellow_percent,
      orange: orange_percent,
      red: red_percent
    }
    const steadiness = { ...times, deadband: deadband_percent, on_delay_s: 0, early_on_delay_s: 0, from: 'yellow' as const }
    const percent = (100 * zone.inside) / zone.capacity
    const { heights, turn } = climb(memory, percent, at, severity => limits[severity], steadiness)
    if (turn === undefined) return { memory: heights }
    const { raised, limit } = turn
    const values = { value: zone.inside, capacity: zone.capacity, percent: Math.floor(percent), limit }
    const because = { say: turn.risen ? ('capacity_reached' as const) : ('capacity_released' as const), with: values }
    return { memory: heights, verdict: raised === undefined ? { raised: false, because } : { raised: true, severity: raised, because } }
  },
  resume: standingAt,
  // In these examples a hundred people are allowed, so a count is its per cent.
  examples: [
    {
      name: 'a site that fills acts at 80, 90 and 100 per cent',
      use: 'viewing',
      says: { 0: 60, 60: 79, 120: 80, 180: 89, 240: 91, 300: 99, 360: 100, 420: 104 },
      expect: { 120: 'yellow', 240: 'orange', 360: 'red' }
    },
    {
      name: 'it lets go level by level, five points under each and five minutes later',
      use: 'viewing',
      says: { 0: 101, 60: 96, 120: 94, 400: 94, 420: 94, 430: 84, 720: 84, 729: 84, 730: 84, 740: 74, 1039: 74, 1040: 74 },
      expect: { 0: 'red', 420: 'orange', 730: 'yellow', 1040: 'cleared' }
    },
    {
      name: 'a tour bus more or less at the limit is one alert',
      use: 'viewing',
      says: { 0: 80, 60: 78, 120: 81, 180: 77, 240: 82, 600: 76, 900: 80 },
      expect: { 0: 'yellow' }
    }
  ]
})
