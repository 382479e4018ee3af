/**
 * How long people take: from the asking of an agency to its first answer, from the opening of an incident to its clocks,
 * and what the incidents that were closed say of the rules that raised their alerts.
 */
import type { Span } from './alarm-rate.ts'
import type { Source } from './alarm-sources.ts'
import { firstAnswer, least, momentsOf, startOf } from './clocks.ts'
import { evolve, type Incident, type IncidentEvent } from './incident.ts'
import { type Spread, spreadOf, wilson } from './spread.ts'
import { type Agency, agencies } from './vocabulary.ts'

/** `never`: the incident was closed without them. `waiting`: it is open and they are silent. */
export type AgencyTimes = Spread & { readonly agency: Agency; readonly asked: number; readonly never: number; readonly waiting: number }

/**
 * From the opening. NFPA 1225 wants the first dispatch within 60 s in 90 % of cases; 1, 3 and 5 minutes are the rings of the
 * national pattern (facts C7). The others have no line of a standard.
 */
export const clock_goals_s = { first_asked: [60], first_answer: [], all_answered: [], first_on_scene: [60, 180, 300] } as const
export type ClockName = keyof typeof clock_goals_s
export type ClockTimes = Spread & {
  readonly clock: ClockName
  readonly goals: readonly { readonly within_s: number; readonly n: number }[]
}

/** `judged` alerts of the rule belong to an incident that somebody closed; `false_alarms` of them to one closed as false. */
export type FalseShare = {
  readonly rule: string
  readonly judged: number
  readonly false_alarms: number
  readonly low: number
  readonly high: number
}

/** The same of one source: a detector that is wrong nine times of ten is to be mended, not its rule. */
export type Nuisance = Source & Omit<FalseShare, 'rule'>

export type Answers = {
  readonly hear: (event: IncidentEvent) => void
  readonly agencies: () => readonly AgencyTimes[]
  readonly clocks: () => readonly ClockTimes[]
  readonly falseShares: (ruleOf: (alert: string) => string | undefined) => readonly FalseShare[]
  /** Sources that were false at least once, the worst ten first. */
  readonly nuisances: (sourceOf: (alert: string) => Source | undefined) => readonly Nuisance[]
  /** Incidents let go because there were too many to remember. */
  readonly letGo: () => number
}

/** Five times what a station is built for to have open at once. */
const most_incidents = 5_000
const worst = 10

