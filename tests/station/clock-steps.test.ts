import fc from 'fast-check'
import t from 'tap'
import { onStep, realClock, unsetClock } from '../../edge/clock.ts'
import { asWritten, shifted } from '../../edge/domain/clock-step.ts'
import { fromSnapshot, toSnapshot } from '../../edge/state.ts'
import { minutes, seconds, stillClock } from '../support/clock.ts'
import { closedByTwo, openStory, type Story } from '../support/duty.ts'

const hours = (n: number): number => n * 3_600_000

/** What happened to people, by the seconds that really passed. */
const openTimed = (): { story: Story; told: () => readonly (readonly [at_s: number, what: string])[] } => {
  const clock = stillClock()
  const start = clock.steady()
  const told: (readonly [number, string])[] = []
  const story = openStory({ clock, heard: ({ event }) => void told.push([(clock.steady() - start) / 1000, event.type]) })
  return { story, told: () => told.filter(([, type]) => !/^(station_|clock_|gates_|forecast)/.test(type)) }
}
/** Seven minutes of a station: smoke that nobody answers, heat that lasts, a crowd that grows and goes. */
const evening = (
  steps: readonly { readonly second: number; readonly by_ms: number }[]
): readonly (readonly [at_s: number, what: string])[] => {
  const { story, told } = openTimed()
  const { clock } = story
  void story.hear('smoke-1', 'food-row', 'smoke_alarm', 0)
  for (let second = 0; second < 420; second++) {
    for (const step of steps) if (step.second === second) clock.set(step.by_ms)
    if (second % 30 === 0) void story.hear('climate-1', 'platform-1', 'temperature_celsius', second < 240 ? 46 + second / 240 : 40)
    if (second === 20) void story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
    if (second < 360) void story.hear('cam-1', 'platform-1', 'density_per_m2', second > 100 && second < 250 ? 4.5 : 1)
    clock.advance(seconds(1))
  }
  return told()
}

t.test('what was held when the clock was set still comes to what it had come to', async t => {
  const { story } = openTimed()
  for (let n = 0; n < 6; n++) {
    await story.hear('smoke-1', 'food-row', 'smoke_alarm', (n + 1) % 2)
    story.clock.advance(seconds(25))
  }
  const held = () => [...story.duty.state.alerts.values()].filter(({ rule }) => rule === 'threshold')
  t.match(held(), [{ active: true, flapping: {} }])
  story.clock.set(hours(1))
  story.clock.advance(minutes(20))
  t.match(held(), [{ active: false, flapping: undefined }])
  await story.duty.close()
})

t.test('whenever and however far the clock is set, the same happens to people at the same time', async t => {
  const undisturbed = evening([])
  t.ok(undisturbed.some(([, type]) => type === 'incident_escalated'))
  const step = fc.record({
    second: fc.integer({ min: 1, max: 419 }),
    by_ms: fc.integer({ min: -hours(240), max: hours(240) }).filter(by => Math.abs(by) > 5000)
  })
  const same = (steps: readonly { second: number; by_ms: number }[]): boolean => {
    const told = evening(steps)
    // The step is noticed within a second.
    return (
      told.length === undisturbed.length &&
      told.every(([at, type], i) => type === undisturbed[i]?.[1] && Math.abs(at - (undisturbed[i]?.[0] ?? -1)) <= 1)
    )
  }
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), steps => same(steps)),
    { numRuns: 12, endOnFailure: true }
  )
})

t.test('what is open stays as old as it was, and the step is written down', async t => {
  for (const by of [hours(72), -hours(72)]) {
    const { story } = openTimed()
    const { clock, duty } = story
    void story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
    clock.advance(minutes(5))
    clock.set(by)
    clock.advance(seconds(1))
    for (const { raised_at } of duty.state.alerts.values()) t.equal(clock.now() - raised_at, minutes(5) + seconds(1))
    for (const { opened_at } of duty.state.incidents.values()) t.equal(clock.now() - opened_at, minutes(5) + seconds(1))
    t.equal((await story.told()).filter(line => line.includes('clock_stepped')).length, 1)
  }
})

