import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import t from 'tap'
import type { Incident } from '../../edge/domain/incident.ts'
import { parseLine } from '../../edge/domain/line-protocol.ts'
import { verifyJournal } from '../../edge/journal/chain.ts'
import { makeBox, type Program, secretFile, signIn } from '../support/box.ts'
import { openChaosProxy } from '../support/chaos-proxy.ts'
import { cloudYaml, startCloud } from '../support/cloud-process.ts'
import { openTraffic } from '../support/traffic.ts'
import { until } from '../support/until.ts'

const kills = 20
t.setTimeout(300_000)

type Row = { readonly seq: number; readonly body: string }

t.test(
  `${kills} kill -9 of the station, 3 of the cloud, and cut links, in the middle of traffic: nothing acknowledged is lost, nothing is doubled`,
  async t => {
    const dir = t.testdir({ cloud: {} })
    const cloudDir = join(dir, 'cloud')
    const up = secretFile(dir, 'uplink')
    writeFileSync(join(cloudDir, 'secret'), `${up.secret}\n`, { mode: 0o600 })
    writeFileSync(join(cloudDir, 'cloud.yaml'), cloudYaml('test-hub'))
    let cloud = await startCloud(t, join(cloudDir, 'cloud.yaml'))
    const line = await openChaosProxy(t, cloud.mqttPort)

    const box = await makeBox(
      dir,
      [
        { id: 'meter', profile: 'json', zone: 'platform-1' },
        { id: 'smoke-b3', profile: 'zigbee2mqtt', zone: 'food-row', topic: 'zigbee2mqtt/smoke-b3' }
      ],
      { uplink: { url: `mqtt://127.0.0.1:${line.port}`, username: 'test-hub', password_file: up.file } }
    )
    let station: Program = await box.start()
    t.teardown(() => (station.child.exitCode === null && station.child.signalCode === null ? station.end('SIGKILL') : undefined))
    const traffic = openTraffic(
      box.mqtt_port,
      { id: 'meter', password: box.deviceSecret('meter') },
      { id: 'smoke-b3', topic: 'zigbee2mqtt/smoke-b3', password: box.deviceSecret('smoke-b3') }
    )
    t.teardown(traffic.stop)
    await until(() => traffic.alarms() > 0, 'the first smoke alarm is acknowledged')
    const officer = await signIn(box.url, 'commander', box.password)
    const [first] = await officer.get<Incident[]>('/api/incidents')
    t.equal(first?.kind, 'fire')

    for (let kill = 0; kill < kills; kill++) {
      const before = traffic.acknowledged.length
      await until(() => traffic.acknowledged.length > before + 20, 'traffic flows again', 30_000)
      if (kill % 7 === 3) {
        await cloud.end('SIGKILL')
        cloud = await startCloud(t, join(cloudDir, 'cloud.yaml'))
        line.retarget(cloud.mqttPort)
      }
      if (kill % 5 === 2) line.cut()
      // Not a wait for something: the moment of the kill is what is varied.
      await new Promise(resolve => setTimeout(resolve, Math.random() * 400))
      await station.end('SIGKILL')
      station = await box.start()
    }
    const before = traffic.acknowledged.length
    await until(() => traffic.acknowledged.length > before + 20, 'traffic flows after the last restart', 30_000)
    const after = await signIn(box.url, 'commander', box.password)
    const incident = await after.get<Incident>(`/api/incidents/${first?.id}`)
    t.equal(incident.phase, 'open', 'the incident of before the first kill is still open')
    t.ok(incident.level > 0 || (incident as unknown as { ladder: { level: number } }).ladder.level > 0, 'and its ladder went on')
    await traffic.stop()
    await until(
      async () => (await after.get<{ uplink: { backlog_records: number } }>('/api/station')).uplink.backlog_records === 0,
      'the cloud has everything',
      60_000
    )
    t.equal(await station.end(), 0, 'SIGTERM ends it cleanly')
    await cloud.end('SIGTERM')

    const state = join(dir, 'state')
    t.match(verifyJournal(state), { ok: true })
    const journal = new Database(join(state, 'journal.db'), { readonly: true })
    const history = new Database(join(state, 'history.db'), { readonly: true })
    const city = new Database(join(cloudDir, 'state', 'cloud.db'), { readonly: true })
    const entries = journal.prepare<[], Row>('SELECT seq, body FROM entry ORDER BY seq').all()
    const events = city.prepare<[], Row>('SELECT seq, body FROM event ORDER BY seq').all()
    const values = (db: Database.Database, device = 'meter', quantity = 'energy_kwh'): number[] =>
      db
        .prepare<[], { gzip: Buffer }>('SELECT gzip FROM block ORDER BY seq')
        .all()
        .flatMap(({ gzip }) => gunzipSync(gzip).toString().split('\n').filter(Boolean))
        .map(parseLine)
        .filter(({ tags }) => tags.device === device && tags.quantity === quantity)
        .map(({ fields }) => fields.value ?? Number.NaN)

    const [kept, known] = [new Set(values(history)), values(city)]
    t.strictSame(
      traffic.acknowledged.filter(value => !kept.has(value)),
      [],
      `all ${traffic.acknowledged.length} acknowledged readings are in the station's history`
    )
    const inCloud = new Set(known)
    t.strictSame(
      traffic.acknowledged.filter(value => !inCloud.has(value)),
      [],
      'and in the cloud'
    )
    t.strictSame(known.length, values(history).length, 'each block arrived in the cloud once')
    const upto = events.at(-1)?.seq ?? 0
    t.strictSame(
      events.map(({ seq }) => seq),
      entries.filter(({ seq }) => seq <= upto).map(({ seq }) => seq),
      `each of ${events.length} events is in the cloud once`
    )
    t.ok(entries.length - events.length <= 2, 'all but the farewell of the station')
    const types = entries.map(({ body }) => (JSON.parse(body) as { type: string }).type)
    t.equal(types.filter(type => type === 'incident_opened').length, 1, 'one danger, one incident')
    t.equal(types.filter(type => type === 'station_started').length, kills + 1)
    const told = values(history, 'smoke-b3', 'smoke_alarm').length
    t.ok(told >= traffic.alarms(), `${told} words of the detector kept, ${traffic.alarms()} acknowledged`)
    t.comment(`${traffic.acknowledged.length} readings and ${entries.length} events over ${kills} kills`)
    for (const db of [journal, history, city]) db.close()
  }
)
