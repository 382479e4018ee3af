import t from 'tap'
import { batteryLeft, type Course, type Kept, upkeepOf, upkeepSentences } from '../../edge/domain/upkeep.ts'
import type { Doubt, Quantity } from '../../edge/domain/vocabulary.ts'
import { fill, say } from '../../edge/domain/words.ts'
import type { HistoryRow } from '../../edge/ports.ts'
import { openUpkeep } from '../../edge/upkeep.ts'
import { minutes, seconds } from '../support/clock.ts'
import { openStory } from '../support/duty.ts'

const now = Date.UTC(2026, 10, 24, 8)
const day_ms = 86_400_000
/** Twice a day for a fortnight, the newest last. */
const course = (value: (days_ago: number) => number, days = 14): Course =>
  Array.from({ length: 2 * days + 1 }, (_, i) => ({ at: now - (days - i / 2) * day_ms, value: value(days - i / 2) }))
const kept = (more: Partial<Omit<Kept, 'readings'>> & { said?: readonly (readonly [Quantity, number, Doubt?])[] } = {}): Kept => {
  const { said = [], ...rest } = more
  const readings = said.map(([quantity, value, doubt]) => ({
    device: 'd',
    zone: 'z',
    quantity,
    value,
    at: now,
    quality: doubt ? ('suspect' as const) : ('good' as const),
    ...(doubt && { doubt })
  }))
  return {
    id: 'd',
    zone: 'z',
    last_seen: now,
    silent_after_s: 4000,
    readings,
    battery: [],
    link: [],
    firmware: [],
    unreadable: { total: 0, last_at: undefined },
    ...rest
  }
}
const said = (...devices: Kept[]): string[] => upkeepOf(devices, now).map(({ why }) => fill(upkeepSentences[why.say].en, why.with, 'en'))

t.test('what is listed, and what is not yet', async t => {
  const ago = (s: number): number => now - seconds(s)
  const table: readonly (readonly [string, Kept, readonly string[]])[] = [
    [
      'all well',
      kept({
        said: [
          ['battery_percent', 90],
          ['link_quality', 120]
        ]
      }),
      []
    ],
    [
      'runs down',
      kept({ said: [['battery_percent', 30]], battery: course(days => 30 + 2 * days) }),
      ['battery 30 %, 2 % less a day, under 10 % in about 10 days']
    ],
    ['runs down slowly', kept({ said: [['battery_percent', 80]], battery: course(days => 80 + days / 4) }), []],
    ['low without a trend', kept({ said: [['battery_percent', 30]] }), ['battery down to 30 %']],
    ['just above', kept({ said: [['battery_percent', 31]] }), []],
    ['only a flag', kept({ said: [['battery_low', 1]] }), ['the device says that its battery is low']],
    [
      'a link that fell',
      kept({ said: [['link_quality', 60]], link: course(days => (days < 1 ? 60 : 150)) }),
      ['link quality fell from 150 to 60']
    ],
    ['a link that is weak', kept({ said: [['link_quality', 39]] }), ['link quality is only 39']],
    ['a weak signal', kept({ said: [['signal_dbm', -86]] }), ['the signal is only -86 dBm']],
    ['a doubted sensor', kept({ said: [['temperature_celsius', 21, 'stuck']] }), ['temperature: has not changed for too long']],
    ['firmware offered today', kept({ said: [['firmware_offered', 1]] }), ['newer firmware is on offer']],
    [
      'firmware that waits',
      kept({ said: [['firmware_offered', 1]], firmware: course(days => (days > 5 ? 0 : 1)) }),
      ['newer firmware has been on offer for at least 5 days']
    ],
    ['firmware taken', kept({ said: [['firmware_offered', 0]], firmware: course(() => 1) }), []],
    ['late words are nobody’s fault', kept({ said: [['temperature_celsius', 21, 'late']] }), []],
    ['unreadable', kept({ unreadable: { total: 3, last_at: ago(120) } }), ['3 messages were not understood, the last 2 min ago']],
    ['unreadable long ago', kept({ unreadable: { total: 300, last_at: ago(3601) } }), []],
    ['nearly silent', kept({ last_seen: ago(3800) }), ['not heard for 63 min; after 67 min it is silent']],
    ['an hourly word is on its way', kept({ last_seen: ago(3700) }), []],
    ['silent already: that is an alert', kept({ last_seen: ago(4000) }), []],
    ['never heard', kept({ last_seen: undefined }), []]
  ]
  for (const [name, device, expected] of table) t.strictSame(said(device), expected, name)
})

