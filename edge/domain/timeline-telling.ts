/** What a line of the timeline is made of, and what it has to know of the station to name things as people do. */
import type { PageEvent } from './delivery.ts'
import type { Event } from './event.ts'
import type { Category, LineKey, PartKey } from './timeline-words.ts'
import type { Agency, Locale } from './vocabulary.ts'
import { type Sentence, say } from './words.ts'

export type Names = {
  readonly unit: (id: string) => string
  readonly agencyOf: (unit: string) => Agency | undefined
  readonly zone: (id: string) => string
  readonly channel: (id: string) => string
  readonly clock: (at: number) => string
  readonly step: (id: string) => string
  readonly task: (id: string) => string
}
export type Asking = Extract<PageEvent, { type: 'page_asked' }>
export type See = Names & { readonly locale: Locale; readonly page: (id: string) => Asking | undefined }

export type Values = Readonly<Record<string, string | number>>
/** What is said of one event: its sentence, what is added to it, and whose doing it is. */
export type Telling = {
  readonly category: Category
  readonly say: LineKey
  readonly with?: Values
  readonly add?: readonly (readonly [PartKey, Values] | undefined)[]
  readonly agency?: Agency | undefined
  readonly unit?: string
  readonly by?: string | undefined
}
export type Teller<Of extends Event> = { readonly [Type in Of['type']]: (event: Extract<Of, { type: Type }>, see: See) => Telling }

/** A sentence in which zones and units stand by their names. */
export const sayNamed = ({ say: key, with: values }: Sentence, names: Pick<Names, 'zone' | 'unit'>, locale: Locale): string => {
  const { zone, unit } = values
  return say(
    {
      say: key,
      with: {
        ...values,
        ...(typeof zone === 'string' && { zone: names.zone(zone) }),
        // `unit` is that of a quantity in other sentences; those are no names of ours and stay as they are.
        ...(typeof unit === 'string' && { unit: names.unit(unit) })
      }
    },
    locale
  )
}

/** A part that is only there when its value is. */
export const part = (key: PartKey, name: string, value: string | number | undefined): readonly [PartKey, Values] | undefined =>
  value === undefined || value === '' ? undefined : [key, { [name]: value }]
