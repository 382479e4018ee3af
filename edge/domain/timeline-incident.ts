/** What is said of an incident in the timeline. */
import { sayEvidence } from './evidence-words.ts'
import type { Asked, IncidentEvent, Task } from './incident.ts'
import { sayTask } from './incident-work.ts'
import { sayPower } from './powers.ts'
import { relations } from './sought.ts'
import { part, type See, sayNamed, type Teller, type Telling } from './timeline-telling.ts'
import { type Agency, agencies, listed, type ResponseStatus } from './vocabulary.ts'
import { sayTrouble } from './words.ts'

export const tellIncident: Teller<IncidentEvent> = {
  incident_opened: ({ zone, kind, severity, because, needs, ask }, see) => ({
    category: 'decision',
    say: 'incident_opened',
    with: { zone: see.zone(zone), kind, level: severity },
    add: [
      part('because', 'because', sayNamed(because, see, see.locale)),
      part('needs', 'needs', named(needs, see)),
      part('asked', 'asked', asked(ask, see))
    ]
  }),
  incident_response: ({ unit, by, status, reason }, see) => ({
    category: kindOf[status],
    say: 'incident_response',
    with: { unit: unitNamed(unit, see), status },
    add: [by === unit ? undefined : part('person', 'by', by), part('reason', 'reason', reason)],
    agency: see.agencyOf(unit),
    unit,
    by
  }),
  incident_escalated: ({ level, silent, ask }, see) => ({
    category: 'call',
    say: 'incident_escalated',
    with: { silent: named(silent, see), rung: level + 1 },
    add: [ask.length === 0 ? ['asked_nobody', {}] : part('asked', 'asked', asked(ask, see))]
  }),
  incident_unanswered: ({ silent }, see) => ({ category: 'system', say: 'incident_unanswered', with: { silent: named(silent, see) } }),
  incident_asked: ({ ask }, see) => ({ category: 'call', say: 'incident_asked', add: [part('asked', 'asked', asked(ask, see))] }),
  incident_worsened: ({ at, state, again }, see) => ({
    category: 'evidence',
    say: state.places?.at(-1)?.at === at ? 'incident_reached' : again === undefined ? 'incident_worsened' : 'incident_again',
    with: { level: state.severity, zone: see.zone(state.places?.at(-1)?.zone ?? state.zone) },
    add: [
      part('because', 'because', sayNamed(again ?? state.because, see, see.locale)),
      part('needs', 'needs', named(state.needs, see)),
      part('asked', 'asked', asked(newlyAsked(state.responses, at), see))
    ]
  }),
  incident_action_proposed: ({ action: { id, kind } }) => ({
    category: 'system',
    say: 'incident_action_proposed',
    with: { order: kind, channel: id }
  }),
  incident_action_confirmed: ({ action, by }) => ({
    category: 'decision',
    say: 'incident_action_confirmed',
    with: { channel: action, by },
    by
  }),
  incident_action_stopped: ({ action, by }) => ({
    category: 'decision',
    say: 'incident_action_stopped',
    with: { channel: action, by },
    by
  }),
  incident_action_became: ({ action, status, why }, see) => ({
    category: 'action',
    say: 'incident_action_became',
    with: { channel: action, action: status },
    add: [why === undefined ? undefined : part('reason', 'reason', sayTrouble(why, see.locale))]
  }),
  incident_linked: () => ({ category: 'system', say: 'incident_linked' }),
  incident_weighed: ({ hypothesis: { kind, grade, points, evidence }, ask }, see) => ({
    category: 'evidence',
    say: 'incident_weighed',
    with: { kind, grade, points, count: evidence.length },
    add: [
      part(
        'evidence',
        'evidence',
        listed(
          evidence.map(one => sayEvidence(one, see, see.locale)),
          see.locale
        )
      ),
      ask.length === 0 ? undefined : part('asked', 'asked', asked(ask, see))
    ]
  }),
  incident_noted: ({ by, text, step }, see) =>
    step === undefined
      ? { category: 'action', say: 'incident_noted', with: { by, text }, by }
      : { category: 'action', say: 'incident_step', with: { by, step: see.step(step) }, add: [part('said', 'text', text)], by },
  incident_task_added: ({ task }, see) => ({
    category: 'decision',
    say: 'incident_task_added',
    with: { by: task.by, text: sayTask(task, see.locale) },
    add: [
      part('assigned', 'to', task.unit === undefined ? agencyNamed(task.agency, see) : see.unit(task.unit)),
      part('power', 'power', powerSaid(task, see)),
      part('due', 'due', task.due_at === undefined ? undefined : see.clock(task.due_at))
    ],
    agency: task.agency,
    ...(task.unit !== undefined && { unit: task.unit }),
    by: task.by
  }),
  incident_task_done: ({ task, by, answer }, see) => ({
    category: 'action',
    say: 'incident_task_done',
    with: { by, task: see.task(task) },
    add: [part('said', 'text', answer)],
    by
  }),
  incident_task_cancelled: ({ task, by }, see) => ({
    category: 'decision',
    say: 'incident_task_cancelled',
    with: { by, task: see.task(task) },
    by
  }),
  incident_task_overdue: ({ task }, see) => ({ category: 'system', say: 'incident_task_overdue', with: { task: see.task(task) } }),
  incident_attached: ({ attachment: { by, name, bytes, sha256, text } }) => ({
    category: 'evidence',
    say: 'incident_attached',
    // As text: a name is not a number, and neither is rounded.
    with: { by, name, bytes: String(bytes), sha256 },
    add: [part('said', 'text', text)],
    by
  }),
  incident_checked_in: ({ unit, by }, see) => ({
    category: 'action',
    say: 'incident_checked_in',
    with: { unit: unitNamed(unit, see) },
    add: [part('person', 'by', by)],
    agency: see.agencyOf(unit),
    unit,
    by
  }),
  incident_unit_overdue: ({ unit }, see) => ({
    category: 'system',
    say: 'incident_unit_overdue',
    with: { unit: unitNamed(unit, see) },
    agency: see.agencyOf(unit),
    unit
  }),
  incident_handed_over: ({ by, to, checked, receipt }, { locale }) => ({
    category: 'action',
    say: checked ? 'incident_handed_over_checked' : 'incident_handed_over',
    with: { by, to: relations[to][locale], receipt },
    by
  }),
  incident_all_clear: ({ by, role }) => ({ category: 'decision', say: 'incident_all_clear', with: { by, role }, by }),
  incident_closed: ({ by, outcome, text }) => ({
    category: 'decision',
    say: 'incident_closed',
    with: { by, outcome },
    add: [part('reason', 'reason', text)],
    by
  }),
  incident_reopened: ({ by, reason, ask }, see) => ({
    category: 'decision',
    say: 'incident_reopened',
    with: { by },
    add: [part('reason', 'reason', reason), part('asked', 'asked', asked(ask, see))],
    by
  }),
  incident_absorbed: ({ by, other }) => ({ category: 'decision', say: 'incident_absorbed', with: { by, other }, by }),
  incident_merged: ({ by, into, reason }) => ({
    category: 'decision',
    say: 'incident_merged',
    with: { by, into },
    add: [part('reason', 'reason', reason)],
    by
  }),
  incident_split: ({ by, to, alerts, reason }) => ({
    category: 'decision',
    say: 'incident_split',
    with: { by, to, count: alerts.length },
    add: [part('reason', 'reason', reason)],
    by
  })
}

