/** Many weak signs of one danger in one place, in the whole duty room: one incident, one table, and people called in time. */
import t from 'tap'
import { type Incident, placesOf } from '../../edge/domain/incident.ts'
import { minutes, seconds } from '../support/clock.ts'
import { closedByTwo, hubUnits, hubZones, openStory, unit } from '../support/duty.ts'

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

const beside = [
  ...hubZones.map(zone => ({ ...zone, beside: ['kitchen'] })),
  { id: 'kitchen', name: '后厨', use: 'walkway', area_m2: 60 }
] as const
const smokes = (story: Story, zone: string, n = 1): Promise<void> => story.hear(`smoke-${zone}-${n}`, zone, 'smoke_alarm', 1)
const places = (story: Story): string[] => open(story).map(({ kind, zone }) => `${kind} ${zone}`)
const answer = (story: Story, status: 'acknowledged' | 'on_scene' | 'done', zone = 'food-row'): void => {
  for (const { id, responses } of open(story).filter(one => one.zone === zone))
    for (const by of Object.keys(responses)) story.duty.desk.command(id, { type: 'respond', unit: by, by, status })
}

t.test(
  'smoke next door later calls people there too, whatever those who were called have answered, and who is at work hears of it',
  async t => {
    for (const status of ['acknowledged', 'on_scene', 'done'] as const) {
      const called: string[] = []
      const story = openStory({
        zones: beside,
        units: hubUnits.map(one => (one.id === 'patrol-2' ? { ...one, zones: ['kitchen'] } : one)),
        call: ({ zone }, asked, occasion) => called.push(...asked.map(({ unit }) => `${zone} ${unit} ${occasion}`))
      })
      await smokes(story, 'food-row')
      answer(story, status)
      story.clock.advance(minutes(6))
      called.length = 0
      await smokes(story, 'kitchen')
      t.strictSame(places(story), ['fire food-row', 'fire kitchen'], `${status}`)
      const [, kitchen] = open(story)
      t.match(kitchen, { severity: 'red', needs: ['police', 'fire'], because: { say: 'flag_set' } })
      t.strictSame(
        called,
        ['patrol-2', 'fire-1', ...(status === 'done' ? [] : ['patrol-1'])].map(name => `kitchen ${name} opened`),
        `${status}: the nearest of each agency, and who has it behind them`
      )
      await smokes(story, 'kitchen')
      story.clock.advance(seconds(2))
      t.equal(called.length, status === 'done' ? 2 : 3, 'the same detector again calls nobody')
      await story.duty.close()
    }
  }
)

t.test('[D2] smoke soon after next door is the same incident: everybody is called again, and told where it is now too', async t => {
  const called: string[] = []
  const story = openStory({
    zones: beside,
    units: hubUnits.map(one => (one.id === 'patrol-2' ? { ...one, zones: ['kitchen'] } : one)),
    call: (incident, asked, occasion) => called.push(...asked.map(({ unit }) => `${placesOf(incident)} ${unit} ${occasion}`))
  })
  await smokes(story, 'food-row')
  answer(story, 'on_scene')
  story.duty.desk.command(open(story)[0]?.id ?? '', { type: 'respond', unit: 'fire-1', by: 'fire-1', status: 'done' })
  story.clock.advance(seconds(40))
  called.length = 0
  for (let n = 0; n < 40; n++) await smokes(story, n % 2 === 0 ? 'food-row' : 'kitchen', n)
  await smokes(story, 'kitchen', 1)
  t.strictSame(places(story), ['fire food-row'])
  t.strictSame(
    called,
    ['patrol-1', 'fire-1', 'patrol-2'].map(name => `food-row,kitchen ${name} worsened`),
    'once for the new place, not for each detector'
  )
  t.match(
    open(story)[0]?.responses,
    { 'fire-1': { status: 'asked' }, 'patrol-1': { status: 'on_scene' } },
    'who had finished is asked again'
  )
  t.match(
    (await story.told()).filter(line => line.includes('escalated')),
    []
  )
  story.clock.advance(seconds(16))
  t.ok(
    (await story.told()).some(line => line.includes('incident_escalated')),
    'and its silence is noticed'
  )
  await story.duty.close()
})

