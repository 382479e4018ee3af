import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import type { Event } from '../../edge/domain/event.ts'
import { backupJournal } from '../../edge/journal/backup.ts'
import { verifyJournal } from '../../edge/journal/chain.ts'
import { openJournal } from '../../edge/journal/journal.ts'
import { hashOf } from '../../edge/journal/row.ts'
import type { EventLane, Journal, Sought } from '../../edge/ports.ts'
import { memoryJournal } from '../support/memory-journal.ts'
import { quiet } from '../support/quiet.ts'
import { until } from '../support/until.ts'

const signedIn = (id: string, at = 1000): Event => ({ id, at, type: 'signed_in', address: '127.0.0.1' })
const on = (lane: EventLane, ...ids: readonly string[]) => ids.map(id => ({ lane, event: signedIn(id) }))
const idsOf = (journal: Journal, after = 0, lane?: EventLane) => journal.read(after, 1000, lane).map(entry => entry.event.id)

const makers = {
  'the journal on disk': (dir: string) => openJournal({ dir, log: quiet, ballast_bytes: 4096 }),
  'the journal in memory': async () => memoryJournal()
}

for (const [name, open] of Object.entries(makers))
  t.test(name, async t => {
    t.test('numbers and order are given at once, before anything is kept', async t => {
      const journal = await open(t.testdir())
      const first = journal.append(on('events', 'a', 'b'))
      const second = journal.append(on('red', 'c'))
      t.strictSame(
        [...first.entries, ...second.entries].map(entry => [entry.seq, entry.lane, entry.event.id]),
        [
          [1, 'events', 'a'],
          [2, 'events', 'b'],
          [3, 'red', 'c']
        ]
      )
      t.equal(journal.last(), 3)
      t.equal(journal.keptUpto(), 0)
      t.equal(journal.unpersisted(), 3)
      t.strictSame(journal.read(0, 10), [], 'what is not kept is not read')
      await Promise.all([first.kept, second.kept])
      t.equal(journal.keptUpto(), 3)
      t.equal(journal.unpersisted(), 0)
      t.equal(journal.trouble(), undefined)
      await journal.close()
    })

    t.test('appending nothing is kept at once', async t => {
      const journal = await open(t.testdir())
      const { entries, kept } = journal.append([])
      await kept
      t.strictSame(entries, [])
      t.equal(journal.last(), 0)
      await journal.close()
    })

    t.test('entries are read oldest first, after a number, up to a limit, of one lane or of all', async t => {
      const journal = await open(t.testdir())
      await journal.append([...on('events', 'a'), ...on('red', 'b'), ...on('events', 'c'), ...on('red', 'd')]).kept
      t.strictSame(idsOf(journal), ['a', 'b', 'c', 'd'])
      t.strictSame(idsOf(journal, 2), ['c', 'd'])
      t.strictSame(idsOf(journal, 0, 'red'), ['b', 'd'])
      t.strictSame(idsOf(journal, 2, 'red'), ['d'])
      t.strictSame(
        journal.read(0, 2).map(entry => entry.seq),
        [1, 2]
      )
      t.strictSame(journal.read(4, 10), [])
      t.strictSame(journal.read(1, 1)[0]?.event, signedIn('b'))
      t.equal(journal.count('red', 0), 2)
      t.equal(journal.count('events', 1), 1)
      t.equal(journal.count('red', 4), 0)
      await journal.close()
    })

    t.test('what is kept can be proved: each entry’s hash, and that of the one before it', async t => {
      const journal = await open(t.testdir())
      const { kept } = journal.append([...on('events', 'a', '\ud800 half a character'), ...on('red', 'c')])
      t.equal(journal.proof(1), undefined, 'what is not kept proves nothing')
      await kept
      let before = '0'.repeat(64)
      for (const entry of journal.read(0, 10)) {
        const proof = journal.proof(entry.seq)
        t.equal(proof?.previous, before, `entry ${entry.seq} continues the one before`)
        const { seq, lane, event } = entry
        const row = { seq, at: event.at, lane, type: event.type, subject: Buffer.from(event.id).toString(), body: JSON.stringify(event) }
        t.equal(proof?.hash, hashOf(Buffer.from(before, 'hex'), row).toString('hex'), 'the hash is that of what is read')
        before = proof?.hash ?? ''
      }
      t.equal(journal.proof(0), undefined)
      t.equal(journal.proof(4), undefined)
      await journal.close()
    })

    t.test('entries are sought by their subject, by their type, and by an id they name', async t => {
      const journal = await open(t.testdir())
      const paged = { id: 'p-1', at: 1, type: 'unit_paged', incident: 'i-"7"', agency: 'police', channel: 'sms' } as const
      const { kept } = journal.append([
        ...on('events', 'a', 'b'),
        { lane: 'red', event: paged },
        { lane: 'events', event: { id: 'station', at: 1, type: 'station_stopped' } },
        ...on('events', 'i-"7" and more')
      ])
      const found = (what: Partial<Sought>, after = 0, upto = 9): number[] =>
        journal.search(after, upto, { subjects: [], types: [], naming: [], ...what }).map(({ seq }) => seq)
      t.strictSame(found({ subjects: ['a'] }), [], 'what is not kept is not found')
      await kept
      t.strictSame(found({ subjects: ['b', 'a', 'nobody'] }), [1, 2])
      t.strictSame(found({ types: ['station_stopped'] }), [4])
      t.strictSame(found({ naming: ['i-"7"'] }), [3], 'the whole id, not a part of another')
      t.strictSame(found({ subjects: ['a'], types: ['station_stopped'], naming: ['i-"7"'] }), [1, 3, 4], 'each once, in order')
      t.strictSame(found({ subjects: ['a', 'b'] }, 1, 1), [])
      t.strictSame(found({ types: ['signed_in'] }, 1, 4), [2])
      t.strictSame(found({}), [])
      t.strictSame(journal.search(2, 3, { subjects: ['p-1'], types: [], naming: [] }), [{ seq: 3, lane: 'red', event: paged }])
      await journal.close()
    })

    t.test('whoever appends the moment something was kept is kept too', async t => {
      const journal = await open(t.testdir())
      for (let i = 0; i < 50; i++) await journal.append(on('events', `e${i}`)).kept
      t.equal(journal.keptUpto(), 50)
      await journal.close()
    })

    t.test('each lane has a cursor of its own, 0 to begin with', async t => {
      const journal = await open(t.testdir())
      t.equal(journal.cursor('red'), 0)
      await journal.append(on('red', 'a', 'b', 'c')).kept
      await Promise.all([journal.moveCursor('red', 2), journal.moveCursor('red', 3), journal.moveCursor('events', 1)])
      t.equal(journal.cursor('red'), 3)
      t.equal(journal.cursor('events'), 1)
      await journal.close()
    })

    t.test('the newest snapshot is the one that counts', async t => {
      const journal = await open(t.testdir())
      t.equal(journal.snapshot(), undefined)
      for (const seq of [1, 2, 3]) await journal.saveSnapshot(seq, { incidents: [seq] })
      t.strictSame(journal.snapshot(), { seq: 3, state: { incidents: [3] } })
      await journal.close()
    })
  })

