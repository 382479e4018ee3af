/**
 * An exercise (演练): a recorded scenario played at the real station, to the real people on duty, and nothing else is real.
 * It is marked everywhere, uses no channel that leaves the station, ends at once when something real is red, and is scored by a
 * formula that stays the same, so that months can be compared.
 */
import { answered, silentAgencies } from './asking.ts'
import type { Incident } from './incident.ts'
import type { Sop } from './sops/sop.ts'
import type { Agency } from './vocabulary.ts'

export type Drill = {
  readonly id: string
  readonly scenarios: readonly string[]
  readonly by: string
  readonly began_at: number
  readonly phase: 'running' | 'over'
  readonly over_at?: number
  /** Why it ended: played to its end, stopped by a person, or a real red alarm. */
  readonly why?: 'played' | 'stopped' | 'real_alarm' | 'restart'
  readonly incidents: readonly string[]
  readonly score?: DrillScore
}

export type DrillScore = {
  /** 0 to 100; the parts below say how it came about. */
  readonly score: number
  readonly formula: 1
  readonly agencies_needed: number
  readonly agencies_answered: number
  /** Of those, within the ring of 60 s. */
  readonly answered_in_60_s: number
  readonly silent: readonly Agency[]
  readonly slowest_s?: number
  readonly escalations: number
  readonly first_on_scene_s?: number
  readonly steps: number
  readonly steps_in_time: number
}

type Of = { readonly id: string; readonly at: number }
export type DrillEvent =
  | (Of & { readonly type: 'drill_began'; readonly scenarios: readonly string[]; readonly by: string })
  | (Of & {
      readonly type: 'drill_over'
      readonly why: NonNullable<Drill['why']>
      readonly by?: string
      readonly incidents: readonly string[]
      readonly score: DrillScore
    })

export const evolveDrill = (drill: Drill | undefined, event: DrillEvent): Drill => {
  if (event.type === 'drill_began') {
    const { id, at, scenarios, by } = event
    return { id, scenarios, by, began_at: at, phase: 'running', incidents: [] }
  }
  if (drill === undefined) throw new Error(`drill ${event.id} is over and never began`)
  const { at, why, incidents, score } = event
  return { ...drill, phase: 'over', over_at: at, why, incidents, score }
}

/** Answering counts most, then answering in time, then what the checklist asks, then being there. Parts that did not occur are left out. */
const weights = { answered: 40, in_time: 30, steps: 20, on_scene: 10 }
const ring_s = 60
const arrival_s = 300

export const scoreOf = (incidents: readonly Incident[], sops: ReadonlyMap<string, Sop>): DrillScore => {
  let needed = 0
  let inTime = 0
  let done = 0
  let steps = 0
  let stepsInTime = 0
  let arrived = 0
  const silent = new Set<Agency>()
  const seconds: number[] = []
  const arrivals: number[] = []
  for (const incident of incidents) {
    const missing = silentAgencies({ ...incident, ladder: { ...incident.ladder, enough: 'each_agency' } })
    for (const agency of missing) silent.add(agency)
    needed += incident.needs.length
    done += incident.needs.length - missing.length
    const responses = Object.values(incident.responses)
    for (const agency of incident.needs) {
      const times = responses
        .filter(one => one.agency === agency && answered(one))
        .map(one => ((one.acknowledged_at ?? 0) - askedFirst(responses, agency)) / 1000)
      const first = times.length === 0 ? undefined : Math.min(...times)
      if (first === undefined) continue
      seconds.push(first)
      if (first <= ring_s) inTime++
    }
    const onScene = responses.flatMap(({ on_scene_at }) => (on_scene_at === undefined ? [] : [(on_scene_at - incident.opened_at) / 1000]))
    if (onScene.length > 0) {
      const first = Math.min(...onScene)
      arrivals.push(first)
      if (first <= arrival_s) arrived++
    }
    for (const { id, within_s } of sops.get(incident.sop)?.steps ?? []) {
      steps++
      const note = incident.notes.find(({ step }) => step === id)
      if (note !== undefined && note.at - incident.opened_at <= within_s * 1000) stepsInTime++
    }
  }
  const parts = [
    { weight: weights.answered, share: share(done, needed) },
    { weight: weights.in_time, share: share(inTime, needed) },
    { weight: weights.steps, share: share(stepsInTime, steps) },
    { weight: weights.on_scene, share: share(arrived, incidents.length) }
  ].flatMap(({ weight, share: of }) => (of === undefined ? [] : [{ weight, share: of }]))
  const all = parts.reduce((sum, { weight }) => sum + weight, 0)
  return {
    score: all === 0 ? 0 : Math.round((100 * parts.reduce((sum, { weight, share: of }) => sum + weight * of, 0)) / all),
    formula: 1,
    agencies_needed: needed,
    agencies_answered: done,
    answered_in_60_s: inTime,
    silent: [...silent],
    ...(seconds.length > 0 && { slowest_s: Math.max(...seconds) }),
    escalations: incidents.reduce((sum, { level }) => sum + level, 0),
    ...(arrivals.length > 0 && { first_on_scene_s: Math.min(...arrivals) }),
    steps,
    steps_in_time: stepsInTime
  }
}

const share = (part: number, of: number): number | undefined => (of === 0 ? undefined : part / of)
const askedFirst = (responses: readonly { readonly agency: Agency; readonly asked_at: number }[], agency: Agency): number =>
  Math.min(...responses.filter(one => one.agency === agency).map(({ asked_at }) => asked_at))
