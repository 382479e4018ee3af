import fc from 'fast-check'
import t from 'tap'
import {
  type Band,
  type CountedStill,
  fitBand,
  halfWidth,
  type Judged,
  most_stills,
  scaleOf,
  stated_coverage
} from '../../edge/domain/count-calibration.ts'

/** A small generator with a seed: the same places and the same luck in every run. */
const luck = (seed: number) => {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}

/** A camera as they are: it miscounts by a factor of its own, and every picture by a little more. */
const cameraOf = ({ uniform, normal }: ReturnType<typeof luck>) => {
  const gain = Math.exp(0.25 * normal())
  return (): CountedStill => {
    const heads = Math.round(2 + 150 * uniform())
    return { heads, estimate: Math.max(0, (heads / gain) * Math.exp(0.08 * normal()) + 0.7 * normal()) }
  }
}
const judgedOf = ({ estimate, heads }: CountedStill, gain = 1): Judged => ({ counted: estimate * gain, truth: heads })
const usual = ((): Band => {
  const chance = luck(1)
  const street = Array.from({ length: 1000 }, () => judgedOf(cameraOf(chance)()))
  const band = fitBand([street])
  if (band === undefined) throw new Error('no band')
  return band
})()

t.test('a band holds what it states on places that it was not fitted on', async t => {
  const chance = luck(2)
  const elsewhere = Array.from({ length: 2000 }, () => judgedOf(cameraOf(chance)()))
  const held = elsewhere.filter(({ counted, truth }) => Math.abs(counted - truth) <= halfWidth(usual, counted)).length / 2000
  t.ok(held > 0.75 && held < 0.87, `${held}`)
})

t.test('a handful of counted stills makes a camera more exact, its band narrower, and the band still true', async t => {
  const chance = luck(3)
  const figures = [0, 3, 5, 10].map(stills => {
    let [held, off, half, n] = [0, 0, 0, 0]
    for (let camera = 0; camera < 600; camera++) {
      const still = cameraOf(chance)
      const { gain, band } = scaleOf(Array.from({ length: stills }, still), usual)
      for (let i = 0; i < 10; i++, n++) {
        const { counted, truth } = judgedOf(still(), gain)
        off += Math.abs(counted - truth)
        half += halfWidth(band, counted)
        if (Math.abs(counted - truth) <= halfWidth(band, counted)) held++
      }
    }
    return { stills, held: held / n, off: off / n, half: half / n }
  })
  t.comment(figures)
  const [none, three, , ten] = figures
  for (const { stills, held } of figures) t.ok(held >= stated_coverage - 0.04, `${stills} stills: ${held}`)
  t.ok((three?.off ?? 9) < 0.6 * (none?.off ?? 0), 'three stills take away two fifths of the error')
  t.ok((ten?.off ?? 9) < 0.45 * (none?.off ?? 0), 'ten of them more than half')
  t.ok((ten?.half ?? 9) < 0.8 * (none?.half ?? 0), 'the band follows')
})

const far = (estimate: number, heads: number): CountedStill => ({ estimate, heads })
for (const [what, stills, expect] of [
  ['nothing counted leaves the model as it is', [], { gain: [1, 1], doubts: ['too_few'] }],
  ['empty stills say nothing of the scale', [far(0, 0), far(0.4, 0), far(0.2, 0)], { gain: [0.95, 1.05], doubts: ['one_fullness'] }],
  ['five stills that agree are believed', [20, 40, 60, 90, 120].map(n => far(n, n * 1.5)), { gain: [1.4, 1.5], doubts: [] }],
  ['two are believed by half', [far(50, 75), far(90, 135)], { gain: [1.2, 1.45], doubts: ['too_few'] }],
  [
    'one still counted ten times too high moves nothing',
    [far(20, 20), far(40, 41), far(60, 600), far(90, 88), far(120, 122)],
    { gain: [0.97, 1.06], doubts: ['one_is_odd'] }
  ],
  [
    'a camera that the model cannot read is said to be one',
    [20, 40, 60, 90, 120].map(n => far(n, n * 5)),
    { gain: [2.5, 3], doubts: ['far_from_one'] }
  ],
  [
    'stills of one fullness say nothing of others',
    [far(50, 51), far(49, 50), far(52, 52)],
    { gain: [0.98, 1.03], doubts: ['one_fullness'] }
  ]
] as const)
  t.test(what, async t => {
    const { gain, doubts } = scaleOf(stills, usual)
    t.ok(gain >= expect.gain[0] && gain <= expect.gain[1], `${gain}`)
    t.strictSame(doubts, expect.doubts)
  })

t.test('whatever is counted, the gain is sane, the band is one, and their order does not matter', async () => {
  const still = fc.record({ estimate: fc.double({ min: 0, max: 5000, noNaN: true }), heads: fc.integer({ min: 0, max: 5000 }) })
  fc.assert(
    fc.property(fc.array(still, { maxLength: most_stills }), fc.infiniteStream(fc.integer()), (stills, order) => {
      const { gain, band, off } = scaleOf(stills, usual)
      const shuffled = scaleOf(
        [...stills]
          .map(one => ({ one, by: order.next().value ?? 0 }))
          .sort((a, b) => a.by - b.by)
          .map(({ one }) => one),
        usual
      )
      return (
        gain >= 1 / 3 &&
        gain <= 3 &&
        halfWidth(band, 0) > 0 &&
        halfWidth(band, 200) >= halfWidth(band, 20) &&
        off.length === stills.length &&
        Math.abs(shuffled.gain - gain) < 1e-9 &&
        Math.abs(shuffled.band.absolute - band.absolute) < 1e-9
      )
    })
  )
})

t.test('each place alone gets its share: a full street does not pay for an empty square', async t => {
  const chance = luck(4)
  const square = Array.from({ length: 300 }, () => ({ counted: 5 + chance.normal(), truth: 5 }))
  const street = Array.from({ length: 30 }, () => ({ counted: 200 + 40 * chance.normal(), truth: 200 }))
  const band = fitBand([square, street])
  if (band === undefined) throw new Error('no band')
  for (const place of [square, street]) {
    const held = place.filter(({ counted, truth }) => Math.abs(counted - truth) <= halfWidth(band, counted)).length / place.length
    t.ok(held >= stated_coverage, `${held}`)
  }
  t.equal(band.most_people, 200)
})

t.test('of no pictures, and of too few to say four in five, there is no band', async t => {
  t.equal(fitBand([]), undefined)
  t.equal(fitBand([[], []]), undefined)
  t.equal(fitBand([[1, 2, 3].map(counted => ({ counted, truth: 1 }))]), undefined, 'of three the fourth may be the worst')
})
