/**
 * How well a model counts, through the very pipeline of the station:
 *   node --import tsx models/evaluate.ts crowdlite --images FOLDER [--only a.jpg,b.jpg]      FOLDER/points.json: { "a.jpg": [[x, y], …] }
 *   node --import tsx models/evaluate.ts crowdlite --clip FILE --truth FILE [--every 5]      truth: { frames: [{ frame, boxes: [[x, y, w, h], …] }] }
 *   node --import tsx models/evaluate.ts crowdlite --held-out DATA [--beside A.onnx,B.onnx] [--write-band]
 * The last one prints the card's table of all that the weights were never shown, beside that of other weights; `--write-band` fits the
 * model's error bar on it (`band.ts`), which new weights need before the station takes them.
 * Options: --size 1024x768, --weights FILE (another file in place of the model's own), --pack FOLDER (a model that you bring), --json.
 */
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { Point } from '../edge/ingest/vision/view.ts'
import { bandOf, heldOutSets, judgeAll, rowsOf, tableOf } from './held-out.ts'
import { framesOf, judge, openModel, openPack, type Pair, picturesOf, summary } from './judge.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string' },
    only: { type: 'string' },
    clip: { type: 'string' },
    truth: { type: 'string' },
    every: { type: 'string', default: '5' },
    'held-out': { type: 'string' },
    beside: { type: 'string' },
    'write-band': { type: 'boolean', default: false },
    size: { type: 'string', default: '1024x768' },
    weights: { type: 'string' },
    pack: { type: 'string' },
    json: { type: 'boolean', default: false }
  }
})
const size_px = options.size.split('x').map(Number) as unknown as Point
const name = positionals[0] ?? 'crowdlite'

const heldOut = async (data: string): Promise<void> => {
  const others = options.beside?.split(',') ?? []
  const counters = [await openModel(name, options.weights)]
  for (const weights of others) counters.push(await openModel(name, weights))
  const judged = await judgeAll(heldOutSets(data), counters, size_px)
  const rows = judged.flatMap((one, i) => rowsOf(i === 0 ? name : basename(others[i - 1] ?? '', '.onnx'), one))
  console.log(options.json ? JSON.stringify(rows) : tableOf(rows))
  const [own] = judged
  const [counter] = counters
  if (!options['write-band'] || own === undefined || counter === undefined) return
  const { absolute, relative, scores, most_people } = bandOf(own)
  const round = (value: number): number => Number(value.toPrecision(4))
  const band = { absolute: round(absolute), relative: round(relative), scores: scores.map(round), most_people }
  await writeFile(
    new URL(`./${name}/band.ts`, import.meta.url),
    `/** Written by \`models/evaluate.ts ${name} --held-out DATA --write-band\`: the error bar of exactly these weights. */
import type { FittedBand } from '${'../model.ts'}'

export const band: FittedBand = {
  of_sha256: '${counter.model.sha256}',
  absolute: ${band.absolute},
  relative: ${band.relative},
  scores: [${band.scores.join(', ')}],
  most_people: ${band.most_people}
}
`
  )
}

const pictures = (): AsyncGenerator<Parameters<typeof judge>[1]> | undefined => {
  const { images, clip, truth } = options
  if (images !== undefined) return picturesOf(images, size_px, options.only?.split(','))
  return clip === undefined || truth === undefined ? undefined : framesOf(clip, truth, size_px, Number(options.every))
}

const all = pictures()
if (options['held-out'] !== undefined) await heldOut(options['held-out'])
else if (all === undefined) {
  console.error('say --images FOLDER, --clip FILE --truth FILE, or --held-out DATA')
  process.exitCode = 2
} else {
  const counter = options.pack === undefined ? await openModel(name, options.weights) : await openPack(options.pack)
  const pairs: Pair[] = []
  for await (const picture of all) pairs.push(await judge(counter, picture))
  if (options.json) console.log(JSON.stringify({ ...summary(pairs), pairs }))
  else console.table(Object.fromEntries(Object.entries(summary(pairs)).map(([key, value]) => [key, Number(value.toFixed(3))])))
}
