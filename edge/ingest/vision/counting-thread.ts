/**
 * A thread that counts. `run()` of onnxruntime blocks whoever calls it, and pictures that nobody reads meanwhile wait in their pipes
 * and grow old: four cameras were 4 s behind within a minute, with half a core idle. It is never ended while it counts, because ending
 * a thread during a `run()` aborts the process; it goes with the vision process.
 */
import { serve } from '../../thread.ts'
import type { Counted, Counter } from './counter.ts'
import { openModel } from './open-model.ts'
import type { Size } from './view.ts'

export type CountingThread = {
  readonly open: (name: string, models: string, packs: string | undefined) => Promise<{ readonly refused?: string }>
  readonly ms_per_pixel: (canvas: Size) => Promise<number>
  /** The first bytes of `shared` are the picture, rgb24, and stay as they are until the answer has come. */
  readonly count: (shared: SharedArrayBuffer, canvas: Size) => Promise<Counted>
}

let counter: Counter | undefined
/** onnxruntime takes no shared memory. */
let own = new Uint8Array(0)

const opened = (): Counter => {
  if (counter === undefined) throw new Error('asked to count before a model was opened')
  return counter
}

serve({
  open: async (name, models, packs) => {
    const answer = await openModel(name, models, packs)
    if ('refused' in answer) return answer
    counter = answer.counter
    return {}
  },
  ms_per_pixel: async canvas => await opened().ms_per_pixel(canvas),
  count: async (shared, canvas) => {
    const bytes = canvas.width * canvas.height * 3
    if (own.length !== bytes) own = new Uint8Array(bytes)
    own.set(new Uint8Array(shared, 0, bytes))
    return await opened().count({ rgb: own, view: { canvas } })
  }
} satisfies CountingThread)
