/**
 * Somebody who is sought: what can be seen of them, told by somebody who may tell it. It is the one thing at the station that must be
 * forgotten, so it never enters the journal, which forgets nothing: the journal knows that there is a description, who wrote and who
 * read it, and when it was erased. There are words only; no picture, and no search for a face.
 */
import type { Incident } from './incident.ts'
import { type IncidentKind, type Label, type Locale, label } from './vocabulary.ts'
import type { Sentence } from './words.ts'

export type Description = {
  /** As the person said it who reported. */
  readonly text: string
  readonly age_years?: number
  readonly height_cm?: number
  readonly clothes?: string
  readonly hair?: string
  readonly carries?: string
  readonly speaks?: string
  readonly last_seen?: string
}
/** On what ground it is kept (PIPL art. 13: consent, or to protect life in an emergency). */
export const consents = {
  guardian: label('监护人同意', 'the guardian has agreed'),
  vital_interest: label('为保护生命安全的紧急需要', 'needed at once to protect a life')
} as const
export type Consent = keyof typeof consents

export const relations = {
  guardian: label('监护人', 'guardian'),
  relative: label('亲属', 'relative'),
  school: label('学校老师', 'teacher'),
  police: label('派出所', 'police station'),
  hospital: label('医院', 'hospital')
} as const
export type Relation = keyof typeof relations

/** What is kept apart from the journal, for one incident. */
export type PersonSought = {
  readonly incident: string
  readonly at: number
  readonly by: string
  readonly consent: Consent
  readonly description: Description
  /** To whom the person was given, by name. */
  readonly receiver?: string
}

/** How long it is kept: so long after the incident was closed, and in no case longer than so long after its beginning. */
export type Retention = { readonly after_closure_ms: number; readonly at_most_ms: number }

/** What a patrol answers that has swept a zone. */
export const sweepAnswers = {
  seen: label('看到', 'seen'),
  not_seen: label('没看到', 'not seen')
} as const

export const isSearch = (kind: IncidentKind): boolean => kind === 'lost_child'

/** Why an incident was opened by hand: what is said of somebody who is sought stays out of the sentence that everyone keeps. */
export const reportedBy = (kind: IncidentKind, by: string, text: string): Sentence =>
  isSearch(kind) ? { say: 'person_sought', with: { by } } : { say: 'reported', with: { by, text } }

/** When the description is erased. An incident that nobody knows any more was closed long ago. */
export const eraseAt = (
  { at }: Pick<PersonSought, 'at'>,
  incident: Pick<Incident, 'opened_at' | 'closed_at'> | undefined,
  { after_closure_ms, at_most_ms }: Retention
): number =>
  incident === undefined
    ? at
    : Math.min(incident.opened_at + at_most_ms, incident.closed_at === undefined ? Infinity : incident.closed_at + after_closure_ms)

const names: Readonly<Record<keyof Description, Label>> = {
  text: label('描述', 'description'),
  age_years: label('年龄', 'age'),
  height_cm: label('身高（厘米）', 'height (cm)'),
  clothes: label('衣着', 'clothes'),
  hair: label('头发', 'hair'),
  carries: label('随身物品', 'carries'),
  speaks: label('语言', 'speaks'),
  last_seen: label('最后出现', 'last seen')
}
export const fieldNames = Object.keys(names) as readonly (keyof Description)[]
export const fieldName = (field: keyof Description, locale: Locale): string => names[field][locale]
/** Which fields are filled in: that much the journal may know. */
export const fieldsOf = (description: Description): readonly string[] => fieldNames.filter(name => description[name] !== undefined)
