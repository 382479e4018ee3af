/**
 * An incident, from the first report to closure, and everyone who was asked to help.
 *
 * `decide` says what may happen, `evolve` says what is then true, `nextDue` says what time alone will bring.
 * Each unit asked has a response of its own, and each agency that is needed must answer: one agency's answer
 * never silences another's ('each_agency'; GoAlert and OnCall stop at the first answer).
 */
import { askedAt, notAtWork, notYetAsked, order, responseOf, silentAgencies, stillAsked, timed } from './asking.ts'
import type { Hypothesis } from './hypothesis.ts'
import { decideMerging, decideReopening, reopened } from './incident-merging.ts'
import { accountable, decideWork, watched, withResponse, withTask } from './incident-work.ts'
import type { Power } from './powers.ts'
import { type Became, decideAction, evolveAction, type PublicAction } from './public-actions.ts'
import type { Refusal } from './refusal.ts'
import { isSearch, type Relation } from './sought.ts'
import { type Agency, type IncidentKind, type Outcome, type ResponseStatus, type Role, rank, type Severity } from './vocabulary.ts'
import type { Sentence } from './words.ts'

export type Response = {
  readonly unit: string
  readonly agency: Agency
  readonly status: ResponseStatus
  readonly level: number
  readonly asked_at: number
  readonly shown_at?: number
  readonly heard_at?: number
  readonly acknowledged_at?: number
  readonly en_route_at?: number
  readonly on_scene_at?: number
  readonly done_at?: number
  readonly reason?: string
  /** When a unit on scene has to be heard from again; absent while it is overdue, until it is. */
  readonly check_due_at?: number
  readonly overdue_at?: number
}

/** Whose answer is enough to stop the escalation. */
export type Enough = 'any' | 'each_agency' | 'all'
/** Whom a rung asks: `on_duty` the nearest unit of each agency needed, `backup` the rest of each silent agency. */
export type Ask = 'on_duty' | 'backup' | 'commander' | 'neighbour' | 'city'
export type Rung = { readonly ask: Ask; readonly within_s: number }
export type Ladder = { readonly enough: Enough; readonly rungs: readonly Rung[] }
export type Asked = { readonly unit: string; readonly agency: Agency }

export type Incident = {
  readonly id: string
  readonly kind: IncidentKind
  readonly zone: string
  /** Where else it has come up since, the newest last. */
  readonly places?: readonly { readonly zone: string; readonly at: number }[]
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
  /** How often everybody was called anew: it was worse, in one more place, or came again. */
  readonly worsened?: number
  /** Every rung was climbed and somebody is still silent. */
  readonly unanswered: boolean
  readonly responses: Readonly<Record<string, Response>>
  readonly notes: readonly Note[]
  readonly tasks?: readonly Task[]
  readonly attachments?: readonly Attachment[]
  readonly all_clear: readonly { readonly by: string; readonly role: Role; readonly at: number }[]
  /** A unit on scene is heard from at least this often. */
  readonly accountability_s?: number
  readonly closed_at?: number
  readonly closed_by?: string
  readonly outcome?: Outcome
  /** Why it was closed so: of a false alarm, what made it one. */
  readonly outcome_text?: string
  readonly reopened?: readonly { readonly by: string; readonly at: number; readonly reason: string }[]
  /** The incident this one went into, those that went into it, the one it was taken out of. */
  readonly merged_into?: string
  readonly merged?: readonly string[]
  readonly split_from?: string
  /** Of somebody who was sought: to whom they were given, and the code of the receipt. */
  readonly handed_over?: HandedOver
  /** What all evidence of the place says together, as it was written down last. */
  readonly hypothesis?: Hypothesis
  /** What the public would see or hear, as people have confirmed it. */
  readonly actions?: readonly PublicAction[]
  readonly drill: boolean
}
export type HandedOver = {
  readonly by: string
  readonly at: number
  readonly to: Relation
  /** Somebody has looked at a paper of the receiver. */
  readonly checked: boolean
  readonly receipt: string
}

