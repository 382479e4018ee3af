/** What must one day be forgotten: the same of the safe on disk and of its double. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { PersonSought } from '../../edge/domain/sought.ts'
import { openSafe } from '../../edge/journal/safe.ts'
import type { Safe } from '../../edge/ports.ts'
import { memorySafe } from '../support/memory-safe.ts'

const sought = (incident: string, text = '红衣男孩'): PersonSought => ({
  incident,
  at: 1,
  by: 'li',
  consent: 'guardian',
  description: { text, age_years: 5 }
})

const safes: readonly (readonly [string, (t: Test) => Safe])[] = [
  ['memory', memorySafe],
  ['disk', t => openSafe(`${t.testdir()}/sought`, () => undefined)]
]
for (const [name, open] of safes)
  t.test(`${name}: what is kept is there until it is erased, the newest of two counts`, async t => {
    const safe = open(t)
    t.equal(safe.get('i-1'), undefined)
    await Promise.all([safe.keep(sought('i-1')), safe.keep(sought('i-2')), safe.keep(sought('i-1', '蓝衣男孩'))])
    t.equal(safe.get('i-1')?.description.text, '蓝衣男孩')
    t.strictSame(
      safe
        .all()
        .map(({ incident }) => incident)
        .sort(),
      ['i-1', 'i-2']
    )
    await safe.erase('i-1')
    await safe.erase('nobody')
    t.equal(safe.get('i-1'), undefined)
    t.strictSame(
      safe.all().map(({ incident }) => incident),
      ['i-2']
    )
  })

t.test('it is there after a restart, readable by the station alone, and nothing is left of what was erased', async t => {
  const dir = `${t.testdir()}/sought`
  const before = openSafe(dir, () => t.fail('nothing is damaged'))
  await Promise.all([before.keep(sought('i-1')), before.keep(sought('i-2')), before.erase('i-2')])
  t.equal(openSafe(dir, () => t.fail('nothing is damaged')).get('i-1')?.description.text, '红衣男孩')
  t.strictSame(readdirSync(dir), ['i-1.json'])
  await openSafe(dir, () => t.fail('nothing is damaged')).erase('i-1')
  t.strictSame(readdirSync(dir), [])
})

t.test('a file that cannot be read is named and left alone', async t => {
  const dir = `${t.testdir({ sought: {} })}/sought`
  writeFileSync(`${dir}/i-1.json`, '{"incident":"i-1"')
  writeFileSync(`${dir}/i-2.json`, JSON.stringify(sought('i-9')))
  writeFileSync(`${dir}/notes.txt`, 'x')
  const named: string[] = []
  const safe = openSafe(dir, file => void named.push(file))
  t.strictSame(named.sort(), [`${dir}/i-1.json`, `${dir}/i-2.json`])
  t.strictSame(safe.all(), [])
  t.ok(existsSync(`${dir}/i-1.json`))
  t.equal(readFileSync(`${dir}/i-1.json`, 'utf8'), '{"incident":"i-1"')
  t.throws(() => safe.keep(sought('../i-1')), { message: /is no name for a file/ })
})
