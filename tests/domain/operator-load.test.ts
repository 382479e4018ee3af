import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { gradeOf, type Span, startRate, window_ms } from '../../edge/domain/alarm-rate.ts'
import type { Alert } from '../../edge/domain/alert.ts'
import type { Event } from '../../edge/domain/event.ts'
import type { Asked, IncidentOpened } from '../../edge/domain/incident.ts'
import { type LoadSpan, operatorLoad, priorities } from '../../edge/domain/operator-load.ts'
import { spreadOf, wilson } from '../../edge/domain/spread.ts'
import type { Agency, Outcome, ResponseStatus, Severity } from '../../edge/domain/vocabulary.ts'

const second = 1000
const minute = 60_000
const hour = 3_600_000
const day = 24 * hour
/** On the hour, so that windows begin with it. */
const start = Date.UTC(2026, 10, 24, 8)
const span: LoadSpan = { from: start, to: start + day, operators: 1 }
const because = { say: 'heard_again', with: {} } as const

const raised = (id: string, at: number, more: Partial<Extract<Event, { type: 'alert_raised' }>> = {}): Event => ({
  type: 'alert_raised',
  id,
  at: start + at,
  key: `k-${id}`,
  rule: 'threshold',
  kind: 'heat',
  zone: 'hall',
  severity: 'yellow',
  because,
  ...more
})
const alert = (type: string, id: string, at: number, more: object = {}): Event => ({ type, id, at: start + at, ...more }) as Event
const ladder = { enough: 'each_agency', rungs: [{ ask: 'on_duty', within_s: 60 }] } as const
const opened = (id: string, at: number, ask: readonly Asked[], more: Partial<IncidentOpened> = {}): Event => ({
  type: 'incident_opened',
  id,
  at: start + at,
  kind: 'fire',
  zone: 'hall',
  severity: 'orange',
  because,
  sop: 'fire',
  needs: ask.map(({ agency }) => agency),
  ladder,
  ask,
  drill: false,
  ...more
})
const said = (id: string, at: number, unit: string, status: ResponseStatus): Event => ({
  type: 'incident_response',
  id,
  at: start + at,
  unit,
  by: 'wang',
  status,
  ...(status === 'declined' && { reason: 'elsewhere' })
})
const closed = (id: string, at: number, outcome: Outcome): Event => ({ type: 'incident_closed', id, at: start + at, by: 'li', outcome })
const asked = (...of: Agency[]): Asked[] => of.map(agency => ({ unit: `${agency}-1`, agency }))
const every = (times: number, step: number, from = 0): Event[] =>
  Array.from({ length: times }, (_, i) => raised(`a-${from}-${i}`, from + i * step))

t.test('ten alarms in ten minutes are no flood, eleven are one [ISA-18.2]', async t => {
  t.strictSame(operatorLoad(every(10, minute), span).floods, [])
  t.equal(operatorLoad(every(11, 59_999), span).floods[0]?.from, start + 10 * 59_999, 'it begins with the eleventh')
  t.strictSame(operatorLoad(every(11, minute), span).floods, [], 'the first is ten minutes ago when the eleventh comes')
})

t.test('a flood ends when fewer than five are left of the last ten minutes, not at five [ISA-18.2]', async t => {
  const eleven = every(11, second)
  const [flood] = operatorLoad(eleven, span).floods
  // The seventh leaves with four behind it.
  t.strictSame(flood, { from: start + 10 * second, to: start + 6 * second + 10 * minute, alarms: 11, peak: 11 })
  const kept = [...eleven, raised('late', 6 * second + 10 * minute)]
  const [longer] = operatorLoad(kept, span).floods
  t.equal(longer?.to, start + 7 * second + 10 * minute, 'one more at that very moment makes it five again')
  t.equal(longer?.alarms, 12)
  const together = [0, 1, 2, 3, 4, 5, 6, 6, 8, 9, 10].map((at, i) => raised(`t${i}`, at * second))
  const [ended] = operatorLoad([...together, raised('last', 6 * second + 10 * minute)], span).floods
  t.strictSame(
    ended,
    { from: start + 10 * second, to: start + 6 * second + 10 * minute, alarms: 12, peak: 11 },
    'its last moment is part of it'
  )
})

