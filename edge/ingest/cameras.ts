/**
 * The station's side of its cameras: which there are, how they are, and one vision process that is started, watched and started
 * again. No pixel lives here; what comes over the channel are scenes, states and, when an officer asks, one still.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CameraScale } from '../domain/camera-calibration.ts'
import type { Band } from '../domain/count-calibration.ts'
import type { BudgetNow } from '../domain/frame-budget.ts'
import type { GroundPoint } from '../domain/ground.ts'
import type { Scene } from '../domain/scene.ts'
import type { CameraState } from '../domain/vocabulary.ts'
import type { CameraNow, Cameras, Clock, Still } from '../ports.ts'
import type { Line } from './vision/crossing.ts'
import type { ZoneOutline } from './vision/fusion.ts'
import type { CameraOrder, FromVision, ToVision } from './vision/messages.ts'
import { sentence } from './vision/sentence.ts'
import { checkCameraUrl } from './vision/url.ts'
import type { Point } from './vision/view.ts'

export type CameraConfig = {
  readonly id: string
  readonly url: string
  readonly password_file?: string
  readonly zone: string
  /** How many pictures a second are counted. */
  readonly fps?: number
  readonly ground?: readonly GroundPoint[]
  readonly masks?: readonly (readonly Point[])[]
  readonly lines?: readonly (Omit<Line, 'zone'> & { readonly zone?: string })[]
  /** The largest canvas the model may get, in place of 1024 × 768. */
  readonly size_px?: Point
  readonly scale?: CameraScale
}

export type CameraLog = { readonly info: (text: string) => void; readonly warn: (text: string) => void }

export type OpenCameras = {
  readonly cameras: readonly CameraConfig[]
  /** Zones whose outline on the ground is known: cameras that see the same ground share it. */
  readonly zones?: readonly ZoneOutline[]
  readonly clock: Clock
  readonly log: CameraLog
  readonly hear: (scene: Scene) => void
  readonly onState: (camera: string, state: CameraState, why: string) => void
  readonly ffmpeg?: string
  /** Name of a folder in `models/` or of a pack; none runs the cameras without counting. */
  readonly model?: string
  readonly models?: URL
  /** The folder of models that an engineer brought. */
  readonly packs?: URL
  /** A vision process that says nothing for this long is hung, and so is a model that takes this long for a picture (usual is 0.1 s). */
  readonly silence_ms?: number
  /** How many pictures are counted at once; `most_threads`, or one a camera, if nothing is said. */
  readonly threads?: number
}

export type OpenedCameras = Cameras & {
  /** What is wrong with vision as a whole (model refused, process failing), one sentence each. */
  readonly troubles: () => readonly string[]
  /** Ground, masks, scale and outlines that hold from now on, without a picture missed. */
  readonly teach: (camera: CameraConfig, zones: readonly ZoneOutline[]) => void
  /** The weights in use, and their error bar. */
  readonly model: () => { readonly sha256: string; readonly band: Band } | undefined
  /** For tests and the station's own health: the process that holds the pictures. */
  readonly pid: () => number | undefined
}

/** Where a station looks for models that are not of the release. */
export const packsOf = (state_dir: string): URL => pathToFileURL(join(state_dir, 'models/'))

/** One core is left to bring the pictures, and to the station. */
export const most_threads = Math.max(1, availableParallelism() - 1)
const usual_fps = 2
const start_within_ms = 30_000
const still_within_ms = 5_000
const most_stills_waiting = 8
/** As many ends within a minute as this, and the next start waits a whole minute. */
const crash_loop = 5
/** A model that hung vision this often in a row is left out of the next start. */
const most_hangs = 2

type Known = { -readonly [Key in keyof CameraNow]: CameraNow[Key] }

