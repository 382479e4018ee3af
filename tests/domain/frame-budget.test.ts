import fc from 'fast-check'
import t from 'tap'
import { type Budget, budgetOf, carries, type Eye, leastFps, near_boost, nearLimit, shareOut } from '../../edge/domain/frame-budget.ts'

const eye = (id: string, more: Partial<Eye> = {}): Eye => ({
  id,
  wanted_fps: 2,
  ms_per_picture: 90,
  bring_cores: 0.05,
  near: false,
  ...more
})
const two_cores: Budget = { counting_cores: 0.85, cores: 1.8 }
const nobody = new Set<string>()

const eyes = fc
  .array(
    fc.record({
      wanted_fps: fc.double({ min: 0.1, max: 25, noNaN: true }),
      ms_per_picture: fc.double({ min: 1, max: 500, noNaN: true }),
      bring_cores: fc.double({ min: 0, max: 0.3, noNaN: true }),
      near: fc.boolean(),
      inside: fc.boolean()
    }),
    { maxLength: 30 }
  )
  .map(some => some.map((one, i) => ({ ...one, id: `cam-${i}` })))
const budgets = fc.record({
  counting_cores: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  cores: fc.double({ min: 0.3, max: 8, noNaN: true })
})

const counting = (of: readonly Eye[], fps: (eye: Eye) => number): number =>
  of.reduce((sum, one) => sum + (fps(one) * one.ms_per_picture) / 1000, 0)
const bringing = (of: readonly Eye[]): number => of.reduce((sum, one) => sum + one.bring_cores, 0)

t.test('what was let in never takes more than the budget, and everybody who is in keeps the least rate', async () => {
  fc.assert(
    fc.property(eyes, budgets, (some, budget) => {
      const { fps, refused } = shareOut(some, nobody, budget)
      const inside = some.filter(({ id }) => fps.has(id))
      const used = counting(inside, ({ id }) => fps.get(id) ?? 0)
      return (
        used <= budget.counting_cores + 1e-9 &&
        used + bringing(inside) <= budget.cores + 1e-9 &&
        inside.every(one => (fps.get(one.id) ?? 0) >= leastFps(one) - 1e-9) &&
        inside.length + refused.size === some.length
      )
    })
  )
})

t.test('whoever is in is never put out by a newcomer, nor by a budget that has shrunk', async () => {
  fc.assert(
    fc.property(eyes, budgets, (some, budget) => {
      const before = new Set(some.filter(({ inside }) => inside).map(({ id }) => id))
      const { fps, refused } = shareOut(some, before, budget)
      const least = counting(
        some.filter(({ inside }) => inside),
        leastFps
      )
      const alone = shareOut(
        some.filter(({ inside }) => inside),
        before,
        budget
      ).fps
      return (
        [...before].every(id => fps.has(id) && !refused.has(id)) &&
        some.every(one => !fps.has(one.id) || (fps.get(one.id) ?? 0) >= leastFps(one) - 1e-9) &&
        // Too much already: then nobody comes in, and nobody gets more than the least.
        (least <= budget.counting_cores || [...alone].every(([id, rate]) => Math.abs(rate - leastFps(eyeOf(some, id))) < 1e-9))
      )
    })
  )
})
const eyeOf = (some: readonly Eye[], id: string): Eye => some.find(one => one.id === id) ?? eye(id)

t.test('zones near a limit get more first: nobody else rises above the least while one of them goes short', async () => {
  fc.assert(
    fc.property(eyes, budgets, (some, budget) => {
      const { fps } = shareOut(some, nobody, budget)
      const of = (one: Eye): number => fps.get(one.id) ?? 0
      const inside = some.filter(({ id }) => fps.has(id))
      const near = inside.filter(one => one.near)
      const others = inside.filter(one => !one.near)
      const short = near.some(one => of(one) < one.wanted_fps - 1e-9)
      const boosted = near.some(one => of(one) > one.wanted_fps + 1e-9)
      return (
        (!short || others.every(one => of(one) <= leastFps(one) + 1e-9)) &&
        (!boosted || others.every(one => of(one) >= one.wanted_fps - 1e-9)) &&
        near.every(one => of(one) <= one.wanted_fps * near_boost + 1e-9) &&
        others.every(one => of(one) <= one.wanted_fps + 1e-9)
      )
    })
  )
})