t.test('a flood that goes on at the end has no end, one from before the span is counted from the span on', async t => {
  const before = every(11, second, -minute)
  const load = operatorLoad(before, span)
  t.equal(load.floods.length, 1)
  t.equal(load.annunciated, 0)
  t.ok(Math.abs(load.flood_share * day - (9 * minute + 6 * second)) < 1, `${load.flood_share}`)
  const late = operatorLoad(every(11, second, day - minute), span)
  t.equal(late.floods[0]?.to, undefined)
  t.ok(Math.abs(late.flood_share * day - 50 * second) < 1)
})

t.test('a window holds its beginning and not its end', async t => {
  const { counts } = operatorLoad([raised('a', 0), raised('b', 10 * minute - 1), raised('c', 10 * minute)], span).windows
  t.strictSame(counts.slice(0, 3), [2, 1, 0])
  t.equal(counts.length, 144)
  const crooked = operatorLoad([raised('a', -1), raised('b', 3 * minute), raised('c', 20 * minute)], {
    ...span,
    from: start + 3 * minute,
    to: start + 20 * minute
  })
  t.strictSame(crooked.windows, { from: start, counts: [1, 0] }, 'what lies before and at the end is outside')
})

t.test('rates are for each operator, and an empty desk counts as one', async t => {
  const sixty = every(60, 20 * minute)
  t.equal(operatorLoad(sixty, span).average_per_operator_hour, 60 / 24)
  const halves = operatorLoad(sixty, { ...span, operators: at => (at < start + 12 * hour ? 0 : 3) })
  t.strictSame(halves.operators, { least: 1, most: 3, hours: 12 + 36 })
  t.equal(halves.average_per_operator_hour, 60 / 48)
  t.strictSame(halves.peak, { at: start, count: 1, per_operator_hour: 6 })
  t.strictSame([6, 6.1, 12, 12.1, 29.9, 30].map(gradeOf), ['acceptable', 'manageable', 'manageable', 'too_many', 'too_many', 'flood'])
  const nothing = operatorLoad([], span)
  t.strictSame([nothing.annunciated, nothing.peak, nothing.flood_share, nothing.grade], [0, undefined, 0, 'acceptable'])
})

t.test('what is put aside, practised or checks the path sounds for nobody, and is counted apart', async t => {
  const load = operatorLoad(
    [
      raised('drill', 0, { drill: true }),
      raised('path', 1, { kind: 'path' }),
      raised('behind', 2),
      alert('alert_suppressed', 'behind', 2 + second, { cause: 'x' }),
      raised('works', 3 * second),
      alert('alert_out_of_service', 'works', 3 * second, { window: 'm-1', until: start + hour }),
      raised('real', 5 * second),
      alert('alert_suppressed', 'real', 7 * second, { cause: 'x' }),
      alert('alert_changed', 'real', 8 * second, { severity: 'orange', because }),
      raised('later', 9 * second),
      alert('alert_shelved', 'later', 10 * second, { by: 'li', until: start + hour, reason: 'noise' }),
      alert('alert_cleared', 'later', 11 * second, { because }),
      alert('alert_changed', 'later', 12 * second, { severity: 'yellow', because, episode: 2 })
    ],
    span
  )
  t.equal(load.annunciated, 2, 'real and later, once each, before somebody put them aside')
  t.strictSame(load.apart, { suppressed: 2, out_of_service: 1, shelved: 1, drill: 1, path: 1 })
})

