/**
 * The vision process: pictures come in, scenes go out. This thread brings the pictures, others count them. It is a process of its own
 * because ending a thread during a `run()` of onnxruntime aborts the whole process [performance 2f]; here that can only end vision,
 * and the station starts it again. The station ends it by leaving: when the channel closes, so does everything here.
 */
import { setPriority } from 'node:os'
import sharp from 'sharp'
import type { CameraState } from '../../domain/vocabulary.ts'
import { type Camera, openCamera, unknownCamera } from './camera.ts'
import type { Counter } from './counter.ts'
import { openCounting } from './counting.ts'
import type { Frame } from './frame.ts'
import { type Fusion, openFusion } from './fusion.ts'
import { type Looker, openLooker } from './look.ts'
import type { CameraOrder, FromVision, ToVision } from './messages.ts'
import { type Movement, openMovement } from './movement.ts'
import { openPace, type Pace } from './pace.ts'
import { sentence } from './sentence.ts'
import { fitView, largest_px, type Size } from './view.ts'

const beat_ms = 1_000
const watch_ms = 250
const decide_ms = 2_000
const still_fresh_ms = 10_000
/** To load a model and try it on its golden picture, also from a slow card. */
const opened_within_ms = 30_000
/** A model that answers nonsense this often in a row is taken out of use; one odd picture is not its fault. */
const most_faults = 5

const cameras = new Map<string, Camera>()
const lookers = new Map<string, Looker>()
/** As they are now: an installer may have taught a camera since the start. */
const orders = new Map<string, CameraOrder>()
const seeing = new Set<string>()
const movements = new Map<string, Movement>()
const due = new Map<string, number>()
let counter: Counter | undefined
let fusion: Fusion | undefined
let pace: Pace | undefined
/** Cameras that the station was told of as refused: told once, not every two seconds with other figures. */
const outside = new Set<string>()
/** What the model is asked just now, since when, and how long it may take. */
const asked = new Map<string, { readonly since: number; readonly ms: number }>()
const totals = { inferences_total: 0, inference_faults_total: 0, inference_ms_total: 0 }
let faults = 0
/** Wakes the counting loop when a picture has come. */
let wake = (): void => {}

