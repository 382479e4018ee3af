import fc from 'fast-check'
import t from 'tap'
import { closedWhenDue, countAtGates, gates_fresh_ms, insideNow, type Tally } from '../../edge/domain/gates.ts'
import type { Reading } from '../../edge/domain/reading.ts'
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import { evolveZone, startZone, type Zone, zoneNow } from '../../edge/domain/zone.ts'
import { minutes } from '../support/clock.ts'

const says = (device: string, quantity: Quantity, value: number, at: number): Reading => ({
  device,
  zone: 'site',
  quantity,
  value,
  at,
  quality: 'good'
})
const count = (...readings: readonly Reading[]): Tally | undefined =>
  readings.reduce<Tally | undefined>((tally, reading) => countAtGates(tally, reading), undefined)

t.test('a running total counts from the first that was heard, and one that is lost is made good by the next', async t => {
  const east = (total: number, at: number): Reading => says('east', 'people_entered_total', total, at)
  t.equal(count(east(120_000, 0))?.inside, 0)
  t.equal(count(east(120_000, 0), east(120_050, 60), east(120_170, 180))?.inside, 170)
  t.equal(count(east(120_000, 0), east(120_050, 60), east(7, 120), east(20, 180))?.inside, 70, 'a counter that began again')
})

t.test('a gate that says who has just passed is added up; what is told twice or comes late counts once', async t => {
  const passed = says('river', 'people_entered', 12, 60)
  t.equal(count(passed, passed, says('river', 'people_left', 5, 60), says('river', 'people_entered', 3, 30))?.inside, 7)
})

t.test('there are never fewer than nobody inside, and what the gates miscounted is known', async t => {
  const tally = count(says('a', 'people_entered', 10, 1), says('a', 'people_left', 14, 2), says('a', 'people_entered', 3, 3))
  t.equal(tally?.inside, 3)
  t.equal(tally?.miscounted, 4)
})

t.test('whatever the gates say, nobody is counted below zero, and the numbers add up to what was miscounted', async t => {
  const word = fc.record({
    device: fc.constantFrom('a', 'b'),
    quantity: fc.constantFrom<Quantity>('people_entered', 'people_left'),
    value: fc.integer({ min: 0, max: 500 })
  })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), words => {
      const tally = count(...words.map(({ device, quantity, value }, i) => says(device, quantity, value, i)))
      const sum = words.reduce((n, { quantity, value }) => n + (quantity === 'people_entered' ? value : -value), 0)
      t.ok(tally !== undefined && tally.inside >= 0)
      t.equal(tally?.inside, sum + (tally?.miscounted ?? 0))
    }),
    { numRuns: 200 }
  )
})

t.test(
  'after the closing hour, by the clock on the wall, nobody is inside; it comes once a day, also after a night without power',
  async t => {
    const at = (time: string): number => Date.parse(time)
    const tally: Tally = {
      inside: 37,
      since: at('2026-11-28T08:00:00+08:00'),
      at: at('2026-11-28T20:00:00+08:00'),
      said: {},
      miscounted: 2
    }
    const closed = (time: string): Tally => closedWhenDue(tally, '22:00', at(time), 'Asia/Shanghai')
    t.equal(closed('2026-11-28T21:59:59+08:00'), tally)
    t.match(closed('2026-11-28T22:00:00+08:00'), { inside: 0, since: at('2026-11-28T22:00:00+08:00'), miscounted: 0 })
    t.match(closed('2026-11-29T07:00:00+08:00'), { inside: 0, since: at('2026-11-28T22:00:00+08:00') })
    const next = closed('2026-11-28T22:00:00+08:00')
    t.equal(closedWhenDue(next, '22:00', at('2026-11-29T21:00:00+08:00'), 'Asia/Shanghai'), next)
  }
)

t.test('a site is as full as its gates say: a camera inside adds nobody, and gates that fall silent leave it unknown', async t => {
  const site: Zone = { id: 'site', name: '古城', use: 'viewing', area_m2: 1000, capacity: 5000 }
  const gates = evolveZone(site, startZone(0), says('east', 'people_entered', 800, 0))
  const seen = evolveZone(site, gates, says('cam', 'people_count', 90, 1000))
  t.match(zoneNow(site, seen, 1000), { inside: 800, people_count: 800, density_per_m2: 0.8, level: 'green' })
  t.equal(zoneNow(site, gates, gates_fresh_ms - 1).people_count, 800)
  t.equal(zoneNow(site, gates, gates_fresh_ms).level, 'unknown')
  t.equal(insideNow(undefined, 0), undefined)
  t.equal(minutes(15), gates_fresh_ms)
})
