/**
 * One camera in the vision process: keeps a source open, holds the newest picture in a mailbox of one, and says how the camera
 * is. It decides when to give up on a source and when to try again; what a picture means is not its business.
 */
import { near_boost } from '../../domain/frame-budget.ts'
import type { CameraState } from '../../domain/vocabulary.ts'
import { openEye } from './eye.ts'
import { openFfmpeg } from './ffmpeg.ts'
import type { Frame } from './frame.ts'
import { backOff, judge, longest_back_off } from './health.ts'
import { openHttp } from './http.ts'
import { openLateness } from './lateness.ts'
import { maskPainter } from './masks.ts'
import type { CameraCount, CameraOrder } from './messages.ts'
import { openRecording } from './recording.ts'
import { sentence } from './sentence.ts'
import type { Hands, OpenSource, Source } from './source.ts'
import { password_refused } from './stderr.ts'
import { checkCameraUrl } from './url.ts'
import { fitInto, fitView, type Size, type View } from './view.ts'

export type Camera = {
  readonly order: CameraOrder
  /** The newest picture, if it came at `due` or later, was not looked at yet and is worth looking at; it is the taker's until `give`n back. */
  readonly take: (due: number) => Frame | undefined
  readonly give: (frame: Frame) => void
  /** The newest picture, for a still, however often it was looked at; none when it is not of what is there now. */
  readonly newest: () => Frame | undefined
  /** What it sees now is what it should see. */
  readonly accept: () => void
  /** Ground and masks from now on; the picture in the box is painted over at once. */
  readonly teach: (taught: Pick<CameraOrder, 'ground' | 'masks'>) => void
  readonly watch: (now: number) => void
  readonly count: () => Omit<CameraCount, 'fps_given' | 'ms_per_picture'>
  /** How many pictures were handed over; of a stream fewer than came. */
  readonly handed: () => number
  readonly stop: () => void
}

const sources: Readonly<Record<'rtsp' | 'http' | 'file', OpenSource>> = { rtsp: openFfmpeg, http: openHttp, file: openRecording }
/** A camera that was well for this long starts its back-off anew when it fails. */
const well_after_ms = 10_000

