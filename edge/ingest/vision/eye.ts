/** One camera's pictures, looked at for the camera's own sake: is it the same picture again, one plain colour, blurred, of another place? */
import { crc32 } from 'node:zlib'
import { type Astray, astrayBy, isPlain, type PictureSigns } from './health.ts'
import { type Landmarks, openLandmarks } from './landmarks.ts'
import { lightOf } from './light.ts'
import type { CameraOrder } from './messages.ts'
import { sentence } from './sentence.ts'
import { openStillness } from './stillness.ts'
import { cellWeights, type Size, type View } from './view.ts'

type Taught = Pick<CameraOrder, 'ground' | 'masks'>
export type Eye = {
  /** How the camera's pictures lie from now on. */
  readonly lay: (view: View) => void
  readonly look: (rgb: Uint8Array, view: View, at: number) => void
  readonly signs: () => PictureSigns
  /** People may be counted on it: nothing is wrong, not even for a moment. */
  readonly trusts: () => boolean
  /** What is seen now is what should be seen. */
  readonly accept: () => void
  /** Ground and masks are others now: what is black is no landmark. */
  readonly teach: (taught: Taught) => void
}

/** Landmarks are looked for twice a second, however often pictures are counted. */
const looked_every_ms = 400

export const openEye = (order: Taught): Eye => {
  let taught = order
  let stillness = openStillness()
  let known: { view: View; seen: Float32Array | undefined; marks: Landmarks } | undefined
  let first: Size | undefined
  let last: { rgb: Uint8Array; at: number } | undefined
  let looked_at = 0
  let same_since: number | undefined
  let plain_since: number | undefined
  let astray: { what: Astray; since: number } | undefined
  let misfit: string | undefined

  const lay = (view: View): void => {
    first ??= view.source
    misfit = misfitOf(taught, first, view.source)
    if (known !== undefined && alike(known.view, view)) return
    const seen = taught.masks.length === 0 ? undefined : cellWeights(view, taught.masks, 8)
    known = { view, seen, marks: openLandmarks(view.canvas.width, view.content.width >> 3, view.content.height >> 3, seen) }
    stillness = openStillness()
  }

  return {
    lay,
    look: (rgb, view, at) => {
      if (last?.rgb === rgb && last.at === at) return
      last = { rgb, at }
      if (known === undefined || !alike(known.view, view)) lay(view)
      if (known === undefined) return
      const { seen, marks } = known
      const light = lightOf(rgb, view.canvas.width, view.content)
      same_since = stillness.look(light, crc32(rgb), at)
      if (isPlain(rgb, view.canvas.width, view.content, seen)) plain_since ??= at
      else plain_since = undefined
      if (at - looked_at < looked_every_ms || plain_since !== undefined) return
      looked_at = at
      const found = marks.look(rgb, light)
      const what = found && astrayBy(found, astray !== undefined)
      astray = what && { what, since: astray?.since ?? at }
      // A strange view teaches nothing, or a camera that was turned away would soon be at home there.
      if (what === undefined) marks.learn(rgb, at)
    },
    signs: () => ({ same_since, plain_since, astray, misfit }),
    trusts: () => plain_since === undefined && astray === undefined && misfit === undefined,
    accept: () => {
      // Calibration and masks of another resolution are not made right by saying so.
      known = undefined
      astray = undefined
    },
    teach: now => {
      taught = now
      known = undefined
      astray = undefined
      first = undefined
    }
  }
}

const alike = (a: View, b: View): boolean =>
  a.canvas.width === b.canvas.width && a.content.width === b.content.width && a.content.height === b.content.height

/** Ground points and masks are in the camera's own pixels: on a picture of another size they lie elsewhere. */
const misfitOf = ({ ground, masks }: Pick<CameraOrder, 'ground' | 'masks'>, first: Size, now: Size): string | undefined => {
  const size = ({ width, height }: Size): string => `${width}×${height}`
  if ((ground.length > 0 || masks.length > 0) && size(first) !== size(now))
    return sentence(
      `分辨率由 ${size(first)} 变为 ${size(now)}，标定和遮罩不再对得上`,
      `the picture was ${size(first)} and is now ${size(now)}: calibration and masks no longer fit`
    )
  const outside = ground.find(({ px: [x, y] }) => x > now.width || y > now.height)
  if (outside === undefined) return undefined
  return sentence(
    `画面是 ${size(now)}，标定点 [${outside.px}] 在画面之外`,
    `the picture is ${size(now)} and the ground point [${outside.px}] lies outside of it`
  )
}