t.test('what sounds again is counted again: worse, back, re-alarmed, back in service; what grows better is not', async t => {
  const load = operatorLoad(
    [
      raised('a', 0),
      alert('alert_changed', 'a', minute, { severity: 'orange', because }),
      alert('alert_changed', 'a', 2 * minute, { severity: 'yellow', because }),
      alert('alert_realarmed', 'a', 3 * minute),
      alert('alert_cleared', 'a', 4 * minute, { because }),
      alert('alert_changed', 'a', 5 * minute, { severity: 'yellow', because, episode: 2 }),
      alert('alert_out_of_service', 'a', 6 * minute, { window: 'm', until: start + hour }),
      alert('alert_in_service', 'a', 7 * minute),
      alert('alert_suppressed', 'a', 8 * minute, { cause: 'x' }),
      alert('alert_cleared', 'a', 9 * minute, { because }),
      alert('alert_unsuppressed', 'a', 10 * minute)
    ],
    span
  )
  t.equal(load.annunciated, 5)
  t.strictSame(load.severities, { blue: 0, yellow: 4, orange: 1, red: 0 })
  t.strictSame(
    priorities(load.severities).map(({ priority, count, share }) => [priority, count, share]),
    [
      ['low', 0, 0],
      ['medium', 4, 0.8],
      ['high', 1, 0.2]
    ]
  )
})

t.test('the top ten is by rule and place, with its share of everything', async t => {
  const noisy = Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: i + 1 }, (_, n) => raised(`d${i}-${n}`, i * hour + n * minute, { device: `d${i}` }))
  ).flat()
  const { bad_actors } = operatorLoad(noisy, span)
  t.equal(bad_actors.length, 10)
  t.strictSame(bad_actors[0], { rule: 'threshold', kind: 'heat', zone: 'hall', device: 'd11', count: 12, share: 12 / 78 })
})

t.test('three times in a minute chatters, three times in a minute and a moment does not', async t => {
  const three = (gap: number): Event[] => [raised('a', 0), raised('b', gap), raised('c', 59_999), raised('d', 60_000 + gap)]
  t.strictSame(
    operatorLoad(three(second), span).chattering.map(({ times }) => times),
    [1]
  )
  t.strictSame(operatorLoad([raised('a', 0), raised('b', second), raised('c', minute)], span).chattering, [])
  const again = [
    raised('a', 0),
    alert('alert_changed', 'a', 1, { severity: 'orange', because }),
    alert('alert_changed', 'a', 2, { severity: 'red', because })
  ]
  t.strictSame(operatorLoad(again, span).chattering, [], 'growing worse is not chattering')
})

t.test('an alert is stale after a day, not at a day; one from before everything that was read is known from the state', async t => {
  const load = operatorLoad([raised('old', -1), raised('day', 0), raised('new', hour)], span)
  t.equal(load.standing, 3)
  t.strictSame(
    load.stale.map(({ alert, since }) => [alert, since]),
    [['old', start - 1]]
  )
  const standing = (id: string, more: Partial<Alert> = {}): Alert => ({
    id,
    key: id,
    rule: 'silent',
    kind: 'device',
    zone: 'hall',
    severity: 'yellow',
    highest: 'yellow',
    active: true,
    because,
    raised_at: start - 3 * day,
    changed_at: start - 3 * day,
    phase: 'open',
    ...more
  })
  const gone = { active: false, phase: 'closed', cleared_at: start + 2 * day } as const
  const alerts = [
    standing('still'),
    standing('shelf', { shelved: { by: 'li', at: start - 1, until: start + 2 * day, reason: 'r', mode: 'timed' } }),
    standing('gone-later', gone),
    standing('gone-before', { ...gone, cleared_at: start - 1 })
  ]
  const known = operatorLoad([], { ...span, known: { alerts, incidents: [] } })
  t.strictSame(
    known.stale.map(({ alert }) => alert),
    ['gone-later', 'still']
  )
})

t.test('how long until somebody sees an alert, and how many wait', async t => {
  const load = operatorLoad(
    [
      raised('a', 0),
      alert('alert_acknowledged', 'a', 500, { by: 'li' }),
      raised('b', minute),
      alert('alert_realarmed', 'b', 2 * minute),
      alert('alert_acknowledged', 'b', 3 * minute, { by: 'li' }),
      raised('c', 4 * minute)
    ],
    span
  )
  t.strictSame(load.seen, { n: 2, p50_s: 0.5, p90_s: 120, worst_s: 120, unseen: 1 }, 'from its first sounding')
})

