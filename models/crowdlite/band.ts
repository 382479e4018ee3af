/** Written by `models/evaluate.ts crowdlite --held-out DATA --write-band`: the error bar of exactly these weights. */
import type { FittedBand } from '../model.ts'

export const band: FittedBand = {
  of_sha256: 'b46a9a2d32a2cae8cd76e2a115d031986b2e07a0855f287e4d773d7f9f839d47',
  absolute: 0.5611,
  relative: 0.16,
  scores: [
    0.06452, 0.1123, 0.2178, 0.2526, 0.2976, 0.3655, 0.4317, 0.4622, 0.5395, 0.6028, 0.6894, 0.7582, 0.8225, 0.8555, 0.9489, 0.9972, 1.175,
    1.355, 1.809
  ],
  most_people: 304
}
