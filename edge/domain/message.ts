/** What a called unit reads and hears: what, where, how bad, why, and what is asked of it, in both languages. */
import type { Occasion } from './delivery.ts'
import type { Incident } from './incident.ts'
import { incidentKinds, type Label, levels } from './vocabulary.ts'
import { calls, fill, say } from './words.ts'

export type Told = { readonly title: Label; readonly text: Label; readonly speech: Label }

export const tell = (
  incident: Incident,
  occasion: Occasion,
  names: { readonly zone: string; readonly unit: string; readonly station: string },
  url: string | undefined
): Told => {
  const both = (make: (locale: keyof Label) => string): Label => ({ 'zh-CN': make('zh-CN'), en: make('en') })
  const values = (locale: keyof Label) => ({
    drill: incident.drill ? calls.drill[locale] : '',
    kind: incidentKinds[incident.kind][locale],
    level: levels[incident.severity][locale],
    ...names,
    because: say(incident.because, locale)
  })
  const line = (key: keyof typeof calls, locale: keyof Label): string => fill(calls[key][locale], values(locale), locale)
  return {
    title: both(locale => line('title', locale)),
    text: both(locale =>
      [line('title', locale), values(locale).because, line(occasion, locale), ...(url === undefined ? [] : [url]), names.station].join('\n')
    ),
    speech: both(locale => line('speech', locale))
  }
}
