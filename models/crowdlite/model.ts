/** CrowdLite: how many people stand where, at 1/8 of the picture's resolution. Ours; see card.md before trusting it anywhere new. */
import { defineModel, densityCells } from '../model.ts'
import { band } from './band.ts'

const cell_px = 8

export default defineModel({
  name: 'crowdlite',
  file: 'crowdlite.onnx',
  sha256: 'b8de4462aa4dcd69c22b4abcc795ca67023fb02801efb06bedbba8d763bbc40a',
  multiple: 32,
  cell_px,
  pre: (rgb, width, height) => ({ frame: { type: 'uint8', data: rgb, dims: [1, height, width, 3] } }),
  post: ({ density }, width, height) => densityCells(density, width, height, cell_px),
  band,
  golden: { picture: 'golden/picture.png', cells: 'golden/cells.json', tolerance: 1e-3 },
  card: {
    counts: 'people per 8 × 8 pixel cell of one picture; their sum is the count',
    data: [
      'ShanghaiTech part B, training half (360 of 400 pictures; the release says BSD-2, the paper speaks of research)',
      'ShanghaiTech part A, training half (260 of 300 pictures, likewise; the first stage all)',
      '148 person-free pictures (OpenCV documentation, Intel sample videos CC-BY 4.0) and procedural textures',
      'encoder initialised from FastestDet (BSD-3)'
    ],
    licence: 'Apache-2.0 for the weights as far as they are ours; the note of the data above travels with them',
    scores: [
      { on: 'ShanghaiTech B, 40 held back, 1024×768', mae: 11.66, bias: 0.31, note: 'optimistic: streets shared with training' },
      { on: 'ShanghaiTech A, 40 held back, native size', mae: 114.35, bias: -32.33, note: 'dense; the first weights had learnt these' },
      { on: 'PETS 2009 S2.L1 view 1, every 5th frame, 1024×768', mae: 0.92, bias: 0.14, note: 'sparse, 0 to 8 people' }
    ],
    not_for: [
      'recognising, following or profiling anyone: it cannot, and must not be built upon for it',
      'counting for pay, votes or proof: the error is 25 % of the count',
      'sending people out on one picture, or without a person looking',
      'thermal, fisheye or straight-down cameras: none was seen in training'
    ]
  }
})
