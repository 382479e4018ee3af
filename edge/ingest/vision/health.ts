/** What the pictures of a camera say about the camera: one pure judgement, so that its edges can be tested in a table. */
import type { CameraState } from '../../domain/vocabulary.ts'
import type { Found } from './landmarks.ts'
import { sentence } from './sentence.ts'

/** How pictures differ from what the camera usually shows: out of focus, nothing of it to be made out, or of something else. */
export type Astray = 'blurred' | 'hidden' | 'moved'
export type PictureSigns = {
  /** Since when every picture has been the same. */
  readonly same_since: number | undefined
  /** Since when every picture has been one plain colour. */
  readonly plain_since: number | undefined
  readonly astray: { readonly what: Astray; readonly since: number } | undefined
  /** Why calibration and masks do not belong to this picture. */
  readonly misfit: string | undefined
}
export type Signs = PictureSigns & {
  readonly opened_at: number
  readonly last_frame_at: number | undefined
  /** How much later pictures come than the promptest one did, and when their times last leapt. */
  readonly late_ms: number
  readonly jumped_at: number | undefined
  /** A photograph as camera never changes, and that is no fault. */
  readonly photograph: boolean
}
export type Verdict = { readonly state: CameraState; readonly why: string; readonly reopen: boolean }

export const stalled_after_ms = 4_000
export const reopened_after_ms = 9_000
export const late_after_ms = 4_000
/** Of a camera with a key frame every 4 s and no noise at all, pictures in between are the same: shorter than this would be false. */
export const frozen_after_ms = 7_000
export const covered_after_ms = 3_000
/** A hand, a passing lorry, headlights: shorter than this is life. */
export const astray_after_ms = 4_000
/** A camera whose codec sends a key frame every ten seconds needs that long to show anything, so a new one is given time. */
const patience_ms = 25_000
const reopened_when_frozen_ms = 60_000

export const judge = (signs: Signs, now: number): Verdict => {
  const { opened_at, last_frame_at, late_ms, jumped_at, same_since, plain_since, astray, misfit, photograph } = signs
  const silent_ms = now - (last_frame_at ?? opened_at)
  if (last_frame_at === undefined && silent_ms < reopened_after_ms)
    return { state: 'starting', why: sentence('正在连接', 'connecting'), reopen: false }
  if (last_frame_at === undefined)
    return {
      state: 'dead',
      why: sentence('连接后一直没有画面', `connected, but no picture within ${reopened_after_ms / 1000} s`),
      reopen: silent_ms >= patience_ms
    }
  if (silent_ms >= stalled_after_ms) {
    const s = Math.floor(silent_ms / 1000)
    return { state: 'stalled', why: sentence(`画面已停 ${s} 秒`, `no picture for ${s} s`), reopen: silent_ms >= reopened_after_ms }
  }
  // A picture that is this old is shown to nobody as live, and a new connection leaves behind what was waiting in the old one.
  if (late_ms >= late_after_ms) {
    const s = Math.floor(late_ms / 1000)
    return {
      state: 'stalled',
      why: sentence(
        `画面已经是 ${s} 秒以前的：网络或本机太慢，或在播放录像`,
        `the picture is ${s} s old: the link or this machine is too slow, or a recording is played`
      ),
      reopen: true
    }
  }
  if (jumped_at !== undefined)
    return { state: 'stalled', why: sentence('画面时间戳跳变', 'the times on the pictures leapt ahead'), reopen: true }
  if (plain_since !== undefined && now - plain_since >= covered_after_ms)
    return { state: 'covered', why: sentence('画面全黑或单一颜色', 'the picture is black or one plain colour'), reopen: false }
  if (!photograph && same_since !== undefined && now - same_since >= frozen_after_ms) {
    const s = frozen_after_ms / 1000
    return {
      state: 'frozen',
      why: sentence(`画面超过 ${s} 秒完全不变`, `the very same picture for more than ${s} s`),
      reopen: now - Math.max(same_since, opened_at) >= reopened_when_frozen_ms
    }
  }
  if (misfit !== undefined) return { state: 'moved', why: misfit, reopen: false }
  if (astray !== undefined && now - astray.since >= astray_after_ms) return { ...strays[astray.what], reopen: false }
  return { state: 'live', why: sentence('正常', 'pictures arrive'), reopen: false }
}

const strays: Readonly<Record<Astray, Omit<Verdict, 'reopen'>>> = {
  blurred: { state: 'covered', why: sentence('失焦，或镜头脏污', 'out of focus, or the lens is dirty') },
  hidden: {
    state: 'covered',
    why: sentence('原有的轮廓看不见了：被遮挡、起雾或太暗', 'nothing of the usual view can be made out: covered, fogged or too dark')
  },
  moved: { state: 'moved', why: sentence('画面不是原来的视野', 'the view is not the one it was') }
}

/**
 * Measured on three recordings of 249 s: what is usual stays above 0.74 kept and 0.73 sharp; a view shifted by 2 % of its width keeps
 * at most 0.35, a blur of 2 pixels leaves at most 0.51 of the sharpness, an infrared picture in its place keeps 0.78 and is no fault.
 * What was once astray has to be clearly itself again.
 */
export const astrayBy = ({ kept, rich, sharp, clear }: Found, already: boolean): Astray | undefined => {
  if (sharp < (already ? 0.6 : 0.5) || clear < (already ? 0.48 : 0.4)) return 'blurred'
  if (kept >= (already ? 0.55 : 0.45)) return undefined
  return rich < 0.5 ? 'hidden' : 'moved'
}

/** From this many failures on, the wait is the longest. */
export const longest_back_off = 6

/** 1, 2, 4 … 60 s, each ± 25 %, so that cameras behind one switch do not all come back in the same instant. */
export const backOff = (failures: number, random: number): number =>
  Math.min(60_000, 1_000 * 2 ** Math.min(failures, 10)) * (0.75 + random / 2)

/**
 * A lens cap, black, or a grey error card: standard deviation of the light, out of 255. What is masked was painted black and says
 * nothing: `seen` holds the share of each 8 × 8 cell that may be looked at.
 */
export const isPlain = (
  rgb: Uint8Array,
  width: number,
  content: { readonly width: number; readonly height: number },
  seen?: Float32Array
): boolean => {
  let [n, sum, squares] = [0, 0, 0]
  for (let y = 4; y < content.height; y += 8)
    for (let x = 4; x < content.width; x += 8) {
      if (seen !== undefined && (seen[(y >> 3) * (width >> 3) + (x >> 3)] ?? 0) < 1) continue
      const i = (y * width + x) * 3
      const light = 0.3 * (rgb[i] ?? 0) + 0.59 * (rgb[i + 1] ?? 0) + 0.11 * (rgb[i + 2] ?? 0)
      n++
      sum += light
      squares += light * light
    }
  return n > 0 && Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)) < plain_contrast
}
const plain_contrast = 4
