/** Two incidents that are one, one that is two, and one that was not over. */
import { askedAt, responseOf, silentAgencies, standing, timed } from './asking.ts'
import { together as weighedTogether } from './hypothesis.ts'
import type { Command, Decision, Enough, Incident, IncidentEvent, Response } from './incident.ts'
import { accountable } from './incident-work.ts'
import type { Refusal } from './refusal.ts'
import { rank } from './vocabulary.ts'

type Merging = Extract<Command, { type: 'absorb' | 'merge_into' | 'split_off' }>
/** Two that are one, one that is two. Whoever merges gives both orders; each incident decides for itself. */
export const decideMerging = (incident: Incident, command: Merging, at: number): Decision => {
  const { id } = incident
  switch (command.type) {
    case 'absorb': {
      const { other, by } = command
      const refused = notOne(incident, other)
      return refused ?? { events: [{ type: 'incident_absorbed', id, at, other: other.id, by, state: together(incident, other, at) }] }
    }
    case 'merge_into':
      if (command.into === id) return { refused: 'merge_with_itself' }
      if (command.reason.trim() === '') return { refused: 'reason_missing' }
      return { events: [{ type: 'incident_merged', id, at, into: command.into, by: command.by, reason: command.reason }] }
    case 'split_off': {
      const { to, alerts, by, reason } = command
      if (reason.trim() === '') return { refused: 'reason_missing' }
      if (alerts.some(alert => !incident.alerts.includes(alert))) return { refused: 'not_part_of_it' }
      return { events: [{ type: 'incident_split', id, at, to, alerts, by, reason }] }
    }
  }
}

const notOne = (incident: Incident, other: Incident): Refusal | undefined =>
  other.id === incident.id
    ? { refused: 'merge_with_itself' }
    : other.phase === 'closed'
      ? { refused: 'already_closed' }
      : other.drill !== incident.drill
        ? { refused: 'drill_is_not_real' }
        : undefined

/** Whoever answered either has answered; whatever either needs is needed; if it is worse than before, the ladder starts anew. */
const together = (incident: Incident, other: Incident, at: number): Incident => {
  const risen = rank(other.severity) > rank(incident.severity)
  const further = (a: Response | undefined, b: Response): Response => (a === undefined || standing(b) > standing(a) ? b : a)
  const responses = { ...incident.responses }
  for (const response of Object.values(other.responses)) responses[response.unit] = further(responseOf(incident, response.unit), response)
  const tasks = joined(incident.tasks, other.tasks, ({ id }) => id)
  const theirs = [{ zone: other.zone, at: other.opened_at }, ...(other.places ?? [])].filter(({ zone }) => zone !== incident.zone)
  const places = joined(incident.places, theirs, ({ zone }) => zone)
  const attachments = joined(incident.attachments, other.attachments, ({ sha256 }) => sha256)
  const hypothesis = weighedTogether(incident.hypothesis, other.hypothesis, at)
  const one: Incident = {
    ...incident,
    severity: risen ? other.severity : incident.severity,
    highest: rank(other.highest) > rank(incident.highest) ? other.highest : incident.highest,
    because: risen ? other.because : incident.because,
    opened_at: Math.min(incident.opened_at, other.opened_at),
    alerts: [...new Set([...incident.alerts, ...other.alerts])],
    needs: [...new Set([...incident.needs, ...other.needs])],
    ladder: { ...incident.ladder, enough: stricter(incident.ladder.enough, other.ladder.enough) },
    responses,
    notes: [...incident.notes, ...other.notes].sort((a, b) => a.at - b.at),
    ...(places.length > 0 && { places }),
    ...(tasks.length > 0 && { tasks }),
    ...(attachments.length > 0 && { attachments }),
    ...(hypothesis !== undefined && { hypothesis }),
    merged: [...(incident.merged ?? []), other.id, ...(other.merged ?? [])],
    // What was cleared was one of the two.
    all_clear: []
  }
  return onItsRung(accountable(one, other.accountability_s, at), incident, other, risen, at)
}

const joined = <One>(ours: readonly One[] = [], theirs: readonly One[] = [], key: (one: One) => string): readonly One[] => {
  const known = new Set(ours.map(key))
  return [...ours, ...theirs.filter(one => !known.has(key(one)))]
}

const stricter = (a: Enough, b: Enough): Enough => (a === 'all' || b === 'all' ? 'all' : a === b ? a : 'each_agency')

/**
 * Who is silent goes on from the lower of the two rungs and by the sooner of the two moments, so that nobody is passed over
 * because the other incident was further up, or had given up. Whom neither was waiting for is asked from the first rung on.
 */
const onItsRung = (one: Incident, incident: Incident, other: Incident, risen: boolean, at: number): Incident => {
  const still = silentAgencies(one)
  const waiting = [incident, other].filter(each => silentAgencies(each).some(agency => still.includes(agency)))
  const known = new Set(waiting.flatMap(silentAgencies))
  if (risen || still.some(agency => !known.has(agency))) return timed({ ...one, level: 0, unanswered: false }, at)
  const climbing = waiting.filter(({ due_at }) => due_at !== undefined)
  if (climbing.length === 0) return whereNobodyIsLeft(one, waiting, at)
  const level = Math.min(...climbing.map(each => each.level), one.ladder.rungs.length - 1)
  const due_at = Math.min(...climbing.map(each => each.due_at ?? at))
  return { ...one, level, unanswered: false, due_at }
}

/** Those who wait had climbed all of their own ladder. It may have been shorter than this one, which then goes on at once. */
const whereNobodyIsLeft = (one: Incident, waiting: readonly Incident[], at: number): Incident => {
  if (waiting.length === 0) return timed({ ...one, unanswered: false }, at)
  const top = one.ladder.rungs.length - 1
  const level = Math.min(top, ...waiting.map(each => each.level))
  return level < top ? { ...one, level, unanswered: false, due_at: at } : timed({ ...one, level, unanswered: true }, at)
}

export const decideReopening = (incident: Incident, { by, reason, ask }: Extract<Command, { type: 'reopen' }>, at: number): Decision => {
  if (incident.phase === 'open') return { refused: 'not_closed' }
  if (incident.merged_into !== undefined) return { refused: 'merged_away' }
  if (reason.trim() === '') return { refused: 'reason_missing' }
  return { events: [{ type: 'incident_reopened', id: incident.id, at, by, reason, ask }] }
}

/** Everyone is asked afresh: what they answered was about what had seemed to be over. */
export const reopened = (incident: Incident, { by, at, reason, ask }: Extract<IncidentEvent, { type: 'incident_reopened' }>): Incident => {
  const { closed_at: _at, closed_by: _by, outcome: _outcome, outcome_text: _text, handed_over: _given, ...rest } = incident
  const before = [...(incident.reopened ?? []), { by, at, reason }]
  return timed(
    askedAt({ ...rest, phase: 'open', level: 0, unanswered: false, all_clear: [], reopened: before, responses: {} }, ask, at),
    at
  )
}
