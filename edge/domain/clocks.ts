/**
 * The clocks of an incident: how long until somebody was asked, saw it, answered, was there, and until it was closed.
 *
 * Held against 1, 3 and 5 minutes, the rings of the national pattern (快警 1-3-5), and against NFPA 1225:2022, which wants a call
 * answered within 10 s and the first unit on it within 60 s, each in 90 % of cases (facts C7). A reopened incident begins anew.
 */
import { answered } from './asking.ts'
import type { Incident, Response } from './incident.ts'
import type { Agency } from './vocabulary.ts'

/** Minutes 1, 3 and 5. */
export const rings_s = [60, 180, 300] as const
export type Ring = (typeof rings_s)[number]
export const nfpa_answering_s = 10
export const nfpa_processing_s = 60

/** `met` is not known as long as it can still be met. */
export type Goal = { readonly within_s: number; readonly seconds: number | null; readonly met: boolean | null }
export type AgencyClock = { readonly agency: Agency; readonly asked_s: number | null; readonly answer_s: number | null }

/** Seconds from the opening; null what has not happened. */
export type Clocks = {
  readonly asked_s: number | null
  readonly first_shown_s: number | null
  readonly first_answer_s: number | null
  /** When the last agency that is needed had answered. */
  readonly all_answered_s: number | null
  readonly first_on_scene_s: number | null
  readonly closed_s: number | null
  /** How long it has been open; null once it is closed. */
  readonly running_s: number | null
  /** `answer_s` counts from the asking of that agency. */
  readonly agencies: readonly AgencyClock[]
  /** The smallest ring that the first arrival met; null when nobody is there, or nobody was in time. */
  readonly ring_s: Ring | null
  readonly rings: readonly Goal[]
  readonly nfpa: { readonly answering: Goal; readonly processing: Goal }
}

export const clocksOf = (incident: Incident, now: number): Clocks => {
  const { phase, closed_at, needs, responses } = incident
  const start = startOf(incident)
  const moments = momentsOf(incident)
  const after = (at: number | undefined): number | null => (at === undefined ? null : (at - start) / 1000)
  const first_shown_s = after(moments.first_shown)
  const first_answer_s = after(moments.first_answer)
  const first_on_scene_s = after(moments.first_on_scene)
  const until_s = ((phase === 'closed' ? (closed_at ?? now) : now) - start) / 1000
  const goal = (within_s: number, seconds: number | null): Goal => ({
    within_s,
    seconds,
    met: seconds !== null ? seconds <= within_s : until_s > within_s || phase === 'closed' ? false : null
  })
  const all = Object.values(responses)
  return {
    asked_s: after(moments.first_asked),
    first_shown_s,
    first_answer_s,
    all_answered_s: after(moments.all_answered),
    first_on_scene_s,
    closed_s: phase === 'closed' ? after(closed_at) : null,
    running_s: phase === 'closed' ? null : until_s,
    agencies: [...new Set([...needs, ...all.map(({ agency }) => agency)])].map(agency =>
      agencyClock(
        agency,
        all.filter(response => response.agency === agency),
        start
      )
    ),
    ring_s: first_on_scene_s === null ? null : (rings_s.find(ring => first_on_scene_s <= ring) ?? null),
    rings: rings_s.map(ring => goal(ring, first_on_scene_s)),
    nfpa: { answering: goal(nfpa_answering_s, first_shown_s), processing: goal(nfpa_processing_s, first_answer_s) }
  }
}

/** Reopened is begun anew: everyone was asked again. */
export const startOf = ({ opened_at, reopened }: Incident): number => reopened?.at(-1)?.at ?? opened_at

/** When things first happened; what did not happen has no moment. */
export type Moments = Readonly<
  Record<'first_asked' | 'first_shown' | 'first_answer' | 'all_answered' | 'first_on_scene', number | undefined>
>
export const momentsOf = ({ needs, responses }: Incident): Moments => {
  const all = Object.values(responses)
  const each = needs.map(need => firstAnswer(all.filter(({ agency }) => agency === need)))
  const known = each.filter(at => at !== undefined)
  return {
    first_asked: least(all.map(({ asked_at }) => asked_at)),
    // Whoever answers has seen it, also where no receipt came.
    first_shown: least(all.flatMap(({ shown_at, heard_at, acknowledged_at }) => [shown_at, heard_at, acknowledged_at])),
    first_answer: firstAnswer(all),
    all_answered: known.length === 0 || known.length < each.length ? undefined : Math.max(...known),
    first_on_scene: least(all.map(({ on_scene_at }) => on_scene_at))
  }
}

/** Of a unit that can no longer come the answer does not count: it is waited for another. */
export const firstAnswer = (responses: readonly Response[]): number | undefined =>
  least(responses.filter(answered).map(({ acknowledged_at }) => acknowledged_at))

export const least = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter(time => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

const agencyClock = (agency: Agency, theirs: readonly Response[], start: number): AgencyClock => {
  const asked_at = least(theirs.map(response => response.asked_at))
  const answered_at = firstAnswer(theirs)
  return {
    agency,
    asked_s: asked_at === undefined ? null : (asked_at - start) / 1000,
    answer_s: asked_at === undefined || answered_at === undefined ? null : (answered_at - asked_at) / 1000
  }
}
