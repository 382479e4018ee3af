import Database from 'better-sqlite3'
import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import { type EventLane, type Lane, lanes } from '../../edge/domain/uplink.ts'
import { openOrders } from '../../edge/uplink/commands.ts'
import { openChaosProxy } from '../support/chaos-proxy.ts'
import { lineOf, moving, noted, opened, openTestCity, openTestStation, smallHistory, station, testDir } from '../support/city.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { memoryJournal } from '../support/memory-journal.ts'
import { until } from '../support/until.ts'

const byLane = (a: Lane, b: Lane): number => lanes.indexOf(a) - lanes.indexOf(b)
const inboxOf = (dir: string) => new Database(`${dir}/state/cloud.db`, { readonly: true })

t.test('at link-up everything red arrives before other events, and readings last', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const journal = memoryJournal()
  const history = smallHistory()
  for (let i = 0; i < 700; i++) {
    await history.keep([lineOf(i, 1_000 + i)])
    journal.append([{ event: noted(`n-${i}`, 1_000 + i), lane: 'events' }])
  }
  await journal.append([{ event: opened('i-1', 'red', 5_000), lane: 'red' }]).kept
  const order: Lane[] = []
  const watched = {
    journal: {
      ...journal,
      moveCursor: (lane: EventLane, upto: number) => {
        order.push(lane)
        return journal.moveCursor(lane, upto)
      }
    },
    history: {
      ...history,
      moveCursor: (upto: number) => {
        order.push('readings')
        return history.moveCursor(upto)
      }
    }
  }
  const { drained } = openTestStation(t, cloud.mqttPort, { clock: realClock, ...watched })
  await until(drained, 'everything confirmed')
  const db = inboxOf(dir)
  t.teardown(() => db.close())
  t.equal(db.prepare('select count(*) n from event').pluck().get(), 701)
  t.equal(db.prepare('select count(*) n from block').pluck().get(), 700)
  t.strictSame([...new Set(order)], ['red', 'events', 'readings'])
  t.strictSame([...order].sort(byLane), order, 'no lane began before the one above it was empty')
  t.equal(cloud.counters().redelivered_total ?? 0, 0, 'nothing was sent twice')
})

t.test('a fresh red overtakes a backlog within one message', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  const journal = memoryJournal()
  for (let i = 0; i < 4_000; i++) journal.append([{ event: noted(`n-${i}`, 1_000 + i), lane: 'events' }])
  proxy.latency(20)
  const { uplink, drained } = openTestStation(t, proxy.port, { clock: realClock, journal })
  await until(() => (uplink.counters().uplink_records_total ?? 0) >= 500, 'the backlog flows')
  const red = journal.append([{ event: opened('i-1', 'red', 9_000), lane: 'red' }])
  await red.kept
  const before = uplink.counters().uplink_batches_total ?? 0
  await until(() => journal.cursor('red') === red.entries[0]?.seq, 'red confirmed')
  const after = uplink.counters().uplink_batches_total ?? 0
  t.ok(after - before <= 3, `red waited for the message in flight only (${after - before} messages)`)
  t.ok(journal.cursor('events') < 4_000, 'while the backlog was not through')
  await until(drained, 'the backlog follows')
})

t.test('the cursor moves only on the cloud’s answer; a lost answer costs one batch sent twice and nothing counted twice', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  const clock = stillClock()
  const { journal, uplink, drained } = openTestStation(t, proxy.port, { clock })
  await until(() => uplink.now().online, 'online')
  proxy.stall(['down'])
  await journal.append([{ event: noted('n-1', clock.now()), lane: 'events' }]).kept
  uplink.poke()
  const db = inboxOf(dir)
  t.teardown(() => db.close())
  await until(() => db.prepare('select upto from cursor').pluck().get() === 1, 'the cloud has committed')
  t.equal(journal.cursor('events'), 0, 'no answer, no move')
  proxy.cut()
  proxy.stall([])
  await until(moving(clock, seconds(1), drained), 'confirmed after reconnection')
  t.equal(journal.cursor('events'), 1)
  t.equal(db.prepare('select count(*) from event').pluck().get(), 1)
  t.equal(cloud.counters().redelivered_total, 1)
})

t.test('a half-open line is noticed by the second missing answer, within half a minute', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  const clock = stillClock()
  const { journal, uplink, states, drained } = openTestStation(t, proxy.port, { clock })
  await until(() => uplink.now().online, 'online')
  proxy.stall(['up', 'down'])
  const began = clock.now()
  await journal.append([{ event: opened('i-1', 'red', clock.now()), lane: 'red' }]).kept
  uplink.poke()
  await until(
    moving(clock, seconds(1), () => states.some(({ online }) => !online)),
    'the silence is believed'
  )
  t.ok(clock.now() - began <= seconds(30), `${(clock.now() - began) / 1000} s`)
  t.match(uplink.now().why, /does not answer/)
  proxy.cut()
  proxy.stall([])
  await until(moving(clock, seconds(1), drained), 'red confirmed over a new line')
  t.equal(cloud.counters().redelivered_total ?? 0, 0)
})

