/** Whom to ask: what happened × who is on duty × what the template says. */
import type { Ask, Asked, Ladder } from './incident.ts'
import { stepsTo } from './neighbours.ts'
import { isQualified, onDuty, type Roster, type Unit } from './roster.ts'
import { type Agency, type IncidentKind, type Qualification, rank, type Severity } from './vocabulary.ts'
import type { Zone } from './zone.ts'

/** For a kind of incident from a severity on: which agencies must answer, by which checklist, with which ladder. */
export type RunCard = {
  readonly kind: IncidentKind
  readonly from: Severity
  readonly agencies: readonly Agency[]
  readonly sop: string
  readonly ladder?: Ladder
  /** The duty commander hears of it at once too, although the work is another's. */
  readonly commander?: true
  /** A unit on scene is heard from at least this often. */
  readonly accountability_s?: number
  /** Not the nearest unit alone: all on duty are asked at once, and the neighbouring stations with them. */
  readonly everyone?: true
  /** Nobody goes alone: at least two units are asked, the second the next nearest of these agencies. */
  readonly pair?: true
  /** Each zone is swept, and answers seen or not seen within this time. */
  readonly sweep_s?: number
}

/** The gravest card that applies; nothing when this is for the board alone. */
export const runCard = (cards: readonly RunCard[], kind: IncidentKind, severity: Severity): RunCard | undefined =>
  cards.filter(card => card.kind === kind && rank(card.from) <= rank(severity)).sort((a, b) => rank(b.from) - rank(a.from))[0]

export type Duty = Roster & {
  readonly at: number
  /** Which zone lies beside which: who stands next door is nearer than who stands anywhere. */
  readonly zones?: readonly Pick<Zone, 'id' | 'beside'>[]
  /** Units on the way to something else, or there. */
  readonly busy?: ReadonlySet<string>
}

/** What somebody should have learned for what happened: of two units equally near, the one that has goes first. */
const calls_for: Readonly<Partial<Record<IncidentKind, Qualification>>> = {
  crowd: 'crowd_steward',
  fire: 'fire_warden',
  gas: 'fire_warden',
  heat: 'fire_warden',
  panic: 'de_escalation',
  dispute: 'mediation'
}

/** The nearest, and of those equally near the ones that are free. */
const nearest = (present: readonly Unit[], zone: string, { zones = [], busy }: Duty): readonly Unit[] => {
  const away = ({ zones: home }: Unit): number => (home.includes(zone) ? 0 : (stepsTo(home, zone, zones) ?? Number.POSITIVE_INFINITY))
  const least = Math.min(...present.map(away))
  const near = present.filter(unit => away(unit) === least)
  const free = near.filter(({ id }) => !busy?.has(id))
  return free.length > 0 ? free : near
}

/** One unit of each agency, the one at home in the zone first. An agency with nobody on duty is asked whole: somebody must hear. */
export const firstUnits = (agencies: readonly Agency[], zone: string, duty: Duty, kind?: IncidentKind): readonly Asked[] => {
  const { units, at, timezone, plan, people } = duty
  const learned = kind && calls_for[kind]
  return agencies.flatMap(agency => {
    const all = units.filter(unit => unit.agency === agency)
    // The city need not be among the units of a station to be asked: it answers from its own screens.
    if (agency === 'city' && all.length === 0) return [{ unit: 'city', agency }]
    const present = all.filter(unit => onDuty(unit, at, timezone, plan))
    const near = nearest(present, zone, duty)
    const first = near.find(unit => learned !== undefined && isQualified(unit, learned, people)) ?? near[0]
    return (first === undefined ? all : [first]).map(asked)
  })
}

/** Every unit on duty of these agencies; of an agency with nobody on duty all of them. */
export const everyUnit = (agencies: readonly Agency[], { units, at, timezone, plan }: Duty): readonly Asked[] =>
  agencies.flatMap(agency => {
    const all = units.filter(unit => unit.agency === agency)
    const present = all.filter(unit => onDuty(unit, at, timezone, plan))
    return (present.length > 0 ? present : all).map(asked)
  })

/** Whom an incident asks first, as its run card says. */
export const askedFirst = (
  card: Pick<RunCard, 'everyone' | 'pair'> | undefined,
  needs: readonly Agency[],
  zone: string,
  duty: Duty,
  kind: IncidentKind
): readonly Asked[] =>
  card?.everyone
    ? everyUnit([...new Set<Agency>([...needs, 'neighbour'])], duty)
    : card?.pair
      ? inPairs(firstUnits(needs, zone, duty, kind), needs, zone, duty)
      : firstUnits(needs, zone, duty, kind)

/** Where the agencies have one unit between them, the next nearest of theirs goes with it. Who commands stays at the desk. */
const inPairs = (first: readonly Asked[], needs: readonly Agency[], zone: string, duty: Duty): readonly Asked[] => {
  if (first.length >= 2) return first
  const others = duty.units.filter(
    unit =>
      needs.includes(unit.agency) &&
      !unit.commands &&
      !first.some(one => one.unit === unit.id) &&
      onDuty(unit, duty.at, duty.timezone, duty.plan)
  )
  const [second] = others.length > 0 ? nearest(others, zone, duty) : []
  return second === undefined ? first : [...first, asked(second)]
}

/** The units of one rung. Commanders answer for their own agency; that they were told never silences another. */
export const unitsFor = (ask: Ask, silent: readonly Agency[], zone: string, duty: Duty, kind?: IncidentKind): readonly Asked[] => {
  switch (ask) {
    case 'on_duty':
      return firstUnits(silent, zone, duty, kind)
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

/** How long a neighbouring station has to answer before the city is asked. */
const neighbour_within_s = 60

/** The ladder of this station: where there is a neighbour, it is asked before the city. */
export const ladderFor = (ladder: Ladder, units: readonly Unit[]): Ladder => {
  const rungs = ladder.rungs.filter(({ ask }) => ask !== 'neighbour')
  const last = rungs.findIndex(({ ask }) => ask === 'city')
  if (!units.some(({ agency }) => agency === 'neighbour') || last < 0) return { ...ladder, rungs }
  return { ...ladder, rungs: rungs.toSpliced(last, 0, { ask: 'neighbour', within_s: neighbour_within_s }) }
}
