/** Dangers of one place that are one thing to a person: gas and then smoke in the same row is one fire to fight, not two. */
import type { Hypothesis } from './hypothesis.ts'
import type { IncidentKind } from './vocabulary.ts'

const family: Readonly<Partial<Record<IncidentKind, string>>> = {
  fire: 'hazard',
  gas: 'hazard',
  heat: 'hazard',
  fight: 'violence',
  panic: 'violence'
}
export const dangerOf = (kind: IncidentKind): string => family[kind] ?? kind
export const isSameDanger = (a: IncidentKind, b: IncidentKind): boolean => dangerOf(a) === dangerOf(b)
/** Fire and gas keep to no zone: soon after, next door is the same one, and later who is at work there has to hear of it. */
export const spreads = (kind: IncidentKind): boolean => dangerOf(kind) === 'hazard'
export const soon_ms = 300_000
/** Nothing of its own says so there: it is what the signs next door weigh here. People near are no sign. */
export const isEcho = ({ evidence }: Pick<Hypothesis, 'evidence'>): boolean =>
  evidence.every(({ zone, sign }) => zone !== undefined || sign === 'people_near')
