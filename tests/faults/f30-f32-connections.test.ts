import { spawn } from 'node:child_process'
import t from 'tap'
import { device, openTestBroker, publishBytes } from '../support/broker.ts'
import { until } from '../support/until.ts'

/** Another process, so that its own work is not measured: opens `total` lines from many addresses and says nothing on them. */
const flood = (port: number, total: number, addresses: number): Promise<{ opened: number }> =>
  new Promise((resolve, reject) => {
    const script = `
      const { connect } = require('node:net')
      const [port, total, addresses] = process.argv.slice(1).map(Number)
      let begun = 0, ended = 0, opened = 0
      const next = () => {
        if (begun === total) return
        const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.1.' + (1 + (begun++ % addresses)) })
        let over = false
        const done = () => { if (over) return; over = true; socket.destroy(); if (++ended === total) { console.log(JSON.stringify({ opened })); process.exit() } ; next() }
        socket.on('error', done); socket.on('close', done)
        socket.on('connect', () => { opened++; setTimeout(done, 300) })
      }
      for (let i = 0; i < 400; i++) next()`
    const child = spawn(process.execPath, ['-e', script, '--', String(port), String(total), String(addresses)], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    let out = ''
    child.stdout.on('data', bytes => (out += bytes))
    child.on('exit', code => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`the flood ended with ${code}`))))
  })

t.test('F30: ten thousand connections in a burst do not keep a device waiting, and the limits hold', async t => {
  const { raw, broker, count } = await openTestBroker(t, [device('d'), device('late')])
  const d = await raw()
  await d.hello('d')
  const latencies: number[] = []
  let flooding = true
  const before_mb = process.memoryUsage().rss / 1e6
  const flooded = flood(broker.port, 10_000, 40).finally(() => {
    flooding = false
  })
  let most = 0
  for (let id = 1; flooding; id = (id % 60_000) + 1) {
    const start = performance.now()
    d.send(publishBytes('devices/d/t', 'x', 1, id))
    t.ok(await d.next('puback'), 'acknowledged') || t.bailout('the healthy device was not served')
    latencies.push(performance.now() - start)
    most = Math.max(most, count('mqtt_accepted_total') - count('mqtt_refused_silent_total'))
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  t.match(await flooded, { opened: Number })
  const sorted = latencies.sort((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY
  const grown_mb = process.memoryUsage().rss / 1e6 - before_mb
  t.comment(
    `${sorted.length} messages, p50 ${sorted[sorted.length >> 1]?.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, RSS +${grown_mb.toFixed(0)} MB`
  )
  t.ok(p99 < 250, `p99 ${p99.toFixed(1)} ms`)
  t.ok(grown_mb < 150, `RSS grew ${grown_mb.toFixed(0)} MB`)
  const turnedAway =
    count('mqtt_refused_too_fast_total') + count('mqtt_refused_silent_total') + count('mqtt_refused_too_many_connections_total')
  t.ok(turnedAway > 1000, `${turnedAway} turned away`)
  const late = await raw()
  t.match(await late.hello('late'), { returnCode: 0 }, 'a newcomer is served at once afterwards')
})

t.test('F30: one address gets its share and no more, and the others keep theirs', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')], { limits: { connect_within_ms: 60_000, silent_connections: 1000 } })
  const lines = await Promise.all(Array.from({ length: 1000 }, () => raw({ from: '127.0.0.2' })))
  await until(() => lines.filter(line => line.closed()).length === 800, '800 of 1000 refused', 5000)
  t.equal(count('mqtt_refused_too_many_from_address_total'), 800)
  const d = await raw({ from: '127.0.0.3' })
  t.match(await d.hello('d'), { returnCode: 0 })
})

t.test('F30: the total has an end, and a place is free again when one leaves', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')], { limits: { connections: 3 } })
  const lines = [await raw(), await raw(), await raw()]
  await until(() => count('mqtt_accepted_total') === 3, 'three inside')
  const fourth = await raw()
  await until(() => fourth.closed(), 'the fourth is refused')
  t.equal(count('mqtt_refused_too_many_connections_total'), 1)
  lines[0]?.socket.destroy()
  const closed = async (): Promise<boolean> => ((await (await raw()).hello('d')) as { returnCode?: number } | undefined)?.returnCode === 0
  await until(closed, 'served when one has left')
})

t.test('F30: of those who stand in the door in silence the oldest goes first', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')], { limits: { silent_connections: 2 } })
  const first = await raw()
  await until(() => count('mqtt_accepted_total') === 1, 'first')
  const second = await raw()
  await until(() => count('mqtt_accepted_total') === 2, 'second')
  const d = await raw()
  t.match(await d.hello('d'), { returnCode: 0 })
  await until(() => first.closed(), 'the oldest is gone')
  t.notOk(second.closed())
})

