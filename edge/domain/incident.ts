/**
 * An incident, from the first report to closure, and everyone who was asked to help.
 *
 * `decide` says what may happen, `evolve` says what is then true, `nextDue` says what time alone will bring.
 * Each unit asked has a response of its own, and each agency that is needed must answer: one agency's answer
 * never silences another's ('each_agency'; GoAlert and OnCall stop at the first answer).
 */
import type { Refusal } from './refusal.ts'
import { type Agency, type IncidentKind, type Outcome, type ResponseStatus, type Role, rank, type Severity } from './vocabulary.ts'
import type { Sentence } from './words.ts'

export type Response = {
  readonly unit: string
  readonly agency: Agency
  readonly status: ResponseStatus
  readonly level: number
  readonly asked_at: number
  readonly shown_at?: number
  readonly acknowledged_at?: number
  readonly on_scene_at?: number
  readonly done_at?: number
  readonly reason?: string
}

/** Whose answer is enough to stop the escalation. */
export type Enough = 'any' | 'each_agency' | 'all'
/** Whom a rung asks: `on_duty` the nearest unit of each agency needed, `backup` the rest of each silent agency. */
export type Ask = 'on_duty' | 'backup' | 'commander' | 'city'
export type Rung = { readonly ask: Ask; readonly within_s: number }
export type Ladder = { readonly enough: Enough; readonly rungs: readonly Rung[] }
export type Asked = { readonly unit: string; readonly agency: Agency }

export type Incident = {
  readonly id: string
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly highest: Severity
  readonly phase: 'open' | 'closed'
  readonly because: Sentence
  readonly opened_at: number
  readonly alerts: readonly string[]
  readonly sop: string
  readonly needs: readonly Agency[]
  readonly ladder: Ladder
  readonly level: number
  /** When silence becomes an escalation; absent once enough have answered or nobody is left to ask. */
  readonly due_at?: number
  /** Every rung was climbed and somebody is still silent. */
  readonly unanswered: boolean
  readonly responses: Readonly<Record<string, Response>>
  readonly notes: readonly Note[]
  readonly all_clear: readonly { readonly by: string; readonly role: Role; readonly at: number }[]
  readonly closed_at?: number
  readonly outcome?: Outcome
  readonly drill: boolean
}

/** What somebody wrote down; with `step`, that this step of the checklist is done. */
export type Note = { readonly by: string; readonly at: number; readonly text: string; readonly step?: string }

export type Command =
  | { readonly type: 'acknowledge'; readonly unit: string; readonly by: string }
  | { readonly type: 'respond'; readonly unit: string; readonly by: string; readonly status: ResponseStatus; readonly reason?: string }
  | { readonly type: 'escalate'; readonly ask: readonly Asked[] }
  | { readonly type: 'ask'; readonly ask: readonly Asked[] }
  | {
      readonly type: 'worsen'
      readonly severity: Severity
      readonly because: Sentence
      readonly needs: readonly Agency[]
      readonly ask: readonly Asked[]
    }
  | { readonly type: 'link'; readonly alert: string }
  | { readonly type: 'note'; readonly by: string; readonly text: string; readonly step?: string }
  | { readonly type: 'all_clear'; readonly by: string; readonly role: Role }
  | { readonly type: 'close'; readonly by: string; readonly outcome: Outcome }

type Of = { readonly id: string; readonly at: number }
export type IncidentOpened = Of & {
  readonly type: 'incident_opened'
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly because: Sentence
  readonly alert?: string
  readonly sop: string
  readonly needs: readonly Agency[]
  readonly ladder: Ladder
  readonly ask: readonly Asked[]
  readonly drill: boolean
}
export type IncidentEvent =
  | IncidentOpened
  | (Of & {
      readonly type: 'incident_response'
      readonly unit: string
      readonly by: string
      readonly status: ResponseStatus
      readonly reason?: string
    })
  | (Of & {
      readonly type: 'incident_escalated'
      readonly level: number
      readonly silent: readonly Agency[]
      readonly ask: readonly Asked[]
    })
  | (Of & { readonly type: 'incident_unanswered'; readonly silent: readonly Agency[] })
  | (Of & { readonly type: 'incident_asked'; readonly ask: readonly Asked[] })
  /** Carries the whole incident, so that who hears only of red (the cloud, red first) knows all of it from this one event. */
  | (Of & { readonly type: 'incident_worsened'; readonly state: Incident })
  | (Of & { readonly type: 'incident_linked'; readonly alert: string })
  | (Of & { readonly type: 'incident_noted'; readonly by: string; readonly text: string; readonly step?: string })
  | (Of & { readonly type: 'incident_all_clear'; readonly by: string; readonly role: Role })
  | (Of & { readonly type: 'incident_closed'; readonly by: string; readonly outcome: Outcome })