t.test(
  'a sensor that speaks hourly is not silent because the clock was put forward, and is told of in time when it was put back',
  async t => {
    const { story } = openTimed()
    const { clock, duty } = story
    const silent = (): number => [...duty.state.alerts.values()].filter(({ rule }) => rule === 'silent').length
    for (let hour = 0; hour < 4; hour++) {
      void story.hear('climate-1', 'platform-1', 'battery_percent', 90 - hour)
      clock.advance(minutes(5))
      clock.set(hours(hour === 3 ? -10 : 3))
      clock.advance(minutes(55))
      t.equal(silent(), 0, `hour ${hour}`)
    }
    clock.advance(minutes(7))
    t.equal(silent(), 1)
  }
)

t.test('a zone that is counted every second stays known over a step, and one that is not is unknown in time', async t => {
  const { story } = openTimed()
  const { clock, duty } = story
  const level = (): string | undefined => duty.floor.zones()[0]?.level
  await story.crowd(1, 5)
  clock.set(-hours(3))
  await story.crowd(1, 5)
  t.equal(level(), 'green')
  clock.advance(seconds(11))
  t.equal(level(), 'unknown')
})

t.test('a station that starts with its clock in the past goes on from what it wrote last', async t => {
  const { story } = openTimed()
  const { clock, duty, journal } = story
  void story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
  clock.advance(seconds(10))
  await duty.close()
  await story.told()
  const boot = stillClock(0)
  const again = openStory({ journal: journal as never, clock: boot })
  t.match([...again.duty.state.incidents.values()], [{ opened_at: -seconds(10), phase: 'open', level: 0 }])
  boot.advance(seconds(6))
  t.match([...again.duty.state.incidents.values()], [{ level: 1 }], 'fifteen seconds without an answer, ten of them before')
  boot.set(clock.now() + hours(1))
  boot.advance(seconds(2))
  t.match([...again.duty.state.incidents.values()], [{ level: 1 }], 'NTP is back')
  t.equal(again.duty.state.incidents.size, 1)
})

const report = ({ duty, clock }: Story, text: string): void =>
  void duty.report({ type: 'report_received', id: `r-${text}`, at: clock.now(), zone: 'food-row', kind: 'other', text, by: `by ${text}` })
const open = ({ duty }: Story): string[] =>
  [...duty.state.incidents.values()].flatMap(({ kind, phase }) => (phase === 'open' ? [kind] : []))
const closeAll = ({ duty }: Story): void => {
  for (const { id } of [...duty.state.incidents.values()].filter(({ phase }) => phase === 'open')) {
    closedByTwo(duty, id, 'false_alarm', '看过了')
  }
}

t.test('what people closed is settled as long ago as it was, however the clock was set since', async t => {
  for (const by of [0, hours(3), -hours(3), -hours(24 * 365 * 40)]) {
    const { story } = openTimed()
    const { clock } = story
    report(story, '烧烤摊着火了')
    t.strictSame(open(story), ['fire'])
    clock.advance(minutes(1))
    closeAll(story)
    t.strictSame(open(story), [])
    clock.advance(minutes(1))
    clock.set(by)
    clock.advance(seconds(2))
    void story.hear('gas-7', 'food-row', 'gas_lel_percent', 6)
    t.strictSame(open(story), [], 'what was said before that raises nothing again')
    const { state } = story.duty
    t.strictSame(fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))))?.closed, state.closed, 'also over a restart')
    report(story, '又着火了')
    t.strictSame(open(story), ['fire'], `put ${by / hours(1)} h`)
    const [incident] = [...story.duty.state.incidents.values()].filter(({ phase }) => phase === 'open')
    t.ok(
      incident?.hypothesis?.evidence.some(({ sign }) => sign === 'report_fire'),
      'with what is known of it'
    )
    await story.duty.close()
  }
})