/** Something to be done by somebody, and by when. `answer` is what was found: a sweep answers seen or not seen. */
export type Task = {
  readonly id: string
  readonly text: string
  readonly by: string
  readonly at: number
  readonly agency?: Agency
  readonly unit?: string
  readonly zone?: string
  /** What it takes that not every agency may do. */
  readonly power?: Power
  /** It is done with one of these answers alone. */
  readonly answers?: readonly string[]
  readonly due_at?: number
  readonly overdue_at?: number
  readonly done?: { readonly by: string; readonly at: number; readonly answer?: string }
  readonly cancelled?: { readonly by: string; readonly at: number }
}
/** What somebody holds in evidence. The station keeps its hash, never the thing itself. */
export type Attachment = {
  readonly by: string
  readonly at: number
  readonly name: string
  readonly media_type: string
  readonly bytes: number
  readonly sha256: string
  readonly text?: string
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
      /** Where it is now too. */
      readonly place?: string
      /** It is no worse, and all who are called have to hear of it nevertheless. */
      readonly again?: true
      readonly because: Sentence
      readonly needs: readonly Agency[]
      readonly ask: readonly Asked[]
      readonly accountability_s?: number
    }
  | { readonly type: 'link'; readonly alert: string }
  /** What is known of the place has changed; who is needed because of it is asked. */
  | { readonly type: 'weigh'; readonly hypothesis: Hypothesis; readonly ask: readonly Asked[] }
  | { readonly type: 'note'; readonly by: string; readonly text: string; readonly step?: string }
  | { readonly type: 'add_task'; readonly task: Omit<Task, 'at' | 'done' | 'cancelled' | 'overdue_at'> }
  | { readonly type: 'finish_task'; readonly task: string; readonly by: string; readonly answer?: string }
  | { readonly type: 'cancel_task'; readonly task: string; readonly by: string }
  | { readonly type: 'task_overdue'; readonly task: string }
  | ({ readonly type: 'attach' } & Omit<Attachment, 'at'>)
  /** A unit on scene says that it is well. */
  | { readonly type: 'check_in'; readonly unit: string; readonly by: string }
  | { readonly type: 'unit_overdue'; readonly unit: string }
  | ({ readonly type: 'hand_over' } & Omit<HandedOver, 'at'>)
  | { readonly type: 'propose_action'; readonly action: Pick<PublicAction, 'id' | 'kind' | 'device' | 'persons'> }
  | { readonly type: 'confirm_action'; readonly action: string; readonly by: string }
  | { readonly type: 'stop_action'; readonly action: string; readonly by: string }
  | { readonly type: 'action_became'; readonly action: string; readonly status: Became; readonly why?: string }
  | { readonly type: 'all_clear'; readonly by: string; readonly role: Role }
  | { readonly type: 'close'; readonly by: string; readonly outcome: Outcome; readonly text?: string }
  | { readonly type: 'reopen'; readonly by: string; readonly reason: string; readonly ask: readonly Asked[] }
  /** The other incident is this one: it goes into this. The same order to the other is `merge_into`. */
  | { readonly type: 'absorb'; readonly other: Incident; readonly by: string }
  | { readonly type: 'merge_into'; readonly into: string; readonly by: string; readonly reason: string }
  /** These alerts are something else: they leave for an incident of their own. */
  | { readonly type: 'split_off'; readonly to: string; readonly alerts: readonly string[]; readonly by: string; readonly reason: string }

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
  readonly accountability_s?: number
  readonly split_from?: string
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
  /**
   * Carries the whole incident, so that who hears only of red (the cloud, red first) knows all of it from this one event.
   * `again`: it is as bad as before, and this came besides.
   */
  | (Of & { readonly type: 'incident_worsened'; readonly state: Incident; readonly again?: Sentence })
  | (Of & { readonly type: 'incident_linked'; readonly alert: string })
  | (Of & { readonly type: 'incident_weighed'; readonly hypothesis: Hypothesis; readonly ask: readonly Asked[] })
  | (Of & { readonly type: 'incident_noted'; readonly by: string; readonly text: string; readonly step?: string })
  | (Of & { readonly type: 'incident_task_added'; readonly task: Task })
  | (Of & { readonly type: 'incident_task_done'; readonly task: string; readonly by: string; readonly answer?: string })
  | (Of & { readonly type: 'incident_task_cancelled'; readonly task: string; readonly by: string })
  | (Of & { readonly type: 'incident_task_overdue'; readonly task: string })
  | (Of & { readonly type: 'incident_attached'; readonly attachment: Attachment })
  | (Of & { readonly type: 'incident_checked_in'; readonly unit: string; readonly by: string })
  | (Of & { readonly type: 'incident_unit_overdue'; readonly unit: string })
  | (Of & { readonly type: 'incident_handed_over' } & Omit<HandedOver, 'at'>)
  | (Of & { readonly type: 'incident_action_proposed'; readonly action: Pick<PublicAction, 'id' | 'kind' | 'device' | 'persons'> })
  | (Of & { readonly type: 'incident_action_confirmed'; readonly action: string; readonly by: string })
  | (Of & { readonly type: 'incident_action_stopped'; readonly action: string; readonly by: string })
  | (Of & { readonly type: 'incident_action_became'; readonly action: string; readonly status: Became; readonly why?: string })
  | (Of & { readonly type: 'incident_all_clear'; readonly by: string; readonly role: Role })
  | (Of & { readonly type: 'incident_closed'; readonly by: string; readonly outcome: Outcome; readonly text?: string })
  | (Of & { readonly type: 'incident_reopened'; readonly by: string; readonly reason: string; readonly ask: readonly Asked[] })
  /** Carries the whole incident, as `incident_worsened` does: what came in may have been red. */
  | (Of & { readonly type: 'incident_absorbed'; readonly other: string; readonly by: string; readonly state: Incident })
  | (Of & { readonly type: 'incident_merged'; readonly into: string; readonly by: string; readonly reason: string })
  | (Of & {
      readonly type: 'incident_split'
      readonly to: string
      readonly alerts: readonly string[]
      readonly by: string
      readonly reason: string
    })