export type Decision = { readonly events: readonly IncidentEvent[] } | Refusal

const order: readonly ResponseStatus[] = ['asked', 'shown', 'heard', 'acknowledged', 'en_route', 'on_scene', 'done']
const answered = ({ status }: Response): boolean => status !== 'declined' && order.indexOf(status) >= order.indexOf('acknowledged')
const silent = ({ status }: Response): boolean => status === 'asked' || status === 'shown' || status === 'heard'

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
const stillAsked = (incident: Incident, agency: Agency): boolean =>
  Object.values(incident.responses).some(r => r.agency === agency && silent(r))

export const decide = (incident: Incident, command: Command, at: number): Decision => {
  const { id } = incident
  if (incident.phase === 'closed') return { refused: 'already_closed' }
  switch (command.type) {
    case 'acknowledge':
      return decide(incident, { ...command, type: 'respond', status: 'acknowledged' }, at)
    case 'respond': {
      const { unit, by, status, reason } = command
      const response = incident.responses[unit]
      if (response === undefined) return { refused: 'not_asked' }
      if (status === 'asked') return { refused: 'not_a_response' }
      if (status === 'declined') {
        if (reason === undefined || reason.trim() === '') return { refused: 'reason_missing' }
        if (response.status === 'declined') return { refused: 'already_answered' }
      } else if (response.status !== 'declined' && order.indexOf(status) <= order.indexOf(response.status))
        return { refused: 'already_answered' }
      return { events: [{ type: 'incident_response', id, at, unit, by, status, ...(reason !== undefined && { reason }) }] }
    }
    case 'escalate': {
      const missing = silentAgencies(incident)
      if (missing.length === 0) return { refused: 'nobody_is_silent' }
      const level = incident.level + 1
      if (level >= incident.ladder.rungs.length) {
        return incident.unanswered
          ? { refused: 'nobody_left_to_ask' }
          : { events: [{ type: 'incident_unanswered', id, at, silent: missing }] }
      }
      return { events: [{ type: 'incident_escalated', id, at, level, silent: missing, ask: notYetAsked(incident, command.ask) }] }
    }
    case 'ask': {
      const ask = notYetAsked(incident, command.ask)
      return ask.length === 0 ? { refused: 'already_asked' } : { events: [{ type: 'incident_asked', id, at, ask }] }
    }
    case 'worsen': {
      if (rank(command.severity) <= rank(incident.severity)) return { events: [] }
      const needs = [...new Set([...incident.needs, ...command.needs])]
      const ask = notYetAsked(incident, command.ask)
      const worse = askedAt(
        {
          ...incident,
          severity: command.severity,
          highest: command.severity,
          because: command.because,
          needs,
          level: 0,
          unanswered: false,
          all_clear: []
        },
        ask,
        at
      )
      return { events: [{ type: 'incident_worsened', id, at, state: timed(worse, at) }] }
    }
    case 'link':
      return incident.alerts.includes(command.alert)
        ? { events: [] }
        : { events: [{ type: 'incident_linked', id, at, alert: command.alert }] }
    case 'note':
      if (command.step !== undefined && incident.notes.some(({ step }) => step === command.step)) return { refused: 'already_answered' }
      return {
        events: [
          { type: 'incident_noted', id, at, by: command.by, text: command.text, ...(command.step !== undefined && { step: command.step }) }
        ]
      }
    case 'all_clear':
      if (incident.all_clear.some(given => given.by === command.by || given.role === command.role)) return { refused: 'second_role_needed' }
      return { events: [{ type: 'incident_all_clear', id, at, by: command.by, role: command.role }] }
    case 'close':
      if (incident.highest === 'red' && incident.all_clear.length < 2) return { refused: 'all_clear_missing' }
      return { events: [{ type: 'incident_closed', id, at, by: command.by, outcome: command.outcome }] }
  }
}

