import t from 'tap'
import { actionOf } from '../../edge/domain/public-actions.ts'
import { reading } from '../../edge/domain/reading.ts'
import { openPublicActions } from '../../edge/public-actions.ts'
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

/** A station with a siren for the public that says itself whether it sounds; what is sent arrives at once. */
const openSiren = (before: Parameters<typeof openStory>[0] = {}) => {
  let actions: ReturnType<typeof openPublicActions> | undefined
  const story = openStory({ ...before, heard: entry => actions?.heard(entry) })
  const { clock, duty } = story
  const opened = openPublicActions({
    clock,
    duty,
    channels: [{ id: 'horn', kind: 'siren', device: 'siren-1', persons: 1, answers: 'switch_on' }],
    call: ({ id: incident, severity, drill }, [one], occasion, channel) => {
      const of = { id: `p-${incident}-${clock.now()}`, at: clock.now(), incident }
      if (one === undefined) return
      const { unit, agency } = one
      void duty.desk.record([
        { ...of, type: 'page_asked', unit, agency, channel, occasion, severity, drill, deadline_at: clock.now() + minutes(10) },
        { ...of, type: 'page_receipt', receipt: 'sent' }
      ])
    }
  })
  actions = opened
  const incident = () => [...duty.state.incidents.values()][0]
  return {
    ...story,
    start: opened.start,
    close: async () => {
      opened.close()
      await duty.close()
    },
    confirm: () => void duty.desk.command(incident()?.id ?? '', { type: 'confirm_action', action: 'horn', by: 'li' }),
    horn: () => actionOf(incident() ?? {}, 'horn')?.status,
    sounds: (claimed: number, value = 1) => {
      const said = reading({ device: 'siren-1', zone: 'food-row' }, 'switch_on', value, claimed, clock.now())
      if (said === undefined) throw new Error('no reading')
      opened.reading(said.at < clock.now() - minutes(1) ? { ...said, quality: 'suspect', doubt: 'late' } : said)
    }
  }
}

t.test('a siren that was sent for when the station stopped has ten seconds to say that it sounds, also after the start', async t => {
  for (const down_s of [2, 60]) {
    const before = openSiren()
    await before.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
    before.confirm()
    t.equal(before.horn(), 'sent')
    await before.told()
    await before.close()
    before.clock.advance(seconds(down_s))
    const after = openSiren({ journal: before.journal, clock: before.clock })
    after.start()
    after.clock.advance(seconds(1))
    t.equal(after.horn(), down_s < 10 ? 'sent' : 'failed')
    after.clock.advance(seconds(10))
    t.equal(after.horn(), 'failed')
    await after.close()
  }
})

t.test('what a siren said before it was sent for, and is heard only now, is no answer', async t => {
  const story = openSiren()
  const then = story.clock.now()
  story.clock.advance(minutes(20))
  await story.hear('smoke-1', 'food-row', 'smoke_alarm', 1)
  story.confirm()
  story.sounds(then)
  t.equal(story.horn(), 'sent')
  story.sounds(story.clock.now(), 7)
  t.equal(story.horn(), 'sent', 'nor what cannot be')
  story.sounds(story.clock.now())
  t.equal(story.horn(), 'acknowledged')
  await story.close()
})
