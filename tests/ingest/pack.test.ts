/** Engineers bring a model of their own as data: it counts if it fits, and is refused in one sentence if it does not [issue 4]. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import { openModel, shippedModels } from '../../edge/ingest/vision/open-model.ts'
import { animatedWebp, open } from '../support/cameras.ts'
import { float32, uint8, type Whiteness, whiteness } from '../support/onnx.ts'
import { until } from '../support/until.ts'

const manifest = {
  input: { name: 'frame', type: 'uint8', layout: 'nhwc' },
  output: { name: 'density', cell_px: 8, people_per_unit: 1 },
  multiple: 32,
  error: { at_least: 2, share: 0.3 },
  card: {
    counts: 'white cells of 8 × 8 pixels',
    data: ['none: written by hand'],
    licence: 'Apache-2.0',
    scores: [{ on: 'a white square', mae: 0, bias: 0, note: 'exact' }],
    not_for: ['people']
  }
}

type Pack = { readonly graph?: Whiteness; readonly weights?: Buffer; readonly change?: (pack: typeof manifest) => object }

/** A state folder's `models/` with one pack in it. */
const packs = (t: { readonly testdir: () => string }, name: string, { graph, weights = whiteness(graph), change }: Pack = {}): URL => {
  const folder = `${t.testdir()}/${name}`
  mkdirSync(folder, { recursive: true })
  const whole = { weights: 'white.onnx', sha256: createHash('sha256').update(weights).digest('hex'), ...structuredClone(manifest) }
  writeFileSync(`${folder}/white.onnx`, weights)
  writeFileSync(`${folder}/model.json`, JSON.stringify({ ...whole, ...change?.(structuredClone(manifest)) }))
  return pathToFileURL(`${folder}/../`)
}

const canvas = (width: number, height: number) => {
  const side = { width, height }
  return { source: side, content: side, canvas: side }
}
const counted = async (name: string, from: URL, rgb: Uint8Array, width: number, height: number): Promise<number> => {
  const opened = await openModel(name, shippedModels.href, from.href)
  if ('refused' in opened) throw new Error(opened.refused)
  const answer = await opened.counter.count({ rgb, view: canvas(width, height) })
  if ('refused' in answer) throw new Error(answer.refused)
  return answer.cells.people.reduce((a, b) => a + b, 0)
}

/** Black, with so many white cells of 8 × 8 in its first row of cells. */
const whiteCells = (cells: number, width: number, height: number): Uint8Array => {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < 8; y++) rgb.fill(255, y * width * 3, (y * width + cells * 8) * 3)
  return rgb
}