t.test('F31: a header that announces 256 MB closes the line before a byte of it is kept', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')])
  const header = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])
  const before_mb = process.memoryUsage().rss / 1e6
  for (const first of [header, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])]) {
    const line = await raw()
    line.send(first)
    for (let i = 0; i < 20 && !line.closed(); i++) {
      line.socket.write(Buffer.alloc(64 * 1024))
      await new Promise(resolve => setImmediate(resolve))
    }
    await until(() => line.closed(), 'closed at the header')
  }
  t.equal(count('mqtt_refused_oversize_total'), 1)
  t.equal(count('mqtt_refused_not_mqtt_total'), 2)
  t.ok(process.memoryUsage().rss / 1e6 - before_mb < 20)
})

t.test('F31: after signing in a packet may have 256 KB and not one byte more', async t => {
  const { raw, heard, count } = await openTestBroker(t, [device('d')])
  const overhead = 2 + 'devices/d/t'.length + 2
  const d = await raw()
  await d.hello('d')
  d.send(publishBytes('devices/d/t', Buffer.alloc(256 * 1024 - overhead), 1, 1))
  t.match(await d.next('puback'), { messageId: 1 })
  d.send(publishBytes('devices/d/t', Buffer.alloc(256 * 1024 - overhead + 1), 1, 2))
  await until(() => d.closed(), 'closed')
  t.equal(heard.length, 1)
  t.equal(count('mqtt_refused_oversize_total'), 1)
})

t.test('F31: a CONNECT has 4 KB and a SUBSCRIBE 32 KB', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')])
  const long = await raw()
  t.equal(await long.hello('d', { password: Buffer.alloc(5000) }), undefined)
  const d = await raw()
  await d.hello('d')
  d.send({ cmd: 'subscribe', messageId: 1, subscriptions: Array.from({ length: 9000 }, (_, i) => ({ topic: `a${i}`, qos: 0 })) })
  await until(() => d.closed(), 'closed')
  t.equal(count('mqtt_refused_oversize_total'), 2)
})

t.test('F32: who does not finish CONNECT in time goes, however slowly it drips', async t => {
  const { raw, count } = await openTestBroker(t, [device('d')], { limits: { connect_within_ms: 400 } })
  const silent = await raw()
  const dripping = await raw()
  const drip = setInterval(() => dripping.socket.write(Buffer.from([dripping.socket.bytesWritten === 0 ? 0x10 : 0x7f])), 50)
  t.teardown(() => clearInterval(drip))
  await until(() => silent.closed() && dripping.closed(), 'both gone', 2000)
  t.equal(count('mqtt_refused_silent_total'), 2)
})

t.test('F32: a session that says nothing ends at one and a half times the keepalive limit, even when it asked for none', async t => {
  const { raw, broker, count } = await openTestBroker(t, [device('never'), device('long'), device('pings')], { limits: { keepalive_s: 1 } })
  const [never, long, pings] = [await raw(), await raw(), await raw()]
  await never.hello('never', { keepalive: 0 })
  await long.hello('long', { keepalive: 65_535 })
  await pings.hello('pings', { keepalive: 1 })
  const ping = setInterval(() => pings.send({ cmd: 'pingreq' }), 300)
  t.teardown(() => clearInterval(ping))
  await until(() => never.closed() && long.closed(), 'both gone', 4000)
  t.ok(broker.online('pings'))
  t.equal(count('mqtt_keepalive_timeouts_total'), 2)
})
