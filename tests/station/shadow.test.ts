/** A rule on trial in the whole duty room: it sees what the one on duty sees, calls nobody, and is kept over a restart. */
import t from 'tap'
import { truthOf } from '../../edge/domain/shadow.ts'
import { minutes } from '../support/clock.ts'
import { openStory } from '../support/duty.ts'

const trials = [
  { id: 'sooner', rule: 'crowd-density', settings: { from: 'blue', early_on_delay_s: 2 } },
  { id: 'later', rule: 'crowd-density', settings: { on_delay_s: 600, early_on_delay_s: 600 } }
]

t.test(
  'a rule on trial speaks sooner than the one on duty and calls nobody; how the incident is closed says that it was right',
  async t => {
    const story = openStory({ shadows: trials })
    const { duty, clock } = story
    await story.crowd(1.8, 30)
    t.strictSame(
      duty.state.shadows.map(({ id, severity, zone }) => [id, severity, zone]),
      [['sooner', 'blue', 'platform-1']],
      'once an episode, with the severity it began with'
    )
    t.equal(duty.state.alerts.size + duty.state.incidents.size, 0, 'nobody is called for it')

    await story.crowd(4.2, 20)
    const [incident] = duty.state.incidents.values()
    t.equal(incident?.kind, 'crowd', 'the rule on duty speaks for itself')
    t.equal(duty.state.shadows.length, 1, 'a rise within the episode is no second firing')
    t.equal(truthOf(duty.state.shadows[0] as never, [...duty.state.incidents.values()], clock.now()).truth, 'open')
    await duty.close()

    const again = openStory({ journal: story.journal, clock, shadows: trials })
    t.strictSame(again.duty.state.shadows, duty.state.shadows, 'a restart forgets nothing')
    await again.duty.close()
  }
)

t.test('a rule on trial knows the limits of each device and what was learned, and its own settings over them', async t => {
  const kitchen = 'threshold:t-7:temperature_celsius'
  const calm = { id: 'calm', rule: 'threshold', settings: { co2_ppm: [] } }
  const story = openStory({ shadows: [calm] })
  const { duty, clock } = story
  const warm = async (celsius: number): Promise<number> => {
    for (const value of [30, celsius, celsius]) {
      clock.advance(minutes(2))
      await story.hear('t-7', 'food-row', 'temperature_celsius', value)
    }
    clock.advance(minutes(2))
    await story.hear('t-7', 'food-row', 'temperature_celsius', 30)
    return duty.state.shadows.length
  }
  const device = { id: 't-7', by: 'wang', profile: 'tasmota-sensor', zone: 'food-row', topic: 'devices/t-7' }
  const limits = { temperature_celsius: [50, 57] }
  await duty.desk.record([{ type: 'device_enrolled', at: clock.now(), ...device, limits }])
  t.equal(await warm(48), 0, 'under the limit of this kitchen')
  t.equal(await warm(52), 1)
  const tally = { fired: 0, true: 0, false: 0, open: 0, nothing: 0 }
  const span = { from: 0, to: 0, samples: 0, now: tally, would: tally }
  const of = { zone: 'food-row', device: 't-7', quantity: 'temperature_celsius', rule: 'threshold' } as const
  await duty.desk.record([{ type: 'limit_tuned', id: kitchen, at: clock.now(), by: 'wang', ...of, limit_now: 50, limit: 53, ...span }])
  t.equal(await warm(52), 1, 'learned for both, from the next reading on')
  t.strictSame([...duty.state.alerts.values()].length, 1)
  clock.advance(minutes(2))
  for (let i = 0; i < 10; i++) {
    await story.hear('t-7', 'food-row', 'co2_ppm', 5000)
    clock.advance(minutes(1))
  }
  t.equal(duty.state.shadows.length, 1, 'what is on trial is the setting it was given')
  await duty.close()
})

t.test('a rule on trial that trembles at its limit has fired once', async t => {
  const nervous = { from: 'blue', early_on_delay_s: 0, off_delay_s: 0, dwell_s: 0, cooldown_s: 0, deadband_per_m2: 0 }
  const story = openStory({ shadows: [{ id: 'nervous', rule: 'crowd-density', settings: nervous }] })
  for (let i = 0; i < 10; i++) {
    await story.crowd(1.6, 5)
    await story.crowd(1.4, 5)
  }
  t.equal(story.duty.state.shadows.length, 1)
  await story.crowd(1, 70)
  await story.crowd(1.6, 5)
  t.equal(story.duty.state.shadows.length, 2, 'a minute of quiet later it is another')
  await story.duty.close()
})
