/**
 * What the public sees or hears: proposed by the station, done only when a person says so.
 *
 * `proposed` → `confirmed` by as many different people as it needs → `sent` → `acknowledged` by the device, or `failed` with a reason.
 * In an exercise it is `rehearsed`: confirmed, written down, and nothing sounds.
 * One person is enough to end it early: `stopping` → `stopped`, or `not_stopped` with a reason. After that it may be confirmed anew.
 */
import type { Signature } from './alert.ts'
import type { Command, Decision, Incident, IncidentEvent } from './incident.ts'
import type { OrderKind } from './orders.ts'
import { label } from './vocabulary.ts'

export const actionStatuses = {
  proposed: label('待确认', 'proposed'),
  confirmed: label('已确认', 'confirmed'),
  sent: label('已发出', 'sent'),
  acknowledged: label('设备已执行', 'done by the device'),
  failed: label('未执行', 'not done'),
  stopping: label('正在停止', 'told to stop'),
  stopped: label('已停止', 'stopped'),
  not_stopped: label('未能停止', 'could not be stopped'),
  rehearsed: label('演练，不出声', 'rehearsed, silent')
} as const
export type ActionStatus = keyof typeof actionStatuses

export type PublicAction = {
  /** The channel of station.yaml. */
  readonly id: string
  readonly kind: Extract<OrderKind, 'siren' | 'sign' | 'speech'>
  readonly device?: string
  /** So many different people. */
  readonly persons: number
  readonly proposed_at: number
  readonly confirmed: readonly Signature[]
  readonly status: ActionStatus
  /** Since when it is so. */
  readonly at: number
  readonly why?: string
}

type Act = Extract<Command, { type: 'propose_action' | 'confirm_action' | 'stop_action' | 'action_became' }>
type ActEvent = Extract<
  IncidentEvent,
  { type: 'incident_action_proposed' | 'incident_action_confirmed' | 'incident_action_stopped' | 'incident_action_became' }
>

export const actionOf = ({ actions = [] }: Pick<Incident, 'actions'>, id: string): PublicAction | undefined =>
  actions.find(one => one.id === id)

/** What a device, or a page over its channel, can make of an action. */
export type Became = Extract<ActionStatus, 'sent' | 'acknowledged' | 'failed' | 'stopped' | 'not_stopped'>

/** Somebody wants it to end, or it has. */
export const isCalledOff = ({ status }: Pick<PublicAction, 'status'>): boolean =>
  status === 'stopping' || status === 'stopped' || status === 'not_stopped'

/** Words once spoken are over. What failed may sound all the same: the device has only not said so. */
const stoppable: readonly ActionStatus[] = ['confirmed', 'sent', 'acknowledged', 'failed', 'not_stopped']
export const mayStop = ({ kind, status }: Pick<PublicAction, 'kind' | 'status'>): boolean => kind !== 'speech' && stoppable.includes(status)

/** Only forwards, and from a failure back to what was done after all. */
const follows: Readonly<Record<ActionStatus, readonly ActionStatus[]>> = {
  proposed: [],
  confirmed: ['sent', 'acknowledged', 'failed'],
  sent: ['acknowledged', 'failed'],
  acknowledged: [],
  failed: ['sent', 'acknowledged'],
  stopping: ['stopped', 'not_stopped'],
  stopped: [],
  not_stopped: ['stopped'],
  rehearsed: []
}

export const decideAction = (incident: Incident, command: Act, at: number): Decision => {
  const { id } = incident
  if (command.type === 'propose_action') {
    const { type: _, ...action } = command
    return actionOf(incident, command.action.id) ? { events: [] } : { events: [{ type: 'incident_action_proposed', id, at, ...action }] }
  }
  const action = actionOf(incident, command.action)
  if (action === undefined) return { refused: 'no_such_action' }
  if (command.type === 'confirm_action') {
    if (action.status === 'failed' && action.confirmed.length >= action.persons)
      return { events: [{ type: 'incident_action_confirmed', id, at, action: action.id, by: command.by }] }
    if (action.status !== 'proposed' && action.status !== 'stopped') return { refused: 'already_answered' }
    if (action.status === 'proposed' && action.confirmed.some(({ by }) => by === command.by)) return { refused: 'second_person_needed' }
    return { events: [{ type: 'incident_action_confirmed', id, at, action: action.id, by: command.by }] }
  }
  if (command.type === 'stop_action')
    return mayStop(action)
      ? { events: [{ type: 'incident_action_stopped', id, at, action: action.id, by: command.by }] }
      : { refused: 'nothing_to_stop' }
  if (!follows[action.status].includes(command.status)) return { events: [] }
  const { status, why } = command
  return { events: [{ type: 'incident_action_became', id, at, action: action.id, status, ...(why !== undefined && { why }) }] }
}

export const evolveAction = (incident: Incident, event: ActEvent): Incident => {
  const { at } = event
  const { actions = [] } = incident
  if (event.type === 'incident_action_proposed')
    return { ...incident, actions: [...actions, { ...event.action, proposed_at: at, confirmed: [], status: 'proposed', at }] }
  const changed = (action: PublicAction): PublicAction => {
    if (event.type === 'incident_action_became') {
      const { why: _, ...rest } = action
      return { ...rest, status: event.status, at, ...(event.why !== undefined && { why: event.why }) }
    }
    if (event.type === 'incident_action_stopped') {
      const { why: _, ...rest } = action
      return { ...rest, status: 'stopping', at }
    }
    // Who wanted it before somebody stopped it has not said that it may begin again.
    const confirmed = [...(action.status === 'stopped' ? [] : action.confirmed), { by: event.by, at }]
    const enough = confirmed.length >= action.persons
    return { ...action, confirmed, at, status: enough ? (incident.drill ? 'rehearsed' : 'confirmed') : 'proposed' }
  }
  return { ...incident, actions: actions.map(action => (action.id === event.action ? changed(action) : action)) }
}
