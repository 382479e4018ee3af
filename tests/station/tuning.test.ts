/** A limit that history proposes, in the whole duty room: taken over it counts from the next reading on, over a restart, and can be taken back. */
import t from 'tap'
import { settingsWith } from '../../edge/domain/device-limits.ts'
import type { Event } from '../../edge/domain/event.ts'
import { tunedWith } from '../../edge/domain/proposal.ts'
import threshold from '../../edge/domain/rules/threshold.ts'
import type { HistoryRow } from '../../edge/ports.ts'
import { openTuning } from '../../edge/tuning.ts'
import { minutes } from '../support/clock.ts'
import { definitions, openStory } from '../support/duty.ts'

type Story = ReturnType<typeof openStory>
/** Three weeks in which the kitchen reached 46.5 °C for twenty minutes every noon. */
const warmNoons = (now: number): readonly HistoryRow[] =>
  Array.from({ length: 21 * 144 }, (_, i) => {
    const at = now - (21 * 144 - i) * minutes(10)
    const value = i % 144 === 72 || i % 144 === 73 ? 46.5 : 28
    return { zone: 'food-row', device: 't-7', quantity: 'temperature_celsius' as const, at, value, min: value, max: value, n: 10 }
  })
const tuningOf = (
  { duty, clock }: Story,
  rows: readonly HistoryRow[],
  asked: { times: number; of?: (device?: string) => void } = { times: 0 }
) =>
  openTuning({
    clock,
    state: duty.state,
    history: {
      query: async ({ device, zone, quantity, from, to }) => {
        asked.times++
        asked.of?.(device)
        return rows.filter(
          row => row.device === (device ?? row.device) && row.zone === zone && row.quantity === quantity && row.at >= from && row.at <= to
        )
      }
    },
    rules: definitions.rules,
    settingsFor: ({ rule, device = '' }) => {
      const usual = definitions.rules.get(rule)?.settings as object
      return { ...usual, ...settingsWith(usual, duty.state.enrolled.get(device)?.limits) }
    },
    zones: duty.floor.zones,
    latest: duty.floor.latest,
    record: duty.desk.record
  })
/** A noon like every other; answers how many alerts of the kitchen there were. */
const noon = async (story: Story): Promise<number> => {
  // Nothing warms in an instant: that would be a jump, which only a second reading confirms.
  story.clock.advance(minutes(2))
  const before = [...story.duty.state.alerts.values()].filter(({ device, active }) => device === 't-7' && active).length
  await story.hear('t-7', 'food-row', 'temperature_celsius', 46.5)
  story.clock.advance(minutes(2))
  await story.hear('t-7', 'food-row', 'temperature_celsius', 46.5)
  const now = [...story.duty.state.alerts.values()].filter(({ device, active }) => device === 't-7' && active).length
  await story.hear('t-7', 'food-row', 'temperature_celsius', 28)
  return now - before
}

t.test('a limit that is taken over counts from the next reading on, over a restart too, and is restored by one word', async t => {
  const story = openStory()
  await story.hear('t-7', 'food-row', 'temperature_celsius', 28)
  t.equal(await noon(story), 1, 'as it was')
  const rows = warmNoons(story.clock.now())
  const tuning = tuningOf(story, rows)
  const { proposals, limits } = await tuning.now()
  t.match(proposals, [{ rule: 'threshold', device: 't-7', limit_now: 45, now: { fired: 21 }, would: { fired: 0 } }])
  t.equal(limits.length, 0)
  const [{ id, limit } = { id: '', limit: 0 }] = proposals
  t.strictSame(tuning.accept(id, limit + 1, 'commander'), { refused: 'no_such_limit_proposal' }, 'what was seen is what is taken')
  t.match(tuning.accept(id, limit, 'commander'), { state: { by: 'commander', limit } })
  t.equal(await noon(story), 0, 'a warm noon calls nobody any more')
  t.equal((await tuning.now()).proposals.length, 0)
  t.ok((await story.told()).some(line => line.includes('limit_tuned')))
  await story.duty.close()

  const again = openStory({ journal: story.journal, clock: story.clock })
  t.equal(await noon(again), 0, 'after a restart neither')
  again.clock.advance(minutes(2))
  await again.hear('t-7', 'food-row', 'temperature_celsius', 58)
  t.ok(
    [...again.duty.state.alerts.values()].some(({ severity }) => severity === 'red'),
    'a fire is where it was'
  )
  again.clock.advance(minutes(2))
  await again.hear('t-7', 'food-row', 'temperature_celsius', 20)
  const restored = tuningOf(again, rows)
  t.match(restored.restore(id, 'commander'), { state: { limit_now: 45 } })
  t.equal(await noon(again), 1, 'restored')
  t.strictSame(restored.restore(id, 'commander'), { refused: 'not_tuned' })
  await again.duty.close()
})

