/**
 * The timeline: each journal entry as one line that a person reads. On what evidence, who was told over which channel, when it was
 * shown and answered, what was done and by whom. Nothing is left out: an entry without words of its own is shown by its type.
 */
import type { Event, EventType } from './event.ts'
import { tellAlert } from './timeline-alert.ts'
import { tellIncident } from './timeline-incident.ts'
import { tellPage } from './timeline-page.ts'
import { tellStation } from './timeline-station.ts'
import type { Names, See, Teller, Telling } from './timeline-telling.ts'
import { type Category, lines, parts } from './timeline-words.ts'
import type { Agency, Locale } from './vocabulary.ts'
import { fill } from './words.ts'

export type { Names } from './timeline-telling.ts'

/** Every type of event has its words: a new one does not compile without them. */
export const tellers: Teller<Event> = { ...tellAlert, ...tellIncident, ...tellPage, ...tellStation }

export type Line = {
  readonly seq: number
  readonly at: number
  readonly category: Category
  readonly text: string
  readonly agency?: Agency
  readonly unit?: string
  readonly by?: string
}

/** `about`: the incident whose timeline it is; what is said of another names it. */
export const timelineOf = (
  entries: readonly { readonly seq: number; readonly event: Event }[],
  names: Names,
  locale: Locale,
  about?: string
): readonly Line[] => {
  const pages = new Map(entries.flatMap(({ event }) => (event.type === 'page_asked' ? [[event.id, event] as const] : [])))
  const see: See = { ...names, locale, page: id => pages.get(id) }
  return entries.map(({ seq, event }) => lineOf(seq, event, see, about))
}

export const lineOf = (seq: number, event: Event, see: See, about?: string): Line => {
  const told = tellingOf(event, see)
  const drill = event.type === 'incident_opened' || event.type === 'alert_raised' ? event.drill === true : false
  const other = about !== undefined && event.type.startsWith('incident_') && event.id !== about
  const added = (told.add ?? []).flatMap(part => (part === undefined ? [] : [fill(parts[part[0]][see.locale], part[1], see.locale)]))
  return {
    seq,
    at: event.at,
    category: told.category,
    text: [
      drill ? parts.drill[see.locale] : '',
      fill(lines[told.say][see.locale], told.with ?? {}, see.locale),
      ...added,
      other ? fill(parts.of_other[see.locale], { incident: event.id }, see.locale) : ''
    ].join(''),
    ...(told.agency !== undefined && { agency: told.agency }),
    ...(told.unit !== undefined && { unit: told.unit }),
    ...(told.by !== undefined && { by: told.by })
  }
}

/** A journal may hold what a later version wrote: it is shown by its type, never hidden. */
const tellingOf = (event: Event, see: See): Telling => {
  const teller = Object.hasOwn(tellers, event.type) ? (tellers[event.type] as (event: Event, see: See) => Telling) : undefined
  return teller === undefined
    ? { category: 'system', say: 'not_known', with: { type: event.type satisfies EventType } }
    : teller(event, see)
}
