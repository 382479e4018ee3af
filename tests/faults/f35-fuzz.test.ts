import { connect as tcp } from 'node:net'
import mqttPacket, { type Packet } from 'mqtt-packet'
import t from 'tap'
import { device, openTestBroker, publishBytes } from '../support/broker.ts'
import { watchBusy } from '../support/busy.ts'
import { until } from '../support/until.ts'

/** Small, quick and the same everywhere for a seed (mulberry32): a failure names the seed that repeats it. */
const dice = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (n: number): number => Math.floor(next() * n) }
}
type Dice = ReturnType<typeof dice>

const hello: Packet = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: '',
  keepalive: 60,
  username: 'd',
  password: Buffer.from('d')
}
const seeds: readonly Buffer[] = [
  hello,
  { ...hello, protocolVersion: 3, protocolId: 'MQIsdp', clientId: 'x' },
  { ...hello, protocolVersion: 5, properties: { sessionExpiryInterval: 9, userProperties: { a: 'b' } } },
  { ...hello, will: { topic: 'devices/d/w', payload: Buffer.from('w'), qos: 2, retain: true } },
  { cmd: 'publish', topic: 'devices/d/t', payload: 'abc', qos: 0, dup: false, retain: true },
  { cmd: 'publish', topic: 'devices/d/t', payload: 'abc', qos: 1, messageId: 1, dup: false, retain: false },
  { cmd: 'publish', topic: 'devices/d/t', payload: 'abc', qos: 2, messageId: 2, dup: true, retain: false },
  { cmd: 'puback', messageId: 1 },
  { cmd: 'pubrec', messageId: 1 },
  { cmd: 'pubrel', messageId: 2 },
  { cmd: 'pubcomp', messageId: 1 },
  {
    cmd: 'subscribe',
    messageId: 3,
    subscriptions: [
      { topic: 'devices/d/#', qos: 2 },
      { topic: '#', qos: 0 }
    ]
  },
  { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['devices/d/#', 'x'] },
  { cmd: 'pingreq' },
  { cmd: 'disconnect' }
].map(packet => mqttPacket.generate(packet as Packet))
const welcome = seeds[0] as Buffer

const interesting = [0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x23, 0x2b, 0x2f, 0x24]

const mutate = (bytes: Buffer, { below }: Dice): Buffer => {
  let made = Buffer.from(bytes)
  for (let n = below(4); n > 0 && made.length > 0; n--) {
    const at = below(made.length)
    const way = below(6)
    if (way === 0) made[at] = below(256)
    else if (way === 1) made[at] = interesting[below(interesting.length)] as number
    else if (way === 2) made[at] = (made[at] as number) ^ (1 << below(8))
    else if (way === 3) made = made.subarray(0, at)
    else if (way === 4) made = Buffer.concat([made.subarray(0, at), Buffer.from([below(256)]), made.subarray(at)])
    else made = Buffer.concat([made.subarray(0, at), made.subarray(at, at + below(8)), made.subarray(at)])
  }
  return made
}
const stream = (dice: Dice): Buffer => {
  const parts = Array.from({ length: 1 + dice.below(5) }, () => mutate(seeds[dice.below(seeds.length)] as Buffer, dice))
  // Three of four sign in first: behind that door there is more to break.
  return Buffer.concat(dice.below(4) > 0 ? [welcome, ...parts] : parts)
}

const streams = Number(process.env.FUZZ_STREAMS ?? 20_000)
/** A slow machine does fewer in this time, and says so; tap gives a file 30 s. */
const budget_ms = Number(process.env.FUZZ_MS ?? 18_000)
const seed = Number(process.env.FUZZ_SEED ?? 41)

t.setTimeout(budget_ms + 12_000)
t.test(
  `F35: ${streams} malformed streams (seed ${seed}) crash nothing and keep no device waiting`,
  { timeout: budget_ms + 10_000 },
  async t => {
    const plenty = 1_000_000
    const limits = {
      connections: 5000,
      connections_per_address: 5000,
      accepts_per_s: plenty,
      accepts_per_address_per_s: plenty,
      silent_connections: 5000,
      sessions_per_principal: 5000,
      password_queue: plenty,
      messages_per_s: plenty,
      messages_burst: plenty,
      connect_within_ms: 1000
    }
    const { raw, broker, count } = await openTestBroker(t, [device('d'), device('healthy')], { limits })
    const healthy = await raw()
    await healthy.hello('healthy')
    const rss_mb = (): number => process.memoryUsage().rss / 1e6
    const rolls = dice(seed)
    const deadline = performance.now() + budget_ms
    let begun = 0
    let signedIn = 0
    const one = (bytes: Buffer): Promise<void> =>
      new Promise(resolve => {
        const socket = tcp({ host: '127.0.0.1', port: broker.port })
        socket.on('error', () => undefined)
        socket.on('data', answer => {
          if (answer[0] === 0x20 && answer[3] === 0) signedIn++
        })
        socket.once('close', () => resolve())
        socket.setTimeout(3000, () => socket.destroy())
        // Cut in two at any byte, so that no frame can count on arriving whole.
        const at = rolls.below(bytes.length + 1)
        socket.write(bytes.subarray(0, at))
        setImmediate(() => socket.end(bytes.subarray(at)))
      })
    const worker = async (upto: number): Promise<void> => {
      while (begun < upto && performance.now() < deadline) {
        begun++
        await one(stream(rolls))
      }
    }
    const latencies: number[] = []
    let fuzzing = true
    const watch = async (): Promise<void> => {
      for (let id = 1; fuzzing; id = (id % 60_000) + 1) {
        const start = performance.now()
        healthy.send(publishBytes('devices/healthy/t', 'x', 1, id))
        if ((await healthy.next('puback')) === undefined)
          throw new Error(`the healthy device was not answered (seed ${seed}, stream ${begun})`)
        latencies.push(performance.now() - start)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    // A first part warms everything up, so that growth afterwards is growth.
    const workers = (upto: number): Promise<unknown> => Promise.all(Array.from({ length: 40 }, () => worker(upto)))
    await workers(streams / 10)
    const before_mb = rss_mb()
    const busy = watchBusy()
    await Promise.all([
      workers(streams).finally(() => {
        fuzzing = false
      }),
      watch()
    ])
    busy.stop()
    const p99 = latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.POSITIVE_INFINITY
    const busy_ms = busy.longest_ms()
    t.comment(
      `${begun} streams, ${signedIn} signed in, healthy p99 ${p99.toFixed(1)} ms, loop busy for ${busy_ms.toFixed(0)} ms at most, RSS +${(rss_mb() - before_mb).toFixed(0)} MB`
    )
    t.ok(begun >= Math.min(streams, 2000), `${begun} streams`)
    t.ok(signedIn > begun / 3, 'most of it reached behind the door')
    t.ok(p99 < 250, `healthy p99 ${p99.toFixed(1)} ms`)
    t.ok(busy_ms < 100, `the loop was busy for ${busy_ms.toFixed(0)} ms`)
    t.ok(rss_mb() - before_mb < 150, `RSS grew ${(rss_mb() - before_mb).toFixed(0)} MB`)
    await until(() => count('mqtt_connections') === 1, 'every session has ended')
    t.notOk(broker.online('d'))
    t.equal(({} as { polluted?: unknown }).polluted, undefined)
  }
)