export const openCameras = async (options: OpenCameras): Promise<OpenedCameras> => {
  const { clock, log, hear, onState, silence_ms = 10_000 } = options
  const threads = options.threads ?? Math.max(1, Math.min(most_threads, options.cameras.length))
  const known = new Map<string, Known>(options.cameras.map(camera => [camera.id, newCamera(camera, clock.now())]))
  const stills = new Map<number, { settle: (still: Still | { failed: string }) => void; timer: NodeJS.Timeout }>()
  const totals = { vision_restarts_total: 0, scenes_total: 0, stills_total: 0, stills_refused_total: 0 }
  let fromChild: Readonly<Record<string, number>> = {}
  let budget: BudgetNow | undefined
  let carried: Readonly<Record<string, number>> = {}
  let child: ChildProcess | undefined
  let closing = false
  let modelTrouble: string | undefined
  let inUse: { readonly sha256: string; readonly band: Band } | undefined
  let processTrouble: string | undefined
  let asks = 0
  let hangs = 0
  let heardAt = 0
  let ready = false
  let retry: NodeJS.Timeout | undefined
  const ends: number[] = []
  /** Whoever was ever counted stays in, also when vision is started again. */
  const admitted = new Set<string>()

  const be = (id: string, state: CameraState, why: string): void => {
    const camera = known.get(id)
    if (camera === undefined) return
    if (camera.state !== state) {
      camera.since = clock.now()
      if (camera.state === 'live' || state === 'live' || state === 'dead')
        log[state === 'live' ? 'info' : 'warn'](`camera ${id} is ${state}: ${why}`)
    }
    camera.state = state
    camera.why = why
    // A count of a camera that is not live says nothing about now.
    if (state !== 'live') camera.scene = undefined
    if (state === 'refused') camera.fps = camera.fps_given = 0
    onState(id, state, why)
  }

  const orders = await Promise.all(options.cameras.map(camera => orderFor(camera, why => be(camera.id, 'dead', why))))
  let wanted = orders.filter(order => order !== undefined)
  let outlines = options.zones ?? []

  const take = (message: FromVision): void => {
    heardAt = performance.now()
    ready = true
    if (message.type === 'state') be(message.camera, message.state, message.why)
    else if (message.type === 'scene') heardScene(message.scene)
    else if (message.type === 'beat') beat(message)
    else if (message.type === 'still') answer(message.ask, message.still ?? { failed: message.failed ?? 'no still' })
    else if (message.type === 'hung') hung(message)
    else if (message.type === 'model') {
      modelTrouble = message.trouble
      inUse = message.inUse
      if (message.trouble !== undefined) log.warn(message.trouble)
    }
  }

  const hung = ({ over, after_ms }: Extract<FromVision, { type: 'hung' }>): void => {
    if (child === undefined) return
    hangs++
    log.warn(`the model has not come back from ${over} within ${after_ms} ms, and vision is ended`)
    endGroup(child)
  }

  const heardScene = (said: Scene): void => {
    hangs = 0
    // The station's clock is the one we go by; the child only knows how long ago.
    const scene = { ...said, at: clock.now() - Math.max(0, Date.now() - said.at) }
    const camera = known.get(scene.camera)
    if (camera === undefined) return
    // Counted while the camera was found to be blind: nobody may take it for now.
    if (camera.state !== 'live') return
    totals.scenes_total++
    admitted.add(scene.camera)
    // What is read off a picture too dark to be counted is no count, in the camera's own line neither.
    camera.scene = scene.unsure === 'too_dark' ? undefined : scene
    hear(scene)
  }

  const beat = ({ cameras, counters, budget: now }: Extract<FromVision, { type: 'beat' }>): void => {
    fromChild = counters
    budget = now
    processTrouble = undefined
    for (const count of cameras) {
      const camera = known.get(count.camera)
      if (camera === undefined) continue
      camera.fps = count.fps
      camera.fps_given = count.fps_given
      camera.ms_per_picture = count.ms_per_picture
      const base = bases.get(count.camera) ?? zero
      camera.frames_total = base.frames_total + count.frames_total
      camera.frames_skipped_total = base.frames_skipped_total + count.frames_skipped_total
      camera.restarts_total = base.restarts_total + count.restarts_total
    }
  }
  /** Counters never fall, also when the process that counts is a new one. */
  const bases = new Map<string, Pick<CameraNow, 'frames_total' | 'frames_skipped_total' | 'restarts_total'>>()
  const zero = { frames_total: 0, frames_skipped_total: 0, restarts_total: 0 }

  const answer = (ask: number, still: Still | { failed: string }): void => {
    const waiting = stills.get(ask)
    if (waiting === undefined) return
    clearTimeout(waiting.timer)
    stills.delete(ask)
    waiting.settle(still)
  }

  const start = (): void => {
    retry = undefined
    heardAt = performance.now()
    ready = false
    const started = spawnVision()
    child = started
    started.on('message', message => take(message as FromVision))
    started.on('error', error => log.warn(`vision: ${error.message}`))
    started.on('exit', (code, signal) => ended(started, signal ?? `code ${code}`))
    const model = hangs >= most_hangs ? undefined : options.model
    if (model !== options.model) {
      modelTrouble = sentence('模型运行超时，已停用', `model ${options.model} is taken out of use: it hung vision ${hangs} times in a row`)
      log.warn(modelTrouble)
    }
    const order: ToVision = {
      type: 'start',
      cameras: wanted,
      zones: outlines,
      model,
      models: (options.models ?? new URL('../../models/', import.meta.url)).href,
      packs: options.packs?.href,
      ffmpeg: options.ffmpeg ?? 'ffmpeg',
      threads,
      hung_ms: silence_ms,
      admitted: [...admitted]
    }
    started.send(order)
  }

  const ended = (which: ChildProcess, how: string): void => {
    if (which !== child) return
    child = undefined
    if (closing) return
    // FFmpegs that were stopped in the middle outlive their parent; they are in its process group.
    endGroup(which)
    totals.vision_restarts_total++
    carried = addUp(carried, fromChild)
    fromChild = {}
    const now = performance.now()
    ends.push(now)
    while ((ends[0] ?? now) < now - 60_000) ends.shift()
    const looping = ends.length >= crash_loop
    const wait_ms = looping ? 60_000 : 500 * 2 ** (ends.length - 1)
    processTrouble = looping
      ? sentence('视觉进程反复退出，一分钟后再试', `vision ended ${ends.length} times within a minute (${how}); next start in 60 s`)
      : sentence('视觉进程已退出，正在重启', `vision ended (${how}) and starts again`)
    log.warn(processTrouble)
    for (const order of wanted) {
      const camera = known.get(order.id)
      if (camera !== undefined) bases.set(order.id, { ...camera })
      be(order.id, 'dead', processTrouble)
    }
    for (const ask of [...stills.keys()]) answer(ask, { failed: processTrouble })
    retry = setTimeout(start, wait_ms)
  }

  const watch = setInterval(
    () => {
      // A process that has not spoken yet is still being loaded, and on a slow card that takes its time.
      if (child === undefined || performance.now() - heardAt < (ready ? silence_ms : Math.max(silence_ms, start_within_ms))) return
      log.warn(`vision is silent for ${silence_ms} ms and is ended`)
      heardAt = performance.now()
      endGroup(child)
    },
    Math.min(1_000, silence_ms / 2)
  )
  if (wanted.length > 0) start()

  return {
    list: () => [...known.values()].map(camera => ({ ...camera })),
    budget: () => budget,
    attend: (near, late_ms) => void (child?.connected && child.send({ type: 'attend', near, late_ms } satisfies ToVision)),
    accept: id => void (child?.connected && child.send({ type: 'accept', camera: id } satisfies ToVision)),
    still: async (id, counted = false) => {
      const now = child
      if (!known.has(id)) return { failed: sentence(`没有摄像头 ${id}`, `there is no camera ${id}`) }
      if (now === undefined) return { failed: processTrouble ?? known.get(id)?.why ?? sentence('摄像头未运行', 'the camera does not run') }
      if (stills.size >= most_stills_waiting) {
        totals.stills_refused_total++
        return { failed: sentence('截图请求过多，请稍后', 'too many stills are being made; try again') }
      }
      totals.stills_total++
      return await new Promise(settle => {
        const ask = ++asks
        const timer = setTimeout(
          () => answer(ask, { failed: sentence('截图超时', `no still within ${still_within_ms / 1000} s`) }),
          still_within_ms
        )
        stills.set(ask, { settle, timer })
        now.send({ type: 'still', ask, camera: id, counted } satisfies ToVision)
      })
    },
    teach: ({ id, ground = [], masks = [], scale }, zones) => {
      outlines = zones
      const camera = known.get(id)
      if (camera !== undefined) camera.masked = masks.length > 0
      wanted = wanted.map(order => (order.id === id ? { ...order, ground, masks, scale } : order))
      child?.send({ type: 'teach', camera: id, ground, masks, scale, zones } satisfies ToVision)
    },
    model: () => inUse,
    counters: () => ({ ...totals, ...addUp(carried, fromChild) }),
    troubles: () => [modelTrouble, processTrouble].filter(trouble => trouble !== undefined),
    pid: () => child?.pid,
    close: async () => {
      closing = true
      clearInterval(watch)
      clearTimeout(retry)
      for (const ask of [...stills.keys()]) answer(ask, { failed: sentence('站点正在关闭', 'the station is closing') })
      await stop(child)
    }
  }
}