export type Decision = { readonly events: readonly IncidentEvent[] } | Refusal

/** Where it began, and where it has come up since. */
export const placesOf = ({
  zone,
  places = []
}: {
  readonly zone: string
  readonly places?: readonly { readonly zone: string }[] | undefined
}): readonly string[] => [zone, ...places.map(one => one.zone)]

export const decide = (incident: Incident, command: Command, at: number): Decision => {
  const { id } = incident
  if (command.type === 'reopen') return decideReopening(incident, command, at)
  if (incident.phase === 'closed') return { refused: 'already_closed' }
  switch (command.type) {
    case 'acknowledge':
      return decide(incident, { ...command, type: 'respond', status: 'acknowledged' }, at)
    case 'respond': {
      const { unit, by, status, reason } = command
      const response = responseOf(incident, unit)
      if (response === undefined) return { refused: 'not_asked' }
      if (status === 'asked') return { refused: 'not_a_response' }
      if (status === 'declined') {
        if (reason === undefined || reason.trim() === '') return { refused: 'reason_missing' }
        if (response.status === 'declined' || response.status === 'done') return { refused: 'already_answered' }
        // Who declined may still come; that a screen has shown it to them does not take back that they cannot.
      } else if (order.indexOf(status) <= (response.status === 'declined' ? order.indexOf('heard') : order.indexOf(response.status)))
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
      const risen = rank(command.severity) > rank(incident.severity)
      const { place } = command
      const places = place === undefined || placesOf(incident).includes(place) ? [] : [{ zone: place, at }]
      if (!risen && places.length === 0 && !command.again) return { events: [] }
      const needs = [...new Set([...incident.needs, ...command.needs])]
      const ask = notAtWork(incident, command.ask)
      const worse = askedAt(
        {
          ...accountable(incident, command.accountability_s, at),
          ...(risen && { severity: command.severity, highest: command.severity, because: command.because }),
          ...(places.length > 0 && { places: [...(incident.places ?? []), ...places] }),
          needs,
          level: 0,
          unanswered: false,
          worsened: (incident.worsened ?? 0) + 1,
          all_clear: []
        },
        ask,
        at
      )
      const again = risen ? {} : { again: command.because }
      return { events: [{ type: 'incident_worsened', id, at, state: timed(worse, at), ...again }] }
    }
    case 'link':
      return incident.alerts.includes(command.alert)
        ? { events: [] }
        : { events: [{ type: 'incident_linked', id, at, alert: command.alert }] }
    case 'weigh':
      return { events: [{ type: 'incident_weighed', id, at, hypothesis: command.hypothesis, ask: notYetAsked(incident, command.ask) }] }
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
    case 'close': {
      const { by, outcome, text } = command
      if (outcome === 'exercise' && !incident.drill) return { refused: 'drill_is_not_real' }
      const exercise = incident.drill && outcome === 'exercise'
      if (incident.highest === 'red' && incident.all_clear.length < 2 && !exercise) return { refused: 'all_clear_missing' }
      if (isSearch(incident.kind) && outcome === 'handed_over' && incident.handed_over === undefined) return { refused: 'receipt_missing' }
      return { events: [{ type: 'incident_closed', id, at, by, outcome, ...(text !== undefined && { text }) }] }
    }
    case 'propose_action':
    case 'confirm_action':
    case 'stop_action':
    case 'action_became':
      return decideAction(incident, command, at)
    case 'absorb':
    case 'merge_into':
    case 'split_off':
      return decideMerging(incident, command, at)
    default:
      return decideWork(incident, command, at)
  }
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
  if (event.type === 'incident_worsened' || event.type === 'incident_absorbed') return event.state
  if (incident === undefined) throw new Error(`${event.type} for incident ${event.id}, which was never opened`)
  switch (event.type) {
    case 'incident_response':
      return afterResponse(incident, event)
    case 'incident_escalated':
      return timed(askedAt({ ...incident, level: event.level }, event.ask, at), at)
    case 'incident_asked': {
      const next = askedAt(incident, event.ask, at)
      // With `all`, one more asked is one more who may be silent.
      return next.due_at === undefined ? timed(next, at) : next
    }
    case 'incident_unanswered':
      return timed({ ...incident, unanswered: true }, at)
    case 'incident_linked':
      // What was cleared was not this.
      return { ...incident, alerts: [...incident.alerts, event.alert], all_clear: [] }
    case 'incident_weighed': {
      const { hypothesis, ask } = event
      const needs = [...new Set([...incident.needs, ...hypothesis.needs])]
      const next = { ...askedAt(incident, ask, at), hypothesis, needs }
      return needs.length > incident.needs.length && next.due_at === undefined ? timed(next, at) : next
    }
    case 'incident_noted':
      return {
        ...incident,
        notes: [...incident.notes, { by: event.by, at, text: event.text, ...(event.step !== undefined && { step: event.step }) }]
      }
    case 'incident_all_clear':
      return { ...incident, all_clear: [...incident.all_clear, { by: event.by, role: event.role, at }] }
    case 'incident_closed': {
      const { by, outcome, text } = event
      return closed(incident, { closed_at: at, closed_by: by, outcome, ...(text !== undefined && { outcome_text: text }) })
    }
    case 'incident_merged':
      return closed(incident, {
        closed_at: at,
        closed_by: event.by,
        outcome: 'duplicate',
        outcome_text: event.reason,
        merged_into: event.into
      })
    case 'incident_split':
      return { ...incident, alerts: incident.alerts.filter(alert => !event.alerts.includes(alert)) }
    case 'incident_reopened':
      return reopened(incident, event)
    case 'incident_action_proposed':
    case 'incident_action_confirmed':
    case 'incident_action_stopped':
    case 'incident_action_became':
      return evolveAction(incident, event)
    case 'incident_handed_over': {
      const { by, to, checked, receipt } = event
      return { ...incident, handed_over: { by, at, to, checked, receipt } }
    }
    case 'incident_task_added':
      return { ...incident, tasks: [...(incident.tasks ?? []), event.task] }
    case 'incident_task_done':
      return withTask(incident, event.task, { done: { by: event.by, at, ...(event.answer !== undefined && { answer: event.answer }) } })
    case 'incident_task_cancelled':
      return withTask(incident, event.task, { cancelled: { by: event.by, at } })
    case 'incident_task_overdue':
      return withTask(incident, event.task, { overdue_at: at })
    case 'incident_attached':
      return { ...incident, attachments: [...(incident.attachments ?? []), event.attachment] }
    case 'incident_checked_in':
      return withResponse(incident, event.unit, ({ overdue_at: _, ...response }) => watched(incident, response, at))
    case 'incident_unit_overdue':
      return withResponse(incident, event.unit, ({ check_due_at: _, ...response }) => ({ ...response, overdue_at: at }))
  }
}

