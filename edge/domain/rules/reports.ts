import { type Spoken, spokenIn } from '../report-words.ts'
import { rank, type Severity } from '../vocabulary.ts'
import { defineRule, type ReportSight } from './rule.ts'

type Heard = { readonly at: number; readonly crush: boolean }
type Raised = { readonly severity: Severity; readonly at: number }
type Memory = { readonly raised?: Raised; readonly heard: readonly Heard[] }

/** What a person at the desk files reports of a crowd under. */
const about: readonly string[] = ['crowd', 'other', 'panic']
const most_heard = 50

/** What people had settled before this report counts no more: the danger was looked at and closed. */
const since = ({ raised, heard }: Memory, settled_at: number): Memory => ({
  ...(raised !== undefined && raised.at > settled_at && { raised }),
  heard: heard.filter(({ at }) => at > settled_at)
})
/** What is filed under another heading counts when its words are about the crowd, and what says a smell of gas does not. */
const isAbout = ({ kind }: ReportSight, spoken: readonly Spoken[]): boolean =>
  spoken.some(({ sign }) => sign === 'report_crowding' || sign === 'report_pressed') || (spoken.length === 0 && about.includes(kind))

/**
 * People say the same of one place over hours: no single call is an alarm, together they are. The third similar report is amber,
 * the fifth is red, and so is the second once somebody says that people are pressed: to police, fire brigade and city besides
 * whom the run card names.
 */
export default defineRule({
  kind: 'crowd',
  per: 'reports',
  watches: [],
  settings: { amber_at: 3, red_at: 5, pressed_red_at: 2, within_h: 4 },
  start: { heard: [] } as Memory,
  step: (memory, { at, report }, { amber_at, red_at, pressed_red_at, within_h }) => {
    const { raised, heard } = report?.settled_at === undefined ? memory : since(memory, report.settled_at)
    const fresh = heard.filter(one => at - one.at < within_h * 3_600_000)
    const spoken = report === undefined ? [] : spokenIn(report.text, report.kind)
    if (report === undefined || !isAbout(report, spoken)) {
      if (raised === undefined || fresh.length > 0) return { memory: { ...(raised && { raised }), heard: fresh } }
      const because = { say: 'reports_faded' as const, with: { hours: within_h } }
      return { memory: { heard: [] }, verdict: { raised: false, because } }
    }
    const word = spoken.find(({ sign }) => sign === 'report_pressed')?.word
    const all = [...fresh, { at, crush: word !== undefined }].slice(-most_heard)
    const count = all.length
    const pressed = all.some(({ crush }) => crush)
    const severity: Severity | undefined =
      count >= red_at || (pressed && count >= pressed_red_at) ? 'red' : pressed ? 'orange' : count >= amber_at ? 'yellow' : undefined
    if (severity === undefined || (raised !== undefined && rank(severity) <= rank(raised.severity)))
      return { memory: { ...(raised && { raised }), heard: all } }
    const { zone } = report
    const because =
      word === undefined
        ? { say: 'reports_pile_up' as const, with: { zone, count } }
        : { say: 'report_of_crush' as const, with: { zone, word, count } }
    const also = severity === 'red' ? { also: ['police', 'fire', 'city'] as const } : {}
    return { memory: { raised: { severity, at }, heard: all }, verdict: { raised: true, severity, because, ...also } }
  },
  resume: (severity, at) => ({ raised: { severity, at }, heard: [] }),
  nextDue: ({ raised, heard }, { within_h }) => {
    const last = heard.at(-1)?.at ?? raised?.at
    return raised === undefined || last === undefined ? undefined : last + within_h * 3_600_000
  },
  examples: [
    {
      name: 'two people who grumble about the crowd raise nothing',
      says: { 0: '地铁口人很多', 600: '人太多了，走得很慢' },
      expect: {}
    },
    {
      name: 'the third similar report is amber, the fifth red, and hours of quiet end it',
      says: { 0: '人很多', 600: '人很多', 1200: '越来越多', 3000: '走不动', 5400: '还是走不动', 19800: null },
      expect: { 1200: 'yellow', 5400: 'red', 19800: 'cleared' }
    },
    {
      name: 'the second report is red once somebody says that people are pressed',
      says: { 0: '有人被压住了', 120: '人很多' },
      expect: { 0: 'orange', 120: 'red' }
    },
    {
      name: 'the same calls spread over a day are ordinary',
      says: { 0: '人很多', 14401: '人很多', 28802: '人很多', 43203: '人很多' },
      expect: {}
    }
  ]
})
