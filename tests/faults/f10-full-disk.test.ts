import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import t from 'tap'
import { line } from '../../edge/domain/line-protocol.ts'
import { verifyJournal } from '../../edge/journal/chain.ts'
import { openHistory } from '../../edge/journal/history.ts'
import { openJournal } from '../../edge/journal/journal.ts'
import { mountTmpfs, needsMount, unmount } from '../support/disk.ts'
import { quiet } from '../support/quiet.ts'
import { until } from '../support/until.ts'

const fill = (file: string): void => {
  const handle = openSync(file, 'a')
  try {
    for (const size of [1 << 20, 4096, 1]) for (;;) if (!write(handle, size)) break
  } finally {
    closeSync(handle)
  }
}
const write = (handle: number, size: number): boolean => {
  try {
    return writeSync(handle, Buffer.alloc(size)) === size
  } catch {
    return false
  }
}
const alarms = (n: number, from: number) =>
  Array.from(
    { length: n },
    (_, i) =>
      ({ lane: 'red', event: { id: `alarm-${from + i}`, at: from + i, type: 'sign_in_refused', address: 'x'.repeat(400) } }) as const
  )

t.test('on a full disk alarms are accepted in order, counted and written when there is room again [F10]', needsMount(), async t => {
  const dir = t.testdir({ disk: {} })
  const disk = `${dir}/disk`
  mountTmpfs(disk, '24m')
  try {
    const journal = await openJournal({ dir: disk, log: quiet, ballast_bytes: 2 ** 20 })
    const history = await openHistory({ dir: disk, log: quiet, max_bytes: 4 * 2 ** 20, max_age_ms: 1e12 })
    await journal.append(alarms(10, 1)).kept
    fill(`${disk}/filler`)

    await until(async () => {
      await Promise.race([journal.append(alarms(50, journal.last() + 1)).kept, new Promise(resolve => setTimeout(resolve, 50))])
      return journal.trouble() !== undefined
    }, 'the journal notices')
    const reserve = journal.trouble()
    t.match(reserve, /reserve|full/, 'first it lives on its reserve')
    await until(async () => {
      fill(`${disk}/filler`)
      journal.append(alarms(500, journal.last() + 1))
      await new Promise(resolve => setTimeout(resolve, 20))
      return journal.trouble() === 'the disk is full'
    }, 'the reserve is spent')

    const before = performance.now()
    let kept = false
    const last = journal.append(alarms(2000, journal.last() + 1))
    void last.kept.then(() => {
      kept = true
    })
    t.ok(performance.now() - before < 500, 'an alarm does not wait for the disk')
    t.equal(last.entries.length, 2000)
    t.ok(journal.unpersisted() >= 2000, `${journal.unpersisted()} entries wait`)
    const reading = history.keep(
      [
        line(
          'reading',
          [
            ['zone', 'z'],
            ['device', 'd'],
            ['quantity', 'co2_ppm']
          ],
          { value: 1 },
          1000
        ) ?? ''
      ],
      true
    )
    await until(() => history.stats().trouble !== undefined || history.stats().waiting === 0, 'the history has tried')
    t.notOk(kept, 'nothing is acknowledged that is not on the disk')

    rmSync(`${disk}/filler`)
    await Promise.all([last.kept, reading])
    t.equal(journal.unpersisted(), 0)
    t.equal(history.stats().trouble, undefined)
    await until(
      async () => {
        await journal.append(alarms(1, journal.last() + 1)).kept
        return journal.trouble() === undefined
      },
      'the reserve is made again',
      15_000
    )
    const ids: string[] = []
    for (let page = journal.read(0, 5000); page.length > 0; page = journal.read(page.at(-1)?.seq ?? 0, 5000))
      ids.push(...page.map(entry => entry.event.id))
    t.strictSame(
      ids,
      Array.from({ length: journal.last() }, (_, i) => `alarm-${i + 1}`)
    )
    await Promise.all([journal.close(), history.close()])
    t.match(verifyJournal(disk), { ok: true, entries: journal.last(), lost: 0 })
  } finally {
    unmount(disk)
  }
})

t.test('at its quota the journal keeps what comes in memory and says so', async t => {
  const journal = await openJournal({ dir: t.testdir(), log: quiet, ballast_bytes: 4096, max_bytes: 256 * 1024 })
  for (let i = 0; i < 20; i++) journal.append(alarms(50, i * 50 + 1))
  await until(() => journal.trouble() === 'the disk is full', 'the quota is noticed')
  t.equal(journal.keptUpto() + journal.unpersisted(), 1000)
  t.ok(journal.unpersisted() > 0)
  await journal.close()
})
