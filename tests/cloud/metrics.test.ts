import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { openDatabase, openTally } from '../../cloud/database.ts'
import { openMetrics } from '../../cloud/metrics.ts'
import { realClock } from '../../edge/clock.ts'
import { line } from '../../edge/domain/line-protocol.ts'
import { freePort } from '../support/box.ts'
import { lineOf, openTestCity, openTestStation, station, testDir } from '../support/city.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

/** A time series store that answers as told, and remembers what it accepted. */
const scripted = async (
  t: Test,
  answerTo: (lines: readonly string[]) => { status: number; headers?: Record<string, string>; body?: string }
) => {
  const accepted: string[] = []
  let requests = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      requests++
      const body = Buffer.concat(chunks)
      const lines = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString().split('\n')
      const { status, headers = {}, body: text = '' } = answerTo(lines)
      if (status === 204) accepted.push(...lines)
      response.writeHead(status, headers).end(text)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accepted, requests: () => requests }
}

const withBlocks = (t: Test, url: string, blocks: readonly (readonly string[])[]) => {
  const db = openDatabase(t.testdir({}))
  const tally = openTally(db)
  const put = db.prepare('insert into block (station, history, seq, points, from_at, to_at, gzip) values (?, ?, ?, ?, 1, 2, ?)')
  for (const [i, lines] of blocks.entries()) put.run(station, 'h', i + 1, lines.length, gzipSync(lines.join('\n')))
  const clock = stillClock()
  const log = { info: () => {}, warn: () => {} }
  const metrics = openMetrics({ url, org: 'o', bucket: 'b', token: 'secret-token', db, tally, clock, log })
  t.teardown(async () => {
    await metrics.close()
    db.close()
  })
  return { db, tally, clock, metrics }
}

t.test('a refused token pauses and says so, drops nothing, and goes on when it is accepted', async t => {
  let status = 401
  const store = await scripted(t, () => ({ status }))
  const { clock, metrics } = withBlocks(t, store.url, [[lineOf(1, 1)], [lineOf(2, 2)]])
  await until(() => !metrics.now().ok, 'trouble')
  t.match(metrics.now().why, /token is refused \(HTTP 401\)/)
  t.notMatch(metrics.now().why, /secret-token/)
  t.equal(metrics.upto(), 0)
  clock.advance(seconds(59))
  t.equal(store.requests(), 1, 'not hammered')
  status = 204
  clock.advance(seconds(1))
  await until(() => metrics.upto() === 2, 'written')
  t.strictSame(store.accepted, [lineOf(1, 1), lineOf(2, 2)])
})

for (const status of [400, 413]) {
  t.test(`HTTP ${status} is halved down to the bad line, which is set aside and counted; all others are written`, async t => {
    const bad = lineOf(666, 3)
    const store = await scripted(t, lines => ({ status: lines.includes(bad) ? status : 204 }))
    const all = [1, 2, 4, 5, 6, 7].map(i => lineOf(i, i))
    const { db, tally, metrics } = withBlocks(t, store.url, [[...all.slice(0, 2), bad], all.slice(2)])
    await until(() => metrics.upto() === 2, 'both blocks are through')
    t.strictSame([...store.accepted].sort(), [...all].sort())
    t.equal(tally.all().timeseries_lines_set_aside_total, 1)
    t.strictSame(db.prepare('select line from set_aside').pluck().all(), [bad])
    t.equal(metrics.now().ok, true)
  })
}

t.test('busy, broken, absent and false answers are waited out; a portal’s 200 is no success', async t => {
  const answers = [
    { status: 500 },
    { status: 429, headers: { 'retry-after': '20' } },
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>sign in to the hotel network</html>' },
    { status: 204 }
  ]
  const store = await scripted(t, () => answers[Math.min(store.requests(), answers.length) - 1] ?? { status: 500 })
  const { clock, metrics } = withBlocks(t, store.url, [[lineOf(1, 1)]])
  await until(() => /HTTP 500/.test(metrics.now().why), '500')
  clock.advance(seconds(1))
  await until(() => /HTTP 429/.test(metrics.now().why), '429')
  clock.advance(seconds(19))
  t.equal(store.requests(), 2, 'the store’s own Retry-After is kept')
  clock.advance(seconds(1))
  await until(() => /HTTP 200/.test(metrics.now().why), 'the portal')
  t.equal(metrics.upto(), 0)
  await until(() => {
    clock.advance(seconds(1))
    return metrics.upto() === 1
  }, 'written')
  t.strictSame(store.accepted, [lineOf(1, 1)])
})

t.test('what a station sent is what VictoriaMetrics gives back', needs('victoria-metrics'), async t => {
  const dir = testDir(t)
  const port = await freePort()
  const server = spawn(
    'victoria-metrics',
    [
      `-storageDataPath=${dir}/vm`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-search.latencyOffset=0s',
      '-retentionPeriod=100y',
      '-loggerLevel=ERROR'
    ],
    { stdio: 'ignore' }
  )
  t.teardown(() => server.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/health`).catch(() => undefined))?.ok, 'victoria-metrics answers', 20_000)
  const cloud = await openTestCity(t, dir, { timeseries: { url, org: 'qianshao', bucket: 'qianshao' } })
  const { history, uplink } = openTestStation(t, cloud.mqttPort, { clock: realClock })
  const began = Date.now() - 600_000
  const sent = Array.from({ length: 200 }, (_, i) => [i * 1.5, began + i * 1_000] as const)
  for (let i = 0; i < sent.length; i += 20) await history.keep(sent.slice(i, i + 20).map(([value, at]) => lineOf(value, at)))
  const zone = line(
    'zone',
    [
      ['station', station],
      ['zone', 'platform-1'],
      ['use', 'platform']
    ],
    { people_count: 54, level: 2 },
    began
  )
  await history.keep([zone ?? ''])
  uplink.poke()
  await until(() => cloud.counters().timeseries_lines_total === sent.length + 1, 'everything is handed on')
  const read = async (query: string): Promise<[number, number][]> => {
    await fetch(`${url}/internal/force_flush`)
    const text = await (await fetch(`${url}/api/v1/export?match[]=${encodeURIComponent(query)}&start=${began / 1000 - 1}`)).text()
    return text
      .split('\n')
      .filter(row => row !== '')
      .flatMap(row => {
        const { values, timestamps } = JSON.parse(row) as { values: number[]; timestamps: number[] }
        return values.map((value, i): [number, number] => [value, timestamps[i] ?? 0])
      })
      .sort(([, a], [, b]) => a - b)
  }
  const reading = `reading_value{station="${station}",zone="platform-1",device="cam-1",quantity="people_count"}`
  await until(async () => (await read(reading)).length >= sent.length, 'the store shows them', 20_000)
  t.strictSame(await read(reading), sent)
  t.strictSame(await read(`zone_level{station="${station}",use="platform"}`), [[2, began]])
})