const newCamera = ({ id, zone, fps = usual_fps, masks = [] }: CameraConfig, since: number): Known => ({
  id,
  zone,
  state: 'starting',
  since,
  why: sentence('正在连接', 'connecting'),
  fps: 0,
  fps_wanted: fps,
  fps_given: 0,
  ms_per_picture: 0,
  frames_total: 0,
  frames_skipped_total: 0,
  restarts_total: 0,
  masked: masks.length > 0,
  scene: undefined
})

/** The credential is read here and travels over the channel only. A camera that cannot be ordered is dead with its reason. */
export const orderFor = async (camera: CameraConfig, refuse: (why: string) => void): Promise<CameraOrder | undefined> => {
  const checked = checkCameraUrl(camera.url)
  if ('refused' in checked) {
    refuse(checked.refused)
    return undefined
  }
  try {
    const password = camera.password_file === undefined ? undefined : (await readFile(camera.password_file, 'utf8')).replace(/\r?\n$/, '')
    const { id, url, zone, fps = usual_fps, ground = [], masks = [], lines = [], size_px, scale } = camera
    const led = lines.map(line => ({ ...line, zone: line.zone ?? zone }))
    return { id, url, password, fps, ground, masks, lines: led, size_px, scale }
  } catch (cause) {
    refuse(
      sentence('密码文件无法读取', `the password file ${camera.password_file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`)
    )
    return undefined
  }
}

