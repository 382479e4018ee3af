/** How well the crowd is counted, and whether the stated band is true, on what the weights were never shown: the table of the card. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { heldOutSets, judgeAll, rowsOf, tableOf } from '../../models/held-out.ts'
import { openModel } from '../../models/judge.ts'
import { data } from '../support/data.ts'
import type { Bench, Figure, Skipped } from './measure.ts'

const crowd_model = 'crowdlite'
/** The first weights of all, to be better than. */
const first = process.env.QIANSHAO_MODELS ?? fileURLToPath(new URL('../../../shared/models', import.meta.url))

export default async ({ say }: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const [pictures, clip] = [data('crowd/shanghaitech_b_train/points.json'), data('video/pets2009-s2l1-view1.avi')]
  if (pictures === undefined || clip === undefined)
    return [{ skipped: 'the counts: there are no held-back pictures (QIANSHAO_DATA names their folder)' }]
  const folder = pictures.slice(0, -'/crowd/shanghaitech_b_train/points.json'.length)
  const others = ['crowdlite.onnx', 'crowdlite_int8.onnx'].map(file => `${first}/${file}`).filter(file => existsSync(file))
  const counters = [await openModel(crowd_model)]
  for (const file of others) counters.push(await openModel(crowd_model, file))
  const judged = await judgeAll(heldOutSets(folder), counters, [1024, 768])
  const name = (i: number): string => (i === 0 ? 'the model now' : `first ${basename(others[i - 1] ?? '', '.onnx')}`)
  const rows = judged.flatMap((one, i) => rowsOf(name(i), one))
  for (const line of tableOf(rows).split('\n')) say(line)
  return others.length === 2
    ? []
    : [{ skipped: 'the first model beside it: its weights are not here (QIANSHAO_MODELS names their folder)' }]
}