t.test('what was kept is there after the station starts again, under the same id', async t => {
  const dir = t.testdir()
  const first = await openJournal({ dir, log: quiet })
  await first.append([...on('events', 'a'), ...on('red', 'b')]).kept
  await first.moveCursor('red', 2)
  await first.saveSnapshot(2, { open: ['b'] })
  first.append(on('events', 'c'))
  await first.close()
  const again = await openJournal({ dir, log: quiet })
  t.equal(again.id, first.id)
  t.equal(again.damage, undefined)
  t.strictSame(idsOf(again), ['a', 'b', 'c'])
  t.equal(again.last(), 3)
  t.equal(again.cursor('red'), 2)
  t.strictSame(again.snapshot(), { seq: 2, state: { open: ['b'] } })
  t.equal(again.append(on('events', 'd')).entries[0]?.seq, 4)
  await again.close()
})

t.test('a journal that was wiped has another id', async t => {
  const dir = t.testdir()
  const first = await openJournal({ dir, log: quiet })
  await first.close()
  rmSync(dir, { recursive: true })
  const again = await openJournal({ dir, log: quiet })
  t.not(again.id, first.id)
  await again.close()
})

t.test('any sequence of appends reads back the same after a restart, and its chain verifies', async t => {
  const appends = fc.array(
    fc.array(
      fc.record({
        id: fc.string({ unit: 'binary' }),
        at: fc.integer(),
        lane: fc.constantFrom<EventLane>('red', 'events'),
        address: fc.string()
      }),
      { maxLength: 5 }
    ),
    { maxLength: 8 }
  )
  let run = 0
  await fc.assert(
    fc.asyncProperty(appends, async groups => {
      const dir = t.testdir({ [`run-${run++}`]: {} })
      const journal = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
      const entries = groups.flatMap(
        group => journal.append(group.map(({ lane, ...rest }) => ({ lane, event: { ...rest, type: 'signed_in' } }))).entries
      )
      await journal.close()
      const again = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
      t.strictSame(again.read(0, 1000), entries)
      t.match(verifyJournal(dir), { ok: true, entries: entries.length, lost: 0 })
      await again.close()
    }),
    { numRuns: 6 }
  )
})

