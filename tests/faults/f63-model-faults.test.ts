/** F63, G16: a damaged, foreign, slow or mad model is never activated, and the cameras go on without it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import { openCounter } from '../../edge/ingest/vision/counter.ts'
import crowdlite from '../../models/crowdlite/model.ts'
import { densityCells } from '../../models/model.ts'
import { animatedWebp, open } from '../support/cameras.ts'
import { modelsWith, slow } from '../support/models.ts'
import { until } from '../support/until.ts'

const folder = new URL('../../models/crowdlite/', import.meta.url)
const weights = readFileSync(new URL(crowdlite.file, folder))
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

t.test('200 damaged files: none is activated', async t => {
  const file = `${t.testdir()}/damaged.onnx`
  let refused = 0
  for (let i = 0; i < 200; i++) {
    const damaged = Buffer.from(weights)
    const at = (i * 104_729) % weights.length
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (i % 8))
    await writeFile(file, i % 10 === 0 ? damaged.subarray(0, at) : damaged)
    const opened = await openCounter({ ...crowdlite, file: pathToFileURL(file).href }, folder)
    if ('refused' in opened && /is not the file of its manifest/.test(opened.refused)) refused++
  }
  t.equal(refused, 200)
})

t.test('without the fingerprint, the golden picture still finds the gross ones', async t => {
  const file = `${t.testdir()}/foreign.onnx`
  const zeroed = Buffer.from(weights).fill(0, 400_000, 1_200_000)
  for (const [what, bytes] of [
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))],
    ['nothing', Buffer.alloc(0)],
    ['half a file', weights.subarray(0, weights.length / 2)],
    ['zeros in its middle', zeroed],
    ['NaN in its middle', Buffer.from(weights).fill(Buffer.from([0, 0, 192, 127]), 400_000, 1_200_000)]
  ] as const) {
    await writeFile(file, bytes)
    const opened = await openCounter({ ...crowdlite, file: pathToFileURL(file).href, sha256: sha(bytes) }, folder)
    t.match(
      opened,
      { refused: /模型 crowdlite 未启用.* · model crowdlite is not used: / },
      `${what}: ${'refused' in opened ? opened.refused : 'activated'}`
    )
  }
})

t.test('a model whose answer makes no sense is refused with its reason', async t => {
  const broken = { ...crowdlite, post: () => densityCells({ data: new Float32Array(480).fill(Number.NaN), dims: [] }, 192, 160, 8) }
  t.match(await openCounter(broken, folder), { refused: /self-test fails: the model gives NaN people/ })
  const shape = {
    ...crowdlite,
    cell_px: 16,
    post: (outputs: Parameters<typeof crowdlite.post>[0]) => densityCells(outputs.density, 192, 160, 16)
  }
  t.match(await openCounter(shape, folder), { refused: /gives 480 cells, not 12 × 10/ })
  t.match(
    await openCounter({ ...crowdlite, pre: () => ({ picture: { type: 'float32', data: new Float32Array(3), dims: [1, 3] } }) }, folder),
    { refused: /it takes frame uint8\[1, h, w, 3\]; right would be picture/ }
  )
  t.match(await openCounter({ ...crowdlite, file: 'absent.onnx' }, folder), { refused: /does not load: ENOENT/ })
})

t.test('what no model may say', async t => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -0.1, 17])
    t.match(densityCells({ data: [value], dims: [1, 1, 1, 1] }, 8, 8, 8), { refused: /people in one cell/ }, `${value}`)
  t.match(densityCells(undefined, 8, 8, 8), { refused: /no density/ })
  t.match(densityCells({ data: [0.5], dims: [1, 1, 1, 1] }, 8, 8, 8), { columns: 1, rows: 1 })
})

t.test('cameras go on without their model, and say so', { timeout: 60_000 }, async t => {
  for (const [what, change, because] of [
    ['a wrong fingerprint', "sha256: '00'", /is not the file of its manifest/],
    ['no such model', undefined, /does not load/],
    [
      'an answer that goes mad after the self-test',
      "post: (outputs, w, h) => w > 192 ? { refused: 'the model gives NaN people in one cell' } : ours.post(outputs, w, h)",
      /answered nonsense 5 times in a row: the model gives NaN/
    ]
  ] as const) {
    const recording = `${t.testdir()}/crowd.webp`
    const models = change === undefined ? pathToFileURL('/nowhere/') : modelsWith(t, change)
    await animatedWebp(recording)
    const { cameras, scenes, state } = await open([{ id: 'crowd', url: recording, zone: 'hall', fps: 5, size_px: [256, 192] }], {
      model: 'odd',
      models
    })
    await until(() => cameras.troubles().length > 0 && state('crowd') === 'live', `${what}: trouble, and a live camera`, 20_000)
    t.match(cameras.troubles()[0], because, what)
    t.equal(scenes.length, 0, 'nothing is counted')
    t.ok('jpeg' in (await cameras.still('crowd')), 'an officer still sees')
    await cameras.close()
  }
})

t.test('a model that takes 30 s is ended from outside, and left out after the second time', { timeout: 60_000 }, async t => {
  const models = modelsWith(t, slow(30_000))
  const recording = fileURLToPath(new URL('crowd.webp', models))
  await animatedWebp(recording)
  const { cameras, scenes, state, said } = await open([{ id: 'crowd', url: recording, zone: 'hall', size_px: [256, 192] }], {
    model: 'odd',
    models,
    silence_ms: 3_000
  })
  t.teardown(() => cameras.close())
  await until(
    () => cameras.troubles().some(trouble => /taken out of use: it hung vision 2 times/.test(trouble)) && state('crowd') === 'live',
    'the model is out and the camera is live',
    40_000
  )
  t.equal(scenes.length, 0)
  t.match(said.join('\n'), /the model has not come back from an empty picture within 3000 ms, and vision is ended/)
  t.ok('jpeg' in (await cameras.still('crowd')))
})
