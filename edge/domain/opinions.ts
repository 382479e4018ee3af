/** Rules that speak of one danger in one place through one alert: the gravest is heard, and it is over when all have withdrawn. */

import type { Verdict } from './rules/rule.ts'
import { rank } from './vocabulary.ts'

type Raised = Extract<Verdict, { raised: true }>
export type Opinions = ReadonlyMap<string, Raised>

/** The opinions after one rule has spoken, and what the alert is told of it, if anything. */
export const weigh = (opinions: Opinions, rule: string, verdict: Verdict): { readonly opinions: Opinions; readonly told?: Verdict } => {
  const others = new Map([...opinions].filter(([of]) => of !== rule))
  const gravest = [...others.values()].reduce<Raised | undefined>(
    (worst, one) => (worst === undefined || rank(one.severity) > rank(worst.severity) ? one : worst),
    undefined
  )
  if (!verdict.raised) return { opinions: others, told: gravest ?? verdict }
  others.set(rule, verdict)
  return gravest !== undefined && rank(gravest.severity) > rank(verdict.severity)
    ? { opinions: others }
    : { opinions: others, told: verdict }
}
