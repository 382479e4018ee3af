import t from 'tap'
import { clocksOf } from '../../edge/domain/clocks.ts'
import { evolve, type Incident, type IncidentEvent } from '../../edge/domain/incident.ts'

const start = Date.UTC(2026, 10, 24, 8)
const s = (seconds: number): number => start + seconds * 1000
const because = { say: 'heard_again', with: {} } as const

/** An incident that needs police and medics, asked at once, and what happens to it then. */
const after = (...events: readonly object[]): Incident =>
  events.reduce<Incident>(
    (incident, event) => evolve(incident, { id: 'i-1', ...event } as IncidentEvent),
    evolve(undefined, {
      type: 'incident_opened',
      id: 'i-1',
      at: start,
      kind: 'crowd',
      zone: 'platform-1',
      severity: 'orange',
      because,
      sop: 'crowd',
      needs: ['police', 'medical'],
      ladder: { enough: 'each_agency', rungs: [{ ask: 'on_duty', within_s: 60 }] },
      ask: [
        { unit: 'patrol-1', agency: 'police' },
        { unit: 'medic-1', agency: 'medical' }
      ],
      drill: false
    })
  )
const answer = (unit: string, status: string, at: number, reason?: string): object => ({
  type: 'incident_response',
  at: s(at),
  unit,
  by: unit,
  status,
  ...(reason !== undefined && { reason })
})
const closed = (at: number): object => ({ type: 'incident_closed', at: s(at), by: 'wang', outcome: 'resolved' })

t.test('what has not happened has no time, and a clock that runs is not yet lost', async t => {
  const clocks = clocksOf(after(), s(9.5))
  t.match(clocks, { asked_s: 0, first_shown_s: null, first_answer_s: null, all_answered_s: null, first_on_scene_s: null })
  t.match(clocks, { closed_s: null, running_s: 9.5, ring_s: null })
  t.strictSame(clocks.nfpa.answering, { within_s: 10, seconds: null, met: null })
  t.strictSame(
    clocks.rings.map(({ met }) => met),
    [null, null, null]
  )
})

t.test('a goal is met exactly on its second and lost after it, answered or not', async t => {
  t.equal(clocksOf(after(answer('patrol-1', 'shown', 10)), s(10)).nfpa.answering.met, true)
  t.equal(clocksOf(after(answer('patrol-1', 'shown', 10.001)), s(11)).nfpa.answering.met, false)
  t.equal(clocksOf(after(), s(10)).nfpa.answering.met, null)
  t.equal(clocksOf(after(), s(10.001)).nfpa.answering.met, false)
  t.equal(clocksOf(after(answer('patrol-1', 'acknowledged', 60)), s(70)).nfpa.processing.met, true)
  t.equal(clocksOf(after(answer('patrol-1', 'acknowledged', 60.5)), s(70)).nfpa.processing.met, false)
})

t.test('the first arrival meets the smallest ring it is within', async t => {
  const arriving = (at: number) => clocksOf(after(answer('patrol-1', 'acknowledged', 5), answer('patrol-1', 'on_scene', at)), s(600))
  for (const [at, ring, met] of [
    [60, 60, [true, true, true]],
    [60.5, 180, [false, true, true]],
    [180, 180, [false, true, true]],
    [300, 300, [false, false, true]],
    [301, null, [false, false, false]]
  ] as const) {
    const { ring_s, rings, first_on_scene_s } = arriving(at)
    t.equal(first_on_scene_s, at)
    t.equal(ring_s, ring, `${at} s`)
    t.strictSame(
      rings.map(one => one.met),
      met
    )
  }
  t.strictSame(
    clocksOf(after(closed(20)), s(30)).rings.map(({ met }) => met),
    [false, false, false],
    'closed with nobody there: nobody will come any more'
  )
})

t.test('each agency is timed from its own asking, and all have answered with the last of them', async t => {
  const clocks = clocksOf(
    after(
      answer('patrol-1', 'acknowledged', 12),
      { type: 'incident_asked', at: s(40), ask: [{ unit: 'gate-1', agency: 'guard' }] },
      answer('gate-1', 'acknowledged', 47),
      answer('medic-1', 'acknowledged', 90)
    ),
    s(100)
  )
  t.match(clocks, { first_answer_s: 12, first_shown_s: 12, all_answered_s: 90 })
  t.strictSame(clocks.agencies, [
    { agency: 'police', asked_s: 0, answer_s: 12 },
    { agency: 'medical', asked_s: 0, answer_s: 90 },
    { agency: 'guard', asked_s: 40, answer_s: 7 }
  ])
})

t.test('who cannot come any more is no answer', async t => {
  const clocks = clocksOf(after(answer('patrol-1', 'acknowledged', 5), answer('patrol-1', 'declined', 30, 'flat tyre')), s(40))
  t.equal(clocks.first_answer_s, null)
  t.equal(clocks.first_shown_s, 5, 'although it was seen')
  t.equal(clocks.agencies[0]?.answer_s, null)
})

t.test('a closed incident no longer runs, and one reopened begins anew', async t => {
  const over = after(answer('patrol-1', 'acknowledged', 5), closed(500))
  t.match(clocksOf(over, s(9_000)), { closed_s: 500, running_s: null, first_answer_s: 5 })
  const again = evolve(over, {
    type: 'incident_reopened',
    id: 'i-1',
    at: s(7_200),
    by: 'li',
    reason: '又起火',
    ask: [{ unit: 'patrol-1', agency: 'police' }]
  })
  t.match(clocksOf(again, s(7_203)), { asked_s: 0, first_answer_s: null, closed_s: null, running_s: 3 })
})