t.test('each agency has its own times; who never answered and who is still waited for is told', async t => {
  const load = operatorLoad(
    [
      opened('i-1', 0, asked('police', 'fire', 'medical')),
      said('i-1', 20 * second, 'police-1', 'acknowledged'),
      said('i-1', 50 * second, 'police-1', 'on_scene'),
      said('i-1', 60 * second, 'fire-1', 'acknowledged'),
      said('i-1', 61 * second, 'medical-1', 'declined'),
      closed('i-1', 10 * minute, 'resolved'),
      opened('i-2', hour, asked('police', 'fire')),
      said('i-2', hour + 40 * second, 'police-1', 'acknowledged'),
      opened('drill', hour, asked('police'), { drill: true }),
      opened('i-3', 2 * hour, asked('police'), { needs: ['police', 'guard'] }),
      said('i-3', 2 * hour + 5 * second, 'police-1', 'shown'),
      closed('i-3', 3 * hour, 'resolved')
    ],
    span
  )
  t.strictSame(load.agencies, [
    { agency: 'police', asked: 3, never: 1, waiting: 0, n: 2, p50_s: 20, p90_s: 40, worst_s: 40 },
    { agency: 'fire', asked: 2, never: 0, waiting: 1, n: 1, p50_s: 60, p90_s: 60, worst_s: 60 },
    { agency: 'medical', asked: 1, never: 1, waiting: 0, n: 0 },
    { agency: 'guard', asked: 1, never: 1, waiting: 0, n: 0 }
  ])
  t.strictSame(load.clocks, [
    { clock: 'first_asked', n: 3, p50_s: 0, p90_s: 0, worst_s: 0, goals: [{ within_s: 60, n: 3 }] },
    { clock: 'first_answer', n: 2, p50_s: 20, p90_s: 40, worst_s: 40, goals: [] },
    { clock: 'all_answered', n: 0, goals: [] },
    {
      clock: 'first_on_scene',
      n: 1,
      p50_s: 50,
      p90_s: 50,
      worst_s: 50,
      goals: [
        { within_s: 60, n: 1 },
        { within_s: 180, n: 1 },
        { within_s: 300, n: 1 }
      ]
    }
  ])
})

t.test('the false share of a rule is of the alerts whose incident somebody closed; a duplicate judges nobody', async t => {
  const story = (n: number, outcome?: Outcome, rule = 'threshold'): Event[] => [
    raised(`a-${n}`, n * minute, { rule }),
    opened(`i-${n}`, n * minute, asked('police'), { alert: `a-${n}` }),
    ...(outcome === undefined ? [] : [closed(`i-${n}`, n * minute + 30 * second, outcome)])
  ]
  const load = operatorLoad(
    [
      ...story(1, 'false_alarm'),
      ...story(2, 'resolved'),
      ...story(3, 'duplicate'),
      ...story(4),
      ...story(5, 'handed_over'),
      ...story(6, 'resolved', 'crowd-density')
    ],
    span
  )
  t.strictSame(
    load.false_shares.map(({ rule, judged, false_alarms }) => [rule, judged, false_alarms]),
    [
      ['threshold', 3, 1],
      ['crowd-density', 1, 0]
    ]
  )
  t.equal(load.false_shares[0]?.low, wilson(1, 3).low)
  t.match(load.nuisances, [{ rule: 'threshold', judged: 3, false_alarms: 1 }], 'the sources that were false, each by itself')
  t.equal(load.nuisances.length, 1)
})

t.test('figures of few are told with their doubt', async t => {
  const close = (a: number, b: number): boolean => Math.abs(a - b) < 5e-4
  // Worked by hand from Wilson's formula.
  t.ok(close(wilson(0, 3).high, 0.5615) && wilson(0, 3).low === 0, JSON.stringify(wilson(0, 3)))
  t.ok(close(wilson(5, 10).low, 0.2366) && close(wilson(5, 10).high, 0.7634), JSON.stringify(wilson(5, 10)))
  t.strictSame(wilson(0, 0), { low: 0, high: 1 })
  t.equal(wilson(4, 4).high, 1)
  t.strictSame(spreadOf([]), { n: 0 })
  t.strictSame(spreadOf([9000, 1000, 5000]), { n: 3, p50_s: 5, p90_s: 9, worst_s: 9 })
})

