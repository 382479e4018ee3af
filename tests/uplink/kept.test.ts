import Database from 'better-sqlite3'
import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import { openHistory } from '../../edge/journal/history.ts'
import { openJournal } from '../../edge/journal/journal.ts'
import { answered, lineOf, noted, opened, openTestCity, openTestStation, testDir } from '../support/city.ts'
import { quiet } from '../support/quiet.ts'
import { until } from '../support/until.ts'

t.test('with the real journal and history: everything arrives once, and after a restart only what is new is sent', async t => {
  const dir = testDir(t)
  const cloud = await openTestCity(t, dir)
  const openDisk = async () => ({
    journal: await openJournal({ dir: `${dir}/edge`, log: quiet }),
    history: await openHistory({ dir: `${dir}/edge`, log: quiet, max_bytes: 50_000_000, max_age_ms: 86_400_000, block_ms: 50 })
  })
  const first = await openDisk()
  const at = Date.now()
  const events = Array.from({ length: 1_200 }, (_, i) => ({ event: noted(`n-${i}`, at + i), lane: 'events' as const }))
  await first.journal.append([...events, { event: opened('i-1', 'red', at), lane: 'red' }]).kept
  for (let i = 0; i < 5; i++)
    await first.history.keep(
      Array.from({ length: 300 }, (_, j) => lineOf(j, at + i * 1_000 + j)),
      true
    )
  const one = openTestStation(t, cloud.mqttPort, { clock: realClock, ...first })
  await until(one.drained, 'everything confirmed', 20_000)
  const sent = one.uplink.counters().uplink_records_total
  t.equal(sent, 1_201 + 1_500)
  await one.uplink.close()
  await first.journal.close()
  await first.history.close()

  const second = await openDisk()
  t.teardown(async () => {
    await second.journal.close()
    await second.history.close()
  })
  const two = openTestStation(t, cloud.mqttPort, { clock: realClock, ...second })
  t.teardown(two.uplink.close)
  await second.journal.append([{ event: answered('i-1', at + 5_000), lane: 'red' }]).kept
  two.uplink.poke()
  await until(() => second.journal.cursor('red') === second.journal.last() && two.drained(), 'the answer is confirmed')
  t.equal(two.uplink.counters().uplink_records_total, 1)
  const db = new Database(`${dir}/state/cloud.db`, { readonly: true })
  t.teardown(() => db.close())
  t.equal(db.prepare('select count(*) from event').pluck().get(), 1_202)
  t.equal(db.prepare('select sum(points) from block').pluck().get(), 1_500)
  t.equal(cloud.counters().redelivered_total ?? 0, 0)
})
