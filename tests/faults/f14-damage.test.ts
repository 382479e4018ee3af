import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import t from 'tap'
import { verifyJournal } from '../../edge/journal/chain.ts'
import { openJournal } from '../../edge/journal/journal.ts'
import { openAndCheck } from '../../edge/journal/opening.ts'
import type { Row } from '../../edge/journal/row.ts'
import { readCursors, readSnapshots } from '../../edge/journal/tables.ts'
import { quiet } from '../support/quiet.ts'
import { until } from '../support/until.ts'

const places = 60
const events = (n: number, from: number) =>
  Array.from(
    { length: n },
    (_, i) =>
      ({
        lane: i % 5 === 0 ? 'red' : 'events',
        event: { id: `e-${from + i}`, at: 1000 + i, type: 'signed_in', address: `10.0.0.${i} `.repeat(1 + (i % 7)) }
      }) as const
  )

const flip = (file: string, at: number, length: number): void => {
  const bytes = readFileSync(file)
  for (let i = at; i < Math.min(at + length, bytes.length); i++) bytes[i] = (bytes[i] ?? 0) ^ 0xff
  writeFileSync(file, bytes)
}
const contentOf = (dir: string) => {
  const { db, id, damage } = openAndCheck(dir, 2 ** 30, Date.UTC(2026, 10, 24))
  const rows = new Map(
    db
      .prepare<[], Row>('SELECT * FROM entry')
      .all()
      .map(row => [row.seq, JSON.stringify(row)])
  )
  const red = db.prepare("SELECT count(*) FROM entry WHERE lane = 'red' AND seq > 0").pluck().get()
  const rest = { id, cursors: readCursors(db).cursors, snapshots: readSnapshots(db).snapshots }
  db.close()
  return { rows, red, rest, damage }
}

t.test(`16 bytes flipped at ${places} places: never a wrong entry, and each loss stated by its exact count [F14]`, async t => {
  const dir = t.testdir({ whole: {} })
  const journal = await openJournal({ dir: `${dir}/whole`, log: quiet, ballast_bytes: 4096 })
  for (let i = 0; i < 20; i++) await journal.append(events(30, i * 30 + 1)).kept
  await journal.moveCursor('red', 300)
  await journal.saveSnapshot(500, { incidents: 'x'.repeat(6000) })
  await journal.close()
  const whole = contentOf(`${dir}/whole`)
  const size = readFileSync(`${dir}/whole/journal.db`).length
  let found = 0
  let lost = 0
  for (let i = 0; i < places; i++) {
    const at = Math.floor((size * (i + Math.random())) / places)
    const hurt = `${dir}/hurt`
    rmSync(hurt, { recursive: true, force: true })
    cpSync(`${dir}/whole`, hurt, { recursive: true })
    flip(`${hurt}/journal.db`, at, 16)
    const { rows, red, rest, damage } = contentOf(hurt)
    const silentlyWrong = [...rows].filter(([seq, row]) => whole.rows.get(seq) !== row)
    const story = `16 bytes at ${at}: ${damage?.detail ?? 'nothing found'}`
    t.strictSame(silentlyWrong, [], story)
    t.equal(damage?.lost ?? 0, whole.rows.size - rows.size, story)
    t.equal(rest.id, whole.rest.id, story)
    if (damage === undefined) t.strictSame({ red, ...rest }, { red: whole.red, ...whole.rest }, story)
    else
      t.ok(
        readdirSync(hurt).some(name => name.startsWith('journal-damaged-')),
        'the damaged file is kept'
      )
    t.match(verifyJournal(hurt), { ok: true, entries: rows.size, lost: damage?.lost ?? 0 }, story)
    if (damage !== undefined) found++
    lost += damage?.lost ?? 0
  }
  t.comment(`${found} of ${places} damages changed something and were found, ${lost} of ${places * whole.rows.size} entries lost`)
  t.ok(found > places / 2)
})

t.test('a station starts on a damaged journal, says what is lost and goes on under new numbers [F14]', async t => {
  const dir = t.testdir()
  const first = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
  await first.append(events(300, 1)).kept
  await first.close()
  flip(`${dir}/journal.db`, readFileSync(`${dir}/journal.db`).indexOf('"id":"e-150"'), 3000)
  t.match(verifyJournal(dir), { ok: false })
  const again = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
  const lost = again.damage?.lost ?? 0
  t.ok(lost > 0 && lost < 60, `${again.damage?.detail}`)
  t.equal(again.id, first.id)
  t.equal(again.read(0, 1000).length, 300 - lost)
  t.equal(again.append(events(1, 301)).entries[0]?.seq, 301)
  await again.close()
  t.match(verifyJournal(dir), { ok: true, entries: 301 - lost, lost })
  const third = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
  t.equal(third.damage, undefined, 'what was said once is not said again')
  await third.close()
})

