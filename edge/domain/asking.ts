/**
 * Who was asked, who has answered, who is silent, and when that silence is too long.
 */
import type { Asked, Incident, Response } from './incident.ts'
import type { Agency, ResponseStatus } from './vocabulary.ts'

export const order: readonly ResponseStatus[] = ['asked', 'shown', 'heard', 'acknowledged', 'en_route', 'on_scene', 'done']
export const answered = ({ status }: Response): boolean => status !== 'declined' && order.indexOf(status) >= order.indexOf('acknowledged')
export const silent = ({ status }: Response): boolean => status === 'asked' || status === 'shown' || status === 'heard'
/** Whoever came had finished before `at`: of what comes then nobody knows. */
export const finishedBefore = ({ responses }: Pick<Incident, 'responses'>, at: number): boolean => {
  const came = Object.values(responses).filter(answered)
  return came.length > 0 && came.every(({ status, done_at = at }) => status === 'done' && done_at < at)
}

/** The agencies whose answer is still missing, by the incident's own ladder. An agency nobody could be asked from is silent too. */
export const silentAgencies = ({ needs, responses, ladder }: Pick<Incident, 'needs' | 'responses' | 'ladder'>): readonly Agency[] => {
  const all = Object.values(responses)
  if (ladder.enough === 'any') return all.some(answered) ? [] : needs
  if (ladder.enough === 'all') {
    const waiting = new Set(all.filter(silent).map(r => r.agency))
    return [...new Set([...needs.filter(agency => waiting.has(agency) || !all.some(r => r.agency === agency && answered(r))), ...waiting])]
  }
  return needs.filter(agency => !all.some(r => r.agency === agency && answered(r)))
}

/** True while somebody of that agency may still answer what they were asked. */
export const stillAsked = (incident: Incident, agency: Agency): boolean =>
  Object.values(incident.responses).some(r => r.agency === agency && silent(r))

/** What a unit has answered. A name is only a name: `constructor` was never asked. */
export const responseOf = ({ responses }: Incident, unit: string): Response | undefined =>
  Object.hasOwn(responses, unit) ? responses[unit] : undefined

export const notYetAsked = (incident: Incident, ask: readonly Asked[]): readonly Asked[] =>
  ask.filter(({ unit }) => (responseOf(incident, unit)?.status ?? 'declined') === 'declined')

/** Who has finished may be needed again. */
export const notAtWork = (incident: Incident, ask: readonly Asked[]): readonly Asked[] =>
  ask.filter(({ unit }) => ['declined', 'done'].includes(responseOf(incident, unit)?.status ?? 'declined'))

export const askedAt = (incident: Incident, ask: readonly Asked[], at: number): Incident => ({
  ...incident,
  responses: {
    ...incident.responses,
    ...Object.fromEntries(
      ask.map(({ unit, agency }) => [unit, { unit, agency, status: 'asked' as const, level: incident.level, asked_at: at }])
    )
  }
})

/** Sets the moment at which silence becomes an escalation, counted from `from`, the asking of the present rung. */
export const timed = (incident: Incident, from: number): Incident => {
  const { due_at: _, ...rest } = incident
  if (incident.phase === 'closed' || incident.unanswered || silentAgencies(incident).length === 0) return rest
  return { ...rest, due_at: from + (incident.ladder.rungs[incident.level]?.within_s ?? 0) * 1000 }
}

/** How far a unit has come; one that cannot come is behind one that was only asked. */
export const standing = ({ status }: Response): number => (status === 'declined' ? -1 : order.indexOf(status))
