/**
 * What calls nobody although its condition is there: alerts of things under maintenance, and alerts that are only the
 * consequence of another. Both are listed, and both come back by themselves when the reason is gone.
 */
import type { Alert, AlertCommand } from './domain/alert.ts'
import type { Wiring } from './domain/dependency.ts'
import {
  decideMaintenance,
  type Maintenance,
  type MaintenanceCommand,
  type MaintenancePlan,
  nextDueOfMaintenance,
  planMaintenance,
  windowOver
} from './domain/maintenance.ts'
import { behind_one, causeKey, causeOf, common_cause, explainedBy, failedBehind, failedTogether, hangingOn } from './domain/suppression.ts'
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
  readonly device?: string
  readonly severity: Severity
  readonly because: Sentence
  readonly drill?: true
}

const few_left_ms = 60_000

export const openStandingAside = ({
  clock,
  ledger,
  state,
  newId,
  alertCommand,
  raise,
  clear,
  wiring,
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
  readonly wiring: Wiring
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
    return [...stand(alert), ...(alert.device === undefined ? [] : takeAlong(alert.device))]
  }

  /** Puts an alert behind its cause, a known one or one that is found now. Says nothing when it stands for itself. */
  const stand = (alert: Alert): readonly Promise<void>[] => {
    const all = open()
    const known = causeOf(alert, all, wiring)
    if (known !== undefined) return order(alert.id, { type: 'suppress', cause: known })
    const behind = failedBehind(alert, all, wiring)
    if (behind !== undefined) return infer(alert, behind.failed, behind.support)
    const together = failedTogether(all, clock.now(), alert.drill === true)
    return together.length > 0 && together.includes(alert) ? infer(alert, together) : []
  }

  /** Nobody has said it, but this must have failed: the thing they all hang on, or something they have in common. */
  const infer = (alert: Alert, failed: readonly Alert[], support?: string): readonly Promise<void>[] => {
    const drill = alert.drill === true
    const key = causeKey(support, drill)
    const because: Sentence =
      support === undefined
        ? { say: 'failed_together', with: { count: failed.length } }
        : {
            say: 'failed_behind',
            with: { thing: support, count: new Set(failed.map(({ device }) => device)).size, all: wiring.dependents(support) }
          }
    const itself = support === undefined ? undefined : open().find(({ device }) => device === support)
    const zone = (itself ?? failed[0] ?? alert).zone
    const raised = raise({
      ...{ ...common_cause, key, zone, because },
      ...(support !== undefined && { device: support }),
      ...(drill && { drill: true as const })
    })
    const found = state.byKey.get(key)
    return [raised, ...(found === undefined ? [] : failed.flatMap(({ id }) => order(id, { type: 'suppress', cause: found })))]
  }

  /** What hangs on it was perhaps noticed first. */
  const takeAlong = (support: string): readonly Promise<void>[] => {
    if (wiring.dependents(support) === 0) return []
    const all = open()
    return hangingOn(support, all, wiring).flatMap(one => {
      const cause = one.active && !one.out_of_service ? causeOf(one, all, wiring) : undefined
      return cause === undefined ? [] : order(one.id, { type: 'suppress', cause })
    })
  }

  /** Something ended: what it stood in front of has another cause or comes back, and a cause that hardly anybody suffers from is over. */
  const back = (ended: Alert): readonly Promise<void>[] => {
    const kept = explainedBy(ended.id, open()).flatMap(({ id }) => {
      const one = state.alerts.get(id)
      if (one?.suppressed?.cause !== ended.id) return []
      const found = one.active ? stand(one) : []
      return state.alerts.get(id)?.suppressed?.cause === ended.id ? [...found, ...order(id, { type: 'unsuppress' })] : found
    })
    for (const cause of open()) kept.push(...overIfFew(cause))
    return kept
  }

  /**
   * What failed together is over when all of it works. Of a thing on which others hang the last few may have faults of their own:
   * they come back when they have not followed the others within a minute.
   */
  const overIfFew = (cause: Alert, waited = false): readonly Promise<void>[] => {
    if (cause.rule !== common_cause.rule || !cause.active) return []
    const left = explainedBy(cause.id, open()).filter(({ active }) => active).length
    const few = cause.device !== undefined && left < behind_one
    if (left === 0 || (few && waited)) return [clear(cause.key, { say: 'works_again', with: {} })]
    ledger.arm(`few left ${cause.id}`, few ? clock.now() + few_left_ms : undefined, () => {
      const now = state.alerts.get(cause.id)
      if (now !== undefined) overIfFew(now, true)
    })
    return []
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
      for (const cause of open()) overIfFew(cause)
    }
  }
}
