/**
 * What the station promises of whatever happens, counted from its journal and its state alone: no deadline is lost, nothing that
 * was raised is nobody's, what stands aside comes back, one open alert a key; and the journal folded again is what is true.
 */
import { type Alert, annunciated, evolveAlert, nextDueOfAlert } from '../../edge/domain/alert.ts'
import { runCard } from '../../edge/domain/dispatch.ts'
import { isAlertEvent, isIncidentEvent, isMaintenanceEvent } from '../../edge/domain/event.ts'
import { evolve, type Incident, nextDue, silentAgencies } from '../../edge/domain/incident.ts'
import { evolveMaintenance, type Maintenance, nextDueOfMaintenance, windowOver } from '../../edge/domain/maintenance.ts'
import type { Template } from '../../edge/domain/templates/template.ts'
import type { Entry } from '../../edge/ports.ts'
import type { State } from '../../edge/state.ts'
import { mustBe, mustEqual } from './histories.ts'

export type Standing =
  | 'closed'
  | 'aside'
  | 'acknowledged'
  | 'answered'
  | 'escalating'
  | 'escalated_to_the_end'
  | 'gone_unseen'
  | 'board_alone'
  | 'nobodys'

/** Where the incident of an alert has gone to. */
const ownerOf = ({ incident }: Alert, incidents: ReadonlyMap<string, Incident>): Incident | undefined => {
  let own = incident === undefined ? undefined : incidents.get(incident)
  while (own?.merged_into !== undefined) own = incidents.get(own.merged_into)
  return own
}

/** Whose an alert is now (I6): every one that was raised is exactly one of these, and none is nobody's. */
export const standingOf = (alert: Alert, incidents: ReadonlyMap<string, Incident>, template: Template): Standing => {
  if (alert.phase === 'closed') return 'closed'
  if (!annunciated(alert)) return 'aside'
  const owner = ownerOf(alert, incidents)
  if (owner?.phase === 'open')
    return silentAgencies(owner).length === 0 ? 'answered' : owner.unanswered ? 'escalated_to_the_end' : 'escalating'
  if (alert.acknowledged && !alert.branches) return 'acknowledged'
  if (!alert.active) return 'gone_unseen'
  return alert.acknowledged || runCard(template.cards, alert.kind, alert.severity) === undefined ? 'board_alone' : 'nobodys'
}

export const promisesHold = (state: State, template: Template, now: number): void => {
  const { alerts, incidents, maintenance, byKey } = state
  for (const one of incidents.values()) mustBe((nextDue(one)?.at ?? Infinity) > now, 'what was due of an incident has acted', one, now)
  for (const one of alerts.values()) mustBe((nextDueOfAlert(one)?.at ?? Infinity) > now, 'what was due of an alert has acted', one, now)
  for (const one of maintenance.values())
    mustBe((nextDueOfMaintenance(one)?.at ?? Infinity) > now, 'what was due of a window has acted', one, now)
  const keys = new Map<string, string>()
  for (const alert of alerts.values()) {
    if (alert.phase === 'closed') continue
    mustBe(!keys.has(alert.key), 'one thing is one alert', alert)
    keys.set(alert.key, alert.id)
    const standing = standingOf(alert, incidents, template)
    mustBe(standing !== 'nobodys', 'what was raised is somebody’s', alert, [...incidents.values()])
    const owner = ownerOf(alert, incidents)
    mustBe(owner?.phase !== 'open' || owner.alerts.includes(alert.id), 'an incident knows its alerts', alert, owner)
    if (alert.suppressed) {
      const cause = alerts.get(alert.suppressed.cause)
      mustBe(cause?.phase === 'open' && (cause.active || !alert.active), 'what stands in front of it is there', alert, cause)
    }
    const works = windowOver(maintenance.values(), alert)
    if (works && alert.active) mustBe(alert.out_of_service !== undefined, 'under works it calls nobody', alert, works)
    if (alert.out_of_service)
      mustBe(maintenance.get(alert.out_of_service.window)?.phase === 'open', 'out of service is only what is worked on', alert)
  }
  mustEqual(byKey, keys, 'each open alert is found by its key')
}

/** Folds the journal again by the domain alone (I5). */
const foldAll = (entries: readonly Entry[]) => {
  const alerts = new Map<string, Alert>()
  const incidents = new Map<string, Incident>()
  const maintenance = new Map<string, Maintenance>()
  for (const { event } of entries) {
    if (isAlertEvent(event)) alerts.set(event.id, evolveAlert(alerts.get(event.id), event))
    else if (isIncidentEvent(event)) incidents.set(event.id, evolve(incidents.get(event.id), event))
    else if (isMaintenanceEvent(event)) maintenance.set(event.id, evolveMaintenance(maintenance.get(event.id), event))
  }
  return { alerts, incidents, maintenance }
}

/** I5 and I6: state = journal folded again, and every alert raised is counted once. */
export const accountsBalance = (state: State, entries: readonly Entry[], template: Template): ReadonlyMap<Standing, number> => {
  const again = foldAll(entries)
  for (const name of ['alerts', 'incidents', 'maintenance'] as const)
    mustEqual(state[name], again[name], `${name} are those of the journal`)
  const of = (type: string): string[] => entries.flatMap(({ event }) => (event.type === type ? [event.id] : []))
  mustEqual(new Set(of('incident_opened')).size, of('incident_opened').length, 'each incident is opened once')
  mustEqual([...state.incidents.keys()].sort(), of('incident_opened').sort(), 'incidents are those that were opened')
  const counted = new Map<Standing, number>()
  for (const alert of state.alerts.values()) {
    const standing = standingOf(alert, state.incidents, template)
    counted.set(standing, (counted.get(standing) ?? 0) + 1)
  }
  const sum = [...counted.values()].reduce((a, b) => a + b, 0)
  mustEqual(sum, of('alert_raised').length, 'raised = acknowledged + answered + escalated + closed + open')
  mustEqual(counted.get('nobodys') ?? 0, 0, 'nothing is nobody’s')
  return counted
}