t.test('a model that an engineer brought counts, whichever way it wants its picture', async t => {
  const planes = { name: 'image', type: float32, shape: [1, 3, 'h', 'w'] }
  t.equal(Math.round(await counted('white', packs(t, 'white'), whiteCells(6, 96, 64), 96, 64)), 6, 'bytes, row by row')
  const asPlanes = packs(t, 'planes', {
    graph: { input: planes },
    change: ({ input }) => ({ input: { ...input, name: 'image', type: 'float32', layout: 'nchw', scale: 1 / 255 } })
  })
  t.equal(Math.round(await counted('planes', asPlanes, whiteCells(6, 96, 64), 96, 64)), 6, 'planes of floats')
  const normalised = packs(t, 'normalised', {
    graph: { input: planes, from: 0 },
    change: ({ input, output }) => ({
      input: { ...input, name: 'image', type: 'float32', layout: 'nchw', scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      output: { ...output, people_per_unit: 0.5 }
    })
  })
  t.equal(
    Math.round(await counted('normalised', normalised, whiteCells(6, 96, 64), 96, 64)),
    6,
    '(1 − 0.5) / 0.25 = 2 a cell, half a person each'
  )
})

t.test('a station counts by the pack that station.yaml names', { timeout: 60_000 }, async t => {
  const from = packs(t, 'white', { graph: { from: 130 } })
  const recording = fileURLToPath(new URL('crowd.webp', from))
  await animatedWebp(recording)
  const { cameras, scenes } = await open([{ id: 'crowd', url: recording, zone: 'hall', fps: 5, size_px: [256, 192] }], {
    model: 'white',
    packs: from
  })
  await until(() => scenes.length > 0 || cameras.troubles().length > 0, 'a scene is counted', 40_000)
  t.ok((scenes[0]?.people_count ?? 0) > 20, 'everything light is somebody to this one')
  t.strictSame(cameras.troubles(), [])
  await cameras.close()
})

t.test('what does not fit is refused in both languages, with what would be right', async t => {
  const table: readonly (readonly [what: string, pack: Pack, because: RegExp])[] = [
    [
      'a fixed picture',
      { graph: { input: { name: 'frame', type: uint8, shape: [1, 512, 512, 3] } } },
      /takes frame uint8\[1, 512, 512, 3\]; right would be frame uint8\[1, h, w, 3\]/
    ],
    [
      'planes where rows were said',
      { graph: { input: { name: 'frame', type: float32, shape: [1, 3, 'h', 'w'] } } },
      /takes frame float32\[1, 3, h, w\]; right/
    ],
    ['another input', { graph: { input: { name: 'images', type: uint8, shape: [1, 'h', 'w', 3] } } }, /takes images uint8/],
    [
      'a batch of eight',
      { graph: { input: { name: 'frame', type: uint8, shape: [8, 'h', 'w', 3] } } },
      /right would be frame uint8\[1, h, w, 3\]/
    ],
    [
      'a vector beside its map',
      { graph: { also: [{ name: 'vector', type: float32, shape: [1, 512] }] } },
      /output vector float32\[1, 512\] is neither the map .* tell people apart/
    ],
    [
      'boxes beside its map',
      { graph: { also: [{ name: 'boxes', type: float32, shape: [1, 8400, 6] }] } },
      /output boxes float32\[1, 8400, 6\] is neither/
    ],
    ['a map per class', { graph: { perColour: true } }, /output density float32\[1, 3, rows, columns\] is neither/],
    ['another output', { graph: { map: 'heat' } }, /the graph gives heat and no density/],
    ['cells of another size', { graph: { cell_px: 16 } }, /gives 32 cells, not 16 × 8/],
    ['people on grey', { graph: { from: 50 } }, /counts \d+ people on a plain grey picture/],
    [
      'a map of hundreds',
      { change: ({ output }) => ({ output: { ...output, people_per_unit: 0 } }) },
      /wrong at \/output\/people_per_unit/
    ],
    ['an odd multiple', { change: () => ({ multiple: 20 }) }, /multiple is 20; right would be a multiple of cell_px, 8/],
    ['bytes with a mean', { change: ({ input }) => ({ input: { ...input, mean: [1, 1, 1] } }) }, /right would be no scale, mean or std/],
    ['a path', { change: () => ({ weights: '../../station.key' }) }, /wrong at \/weights/],
    ['something that runs', { change: () => ({ post: 'return boxes' }) }, /wrong at \//],
    ['no card', { change: () => ({ card: {} }) }, /wrong at \/card/],
    ['another fingerprint', { change: () => ({ sha256: '0'.repeat(64) }) }, /is not the file of its manifest/],
    ['no weights', { change: () => ({ weights: 'absent.onnx' }) }, /does not load: ENOENT/],
    ['no graph', { weights: Buffer.from('not a graph') }, /does not load/]
  ]
  for (const [what, pack, because] of table) {
    const opened = await openModel('odd', shippedModels.href, packs(t, 'odd', pack).href)
    const refused = 'refused' in opened ? opened.refused : 'it counts'
    t.match(refused, because, what)
    t.match(refused, /^模型(包)? odd 未启用：.+ · model (pack )?odd is not used: [^\n]+$/, `${what}: ${refused}`)
  }
  t.match(await openModel('absent', shippedModels.href, packs(t, 'odd').href), { refused: /model.json cannot be read: ENOENT/ })
})

t.test('what the release brings cannot be replaced by a file in a folder', async t => {
  const opened = await openModel('crowdlite', shippedModels.href, packs(t, 'crowdlite').href)
  t.ok('counter' in opened && opened.counter.model.file === 'crowdlite.onnx')
})

t.test('300 damaged packs: none throws, none counts by a graph that is not its own', async t => {
  const from = packs(t, 'bent')
  const file = new URL('bent/white.onnx', from)
  const said = new URL('bent/model.json', from)
  const whole = whiteness()
  const text = Buffer.from(JSON.stringify({ weights: 'white.onnx', sha256: createHash('sha256').update(whole).digest('hex'), ...manifest }))
  for (let i = 0; i < 300; i++) {
    const [bytes, words] = [Buffer.from(whole), Buffer.from(text)]
    const bent = i % 2 === 0 ? bytes : words
    const at = (i * 7919) % bent.length
    bent[at] = (bent[at] ?? 0) ^ (1 << (i % 8))
    writeFileSync(file, bytes)
    writeFileSync(said, i % 20 === 1 ? words.subarray(0, at) : words)
    const opened = await openModel('bent', shippedModels.href, from.href)
    if ('refused' in opened) continue
    if (i % 2 === 0) t.fail(`damaged weights count (${i})`)
    const answer = await opened.counter.count({ rgb: whiteCells(6, 128, 128), view: canvas(128, 128) })
    if ('refused' in answer) t.fail(`counts and then does not: ${answer.refused}`)
  }
  t.pass('all were tried')
})
