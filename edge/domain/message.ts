/** What a called unit reads and hears: what, where, how bad, since when, why, and what is asked of it, in both languages. */
import type { Occasion } from './delivery.ts'
import type { Incident } from './incident.ts'
import { incidentKinds, type Label, type Locale, levels } from './vocabulary.ts'
import { calls, fill, say } from './words.ts'

export type Told = { readonly title: Label; readonly text: Label; readonly speech: Label }
export type TellMore = {
  /** Local time of its beginning, `HH:MM`. */
  readonly since?: string
  /** It leaves the station's own network. */
  readonly outside?: boolean
}

export const tell = (
  incident: Incident,
  occasion: Occasion,
  names: { readonly zone: string; readonly unit: string; readonly station: string },
  url: string | undefined,
  { since, outside = false }: TellMore = {}
): Told => {
  const both = (make: (locale: Locale) => string): Label => ({ 'zh-CN': make('zh-CN'), en: make('en') })
  const asks = occasion === 'over' && incident.merged_into !== undefined ? 'merged' : occasion
  const line = (key: keyof typeof calls, locale: Locale, level = levels[incident.severity][locale]): string =>
    fill(
      calls[key][locale],
      {
        drill: incident.drill ? calls.drill[locale] : '',
        kind: incidentKinds[incident.kind][locale],
        level,
        ...names,
        time: since ?? '',
        because: reasonOf(incident, outside, locale),
        url: url ?? ''
      },
      locale
    )
  return {
    title: both(locale => line('title', locale)),
    text: both(locale =>
      [
        line('title', locale),
        since === undefined ? reasonOf(incident, outside, locale) : line('since', locale),
        line(asks, locale),
        ...(url === undefined || occasion === 'over' ? [] : [line('answer', locale)]),
        names.station
      ].join('\n')
    ),
    // Spoken is the colour alone: a voice reads the Roman numeral as a letter.
    speech: both(locale => line(spoken[asks], locale, levels[incident.severity][locale].split(' ')[0]))
  }
}

const spoken = {
  opened: 'speech',
  asked: 'speech',
  worsened: 'spoken_worsened',
  overdue: 'spoken_overdue',
  reminder: 'spoken_reminder',
  over: 'spoken_over',
  merged: 'spoken_merged'
} as const

/** Outside the station nobody reads who reported it, nor the description of a lost child. */
const reasonOf = ({ because, kind }: Incident, outside: boolean, locale: Locale): string => {
  if (!outside) return say(because, locale)
  if (kind === 'lost_child') return calls.inside_only[locale]
  return because.say === 'reported' ? String(because.with.text ?? '') : say(because, locale)
}
