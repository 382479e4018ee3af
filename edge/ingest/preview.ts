/**
 * Live pictures for the people who look, while they look: one stream per camera, started by its first viewer and ended with its
 * last. Without viewers there is no process and no timer [P14]. Nothing is kept: only the pictures since the last key picture wait
 * in memory, so that who comes late sees something at once. H.264 is passed on as it is; everything else, and every camera with
 * privacy masks, is painted anew (a copied stream cannot be masked).
 */
import type { Clock, LiveFormat, Preview, Viewer } from '../ports.ts'
import { type CameraConfig, type CameraLog, orderFor } from './cameras.ts'
import { openCopy } from './preview/copy.ts'
import type { Lane, LaneHands, OpenLane } from './preview/lane.ts'
import { openPainted } from './preview/painted.ts'
import type { Part } from './preview/parts.ts'
import { backOff } from './vision/health.ts'
import { sentence } from './vision/sentence.ts'
import { password_refused } from './vision/stderr.ts'
import { checkCameraUrl } from './vision/url.ts'

export type OpenPreview = {
  readonly cameras: readonly CameraConfig[]
  readonly clock: Clock
  readonly log: CameraLog
  readonly ffmpeg?: string
}
export type OpenedPreview = Preview & {
  /** What its viewers may see of a camera from now on. */
  readonly teach: (camera: CameraConfig) => void
  /** For tests and benchmarks: the processes that make pictures for viewers now. */
  readonly pids: () => readonly number[]
}

/** Painting a camera took 18 % of a core [P14]: more than this at a time, and counting would suffer. */
export const most_painted = 2
/** Two seconds at 6 Mbit/s. A camera that sends fewer key pictures makes its late viewers wait for the next one. */
const most_kept_bytes = 1.5 * 2 ** 20
/** A lane that starts and then says nothing is as good as ended; key pictures are at most this far apart at any camera that was seen. */
const silent_after_ms = 12_000

type LaneName = 'copy' | 'painted'
const lanes: Readonly<Record<LaneName, OpenLane>> = { copy: openCopy, painted: openPainted }

type Stream = {
  readonly camera: CameraConfig
  readonly lane: LaneName
  readonly viewers: Set<Viewer>
  /** Rises with every opening: what an earlier one still says is not heard. */
  opening: number
  running?: Lane | undefined
  format?: LiveFormat | undefined
  kept: { readonly part: Part; readonly at: number }[]
  kept_bytes: number
  heard_at: number
  failures: number
  retry?: NodeJS.Timeout | undefined
  watchdog?: NodeJS.Timeout | undefined
}

