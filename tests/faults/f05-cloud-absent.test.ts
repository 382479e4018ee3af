import Database from 'better-sqlite3'
import t from 'tap'
import type { EventLane } from '../../edge/domain/uplink.ts'
import { openChaosProxy } from '../support/chaos-proxy.ts'
import { answered, lineOf, moving, noted, opened, openTestCity, openTestStation, testDir } from '../support/city.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

const absent_s = 3 * 3600

t.test('F05 three hours without the cloud: nothing lost, nothing doubled, red first, and every attempt bounded', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  const clock = stillClock()
  const { journal, history, uplink, drained } = openTestStation(t, proxy.port, { clock })
  await until(() => uplink.now().online, 'online')
  proxy.refuse(true)
  await until(() => !uplink.now().online, 'cut')

  let events = 0
  let points = 0
  const tell = (lane: EventLane, event: Parameters<typeof journal.append>[0][number]['event']): void => {
    journal.append([{ event, lane }])
    events++
  }
  // One block of readings a second, an event every ten, a red incident with its answer every quarter of an hour.
  for (let s = 0; s < absent_s; s++) {
    const at = clock.now()
    await history.keep([lineOf(s % 200, at), lineOf((s + 1) % 200, at + 500)])
    points += 2
    if (s % 10 === 0) tell('events', noted(`n-${s}`, at))
    if (s % 900 === 450) {
      tell('red', opened(`i-${s}`, 'red', at))
      tell('red', answered(`i-${s}`, at + 200))
    }
    clock.advance(seconds(1))
    if (s % 60 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await until(() => journal.unpersisted() === 0, 'the station has kept everything itself')
  const away = uplink.now()
  t.ok(away.behind_seconds >= absent_s - 60, `${away.behind_seconds} s behind`)
  t.equal(away.backlog_records, events + points)
  t.equal(away.online, false)
  const attempts = uplink.counters().uplink_reconnects_total ?? 0
  t.ok(attempts >= 100 && attempts <= 800, `${attempts} attempts in 3 h: neither asleep nor a storm`)

  const db = new Database(`${dir}/state/cloud.db`, { readonly: true })
  t.teardown(() => db.close())
  const got = (sql: string): number => db.prepare(sql).pluck().get() as number
  proxy.refuse(false)
  tell('red', opened('i-fresh', 'red', clock.now()))
  const began = performance.now()
  await until(
    moving(clock, 200, () => journal.cursor('red') === journal.last()),
    'red is confirmed'
  )
  t.equal(got("select count(*) from event where lane = 'events'") < events, true, 'before the rest was through')
  t.equal(got('select count(*) from block') < 100, true, 'and before the readings')
  await until(moving(clock, 200, drained), 'the backlog is drained', 40_000)
  const drained_s = (performance.now() - began) / 1000
  t.comment(`${points} readings and ${events} events drained in ${drained_s.toFixed(1)} s`)

  t.equal(got('select count(*) from event'), events)
  t.equal(got('select count(*) from block'), absent_s)
  t.equal(got('select sum(points) from block'), points)
  t.equal(got('select sum(n) from minute'), points, 'the roll-up counted each once')
  t.equal(got("select coalesce(sum(value), 0) from tally where name in ('orphan_events_total')"), 0)
  t.equal(got("select count(*) from entity where kind = 'incident'"), absent_s / 900 + 1)
  t.equal(uplink.now().behind_seconds, 0)
})
