import type { Agency, Label } from '../vocabulary.ts'

/** What to do, as a checklist: who does it, and by when after the incident was opened. */
export type Sop = {
  readonly label: Label
  readonly steps: readonly { readonly id: string; readonly what: Label; readonly agency: Agency; readonly within_s: number }[]
}

export const defineSop = (sop: Sop): Sop => sop
export const step = (id: string, agency: Agency, within_s: number, zh: string, en: string): Sop['steps'][number] => ({
  id,
  agency,
  within_s,
  what: { 'zh-CN': zh, en }
})