t.test('an event of an alert nobody knows is counted, never guessed; a clock set back does not disturb', async t => {
  t.equal(operatorLoad([alert('alert_realarmed', 'x', 0)], span).let_go, 1)
  const back = operatorLoad([raised('a', minute), raised('b', minute - second), raised('c', 2 * minute)], span)
  t.strictSame([back.annunciated, back.windows.counts[0]], [3, 3])
})

/** Floods, windows and hours by looking at every moment that matters, at all alarms each time. */
const slowly = (times: readonly number[], { from, to }: Span) => {
  const count = (moment: number): number => times.filter(at => at > moment - window_ms && at <= moment).length
  const moments = [...new Set(times.flatMap(at => [at, at + window_ms]))].filter(moment => moment < to).sort((a, b) => a - b)
  const floods: { from: number; to?: number; alarms: number; peak: number }[] = []
  let flood: (typeof floods)[number] | undefined
  for (const moment of moments) {
    const n = count(moment)
    if (flood === undefined && n > 10) {
      flood = { from: moment, alarms: 0, peak: 0 }
      floods.push(flood)
    } else if (flood !== undefined && n < 5) {
      flood.to = moment
      flood = undefined
    }
  }
  for (const one of floods) {
    const during = times.filter(at => at > one.from - window_ms && at <= (one.to ?? to))
    one.alarms = during.length
    one.peak = Math.max(...times.filter(at => at >= one.from && at < (one.to ?? to)).map(count))
  }
  const counts = Array.from(
    { length: Math.ceil((to - from) / window_ms) },
    (_, i) => times.filter(at => at >= Math.max(from, from + i * window_ms) && at < Math.min(to, from + (i + 1) * window_ms)).length
  )
  return { floods, counts }
}

t.test('it agrees with a reference that looks at every alarm at every moment', async t => {
  const coarse = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 120 }).map(all => all.map(at => at * minute))
  const bursts = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 25 }), fc.constantFrom(1, second, 30 * second, minute)), {
      maxLength: 6
    })
    .map(all => all.flatMap(([at, n, step]) => Array.from({ length: n }, (_, i) => at * minute + i * step)))
  const to = start + 90 * minute
  let floods = 0
  fc.assert(
    fc.property(fc.oneof(coarse, bursts), offsets => {
      const times = offsets.map(at => start + at).sort((a, b) => a - b)
      const of: Span = { from: start, to, operators: 1 }
      const rate = startRate(of)
      for (const at of times.filter(at => at < to)) rate.sounded(at)
      const { windows, floods: found, annunciated } = rate.result()
      const expected = slowly(
        times.filter(at => at < to),
        of
      )
      floods += found.length
      const same = isDeepStrictEqual({ floods: found, counts: windows.counts }, expected)
      return same && annunciated === expected.counts.reduce((a, b) => a + b, 0)
    }),
    { numRuns: 2_000 }
  )
  t.ok(floods > 50, `${floods} floods were compared`)
})

t.test('a busy day of 50,000 events is folded in a moment', async t => {
  const severities: Severity[] = ['blue', 'yellow', 'orange']
  const events: Event[] = []
  for (let i = 0; i < 25_000; i++) {
    const at = Math.floor((i / 25_000) * day)
    events.push(
      raised(`a${i}`, at, { device: `d${i % 60}`, severity: severities[i % 3] ?? 'blue' }),
      alert('alert_cleared', `a${i}`, at + 1, { because })
    )
  }
  const began = performance.now()
  const load = operatorLoad(events, span)
  const took = performance.now() - began
  t.equal(load.annunciated, 25_000)
  t.equal(load.let_go, 0)
  t.ok(took < 3000, `${Math.round(took)} ms`)
  t.comment(`${Math.round(took)} ms`)
})

t.test('of more than 50,000 alerts the oldest are let go, and that is told', async t => {
  const many = Array.from({ length: 50_007 }, (_, i) => raised(`a${i}`, i))
  t.strictSame([operatorLoad(many, span).let_go, operatorLoad(many, span).annunciated], [7, 50_007])
})
