import fc from 'fast-check'
import t from 'tap'
import type { Alert } from '../../edge/domain/alert.ts'
import { type Reading, reading } from '../../edge/domain/reading.ts'
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import { say } from '../../edge/domain/words.ts'
import { minutes, seconds } from '../support/clock.ts'
import { closedByTwo, openStory, type Story } from '../support/duty.ts'

/** A word of a device that gives its own time, heard now. */
const said = ({ clock, duty }: Story, quantity: Quantity, value: number, at: number): void => {
  const word = reading({ device: 'd-1', zone: 'food-row' }, quantity, value, at, clock.now())
  if (word !== undefined) void duty.hear([word], 'd-1')
}
const alerts = ({ duty }: Story): Alert[] => [...duty.state.alerts.values()].filter(({ rule }) => rule === 'threshold')
const because = (alert: Alert | undefined): string | undefined => alert && say(alert.because, 'en')

t.test('a smoke alarm that arrives after a gap is told with its age, once; a heat of that time is history', async t => {
  const story = openStory()
  const then = story.clock.now()
  story.clock.advance(minutes(42))
  said(story, 'temperature_celsius', 60, then)
  t.equal(alerts(story).length, 0)
  said(story, 'smoke_alarm', 1, then)
  t.match(alerts(story), [{ kind: 'fire', severity: 'red', active: true }])
  t.equal(because(alerts(story)[0]), 'smoke alarm as of 16:00, heard only now')
  t.equal(story.duty.state.incidents.size, 1)
  said(story, 'smoke_alarm', 1, then)
  t.match(story.duty.floor.counters(), { readings_total: 3, readings_repeated_total: 1, readings_doubted_total: 2 })
  said(story, 'smoke_alarm', 0, then + minutes(5))
  t.equal(alerts(story)[0]?.active, true, 'that it was over half an hour ago says nothing of now')
  said(story, 'smoke_alarm', 0, story.clock.now())
  t.equal(alerts(story)[0]?.active, false)
})

t.test('an alarm that came and went unheard is told although its end is known already', async t => {
  const story = openStory()
  const then = story.clock.now()
  story.clock.advance(minutes(20))
  said(story, 'smoke_alarm', 0, story.clock.now())
  said(story, 'smoke_alarm', 1, then)
  t.match(alerts(story), [{ active: true, severity: 'red' }])
  story.clock.advance(minutes(1))
  t.match(alerts(story), [{ active: false, phase: 'open' }], 'and waits for somebody to have seen it')
})

t.test('a press that is delivered twice is one press', async t => {
  const story = openStory()
  const then = story.clock.now()
  for (const after of [0, 10, 30, 59]) {
    story.clock.advance(then + seconds(after) - story.clock.now())
    said(story, 'button_pressed', 1, then)
  }
  story.clock.advance(seconds(1))
  t.match(alerts(story), [{ kind: 'panic', active: false }], 'over a minute after it was pressed, not after it was repeated')
  t.equal((await story.told()).filter(line => line.includes('device_alarmed')).length, 1)
})

t.test('what cannot be believed neither raises nor ends anything, nor counts anybody', async t => {
  const story = openStory()
  const now = (quantity: Quantity, value: number): void => {
    story.clock.advance(seconds(10))
    said(story, quantity, value, story.clock.now())
  }
  now('temperature_celsius', 1500)
  t.equal(alerts(story).length, 0)
  now('temperature_celsius', 40)
  now('temperature_celsius', 60)
  t.match(alerts(story), [{ severity: 'red', active: true }])
  now('temperature_celsius', -127)
  t.match(alerts(story), [{ active: true }])
  now('temperature_celsius', 30)
  t.match(alerts(story), [{ active: false }])
  now('people_count', 30)
  now('people_count', -4)
  t.match(story.duty.floor.zones()[1], { people_count: undefined, level: 'unknown' }, 'a doubted count is no count')
})

t.test('a loose contact is one alert of its alarm, one for maintenance, and nobody is called twice', async t => {
  const story = openStory()
  for (let i = 0; i < 600; i++) {
    said(story, 'smoke_alarm', (i + 1) % 2, story.clock.now())
    story.clock.advance(seconds(2))
  }
  t.match(
    [...story.duty.state.alerts.values()],
    [
      { rule: 'threshold', active: true },
      { rule: 'flapping', severity: 'blue', active: true }
    ]
  )
  t.equal(story.duty.state.incidents.size, 1)
  t.ok(story.journal.last() < 40, `${story.journal.last()} events`)
  story.clock.advance(minutes(5))
  t.strictSame(
    [...story.duty.state.alerts.values()].map(({ active }) => active),
    [false, false],
    'calm for five minutes'
  )
})

