import t from 'tap'
import { device, machine, openTestBroker, publishBytes } from '../support/broker.ts'
import { until } from '../support/until.ts'

t.test('F33: QoS 2 exchanges that are never finished are counted to an end', async t => {
  const { raw, heard } = await openTestBroker(t, [device('d')], { limits: { qos2_open: 20, messages_burst: 1000 } })
  const d = await raw()
  await d.hello('d')
  for (let id = 1; id <= 30; id++) d.send(publishBytes('devices/d/t', 'x', 2, id))
  await until(() => d.closed(), 'closed')
  t.equal(heard.length <= 30, true)
})

t.test('F33: a subscriber that never acknowledges holds nothing', async t => {
  const { raw, broker } = await openTestBroker(t, [machine('m', 'station/#')])
  const m = await raw()
  await m.hello('m')
  m.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'station/#', qos: 1 }] })
  await m.next('suback')
  for (let i = 0; i < 5000; i++) broker.publish('station/s/readings/d/t', String(i))
  await until(() => m.got.length >= 5001, 'all arrive')
})

t.test('F34: a frozen subscriber is cut, and nobody else waits for it', async t => {
  const { raw, broker, count } = await openTestBroker(t, [machine('frozen', 'station/#'), machine('awake', 'station/#')])
  const [frozen, awake] = [await raw(), await raw()]
  for (const [line, id] of [
    [frozen, 'frozen'],
    [awake, 'awake']
  ] as const) {
    await line.hello(id)
    line.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'station/#', qos: 0 }] })
    await line.next('suback')
  }
  frozen.socket.pause()
  const before_mb = process.memoryUsage().rss / 1e6
  const start = performance.now()
  let largestGap_ms = 0
  let last = performance.now()
  awake.socket.on('data', () => {
    largestGap_ms = Math.max(largestGap_ms, performance.now() - last)
    last = performance.now()
  })
  const payload = 'z'.repeat(8192)
  const talk = setInterval(() => {
    for (let i = 0; i < 20; i++) broker.publish('station/s/alerts/a', payload)
  }, 5)
  t.teardown(() => clearInterval(talk))
  await until(() => count('mqtt_frozen_total') === 1, 'the frozen one is cut', 8000)
  t.comment(
    `cut after ${Math.round(performance.now() - start)} ms, largest gap ${Math.round(largestGap_ms)} ms, RSS +${Math.round(process.memoryUsage().rss / 1e6 - before_mb)} MB`
  )
  t.ok(largestGap_ms < 2500, `largest gap ${largestGap_ms} ms`)
  t.ok(process.memoryUsage().rss / 1e6 - before_mb < 150)
  t.ok(broker.online('awake'))
  t.ok(count('mqtt_forward_dropped_total') > 0, 'what it could not take was let go')
})

t.test('what the station says in one breath is passed on in turns, and has an end', async t => {
  const { raw, broker, count } = await openTestBroker(t, [machine('m', 'station/#')], { limits: { outbox_messages: 1000 } })
  const m = await raw()
  await m.hello('m')
  m.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'station/#', qos: 0 }] })
  await m.next('suback')
  for (let i = 0; i < 5000; i++) broker.publish('station/s/alerts/a', String(i))
  await until(() => count('mqtt_published_total') + count('mqtt_publish_dropped_total') === 5000, 'all said or let go')
  t.ok(count('mqtt_publish_dropped_total') > 3000)
  await until(() => m.got.some(packet => packet.cmd === 'publish' && String(packet.payload) === '4999'), 'the newest arrives')
})

t.test('F39: above its rate a device loses QoS 0 and waits with QoS 1, and the others notice nothing', async t => {
  const { raw, heard, count } = await openTestBroker(t, [device('loud0'), device('loud1'), device('calm')])
  const [loud0, loud1, calm] = [await raw(), await raw(), await raw()]
  await Promise.all([loud0.hello('loud0'), loud1.hello('loud1'), calm.hello('calm')])
  loud0.send(...Array.from({ length: 3000 }, () => publishBytes('devices/loud0/t', 'x', 0)))
  loud1.send(...Array.from({ length: 600 }, (_, i) => publishBytes('devices/loud1/t', 'x', 1, i + 1)))
  const start = performance.now()
  calm.send(publishBytes('devices/calm/t', 'x', 1, 1))
  t.ok(await calm.next('puback'))
  t.ok(performance.now() - start < 500, 'the calm one is served at once')
  await until(() => loud1.got.filter(({ cmd }) => cmd === 'puback').length === 600, 'every QoS 1 message is kept in the end')
  const took_ms = performance.now() - start
  t.ok(took_ms > 700, `600 messages at 400 + 200/s took ${Math.round(took_ms)} ms`)
  t.equal(heard.filter(message => message.device === 'loud1').length, 600)
  const kept0 = heard.filter(message => message.device === 'loud0').length
  t.ok(kept0 < 1200, `${kept0} of 3000 at QoS 0`)
  const heard0 = (): number => heard.filter(message => message.device === 'loud0').length
  await until(() => heard0() + count('mqtt_rate_limited_total') === 3000, 'each is heard or counted')
  t.ok(count('mqtt_held_total') > 0)
})

t.test('F39: a reconnect brings no new allowance', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')], { limits: { messages_per_s: 0.001, messages_burst: 10 } })
  for (let i = 0; i < 3; i++) {
    const d = await raw()
    await d.hello('d')
    d.send(...Array.from({ length: 10 }, () => publishBytes('devices/d/t', 'x', 0)), { cmd: 'pingreq' })
    await d.next('pingresp')
    d.socket.destroy()
  }
  t.equal(count('mqtt_messages_total'), 10)
  t.equal(count('mqtt_rate_limited_total'), 20)
})

t.test('when the disk is slow a device is read only as far as its unkept messages go, and goes on when they are kept', async t => {
  const keep: (() => void)[] = []
  const { raw, heard, client } = await openTestBroker(t, [device('d'), device('e')], {
    limits: { unkept_messages: 10, messages_burst: 10_000, messages_per_s: 10_000 },
    hear: message => {
      heard.push(message)
      return new Promise<void>(resolve => keep.push(resolve))
    }
  })
  const d = await raw()
  await d.hello('d')
  for (let id = 1; id <= 200; id++) {
    d.send(publishBytes('devices/d/t', 'x', 1, id))
    await new Promise(resolve => setImmediate(resolve))
  }
  const e = client('e')
  await until(() => e.connected, 'another connects meanwhile')
  e.publish('devices/e/t', 'alarm', { qos: 1 })
  await until(() => heard.some(message => message.device === 'e'), 'and its alarm is heard')
  t.ok(heard.filter(message => message.device === 'd').length < 200, `${heard.length} heard so far`)
  const flow = setInterval(() => {
    for (const one of keep.splice(0)) one()
  }, 5)
  t.teardown(() => clearInterval(flow))
  await until(() => d.got.filter(({ cmd }) => cmd === 'puback').length === 200, 'all are kept in the end')
})
