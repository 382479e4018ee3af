/** How the wire of the sensors stays whole while devices are let in, replaced and taken away. */
import t from 'tap'
import type { Announced } from '../../edge/domain/announced.ts'
import type { Template } from '../../edge/domain/templates/template.ts'
import type { Enrolled } from '../../edge/state.ts'
import { seconds } from '../support/clock.ts'
import { definitions, hubZones, openStory } from '../support/duty.ts'
import { openFakeOnboarding } from '../support/fake-onboarding.ts'
import { until } from '../support/until.ts'

const by = 'installer'
const zone = 'food-row'

const stall: Announced = {
  ...{ key: 's', name: 's', gives: ['smoke_alarm'], left_out: [], presence: [], presence_mode: 'latest' },
  entities: [{ key: 's', name: 's', quantity: 'smoke_alarm', topic: 's/smoke', path: [], reads: 'flag', on: 'ON', off: 'OFF' }]
}

const open = (story = openStory(), accounts?: Parameters<typeof openFakeOnboarding>[4]) => {
  const { onboarding, sensors, proposals } = openFakeOnboarding(
    story.clock,
    story.duty,
    definitions.templates.get('transport-hub') as Template,
    hubZones,
    accounts
  )
  const say = (device: string, topic: string, payload: unknown): void =>
    void sensors.hear({ device, topic, payload: new TextEncoder().encode(JSON.stringify(payload)), at: story.clock.now() })
  const values = (id: string) =>
    sensors
      .list()
      .find(one => one.id === id)
      ?.last_readings.map(({ value }) => value)
  return { ...story, onboarding, sensors, proposals, say, values }
}

const gateway = { id: 'lora', profile: 'chirpstack', topic: 'application', zone, by }
const eui = 'application/a1/device/0101010101010101'
const leak = { id: 'leak-1', profile: 'chirpstack', topic: eui, via: 'lora', zone, by }

t.test(
  'a bridge is replaced and those behind it stay on the air: let in, one behind it, replaced as it is, with another topic',
  async t => {
    const { onboarding, sensors, say, values } = open()
    await onboarding.enrol(gateway)
    await onboarding.enrol(leak)
    t.match(await onboarding.replace('lora', by, {}), { password: /./ })
    say('lora', `${eui}/event/up`, { object: { leak: true } })
    t.strictSame(values('leak-1'), [1])
    t.match(await onboarding.replace('lora', by, { topic: 'application/a1' }), { topic: 'application/a1' })
    t.match(await onboarding.replace('lora', by, { topic: 'station/x' }), { refused: 'topic_taken' })
    t.match(await onboarding.replace('lora', by, { profile: 'json' }), { refused: 'others_behind_it' })
    t.match(
      sensors.list().map(({ id, topic }) => [id, topic]),
      [
        ['lora', 'application/a1'],
        ['leak-1', eui]
      ],
      'and what is refused leaves it as it was'
    )
  }
)

t.test('who could not be given a credential is not served: the disk is full, the same again when there is room', async t => {
  let full = true
  const enrolDevice = async () => (full ? { failed: 'no space left' } : { password: 'shown-this-once' })
  const { onboarding, sensors } = open(openStory(), { enrolDevice, removeDevice: async () => ({ removed: true }) })
  await t.rejects(onboarding.enrol(gateway), /no space/)
  t.strictSame(sensors.list(), [])
  full = false
  t.match(await onboarding.enrol(gateway), { password: /./ })
  full = true
  await t.rejects(onboarding.replace('lora', by, { profile: 'zigbee2mqtt-bridge', topic: 'zigbee2mqtt' }), /no space/)
  t.match(sensors.list(), [{ profile: 'chirpstack', topic: 'application' }], 'nor is it replaced')
})

t.test('a device that was let in and no longer fits is missed: let in, the station starts again without its profile', async t => {
  const before = open()
  await before.onboarding.enrol({ ...gateway, id: 'acme-1', profile: 'json', topic: 'acme/1' })
  await until(() => before.journal.keptUpto() === before.journal.last(), 'it is written down')
  const story = openStory({ journal: before.journal, clock: before.clock })
  story.duty.state.enrolled.set('acme-1', { ...(story.duty.state.enrolled.get('acme-1') as Enrolled), profile: 'mapping-that-is-gone' })
  const { onboarding, sensors, clock, told } = open(story)
  onboarding.begin()
  t.strictSame(sensors.list(), [])
  clock.advance(seconds(4001))
  t.match(
    (await told()).filter(line => /alert_raised/.test(line)),
    [/alert_raised yellow/]
  )
  t.match(await onboarding.remove('acme-1', by), { removed: true }, 'and who takes it away is rid of it')
  t.match((await told()).at(-2), /alert_cleared/)
})

t.test('a device may say that it is missed sooner, never later, and not at every gap: a week, two minutes, one second', async t => {
  for (const [expires_s, after_s] of [
    [604_800, 4000],
    [120, 120],
    [1, 60]
  ] as const) {
    const { onboarding, proposals, clock, told } = open()
    await onboarding.enrol({ id: 'gw', profile: 'homeassistant', topic: 'homeassistant', zone, by })
    clock.advance(seconds(3000))
    proposals.hear('gw', 'homeassistant/binary_sensor/s/config', [{ ...stall, expires_s }], clock.now())
    const [found] = onboarding.proposals()
    t.equal(found?.silent_after_s, after_s, 'shown before it is let in')
    await onboarding.enrol({ id: 'stall-7', proposal: found?.id ?? '', zone, by })
    const raised = async () => (await told()).filter(line => /alert_raised/.test(line)).length
    clock.advance(seconds(after_s - 1))
    const before = await raised()
    clock.advance(seconds(1))
    t.equal((await raised()) - before, 1, `${after_s} s`)
  }
})
