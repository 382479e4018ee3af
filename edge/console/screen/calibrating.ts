/** What is being drawn on the calibration page: one camera and one picture, everything in that camera's pixels until it is saved. */
import { computed, ref, shallowRef } from 'vue'
import { apply, calibrate, type Ground, type GroundPoint, invert } from '../../domain/ground.ts'
import { checkGround, gridOf } from '../../domain/ground-check.ts'
import { area, type Point } from '../../domain/polygon.ts'
import type { CalibrationShape } from '../calibration-shape.ts'
import { act } from './actions.ts'
import { ask } from './api.ts'
import { locale } from './kit/i18n.ts'
import { tell } from './toast.ts'
import { t } from './words/index.ts'

export type Tool = 'ground' | 'outline' | 'mask' | 'heads'
export type Still = {
  readonly url: string
  readonly width: number
  readonly height: number
  readonly still: string
  readonly estimate: number | undefined
}
export type Outline = { readonly zone: string; readonly px: readonly Point[] }
export type Counted = { readonly still: string; readonly estimate: number; readonly heads: number }

export const camera = ref('')
export const tool = ref<Tool>('ground')
export const now = shallowRef<CalibrationShape>()
export const still = shallowRef<Still>()
export const ground = shallowRef<readonly GroundPoint[]>([])
export const masks = shallowRef<readonly (readonly Point[])[]>([])
export const mask = ref(0)
export const outlines = shallowRef<readonly Outline[]>([])
export const zone = ref('')
export const heads = shallowRef<readonly Point[]>([])
export const counted = shallowRef<readonly Counted[]>([])

export const check = computed(() => (still.value === undefined ? undefined : checkGround(ground.value, still.value)))
const groundNow = computed<Ground | undefined>(() => (still.value === undefined ? undefined : calibrate(ground.value, still.value)))

/** Fine enough to see a bend, coarse enough to see the picture. */
export const step_m = computed(() => {
  const wide = (k: 0 | 1): number => Math.max(...ground.value.map(({ m }) => m[k])) - Math.min(...ground.value.map(({ m }) => m[k]))
  const extent = ground.value.length === 0 ? 0 : Math.max(wide(0), wide(1))
  return [1, 2, 5, 10, 20].find(step => extent / step <= 16) ?? 50
})
export const grid = computed(() =>
  still.value === undefined || groundNow.value === undefined ? [] : gridOf(groundNow.value, ground.value, still.value, step_m.value)
)

/** The corners that a click adds to: whatever tool is in hand. */
export const points = computed<readonly Point[]>({
  get: () => {
    if (tool.value === 'ground') return ground.value.map(({ px }) => px)
    if (tool.value === 'mask') return masks.value[mask.value] ?? []
    if (tool.value === 'outline') return outlineOf(zone.value)
    return heads.value
  },
  set: now => {
    if (tool.value === 'ground') ground.value = now.map((px, i) => ({ px, m: ground.value[i]?.m ?? [0, 0] }))
    else if (tool.value === 'mask') masks.value = Object.assign([...masks.value], { [mask.value]: now })
    else if (tool.value === 'outline')
      outlines.value = [...outlines.value.filter(one => one.zone !== zone.value), { zone: zone.value, px: now }]
    else heads.value = now
  }
})
export const removePoint = (nth: number): void => {
  if (tool.value === 'ground') ground.value = ground.value.toSpliced(nth, 1)
  else points.value = points.value.toSpliced(nth, 1)
}
export const outlineOf = (of: string): readonly Point[] => outlines.value.find(one => one.zone === of)?.px ?? []

const onGround = (px: readonly Point[]): readonly Point[] => {
  const { toGround } = groundNow.value ?? {}
  return toGround === undefined ? [] : px.map(point => apply(toGround, point))
}
export const areaOf = (of: string): number | undefined => {
  const corners = onGround(outlineOf(of))
  return corners.length < 3 ? undefined : area(corners)
}