const closed = (
  incident: Incident,
  how: Pick<Incident, 'closed_at' | 'closed_by' | 'outcome' | 'outcome_text' | 'merged_into'>
): Incident => timed({ ...incident, ...how, phase: 'closed' }, 0)

const afterResponse = (incident: Incident, event: Extract<IncidentEvent, { type: 'incident_response' }>): Incident => {
  const { unit, status, reason, at } = event
  const before = responseOf(incident, unit)
  if (before === undefined) throw new Error(`unit ${unit} answered incident ${incident.id} without having been asked`)
  const { reason: _, overdue_at: _overdue, ...kept } = before
  const response = watched(
    incident,
    {
      ...kept,
      status,
      ...(reason !== undefined && { reason }),
      ...(status === 'shown' && { shown_at: at }),
      ...(status === 'heard' && { heard_at: at }),
      ...(order.indexOf(status) >= order.indexOf('acknowledged') && { acknowledged_at: kept.acknowledged_at ?? at }),
      ...(status === 'en_route' && { en_route_at: at }),
      ...(status === 'on_scene' && { on_scene_at: at }),
      ...(status === 'done' && { done_at: at })
    },
    at
  )
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

export { silentAgencies } from './asking.ts'
export { type Due, nextDue, stageOf } from './incident-due.ts'
