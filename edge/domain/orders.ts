/**
 * What a device can be told to do, in the words of the duty desk; how each make is told stands in its profile.
 * A lamp and a tone are for those who work here. A siren, a sign and a loudspeaker are for the public.
 */
import type { Label } from './vocabulary.ts'

const label = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })

export const orderKinds = {
  lamp: label('指示灯', 'lamp'),
  tone: label('提示音', 'tone'),
  siren: label('警号', 'siren'),
  sign: label('信息屏', 'sign'),
  speech: label('喊话', 'loudspeaker')
} as const
export type OrderKind = keyof typeof orderKinds

export type Order = {
  readonly kind: OrderKind
  /** `blink` where the device can, otherwise it is on. */
  readonly state: 'on' | 'blink' | 'off'
  readonly text?: Label
  /** Off again by itself, where the device can. */
  readonly for_s?: number
}