t.test('the camera too many is refused, with what would be right', async t => {
  const nine = Array.from({ length: 9 }, (_, i) => eye(`cam-${i + 1}`))
  const { fps, refused } = shareOut([...nine, eye('late')], nobody, two_cores)
  t.equal(fps.size, 9)
  t.ok(
    [...fps.values()].every(rate => rate >= 1 && rate < 1.1),
    'nine cameras at 90 ms have half of what they asked for'
  )
  t.match(refused.get('late'), { lacks: 'counting', needs_cores: 0.09, fits_fps: 0.8 })
  const slower = shareOut([...nine, eye('late', { wanted_fps: 0.8 })], nobody, two_cores)
  t.equal(slower.refused.size, 0, 'at the rate that is named it fits')
  const smaller = shareOut([...nine, eye('late', { ms_per_picture: 30 })], nobody, two_cores)
  t.equal(smaller.refused.size, 0, 'so it does with a smaller picture')
  t.match(shareOut([eye('4k', { bring_cores: 1.75 })], nobody, two_cores).refused.get('4k'), { lacks: 'bringing' })
  t.equal(shareOut([eye('huge', { ms_per_picture: 9_000 })], nobody, two_cores).refused.get('huge')?.fits_fps, undefined)
})

t.test('as many cameras as are said to fit do fit, and one more does not', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: 5, max: 400, noNaN: true }),
      fc.double({ min: 0.5, max: 10, noNaN: true }),
      (ms_per_picture, wanted_fps) => {
        const { in_full, at_least } = carries(ms_per_picture, wanted_fps, 0.85)
        const some = (n: number) => Array.from({ length: n }, (_, i) => eye(`cam-${i}`, { ms_per_picture, wanted_fps, bring_cores: 0 }))
        const full = shareOut(some(in_full), nobody, { counting_cores: 0.85, cores: 99 })
        const least = shareOut(some(at_least + 1), nobody, { counting_cores: 0.85, cores: 99 })
        return [...full.fps.values()].every(fps => fps >= wanted_fps - 1e-6) && full.refused.size === 0 && least.refused.size === 1
      }
    )
  )
})

t.test('whoever stands first in station.yaml asks first', async t => {
  const small: Budget = { counting_cores: 0.2, cores: 1 }
  t.strictSame([...shareOut([eye('a'), eye('b'), eye('c')], nobody, small).fps.keys()], ['a', 'b'])
  t.strictSame([...shareOut([eye('c'), eye('b'), eye('a')], nobody, small).fps.keys()], ['c', 'b'])
})

t.test('near a limit stays near until the count is clearly away from it', async t => {
  const limits = [1.5, 2.5, 3.3, 4]
  for (const [density, was, near] of [
    [0.4, false, false],
    [1.25, false, false],
    [1.28, false, true],
    [1.5, false, true],
    [2, false, false],
    [2, true, true],
    [1.15, true, true],
    [1.1, true, false],
    [4.7, false, false],
    [4.7, true, true]
  ] as const)
    t.equal(nearLimit(limits, density, was), near, `${density} p/m², before ${was}`)
})

t.test('the budget is what others leave, never more than a thread can bear and never so little that nobody is watched', async t => {
  t.match(budgetOf({ cores: 2, threads: 1, others_cores: 0.1, late_ms: 2 }), { counting_cores: 0.85 })
  t.match(budgetOf({ cores: 2, threads: 1, others_cores: 1.3, late_ms: 2 }), { counting_cores: 0.5 })
  t.match(budgetOf({ cores: 2, threads: 1, others_cores: 2, late_ms: 2 }), { counting_cores: 0.4, cores: 0.4 })
  t.match(budgetOf({ cores: 2, threads: 1, others_cores: 0, late_ms: 100 }), { counting_cores: 0.425 })
  t.match(
    budgetOf({ cores: 4, threads: 3, others_cores: 0.1, late_ms: 2 }),
    { counting_cores: 2.55, cores: 3.5 },
    'three threads bear thrice as much'
  )
  t.match(budgetOf({ cores: 4, threads: 3, others_cores: 2, late_ms: 2 }), { counting_cores: 1.6 }, 'of what others leave')
})