t.test('days left of a battery: of this battery, and of a gauge that jumps by tens', async t => {
  t.match(batteryLeft(course(days => 40 + days)), { per_day: 1, days: 30 })
  t.match(batteryLeft(course(days => Math.round((40 + days) / 10) * 10)), { days: Number })
  t.equal(batteryLeft(course(() => 100)), undefined)
  t.equal(batteryLeft(course(days => 40 + days, 2)), undefined, 'two days are no trend')
  t.equal(batteryLeft(course(days => (days > 1 ? 12 + days : 100))), undefined, 'it was changed yesterday')
  t.equal(batteryLeft([]), undefined)
})

t.test('the most urgent comes first', async t => {
  const list = upkeepOf(
    [
      kept({ id: 'c', said: [['link_quality', 10]] }),
      kept({ id: 'b', said: [['battery_percent', 26]], battery: course(days => 26 + 2 * days) }),
      kept({ id: 'a', last_seen: now - seconds(3900) })
    ],
    now
  )
  t.strictSame(
    list.map(({ device, due_at }) => [device, due_at]),
    [
      ['a', now + seconds(100)],
      ['b', now + 8 * day_ms],
      ['c', undefined]
    ]
  )
})

t.test('a smoke detector whose battery is nearly empty is an alert, a thermometer’s is a line of the list', async t => {
  const story = openStory()
  const { clock, duty } = story
  const device = (id: string) => ({ id, zone: 'food-row', last_seen: clock.now(), unreadable_total: 0, last_unreadable: undefined })
  let asked = 0
  const rows = course(days => 8 + days).map(
    ({ at, value }): HistoryRow => ({
      zone: 'food-row',
      device: 'smoke-1',
      quantity: 'battery_percent',
      at,
      value,
      min: value,
      max: value,
      n: 1
    })
  )
  const upkeep = openUpkeep({
    clock,
    state: duty.state,
    devices: () => ['smoke-1', 'warm-1'].map(device),
    latest: duty.floor.latest,
    history: {
      query: async ({ quantity }) => {
        asked++
        return quantity === 'battery_percent' ? rows : []
      }
    },
    silent_after_s: () => 4000,
    raise: (subject, verdict) => duty.desk.verdict(subject, { kind: 'device' }, verdict)
  })
  void duty.desk.record([{ type: 'coverage_claimed', id: 'smoke-1', at: clock.now(), zone: 'food-row', hazards: ['smoke'] }])
  void story.hear('smoke-1', 'food-row', 'battery_percent', 11)
  void story.hear('warm-1', 'food-row', 'battery_percent', 3)
  clock.advance(minutes(1))
  t.equal(duty.state.alerts.size, 0)
  void story.hear('smoke-1', 'food-row', 'battery_percent', 10)
  clock.advance(minutes(1))
  t.match([...duty.state.alerts.values()], [{ rule: 'battery', device: 'smoke-1', severity: 'yellow', active: true }])
  t.equal(say([...duty.state.alerts.values()][0]?.because as never, 'zh-CN'), 'smoke-1电量只剩 10%，food-row的烟雾靠它监测：请尽快更换电池')
  void story.hear('smoke-1', 'food-row', 'battery_percent', 14)
  clock.advance(minutes(1))
  t.match([...duty.state.alerts.values()], [{ active: true }], 'a warmer hour is no new battery')
  t.match(await upkeep.list(), [
    { device: 'smoke-1', kind: 'battery' },
    { device: 'warm-1', kind: 'battery' }
  ])
  await upkeep.list()
  t.equal(asked, 3, 'the history is read once for each quantity, however many ask')
  void story.hear('smoke-1', 'food-row', 'battery_percent', 100)
  clock.advance(minutes(1))
  t.match([...duty.state.alerts.values()], [{ active: false }])
  upkeep.close()
})
