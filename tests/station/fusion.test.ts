/** Many weak signs of one danger in one place, in the whole duty room: one incident, one table, and people called in time. */
import t from 'tap'
import type { Incident } from '../../edge/domain/incident.ts'
import { minutes, seconds } from '../support/clock.ts'
import { openStory, unit } from '../support/duty.ts'

type Story = ReturnType<typeof openStory>
const report = (story: Story, text: string, kind = 'other', zone = 'food-row'): Promise<void> =>
  story.duty.report({ type: 'report_received', id: `r-${text}`, at: story.clock.now(), zone, kind, text, by: `by ${text}` })
const open = ({ duty }: Story): Incident[] => [...duty.state.incidents.values()].filter(({ phase }) => phase === 'open')

t.test(
  'a leak is called before the detector’s limit; when the detector alarms too it is the same incident, and nobody is asked twice',
  async t => {
    const story = openStory()
    await story.hear('t-7', 'food-row', 'temperature_celsius', 20)
    story.clock.advance(minutes(1))
    await story.hear('gas-7', 'food-row', 'gas_lel_percent', 6)
    await story.hear('t-7', 'food-row', 'temperature_celsius', 25)
    t.equal(open(story).length, 0, 'nothing calls anybody yet')
    await report(story, '有煤气味')
    t.match(open(story), [{ kind: 'gas', severity: 'orange', hypothesis: { grade: 'likely', kind: 'gas' } }])
    t.match(open(story)[0]?.because, { say: 'weighed', with: { kind: 'gas', grade: 'likely', count: 3 } })
    const asked = Object.keys(open(story)[0]?.responses ?? {})

    story.clock.advance(seconds(10))
    await story.hear('gas-7', 'food-row', 'gas_lel_percent', 11)
    const [incident] = open(story)
    t.equal(open(story).length, 1)
    t.equal(incident?.alerts.length, 2, 'the alarm of the detector belongs to it')
    t.strictSame(Object.keys(incident?.responses ?? {}), asked)
    t.equal(incident?.hypothesis?.evidence[0]?.source, 'gas-7', 'the detector’s own alarm now says most')
    await story.duty.close()
  }
)

t.test('people beside a likely fire bring the medics, and the table fades by itself without an event', async t => {
  const story = openStory()
  for (let i = 0; i < 4; i++) await story.hear('cam-7', 'food-row', 'density_per_m2', 1.8)
  await story.hear('gas-7', 'food-row', 'gas_lel_percent', 12)
  const [incident] = open(story)
  t.ok(incident?.needs.includes('medical'))
  t.match(incident?.responses['medic-1'], { status: 'asked' })
  const written = (await story.told()).filter(line => line.includes('incident_weighed')).length
  story.clock.advance(minutes(20))
  t.equal((await story.told()).filter(line => line.includes('incident_weighed')).length, written)
  await story.duty.close()
})

t.test('a detector that goes on saying the same is written down about once a half-life, however often it speaks', async t => {
  const story = openStory()
  await story.hear('co-7', 'food-row', 'carbon_monoxide_ppm', 50)
  for (let second = 0; second < 1800; second += 5) {
    await story.hear('gas-7', 'food-row', 'gas_lel_percent', 12)
    story.clock.advance(seconds(5))
  }
  const written = (await story.told()).filter(line => line.includes('incident_weighed')).length
  t.ok(written >= 2 && written <= 5, `${written} times in half an hour`)
  await story.duty.close()
})

t.test('after a restart the table stands, and what people reported goes on counting', async t => {
  const story = openStory()
  await report(story, '烧烤摊着火了')
  await report(story, '好多烟')
  t.match(open(story), [{ kind: 'fire', severity: 'orange' }])
  await story.duty.close()
  const again = openStory({ journal: story.journal, clock: story.clock })
  t.match(open(again), [{ kind: 'fire', hypothesis: { evidence: [{ sign: 'report_fire' }, { sign: 'report_smoke' }] } }])
  t.equal(again.duty.state.alerts.size, 1, 'nothing is raised again')
  again.clock.advance(seconds(20))
  await again.hear('smoke-7', 'food-row', 'smoke_alarm', 1)
  t.match(open(again), [{ severity: 'red', hypothesis: { grade: 'confirmed' } }])
  t.equal(open(again).length, 1)
  await again.duty.close()
})

t.test('closed as a false alarm, the same old words raise nothing again; a new one does', async t => {
  const story = openStory()
  await report(story, '烧烤摊着火了')
  const [incident] = open(story)
  story.duty.desk.command(incident?.id ?? '', { type: 'close', by: 'commander', outcome: 'false_alarm', text: '是灯光' })
  t.strictSame(
    [...story.duty.state.alerts.values()].map(({ phase }) => phase),
    ['closed'],
    'its alert is over with it'
  )
  story.clock.advance(minutes(1))
  await story.hear('gas-7', 'food-row', 'gas_lel_percent', 6)
  t.equal(open(story).length, 0)
  story.clock.advance(minutes(5))
  await report(story, '真的着火了，快来')
  t.equal(open(story).length, 1)
  await story.duty.close()
})

t.test('a fight that is reported where somebody pressed is the same incident, and a collapse in a crowd adds the medics to it', async t => {
  const story = openStory({
    units: [unit('patrol-1', 'police', { zones: ['food-row'] }), unit('guard-1', 'guard'), unit('medic-1', 'medical')]
  })
  await story.hear('panic-b', 'food-row', 'button_pressed', 1)
  await report(story, '有人打架')
  t.equal(open(story).length, 1)
  t.match(open(story)[0], { kind: 'panic', hypothesis: { grade: 'confirmed', kind: 'panic' } })
  await report(story, '有人被打得倒地不起')
  t.ok(open(story)[0]?.needs.includes('medical'))
  t.strictSame(
    open(story).map(({ kind, because }) => [kind, because.say]),
    [['panic', 'flag_set']],
    'who lies there belongs to it'
  )
  await story.duty.close()
})

t.test('three people who smell gas are no crowd', async t => {
  const story = openStory()
  for (const text of ['有煤气味', '闻到燃气味了', '这里漏煤气']) {
    await report(story, text)
    story.clock.advance(minutes(4))
  }
  t.strictSame(
    open(story).map(({ kind }) => kind),
    ['gas']
  )
  await story.duty.close()
})