export const startAnswers = ({ from, to }: Span, known: (id: string) => Incident | undefined): Answers => {
  const incidents = new Map<string, Incident>()
  let let_go = 0

  const hear = (event: IncidentEvent): void => {
    const before = incidents.get(event.id)
    const next =
      before !== undefined || event.type === 'incident_opened' || 'state' in event
        ? evolve(before, event)
        : event.type === 'incident_closed'
          ? closedAsKnown(known(event.id), event)
          : undefined
    if (next === undefined) return
    incidents.set(event.id, next)
    if (incidents.size <= most_incidents) return
    const oldest = incidents.keys().next()
    if (!oldest.done) incidents.delete(oldest.value)
    let_go++
  }

  /** An exercise measures itself, and one that went into another is measured there. */
  const real = (): readonly Incident[] =>
    [...incidents.values()].filter(({ drill, kind, merged_into }) => !drill && kind !== 'path' && merged_into === undefined)
  const begun = (): readonly Incident[] => real().filter(incident => startOf(incident) >= from && startOf(incident) < to)

  /** How people closed what each named, those first that were false most often. */
  const judgedBy = (nameOf: (alert: string) => string | undefined): readonly (readonly [string, Omit<FalseShare, 'rule'>])[] => {
    const names = new Map<string, { judged: number; false_alarms: number }>()
    for (const { phase, closed_at = 0, outcome, alerts } of real()) {
      // A duplicate is judged where the other one is.
      if (phase === 'open' || closed_at < from || closed_at >= to || outcome === undefined || outcome === 'duplicate') continue
      for (const name of alerts.map(nameOf)) {
        if (name === undefined) continue
        const { judged, false_alarms } = names.get(name) ?? { judged: 0, false_alarms: 0 }
        names.set(name, { judged: judged + 1, false_alarms: false_alarms + Number(outcome === 'false_alarm') })
      }
    }
    return [...names]
      .map(([name, { judged, false_alarms }]) => [name, { judged, false_alarms, ...wilson(false_alarms, judged) }] as const)
      .sort(([a, x], [b, y]) => y.false_alarms - x.false_alarms || y.judged - x.judged || (a < b ? -1 : 1))
  }

  return {
    hear,
    agencies: () => agencyTimes(begun()),
    clocks: () => {
      const all = begun().map(clocksOf)
      return (Object.keys(clock_goals_s) as ClockName[]).map(clock => {
        const times = all.map(one => one[clock]).filter(time => time !== undefined)
        const goals = clock_goals_s[clock].map(within_s => ({ within_s, n: times.filter(time => time <= within_s * 1000).length }))
        return { clock, ...spreadOf(times), goals }
      })
    },
    falseShares: ruleOf => judgedBy(ruleOf).map(([rule, share]) => ({ rule, ...share })),
    nuisances: sourceOf => {
      const sources = new Map<string, Source>()
      const keyOf = (alert: string): string | undefined => {
        const source = sourceOf(alert)
        if (source === undefined) return undefined
        const key = JSON.stringify([source.rule, source.kind, source.device ?? source.zone])
        sources.set(key, source)
        return key
      }
      return judgedBy(keyOf)
        .filter(([, { false_alarms }]) => false_alarms > 0)
        .slice(0, worst)
        .flatMap(([key, share]) => {
          const source = sources.get(key)
          return source === undefined ? [] : [{ ...source, ...share }]
        })
    },
    letGo: () => let_go
  }
}

/** One that was opened before anything was read: only how it ended is told by the events. */
const closedAsKnown = (
  incident: Incident | undefined,
  { at, by, outcome }: Extract<IncidentEvent, { type: 'incident_closed' }>
): Incident | undefined => incident && { ...incident, phase: 'closed', closed_at: at, closed_by: by, outcome }

const agencyTimes = (incidents: readonly Incident[]): readonly AgencyTimes[] => {
  const found = new Map<Agency, { asked: number; never: number; waiting: number; times: number[] }>()
  for (const { needs, responses, phase } of incidents) {
    const all = Object.values(responses)
    for (const agency of new Set([...needs, ...all.map(response => response.agency)])) {
      const theirs = all.filter(response => response.agency === agency)
      const asked_at = least(theirs.map(response => response.asked_at))
      const answered_at = firstAnswer(theirs)
      const sum = found.get(agency) ?? { asked: 0, never: 0, waiting: 0, times: [] }
      found.set(agency, sum)
      sum.asked++
      if (asked_at !== undefined && answered_at !== undefined) sum.times.push(answered_at - asked_at)
      else if (phase === 'open') sum.waiting++
      else sum.never++
    }
  }
  return (Object.keys(agencies) as Agency[]).flatMap(agency => {
    const { times, ...counts } = found.get(agency) ?? { asked: 0, never: 0, waiting: 0, times: [] }
    return counts.asked === 0 ? [] : [{ agency, ...counts, ...spreadOf(times) }]
  })
}

const clocksOf = (incident: Incident): Readonly<Record<ClockName, number | undefined>> => {
  const start = startOf(incident)
  const moments = momentsOf(incident)
  const after = (at: number | undefined): number | undefined => (at === undefined ? undefined : at - start)
  return {
    first_asked: after(moments.first_asked),
    first_answer: after(moments.first_answer),
    all_answered: after(moments.all_answered),
    first_on_scene: after(moments.first_on_scene)
  }
}
