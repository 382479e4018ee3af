/** What is remembered of a series: bounded, the same after a restart, and not moved by what nobody said. */
import t from 'tap'
import { askAbout, forgetSilent, learn, rowOf, type Said, seenOf, skipTo, startMemory, type UsualMemory } from '../../edge/domain/usual.ts'
import { packMemory, unpackMemory } from '../../edge/domain/usual-pack.ts'

const day = 24
/** A model that says what it is told to. */
const said = (rows: number, score: number, known = true): Said => {
  const each = (value: number, width = 1): number[] => new Array(rows * width).fill(value)
  const band = known ? 1 : Number.NaN
  return {
    usual: each(1),
    low: each(band),
    high: each(band),
    residual: each(2),
    hour: each(3),
    parts: each(4, 4),
    ratios: each(0, 4),
    score: each(score)
  }
}
const begun = (series: readonly string[], steps: number, value = (step: number): number => step): UsualMemory => {
  const memory = startMemory(day, 4)
  for (const one of series) rowOf(memory, one)
  for (let step = 0; step < steps; step++)
    learn(
      memory,
      Float32Array.from(series, () => value(step)),
      said(series.length, 0)
    )
  return memory
}

t.test('the same time of other days is looked up one step around it, one, two, three, five and seven days back', async t => {
  const memory = begun(['a'], 8 * day)
  const lags = [1, 2, 3, 5, 7].flatMap(days => [1, 0, -1].map(beside => 8 * day - days * day + beside))
  t.strictSame([...askAbout(memory, Float32Array.of(0)).same_time], lags)
  const young = [...askAbout(begun(['a'], day), Float32Array.of(0)).same_time]
  t.strictSame(young.slice(0, 3), [1, 0, Number.NaN], 'what was before the beginning is unknown')
})

t.test('a score counts only while it is above everything of the last hundred steps', async t => {
  const memory = begun(['a'], 1)
  const scores = [2, 3, 3, 1].map(score => learn(memory, Float32Array.of(1), said(1, score))[0])
  t.strictSame(scores, [2, 3, 0, 0])
  for (let step = 0; step < 98; step++) learn(memory, Float32Array.of(1), said(1, 0))
  t.equal(learn(memory, Float32Array.of(1), said(1, 2.5))[0], 0, 'the hundredth step after the second 3')
  t.equal(learn(memory, Float32Array.of(1), said(1, 2.75))[0], 2.75)
})

t.test('a step at which nothing was said is no oddity, and nothing is learnt of it', async t => {
  const memory = begun(['a', 'b'], 2 * day)
  const told = learn(memory, Float32Array.of(5, Number.NaN), said(2, 9))
  t.strictSame([...told], [9, 0])
  t.strictSame([seenOf(memory, 0).seen, seenOf(memory, 1).seen], [2 * day + 1, 2 * day])
  skipTo(memory, memory.step + 1 + 9 * day)
  t.ok([...askAbout(memory, Float32Array.of(1, 1)).same_time].every(Number.isNaN), 'after nine silent days nothing of the week is left')
})

t.test('a series that was silent for a week makes room, and the others keep what is theirs', async t => {
  const memory = begun(['silent', 'speaks'], 1)
  for (let step = 1; step < 8 * day; step++) learn(memory, Float32Array.of(Number.NaN, step), said(2, 0))
  const before = askAbout(memory, Float32Array.of(0, 0)).same_time.slice(15)
  forgetSilent(memory)
  t.strictSame(memory.series, ['speaks'])
  t.strictSame(askAbout(memory, Float32Array.of(0)).same_time, before)
  t.strictSame(
    [rowOf(memory, 'c'), rowOf(memory, 'd'), rowOf(memory, 'e'), rowOf(memory, 'f')],
    [1, 2, 3, undefined],
    'there is room for four, and a fifth is turned away'
  )
  t.equal(seenOf(memory, 1).seen, 0, 'who takes the place begins anew')
})

t.test('packed and unpacked it goes on as if nothing had been', async t => {
  const memory = begun(['a', 'b'], 9 * day, step => step % 7)
  const again = unpackMemory(packMemory(memory), day, 4)
  if ('refused' in again) throw new Error(again.refused)
  const next = Float32Array.of(3, 4)
  t.strictSame(askAbout(again, next), askAbout(memory, next))
  t.strictSame(learn(again, next, said(2, 1)), learn(memory, next, said(2, 1)))
  t.strictSame(packMemory(again), packMemory(memory))
})

t.test('a memory that is damaged, too large or of another version is refused with a reason', async t => {
  const packed = packMemory(begun(['a', 'b'], day))
  t.match(unpackMemory(packed.slice(0, -1), day, 4), { refused: /bytes long/ })
  t.match(unpackMemory(packed.slice(0, 20), day, 4), { refused: 'it is no memory of series' })
  t.match(unpackMemory(new Uint8Array(), day, 4), { refused: 'it is no memory of series' })
  t.match(unpackMemory(packed, 288, 4), { refused: 'it was written by another version' })
  t.match(unpackMemory(packed, day, 1), { refused: 'it holds 2 series, more than 1' })
})