t.test('reports of a crowd add up again after the clock was put back to before the last ones were settled', async t => {
  const { story } = openTimed()
  const { clock, duty } = story
  const crowd = (): (boolean | undefined)[] => {
    for (const text of ['人很多', '人越来越多', '走不动']) report(story, text)
    return [...duty.state.alerts.values()].filter(({ rule }) => rule === 'reports').map(({ active }) => active)
  }
  t.strictSame(crowd(), [true])
  clock.advance(hours(5))
  for (const { id } of duty.state.alerts.values())
    for (const type of ['acknowledge', 'reset'] as const) duty.desk.alertCommand(id, { type, by: 'wang', episode: 'all' })
  clock.set(-hours(3))
  clock.advance(minutes(1))
  t.strictSame(crowd(), [false, true])
  await duty.close()
})

t.test('a station that starts with its clock in the past takes what was reported and closed for as old as it was', async t => {
  const { story } = openTimed()
  report(story, '烧烤摊着火了')
  closeAll(story)
  story.clock.advance(minutes(1))
  report(story, '有煤气味')
  t.strictSame(open(story), [])
  await story.duty.close()
  await story.told()
  const boot = stillClock(0)
  const again = openStory({ journal: story.journal as never, clock: boot })
  boot.advance(seconds(2))
  t.strictSame(open(again), [], 'a smell of gas is no more than it was')
  report(again, '又着火了')
  t.equal(open(again).length, 1)
  await again.duty.close()
})

t.test('what is open is found in the journal where it was written, however often the clock was set since', async t => {
  const { story } = openTimed()
  const { clock, duty } = story
  void story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
  const opened = clock.now()
  for (const by of [-hours(3), hours(30), -hours(1)]) {
    clock.advance(minutes(1))
    clock.set(by)
    clock.advance(seconds(1))
  }
  const [incident] = duty.state.incidents.values()
  const { from, to } = asWritten(duty.state.steps, incident?.opened_at ?? 0, clock.now())
  t.ok(from <= opened - hours(3) && to !== undefined && to >= clock.now(), 'all times that it ever had are within')
  t.strictSame(asWritten([], 5, 7), { from: 5, to: 7 })
})

t.test('moments move and spans stay', async t => {
  const alert = {
    raised_at: 10,
    shelved: { until: 20, for_s: 5 },
    branches: [{ at: 1, times: 3 }],
    because: { with: { seconds: 7 } },
    phase: 'open'
  }
  t.strictSame(shifted(alert, 100), {
    raised_at: 110,
    shelved: { until: 120, for_s: 5 },
    branches: [{ at: 101, times: 3 }],
    because: { with: { seconds: 7 } },
    phase: 'open'
  })
})

t.test('a clock that drifts is followed in silence, one that is set is told of once', async t => {
  const clock = stillClock()
  const told: number[] = []
  const unset = unsetClock(clock)
  const { end } = onStep(clock, by => void told.push(by))
  for (let i = 0; i < 3000; i++) {
    clock.set(1)
    clock.advance(1000)
  }
  t.strictSame(told, [])
  const before = unset.now()
  clock.set(hours(5))
  t.equal(unset.now(), before)
  clock.advance(seconds(3))
  t.strictSame(told, [hours(5)])
  end()
})

t.test('a clock that is set in the second in which the station stops is written down and sets nothing going again', async t => {
  const clock = stillClock()
  const waiting = new Set<object>()
  const counted: typeof clock = {
    ...clock,
    wake: (at, call) => {
      const one = {}
      const cancel = clock.wake(at, () => {
        waiting.delete(one)
        call()
      })
      waiting.add(one)
      return () => {
        waiting.delete(one)
        cancel()
      }
    }
  }
  const story = openStory({ clock: counted })
  void story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
  clock.advance(seconds(3))
  clock.set(hours(5))
  await story.duty.close()
  t.equal(waiting.size, 0)
  t.match((await story.told()).slice(-2).join(' '), /clock_stepped.*station_stopped/)
})

t.test('the real clock waits for what is left, whatever the hands say meanwhile', async t => {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  const began = performance.now()
  const woke = new Promise<number>(resolve => realClock.wake(Date.now() + 50, () => resolve(performance.now() - began)))
  Date.now = () => now() - hours(3)
  const back = new Promise<number>(resolve => realClock.wake(Date.now() + 60, () => resolve(performance.now() - began)))
  Date.now = now
  // The hands show whole milliseconds.
  t.ok((await woke) >= 49)
  t.ok((await back) >= 59)
})
