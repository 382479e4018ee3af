/** CrowdLite: how many people stand where, at 1/8 of the picture's resolution. Ours; see card.md before trusting it anywhere new. */
import { defineModel, densityCells } from '../model.ts'

const cell_px = 8

export default defineModel({
  name: 'crowdlite',
  file: 'crowdlite.onnx',
  sha256: 'b46a9a2d32a2cae8cd76e2a115d031986b2e07a0855f287e4d773d7f9f839d47',
  multiple: 32,
  cell_px,
  pre: (rgb, width, height) => ({ frame: { type: 'uint8', data: rgb, dims: [1, height, width, 3] } }),
  post: ({ density }, width, height) => densityCells(density, width, height, cell_px),
  error: people_count => Math.hypot(2, 0.25 * people_count),
  golden: { picture: 'golden/picture.png', cells: 'golden/cells.json', tolerance: 1e-3 },
  card: {
    counts: 'people per 8 × 8 pixel cell of one picture',
    data: [],
    licence: '',
    scores: [],
    not_for: []
  }
})
