import t from 'tap'
import { minutes } from '../support/clock.ts'
import { openStory, type Story } from '../support/duty.ts'

/** Fills from 1.2 p/m² by half a person a minute, told every five seconds; then stays. */
const fill = async ({ clock, hear }: Story, for_s: number, from_s = 0): Promise<void> => {
  for (let second = from_s; second < from_s + for_s; second += 5) {
    await hear('cam-1', 'platform-1', 'density_per_m2', 1.2 + second / 120)
    clock.advance(5000)
  }
}

t.test('what is foreseen calls people through the alert of the density: orange before orange, red when it is red', async t => {
  const story = openStory()
  await fill(story, 400)
  const { duty } = story
  t.equal(duty.state.alerts.size, 1)
  const [alert] = duty.state.alerts.values()
  t.match(alert, { rule: 'crowd-density', severity: 'red' })
  const told = await story.told()
  const orange = told.findIndex(line => line.endsWith('alert_changed orange') || line.endsWith('alert_raised orange'))
  t.ok(orange >= 0 && orange < told.findIndex(line => line.endsWith('alert_changed red')))
  t.equal(told.filter(line => /alert_(raised|changed) orange$/.test(line)).length, 1, 'called to orange once')
  t.ok(duty.state.incidents.size === 1)
  await duty.close()
})

t.test('the record of the forecasts outlives a restart, with the warning that stands', async t => {
  const story = openStory()
  await fill(story, 320)
  await story.told()
  t.match(story.duty.state.forecasts.zones['platform-1']?.warning, { limit_per_m2: 4, within_s: 600 })
  await story.duty.close()
  const again = openStory({ journal: story.journal as never, clock: story.clock })
  t.match(again.duty.state.forecasts.zones['platform-1'], { warning: { limit_per_m2: 4 }, watched_s: 140 })
  // The zone stays under red, and the ten minutes go by.
  for (let second = 0; second < 900; second += 5) {
    await again.hear('cam-1', 'platform-1', 'density_per_m2', 3)
    again.clock.advance(5000)
  }
  t.match(again.duty.state.forecasts.zones['platform-1'], { falses: 1, hits: 0, misses: 0 })
  t.equal(again.duty.state.forecasts.zones['platform-1']?.warning, undefined)
  await again.duty.close()
})

t.test('a zone that nobody sees any more has no forecast, and what waited for its outcome is not judged', async t => {
  const story = openStory()
  await fill(story, 320)
  t.ok(story.duty.floor.zones()[0]?.outlook)
  story.clock.advance(minutes(20))
  const [zone] = story.duty.floor.zones()
  t.equal(zone?.level, 'unknown')
  t.equal(zone?.outlook, undefined)
  await story.hear('cam-1', 'platform-1', 'density_per_m2', 3)
  await story.duty.close()
  const judged = story.duty.state.forecasts.tally[5].bins.reduce((sum, [n]) => sum + n, 0)
  t.equal(judged, 0)
  t.match(story.duty.state.forecasts.zones['platform-1'], { unseen: 1, falses: 0, misses: 0 }, 'what came of the warning nobody knows')
})