const say = (message: FromVision): void => {
  // A station that is gone hears nothing more; `disconnect` ends this process in the same moment.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

const start = async (order: Extract<ToVision, { type: 'start' }>): Promise<void> => {
  fusion = openFusion(order.zones)
  const measured = openPace(order.cameras, order.admitted, order.threads)
  pace = measured
  const open = (camera: CameraOrder): void => {
    const seen = (state: CameraState, why: string): void => {
      if (state === 'live') seeing.add(camera.id)
      else seeing.delete(camera.id)
      // What a camera no longer sees, the others that do answer for at once.
      fusion?.sees(camera.id, state === 'live')
      say({ type: 'state', camera: camera.id, state, why })
    }
    cameras.set(
      camera.id,
      openCamera(
        camera,
        order.ffmpeg,
        seen,
        () => {
          came(camera.id)
          wake()
        },
        () => measured.fpsOf(camera.id) || camera.fps
      )
    )
    due.set(camera.id, 0)
  }
  // All of them connect at once; who is refused when the model has shown what it costs is let go again.
  for (const camera of order.cameras) {
    orders.set(camera.id, camera)
    open(camera)
  }
  say({ type: 'ready' })
  setInterval(() => {
    const now = Date.now()
    for (const camera of cameras.values()) camera.watch(now)
    for (const [over, { since, ms }] of asked) {
      if (performance.now() - since < ms) continue
      asked.delete(over)
      say({ type: 'hung', over, after_ms: ms })
    }
  }, watch_ms)
  setInterval(() => beat(measured), beat_ms)
  if (order.model === undefined) return
  const { model, models, packs, threads, hung_ms } = order
  const opened = await within(opened_within_ms, 'its self-test', openCounting(model, models, packs, threads))
  if ('refused' in opened) return say({ type: 'model', trouble: opened.refused })
  measured.tried(await within(hung_ms, 'an empty picture', opened.counter.ms_per_pixel(largestOf(order.cameras))))
  counter = opened.counter
  lookAgain(order.zones)
  const decide = (): void => {
    const { admitted, refused } = measured.decide()
    for (const [id, why] of refused) if (!outside.has(id)) refuse(id, why)
    for (const id of admitted) {
      const camera = orders.get(id)
      if (outside.delete(id) && camera !== undefined) open(camera)
    }
  }
  decide()
  setInterval(decide, decide_ms)
  const { sha256, band } = opened.counter.model
  say({ type: 'model', trouble: undefined, inUse: { sha256, band } })
  await count(threads, hung_ms)
}

const within = async <T>(ms: number, over: string, work: Promise<T>): Promise<T> => {
  asked.set(over, { since: performance.now(), ms })
  try {
    return await work
  } finally {
    asked.delete(over)
  }
}

const refuse = (id: string, why: string): void => {
  outside.add(id)
  cameras.get(id)?.stop()
  cameras.delete(id)
  seeing.delete(id)
  fusion?.sees(id, false)
  say({ type: 'state', camera: id, state: 'refused', why })
}

const beat = (pace: Pace): void => {
  const counts = [...cameras.values()].map(camera => ({
    ...camera.count(),
    fps_given: pace.fpsOf(camera.order.id),
    ms_per_picture: pace.ms_of(camera.order.id)
  }))
  say({ type: 'beat', cameras: counts, counters: totals, budget: pace.now() })
}

/** The largest canvas that any of them will be counted on. */
const largestOf = (orders: readonly CameraOrder[]): Size =>
  orders
    .map(({ size_px: [width, height] = largest_px }) => fitView({ width, height }, [width, height]).canvas)
    .reduce((most, one) => (one.width * one.height > most.width * most.height ? one : most), { width: 32, height: 32 })

/** Grounds, outlines and scales are worked out anew by everyone: whose ground it is depends on all of them. */
const lookAgain = (zones: Extract<ToVision, { type: 'start' }>['zones']): void => {
  fusion = openFusion(zones)
  for (const camera of seeing) fusion.sees(camera, true)
  if (counter === undefined) return
  for (const [id, order] of orders) {
    lookers.set(id, openLooker(order, counter.model, fusion))
    movements.set(id, openMovement(order, counter.model, fusion))
  }
}

const teach = ({ camera, ground, masks, scale, zones }: Extract<ToVision, { type: 'teach' }>): void => {
  const order = orders.get(camera)
  if (order === undefined) return
  orders.set(camera, { ...order, ground, masks, scale })
  cameras.get(camera)?.teach({ ground, masks })
  lookAgain(zones)
}

/**
 * As many frames at a time as there are threads, the camera that has waited longest first: a busy camera cannot starve a quiet one. A
 * picture is counted when it arrives and not when a timer says so: a timer took pictures that were up to a frame period old already.
 */
const count = async (threads: number, hung_ms: number): Promise<void> => {
  let busy = 0
  const free = (): void => {
    busy--
    wake()
  }
  while (counter !== undefined) {
    const next = busy < threads ? longestWaiting() : undefined
    if (next !== undefined) {
      busy++
      void countOne(next.camera, next.frame, counter, hung_ms).finally(free)
    } else
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
}

const longestWaiting = (): { camera: Camera; frame: Frame } | undefined => {
  for (const camera of [...cameras.values()].sort((a, b) => dueOf(a) - dueOf(b))) {
    const frame = camera.take(dueOf(camera) - early(camera))
    if (frame !== undefined) return { camera, frame }
  }
  return undefined
}

const came = (id: string): void => {
  const camera = cameras.get(id)
  const frame = camera?.newest()
  if (camera !== undefined && frame !== undefined) movements.get(id)?.came(frame, camera.handed())
}

const periodOf = ({ order }: Camera): number => 1000 / (pace?.fpsOf(order.id) || order.fps)
const early = (camera: Camera): number => 0.1 * periodOf(camera)
const dueOf = (camera: Camera): number => due.get(camera.order.id) ?? 0

const countOne = async (camera: Camera, frame: Frame, { count }: Counter, hung_ms: number): Promise<void> => {
  const { id } = camera.order
  const { at, view } = frame
  // On a grid, so that 4 of 5 pictures a second are counted when 4 are wanted; a pause is not made up for in a hurry. A tenth
  // early is near enough: a picture that comes 1 ms before its time must not cost a whole frame period.
  const period = periodOf(camera)
  due.set(id, Math.max(dueOf(camera) + period, at - 0.1 * period))
  const movement = movements.get(id)
  movement?.counting(frame, camera.handed())
  const counted = await within(hung_ms, `a picture of camera ${id}`, count(frame))
  const scene = 'refused' in counted ? undefined : lookers.get(id)?.(counted.cells, view, at, frame.rgb)
  camera.give(frame)
  if ('refused' in counted) return fault(counted.refused)
  faults = 0
  totals.inferences_total++
  totals.inference_ms_total += counted.ran_ms
  pace?.counted(id, counted.spent_ms)
  if (scene === undefined) return
  const moving = movement?.added(scene, counted.cells, view) ?? scene
  say({ type: 'scene', scene: { ...moving, took_ms: Date.now() - at } })
}

const fault = (why: string): void => {
  totals.inference_faults_total++
  faults++
  if (faults < most_faults) return
  counter = undefined
  say({
    type: 'model',
    trouble: sentence('模型输出异常，已停用', `the model is taken out of use, it answered nonsense ${faults} times in a row: ${why}`)
  })
}

const still = async (ask: number, id: string, counted: boolean): Promise<void> => {
  const camera = cameras.get(id)
  if (camera === undefined) return say({ type: 'still', ask, failed: unknownCamera(id) })
  const frame = camera.newest()
  if (frame === undefined || Date.now() - frame.at > still_fresh_ms)
    return say({ type: 'still', ask, failed: sentence('10 秒内没有画面', 'there is no picture younger than 10 s') })
  const { canvas, content, source } = frame.view
  // Copied, because the next frame may be read into the same memory while sharp still compresses.
  const copy = Uint8Array.from(frame.rgb)
  const jpeg = await sharp(copy, { raw: { ...canvas, channels: 3 } })
    .extract({ left: 0, top: 0, ...content })
    .jpeg({ quality: 80 })
    .toBuffer()
  say({
    type: 'still',
    ask,
    still: { jpeg, picture: { ...source }, estimate: counted ? await estimate(id, { ...frame, rgb: copy }) : undefined }
  })
}

/** What the model says of this very picture, before any gain; nothing when it does not count. */
const estimate = async (id: string, frame: Frame): Promise<number | undefined> => {
  const order = orders.get(id)
  if (counter === undefined || order === undefined) return undefined
  const { model } = counter
  const counted = await counter.count(frame)
  return 'refused' in counted
    ? undefined
    : openLooker({ id, ground: [], masks: order.masks }, model)(counted.cells, frame.view, frame.at).people_count
}

process.on('message', (message: ToVision) => {
  if (message.type === 'start') void start(message)
  else if (message.type === 'accept') cameras.get(message.camera)?.accept()
  else if (message.type === 'attend') pace?.attend(message.near, message.late_ms)
  else if (message.type === 'teach') teach(message)
  else
    still(message.ask, message.camera, message.counted).catch(cause =>
      say({ type: 'still', ask: message.ask, failed: sentence('截图失败', `no still: ${(cause as Error).message}`) })
    )
})
process.on('disconnect', () => {
  for (const camera of cameras.values()) camera.stop()
  // A counting thread may be in the middle of a run(): leaving by exit() would wait for it, or abort.
  process.kill(process.pid, 'SIGKILL')
})
// A signal to the station's terminal reaches this process too; the station decides when vision ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// Alarms go first: vision and the FFmpegs it starts yield the processor to the station.
setPriority(5)
// One picture is opened at a time per camera; more threads would only take the station's cores.
sharp.concurrency(1)
sharp.cache(false)