const kindOf: Readonly<Record<ResponseStatus, Telling['category']>> = {
  asked: 'call',
  shown: 'receipt',
  heard: 'receipt',
  acknowledged: 'answer',
  declined: 'answer',
  en_route: 'action',
  on_scene: 'action',
  done: 'action'
}

const named = (list: readonly Agency[], { locale }: See): string =>
  listed(
    list.map(agency => agencies[agency][locale]),
    locale
  )
const agencyNamed = (agency: Agency | undefined, see: See): string | undefined => agency && agencies[agency][see.locale]
const asked = (ask: readonly Asked[], see: See): string =>
  listed(
    ask.map(({ unit, agency }) => withAgency(see.unit(unit), agency, see)),
    see.locale
  )
const unitNamed = (unit: string, see: See): string => withAgency(see.unit(unit), see.agencyOf(unit), see)
const withAgency = (name: string, agency: Agency | undefined, { locale }: See): string => {
  if (agency === undefined || agencies[agency][locale] === name) return name
  return locale === 'en' ? `${name} (${agencies[agency].en})` : `${name}（${agencies[agency]['zh-CN']}）`
}
/** By which agency's power it is to be done. */
const powerSaid = ({ power, agency, unit }: Task, see: See): string | undefined => {
  const doing = agency ?? (unit === undefined ? undefined : see.agencyOf(unit))
  return power === undefined || doing === undefined ? undefined : sayPower(doing, power, see.locale)
}
const newlyAsked = (responses: Readonly<Record<string, Asked & { readonly asked_at: number }>>, at: number): readonly Asked[] =>
  Object.values(responses).filter(({ asked_at }) => asked_at === at)