t.test(
  'only the first limit is taken over: what is set by hand afterwards holds, and what was proposed before that is no longer offered',
  async t => {
    const story = openStory()
    const { duty } = story
    const enrolled: Event = {
      type: 'device_enrolled',
      id: 't-7',
      at: story.clock.now(),
      by: 'commander',
      profile: 'tasmota-sensor',
      zone: 'food-row',
      topic: 'devices/t-7'
    }
    const limited = (first: number, fire: number): Event => ({
      type: 'device_limited',
      id: 't-7',
      at: story.clock.now(),
      by: 'commander',
      limits: { temperature_celsius: [first, fire] }
    })
    await duty.desk.record([enrolled])
    await story.hear('t-7', 'food-row', 'temperature_celsius', 28)
    const tuning = tuningOf(story, warmNoons(story.clock.now()))
    const take = async () => {
      const [{ id, limit } = { id: '', limit: 0 }] = (await tuning.now()).proposals
      return tuning.accept(id, limit, 'commander')
    }
    t.match(await take(), { state: { device: 't-7' } })
    t.notOk(
      JSON.stringify(duty.state.tuned.get('threshold:t-7:temperature_celsius')).includes('57'),
      'of the limit for fire nothing is taken over'
    )
    t.equal(await noon(story), 0)
    await duty.desk.record([limited(46, 50)])
    duty.watch.forget('t-7')
    t.equal(await noon(story), 1, 'the limit set by hand is the one that counts')
    t.equal(duty.state.tuned.size, 0)
    story.clock.advance(minutes(2))
    await story.hear('t-7', 'food-row', 'temperature_celsius', 51)
    t.ok(
      [...duty.state.alerts.values()].some(({ severity, active }) => active && severity === 'red'),
      'that for fire too'
    )

    story.clock.advance(minutes(61))
    t.equal((await tuning.now()).proposals.length, 1)
    await duty.desk.record([limited(40, 50)])
    t.strictSame(await take(), { refused: 'no_such_limit_proposal' })
    t.equal((await tuning.now()).proposals.length, 0)
    for (const end of [{ type: 'device_removed', id: 't-7', at: story.clock.now(), by: 'wang' } as const, enrolled]) {
      duty.state.tuned.set('threshold:t-7:temperature_celsius', { device: 't-7' } as never)
      await duty.desk.record([end])
      t.equal(duty.state.tuned.size, 0, end.type)
    }
    await duty.close()
  }
)

t.test('a limit that was made lower stays the lower one only as long as the settings do not take more care', async t => {
  const of = { zone: 'food-row', quantity: 'gas_lel_percent' as const, limit: 8 }
  const zones = [{ id: 'food-row', name: '美食街', use: 'walkway', area_m2: 300 } as const]
  const firstOf = (above: number): unknown => {
    const [first, second] = threshold.settings.gas_lel_percent ?? []
    return tunedWith(threshold.tunes, of, { gas_lel_percent: [{ ...first, above }, second] }, zones)
  }
  t.match(firstOf(10), { gas_lel_percent: [{ above: 8 }, { above: 25, severity: 'red' }] })
  t.equal(firstOf(5), undefined)
})

t.test('a value that cannot be is no alarm of which a proposal speaks', async t => {
  const story = openStory()
  await story.hear('t-7', 'food-row', 'temperature_celsius', 28)
  const rows = warmNoons(story.clock.now()).map((row, i) => (i % 144 === 20 ? { ...row, value: 1500, min: 1500, max: 1500 } : row))
  t.match((await tuningOf(story, rows).now()).proposals, [{ now: { fired: 21 }, would: { fired: 0 } }])
  await story.duty.close()
})

t.test('what people decide while history is looked through is not undone by what the look had read before', async t => {
  const story = openStory()
  for (const device of ['t-7', 't-8']) await story.hear(device, 'food-row', 'temperature_celsius', 28)
  for (const decide of ['accept', 'reject'] as const) {
    const asked: { times: number; of?: (device?: string) => void } = { times: 0 }
    const tuning = tuningOf(story, warmNoons(story.clock.now()), asked)
    const [{ id, limit } = { id: '', limit: 0 }] = (await tuning.now()).proposals
    story.clock.advance(minutes(61))
    asked.of = device => {
      if (device !== 't-8') return
      delete asked.of
      t.notOk('refused' in (decide === 'accept' ? tuning.accept(id, limit, 'wang') : tuning.reject(id, limit, 'wang', '夏天不同')))
    }
    t.equal((await tuning.now()).proposals.length, 0, decide)
    if (decide === 'accept') tuning.restore(id, 'commander')
  }
  await story.duty.close()
})

t.test('what was not wanted is not proposed again for a month, and history is looked through once an hour', async t => {
  const story = openStory()
  await story.hear('t-7', 'food-row', 'temperature_celsius', 28)
  const asked = { times: 0 }
  const tuning = tuningOf(story, warmNoons(story.clock.now()), asked)
  const [first, second] = await Promise.all([tuning.now(), tuning.now()])
  t.strictSame(first, second)
  const once = asked.times
  const [{ id, limit } = { id: '', limit: 0 }] = first.proposals
  t.strictSame(tuning.reject(id, limit, 'commander', ' '), { refused: 'reason_missing' })
  t.match(tuning.reject(id, limit, 'commander', '夏天不同'), { state: { id } })
  t.equal((await tuning.now()).proposals.length, 0)
  t.equal(asked.times, once)
  story.clock.advance(minutes(61))
  t.equal((await tuning.now()).proposals.length, 0)
  t.equal(asked.times, 2 * once)
  await story.duty.close()
})
