import t from 'tap'
import { minutes, seconds } from '../support/clock.ts'
import { openStory } from '../support/duty.ts'

t.test('a restart goes on where the station was: the same incidents, the same due times', async t => {
  const before = openStory()
  await before.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  before.clock.advance(seconds(5))
  const after = openStory(before)
  t.strictSame([...after.duty.state.incidents.values()], [...before.duty.state.incidents.values()])
  before.duty.watch.close()
  after.clock.advance(seconds(11))
  t.ok((await after.told()).some(line => line.includes('incident_escalated')))
})

t.test('what fell due while the station was down acts at once on start', async t => {
  const before = openStory()
  await before.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  await before.duty.close()
  before.clock.advance(minutes(30))
  const after = openStory({ journal: before.journal, clock: before.clock })
  const [incident] = [...after.duty.state.incidents.values()]
  t.equal(incident?.level, 1)
  t.equal(incident?.due_at, before.clock.now() + seconds(30), 'the next rung counts from now, not from what was missed')
})

t.test('a smoke alarm that goes on after a restart is not a second alert', async t => {
  const before = openStory()
  await before.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  await before.duty.close()
  const after = openStory({ journal: before.journal, clock: before.clock })
  await after.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  t.equal(after.duty.state.alerts.size, 1)
  await after.hear('smoke-b3', 'food-row', 'smoke_alarm', 0)
  t.notOk([...after.duty.state.alerts.values()][0]?.active, 'and it can clear')
})

t.test('with a disk that takes nothing, people are told first and the device is not yet answered', async t => {
  const story = openStory()
  story.journal.refuse('disk full')
  let answered = false
  const heard = story.hear('smoke-b3', 'food-row', 'smoke_alarm', 1).then(() => {
    answered = true
  })
  t.equal(story.duty.state.incidents.size, 1)
  t.ok(story.journal.unpersisted() > 0)
  await new Promise(resolve => setImmediate(resolve))
  t.notOk(answered)
  story.journal.refuse(undefined)
  await heard
  t.equal(story.journal.unpersisted(), 0)
})

t.test('a screen that comes back after a restart misses nothing, also not what took the number of something lost', async t => {
  const before = openStory()
  await before.hear('smoke-b3', 'food-row', 'smoke_alarm', 1)
  const seenOfBefore = `${before.duty.epoch}:${before.journal.last() + 3}`
  await before.duty.close()
  const after = openStory({ journal: before.journal, clock: before.clock })
  await after.hear('leak', 'food-row', 'water_leak', 1)
  const missed = after.duty.live.since(seenOfBefore)
  t.ok(missed.some(({ type, data }) => type === 'alert' && (data as { rule: string; device: string }).device === 'leak'))
  t.ok(missed.some(({ type, data }) => type === 'station' && (data as { type: string }).type === 'station_started'))
})

t.test('a restart knows who is inside a site, and its gates go on counting from there', async t => {
  const before = openStory()
  const inside = (story: typeof before): number | undefined => story.duty.floor.zones().find(({ id }) => id === 'platform-1')?.inside
  await before.hear('gate', 'platform-1', 'people_entered_total', 500)
  before.clock.advance(seconds(1))
  await before.hear('gate', 'platform-1', 'people_entered_total', 620)
  t.equal(inside(before), 120)
  await before.duty.close()
  before.clock.advance(minutes(2))
  const after = openStory({ journal: before.journal, clock: before.clock })
  t.equal(inside(after), 120)
  await after.hear('gate', 'platform-1', 'people_entered_total', 650)
  t.equal(inside(after), 150, 'those who came meanwhile are in the total')
})
