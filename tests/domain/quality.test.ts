import fc from 'fast-check'
import t from 'tap'
import { chatter, judge, late_ms, type SeriesMemory, stuck_times } from '../../edge/domain/quality.ts'
import { type Reading, reading } from '../../edge/domain/reading.ts'
import { believable, type Quantity, quantities } from '../../edge/domain/vocabulary.ts'
import { minutes, seconds } from '../support/clock.ts'

const start = Date.UTC(2026, 10, 24, 8)
type Word = readonly [heard_s: number, value: number, said_s?: number]
/** What became of each word of a series: its doubt, `good`, or `again` for a repetition. */
const judged = (quantity: Quantity, words: readonly Word[]): string[] => {
  let memory: SeriesMemory | undefined
  return words.map(([heard_s, value, said_s]) => {
    const now = start + seconds(heard_s)
    const said = reading({ device: 'd', zone: 'z' }, quantity, value, said_s === undefined ? undefined : start + seconds(said_s), now)
    if (said === undefined) return 'no number'
    const answer = judge(memory, said, now)
    memory = answer.memory
    return 'repeated' in answer ? 'again' : (answer.reading.doubt ?? 'good')
  })
}
const lasting = (value: number, every_s: number, times: number): Word[] => Array.from({ length: times }, (_, i) => [i * every_s, value])
const last = (words: string[]): string | undefined => words.at(-1)

t.test('time: each word is of now, late, older than what is known, or said again', async t => {
  const late_s = late_ms / 1000
  const table: readonly (readonly [string, readonly Word[], readonly string[]])[] = [
    ['a word of now', [[0, 20, 0]], ['good']],
    ['exactly as late as is still of now', [[late_s, 20, 0]], ['good']],
    ['a second later', [[late_s + 1, 20, 0]], ['late']],
    [
      'a buffer that empties',
      [
        [3600, 20, 0],
        [3601, 20.1, 600],
        [3602, 20.2, 3600]
      ],
      ['late', 'late', 'good']
    ],
    [
      'a jump within a buffer is of then',
      [
        [3600, 20, 0],
        [3601, 90, 1],
        [3602, 20, 3602]
      ],
      ['late', 'late', 'good']
    ],
    [
      'an older word after a newer one',
      [
        [60, 20, 60],
        [61, 19, 30],
        [62, 20, 62]
      ],
      ['good', 'out_of_order', 'good']
    ],
    [
      'said twice',
      [
        [0, 20, 0],
        [5, 20, 0],
        [6, 20, 6]
      ],
      ['good', 'again', 'good']
    ],
    [
      'an old word said twice',
      [
        [60, 20, 60],
        [61, 19, 30],
        [62, 19, 30]
      ],
      ['good', 'out_of_order', 'again']
    ],
    [
      'there and gone and there again within one second of a coarse clock',
      [
        [0.1, 20, 0],
        [0.4, 21, 0],
        [0.8, 20, 0],
        [0.9, 20, 0]
      ],
      ['good', 'good', 'good', 'again']
    ],
    [
      'the same value at another time is another word',
      [
        [0, 20, 0],
        [5, 20, 5]
      ],
      ['good', 'good']
    ],
    [
      'without a time of its own nothing is a repetition',
      [
        [0, 20],
        [0, 20]
      ],
      ['good', 'good']
    ],
    [
      'a little ahead',
      [
        [0, 20, 20],
        [30, 20, 50]
      ],
      ['good', 'good']
    ],
    [
      'far ahead',
      [
        [0, 20, 120],
        [30, 20, 150]
      ],
      ['device_clock', 'device_clock']
    ],
    [
      'a clock that is ten minutes slow is found out in a minute',
      [
        [600, 20, 0],
        [630, 20, 30],
        [660, 20, 60],
        [690, 20, 90]
      ],
      ['late', 'late', 'device_clock', 'device_clock']
    ],
    [
      'a clock that is put back by four minutes is found out at the second word, and known until it is right',
      [
        [0, 20, 0],
        [10, 20.1, -230],
        [20, 20.2, -220],
        [21, 20.3, -219],
        [60, 20.4, 60]
      ],
      ['good', 'out_of_order', 'device_clock', 'device_clock', 'good']
    ],
    [
      'older words come faster than they were said: a buffer that empties after the newest',
      [
        [300, 20, 300],
        [301, 20.1, 60],
        [302, 20.2, 62],
        [303, 20.3, 120],
        [303, 20.4, 121]
      ],
      ['good', 'out_of_order', 'out_of_order', 'out_of_order', 'out_of_order']
    ],
    [
      'a clock that stands still is found out a minute after its words are late',
      [
        [0, 20, 0],
        [310, 20.1, 0],
        [340, 20.2, 0],
        [370, 20.3, 0]
      ],
      ['good', 'late', 'late', 'device_clock']
    ]
  ]
  for (const [name, words, expected] of table) t.strictSame(judged('temperature_celsius', words), expected, name)
})

