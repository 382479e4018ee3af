/** Dangers of one place that are one thing to a person: gas and then smoke in the same row is one fire to fight, not two. */
import type { Alert } from './alert.ts'
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
/** What is reported where somebody pressed is why they pressed; who presses in a fight calls for help of their own. */
export const isSameDanger = (of: IncidentKind, alert: IncidentKind): boolean =>
  alert === 'panic' ? of === 'panic' : dangerOf(of) === dangerOf(alert)
/** A person pressed a button; what is only reported has no device. */
export const isPress = ({ kind, device }: Pick<Alert, 'kind' | 'device'>): boolean => kind === 'panic' && device !== undefined
/** Fire and gas keep to no zone: soon after, next door is the same one, and later who is at work there has to hear of it. */
export const spreads = (kind: IncidentKind): boolean => dangerOf(kind) === 'hazard'
export const soon_ms = 300_000
/** Nothing of its own says so there: it is what the signs next door weigh here. People near are no sign. */
export const isEcho = ({ evidence }: Pick<Hypothesis, 'evidence'>): boolean =>
  evidence.every(({ zone, sign }) => zone !== undefined || sign === 'people_near')
