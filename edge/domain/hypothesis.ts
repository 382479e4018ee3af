/**
 * A hypothesis: that one danger is in one place, as sure as all evidence of it together makes it. Weak signs that mean nothing alone
 * (gas under its limit, a room that warms, somebody who smells something) add up before any single limit is reached. It only ever adds:
 * it never lowers what a detector's own alarm says, never hides one, and speaks only when it says more than they do.
 */
import {
  type Evidence,
  type Grade,
  gradeOf,
  grades,
  heard,
  isReport,
  least_points,
  most_of_one_source,
  pointsAt,
  type Sign,
  severityOf,
  signs
} from './evidence.ts'
import { likeness, type ReportSign, spokenIn } from './report-words.ts'
import type { ReportSight, Rule, RuleExample, Sight, Verdict } from './rules/rule.ts'
import { type Agency, type IncidentKind, rank, type Severity } from './vocabulary.ts'

export type Hypothesis = {
  readonly kind: IncidentKind
  readonly grade: Grade
  readonly points: number
  /** Who is needed because of what is known, whatever the run card says. */
  readonly needs: readonly Agency[]
  /** What adds most comes first. */
  readonly evidence: readonly Evidence[]
}

export type Found = Pick<Evidence, 'sign' | 'points'> & Partial<Pick<Evidence, 'value' | 'word' | 'source'>>
/** The lowest of each minute, for ten minutes, by device: what has become warmer is a sign that no limit knows. */
type Course = ReadonlyMap<string, readonly { readonly at: number; readonly value: number }[]>
export type Weights = Readonly<Partial<Record<Sign, number>>> & { readonly beside_share: number }

export type Danger<Settings extends Weights> = {
  /** Incidents it belongs to; the first is what it is called when the signs do not say. */
  readonly kinds: readonly IncidentKind[]
  /** Of whatever kind their alarms are: while one is at least as grave, nothing new is said. */
  readonly says_less_than: readonly IncidentKind[]
  readonly leans: Readonly<Partial<Record<Sign, IncidentKind>>>
  readonly watches: Rule['watches']
  /** These make it worse where it is likely, and are no sign of it. */
  readonly aggravates: readonly Sign[]
  readonly calls: Readonly<Partial<Record<Sign, readonly Agency[]>>>
  readonly settings: Settings
  readonly read?: (reading: NonNullable<Sight['reading']>, settings: Settings, warmer_by: number) => readonly Found[]
  readonly see?: (zone: NonNullable<Sight['zone']>, settings: Settings, at: number) => readonly Found[]
  readonly examples: readonly RuleExample[]
}
export type Memory = {
  readonly evidence: readonly Evidence[]
  readonly course: Course
  readonly raised?: Severity
  /** Reports of the last minutes: what somebody sends twice is said once. */
  readonly lately: readonly { readonly by: string; readonly text: string; readonly at: number }[]
  /** What the station had raised before it stopped; its evidence was lost with it. */
  readonly before?: { readonly points: number; readonly at: number }
  /** As it was written down last. */
  readonly written?: Hypothesis
  /** When all of it was last weighed together, and beside which alarm of others (the rank of the gravest). */
  readonly judged?: { readonly at: number; readonly beside: number }
}

/** Aggravating signs count from here on: a crowd makes a likely fire worse, and is no fire. */
const aggravates_from = 40
const warmth_ms = 10 * 60_000
/** In one place; the one that has been silent longest goes first. */
const most_thermometers = 50
/** What was raised is over well under the lowest line, so that it does not tremble there. */
const over_below = 0.8 * grades.possible.from
const before_half_life_ms = 30 * 60_000
/** What adds nothing is no reason to weigh everything again, but once in a while: what is known fades. */
const judged_every_ms = 1000
/** The same words from the same person within this time are the same report, sent twice. */
const twice_ms = 120_000
const same_words = 0.8
const most_lately = 10

