import type { CameraState, Severity } from '../vocabulary.ts'
import { type CameraSight, defineRule } from './rule.ts'

type Memory = { readonly bad_since: number | undefined; readonly camera: CameraSight | undefined; readonly raised: boolean }
const seeing: readonly CameraState[] = ['live', 'starting']

/** A camera that shows nothing true any more: its zone is unseen, and somebody has to look in person. */
export default defineRule({
  kind: 'camera',
  per: 'camera',
  watches: [],
  settings: { after_s: 5, severity: 'yellow' as Severity },
  start: { bad_since: undefined, camera: undefined, raised: false } as Memory,
  step: (memory, { at, camera = memory.camera }, { after_s, severity }) => {
    if (camera === undefined) return { memory }
    if (camera.state === 'live') {
      const well: Memory = { bad_since: undefined, camera, raised: false }
      return memory.raised ? { memory: well, verdict: { raised: false, because: { say: 'camera_seen', with: {} } } } : { memory: well }
    }
    // Starting again is not seeing again: what was bad stays bad until a live picture.
    const bad_since = memory.bad_since ?? (seeing.includes(camera.state) ? undefined : at)
    if (memory.raised || bad_since === undefined || at - bad_since < after_s * 1000) return { memory: { ...memory, bad_since, camera } }
    const because = { say: 'camera_unseen' as const, with: { zone: camera.zone, camera: camera.id, state: camera.state } }
    return { memory: { bad_since, camera, raised: true }, verdict: { raised: true, severity, because } }
  },
  resume: (_, at) => ({ bad_since: at, camera: undefined, raised: true }),
  nextDue: ({ bad_since, raised }, { after_s }) => (bad_since === undefined || raised ? undefined : bad_since + after_s * 1000),
  examples: [
    { name: 'a camera that reconnects at once raises nothing', says: { 0: 1, 10: 0, 12: 1, 20: null }, expect: {} },
    {
      name: 'a dead camera makes its zone unseen, until it is live',
      says: { 0: 1, 10: 0, 15: null, 60: 1 },
      expect: { 15: 'yellow', 60: 'cleared' }
    }
  ]
})
