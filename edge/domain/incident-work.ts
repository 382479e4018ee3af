/** The work of an incident: tasks with deadlines, evidence by its hash, and whether those on scene are well. */
import { responseOf } from './asking.ts'
import type { Command, Decision, Incident, Response, Task } from './incident.ts'
import { powerOf } from './powers.ts'
import { isSearch } from './sought.ts'
import type { Locale } from './vocabulary.ts'
import { inLanguage } from './words.ts'

type Work = Extract<
  Command,
  { type: 'add_task' | 'hand_over' | 'finish_task' | 'cancel_task' | 'task_overdue' | 'attach' | 'check_in' | 'unit_overdue' }
>
/** Tasks, evidence, and whether those on scene are well. */
export const decideWork = (incident: Incident, command: Work, at: number): Decision => {
  const { id } = incident
  const taskOf = (task: string): Task | undefined => incident.tasks?.find(one => one.id === task)
  switch (command.type) {
    case 'add_task':
      if (command.task.due_at !== undefined && command.task.due_at <= at) return { refused: 'deadline_is_over' }
      if (taskOf(command.task.id) !== undefined) return { refused: 'already_asked' }
      if (lacksPower(incident, command.task)) return { refused: 'power_missing' }
      return { events: [{ type: 'incident_task_added', id, at, task: { ...command.task, at } }] }
    case 'finish_task':
    case 'cancel_task': {
      const task = taskOf(command.task)
      if (task === undefined) return { refused: 'no_such_task' }
      if (task.done || task.cancelled) return { refused: 'already_answered' }
      if (command.type === 'cancel_task') return { events: [{ type: 'incident_task_cancelled', id, at, task: task.id, by: command.by }] }
      if (task.answers !== undefined && !task.answers.includes(command.answer ?? ''))
        return { refused: 'answer_missing', missing: task.answers }
      const answer = command.answer === undefined ? {} : { answer: command.answer }
      return { events: [{ type: 'incident_task_done', id, at, task: task.id, by: command.by, ...answer }] }
    }
    case 'task_overdue': {
      const task = taskOf(command.task)
      const due = task && !task.done && !task.cancelled && task.overdue_at === undefined && task.due_at !== undefined && task.due_at <= at
      return { events: due ? [{ type: 'incident_task_overdue', id, at, task: command.task }] : [] }
    }
    case 'attach': {
      const { type: _, ...attachment } = command
      if (incident.attachments?.some(({ sha256 }) => sha256 === attachment.sha256)) return { refused: 'already_attached' }
      return { events: [{ type: 'incident_attached', id, at, attachment: { ...attachment, at } }] }
    }
    case 'hand_over':
      if (!isSearch(incident.kind)) return { refused: 'nobody_is_sought' }
      if (incident.handed_over !== undefined) return { refused: 'already_handed_over' }
      return { events: [{ ...command, type: 'incident_handed_over', id, at }] }
    case 'check_in': {
      const response = responseOf(incident, command.unit)
      if (response === undefined) return { refused: 'not_asked' }
      if (response.status !== 'on_scene') return { refused: 'not_on_scene' }
      return { events: [{ type: 'incident_checked_in', id, at, unit: command.unit, by: command.by }] }
    }
    case 'unit_overdue': {
      const due = responseOf(incident, command.unit)?.check_due_at
      return { events: due !== undefined && due <= at ? [{ type: 'incident_unit_overdue', id, at, unit: command.unit }] : [] }
    }
  }
}

/** Nobody is told to do what their agency may not do. A task for nobody in particular is for whoever may. */
const lacksPower = (incident: Incident, { power, agency, unit }: Pick<Task, 'power' | 'agency' | 'unit'>): boolean => {
  const doing = agency ?? (unit === undefined ? undefined : responseOf(incident, unit)?.agency)
  return power !== undefined && doing !== undefined && !powerOf(doing, power).may
}

/** The station's own tasks are written in both languages; what a person wrote is shown as it is. */
export const sayTask = ({ text, answers }: Pick<Task, 'text' | 'answers'>, locale: Locale): string =>
  answers === undefined ? text : inLanguage(text, locale)

export const withTask = (incident: Incident, id: string, change: Partial<Task>): Incident => ({
  ...incident,
  tasks: (incident.tasks ?? []).map(task => (task.id === id ? { ...task, ...change } : task))
})

export const withResponse = (incident: Incident, unit: string, change: (response: Response) => Response): Incident => {
  const response = responseOf(incident, unit)
  return response === undefined ? incident : { ...incident, responses: { ...incident.responses, [unit]: change(response) } }
}

/** A unit on scene must be heard from again within the time of its run card. */
export const watched = ({ accountability_s }: Incident, response: Response, at: number): Response => {
  const { check_due_at: _, ...rest } = response
  return accountability_s !== undefined && response.status === 'on_scene' ? { ...rest, check_due_at: at + accountability_s * 1000 } : rest
}

/** The incident is watched more closely than before: who is on scene already is heard from no later than the new time asks. */
export const accountable = (incident: Incident, accountability_s: number | undefined, at: number): Incident => {
  const closer = Math.min(accountability_s ?? Infinity, incident.accountability_s ?? Infinity)
  if (closer === Infinity) return incident
  const due = at + closer * 1000
  const sooner = (response: Response): Response =>
    response.status === 'on_scene' && response.overdue_at === undefined
      ? { ...response, check_due_at: Math.min(response.check_due_at ?? due, due) }
      : response
  const responses = Object.fromEntries(Object.values(incident.responses).map(response => [response.unit, sooner(response)]))
  return { ...incident, accountability_s: closer, responses }
}