export const defineHypothesis = <Settings extends Weights>(danger: Danger<Settings>): Rule<Memory, Settings> => ({
  kind: danger.kinds[0] ?? 'other',
  kinds: danger.kinds,
  per: 'place',
  sees_crowds: danger.see !== undefined,
  watches: danger.watches,
  settings: danger.settings,
  start: { evidence: [], course: new Map(), lately: [] },
  step: (memory, sight, settings) => {
    const { at, reading, report, place } = sight
    const course = reading?.quantity === 'temperature_celsius' ? warmed(memory.course, reading) : memory.course
    const said = evidenceOf(danger, sight, settings, course)
    // Nearly every reading of a quiet night ends here.
    if (said.length === 0 && memory.evidence.length === 0 && memory.raised === undefined)
      return { memory: course === memory.course ? memory : { ...memory, course } }
    const settled_at = Math.max(...danger.kinds.map(kind => place?.settled[kind] ?? Number.NEGATIVE_INFINITY))
    const standing = (place?.standing ?? []).filter(({ kind }) => danger.says_less_than.includes(kind))
    const judged = { at, beside: Math.max(0, ...standing.map(({ severity }) => rank(severity))) }
    // On a busy night hundreds a second end here.
    if (said.length === 0 && reading !== undefined && isAsJudged(memory, judged, settled_at))
      return { memory: course === memory.course ? memory : { ...memory, course } }
    const lately = memory.lately.filter(one => at - one.at < twice_ms)
    if (report !== undefined && lately.some(one => saidTwice(one, report))) return { memory }
    const found = said.filter(one => one.at > settled_at)
    // People have looked and closed it: what was known before counts no more.
    const since = memory.evidence.filter(one => one.at > settled_at)
    const evidence = found.reduce<readonly Evidence[]>((known, one) => heard(known, one, at), since)
    const heard_now = report === undefined ? lately : [...lately, { by: report.by ?? '', text: report.text, at }].slice(-most_lately)
    const { written: _w, ...unwritten } = memory
    const now: Memory = { ...(since.length < memory.evidence.length ? unwritten : memory), course, evidence, lately: heard_now, judged }
    if (evidence.length === 0 && memory.raised === undefined) return { memory: now }

    const points = pointsOf(danger, now, at)
    const hypothesis = told(danger, now, points, at)
    const weighed = hypothesis !== undefined && worthWriting(now.written, hypothesis, at) ? hypothesis : undefined
    const verdict = verdictOf(danger, now, points, judged.beside, hypothesis, at)
    const { raised: _, before: _b, ...rest } = now
    const raised = verdict === undefined ? memory.raised : verdict.raised ? verdict.severity : undefined
    return {
      memory: {
        ...(verdict?.raised === false ? rest : now),
        ...(raised !== undefined && { raised }),
        ...(weighed !== undefined && { written: weighed })
      },
      ...(weighed !== undefined && { weighed }),
      ...(verdict !== undefined && { verdict })
    }
  },
  resume: (raised, at) => ({ evidence: [], course: new Map(), lately: [], raised, before: { points: pointsFor(raised), at } }),
  nextDue: memory => (memory.raised === undefined ? undefined : overAt(danger, memory)),
  examples: danger.examples
})

const evidenceOf = <Settings extends Weights>(
  danger: Danger<Settings>,
  { at, reading, zone, report, beside }: Sight,
  settings: Settings,
  course: Course
): readonly Evidence[] => {
  const share = beside === undefined ? 1 : settings.beside_share
  const as = (source: string, when: number, found: readonly Found[], times = 1): readonly Evidence[] =>
    found.map(({ points, ...one }) => ({
      source,
      at: when,
      ...one,
      points: Math.round(10 * points * share * times) / 10,
      ...(beside !== undefined && { zone: beside })
    }))
  if (reading !== undefined && reading.doubt !== 'implausible_value') {
    const found = danger.read?.(reading, settings, warmerBy(course, reading)) ?? []
    return as(reading.device, reading.at, found, reading.quality === 'good' ? 1 : 0.5)
  }
  if (zone !== undefined) return as(zone.id, at, danger.see?.(zone, settings, at) ?? [])
  if (report === undefined) return []
  const spoken = spokenIn(report.text, report.kind).flatMap(({ sign, word }): readonly Found[] => {
    const points = (settings as Readonly<Partial<Record<ReportSign, number>>>)[sign]
    return points === undefined ? [] : [{ sign, points, ...(word !== '' && { word }) }]
  })
  return as(report.id ?? `report-${at}`, report.at ?? at, spoken)
}

const isAsJudged = ({ judged }: Memory, now: { readonly at: number; readonly beside: number }, settled_at: number): boolean =>
  judged !== undefined && now.at - judged.at < judged_every_ms && now.beside === judged.beside && settled_at < judged.at

const saidTwice = (before: { readonly by: string; readonly text: string }, { by = '', text }: ReportSight): boolean =>
  before.by === by && (before.text === text || likeness(before.text, text) >= same_words)

const warmed = (course: Course, { device, at, value }: NonNullable<Sight['reading']>): Course => {
  const own = course.get(device) ?? []
  const [first, last] = [own[0], own.at(-1)]
  const same = last !== undefined && Math.floor(last.at / 60_000) === Math.floor(at / 60_000)
  // Most readings are nothing new.
  if (first !== undefined && same && last.value <= value && at - first.at < warmth_ms) return course
  const recent = own.filter(one => at - one.at < warmth_ms)
  const lowest = same && last.value <= value ? recent : [...(same ? recent.slice(0, -1) : recent), { at, value }]
  const next = new Map(course)
  next.delete(device)
  next.set(device, lowest)
  const [quietest] = next.keys()
  if (next.size > most_thermometers && quietest !== undefined) next.delete(quietest)
  return next
}
const warmerBy = (course: Course, { device, quantity, value }: NonNullable<Sight['reading']>): number =>
  quantity === 'temperature_celsius' ? value - Math.min(value, ...(course.get(device) ?? []).map(one => one.value)) : 0