const notYetAsked = (incident: Incident, ask: readonly Asked[]): readonly Asked[] =>
  ask.filter(({ unit }) => incident.responses[unit] === undefined || incident.responses[unit].status === 'declined')

const askedAt = (incident: Incident, ask: readonly Asked[], at: number): Incident => ({
  ...incident,
  responses: {
    ...incident.responses,
    ...Object.fromEntries(
      ask.map(({ unit, agency }) => [unit, { unit, agency, status: 'asked' as const, level: incident.level, asked_at: at }])
    )
  }
})

/** Sets the moment at which silence becomes an escalation, counted from `from`, the asking of the present rung. */
const timed = (incident: Incident, from: number): Incident => {
  const { due_at: _, ...rest } = incident
  if (incident.phase === 'closed' || incident.unanswered || silentAgencies(incident).length === 0) return rest
  return { ...rest, due_at: from + (incident.ladder.rungs[incident.level]?.within_s ?? 0) * 1000 }
}

export const evolve = (incident: Incident | undefined, event: IncidentEvent): Incident => {
  const { at } = event
  if (event.type === 'incident_opened') {
    const { type: _, ask, alert, at: opened_at, ...what } = event
    const opened: Incident = {
      ...what,
      highest: event.severity,
      phase: 'open',
      opened_at,
      alerts: alert === undefined ? [] : [alert],
      level: 0,
      unanswered: false,
      responses: {},
      notes: [],
      all_clear: []
    }
    return timed(askedAt(opened, ask, at), at)
  }
  if (event.type === 'incident_worsened') return event.state
  if (incident === undefined) throw new Error(`${event.type} for incident ${event.id}, which was never opened`)
  switch (event.type) {
    case 'incident_response':
      return afterResponse(incident, event)
    case 'incident_escalated':
      return timed(askedAt({ ...incident, level: event.level }, event.ask, at), at)
    case 'incident_asked':
      return askedAt(incident, event.ask, at)
    case 'incident_unanswered':
      return timed({ ...incident, unanswered: true }, at)
    case 'incident_linked':
      return { ...incident, alerts: [...incident.alerts, event.alert] }
    case 'incident_noted':
      return {
        ...incident,
        notes: [...incident.notes, { by: event.by, at, text: event.text, ...(event.step !== undefined && { step: event.step }) }]
      }
    case 'incident_all_clear':
      return { ...incident, all_clear: [...incident.all_clear, { by: event.by, role: event.role, at }] }
    case 'incident_closed':
      return timed({ ...incident, phase: 'closed', outcome: event.outcome, closed_at: at }, at)
  }
}

const afterResponse = (incident: Incident, event: Extract<IncidentEvent, { type: 'incident_response' }>): Incident => {
  const { unit, status, reason, at } = event
  const before = incident.responses[unit]
  if (before === undefined) throw new Error(`unit ${unit} answered incident ${incident.id} without having been asked`)
  const { reason: _, ...kept } = before
  const response: Response = {
    ...kept,
    status,
    ...(reason !== undefined && { reason }),
    ...(status === 'shown' && { shown_at: at }),
    ...(order.indexOf(status) >= order.indexOf('acknowledged') && { acknowledged_at: kept.acknowledged_at ?? at }),
    ...(status === 'on_scene' && { on_scene_at: at }),
    ...(status === 'done' && { done_at: at })
  }
  const next = { ...incident, responses: { ...incident.responses, [unit]: response } }
  if (silentAgencies(next).length === 0) return timed({ ...next, unanswered: false }, at)
  // The last unit of a needed agency declined: nobody there can still answer, so the ladder goes on at once.
  const abandoned =
    status === 'declined' &&
    next.needs.includes(response.agency) &&
    silentAgencies(next).includes(response.agency) &&
    !stillAsked(next, response.agency)
  if (next.unanswered) return next
  return abandoned ? { ...next, due_at: at } : next.due_at === undefined ? timed(next, at) : next
}

/** The moment at which silence becomes an escalation, if nobody speaks before. Whom to ask is added by the dispatcher. */
export const nextDue = (incident: Incident): { readonly at: number; readonly ask: Ask } | undefined =>
  incident.due_at === undefined || incident.phase === 'closed'
    ? undefined
    : { at: incident.due_at, ask: incident.ladder.rungs[incident.level + 1]?.ask ?? 'city' }
