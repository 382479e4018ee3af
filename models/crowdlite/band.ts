/** Written by `models/evaluate.ts crowdlite --held-out DATA --write-band`: the error bar of exactly these weights. */
import type { FittedBand } from '../model.ts'

export const band: FittedBand = {
  of_sha256: 'b8de4462aa4dcd69c22b4abcc795ca67023fb02801efb06bedbba8d763bbc40a',
  absolute: 0.5749,
  relative: 0.14,
  scores: [
    0.03472, 0.06382, 0.1313, 0.1571, 0.2495, 0.3284, 0.3647, 0.3975, 0.471, 0.5119, 0.6129, 0.6713, 0.7548, 0.8281, 0.866, 0.9633, 1.138,
    1.258, 1.501
  ],
  most_people: 304
}
