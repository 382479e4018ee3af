import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Incident } from '../../edge/domain/incident.ts'
import type { History } from '../../edge/ports.ts'
import { type Played, playScenario, readScenario } from '../../edge/scenario.ts'
import { definitions, noHistory } from '../support/duty.ts'
import { memoryJournal } from '../support/memory-journal.ts'

const play = async (name: string): Promise<{ played: Played[]; incidents: Incident[]; alerts: number }> => {
  const played: Played[] = []
  const duty = await playScenario(readScenario(fileURLToPath(new URL(`../../edge/demo/scenarios/${name}.yaml`, import.meta.url))), {
    definitions,
    journal: memoryJournal(),
    history: noHistory as History,
    start: Date.UTC(2026, 0, 1),
    hear: one => played.push(one)
  })
  await duty.close()
  return { played, incidents: [...duty.state.incidents.values()], alerts: duty.state.alerts.size }
}
const first = (played: readonly Played[], test: (event: Played['event']) => boolean): number =>
  played.find(({ event }) => test(event))?.at_s ?? Number.POSITIVE_INFINITY

t.test(
  '[D1] a platform that fills: amber at least ten minutes before 4 p/m², one alert, every agency asked, the silent one escalated',
  async t => {
    const { played, incidents, alerts } = await play('D1')
    const four_at_s = ((4 - 2.2) / (4.6 - 2.2)) * 1080
    const amber = first(played, event => 'severity' in event && event.severity === 'yellow')
    t.ok(four_at_s - amber >= 600, `amber at ${amber} s, ${Math.round((four_at_s - amber) / 60)} min before 4 p/m²`)
    t.equal(alerts, 1)
    const [incident] = incidents
    t.equal(incident?.highest, 'red')
    t.strictSame(incident?.needs, ['police', 'operator', 'traffic_police', 'medical', 'guard', 'volunteer'])
    const red = first(played, event => event.type === 'incident_worsened')
    const late = Object.values(incident?.responses ?? {}).filter(
      ({ agency, acknowledged_at }) => agency !== 'medical' && agency !== 'city' && acknowledged_at === undefined
    )
    t.strictSame(
      late.map(({ unit }) => unit).filter(unit => unit !== 'commander'),
      [],
      'everyone but the medics has answered'
    )
    const escalated = played
      .filter(({ event }) => event.type === 'incident_escalated' && event.silent.includes('medical'))
      .map(({ at_s }) => at_s - red)
    t.strictSame(escalated, [15, 45, 105], 'the medics’ silence is visible at 15 s and climbs')
    t.ok(incident?.drill, 'it is marked as an exercise')
  }
)

t.test('[D2] gas, then smoke in the same row: one incident, red, fire and police asked once', async t => {
  const { played, incidents, alerts } = await play('D2')
  t.equal(incidents.length, 1)
  t.equal(alerts, 2)
  t.equal(incidents[0]?.highest, 'red')
  t.strictSame(
    played.filter(({ event }) => event.type === 'incident_opened').map(({ at_s }) => at_s),
    [30]
  )
  t.equal(incidents[0]?.responses['patrol-1']?.status, 'acknowledged')
})

t.test('the same scenario played twice happens the same way', async t => {
  const story = ({ played }: { played: readonly Played[] }): unknown[] => played.map(({ at_s, event }) => [at_s, event.type])
  t.strictSame(story(await play('D1')), story(await play('D1')))
})
