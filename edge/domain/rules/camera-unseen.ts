import type { CameraState, Severity } from '../vocabulary.ts'
import { type CameraSight, defineRule } from './rule.ts'

type Memory = { readonly bad_since: number | undefined; readonly camera: CameraSight | undefined; readonly raised: boolean }
type Settings = { readonly after_s: number; readonly judged_after_s: number; readonly severity: Severity }
const seeing: readonly CameraState[] = ['live', 'starting']
/** Pictures come and were looked at for seconds before this was said of them; a connection that is lost may be back at once. */
const judged: readonly CameraState[] = ['covered', 'frozen', 'moved']

const raisesAt = ({ bad_since, camera }: Memory, { after_s, judged_after_s }: Settings): number | undefined => {
  if (bad_since === undefined || camera === undefined) return undefined
  return bad_since + (judged.includes(camera.state) ? judged_after_s : after_s) * 1000
}

/** A camera that shows nothing true any more: its zone is unseen, and somebody has to look in person. */
export default defineRule<Memory, Settings>({
  kind: 'camera',
  per: 'camera',
  watches: [],
  settings: { after_s: 5, judged_after_s: 1, severity: 'yellow' },
  start: { bad_since: undefined, camera: undefined, raised: false },
  step: (memory, { at, camera = memory.camera }, settings) => {
    if (camera === undefined) return { memory }
    if (camera.state === 'live') {
      const well: Memory = { bad_since: undefined, camera, raised: false }
      if (!memory.raised) return { memory: well }
      const seconds = Math.round((at - (memory.bad_since ?? at)) / 1000)
      return { memory: well, verdict: { raised: false, because: { say: 'camera_back', with: { zone: camera.zone, seconds } } } }
    }
    // Starting again is not seeing again: what was bad stays bad until a live picture.
    const bad_since = memory.bad_since ?? (seeing.includes(camera.state) ? undefined : at)
    const now: Memory = { ...memory, bad_since, camera }
    const due = raisesAt(now, settings)
    if (memory.raised || due === undefined || at < due) return { memory: now }
    const because = { say: 'camera_unseen' as const, with: { zone: camera.zone, camera: camera.id, state: camera.state } }
    return { memory: { ...now, raised: true }, verdict: { raised: true, severity: settings.severity, because } }
  },
  resume: (_, at) => ({ bad_since: at, camera: undefined, raised: true }),
  nextDue: (memory, settings) => (memory.raised ? undefined : raisesAt(memory, settings)),
  examples: [
    { name: 'a camera that reconnects at once raises nothing', says: { 0: 'live', 10: 'dead', 12: 'live', 20: null }, expect: {} },
    {
      name: 'a dead camera makes its zone unseen, until it is live',
      says: { 0: 'live', 10: 'dead', 12: 'starting', 15: null, 60: 'live' },
      expect: { 15: 'yellow', 60: 'cleared' }
    },
    {
      name: 'a camera that was watched and found covered is told of at once',
      says: { 0: 'live', 10: 'covered', 11: null, 15: 'dead', 60: 'live' },
      expect: { 11: 'yellow', 60: 'cleared' }
    }
  ]
})