const closeAll = ({ duty }: Story): void => {
  for (const { id } of [...duty.state.incidents.values()]) {
    closedByTwo(duty, id, 'false_alarm')
  }
}
const open = ({ duty }: Story): number => [...duty.state.incidents.values()].filter(({ phase }) => phase === 'open').length

t.test('closed as false while it flapped, the next alarm is news: what people settled holds nothing back', async t => {
  const table: readonly (readonly [what: string, quantity: Quantity, words: number, every_s: number, quiet_s: number])[] = [
    ['a detector that chatters', 'smoke_alarm', 6, 20, 300],
    ['a loose contact', 'smoke_alarm', 12, 4, 60],
    ['a loose contact, at once', 'smoke_alarm', 12, 4, 4],
    ['a button, within the minute that a press lasts', 'button_pressed', 2, 5, 20]
  ]
  for (const [what, quantity, words, every_s, quiet_s] of table) {
    const story = openStory()
    for (let i = 0; i < words; i++) {
      said(story, quantity, (i + 1) % 2, story.clock.now())
      story.clock.advance(seconds(every_s))
    }
    t.equal(open(story), 1, what)
    t.match(alerts(story), [{ active: true }], `${what} is held as there`)
    closeAll(story)
    t.equal(open(story), 0)
    story.clock.advance(seconds(quiet_s))
    said(story, quantity, 1, story.clock.now())
    t.equal(open(story), 1, `${what}: called at once`)
    t.match(alerts(story).at(-1), { active: true, acknowledged: undefined }, 'as an alert that nobody has seen')
    for (let i = 0; i < words; i++) {
      said(story, quantity, i % 2, story.clock.now())
      story.clock.advance(seconds(every_s))
    }
    t.equal(story.duty.state.incidents.size, 2, `${what}: and once`)
    await story.duty.close()
  }
})

t.test('smoke that comes again within a second of a coarse clock is smoke', async t => {
  const story = openStory()
  const second = story.clock.now()
  for (const value of [1, 0, 1]) {
    story.clock.advance(200)
    said(story, 'smoke_alarm', value, second)
  }
  t.match(alerts(story), [{ severity: 'red', active: true }])
})

t.test('a second fire under a clock that stands still is told', async t => {
  const story = openStory()
  const { duty } = story
  const stands = story.clock.now()
  said(story, 'smoke_alarm', 1, stands)
  story.clock.advance(minutes(1))
  said(story, 'smoke_alarm', 0, stands)
  closeAll(story)
  story.clock.advance(minutes(180))
  said(story, 'smoke_alarm', 1, stands)
  t.match(
    [...duty.state.incidents.values()].map(({ kind, phase }) => [kind, phase]),
    [
      ['fire', 'closed'],
      ['fire', 'open']
    ]
  )
})

/** What a device said before it burned: ordinary, spikes, said twice, with any clock within the hour. */
const before = (ordinary: number, spike: number) =>
  fc.array(
    fc.record({
      after_s: fc.integer({ min: 1, max: 40 }),
      value: fc.constantFrom(ordinary, ordinary, spike),
      back_s: fc.oneof(fc.constant(0), fc.integer({ min: -600, max: 3600 })),
      times: fc.integer({ min: 1, max: 2 })
    }),
    { maxLength: 12 }
  )
const reds = (story: Story): number => alerts(story).filter(({ active, severity }) => active && severity === 'red').length

t.test('whatever a device said before and wherever its clock was set, a gas that lasts is red at its second word', async t => {
  fc.assert(
    fc.property(
      before(1, 12),
      fc.integer({ min: -600, max: 299 }),
      fc.integer({ min: 1, max: 120 }),
      fc.boolean(),
      (words, back_s, every_s, coarse) => {
        const story = openStory()
        const say = (value: number, back: number): void => {
          const at = story.clock.now() - seconds(back)
          said(story, 'gas_lel_percent', value, coarse ? Math.floor(at / 1000) * 1000 : at)
        }
        for (const { after_s, value, back_s: back, times } of words) {
          story.clock.advance(seconds(after_s))
          for (let i = 0; i < times; i++) say(value, back)
        }
        for (const value of [40, 41]) {
          story.clock.advance(seconds(every_s))
          say(value, back_s)
        }
        return reds(story) === 1
      }
    ),
    { numRuns: 60 }
  )
  t.pass()
})

