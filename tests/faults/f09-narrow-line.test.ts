import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import { openChaosProxy } from '../support/chaos-proxy.ts'
import { lineOf, opened, openTestCity, openTestStation, smallHistory, testDir } from '../support/city.ts'
import { until } from '../support/until.ts'

t.test('F09 over 64 kbit/s, behind a backlog of readings, a red incident is confirmed within 30 s', async t => {
  const cloud = await openTestCity(t, testDir(t))
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  proxy.rate(8_000)
  proxy.latency(200)
  const history = smallHistory()
  // Readings that hardly compress: 60 blocks of about 6 KB, three quarters of a minute of this line.
  for (let i = 0; i < 60; i++) await history.keep(Array.from({ length: 400 }, (_, j) => lineOf(Math.random() * 1e6, i * 1_000 + j)))
  const { journal, uplink } = openTestStation(t, proxy.port, { clock: realClock, history })
  await until(() => history.cursor() > 0, 'readings flow', 20_000)
  const began = performance.now()
  await journal.append([{ event: opened('i-1', 'red', Date.now()), lane: 'red' }]).kept
  uplink.poke()
  await until(() => journal.cursor('red') === 1, 'red is confirmed', 30_000)
  const took_s = (performance.now() - began) / 1000
  t.ok(took_s < 30, `confirmed after ${took_s.toFixed(1)} s`)
  t.ok(history.cursor() < 60, 'while readings were still waiting')
  t.equal(uplink.counters().uplink_resent_total, 0, 'no message was too long for its answer to come in time')
})
