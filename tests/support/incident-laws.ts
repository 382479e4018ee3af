/** What may never be true of an incident, whatever happened to it. */
import { type Incident, nextDue, placesOf, silentAgencies } from '../../edge/domain/incident.ts'
import { mustBe } from './histories.ts'
import { answered_from, statuses, within_s } from './incident-reference.ts'

const on = (incident: Incident) => Object.values(incident.responses).filter(({ status }) => status === 'on_scene')
const twice = (all: readonly unknown[]): boolean => new Set(all).size !== all.length
const laws: readonly (readonly [law: string, broken: (incident: Incident, now: number) => boolean])[] = [
  ['time brings nothing to what is closed', i => i.phase === 'closed' && nextDue(i) !== undefined],
  [
    'who is silent is due, or nobody is left to ask',
    i => i.phase === 'open' && silentAgencies(i).length > 0 && (i.due_at === undefined) !== i.unanswered
  ],
  [
    'when nobody is silent, nobody is asked further',
    i => silentAgencies(i).length === 0 && i.phase === 'open' && (i.due_at !== undefined || i.unanswered)
  ],
  ['what is due is not further away than its rung', (i, now) => i.due_at !== undefined && i.due_at > now + Math.max(...within_s) * 1000],
  ['it stands on one of its rungs', ({ level, ladder }) => level < 0 || level >= ladder.rungs.length],
  ['it is as bad as it ever was', ({ severity, highest }) => severity !== highest],
  [
    'two people in two roles closed what was red',
    i => i.phase === 'closed' && i.highest === 'red' && !i.merged_into && i.all_clear.length < 2
  ],
  [
    'the all-clear is given once a person and once a role',
    ({ all_clear }) => twice(all_clear.map(({ by }) => by)) || twice(all_clear.map(({ role }) => role))
  ],
  [
    'what is closed says when, by whom and how',
    i => (i.phase === 'closed') !== (i.closed_at !== undefined && !!i.closed_by && !!i.outcome)
  ],
  ['what was merged is closed as a duplicate', i => !!i.merged_into && (i.phase !== 'closed' || i.outcome !== 'duplicate')],
  [
    'who is on scene is to be heard from, or overdue',
    i => i.phase === 'open' && !!i.accountability_s && on(i).some(r => (r.check_due_at === undefined) === (r.overdue_at === undefined))
  ],
  [
    'only who is on scene is waited for so',
    i => Object.values(i.responses).some(r => r.status !== 'on_scene' && (r.check_due_at ?? r.overdue_at) !== undefined)
  ],
  [
    'who answered says since when',
    i => Object.values(i.responses).some(r => statuses.indexOf(r.status) >= answered_from && r.acknowledged_at === undefined)
  ],
  ['each step says since when', i => Object.values(i.responses).some(r => r.status !== 'declined' && r[`${r.status}_at`] === undefined)],
  [
    'what was not reached has no time',
    i => Object.values(i.responses).some(r => (r.done_at && r.status !== 'done') || (r.on_scene_at && !r.acknowledged_at))
  ],
  ['who declined says why', i => Object.values(i.responses).some(r => r.status === 'declined' && !r.reason)],
  ['a response is of its own unit', i => Object.entries(i.responses).some(([unit, r]) => r.unit !== unit || !r.agency)],
  [
    'nothing is listed twice',
    i =>
      twice(i.alerts) ||
      twice(placesOf(i)) ||
      twice(i.needs) ||
      twice((i.tasks ?? []).map(({ id }) => id)) ||
      twice((i.attachments ?? []).map(({ sha256 }) => sha256))
  ],
  ['a task is done or cancelled, not both', i => (i.tasks ?? []).some(({ done, cancelled }) => done && cancelled)],
  [
    'only a task with a deadline is overdue, and then it is over',
    i => (i.tasks ?? []).some(({ due_at, overdue_at }) => overdue_at !== undefined && (due_at ?? Infinity) > overdue_at)
  ],
  ['notes are in the order they were written', ({ notes }) => notes.some(({ at }, n) => at > (notes[n + 1]?.at ?? at))]
]
export const lawful = (incident: Incident, now: number): void => {
  for (const [law, broken] of laws) mustBe(!broken(incident, now), law, incident)
}