t.test('what people closed in two places is settled in both', async t => {
  const story = openStory({ zones: beside })
  await smokes(story, 'food-row')
  await smokes(story, 'kitchen')
  const [{ id = '' } = {}] = open(story)
  for (const zone of ['food-row', 'kitchen']) await story.hear(`smoke-${zone}-1`, zone, 'smoke_alarm', 0)
  closedByTwo(story.duty, id, 'false_alarm')
  t.strictSame(
    [...story.duty.state.alerts.values()].map(({ phase }) => phase),
    ['closed', 'closed', 'closed', 'closed'],
    'also what the signs of both had added up to in each'
  )
  story.clock.advance(minutes(1))
  await report(story, '后厨着火了', 'fire', 'kitchen')
  t.strictSame(places(story), ['fire kitchen'], 'and what is said next is news')
  await story.duty.close()
})

t.test('two that a person merges are one in both places', async t => {
  const story = openStory({ zones: beside })
  await smokes(story, 'food-row')
  story.clock.advance(minutes(6))
  await smokes(story, 'kitchen')
  const [first, second] = open(story)
  story.duty.desk.merge(second?.id ?? '', first?.id ?? '', 'commander', 'one fire')
  story.clock.advance(minutes(6))
  await smokes(story, 'kitchen', 2)
  t.strictSame(open(story).map(placesOf), [['food-row', 'kitchen']])
  await story.duty.close()
})

t.test('what is known next door alone belongs to the incident there and calls nobody anew', async t => {
  const called: string[] = []
  const story = openStory({ zones: beside, call: ({ zone }, asked, occasion) => called.push(`${zone} ${occasion} ${asked.length}`) })
  await smokes(story, 'food-row')
  story.clock.advance(minutes(6))
  await story.hear('gas-7', 'food-row', 'gas_alarm', 1)
  await story.hear('co-7', 'food-row', 'carbon_monoxide_alarm', 1)
  t.ok(
    [...story.duty.state.alerts.values()].some(({ zone }) => zone === 'kitchen'),
    'the signs of the row weigh in the kitchen too'
  )
  t.strictSame(open(story).map(placesOf), [['food-row']])
  const anew = (): number => called.filter(call => call.startsWith('kitchen') || call.includes('worsened')).length
  t.equal(anew(), 0, `${called}`)
  await report(story, '后厨着火了', 'fire', 'kitchen')
  t.equal(anew(), 1, 'until somebody says so in the kitchen itself')
  t.strictSame(open(story).map(placesOf), [['food-row', 'kitchen']])
  await story.duty.close()

  const other = openStory({ zones: beside })
  await smokes(other, 'food-row')
  await report(other, '着火了', 'fire', 'kitchen')
  t.strictSame(open(other).map(placesOf), [['food-row', 'kitchen']], 'who reports it from the kitchen is heard there')
  await other.duty.close()
})

t.test('it smokes again where everybody had finished: people are called again', async t => {
  const story = openStory()
  await smokes(story, 'food-row')
  answer(story, 'on_scene')
  await story.hear('smoke-food-row-1', 'food-row', 'smoke_alarm', 0)
  answer(story, 'done')
  story.clock.advance(minutes(6))
  await smokes(story, 'food-row')
  t.match(open(story), [
    { phase: 'open' },
    { zone: 'food-row', responses: { 'patrol-1': { status: 'asked' }, 'fire-1': { status: 'asked' } } }
  ])
  await smokes(story, 'food-row', 2)
  t.equal(open(story).length, 2)
  const [old] = open(story)
  closedByTwo(story.duty, old?.id ?? '', 'resolved')
  const [again] = story.duty.state.alerts.values()
  t.match(again, { active: true, acknowledged: undefined }, 'who closes the old one has not seen what came after it')
  await story.duty.close()
})

t.test('agencies that only the second alarm needs are asked, also when it is no worse', async t => {
  const units = [...hubUnits, unit('city-1', 'city')]
  const story = openStory({ units })
  await story.crowd(7, 30)
  const before = open(story)[0]
  t.match(before, { kind: 'crowd', severity: 'red' })
  t.notOk(before?.needs.includes('fire'))
  for (const text of ['人压着人', '压死人了']) await report(story, text, 'crowd', 'platform-1')
  const [after] = open(story)
  t.match(after, { responses: { 'fire-1': { status: 'asked' }, 'city-1': { status: 'asked' } } })
  t.ok(after?.needs.includes('fire') && after.needs.includes('city') && after.due_at !== undefined, 'and must answer')
  await story.duty.close()
})
