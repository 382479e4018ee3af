/** Whom to ask: what happened × who is on duty × what the template says. */
import type { Ask, Asked, Ladder } from './incident.ts'
import { onDuty, type Unit } from './roster.ts'
import { type Agency, type IncidentKind, rank, type Severity } from './vocabulary.ts'

/** For a kind of incident from a severity on: which agencies must answer, by which checklist, with which ladder. */
export type RunCard = {
  readonly kind: IncidentKind
  readonly from: Severity
  readonly agencies: readonly Agency[]
  readonly sop: string
  readonly ladder?: Ladder
}

/** The gravest card that applies; nothing when this is for the board alone. */
export const runCard = (cards: readonly RunCard[], kind: IncidentKind, severity: Severity): RunCard | undefined =>
  cards.filter(card => card.kind === kind && rank(card.from) <= rank(severity)).sort((a, b) => rank(b.from) - rank(a.from))[0]

export type Duty = { readonly units: readonly Unit[]; readonly at: number; readonly timezone: string }

/** One unit of each agency, the one at home in the zone first. An agency with nobody on duty is asked whole: somebody must hear. */
export const firstUnits = (agencies: readonly Agency[], zone: string, { units, at, timezone }: Duty): readonly Asked[] =>
  agencies.flatMap(agency => {
    const all = units.filter(unit => unit.agency === agency)
    const present = all.filter(unit => onDuty(unit, at, timezone))
    const first = present.find(unit => unit.zones.includes(zone)) ?? present[0]
    return (first === undefined ? all : [first]).map(asked)
  })

/** The units of one rung. Commanders answer for their own agency; that they were told never silences another. */
export const unitsFor = (ask: Ask, silent: readonly Agency[], zone: string, duty: Duty): readonly Asked[] => {
  switch (ask) {
    case 'on_duty':
      return firstUnits(silent, zone, duty)
    case 'backup':
      return duty.units.filter(unit => silent.includes(unit.agency)).map(asked)
    case 'commander':
      return duty.units.filter(unit => unit.commands || silent.includes(unit.agency)).map(asked)
    case 'neighbour':
      return duty.units.filter(unit => unit.agency === 'neighbour').map(asked)
    case 'city':
      return [...duty.units.filter(unit => unit.agency === 'city').map(asked), { unit: 'city', agency: 'city' as const }].slice(0, 1)
  }
}

const asked = ({ id, agency }: Unit): Asked => ({ unit: id, agency })
