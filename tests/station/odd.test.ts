/** A fortnight at a gate, played with a still clock through the real model: what is usual is learnt, and one odd night is told once. */
import t from 'tap'
import { say } from '../../edge/domain/words.ts'
import { series_at_most } from '../../edge/ingest/oddity.ts'
import { oddity_step_ms, oddity_steps_a_day, openOddities } from '../../edge/oddities.ts'
import type { Judge } from '../../edge/ports.ts'
import { stillClock } from '../support/clock.ts'
import { openStory } from '../support/duty.ts'
import { chance, judgeHere } from '../support/series.ts'

t.setTimeout(300_000)

const day_ms = 86_400_000
/** Monday 2026-11-02, midnight in Shanghai. */
const monday = Date.UTC(2026, 10, 1, 16)
const hourOf = (at: number): number => ((at - monday) % day_ms) / 3_600_000

/** How many go through the gate in five minutes: two rush hours, few at night, fewer at the weekend. */
const gate = (at: number, by: () => number): number => {
  const hour = hourOf(at)
  const rush = (peak: number): number => 90 * Math.exp(-((hour - peak) ** 2) / 3)
  const weekend = Math.floor((at - monday) / day_ms) % 7 >= 5 ? 0.7 : 1
  const mean = weekend * (8 + rush(8) + rush(18) + (hour > 7 && hour < 21 ? 25 : 0))
  return Math.round(mean + (by() + by() + by() - 1.5) * Math.sqrt(mean))
}
/** On the second Friday, between half past ten and eleven at night, six times as many come. */
const odd_from = monday + 11 * day_ms + 22.5 * 3_600_000
const odd_until = odd_from + 30 * 60_000

t.test(
  'a fortnight of days and one odd night are one alert, which says how many times the usual, and the band holds the ordinary days',
  async t => {
    const clock = stillClock(monday)
    const judge = await judgeHere()
    const story = openStory({ clock, oddities: { judge, quantities: ['people_entered', 'sound_db'] } })
    const by = chance(7)
    const inside = { within: 0, of: 0 }
    for (let step = 0; step < 14 * oddity_steps_a_day; step++) {
      const at = clock.now()
      const isOdd = at >= odd_from && at < odd_until
      const ordinary = gate(at, by)
      const people = isOdd ? 48 : ordinary
      // In two messages, as gates speak; and one value that nobody believes, which nobody may learn either.
      await story.hear('gate-2', 'food-row', 'people_entered', people - Math.floor(people / 2))
      await story.hear('gate-2', 'food-row', 'people_entered', Math.floor(people / 2))
      if (step % 12 === 0)
        await story.duty.hear(
          [
            {
              device: 'gate-2',
              zone: 'food-row',
              quantity: 'people_entered',
              value: 90_000,
              at,
              quality: 'suspect',
              doubt: 'implausible_value'
            }
          ],
          'gate-2'
        )
      await story.hear('mic-1', 'food-row', 'sound_db', 48 + people / 10 + by() * 4)
      clock.advance(oddity_step_ms)
      await story.duty.oddities.judged()
      const last = story.duty.oddities.expected()[0]?.steps.at(-1)
      if (step === 0) t.equal(story.duty.oddities.expected()[0]?.learning, true, 'a series that has just begun is still learning')
      if (step < 7 * oddity_steps_a_day || isOdd || last?.low === undefined || last.high === undefined) continue
      inside.of++
      if (last.value >= last.low && last.value <= last.high) inside.within++
    }
    const alerts = [...story.duty.state.alerts.values()].filter(({ rule }) => rule === 'odd')
    const told = alerts.map(({ because }) => say(because, 'zh-CN'))
    t.equal(alerts.filter(({ device }) => device === 'gate-2').length, 1, `one alert of the gate: ${told.join(' / ')}`)
    const alert = alerts.find(({ device }) => device === 'gate-2')
    t.match(alert, { kind: 'odd', zone: 'food-row', active: false, phase: 'open' }, 'it is over, and nobody has seen it yet')
    const raised = (await story.told()).filter(line => line.includes('alert_raised'))
    t.match(raised[0], /alert_raised (blue|yellow)/)
    const first = story.journal.read(0, 10_000).find(({ event }) => event.type === 'alert_raised' && event.device === 'gate-2')?.event
    if (first?.type !== 'alert_raised') throw new Error('nothing was raised')
    t.ok(first.at > odd_from && first.at <= odd_from + 2 * oddity_step_ms, 'within ten minutes')
    t.match(say(first.because, 'zh-CN'), /^周五夜间food-row（gate-2）新进入人数为同时段的 [5-7](\.\d)? 倍：\d+ 人，平时 \d/)
    t.match(say(first.because, 'en'), /Friday at night: people just entered is [5-7](\.\d)? times what is usual at this hour/)
    t.strictSame(
      [...story.duty.state.incidents.values()].filter(({ kind }) => kind === 'odd'),
      [],
      'it calls nobody'
    )
    const share = inside.within / inside.of
    t.ok(share > 0.8 && share < 0.98, `nine values in ten of the ordinary days lie in the band: ${share}`)
    const marked = story.duty.oddities.expected().find(({ quantity }) => quantity === 'people_entered')
    t.equal(marked?.learning, false)
    await story.duty.close()
  }
)

t.test('the chart marks what the rule tells, and nothing else', async t => {
  const clock = stillClock(monday)
  const usual = { usual: 50, low: 48, high: 52, score: 0.95, raw: 0.95, learnt_steps: 8 * oddity_steps_a_day }
  const judge: Judge = { judge: async (_, samples) => samples.map(({ series }) => ({ series, ...usual })) }
  const { hear, duty } = openStory({ clock, oddities: { judge, quantities: ['sound_db'] } })
  // Four decibels above the usual are outside of its band and no matter, eight are.
  for (const value of [50, 51, 54, 58]) {
    await hear('mic-1', 'hall', 'sound_db', value)
    clock.advance(oddity_step_ms)
    await duty.oddities.judged()
  }
  t.strictSame(
    duty.oddities.expected()[0]?.steps.map(({ value, odd }) => [value, odd]),
    [
      [51, false],
      [54, false],
      [58, true]
    ]
  )
  t.match([...duty.state.alerts.values()], [{ rule: 'odd', because: { with: { value: 58 } } }])
  await duty.close()
})

t.test('one series too many and a third step that waits are let go, and counted', async t => {
  const clock = stillClock(monday)
  const asked: number[] = []
  const { hear, counters, close } = openOddities({
    clock,
    timezone: 'Asia/Shanghai',
    quantities: ['sound_db'],
    judge: {
      judge: step => {
        asked.push(step)
        return new Promise(() => undefined)
      }
    },
    odd: () => undefined,
    keep: () => undefined,
    rule: { learn_days: 7, isOdd: () => false }
  })
  for (let step = 0; step < 4; step++) {
    for (let n = 0; n <= series_at_most; n++)
      hear({ device: `mic-${n}`, zone: 'hall', quantity: 'sound_db', value: 50, at: clock.now(), quality: 'good' })
    clock.advance(oddity_step_ms)
  }
  await Promise.resolve()
  t.equal(asked.length, 1, 'the one that hangs')
  t.strictSame(counters(), { oddity_readings_turned_away_total: 4, oddity_steps_let_go_total: 1 })
  close()
})