t.test('a heat that lasts is red at its second word, one spike alone never', async t => {
  const hot = fc.integer({ min: 57, max: 900 })
  fc.assert(
    fc.property(before(20, 22), hot, hot, fc.integer({ min: 100, max: 5000 }), (words, first, second, every_ms) => {
      const story = openStory()
      const now = (value: number): void => said(story, 'temperature_celsius', value, story.clock.now())
      now(20)
      for (const { after_s, value, back_s } of words) {
        story.clock.advance(seconds(after_s))
        said(story, 'temperature_celsius', value, story.clock.now() - seconds(Math.max(0, back_s)))
      }
      now(21)
      for (const value of [first, 21]) {
        story.clock.advance(every_ms)
        now(value)
      }
      const spike = reds(story)
      for (const value of [first, second]) {
        story.clock.advance(every_ms)
        now(value)
      }
      return spike === 0 && reds(story) === 1
    }),
    { numRuns: 60 }
  )
  t.pass()
})

t.test('what a buffer held back is never of now, however much of it comes after the newest', async t => {
  const old = fc.array(fc.integer({ min: 2, max: 60 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(old, fc.double({ min: 0, max: 0.5, noNaN: true }), (gaps_s, share) => {
      const story = openStory()
      const start = story.clock.now()
      story.clock.advance(minutes(25))
      said(story, 'gas_lel_percent', 1, story.clock.now())
      let at = start
      const heat: number[] = []
      for (const gap_s of gaps_s) {
        at += seconds(gap_s)
        story.clock.advance(Math.floor(seconds(gap_s) * share))
        said(story, 'gas_lel_percent', 40, at)
        // The heat of that hour comes before any of now.
        if (story.clock.now() - at > minutes(5)) said(story, 'temperature_celsius', heat.push(at) % 2 === 1 ? 20 : 700, at)
      }
      return alerts(story).length === 0
    }),
    { numRuns: 60 }
  )
  t.pass()
})

type Word = { readonly at_s: number; readonly value: number }
const words = (values: fc.Arbitrary<number>) =>
  fc.uniqueArray(fc.record({ at_s: fc.integer({ min: 0, max: 3600 }), value: values }), {
    selector: ({ at_s }) => at_s,
    minLength: 1,
    maxLength: 12
  })
/** The same words in another order, some of them more than once. */
const mixed = (values: fc.Arbitrary<number>): fc.Arbitrary<readonly [Word[], Word[]]> =>
  words(values).chain(all =>
    fc
      .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.array(fc.constantFrom(...all), { maxLength: 6 }))
      .map(([other, again]) => [all, [...other, ...again]] as const)
  )
const heard = (quantity: Quantity, all: readonly Word[]): Story => {
  const story = openStory()
  const start = story.clock.now()
  story.clock.advance(seconds(3600))
  for (const { at_s, value } of all) {
    said(story, quantity, value, start + seconds(at_s))
    story.clock.advance(1)
  }
  return story
}

t.test('in whatever order and however often its words arrive, an alarm is told', async t => {
  fc.assert(
    fc.property(mixed(fc.constantFrom(0, 1)), ([all, other]) => {
      const alarmed = all.some(({ value }) => value === 1)
      return [all, other].every(order => alerts(heard('smoke_alarm', order)).length === (alarmed ? 1 : 0))
    }),
    { numRuns: 40 }
  )
  t.pass()
})

t.test('in whatever order and however often they arrive, what is measured is what was measured last', async t => {
  fc.assert(
    fc.property(mixed(fc.constantFrom(1, 5, 12, 40)), ([all, other]) => {
      // Only what was measured in the last minutes is of now.
      const lately = all.map(({ at_s, value }) => ({ at_s: 3400 + at_s / 36, value }))
      const same = other.map(({ at_s, value }) => ({ at_s: 3400 + at_s / 36, value }))
      const newest = lately.reduce((last, one) => (one.at_s > last.at_s ? one : last))
      return [lately, same].every(order => alerts(heard('gas_lel_percent', order)).some(({ active }) => active) === newest.value > 10)
    }),
    { numRuns: 40 }
  )
  t.pass()
})

t.test('a doubted word alone never ends an alert', async t => {
  const doubtful = fc.oneof(
    fc.double({ min: 1001, max: 1e6, noNaN: true }).map((value): Partial<Reading> => ({ value })),
    fc.integer({ min: 6, max: 600 }).map((min): Partial<Reading> => ({ value: 10, at: -minutes(min) }))
  )
  fc.assert(
    // As late twice in a row would be a clock that was put back.
    fc.property(fc.uniqueArray(doubtful, { selector: ({ at, value }) => at ?? value, minLength: 1, maxLength: 8 }), all => {
      const story = openStory()
      said(story, 'temperature_celsius', 58, story.clock.now())
      for (const { value = 0, at = 0 } of all) {
        story.clock.advance(1000)
        said(story, 'temperature_celsius', value, story.clock.now() + at)
      }
      return alerts(story)[0]?.active === true
    }),
    { numRuns: 60 }
  )
  t.pass()
})