export const openPreview = ({ cameras, clock, log, ffmpeg = 'ffmpeg' }: OpenPreview): OpenedPreview => {
  const configured = new Map(cameras.map(camera => [camera.id, camera]))
  const streams = new Map<string, Stream>()
  /** Cameras that were found to speak something else than H.264; asked anew when their stream next fails. */
  const others = new Set<string>()
  const totals = { live_streams_opened_total: 0, live_streams_failed_total: 0, live_frames_let_go_total: 0 }
  let closed = false

  const laneOf = (camera: CameraConfig, viewer: Viewer): LaneName => {
    const checked = checkCameraUrl(camera.url)
    const copied = 'kind' in checked && checked.kind === 'rtsp' && !viewer.mpeg1_only && !others.has(camera.id)
    return copied && (camera.masks ?? []).length === 0 ? 'copy' : 'painted'
  }

  const join = (camera: CameraConfig, viewer: Viewer): Stream | { readonly failed: string } => {
    const lane = laneOf(camera, viewer)
    const name = `${lane} ${camera.id}`
    let stream = streams.get(name)
    if (stream === undefined) {
      if (lane === 'painted' && [...streams.values()].filter(one => one.lane === 'painted').length >= most_painted)
        return {
          failed: sentence(
            `同时最多转码 ${most_painted} 路画面，请先关闭一路`,
            `at most ${most_painted} pictures are painted at a time; close one first`
          )
        }
      stream = { camera, lane, viewers: new Set(), opening: 0, kept: [], kept_bytes: 0, heard_at: 0, failures: 0 }
      streams.set(name, stream)
      stream.viewers.add(viewer)
      start(stream)
      return stream
    }
    stream.viewers.add(viewer)
    if (stream.format !== undefined) viewer.begins(stream.format)
    for (const { part, at } of stream.kept) viewer.part(part.bytes, part.key, at)
    return stream
  }

  const start = (stream: Stream): void => {
    const opening = ++stream.opening
    const { camera } = stream
    stream.retry = undefined
    stream.heard_at = performance.now()
    stream.watchdog ??= setInterval(() => {
      if (stream.running !== undefined && performance.now() - stream.heard_at > silent_after_ms)
        fail(stream, sentence('摄像头没有画面', 'no picture comes from the camera'))
    }, 1_000)
    totals.live_streams_opened_total++
    let refused: string | undefined
    orderFor(camera, why => {
      refused = why
    }).then(
      order => {
        if (opening !== stream.opening) return
        if (order === undefined) fail(stream, refused ?? '')
        else stream.running = lanes[stream.lane](order, handsOf(stream, opening), ffmpeg)
      },
      cause => fail(stream, sentence('无法打开', `cannot be opened: ${(cause as Error).message}`))
    )
  }

  const handsOf = (stream: Stream, opening: number): LaneHands => ({
    begins: format => {
      if (opening !== stream.opening) return
      stream.format = format
      forget(stream)
      for (const viewer of stream.viewers) viewer.begins(format)
    },
    part: part => {
      if (opening !== stream.opening) return
      const at = clock.now()
      stream.heard_at = performance.now()
      keep(stream, part, at)
      for (const viewer of stream.viewers) viewer.part(part.bytes, part.key, at)
    },
    skipped: () => void totals.live_frames_let_go_total++,
    ended: (why, other = false) => {
      if (opening !== stream.opening) return
      if (other) turn(stream)
      else fail(stream, why)
    }
  })

  const keep = (stream: Stream, part: Part, at: number): void => {
    if (part.key) {
      forget(stream)
      stream.failures = 0
    } else if (stream.kept.length === 0) return
    stream.kept.push({ part, at })
    stream.kept_bytes += part.bytes.length
    if (stream.kept_bytes > most_kept_bytes) forget(stream)
  }
  const forget = (stream: Stream): void => {
    stream.kept = []
    stream.kept_bytes = 0
  }

  /** The camera does not speak H.264: its viewers go over to the other lane. */
  const turn = (stream: Stream): void => {
    others.add(stream.camera.id)
    reseat(stream)
  }

  const reseat = (stream: Stream): void => {
    const camera = configured.get(stream.camera.id) ?? stream.camera
    const viewers = [...stream.viewers]
    end(stream)
    for (const viewer of viewers) {
      const seat = seats.get(viewer)
      if (seat === undefined) continue
      const joined = join(camera, viewer)
      if ('failed' in joined) {
        seats.delete(viewer)
        viewer.ended(joined.failed)
      } else seat.stream = joined
    }
  }

  const fail = (stream: Stream, why: string): void => {
    stream.opening++
    stream.running?.stop()
    stream.running = undefined
    stream.format = undefined
    forget(stream)
    others.delete(stream.camera.id)
    totals.live_streams_failed_total++
    log.warn(`the live view of camera ${stream.camera.id} has no picture: ${why}`)
    // Many cameras lock an account after five attempts, and vision asks with the same one.
    if (why === password_refused) dismiss(stream, why)
    else {
      for (const viewer of stream.viewers) viewer.waits(why)
      stream.retry = setTimeout(() => start(stream), backOff(stream.failures++, Math.random()))
    }
  }

  const dismiss = (stream: Stream, why: string): void => {
    const viewers = [...stream.viewers]
    end(stream)
    for (const viewer of viewers) {
      seats.delete(viewer)
      viewer.ended(why)
    }
  }

  const end = (stream: Stream): void => {
    stream.opening++
    clearTimeout(stream.retry)
    clearInterval(stream.watchdog)
    stream.running?.stop()
    stream.running = undefined
    stream.viewers.clear()
    forget(stream)
    streams.delete(`${stream.lane} ${stream.camera.id}`)
  }

  /** Where each viewer sits now: a camera's viewers may be moved to the other lane. */
  const seats = new Map<Viewer, { stream: Stream }>()

  return {
    watch: (id, viewer) => {
      const camera = configured.get(id)
      if (camera === undefined) return { failed: sentence(`没有摄像头 ${id}`, `there is no camera ${id}`) }
      if (closed) return { failed: sentence('站点正在关闭', 'the station is closing') }
      const stream = join(camera, viewer)
      if ('failed' in stream) return stream
      seats.set(viewer, { stream })
      return {
        leave: () => {
          const seat = seats.get(viewer)
          if (seat === undefined) return
          seats.delete(viewer)
          seat.stream.viewers.delete(viewer)
          if (seat.stream.viewers.size === 0) end(seat.stream)
        }
      }
    },
    teach: camera => {
      const before = configured.get(camera.id)
      configured.set(camera.id, camera)
      if (JSON.stringify(before?.masks ?? []) === JSON.stringify(camera.masks ?? [])) return
      for (const stream of [...streams.values()]) if (stream.camera.id === camera.id) reseat(stream)
    },
    counters: () => ({ ...totals, live_streams: streams.size }),
    pids: () => [...streams.values()].flatMap(({ running }) => running?.pids() ?? []),
    close: async () => {
      closed = true
      for (const stream of [...streams.values()]) dismiss(stream, sentence('站点正在关闭', 'the station is closing'))
    }
  }
}