t.test('value: what the sensor or the world cannot do is doubted by name', async t => {
  const half_day = (believable('temperature_celsius').stuck_after_s ?? 0) / 100
  const table: readonly (readonly [string, Quantity, readonly Word[], string])[] = [
    ['out of range', 'temperature_celsius', [[0, -127]], 'implausible_value'],
    [
      'a jump',
      'temperature_celsius',
      [
        [0, 21],
        [10, 85]
      ],
      'jump'
    ],
    [
      'as fast as can be',
      'temperature_celsius',
      [
        [0, 21],
        [10, 71]
      ],
      'good'
    ],
    [
      'a jump that a second word confirms',
      'temperature_celsius',
      [
        [0, 21],
        [10, 85],
        [20, 86]
      ],
      'good'
    ],
    [
      'a flame that heats faster than any sensor follows, at its second word',
      'temperature_celsius',
      [
        [0, 25],
        [1, 35],
        [2, 45]
      ],
      'good'
    ],
    [
      'a second word as far off agrees, though it is not as high',
      'temperature_celsius',
      [
        [0, 25],
        [1, 300],
        [2, 120]
      ],
      'good'
    ],
    [
      'a spike up and one down do not agree',
      'temperature_celsius',
      [
        [0, 25],
        [1, 85],
        [2, -30]
      ],
      'jump'
    ],
    [
      'a spike is over',
      'temperature_celsius',
      [
        [0, 21],
        [10, 85],
        [20, 21.2]
      ],
      'good'
    ],
    [
      'an impossible value is no measure of the next',
      'temperature_celsius',
      [
        [0, 21],
        [10, -127],
        [20, 21]
      ],
      'good'
    ],
    [
      'smoke may come as fast as it likes',
      'smoke_obscuration_percent',
      [
        [0, 0],
        [1, 90]
      ],
      'good'
    ],
    ['stuck for long and often', 'temperature_celsius', lasting(21.3, half_day, 101), 'stuck'],
    ['for long, but hardly ever said', 'temperature_celsius', lasting(21.3, 3600, stuck_times - 1), 'good'],
    ['often, but not for long', 'temperature_celsius', lasting(21.3, 10, 1000), 'good'],
    ['stuck, then alive', 'temperature_celsius', [...lasting(21.3, half_day, 101), [half_day * 101, 21.4]], 'good'],
    ['darkness may last', 'illuminance_lux', lasting(0, half_day, 200), 'good'],
    ['a smoke flag is never stuck', 'smoke_alarm', lasting(0, half_day, 1000), 'good'],
    ['degrees Fahrenheit from the first word on', 'temperature_celsius', lasting(72, 60, 20), 'unit_mistake'],
    ['nineteen are not yet a habit', 'temperature_celsius', lasting(72, 60, 19), 'good'],
    ['tenths', 'temperature_celsius', lasting(215, 60, 20), 'unit_mistake'],
    ['a share of one', 'humidity_percent', lasting(0.45, 60, 20), 'unit_mistake'],
    [
      'what was a room once and is hot now burns',
      'temperature_celsius',
      [[0, 21], ...lasting(72, 60, 40).map(([at, v]): Word => [at + 60, v])],
      'good'
    ]
  ]
  for (const [name, quantity, words, expected] of table) t.equal(last(judged(quantity, words)), expected, name)
})

t.test('a flag flaps when it changes six times within a minute, until it has been calm', async t => {
  const words = (apart_s: number): Word[] => Array.from({ length: 7 }, (_, i) => [i * apart_s, i % 2])
  t.equal(last(judged('smoke_alarm', words(11))), 'flapping')
  t.equal(last(judged('smoke_alarm', words(12))), 'good', 'six changes within exactly a minute are not yet')
  t.equal(last(judged('contact_open', words(1))), 'good', 'a door comes and goes as people do')
  t.equal(last(judged('button_pressed', words(1))), 'good', 'who presses again calls again')
  const calm = chatter.calm_ms / 1000
  t.strictSame(judged('smoke_alarm', [...words(5), [30 + calm - 1, 0], [30 + calm, 0]]).slice(-2), ['flapping', 'good'])
})

t.test('every quantity that can be doubted says so within its own range', async t => {
  for (const [name, { min, max }] of Object.entries(quantities)) {
    const { usual, resting, stuck_after_s, chatters } = believable(name as Quantity)
    if (usual) t.ok(usual[0] >= min && usual[1] <= max, name)
    if (resting !== undefined) t.ok(stuck_after_s, name)
    if (chatters) t.equal(max, 1, name)
  }
})

const word = fc.tuple(
  fc.integer({ min: 0, max: 7200 }),
  fc.double({ min: -300, max: 1500, noNaN: true }),
  fc.option(fc.integer({ min: -9000, max: 9000 }), { nil: undefined })
)
const quantity = fc.constantFrom(...(Object.keys(quantities) as Quantity[]))

t.test('whatever is said when, the memory of a series has an end and its newest word is never in the future', async t => {
  fc.assert(
    fc.property(quantity, fc.array(word, { maxLength: 200 }), (quantity, words) => {
      let memory: SeriesMemory | undefined
      for (const [heard_s, value, said_s] of [...words].sort(([a], [b]) => a - b)) {
        const now = start + seconds(heard_s)
        const said = reading({ device: 'd', zone: 'z' }, quantity, value, said_s === undefined ? undefined : start + seconds(said_s), now)
        if (said === undefined) continue
        const answer = judge(memory, said, now)
        memory = answer.memory
        if (memory.newest.at > now || memory.known.length > 64 || memory.changed.length > chatter.changes) return false
        if (
          'reading' in answer &&
          (answer.reading.at > now || (answer.reading.quality === 'good') !== (answer.reading.doubt === undefined))
        )
          return false
      }
      return true
    }),
    { numRuns: 300 }
  )
  t.pass()
})

t.test('a clock of the station that was put back does not make the device’s next words old', async t => {
  let memory: SeriesMemory | undefined
  const say = (at: number): string => {
    const answer = judge(memory, { device: 'd', zone: 'z', quantity: 'smoke_alarm', value: 0, at, quality: 'good' } satisfies Reading, at)
    memory = answer.memory
    return 'repeated' in answer ? 'again' : (answer.reading.doubt ?? 'good')
  }
  t.strictSame([say(start), say(start - minutes(180)), say(start - minutes(179))], ['good', 'good', 'good'])
})
