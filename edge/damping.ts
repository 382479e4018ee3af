/**
 * Damping at work: what flaps is held as it is, its changes are counted, and what it came to is said when it has kept still.
 * Only the penalty is remembered here; that an alert is held is in the alert, and so outlives a restart.
 */
import { unsetClock } from './clock.ts'
import type { Alert, AlertCommand } from './domain/alert.ts'
import { callsAnew, calmAt, cameAgain, holds, isTold, mayBeHeld, noPenalty, type Penalty } from './domain/flap-damping.ts'
import type { Verdict } from './domain/rules/rule.ts'
import { rank } from './domain/vocabulary.ts'
import type { Ledger } from './ledger.ts'
import type { Answer, Clock } from './ports.ts'
import type { State } from './state.ts'

type Source = { penalty: Penalty; changes: number; last?: Verdict }

export type Damping = {
  /** A rule has changed its mind about what the alert of this key stands for. True: it flaps, and nothing more is to be done now. */
  readonly held: (key: string, kind: Alert['kind'], verdict: Verdict) => boolean
  readonly start: () => void
}

/** Sources remembered; of more the one that has been still the longest is forgotten, and begins without a penalty. */
const most_sources = 20_000

export const openDamping = ({
  clock: wall,
  ledger,
  state,
  alertCommand,
  say
}: {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly state: State
  readonly alertCommand: (alert: string, command: AlertCommand) => Answer<Alert>
  /** What a held alert came to, said when it is steady. */
  readonly say: (alert: Alert, verdict: Verdict) => void
}): Damping => {
  // A penalty fades with the time that passes, not with what the clock is set to.
  const clock = unsetClock(wall)
  const sources = new Map<string, Source>()
  const openOf = (key: string): Alert | undefined => state.alerts.get(state.byKey.get(key) ?? '')

  const sourceOf = (key: string): Source => {
    const source = sources.get(key) ?? { penalty: noPenalty(clock.now()), changes: 0 }
    sources.delete(key)
    sources.set(key, source)
    const oldest = sources.keys().next()
    if (sources.size > most_sources && !oldest.done) sources.delete(oldest.value)
    return source
  }

  /** People have closed what it called them for: it calls them anew, however it flapped before. */
  const isSettled = ({ incident, kind }: Alert): boolean =>
    callsAnew.includes(kind) && incident !== undefined && state.incidents.get(incident)?.phase === 'closed'

  const arm = (key: string, { penalty }: Source): void => ledger.arm(`flapping ${key}`, calmAt(penalty) + clock.steps(), () => steady(key))

  const steady = (key: string): void => {
    const source = sources.get(key)
    const alert = openOf(key)
    if (alert?.flapping === undefined) return
    alertCommand(alert.id, { type: 'steady', changes: source?.changes ?? alert.flapping.changes })
    const last = source?.last
    if (source !== undefined) {
      source.changes = 0
      delete source.last
    }
    if (last !== undefined) say(alert, last)
  }

  return {
    held: (key, kind, verdict) => {
      const alert = openOf(key)
      if (!mayBeHeld(alert ?? { kind })) return false
      const source = sourceOf(key)
      const flapping = alert?.flapping !== undefined
      const there = flapping ? (source.last?.raised ?? true) : alert?.active === true
      if (verdict.raised && !there) source.penalty = cameAgain(source.penalty, clock.now())
      // What stands behind a cause disturbs nobody, and its cause must end with it.
      if (alert === undefined || !alert.active || (alert.suppressed && !flapping)) return false
      const worse = verdict.raised && rank(verdict.severity) > rank(alert.severity)
      if (flapping && verdict.raised && isSettled(alert)) {
        steady(key)
        return false
      }
      // Who looks every second says the same every second: only what is different is a change.
      if (flapping && isSame(source.last ?? { raised: true, severity: alert.severity }, verdict)) return true
      if (!flapping && !(holds(source.penalty, clock.now()) && !verdict.raised)) return false
      // Kept even when it is worse: what was there before is not what it came to.
      source.changes++
      if (worse) {
        delete source.last
        return false
      }
      source.last = verdict
      if (!flapping || isTold(source.changes)) alertCommand(alert.id, { type: 'flap', changes: source.changes })
      arm(key, source)
      return true
    },
    start: () => {
      for (const { key, flapping } of state.alerts.values()) {
        if (flapping === undefined) continue
        const penalty = { points: damping_after_restart, at: clock.now() }
        const source: Source = sources.get(key) ?? { penalty, changes: flapping.changes }
        sources.set(key, source)
        arm(key, source)
      }
    }
  }
}

type Said = Pick<Extract<Verdict, { raised: true }>, 'raised' | 'severity'> | { readonly raised: false }
const isSame = (before: Said, now: Said): boolean => (before.raised ? now.raised && before.severity === now.severity : !now.raised)

/** How bad it was is not known any more: a few minutes of stillness are asked of it. */
const damping_after_restart = 1.5
