/** What every model owes: a folder that loads, weights of its manifest, a golden answer, a card that says for what it is and is not. */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { halfWidth } from '../../edge/domain/count-calibration.ts'
import odd from '../../edge/domain/rules/odd.ts'
import { startMemory } from '../../edge/domain/usual.ts'
import { judgeStep, openSeriesModel } from '../../edge/ingest/oddity/judge.ts'
import { openCounter } from '../../edge/ingest/vision/counter.ts'
import type { Judged } from '../../edge/ports.ts'
import { type Model, modelFile } from '../../models/model.ts'
import type { SeriesModel } from '../../models/series-model.ts'
import { chance } from '../support/series.ts'

const models = new URL('../../models/', import.meta.url)
const names = readdirSync(models, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
t.ok(names.length > 0, 'there is a model')

for (const name of names)
  t.test(`model ${name}`, async t => {
    const folder = new URL(`${name}/`, models)
    const { default: model } = (await import(new URL('model.ts', folder).href)) as { default: Model | SeriesModel }
    t.equal(model.name, name, 'is called as its folder')
    t.equal(
      createHash('sha256')
        .update(await modelFile(folder, model.file))
        .digest('hex'),
      model.sha256,
      'has the weights of its manifest'
    )

    if ('kind' in model) await judgesSeries(t, model, folder)
    else await countsPeople(t, model, folder)
    const { card } = model
    t.ok(card.data.length > 0 && card.licence !== '' && card.scores.length > 0 && card.not_for.length > 0, 'has a whole card')
    t.match(await readFile(new URL('card.md', folder), 'utf8'), /must not be used for/i, 'says in words what it must not be used for')
    t.notMatch(JSON.stringify(Object.keys(model)), /face|plate|identity|embedding/i, 'has no field for who')
  })

const countsPeople = async (t: Test, model: Model, folder: URL): Promise<void> => {
  const opened = await openCounter(model, folder)
  if ('refused' in opened) throw new Error(opened.refused)
  const view = { source: { width: 96, height: 64 }, content: { width: 96, height: 64 }, canvas: { width: 96, height: 64 } }
  const nobody = await opened.counter.count({ rgb: new Uint8Array(96 * 64 * 3).fill(128), view })
  if ('refused' in nobody) throw new Error(nobody.refused)
  t.ok(nobody.cells.people.reduce((a, b) => a + b, 0) < 1, 'counts nobody on an empty grey picture')
  t.equal(nobody.cells.people.length, (96 / model.cell_px) * (64 / model.cell_px), 'answers for every cell')

  t.equal(
    model.band.of_sha256,
    model.sha256,
    `has an error bar fitted on its own weights (node --import tsx models/evaluate.ts ${model.name} --held-out DATA --write-band)`
  )
  t.ok(
    [0, 1, 100, 10_000].every(count => halfWidth(model.band, count) > 0 && halfWidth(model.band, count) < Number.POSITIVE_INFINITY),
    'never claims to be exact'
  )
  t.ok(halfWidth(model.band, 200) > halfWidth(model.band, 20), 'is less sure of more people')
}

const judgesSeries = async (t: Test, model: SeriesModel, folder: URL): Promise<void> => {
  const opened = await openSeriesModel(model, folder)
  if ('refused' in opened) throw new Error(opened.refused)
  const memory = startMemory(24, 2)
  const by = chance(3)
  let last: readonly Judged[] = []
  for (let step = 0; step < 24 * 14; step++) {
    const ordinary = 50 + 30 * Math.sin((2 * Math.PI * step) / 24) + by()
    const said = await judgeStep(
      memory,
      step,
      [
        { series: 'a', value: ordinary },
        { series: 'b', value: step < 335 ? ordinary : 200 }
      ],
      opened.ask
    )
    if ('refused' in said) throw new Error(said.refused)
    const { judged } = said
    if (step === 0) t.equal(judged[0]?.usual, undefined, 'knows nothing before there is another day')
    last = judged
  }
  const [a, b] = last
  t.match(odd.settings, model.odd, 'is odd at a station from the same score on')
  t.ok((a?.raw ?? 9) < model.odd.from, 'calls an ordinary value ordinary')
  t.ok((b?.score ?? 0) > model.odd.very, 'calls what never was very odd')
  t.ok((a?.low ?? 0) < (a?.usual ?? 0) && (a?.usual ?? 0) < (a?.high ?? 0), 'says what it expected, and how far')
}
