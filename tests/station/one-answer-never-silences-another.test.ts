import t from 'tap'
import type { Incident } from '../../edge/domain/incident.ts'
import { seconds } from '../support/clock.ts'
import { openStory, type Story } from '../support/duty.ts'

const only = ({ duty }: Story): Incident => {
  const [incident] = [...duty.state.incidents.values()]
  if (incident === undefined) throw new Error('no incident')
  return incident
}
const answer = (story: Story, unit: string): object => story.duty.desk.command(only(story).id, { type: 'acknowledge', unit, by: unit })

t.test('smoke: police answer, the fire brigade stays silent, and the ladder goes on for the fire brigade alone', async t => {
  const story = openStory()
  await story.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  story.clock.advance(seconds(5))
  answer(story, 'patrol-1')
  story.clock.advance(seconds(200))
  t.strictSame(await story.told(), [
    '0 s  device_alarmed',
    '0 s  alert_raised red',
    '0 s  incident_opened patrol-1,fire-1',
    '0 s  alert_linked',
    '5 s  incident_response patrol-1 acknowledged',
    '15 s  incident_escalated',
    '45 s  incident_escalated command',
    '105 s  incident_escalated city',
    '165 s  incident_unanswered'
  ])
  t.strictSame(only(story).responses['fire-1']?.status, 'asked')
})

t.test('when both have answered, nobody is asked further', async t => {
  const story = openStory()
  await story.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  answer(story, 'patrol-1')
  answer(story, 'fire-1')
  story.clock.advance(seconds(600))
  t.notOk((await story.told()).some(line => line.includes('escalated')))
})

t.test('gas and then smoke in the same row are one incident', async t => {
  const story = openStory()
  await story.hear('gas-7', 'food-row', 'gas_lel_percent', 10)
  story.clock.advance(seconds(40))
  await story.hear('smoke-7', 'food-row', 'smoke_alarm', 1)
  t.equal(story.duty.state.incidents.size, 1)
  t.equal(only(story).alerts.length, 2)
  t.equal(only(story).severity, 'red')
})

t.test('a platform that fills is one alert that rises, and one incident that is worsened', async t => {
  const story = openStory()
  await story.crowd(2.6, 10)
  await story.crowd(3.4, 10)
  await story.crowd(4.2, 10)
  t.equal(story.duty.state.alerts.size, 1)
  t.equal(story.duty.state.incidents.size, 1)
  t.strictSame(only(story).needs, ['police', 'operator', 'traffic_police', 'medical', 'guard', 'volunteer'])
  t.ok((await story.told()).includes('25 s  incident_worsened'), (await story.told()).join('\n'))
})

t.test('two who answer at once: one winner, the other is told', async t => {
  const story = openStory()
  await story.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  t.notMatch(answer(story, 'patrol-1'), { refused: String })
  t.match(answer(story, 'patrol-1'), { refused: 'already_answered' })
})

t.test('a second press of the panic button while people are coming is the same incident', async t => {
  const story = openStory()
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  story.clock.advance(seconds(20))
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  story.clock.advance(seconds(90))
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  t.equal(story.duty.state.incidents.size, 1)
  t.equal(story.duty.state.alerts.size, 1)
})

t.test('who closes an incident has seen its alerts', async t => {
  const story = openStory()
  await story.hear('leak', 'food-row', 'water_leak', 1)
  await story.hear('leak', 'food-row', 'water_leak', 0)
  story.duty.desk.command(only(story).id, { type: 'close', by: 'commander', outcome: 'resolved' })
  t.strictSame(
    [...story.duty.state.alerts.values()].map(({ phase }) => phase),
    ['closed']
  )
})
