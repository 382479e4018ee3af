/** What time alone will bring to an incident, and how far it has come. */
import { answered, order } from './asking.ts'
import type { Ask, Incident } from './incident.ts'
import type { ResponseStatus, Stage } from './vocabulary.ts'

/** What time alone will bring, and when. Whom an escalation asks is added by the dispatcher. */
export type Due = { readonly at: number } & (
  | { readonly type: 'escalate'; readonly ask: Ask }
  | { readonly type: 'unit_overdue'; readonly unit: string }
  | { readonly type: 'task_overdue'; readonly task: string }
)

/** The next thing that time alone will bring, if nobody speaks before. */
export const nextDue = (incident: Incident): Due | undefined => {
  if (incident.phase === 'closed') return undefined
  let first: Due | undefined
  const consider = (due: Due): void => {
    if (first === undefined || due.at < first.at) first = due
  }
  if (incident.due_at !== undefined)
    consider({ at: incident.due_at, type: 'escalate', ask: incident.ladder.rungs[incident.level + 1]?.ask ?? 'city' })
  for (const { unit, check_due_at } of Object.values(incident.responses))
    if (check_due_at !== undefined) consider({ at: check_due_at, type: 'unit_overdue', unit })
  for (const { id, due_at, overdue_at, done, cancelled } of incident.tasks ?? [])
    if (due_at !== undefined && overdue_at === undefined && !done && !cancelled) consider({ at: due_at, type: 'task_overdue', task: id })
  return first
}

/** How far it has come, in the words of a case file: derived, so that it can never disagree with what happened. */
export const stageOf = (incident: Incident): Stage => {
  if (incident.phase === 'closed') return 'closed'
  if (incident.all_clear.length >= (incident.highest === 'red' ? 2 : 1)) return 'cleared'
  const going = Object.values(incident.responses).filter(answered)
  const reached = (status: ResponseStatus): boolean => going.some(response => order.indexOf(response.status) >= order.indexOf(status))
  if (going.length > 0 && going.every(({ status }) => status === 'done')) return 'handled'
  if (reached('on_scene')) return 'on_scene'
  if (reached('en_route')) return 'under_way'
  if (going.length > 0) return 'answered'
  return Object.keys(incident.responses).length > 0 ? 'dispatched' : 'reported'
}