export const openCamera = (
  order: CameraOrder,
  ffmpeg: string,
  say: (state: CameraState, why: string) => void,
  came: () => void,
  fps: () => number = () => order.fps
): Camera => {
  const state = { now: 'starting' as CameraState, why: '' }
  const totals = { frames: 0, handed: 0, looked: 0, skipped: 0, restarts: 0, at: Date.now(), before: 0, fps: 0 }
  /** Its pictures are told of one by one, those that are let go too. */
  let timed = false
  let source: Source | undefined
  let signs = freshSigns()
  let lateness = openLateness()
  const eye = openEye(order)
  let box: { frame: Frame; looked: boolean } | undefined
  let lent: Frame | undefined
  let failures = 0
  let openings = 0
  let retry: NodeJS.Timeout | undefined
  let view: View | undefined
  let paint: ReturnType<typeof maskPainter> | undefined
  let masks = order.masks

  const be = (next: CameraState, why: string): void => {
    // Until a picture comes, a camera that failed stays failed: trying again is not news.
    if (next === 'starting' && (state.now !== 'starting' || state.why === why)) return
    if (next === state.now && (why === state.why || next === 'stalled')) return
    state.now = next
    state.why = why
    say(next, why)
  }

  const open = (): void => {
    // What the eye knows stays: a camera that comes back with the very same picture is still frozen.
    signs = freshSigns()
    lateness = openLateness()
    timed = false
    const checked = checkCameraUrl(order.url)
    if ('refused' in checked) be('dead', checked.refused)
    else source = sources[checked.kind](order, handsOf(++openings), ffmpeg)
  }

  const reopen = (why: string, as: CameraState): void => {
    openings++
    source?.stop()
    source = undefined
    box = undefined
    if (why === password_refused) failures = Math.max(failures, longest_back_off)
    const wait_ms = backOff(failures, Math.random())
    failures++
    totals.restarts++
    const s = Math.max(1, Math.round(wait_ms / 1000))
    be(as, why.includes(' · ') ? why.replace(' · ', `，${s} 秒后重试 · `).concat(`; next try in ${s} s`) : why)
    retry = setTimeout(open, wait_ms)
  }

  /** Hands of one opening. A source that was given up may still be busy with a picture: it hands it to nobody. */
  const handsOf = (opening: number): Hands => ({
    lay: (size: Size, canvas?: Size) => {
      view = canvas === undefined ? fitView(size, order.size_px) : fitInto(size, canvas)
      paint = maskPainter(view, masks)
      eye.lay(view)
      return view
    },
    picture: (rgb: Uint8Array): Uint8Array | undefined => {
      if (opening !== openings) return undefined
      const now = Date.now()
      if (view === undefined) throw new Error(`${order.id} hands over a picture that was not laid out`)
      paint?.(rgb)
      totals.handed++
      if (!timed) totals.frames++
      signs.last_frame_at = now
      const old = box
      box = { frame: { rgb, view, at: now }, looked: false }
      // The first picture after a silence is news at once, so that no scene comes from a camera that is not live.
      if (state.now === 'starting' || state.now === 'stalled' || state.now === 'dead') watch(now)
      came()
      return old === undefined || old.frame === lent || old.frame.rgb.length !== rgb.length ? undefined : old.frame.rgb
    },
    timed: (shown_s: number): void => {
      if (opening !== openings) return
      timed = true
      totals.frames++
      lateness.came(shown_s, Date.now())
    },
    skipped: (pictures: number): void => {
      if (!timed) totals.frames += pictures
    },
    ended: (why: string): void => {
      if (opening === openings) reopen(why, 'dead')
    },
    photograph: (): void => {
      signs.photograph = true
    },
    fps,
    apart_s: seenApart(order.fps)
  })

  /** Looks at a picture only when it is about to be counted, or the watch comes by: at 25 fps that is one in twelve. */
  const look = ({ rgb, view, at }: Frame): void => eye.look(rgb, view, at)

  const watch = (now: number): void => {
    if (box !== undefined) look(box.frame)
    if (now - totals.at >= 2_000) {
      totals.fps = ((totals.frames - totals.before) * 1000) / (now - totals.at)
      totals.at = now
      totals.before = totals.frames
    }
    if (source === undefined) return
    const verdict = judge({ ...signs, ...eye.signs(), late_ms: lateness.late_ms(), jumped_at: lateness.jumped_at() }, now)
    if (verdict.reopen) reopen(verdict.why, verdict.state)
    else be(verdict.state, verdict.why)
    if (verdict.state === 'live' && now - signs.opened_at >= well_after_ms) failures = 0
  }

  /** Neither counted nor waiting for it. It never falls, though a picture is told of before it comes. */
  const skipped = (): number => {
    const waiting = box === undefined || box.looked ? 0 : 1
    totals.skipped = Math.max(totals.skipped, totals.frames - totals.looked - waiting)
    return totals.skipped
  }

  open()
  return {
    order,
    take: due => {
      if (box === undefined || box.looked || box.frame.at < due || lent !== undefined) return undefined
      look(box.frame)
      box.looked = true
      totals.looked++
      // Nobody can be counted on a black, stuck or strange picture, and 0 people would be a lie.
      if (state.now !== 'live' || !eye.trusts()) return undefined
      lent = box.frame
      return box.frame
    },
    give: frame => {
      if (lent === frame) lent = undefined
    },
    newest: () => {
      // A stuck picture is not of now, and on a view that has moved the masks lie beside what they should hide.
      const old = state.now === 'stalled' || state.now === 'frozen' || state.now === 'dead'
      return old || (state.now === 'moved' && masks.length > 0) ? undefined : box?.frame
    },
    accept: eye.accept,
    teach: taught => {
      masks = taught.masks
      eye.teach(taught)
      if (view === undefined) return
      paint = maskPainter(view, masks)
      eye.lay(view)
      if (box !== undefined) paint(box.frame.rgb)
    },
    watch,
    count: () => ({
      camera: order.id,
      fps: totals.fps,
      frames_total: totals.frames,
      frames_skipped_total: skipped(),
      restarts_total: totals.restarts
    }),
    handed: () => totals.handed,
    stop: () => {
      clearTimeout(retry)
      source?.stop()
      source = undefined
    }
  }
}

/** Near a limit they are counted twice as often; and a fifth of a second shows how people move (pairs.ts). */
export const seenApart = (fps: number): number => Math.min(movement_apart_s, 1 / (near_boost * fps))
const movement_apart_s = 0.2

const freshSigns = () => ({
  opened_at: Date.now(),
  last_frame_at: undefined as number | undefined,
  photograph: false
})

export const unknownCamera = (id: string): string => sentence(`没有摄像头 ${id}`, `there is no camera ${id}`)
