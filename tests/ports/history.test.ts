import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import { line } from '../../edge/domain/line-protocol.ts'
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import { openHistory } from '../../edge/journal/history.ts'
import type { History } from '../../edge/ports.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { quiet } from '../support/quiet.ts'
import { until } from '../support/until.ts'

const reading = (at: number, value: number, device = 'smoke-b3', quantity: Quantity = 'temperature_celsius', zone = '一号 站台'): string =>
  line(
    'reading',
    [
      ['station', 'demo-hub'],
      ['zone', zone],
      ['device', device],
      ['quantity', quantity]
    ],
    { value },
    at
  ) ?? ''

const start = Date.UTC(2026, 10, 24, 8)
const options = { log: quiet, max_bytes: 64 * 2 ** 20, max_age_ms: 400 * 86_400_000 }
const everything = { from: 0, to: 1e14, limit: 1000 }
const textOf = (gzip: Uint8Array): string[] => gunzipSync(gzip).toString().split('\n')

const makers = {
  'the history on disk': (dir: string, block_ms: number) => openHistory({ ...options, dir, block_ms }),
  'the history in memory': async (_: string, block_ms: number) => memoryHistory({ block_ms })
}

for (const [name, open] of Object.entries(makers))
  t.test(name, async t => {
    t.test('lines of one moment share a block, ready to send', async t => {
      const history = await open(t.testdir(), 20)
      const lines = [reading(start, 20), reading(start + 1000, 21), reading(start - 5000, 19)]
      await Promise.all([history.keep(lines.slice(0, 1)), history.keep(lines.slice(1))])
      const [block, ...more] = await history.blocks(0, 1e6)
      t.strictSame(more, [])
      t.strictSame(
        { ...block, gzip: textOf(block?.gzip ?? new Uint8Array()) },
        { seq: 1, points: 3, from: start - 5000, to: start + 1000, gzip: lines }
      )
      t.match(history.stats(), {
        last: 1,
        waiting: 0,
        backlog_blocks: 1,
        backlog_points: 3,
        backlog_from: start - 5000,
        dropped_points_total: 0,
        trouble: undefined
      })
      await history.close()
    })

    t.test('an urgent line takes what waits to the disk at once', async t => {
      const history = await open(t.testdir(), 3_600_000)
      const calm = history.keep([reading(start, 20)])
      t.equal(history.stats().waiting, 1)
      await Promise.all([calm, history.keep([reading(start, 1, 'smoke-b3', 'smoke_alarm')], true)])
      t.equal(history.stats().last, 1)
      await history.close()
    })

    t.test('keeping nothing is kept at once', async t => {
      const history = await open(t.testdir(), 3_600_000)
      await history.keep([])
      t.equal(history.stats().last, 0)
      await history.close()
    })

    t.test('what waits when the station stops is kept first', async t => {
      const history = await open(t.testdir(), 3_600_000)
      const kept = history.keep([reading(start, 20)])
      await history.close()
      await t.resolves(kept)
    })

    t.test('blocks come oldest first, up to a size, and at least one', async t => {
      const history = await open(t.testdir(), 3_600_000)
      for (const i of [1, 2, 3]) await history.keep([reading(start + i, i)], true)
      t.strictSame(
        (await history.blocks(0, 1)).map(block => block.seq),
        [1]
      )
      t.strictSame(
        (await history.blocks(1, 1e6)).map(block => block.seq),
        [2, 3]
      )
      t.strictSame(await history.blocks(3, 1e6), [])
      await history.close()
    })

    t.test('the cursor moves forward only, and never beyond what is kept', async t => {
      const history = await open(t.testdir(), 3_600_000)
      for (const i of [1, 2, 3]) await history.keep([reading(start + i, i)], true)
      await history.moveCursor(2)
      t.equal(history.cursor(), 2)
      t.match(history.stats(), { backlog_blocks: 1, backlog_points: 1, backlog_from: start + 3 })
      await history.moveCursor(1)
      t.equal(history.cursor(), 2)
      await history.moveCursor(99)
      t.equal(history.cursor(), 3)
      t.match(history.stats(), { backlog_blocks: 0, backlog_points: 0, backlog_from: undefined })
      await history.close()
    })

    t.test('readings are found raw, by seconds, by minutes or by hours', async t => {
      const history = await open(t.testdir(), 3_600_000)
      const lines = Array.from({ length: 120 }, (_, i) => reading(start + i * 1000, i))
      await history.keep(
        [...lines, reading(start, 7, 'cam-1', 'people_count', 'hall'), line('zone', [['zone', 'hall']], { people_count: 3 }, start) ?? ''],
        true
      )
      const query = (step_ms: number, more = {}) => history.query({ ...everything, device: 'smoke-b3', step_ms, ...more })
      const raw = await query(0)
      t.equal(raw.length, 120)
      t.strictSame(raw[1], {
        zone: '一号 站台',
        device: 'smoke-b3',
        quantity: 'temperature_celsius',
        at: start + 1000,
        value: 1,
        min: 1,
        max: 1,
        n: 1
      })
      t.strictSame(
        (await query(0, { from: start + 5000, to: start + 7000 })).map(row => row.value),
        [5, 6, 7]
      )
      t.strictSame(
        (await query(0, { limit: 2 })).map(row => row.value),
        [0, 1]
      )
      t.match((await query(10_000))[1], { at: start + 10_000, value: 14.5, min: 10, max: 19, n: 10 })
      t.match(await query(60_000), [
        { at: start, value: 29.5, min: 0, max: 59, n: 60 },
        { at: start + 60_000, value: 89.5, min: 60, max: 119, n: 60 }
      ])
      t.match(await query(3_600_000), [{ at: start, value: 59.5, min: 0, max: 119, n: 120 }])
      t.strictSame(
        (await history.query({ ...everything, step_ms: 60_000, zone: 'hall' })).map(row => row.device),
        ['cam-1']
      )
      t.strictSame(
        (await history.query({ ...everything, step_ms: 0, quantity: 'people_count' })).map(row => row.value),
        [7]
      )
      t.strictSame(await history.query({ ...everything, step_ms: 0, device: 'nobody' }), [])
      await history.close()
    })

    t.test('a reading that comes late is counted in its own minute', async t => {
      const history = await open(t.testdir(), 3_600_000)
      await history.keep([reading(start, 10), reading(start + 60_000, 50)], true)
      const minutes = () => history.query({ ...everything, step_ms: 60_000 })
      await minutes()
      await history.keep([reading(start + 1000, 20)], true)
      t.match(await minutes(), [
        { at: start, value: 15, min: 10, max: 20, n: 2 },
        { at: start + 60_000, n: 1 }
      ])
      await history.close()
    })
  })

