/**
 * A model that an engineer brings: a folder `<state_dir>/models/<name>/` with weights and `model.json`, which says of them what
 * a model.ts says of ours. It is data and never code: nothing in it runs but the graph, and that only if its fingerprint,
 * its inputs and its outputs are those written down.
 */
import { readFile } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { densityCells, type Model, type TensorIn } from '../../../models/model.ts'
import { sentence } from './sentence.ts'

const strict = { additionalProperties: false }
const fileName = (ending: string) => Type.String({ pattern: `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\\.${ending}$` })
const graphName = Type.String({ minLength: 1, maxLength: 100 })
const text = Type.String({ minLength: 1, maxLength: 400 })
const three = Type.Tuple([Type.Number(), Type.Number(), Type.Number()])

export const Manifest = Type.Object(
  {
    weights: fileName('onnx'),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    input: Type.Object(
      {
        name: graphName,
        /** uint8 gets the bytes of the picture, float32 gets (byte · scale − mean) / std. */
        type: Type.Union([Type.Literal('uint8'), Type.Literal('float32')]),
        layout: Type.Union([Type.Literal('nhwc'), Type.Literal('nchw')]),
        scale: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        mean: Type.Optional(three),
        std: Type.Optional(three)
      },
      strict
    ),
    output: Type.Object(
      {
        name: graphName,
        cell_px: Type.Integer({ minimum: 1, maximum: 64 }),
        /** What one in the map means; models trained on a hundredfold density say 0.01. */
        people_per_unit: Type.Number({ exclusiveMinimum: 0, maximum: 1000 })
      },
      strict
    ),
    /** Sides of the canvas are multiples of this. */
    multiple: Type.Integer({ minimum: 1, maximum: 256 }),
    /** Half width of the interval that held the true count four times in five: at_least + share · count. */
    error: Type.Object({ at_least: Type.Number({ minimum: 1 }), share: Type.Number({ minimum: 0.02, maximum: 2 }) }, strict),
    golden: Type.Optional(
      Type.Object(
        { picture: fileName('png'), cells: fileName('json'), tolerance: Type.Number({ exclusiveMinimum: 0, maximum: 0.1 }) },
        strict
      )
    ),
    card: Type.Object(
      {
        counts: text,
        data: Type.Array(text, { minItems: 1 }),
        licence: text,
        scores: Type.Array(Type.Object({ on: text, mae: Type.Number({ minimum: 0 }), bias: Type.Number(), note: text }, strict), {
          minItems: 1
        }),
        not_for: Type.Array(text, { minItems: 1 })
      },
      strict
    )
  },
  strict
)
export type Manifest = Static<typeof Manifest>

export const readPack = async (name: string, folder: URL): Promise<{ readonly model: Model } | { readonly refused: string }> => {
  const refuse = (zh: string, en: string) => ({
    refused: sentence(`模型包 ${name} 未启用：${zh}`, `model pack ${name} is not used: ${en}`)
  })
  let given: unknown
  try {
    given = JSON.parse(await readFile(new URL('model.json', folder), 'utf8'))
  } catch (cause) {
    const why = (cause as Error).message.split('\n', 1)[0]
    return refuse(`model.json 无法读取（${why}）`, `its model.json cannot be read: ${why}`)
  }
  if (!Value.Check(Manifest, given)) {
    // A key that is not known complains twice; only the second says which.
    const first = [...Value.Errors(Manifest, given)].find(({ keyword }) => keyword !== 'boolean')
    const path = `${first?.instancePath || '/'}`
    return refuse(`model.json 中 ${path} 不符合要求（${first?.message}）`, `its model.json is wrong at ${path}: ${first?.message}`)
  }
  const { input, multiple, output } = given
  if (input.type === 'uint8' && (input.scale ?? input.mean ?? input.std) !== undefined)
    return refuse(
      'uint8 输入不做归一化，scale、mean、std 应删去',
      'a uint8 input is given bytes as they are; right would be no scale, mean or std'
    )
  if (multiple % output.cell_px !== 0)
    return refuse(
      `multiple（${multiple}）应为 cell_px（${output.cell_px}）的整数倍`,
      `its multiple is ${multiple}; right would be a multiple of cell_px, ${output.cell_px}`
    )
  return { model: modelOf(name, given) }
}

const modelOf = (name: string, { weights, sha256, input, output, multiple, error, golden, card }: Manifest): Model => ({
  name,
  file: weights,
  sha256,
  multiple,
  cell_px: output.cell_px,
  pre: (rgb, width, height) => ({ [input.name]: tensor(input, rgb, width, height) }),
  post: (outputs, width, height) => {
    const map = outputs[output.name]
    if (map === undefined) return { refused: `the graph gives ${Object.keys(outputs).join(', ')} and no ${output.name}` }
    const { people_per_unit } = output
    return densityCells({ ...map, data: Float32Array.from(map.data, value => value * people_per_unit) }, width, height, output.cell_px)
  },
  band: { of_sha256: sha256, absolute: error.at_least, relative: error.share, scores: [], most_people: Number.POSITIVE_INFINITY },
  ...(golden !== undefined && { golden }),
  card
})

const tensor = ({ type, layout, scale = 1, mean, std }: Manifest['input'], rgb: Uint8Array, width: number, height: number): TensorIn => {
  const pixels = width * height
  const dims = layout === 'nhwc' ? [1, height, width, 3] : [1, 3, height, width]
  if (type === 'uint8' && layout === 'nhwc') return { type, data: rgb, dims }
  const data = type === 'uint8' ? new Uint8Array(pixels * 3) : new Float32Array(pixels * 3)
  for (let colour = 0; colour < 3; colour++) {
    const factor = scale / (std?.[colour] ?? 1)
    const offset = (mean?.[colour] ?? 0) / (std?.[colour] ?? 1)
    for (let i = 0; i < pixels; i++)
      data[layout === 'nhwc' ? i * 3 + colour : colour * pixels + i] = (rgb[i * 3 + colour] ?? 0) * factor - offset
  }
  return { type, data, dims }
}