t.test('a wrong password is one clear sentence, tried again slowly, and nothing is dropped', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const clock = stillClock()
  const { journal, uplink } = openTestStation(t, cloud.mqttPort, { clock, password: 'not the word' })
  await journal.append([{ event: noted('n-1', clock.now()), lane: 'events' }]).kept
  await until(() => /password/.test(uplink.now().why), 'the state says so')
  t.equal(uplink.now().online, false)
  t.match(uplink.now().why, /the cloud refuses this station’s user name or password/)
  t.notMatch(uplink.now().why, /not the word/)
  clock.advance(seconds(29))
  t.equal(uplink.counters().uplink_reconnects_total, 0, 'not hammered')
  clock.advance(seconds(31))
  t.equal(uplink.counters().uplink_reconnects_total, 1)
  t.equal(uplink.now().backlog_records, 1)
})

t.test('waits between attempts grow from one to thirty seconds and are spread by chance', async t => {
  const clock = stillClock()
  const waits: number[] = []
  const waking = {
    ...clock,
    wake: (at: number, call: () => void) => {
      if (call.name === 'connect') waits.push(at - clock.now())
      return clock.wake(at, call)
    }
  }
  const proxy = await openChaosProxy(t, 1)
  proxy.refuse(true)
  openTestStation(t, proxy.port, { clock: waking, random: () => 1 })
  await until(
    moving(clock, seconds(5), () => waits.length >= 8),
    'eight attempts'
  )
  t.strictSame(waits.slice(0, 8), [1, 2, 4, 8, 16, 30, 30, 30].map(seconds))
})

t.test('only what is kept on the station’s disk is sent', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const { journal, uplink, drained } = openTestStation(t, cloud.mqttPort, { clock: realClock })
  await until(() => uplink.now().online, 'online')
  journal.refuse('the disk is full')
  journal.append([{ event: opened('i-1', 'red', 1), lane: 'red' }])
  uplink.poke()
  t.equal(uplink.now().backlog_records, 0)
  const batches = uplink.counters().uplink_batches_total
  journal.refuse(undefined)
  uplink.poke()
  await until(() => journal.cursor('red') === 1 && drained(), 'sent once kept')
  t.equal(uplink.counters().uplink_batches_total, (batches ?? 0) + 1)
})

t.test('readings that the station had to let go leave a gap and stop nothing', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const history = smallHistory()
  for (let i = 1; i <= 10; i++) await history.keep([lineOf(i, 1_000 * i)])
  history.dropUpto(4)
  const { drained } = openTestStation(t, cloud.mqttPort, { clock: realClock, history })
  await until(drained, 'confirmed')
  const db = inboxOf(dir)
  t.teardown(() => db.close())
  t.strictSame(db.prepare('select seq from block where station = ? order by seq').pluck().all(station), [5, 6, 7, 8, 9, 10])
})

t.test('a station whose cursor was lost continues where the cloud stands; one restored from an old backup says so', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const journal = memoryJournal()
  for (let i = 0; i < 5; i++) await journal.append([{ event: noted(`n-${i}`, i), lane: 'events' }]).kept
  const first = openTestStation(t, cloud.mqttPort, { clock: realClock, journal })
  await until(first.drained, 'confirmed')
  await first.uplink.close()
  await journal.moveCursor('events', 0)
  const second = openTestStation(t, cloud.mqttPort, { clock: realClock, journal })
  await until(second.drained, 'moved on by the cloud’s answer')
  t.equal(journal.cursor('events'), 5)
  t.equal(cloud.counters().redelivered_total, 5)
  await second.uplink.close()
  const restored = { ...memoryJournal(), id: journal.id }
  await restored.append([{ event: noted('other', 9), lane: 'events' }]).kept
  const third = openTestStation(t, cloud.mqttPort, { clock: realClock, journal: restored })
  await until(() => /backup/.test(third.uplink.now().why), 'the state asks about the backup')
  t.equal(restored.cursor('events'), 0)
})

t.test('a command is carried out once however often it arrives, also after a restart', async t => {
  const journal = memoryJournal()
  const carried: string[] = []
  const command = async ({ id, incident, by }: { id: string; incident: string; by: string }) => {
    carried.push(id)
    await journal.append([{ event: { type: 'command_received', id, at: 1, incident, by, what: 'note' }, lane: 'events' }]).kept
    return { id, done: true }
  }
  const raw = JSON.stringify({ id: 'c-1', incident: 'i-1', by: 'city-1', type: 'note', text: 'hold the gate' })
  const orders = openOrders(journal, command)
  t.strictSame(await orders.obey(raw), { id: 'c-1', done: true })
  t.strictSame(await orders.obey(raw), { id: 'c-1', done: true })
  t.strictSame(await openOrders(journal, command).obey(raw), { id: 'c-1', done: true }, 'remembered from the journal')
  t.strictSame(carried, ['c-1'])
  t.equal(await orders.obey('{"id":"c-2"}'), undefined)
  t.equal(orders.counters().commands_unreadable_total, 1)
})