/** glibc gives every thread a heap of its own, and what is free in one serves no other: beside animated WebP vision grew by 27 MiB an hour. */
const fewHeaps = { MALLOC_ARENA_MAX: '2' }

/** A process group of its own, so that it can be ended whole; a bare environment, so that no secret of the station's is in it. */
const spawnVision = (): ChildProcess => {
  const typescript = import.meta.url.endsWith('.ts')
  return fork(new URL(`./vision/main.${typescript ? 'ts' : 'js'}`, import.meta.url), [], {
    execArgv: typescript ? ['--import', import.meta.resolve('tsx')] : [],
    serialization: 'advanced',
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...fewHeaps, PATH: process.env.PATH ?? '/usr/bin:/bin', TZ: process.env.TZ ?? '', LC_ALL: 'C.UTF-8' }
  })
}

const endGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (cause) {
    // Nobody is left in the group, which is what was wanted.
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause
  }
}

/** Leaves politely by closing the channel; what has not gone within 2 s is ended. */
const stop = async (child: ChildProcess | undefined): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>(gone => {
    const late = setTimeout(() => endGroup(child), 2_000)
    child.on('exit', () => {
      clearTimeout(late)
      endGroup(child)
      gone()
    })
    if (child.connected) child.disconnect()
  })
}

const addUp = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> => {
  const sum: Record<string, number> = { ...a }
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value
  return sum
}
