/** What the station and the process that judges series say to each other: numbers and names of series. */
import type { Judged, Sample } from '../../ports.ts'

export type ToJudge =
  | { readonly type: 'open'; readonly file: string; readonly steps_a_day: number; readonly capacity: number }
  | { readonly type: 'step'; readonly ask: number; readonly step: number; readonly samples: readonly Sample[] }
  | { readonly type: 'save'; readonly ask: number }

export type FromJudge = {
  readonly ask: number
  readonly judged?: readonly Judged[]
  readonly refused?: string
  /** Series for which there was no room. */
  readonly turned_away?: number
  /** What a person should read: a memory that is begun anew or not kept, a clock that stood wrong. */
  readonly told?: readonly string[]
}
