/**
 * How often each camera is counted, and which may not begin: measures what a picture costs on this machine and what others leave of
 * it, and lets the domain decide (`edge/domain/frame-budget.ts`). Costs are guessed until a camera has shown its own.
 */
import { type Budget, type BudgetNow, budgetOf, type Eye, type Refusal, shareOut } from '../../domain/frame-budget.ts'
import { openMachine } from './machine.ts'
import type { CameraOrder } from './messages.ts'
import { sentence } from './sentence.ts'
import { largest_px } from './view.ts'

export type Pace = {
  /** What the model takes for a pixel on this machine: the first guess of what any picture costs. */
  readonly tried: (ms_per_pixel: number) => void
  readonly counted: (camera: string, ms: number) => void
  readonly attend: (near: readonly string[], late_ms: number) => void
  /** Decides anew; answers what has changed: who is let in, and who is not and why. */
  readonly decide: () => { readonly admitted: readonly string[]; readonly refused: ReadonlyMap<string, string> }
  /** Pictures a second this camera is counted at; 0 while it is refused. */
  readonly fpsOf: (camera: string) => number
  readonly ms_of: (camera: string) => number
  readonly now: () => BudgetNow
}
/** A video of 720 lines takes this much to decode and scale on a desktop core (measured: 7 %); what it really takes is measured. */
const bring_guess = 0.07
/** A cost is the mean of about this many pictures. */
const remembered = 20
/** What others take is the mean of about this many looks: a neighbour's second is no reason to slow down. */
const looks = 10
/** The processor's time is told in hundredths of a second: over less than this it says nothing. */
const shortest_look_ms = 500

export const openPace = (orders: readonly CameraOrder[], before: readonly string[], threads: number, machine = openMachine()): Pace => {
  const admitted = new Set(before)
  const costs = new Map<string, number>()
  let near = new Set<string>()
  let late_ms = 0
  let ms_per_pixel = 0
  let fps: ReadonlyMap<string, number> = new Map()
  let counted_ms = 0
  let looked_at = performance.now()
  let others_cores = 0
  let bring_cores = bring_guess
  let budget: Budget = budgetOf({ cores: machine.look().cores, threads, others_cores: 0, late_ms: 0 })
  const ms_of = (order: CameraOrder): number => costs.get(order.id) ?? ms_per_pixel * pixelsOf(order)

  const measure = (): void => {
    const took_ms = performance.now() - looked_at
    if (took_ms < shortest_look_ms) return
    const { cores, busy_cores, own_cores } = machine.look()
    looked_at = performance.now()
    const counting_cores = counted_ms / took_ms
    counted_ms = 0
    others_cores += (Math.max(0, busy_cores - own_cores) - others_cores) / looks
    // All that is ours and no counting: FFmpegs, reading what they send, looking at the eye, movement.
    const each = Math.max(0, own_cores - counting_cores) / Math.max(1, fps.size)
    if (fps.size > 0) bring_cores += (each - bring_cores) / looks
    budget = budgetOf({ cores, threads, others_cores, late_ms })
  }

  return {
    tried: ms => {
      ms_per_pixel = ms
      // What it took to get here, no camera costs.
      machine.look()
      looked_at = performance.now()
    },
    counted: (camera, ms) => {
      counted_ms += ms
      const known = costs.get(camera)
      costs.set(camera, known === undefined ? ms : known + (ms - known) / remembered)
    },
    attend: (cameras, late) => {
      near = new Set(cameras)
      late_ms = late
    },
    decide: () => {
      measure()
      const eyes = orders.map(
        (order): Eye => ({
          id: order.id,
          wanted_fps: order.fps,
          ms_per_picture: ms_of(order),
          bring_cores,
          near: near.has(order.id)
        })
      )
      const shares = shareOut(eyes, admitted, budget)
      fps = shares.fps
      const fresh = [...fps.keys()].filter(id => !admitted.has(id))
      for (const id of fresh) admitted.add(id)
      const refused = eyes.flatMap(eye => {
        const refusal = shares.refused.get(eye.id)
        return refusal === undefined ? [] : [[eye.id, refusalOf(eye, refusal)] as const]
      })
      return { admitted: fresh, refused: new Map(refused) }
    },
    fpsOf: camera => fps.get(camera) ?? 0,
    ms_of: camera => costs.get(camera) ?? 0,
    now: () => {
      const inside = orders.filter(({ id }) => fps.has(id))
      const used_cores = inside.reduce((sum, order) => sum + ((fps.get(order.id) ?? 0) * ms_of(order)) / 1000, 0)
      const ms_per_picture = inside.reduce((sum, order) => sum + ms_of(order), 0) / Math.max(1, inside.length)
      return { ms_per_picture, bring_cores, others_cores, budget_cores: budget.counting_cores, used_cores }
    }
  }
}

const pixelsOf = ({ size_px: [wide, high] = largest_px }: CameraOrder): number => wide * high

const refusalOf = ({ ms_per_picture, wanted_fps }: Eye, { lacks, needs_cores, free_cores, fits_fps }: Refusal): string => {
  const [ms, needs, free] = [ms_per_picture.toFixed(0), needs_cores.toFixed(2), free_cores.toFixed(2)]
  const slower = fits_fps !== undefined && fits_fps < wanted_fps
  return lacks === 'counting'
    ? sentence(
        `本机算力不足：每张画面计数需 ${ms} 毫秒，每秒 ${wanted_fps} 张至少需 ${needs} 核，只剩 ${free} 核；${slower ? `可将本摄像头 fps 降到 ${fits_fps}，或` : '可'}减小 size_px，或降低其他摄像头的 fps`,
        `this machine cannot carry it: counting a picture takes ${ms} ms, ${wanted_fps} a second need at least ${needs} cores and ${free} are left; right would be ${slower ? `fps: ${fits_fps} here, ` : ''}a smaller size_px, or a lower fps of other cameras`
      )
    : sentence(
        `本机算力不足：解码和计数至少需 ${needs} 核，只剩 ${free} 核；请改用子码流（较小分辨率），或停用其他程序`,
        `this machine cannot carry it: decoding and counting it need at least ${needs} cores and ${free} are left; right would be the camera’s substream, or fewer other programs on this machine`
      )
}
