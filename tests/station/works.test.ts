import t from 'tap'
import type { Alert } from '../../edge/domain/alert.ts'
import { standInFor } from '../../edge/domain/stand-in.ts'
import { minutes, seconds } from '../support/clock.ts'
import { hubUnits, openStory, type Story } from '../support/duty.ts'

const plan = ({ clock, duty }: Story, covers: { zone?: string; device?: string }, for_ms: number, every_s = 60): string => {
  const patrol = { unit: 'guard-1', every_s }
  const from = clock.now()
  const answer = duty.desk.planMaintenance({ covers, owner: 'works', by: 'li', from, until: from + for_ms, reason: 'new detector', patrol })
  if ('refused' in answer) throw new Error(answer.refused)
  return answer.state.id
}
const alertOf = ({ duty }: Story, rule: string): Alert | undefined => [...duty.state.alerts.values()].find(alert => alert.rule === rule)
const report = ({ clock, duty }: Story, text: string): void =>
  void duty.report({ type: 'report_received', id: 'r-1', at: clock.now(), zone: 'food-row', kind: 'crowd', text, by: 'desk' })

t.test('when the longer of two works ends early, the other still holds what it covers', async t => {
  const story = openStory()
  const short = plan(story, { zone: 'food-row' }, seconds(100), 600)
  const long = plan(story, { device: 'smoke-1' }, seconds(300), 600)
  void story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
  t.equal(alertOf(story, 'threshold')?.out_of_service?.window, long)
  story.duty.desk.maintain(long, { type: 'end', by: 'li' })
  t.equal(alertOf(story, 'threshold')?.out_of_service?.window, short)
  t.equal(story.duty.state.incidents.size, 0)
  story.clock.advance(seconds(100))
  t.match([...story.duty.state.incidents.values()], [{ kind: 'fire', phase: 'open' }], 'and at its end people are called')
})

t.test('a patrol that does not go round is missed, though its own zone is under works', async t => {
  const story = openStory()
  plan(story, { zone: 'food-row' }, minutes(10))
  story.clock.advance(seconds(61))
  t.match([...story.duty.state.incidents.values()], [{ because: { say: 'patrol_missed' }, phase: 'open' }])
})

t.test('people who say that they are crushed are heard under works, and so is a button', async t => {
  const story = openStory()
  plan(story, { zone: 'food-row' }, minutes(10))
  report(story, 'we are crushed')
  t.equal(story.duty.state.incidents.size, 1)
  void story.hear('button-1', 'food-row', 'button_pressed', 1)
  t.equal(story.duty.state.incidents.size, 2)
})

t.test('a blind camera: a patrol of its zone is proposed; once it is sent, the alert calls nobody and a missed round does', async t => {
  const story = openStory()
  const { duty, clock } = story
  const proposed = () => {
    const alert = alertOf(story, 'camera-unseen')
    return alert && standInFor(alert, { units: hubUnits, people: [], timezone: 'Asia/Shanghai', at: clock.now() })
  }
  const camera = { id: 'cam-1', zone: 'food-row' }
  await duty.camera({ ...camera, state: 'live' }, '')
  await duty.see({ camera: 'cam-1', at: clock.now(), people_count: 40, people_count_error: 2, took_ms: 1 }, 'food-row')
  void duty.camera({ ...camera, state: 'moved' }, '')
  t.match(duty.floor.zones()[1], { level: 'unknown', people_count: undefined, age_seconds: undefined }, 'its last count is gone at once')
  clock.advance(seconds(1))
  t.match([...duty.state.incidents.values()], [{ kind: 'camera', responses: { command: { status: 'asked' } } }], 'the commander is told')
  t.strictSame(proposed(), { unit: 'patrol-1', every_s: 600 }, 'the unit that is at home there')
  plan(story, { device: 'cam-1' }, minutes(60), 600)
  t.equal(proposed(), undefined, 'somebody has been sent')
  clock.advance(minutes(10))
  t.ok(alertOf(story, 'patrol-missed')?.active)
  void duty.camera({ ...camera, state: 'live' }, '')
  t.match(
    alertOf(story, 'camera-unseen'),
    { active: false, because: { say: 'camera_back', with: { seconds: 601 } } },
    'the repair is timed'
  )
})

t.test('a crowd in waves is orange before its density is, and the zone says how fast, where to and how many pass', async t => {
  const story = openStory()
  const { duty, clock } = story
  const see = (motion_level: 1 | 3) =>
    duty.see(
      {
        camera: 'cam-1',
        at: clock.now(),
        people_count: 20,
        people_count_error: 2,
        density_per_m2: 2.6,
        motion: { speed_m_per_s: 0.3, direction_degrees: 270, crowd_pressure_per_s2: 0.1, motion_level },
        lines: [{ line: 'gate-a', zone: 'platform-1', in_per_min: 40, out_per_min: 4 }],
        took_ms: 1
      },
      'platform-1'
    )
  await see(1)
  t.equal(alertOf(story, 'crowd-motion'), undefined)
  await see(3)
  t.match(alertOf(story, 'crowd-motion'), {
    severity: 'orange',
    zone: 'platform-1',
    because: { say: 'crowd_stop_and_go', with: { value: 2.6 } }
  })
  t.equal(alertOf(story, 'crowd-density'), undefined)
  const platform = () => duty.floor.zones().find(({ id }) => id === 'platform-1')
  t.match(platform()?.motion, { speed_m_per_s: 0.3, direction_degrees: 270, flow: [{ line: 'gate-a', in_per_min: 40, out_per_min: 4 }] })
  clock.advance(seconds(11))
  t.strictSame(platform()?.motion, { flow: [] }, 'after ten seconds nobody knows any more')
  t.ok(alertOf(story, 'crowd-motion')?.active, 'and what was raised stays so')
})