/** What of a danger is the same whatever its weights are. */
type Sort = Pick<Danger<Weights>, 'kinds' | 'says_less_than' | 'leans' | 'aggravates' | 'calls'>

/** Of each source no more than one source may say, then what makes it worse. */
const pointsOf = (danger: Sort, { evidence, before }: Memory, at: number): number => {
  const bySource = new Map<string, number>()
  let aggravating = 0
  for (const one of evidence) {
    const points = pointsAt(one, at)
    if (danger.aggravates.includes(one.sign)) aggravating += points
    else bySource.set(one.source, Math.min(most_of_one_source, (bySource.get(one.source) ?? 0) + points))
  }
  const base = [...bySource.values()].reduce((sum, points) => sum + points, 0)
  const floor = before === undefined ? 0 : before.points * 2 ** (-Math.max(0, at - before.at) / before_half_life_ms)
  return Math.max(floor, base >= aggravates_from ? base + Math.min(most_of_one_source, aggravating) : base)
}

const told = (danger: Sort, { evidence }: Memory, points: number, at: number): Hypothesis | undefined => {
  const grade = gradeOf(points)
  const counting = evidence.filter(one => pointsAt(one, at) >= least_points)
  if (grade === undefined || counting.length === 0) return undefined
  const leaning = danger.kinds.map(kind => ({
    kind,
    points: counting.filter(({ sign }) => danger.leans[sign] === kind).reduce((sum, one) => sum + pointsAt(one, at), 0)
  }))
  const kind = leaning.reduce((most, one) => (one.points > most.points ? one : most)).kind
  const needs = grade === 'possible' ? [] : [...new Set(counting.flatMap(({ sign }) => danger.calls[sign] ?? []))]
  return { kind, grade, points: Math.round(points), needs, evidence: [...counting].sort((a, b) => pointsAt(b, at) - pointsAt(a, at)) }
}

const verdictOf = (
  danger: Sort,
  { evidence, raised }: Memory,
  points: number,
  beside: number,
  hypothesis: Hypothesis | undefined,
  at: number
): Verdict | undefined => {
  if (raised !== undefined && points < over_below) return { raised: false, because: { say: 'evidence_faded', with: {} } }
  const severity = severityOf(points)
  if (severity === undefined || hypothesis === undefined) return undefined
  const signs = evidence.filter(one => !danger.aggravates.includes(one.sign) && pointsAt(one, at) >= least_points)
  // What one sensor says alone is its own limit's business; what a person says is nobody else's.
  if (new Set(signs.map(({ source }) => source)).size < 2 && !signs.some(isReport)) return undefined
  if (raised !== undefined && rank(severity) <= rank(raised)) return undefined
  if (beside >= rank(severity)) return undefined
  const { kind, grade } = hypothesis
  const named = [...new Set(hypothesis.evidence.map(({ sign }) => sign))].slice(0, 4).join('+')
  const because = {
    say: 'weighed' as const,
    with: { kind, grade, points: hypothesis.points, count: hypothesis.evidence.length, signs: named }
  }
  return { raised: true, severity, kind, because }
}

/** Written down from the second piece on: of one alone the alarm says all. Then anew for a new sign, one that says clearly more, and when what is written has faded to half of what is still so. */
const worthWriting = (written: Hypothesis | undefined, now: Hypothesis, at: number): boolean => {
  if (written === undefined) return now.evidence.length > 1
  if (written.grade !== now.grade || written.kind !== now.kind) return true
  return now.evidence.some(one => {
    const before = written.evidence.find(({ source, sign }) => source === one.source && sign === one.sign)
    const [was, is] = [before === undefined ? 0 : pointsAt(before, at), pointsAt(one, at)]
    return before === undefined || one.points >= before.points + 10 || is >= 2 * was + least_points
  })
}

const pointsFor = (severity: Severity): number => ({ blue: 30, yellow: 40, orange: 50, red: 90 })[severity]

/** The first whole second at which what is known has faded below the line, if nothing more is heard. */
const overAt = (danger: Sort, memory: Memory): number => {
  const from = Math.max(memory.before?.at ?? 0, ...memory.evidence.map(one => one.at))
  const longest_s = Math.max(0, ...memory.evidence.map(({ sign }) => signs[sign].half_life_s), before_half_life_ms / 1000)
  let [still, over] = [-1, 12 * longest_s]
  while (over - still > 1) {
    const middle = Math.floor((still + over) / 2)
    if (pointsOf(danger, memory, from + middle * 1000) < over_below) over = middle
    else still = middle
  }
  return from + over * 1000
}

/** Two records of one danger in one place, of incidents that turn out to be one. */
export const together = (a: Hypothesis | undefined, b: Hypothesis | undefined, at: number): Hypothesis | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  const [more, less] = a.points >= b.points ? [a, b] : [b, a]
  const evidence = less.evidence.reduce((known, one) => heard(known, one, at), more.evidence)
  return { ...more, needs: [...new Set([...more.needs, ...less.needs])], evidence }
}
