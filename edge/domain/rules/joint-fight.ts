import { defineHypothesis } from '../hypothesis.ts'

/** People who fight: what others report, and a guard who presses. The press alone is red by itself; a report alone calls the police. */
export default defineHypothesis({
  kinds: ['fight', 'panic'],
  says_less_than: ['fight', 'panic'],
  leans: { report_fight: 'fight', button_pressed: 'panic' },
  watches: ['button_pressed'],
  aggravates: ['report_collapse'],
  calls: { report_collapse: ['medical'] },
  settings: { report_fight: 50, report_collapse: 20, button_pressed: 60, beside_share: 0.5 },
  read: ({ value }, { button_pressed }) => (value < 1 ? [] : [{ sign: 'button_pressed', points: button_pressed }]),
  examples: [
    { name: 'one report of a fight calls the police', says: { 0: '两个人打起来了' }, expect: { 0: 'orange' } },
    {
      name: 'a second person who reports it makes it certain',
      says: { 0: '有人打架', 30: '三号口有人持刀' },
      expect: { 0: 'orange', 30: 'red' }
    },
    { name: 'a press that nobody explains is the business of the button', says: { 0: { button_pressed: 1 } }, expect: {} }
  ]
})