/** Whether the outlines of this camera have been drawn once: from then on they are the person's. */
let drawn = false
/** What the station knows, drawn into the picture that is there. */
const show = (shape: CalibrationShape): void => {
  now.value = shape
  ground.value = shape.ground
  masks.value = shape.masks
  mask.value = Math.max(0, shape.masks.length - 1)
  if (!shape.zones.some(one => one.zone === zone.value)) zone.value = shape.zone
  const toPixels = groundNow.value && invert(groundNow.value.toGround)
  outlines.value = shape.zones.flatMap(({ zone: of, outline }) =>
    outline === undefined || toPixels === undefined ? [] : [{ zone: of, px: outline.map(point => apply(toPixels, point)) }]
  )
}

const path = (what: string): string => `/api/cameras/${encodeURIComponent(camera.value)}/${what}`
export const yamlPath = computed(() => path('calibration.yaml'))

export const openCalibration = async (id: string): Promise<void> => {
  camera.value = id
  drawn = false
  now.value = undefined
  forget()
  counted.value = []
  const answer = await ask<CalibrationShape>('GET', path('calibration'))
  if ('data' in answer) show(answer.data)
  else tell(answer.problem, true)
}

/** The picture is in this page's memory alone, and goes with it. */
export const forget = (): void => {
  if (still.value !== undefined) URL.revokeObjectURL(still.value.url)
  still.value = undefined
  heads.value = []
}

export const takeStill = async (reason: string): Promise<void> => {
  const answer = await fetch(`${path('calibration/still')}?reason=${encodeURIComponent(reason)}`, {
    headers: { 'accept-language': locale.value }
  }).catch(() => undefined)
  if (answer === undefined || !answer.ok) {
    const { detail } = ((await answer?.json().catch(() => undefined)) ?? {}) as { detail?: string }
    return tell(detail ?? t('failed'), true)
  }
  const [width = 0, height = 0] = (answer.headers.get('qianshao-picture') ?? '').split('x').map(Number)
  const estimate = answer.headers.get('qianshao-estimate')
  const url = URL.createObjectURL(await answer.blob())
  forget()
  still.value = {
    url,
    width,
    height,
    still: answer.headers.get('qianshao-still') ?? '',
    estimate: estimate === null ? undefined : Number(estimate)
  }
  // Outlines of the station can only be drawn once the size of the picture is known.
  if (!drawn && now.value !== undefined) show(now.value)
  drawn = true
}

export const save = async (): Promise<void> => {
  if (still.value === undefined) return
  const { width, height } = still.value
  const answer = await act<CalibrationShape>('POST', path('calibration'), {
    picture: { width, height },
    ground: ground.value,
    masks: masks.value.filter(({ length }) => length > 0),
    zones: outlines.value.filter(({ px }) => px.length > 0).map(({ zone: of, px }) => ({ zone: of, outline: onGround(px) }))
  })
  if (answer === undefined) return
  show(answer)
  tell(t('calibration_saved'))
}

export const undo = async (what: 'ground' | 'scale'): Promise<void> => {
  const answer = await act<CalibrationShape>('DELETE', path(`calibration/${what}`))
  if (answer === undefined) return
  show(answer)
  tell(t('calibration_undone'))
}

/** The picture has said what it could: two numbers. */
export const countedThis = (): void => {
  const { value } = still
  if (value?.estimate === undefined) return
  counted.value = [
    ...counted.value.filter(one => one.still !== value.still),
    { still: value.still, estimate: value.estimate, heads: heads.value.length }
  ]
  forget()
}

export const saveCounts = async (): Promise<void> => {
  const stills = counted.value.map(({ still: name, heads: n }) => ({ still: name, heads: n }))
  const answer = await act<CalibrationShape>('POST', path('scale'), { stills })
  if (answer === undefined) return
  counted.value = []
  now.value = answer
  tell(t('scale_saved'))
}