t.test('a second station on the same folder is refused with a sentence [F19]', async t => {
  const dir = t.testdir()
  const journal = await openJournal({ dir, log: quiet })
  await t.rejects(openJournal({ dir, log: quiet }), { message: `another station is using ${dir}: it holds journal.lock` })
  const script = `import { lockFolder } from ${JSON.stringify(new URL('../../edge/journal/lock.ts', import.meta.url).href)}
    try { lockFolder(${JSON.stringify(dir)}, 'journal') } catch (error) { console.log(error.message) }`
  const other = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' })
  t.match(other.stdout, 'another station is using')
  await journal.close()
  await (await openJournal({ dir, log: quiet })).close()
})

t.test('no statement changes or removes an entry', async t => {
  const dir = t.testdir()
  const journal = await openJournal({ dir, log: quiet })
  await journal.append(on('events', 'a')).kept
  await journal.close()
  const db = new Database(`${dir}/journal.db`)
  t.throws(() => db.exec(`UPDATE entry SET body = '{}'`), { message: 'the journal is append-only' })
  t.throws(() => db.exec('DELETE FROM entry'), { message: 'the journal is append-only' })
  db.close()
})

t.test('an entry changed behind our back is named by verify', async t => {
  const dir = t.testdir()
  const journal = await openJournal({ dir, log: quiet })
  await journal.append(on('events', 'a', 'b', 'c', 'd')).kept
  await journal.close()
  t.match(verifyJournal(dir), { ok: true, entries: 4, head: /^[0-9a-f]{64}$/, lost: 0 })
  const tamper = (sql: string): void => {
    const db = new Database(`${dir}/journal.db`)
    db.exec(`DROP TRIGGER IF EXISTS entry_never_changes; DROP TRIGGER IF EXISTS entry_never_goes; ${sql}`)
    db.close()
  }
  tamper(`UPDATE entry SET lane = 'red' WHERE seq = 3`)
  t.match(verifyJournal(dir), { ok: false, entry: 3, why: 'its content does not match its hash' })
  tamper(`UPDATE entry SET lane = 'events' WHERE seq = 3`)
  t.match(verifyJournal(dir), { ok: true, entries: 4 })
  tamper('DELETE FROM entry WHERE seq = 4')
  t.match(verifyJournal(dir), { ok: false, entry: 4, why: 'entries 4 to 4 were kept once and are missing' })
  tamper('DELETE FROM entry WHERE seq = 2')
  t.match(verifyJournal(dir), { ok: false, entry: 3, why: /does not continue entry 1/ })
  t.match(verifyJournal(`${dir}/nowhere`), { ok: false, entry: 0, why: /there is no/ })
})

t.test('verify works beside a running station', async t => {
  const dir = t.testdir()
  const journal = await openJournal({ dir, log: quiet })
  await journal.append(on('events', 'a', 'b')).kept
  t.match(verifyJournal(dir), { ok: true, entries: 2 })
  await journal.append(on('events', 'c')).kept
  t.match(verifyJournal(dir), { ok: true, entries: 3 })
  await journal.close()
})

t.test('a writer thread that dies is replaced, nothing is lost or doubled, and the trouble passes', async t => {
  const dir = t.testdir()
  const hired = once(process, 'worker') as Promise<[Worker]>
  const journal = await openJournal({ dir, log: quiet })
  const [thread] = await hired
  await journal.append(on('events', 'a')).kept
  const inFlight = journal.append(on('events', 'b', 'c')).kept
  void thread.terminate()
  const after = journal.append(on('events', 'd')).kept
  await Promise.all([inFlight, after])
  await until(() => journal.trouble() === undefined, 'the trouble passes')
  t.strictSame(idsOf(journal), ['a', 'b', 'c', 'd'])
  await journal.close()
  t.match(verifyJournal(dir), { ok: true, entries: 4 })
})

t.test('a backup taken while the station runs is a whole journal', async t => {
  const dir = t.testdir({ there: {} })
  const journal = await openJournal({ dir, log: quiet })
  await journal.append(on('events', 'a', 'b')).kept
  await backupJournal(dir, `${dir}/there`)
  await journal.append(on('events', 'c')).kept
  await journal.close()
  t.match(verifyJournal(`${dir}/there`), { ok: true, entries: 2 })
})
