/**
 * Makes the golden question and its answer: a drawn fortnight of five-minute values, an ordinary row and an odd one.
 * Run it again only for a new graph: `node --import tsx models/oddity/golden/make.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import ort from 'onnxruntime-node'
import { askAbout, learn, rowOf, startMemory } from '../../../edge/domain/usual.ts'
import model from '../model.ts'

const day = 24
const memory = startMemory(day, 2)
rowOf(memory, 'ordinary')
rowOf(memory, 'odd')
const session = await ort.InferenceSession.create(await readFile(new URL(`../${model.file}`, import.meta.url)), { intraOpNumThreads: 1 })
const ask = async (values: Float32Array) => {
  const feeds = askAbout(memory, values)
  const tensors = Object.entries(model.pre(feeds)).map(([name, { data, dims }]) => [
    name,
    new ort.Tensor('float32', data as Float32Array, dims)
  ])
  const said = model.post((await session.run(Object.fromEntries(tensors))) as never, values.length)
  if ('refused' in said) throw new Error(said.refused)
  return { feeds, said }
}
const at = (step: number): number => 40 + 30 * Math.sin((2 * Math.PI * step) / day) + ((step * 7919) % 13) / 4
for (let step = 0; step < 14 * day; step++) {
  const values = Float32Array.of(at(step), at(step + 5))
  learn(memory, values, (await ask(values)).said)
}
const { feeds, said } = await ask(Float32Array.of(at(14 * day), 130))
/** Six digits, and no number as null. */
const written = (values: Float32Array): (number | null)[] =>
  Array.from(values, value => (Number.isNaN(value) ? null : Number(value.toPrecision(6))))
const question = Object.fromEntries(Object.entries(feeds).map(([name, values]) => [name, written(values)]))
await writeFile(
  new URL('answer.json', import.meta.url),
  `${JSON.stringify({ ask: question, score: written(said.score as Float32Array) })}\n`
)
process.stdout.write(`scores ${Array.from(said.score).join(', ')}\n`)
