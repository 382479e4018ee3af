/** Dangers of one place that are one thing to a person: gas and then smoke in the same row is one fire to fight, not two. */
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
/** Of these, what happens in the zone beside is the same one: fire and gas keep to no zone. */
export const spreads = (kind: IncidentKind): boolean => dangerOf(kind) === 'hazard'
