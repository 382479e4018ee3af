import t from 'tap'
import { openDrills } from '../../edge/drills.ts'
import { readScenarios } from '../../edge/scenario.ts'
import { minutes, seconds } from '../support/clock.ts'
import { definitions, hubZones, openStory } from '../support/duty.ts'

const scenarios = readScenarios()
const open = () => {
  let heard = (_: Parameters<ReturnType<typeof openDrills>['heard']>[0]): void => undefined
  const story = openStory({ heard: entry => heard(entry) })
  const drills = openDrills({ clock: story.clock, duty: story.duty, definitions, scenarios, zones: hubZones, timezone: 'Asia/Shanghai' })
  heard = drills.heard
  return { ...story, drills, incidents: () => [...story.duty.state.incidents.values()] }
}

t.test(
  '[D15] a crowd and a fire at once, as an exercise: everyone is asked, all of it is marked, the silent are listed, it is scored',
  async t => {
    const { drills, clock, incidents, duty } = open()
    const begun = drills.start({ scenarios: ['D1', 'D2'], by: 'commander' })
    t.notMatch(begun, { refused: String })
    clock.advance(minutes(16))
    t.same(
      incidents()
        .map(({ kind }) => kind)
        .sort(),
      ['crowd', 'gas']
    )
    t.ok(incidents().every(({ drill }) => drill))
    t.ok([...duty.state.alerts.values()].every(({ drill }) => drill))
    for (const incident of incidents())
      for (const { unit, agency } of Object.values(incident.responses))
        if (agency !== 'medical') duty.desk.command(incident.id, { type: 'acknowledge', unit, by: unit })
    clock.advance(minutes(30))
    const [drill] = drills.list()
    t.match(drill, { phase: 'over', why: 'played' })
    t.ok(drill?.score && drill.score.score > 0 && drill.score.score < 100, `${drill?.score?.score} points`)
    t.ok(
      incidents().every(({ phase, outcome }) => phase === 'closed' && outcome === 'exercise'),
      'nothing of it stays open'
    )
    t.strictSame(
      [...duty.state.alerts.values()].filter(({ phase }) => phase === 'open'),
      []
    )
  }
)

t.test('something real and red ends the exercise at once, and is not part of it', async t => {
  const { drills, clock, incidents, hear } = open()
  drills.start({ scenarios: ['D2'], by: 'commander' })
  clock.advance(seconds(40))
  await hear('smoke-b3', 'platform-1', 'smoke_alarm', 1)
  t.match(drills.list()[0], { phase: 'over', why: 'real_alarm' })
  t.strictSame(
    incidents()
      .filter(({ phase }) => phase === 'open')
      .map(({ drill, severity }) => [drill, severity]),
    [[false, 'red']]
  )
  t.strictSame(drills.start({ scenarios: ['D1'], by: 'commander' }), { refused: 'something_real_is_red' })
})

t.test('one exercise at a time, of a scenario there is; a person may end it', async t => {
  const { drills } = open()
  t.strictSame(drills.start({ scenarios: ['D99'], by: 'x' }), { refused: 'no_such_scenario' })
  const begun = drills.start({ scenarios: ['D1'], by: 'x' })
  t.strictSame(drills.start({ scenarios: ['D2'], by: 'x' }), { refused: 'drill_is_running' })
  const id = 'state' in begun ? begun.state.id : ''
  drills.stop(id, 'x')
  t.match(drills.list()[0], { phase: 'over', why: 'stopped' })
  t.strictSame(drills.stop(id, 'x'), { refused: 'already_closed' })
})

t.test('the same answers score the same, month after month', async t => {
  const played = (): unknown => {
    const { drills, clock, incidents, duty } = open()
    drills.start({ scenarios: ['D2'], by: 'x' })
    clock.advance(seconds(45))
    for (const incident of incidents()) duty.desk.command(incident.id, { type: 'acknowledge', unit: 'patrol-1', by: 'x' })
    clock.advance(minutes(30))
    return drills.list()[0]?.score
  }
  t.strictSame(played(), played())
})
