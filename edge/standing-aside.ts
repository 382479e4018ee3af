/**
 * What calls nobody although its condition is there: alerts of things under maintenance, and alerts that are only the
 * consequence of another. Both are listed, and both come back by themselves when the reason is gone.
 */
import type { Alert, AlertCommand } from './domain/alert.ts'
import {
  decideMaintenance,
  type Maintenance,
  type MaintenanceCommand,
  type MaintenancePlan,
  nextDueOfMaintenance,
  planMaintenance,
  windowOver
} from './domain/maintenance.ts'
import { causeOf, common_cause, explainedBy, failedTogether } from './domain/suppression.ts'
import type { IncidentKind, Severity } from './domain/vocabulary.ts'
import type { Sentence } from './domain/words.ts'
import type { Ledger } from './ledger.ts'
import type { Answer, Clock } from './ports.ts'
import type { State } from './state.ts'

export type StandingAside = {
  /** Looks at an alert that was raised or changed; says whether it now stands aside. */
  readonly look: (alert: Alert) => readonly Promise<void>[]
  readonly plan: (plan: MaintenancePlan) => Answer<Maintenance>
  readonly command: (id: string, command: MaintenanceCommand) => Answer<Maintenance>
  readonly start: () => void
}
type Cause = {
  readonly key: string
  readonly rule: string
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly because: Sentence
}

export const openStandingAside = ({
  clock,
  ledger,
  state,
  newId,
  alertCommand,
  raise,
  clear,
  bridgeOf,
  missed,
  onRound
}: {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly state: State
  readonly newId: (letter: string) => string
  readonly alertCommand: (alert: string, command: AlertCommand) => Answer<Alert>
  readonly raise: (cause: Cause) => Promise<void>
  readonly clear: (key: string, because: Sentence) => Promise<void>
  readonly bridgeOf: (device: string) => string | undefined
  /** A round of the standing-in patrol was not reported. */
  readonly missed: (window: Maintenance) => void
  readonly onRound: (window: string) => void
}): StandingAside => {
  const open = (): Alert[] => [...state.alerts.values()].filter(({ phase }) => phase === 'open')
  const order = (alert: string, command: AlertCommand): readonly Promise<void>[] => {
    const answer = alertCommand(alert, command)
    return 'refused' in answer ? [] : [answer.kept]
  }

  const look = (alert: Alert): readonly Promise<void>[] => {
    if (alert.phase === 'closed' || !alert.active) return back(alert)
    const window = alert.drill ? undefined : windowOver(state.maintenance.values(), alert)
    if (window !== undefined) return order(alert.id, { type: 'out_of_service', window: window.id, until: window.until })
    if (alert.rule === common_cause.rule) return []
    const all = open()
    const cause = causeOf(alert, all, bridgeOf)
    if (cause !== undefined) return order(alert.id, { type: 'suppress', cause })
    const failed = failedTogether(all, clock.now())
    const first = failed[0]
    if (first === undefined) return []
    const because: Sentence = { say: 'failed_together', with: { count: failed.length } }
    const raised = raise({ ...common_cause, zone: first.zone, because })
    const found = state.byKey.get(common_cause.key)
    return [raised, ...(found === undefined ? [] : failed.flatMap(({ id }) => order(id, { type: 'suppress', cause: found })))]
  }

  /** Something ended: what it stood in front of comes back, and a cause nobody suffers from any more is over. */
  const back = (ended: Alert): readonly Promise<void>[] => {
    const kept = explainedBy(ended.id, open()).flatMap(({ id }) => order(id, { type: 'unsuppress' }))
    const cause = state.byKey.get(common_cause.key)
    const still = cause === undefined || explainedBy(cause, open()).some(({ active }) => active)
    return still ? kept : [...kept, clear(common_cause.key, { say: 'works_again', with: {} })]
  }

  /** Its window has ended; another one may still stand over it. */
  const release = (alert: Alert): readonly Promise<void>[] => {
    const other = windowOver(state.maintenance.values(), alert)
    return order(alert.id, other ? { type: 'out_of_service', window: other.id, until: other.until } : { type: 'in_service' })
  }

  const arm = (window: Maintenance): void => {
    const due = nextDueOfMaintenance(window)
    ledger.arm(window.id, due?.at, () => {
      const now = state.maintenance.get(window.id)
      const next = now && nextDueOfMaintenance(now)
      if (next !== undefined) command(window.id, next.command)
    })
  }

  const command = (id: string, what: MaintenanceCommand): Answer<Maintenance> => {
    const window = state.maintenance.get(id)
    if (window === undefined) return { refused: 'no_such_window' }
    const decision = decideMaintenance(window, what, clock.now())
    if ('refused' in decision) return decision
    const kept = [ledger.record(decision.events)]
    const now = state.maintenance.get(id) ?? window
    arm(now)
    if (now.phase === 'open' && window.phase === 'planned') kept.push(...open().flatMap(look))
    if (now.phase === 'ended') for (const alert of open()) if (alert.out_of_service?.window === id) kept.push(...release(alert))
    if (now.missed > window.missed) missed(now)
    if (what.type === 'round' || now.phase === 'ended') onRound(id)
    return { state: now, kept: Promise.all(kept).then(() => undefined) }
  }

  return {
    look,
    plan: plan => {
      const id = newId('m')
      const decision = planMaintenance({ id, ...plan }, clock.now())
      if ('refused' in decision) return decision
      const kept = ledger.record(decision.events)
      const window = state.maintenance.get(id)
      if (window === undefined) throw new Error(`maintenance ${id} was planned and is not there`)
      if (window.from > clock.now()) arm(window)
      else command(id, { type: 'begin' })
      return { state: state.maintenance.get(id) ?? window, kept }
    },
    command,
    start: () => {
      for (const window of [...state.maintenance.values()]) arm(window)
    }
  }
}
