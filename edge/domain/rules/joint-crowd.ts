import { alarmPoints } from '../evidence.ts'
import { defineHypothesis, type Found } from '../hypothesis.ts'
import { isSeverity } from '../vocabulary.ts'

/**
 * People in danger of being pressed, from what cameras count and what people say. What either says alone is the business of its own
 * rule: counted density and reports that pile up keep theirs, which the limits for them were written for.
 */
export default defineHypothesis({
  kinds: ['crowd'],
  says_less_than: ['crowd', 'capacity'],
  leans: {},
  watches: ['button_pressed'],
  // A press or somebody on the ground is no crowd; where people are pressed already it is worse.
  aggravates: ['button_pressed', 'report_collapse'],
  calls: { report_pressed: ['medical'], report_collapse: ['medical'] },
  settings: {
    report_pressed: 45,
    report_crowding: 12,
    report_collapse: 25,
    button_pressed: 25,
    /** A level counts from so long on: a tour group that walks by is no crowd. */
    lasts_s: 30,
    motion_standing: 15,
    motion_waves: 40,
    motion_turbulent: 60,
    beside_share: 0.5
  },
  read: ({ value }, { button_pressed }) => (value < 1 ? [] : [{ sign: 'button_pressed', points: button_pressed }]),
  see: ({ level, since, density_per_m2, motion }, { lasts_s, motion_standing, motion_waves, motion_turbulent }, at) => {
    const dense: readonly Found[] =
      isSeverity(level) && at - since >= lasts_s * 1000
        ? [{ sign: 'density_per_m2', points: alarmPoints(level), ...(density_per_m2 !== undefined && { value: density_per_m2 }) }]
        : []
    const moving = motion?.motion_level ?? 0
    const points = [0, 0, motion_standing, motion_waves, motion_turbulent][moving] ?? 0
    return points === 0 ? dense : [...dense, { sign: 'crowd_motion', points, value: moving }]
  },
  examples: [
    {
      name: 'one person who is being pressed on a platform that is full is red before the platform is',
      says: { 0: { density_per_m2: 3.4 }, 59: { density_per_m2: 3.4 }, 60: '被压在墙边，喘不过气' },
      expect: { 60: 'red' }
    },
    {
      name: 'people who grumble about an ordinary crowd call nobody',
      says: { 0: { density_per_m2: 1.6 }, 60: { density_per_m2: 1.6 }, 120: '人很多', 300: '人太多了' },
      expect: {}
    },
    {
      name: 'a full platform alone is the business of its own limits',
      says: { 0: { density_per_m2: 3.4 }, 60: { density_per_m2: 3.4 }, 120: { density_per_m2: 4.2 }, 180: { density_per_m2: 4.2 } },
      expect: {}
    }
  ]
})
