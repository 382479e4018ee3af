import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { Channel, Message, OpenChannel } from '../../edge/notify/channel.ts'
import sign from '../../edge/notify/sign.ts'
import siren from '../../edge/notify/siren.ts'
import { device, openTestBroker } from '../support/broker.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { until } from '../support/until.ts'
import { means, message } from '../support/vendor.ts'

const never = new AbortController().signal
/** A device that stands still, or is away; what it was told is kept. */
const open = async <Settings extends TSchema>(t: Test, channel: Channel<Settings>, settings: object, dir = t.testdir({})) => {
  const clock = stillClock()
  const told: unknown[] = []
  let online = true
  const make = (): OpenChannel | Promise<OpenChannel> =>
    channel.open(
      Value.Default(channel.settings, { device: 'siren-1', ...settings }) as Static<Settings>,
      means({
        clock,
        dir,
        isOnline: id => id === 'siren-1' && online,
        publish: (topic, payload) => told.push(topic === 'devices/siren-1/command' ? JSON.parse(payload) : topic)
      })
    )
  const opened = await make()
  const call = (more: Partial<Message> = {}) => opened.send(message({ at: clock.now(), ...more }), never)
  return { clock, told, call, opened, make, dir, away: (gone: boolean) => (online = !gone) }
}
const on = { on: true }
const off = { on: false }

t.test('a siren on the real broker hears when to sound and when to be quiet', async t => {
  const { broker, client } = await openTestBroker(t, [device('siren-1')])
  const heard: string[] = []
  const line = client('siren-1')
  line.on('message', (topic, payload) => heard.push(`${topic} ${payload}`))
  await line.subscribeAsync('devices/siren-1/command')
  const { device: _, ...usual } = Value.Default(siren.settings, { device: 'siren-1' }) as Static<typeof siren.settings>
  const opened = await siren.open(
    { ...usual, device: 'siren-1', on: { warning: { mode: 'burglar', duration: 30 } } },
    means({ dir: t.testdir({}), publish: broker.publish, isOnline: broker.online })
  )
  t.strictSame(await opened.send(message(), never), { receipt: 'delivered' })
  t.strictSame(await opened.send(message({ occasion: 'over' }), never), { receipt: 'delivered' })
  await until(() => heard.length === 2, 'on and off')
  t.strictSame(heard, ['devices/siren-1/command {"warning":{"mode":"burglar","duration":30}}', 'devices/siren-1/command {"on":false}'])
  line.end(true)
  await until(() => !broker.online('siren-1'), 'it has gone')
  t.match(await opened.send(message(), never), { failed: 'the device is not online', retry: true })
  t.equal(await opened.well?.(), 'the device is not online')
})

t.test('a siren is off again when its time is over, counted from the last call', async t => {
  const { clock, told, call } = await open(t, siren, { for_s: 30 })
  await call()
  clock.advance(seconds(20))
  await call()
  clock.advance(seconds(29))
  t.strictSame(told, [on, on])
  clock.advance(seconds(1))
  t.strictSame(told, [on, on, off])
  clock.advance(seconds(100))
  t.equal(told.length, 3)
})

t.test('what is over for one incident goes on while another needs it', async t => {
  const { told, call } = await open(t, siren, {})
  await call({ incident: 'i-1' })
  await call({ incident: 'i-2' })
  await call({ incident: 'i-1', occasion: 'over' })
  t.strictSame(told.at(-1), on)
  await call({ incident: 'i-2', occasion: 'over' })
  t.strictSame(told.at(-1), off)
})

t.test('a siren that was away when it had to be quiet is told so as soon as it is back', async t => {
  const { clock, told, call, away } = await open(t, siren, { for_s: 30 })
  await call()
  away(true)
  clock.advance(seconds(40))
  told.length = 0
  away(false)
  clock.advance(seconds(5))
  t.strictSame(told, [off])
  clock.advance(seconds(60))
  t.strictSame(told, [off], 'once')
})

t.test('a station that was killed while the siren sounded turns it off when both are back', async t => {
  const first = await open(t, siren, {})
  await first.call()
  t.ok(existsSync(join(first.dir, 'on')))
  const second = await open(t, siren, {}, first.dir)
  t.strictSame(second.told, [off])
  t.notOk(existsSync(join(first.dir, 'on')))
  t.strictSame((await open(t, siren, {}, first.dir)).told, [], 'and the next start has nothing to turn off')
})

t.test('a siren that is called again after the kill is not turned off by what was before', async t => {
  const first = await open(t, siren, {})
  await first.call()
  first.away(true)
  const again = await first.make()
  first.away(false)
  first.told.length = 0
  await again.send(message({ at: first.clock.now() }), never)
  first.clock.advance(seconds(10))
  t.strictSame(first.told, [on])
})

t.test('a station that closes leaves no siren on', async t => {
  const { told, call, opened } = await open(t, siren, {})
  await call()
  await opened.close?.()
  t.strictSame(told, [on, off])
})

t.test('that the folder cannot be written keeps nobody from being called', async t => {
  const { told, call } = await open(t, siren, {}, '/proc/nowhere')
  t.strictSame(await call(), { receipt: 'delivered' })
  t.strictSame(told, [on])
})

t.test('a device with a convention of its own is told on its own topic', async t => {
  const { told, call } = await open(t, siren, { topic: 'zigbee2mqtt/siren-1/set' })
  await call()
  t.strictSame(told, ['zigbee2mqtt/siren-1/set'])
})

t.test('a sign shows the gravest call that stands, of those the newest, and is empty at the end', async t => {
  const { clock, told, call } = await open(t, sign, {})
  const titled = (zh: string) => ({ title: { 'zh-CN': zh, en: `“${zh}” "en"` } })
  const shown = (zh: string) => ({ text: zh, text_en: `“${zh}” "en"` })
  await call({ incident: 'i-1', severity: 'orange', ...titled('橙') })
  clock.advance(seconds(1))
  await call({ incident: 'i-2', severity: 'red', ...titled('红') })
  clock.advance(seconds(1))
  await call({ incident: 'i-3', severity: 'orange', ...titled('橙二') })
  t.strictSame(told, [shown('橙'), shown('红'), shown('红')])
  await call({ incident: 'i-2', occasion: 'over' })
  t.strictSame(told.at(-1), shown('橙二'))
  clock.advance(seconds(600))
  t.strictSame(told.at(-1), { text: '', text_en: '' })
})

t.test('a sign with words of its own shows those', async t => {
  const { told, call } = await open(t, sign, { show: { page: 3, lines: ['请从东口离开', 'Leave by the east exit'] } })
  await call()
  t.strictSame(told, [{ page: 3, lines: ['请从东口离开', 'Leave by the east exit'] }])
})