/** One entry changed where SQLite sees nothing wrong. */
const rewrite = (dir: string, seq: number): void => {
  const db = new Database(`${dir}/journal.db`)
  db.exec('DROP TRIGGER entry_never_changes')
  db.prepare("UPDATE entry SET body = replace(body, 'signed_in', 'signed-in') WHERE seq = ?").run(seq)
  db.close()
}

t.test('in a journal too large to check at the start, damage is never shown and is found while the station runs [F14]', async t => {
  const dir = t.testdir()
  const settings = { dir, log: quiet, ballast_bytes: 4096, check_upto: 50 }
  const first = await openJournal(settings)
  await first.append(events(300, 1)).kept
  await first.saveSnapshot(250, {})
  await first.close()
  rewrite(dir, 100)
  const again = await openJournal(settings)
  t.equal(again.damage, undefined, 'it is older than the snapshot')
  t.throws(() => again.read(0, 1000), { message: 'entry 100 on the disk is damaged' })
  const appended = again.append(events(3, 301)).kept
  await until(() => again.damage !== undefined && again.trouble() === undefined, 'the damage is found and mended')
  await appended
  t.match(again.damage, { lost: 1, detail: /^entry 100: / })
  t.strictSame(
    again.read(0, 1000).map(entry => entry.seq),
    Array.from({ length: 303 }, (_, i) => i + 1).filter(seq => seq !== 100)
  )
  await again.close()
  t.match(verifyJournal(dir), { ok: true, entries: 302, lost: 1 })
})

t.test('older entries are checked without anybody reading them [F14]', async t => {
  const dir = t.testdir()
  const settings = { dir, log: quiet, ballast_bytes: 4096, check_upto: 50 }
  const first = await openJournal(settings)
  await first.append(events(100, 1)).kept
  await first.saveSnapshot(90, {})
  await first.close()
  rewrite(dir, 20)
  const again = await openJournal(settings)
  await until(() => again.damage !== undefined, 'the damage is found')
  t.match(again.damage, { lost: 1, detail: /^entry 20: / })
  await again.close()
})

const tails: Readonly<Record<string, (wal: string) => void>> = {
  'cut in half': wal => truncateSync(wal, Math.floor(readFileSync(wal).length / 2)),
  'with one byte flipped': wal => flip(wal, Math.floor(readFileSync(wal).length / 3), 1),
  removed: wal => rmSync(wal)
}
for (const [how, hurt] of Object.entries(tails))
  t.test(`a WAL ${how} is noticed by the mark, and no number is given twice [F15]`, async t => {
    const dir = t.testdir({ live: {} })
    const journal = await openJournal({ dir: `${dir}/live`, log: quiet, ballast_bytes: 4096 })
    for (let i = 0; i < 20; i++) await journal.append(events(10, i * 10 + 1)).kept
    // As a power cut leaves it: the WAL not yet brought into the file.
    for (const name of ['journal.db', 'journal.db-wal', 'journal.mark']) cpSync(`${dir}/live/${name}`, `${dir}/cut/${name}`)
    await journal.close()
    t.match(verifyJournal(`${dir}/cut`), { ok: true, entries: 200 })
    rmSync(`${dir}/cut/journal.db-shm`, { force: true })
    hurt(`${dir}/cut/journal.db-wal`)
    t.match(verifyJournal(`${dir}/cut`), { ok: false })
    const again = await openJournal({ dir: `${dir}/cut`, log: quiet, ballast_bytes: 4096 })
    const there = again.read(0, 1000)
    t.ok(there.length < 200)
    t.equal(again.damage?.lost, 200 - there.length, `${again.damage?.detail}`)
    const all = Array.from({ length: 20 }, (_, i) => events(10, i * 10 + 1).map(each => each.event)).flat()
    t.strictSame(
      there.map(entry => entry.event),
      all.slice(0, there.length)
    )
    t.equal(again.id, journal.id)
    t.equal(again.append(events(1, 201)).entries[0]?.seq, 201)
    await again.close()
    t.match(verifyJournal(`${dir}/cut`), { ok: true, entries: there.length + 1, lost: 200 - there.length })
  })

t.test('a journal.db that is gone is reported with the number of its entries [F15]', async t => {
  const dir = t.testdir()
  const first = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
  await first.append(events(30, 1)).kept
  await first.close()
  rmSync(`${dir}/journal.db`)
  const again = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
  t.match(again.damage, { lost: 30, detail: /journal.db is missing/ })
  t.not(again.id, first.id, 'its numbers begin again, so it has another id')
  await again.close()
  t.ok(existsSync(`${dir}/journal.db`))
})
