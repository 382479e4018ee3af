import { defineHypothesis } from '../hypothesis.ts'

/** Somebody lies on the ground: one report calls the medics, unless that place has something as grave already, whose evidence it joins. */
export default defineHypothesis({
  kinds: ['collapse'],
  says_less_than: ['collapse', 'crowd', 'fire', 'gas', 'fight', 'panic'],
  leans: {},
  watches: [],
  aggravates: ['people_near'],
  calls: {},
  settings: { report_collapse: 50, people_near: 10, people_near_from_per_m2: 2, beside_share: 0 },
  see: ({ density_per_m2 = 0 }, { people_near, people_near_from_per_m2 }) =>
    density_per_m2 < people_near_from_per_m2 ? [] : [{ sign: 'people_near', points: people_near, value: density_per_m2 }],
  examples: [
    { name: 'one report calls the medics', says: { 0: '有位老人晕倒了' }, expect: { 0: 'orange' } },
    { name: 'a report of something else calls none', says: { 0: '有人把伞落在椅子上' }, expect: {} }
  ]
})