t.test('any readings in any blocks sum up the same, however often the station starts again', async t => {
  const readings = fc.array(
    fc.record({ minute: fc.nat({ max: 3 }), value: fc.integer({ min: -50, max: 50 }), device: fc.constantFrom('a', 'b') }),
    { minLength: 1, maxLength: 30 }
  )
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(readings, { minLength: 1, maxLength: 4 }), async groups => {
      const dir = t.testdir({ [`run-${run++}`]: {} })
      const double = memoryHistory()
      for (const group of groups) {
        const lines = group.map(({ minute, value, device }, i) => reading(start + minute * 60_000 + i, value, device))
        const history = await openHistory({ ...options, dir })
        await Promise.all([history.keep(lines, true), double.keep(lines, true)])
        await history.close()
      }
      const history = await openHistory({ ...options, dir })
      for (const step_ms of [0, 60_000, 3_600_000]) {
        const [found, wanted] = await Promise.all([history, double].map(each => each.query({ ...everything, step_ms })))
        const rounded = (rows: typeof found) =>
          rows
            ?.map(row => ({ ...row, value: Math.round(row.value * 1e6) }))
            .sort((a, b) => a.at - b.at || a.device.localeCompare(b.device) || a.value - b.value)
        t.strictSame(rounded(found), rounded(wanted))
      }
      await history.close()
    }),
    { numRuns: 4 }
  )
})

t.test('what was kept is there after the station starts again, under the same id', async t => {
  const dir = t.testdir()
  const first = await openHistory({ ...options, dir })
  for (const i of [1, 2]) await first.keep([reading(start + i, i)], true)
  await first.moveCursor(1)
  await first.close()
  const again = await openHistory({ ...options, dir })
  t.equal(again.id, first.id)
  t.match(again.stats(), { last: 2, backlog_blocks: 1, backlog_points: 1, backlog_from: start + 2 })
  t.equal(again.cursor(), 1)
  await again.close()
})

t.test('a second station on the same folder is refused with a sentence [F19]', async t => {
  const dir = t.testdir()
  const history = await openHistory({ ...options, dir })
  await t.rejects(openHistory({ ...options, dir }), { message: `another station is using ${dir}: it holds history.lock` })
  await history.close()
})

const noise = (points: number, at: number): string[] =>
  Array.from({ length: points }, (_, i) => reading(at + i, Math.random() * 1e6, `device-${i % 50}`))

