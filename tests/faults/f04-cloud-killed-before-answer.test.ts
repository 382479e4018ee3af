import { writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import t from 'tap'
import type { Incident } from '../../edge/domain/incident.ts'
import { openChaosProxy } from '../support/chaos-proxy.ts'
import { answered, lineOf, moving, noted, opened, openTestStation, station, testDir } from '../support/city.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { cloudYaml, startCloud } from '../support/cloud-process.ts'
import { until } from '../support/until.ts'

const rounds = 12

// A dozen starts of a process: a few seconds on a free machine, more on a busy one.
t.setTimeout(120_000)

t.test('F04 the cloud killed after its commit and before its answer, twelve times: redelivered, never doubled, none lost', async t => {
  const dir = testDir(t)
  const config = `${dir}/cloud.yaml`
  writeFileSync(config, cloudYaml(station))
  let cloud = await startCloud(t, config)
  const proxy = await openChaosProxy(t, cloud.mqttPort)
  const clock = stillClock()
  const { journal, history, uplink, drained } = openTestStation(t, proxy.port, { clock })
  await until(
    moving(clock, seconds(1), () => uplink.now().online),
    'online'
  )
  const db = new Database(`${dir}/state/cloud.db`, { readonly: true })
  t.teardown(() => db.close())
  const committed = (lane: string): number =>
    (db.prepare('select max(upto) from cursor where lane = ?').pluck().get(lane) as number | null) ?? 0

  let events = 0
  for (let round = 0; round < rounds; round++) {
    const lane = (['red', 'events', 'readings'] as const)[round % 3] ?? 'red'
    const before = committed(lane)
    proxy.stall(['down'])
    const at = clock.now()
    if (lane === 'readings') await history.keep([lineOf(round, at), lineOf(round + 1, at + 500)])
    else {
      const told =
        lane === 'red' ? [opened(`i-${round}`, 'red', at), answered(`i-${round}`, at)] : [noted(`n-${round}`, at), noted(`m-${round}`, at)]
      await journal.append(told.map(event => ({ event, lane }))).kept
      events += told.length
    }
    uplink.poke()
    await until(() => committed(lane) > before, `round ${round}: committed`)
    await cloud.end('SIGKILL')
    proxy.cut()
    proxy.stall([])
    cloud = await startCloud(t, config)
    proxy.retarget(cloud.mqttPort)
    await until(moving(clock, seconds(1), drained), `round ${round}: confirmed after the restart`, 20_000)
  }
  const count = (sql: string): unknown => db.prepare(sql).pluck().get()
  t.equal(count('select count(*) from event'), events, 'every event')
  t.equal(count('select count(*) from (select distinct journal, seq from event)'), events, 'once')
  t.equal(count('select count(*) from block'), rounds / 3)
  t.equal(count('select sum(n) from minute'), (rounds / 3) * 2, 'the roll-up counted no block twice')
  const redelivered = count("select value from tally where name = 'redelivered_total'") as number
  t.ok(redelivered >= rounds, `${redelivered} redelivered`)
  const incidents = db.prepare('select body from entity').pluck().all() as string[]
  t.equal(incidents.length, rounds / 3)
  for (const body of incidents) t.match(JSON.parse(body) as Incident, { responses: { 'patrol-1': { status: 'acknowledged' } } })
  t.equal(count('pragma integrity_check'), 'ok')
  t.equal(await cloud.end('SIGTERM'), 0, 'and it ends cleanly when asked')
})