t.test('within its bytes the oldest readings go first, and those the cloud lacks are counted', async t => {
  const dir = t.testdir()
  const max_bytes = 4 * 2 ** 20
  const history = await openHistory({ ...options, dir, max_bytes })
  let kept = 0
  for (let i = 0; i < 100; i++) {
    await history.keep(noise(4000, start + i * 4000), true)
    kept += 4000
    if (i === 5) await history.moveCursor(5)
    t.ok(history.stats().bytes <= max_bytes)
  }
  const { dropped_points_total, backlog_points } = history.stats()
  t.ok(dropped_points_total > 0)
  t.equal(dropped_points_total + backlog_points + 5 * 4000, kept, 'sent, waiting and let go are all there is')
  const [oldest] = await history.blocks(0, 1)
  t.ok((oldest?.seq ?? 0) > 1)
  t.equal(
    (await history.query({ ...everything, step_ms: 3_600_000, limit: 1e6 })).reduce((sum, row) => sum + row.n, 0),
    kept,
    'hours remember all of them'
  )
  await history.close()
  const db = new Database(`${dir}/history.db`, { readonly: true })
  t.strictSame(db.prepare('SELECT reason, from_seq, n FROM dropped').all(), [{ reason: 'quota', from_seq: 6, n: dropped_points_total }])
  db.close()
  const again = await openHistory({ ...options, dir, max_bytes })
  t.equal(again.stats().dropped_points_total, dropped_points_total)
  await again.close()
})

t.test('readings older than the limit go', async t => {
  const history = await openHistory({ ...options, dir: t.testdir(), max_age_ms: 50 })
  await history.keep([reading(start, 1)], true)
  await until(async () => {
    await history.keep([reading(start, 2)], true)
    return (await history.blocks(0, 1))[0]?.seq !== 1
  }, 'the first block goes')
  await history.close()
})

t.test('when more lines wait than the memory is for, the oldest are refused and counted, never acknowledged', async t => {
  const hired: Worker[] = []
  const watch = (worker: Worker): void => void hired.push(worker)
  process.on('worker', watch)
  const history = await openHistory({ ...options, dir: t.testdir(), block_lines: 10, waiting_lines: 25 })
  process.off('worker', watch)
  // Everything in one turn: nothing can be handed over meanwhile.
  const promises = Array.from({ length: 6 }, (_, i) => history.keep(noise(10, start + i * 10)))
  const outcomes = await Promise.allSettled(promises)
  t.strictSame(
    outcomes.map(outcome => outcome.status),
    ['rejected', 'rejected', 'rejected', 'rejected', 'fulfilled', 'fulfilled']
  )
  t.equal(history.stats().dropped_points_total, 40)
  t.equal(history.stats().backlog_points, 20)
  t.equal(hired.length, 2)
  await history.close()
})

t.test('a thread that dies is replaced; nothing is lost or doubled', async t => {
  const hired = once(process, 'worker') as Promise<[Worker]>
  const history = await openHistory({ ...options, dir: t.testdir() })
  const [writer] = await hired
  await history.keep([reading(start, 1)], true)
  const inFlight = history.keep([reading(start, 2)], true)
  void writer.terminate()
  await Promise.all([inFlight, history.keep([reading(start, 3)], true)])
  await until(() => history.stats().trouble === undefined, 'the trouble passes')
  t.strictSame(
    (await history.query({ ...everything, step_ms: 0 })).map(row => row.value),
    [1, 2, 3]
  )
  await history.close()
})

t.test('a damaged history is set aside, a new one begins, and that is said', async t => {
  const dir = t.testdir()
  const first = await openHistory({ ...options, dir })
  await first.keep(noise(100, start), true)
  await first.close()
  writeFileSync(`${dir}/history.db`, 'not a database at all, for more than a hundred bytes: '.repeat(10))
  const again = await openHistory({ ...options, dir })
  t.match(again.damage?.detail, /history.db is damaged .* a new one begins/)
  t.not(again.id, first.id)
  t.equal(again.stats().last, 0)
  await again.keep([reading(start, 1)], true)
  t.ok(readdirSync(dir).some(name => name.startsWith('history-damaged-')))
  await again.close()
})

t.test('a block that is damaged on the disk is not sent, but counted', async t => {
  const dir = t.testdir()
  const first = await openHistory({ ...options, dir })
  for (const i of [1, 2, 3]) await first.keep(noise(10, start + i), true)
  await first.close()
  const db = new Database(`${dir}/history.db`)
  db.exec('UPDATE block SET gzip = zeroblob(100) WHERE seq = 2')
  db.close()
  const again: History = await openHistory({ ...options, dir })
  t.strictSame(
    (await again.blocks(0, 1e6)).map(block => block.seq),
    [1, 3]
  )
  t.match(again.stats(), { backlog_blocks: 2, backlog_points: 20, dropped_points_total: 10 })
  await again.close()
})
