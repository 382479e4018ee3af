/**
 * The roster at work: changes of duty, the watch over minimum cover, and the passing of command. What time alone brings
 * (cover that will break, an offer that nobody answered) is asked of the state, and each has one timer.
 */
import {
  decideCommand,
  type HandoverCommand,
  nextDueOfCommand,
  type OpenItem,
  type Owner,
  ownerAt,
  type Situation
} from './domain/command-post.ts'
import { type Cover, coverKey, coverVerdicts, nextCoverChange } from './domain/cover.ts'
import { decideDutyChange } from './domain/duty-change.ts'
import type { Event } from './domain/event.ts'
import type { Roster } from './domain/roster.ts'
import { isDutyCommand, type RosterCommand, type RosterEvent, type RosterState } from './domain/roster-state.ts'
import type { Verdict } from './domain/rules/rule.ts'
import type { Agency } from './domain/vocabulary.ts'
import { allOf } from './ledger.ts'
import type { Answer, Clock, RosterNow } from './ports.ts'
import type { Subject } from './watch.ts'

export type RosterDesk = {
  readonly now: () => RosterNow
  readonly command: (command: RosterCommand) => Answer<RosterNow>
  readonly owner: () => Owner
  /** Looks at cover and at what fell due while the station was down. */
  readonly start: () => void
  readonly close: () => void
}

export const cover_rule = 'cover'

export const openRosterDesk = ({
  clock,
  state,
  roster,
  covers,
  first,
  open,
  record,
  raise,
  warned,
  log
}: {
  readonly clock: Clock
  readonly state: () => RosterState
  readonly roster: () => Roster
  readonly covers: readonly Cover[]
  /** The agency that answers for the station when nobody commands it. */
  readonly first: Agency
  readonly open: () => readonly OpenItem[]
  readonly record: (events: readonly Event[]) => Promise<void>
  readonly raise: (subject: Subject, verdict: Verdict) => Promise<void>
  /** Open alerts about cover. */
  readonly warned: () => readonly Subject[]
  readonly log: (message: string, fields?: object) => void
}): RosterDesk => {
  let cancelLook = (): void => undefined
  let cancelDue = (): void => undefined

  const situation = (): Situation => ({
    open: open(),
    commanders: (roster().people ?? []).filter(({ roles }) => roles.includes('duty_commander')).map(({ name }) => name)
  })
  const owner = (): Owner => ownerAt(state().command, roster(), first, clock.now())
  const now = (): RosterNow => {
    const { changes, command } = state()
    return { plan: changes, people: [], ...roster(), covers, command, owner: owner(), open: open() }
  }

  const look = (): readonly Promise<void>[] => {
    cancelLook()
    const at = clock.now()
    const plan = roster()
    cancelLook = clock.wake(nextCoverChange(covers, plan, at), look)
    const said = coverVerdicts(covers, plan, at).map(({ cover, verdict }) => raise(subjectOf(cover), verdict))
    // A cover that is no longer asked for cannot be missing.
    const asked = new Set(covers.map(coverKey))
    const gone = warned().filter(({ key }) => !asked.has(key))
    return [...said, ...gone.map(subject => raise(subject, { raised: false, because: { say: 'cover_not_asked', with: {} } }))]
  }

  const arm = (): void => {
    cancelDue()
    const due = nextDueOfCommand(state().command)
    cancelDue = due === undefined ? () => undefined : clock.wake(due.at, () => void pass(due.command))
  }

  const pass = (command: HandoverCommand): Answer<RosterNow> => {
    const decision = decideCommand(state().command, command, situation(), clock.now())
    if ('refused' in decision) return decision
    const kept = record(decision.events)
    for (const event of decision.events) tell(event)
    arm()
    return { state: now(), kept }
  }

  const tell = (event: RosterEvent): void => {
    if (event.type === 'handover_confirmed') log(`command passed from ${event.by} to ${event.to}: read back and confirmed`)
    if (event.type === 'handover_taken')
      log(`${event.by} took the command${event.from === undefined ? '' : ` from ${event.from}`}: ${event.reason}`)
    if (event.type === 'handover_expired') log(`hand-over ${event.id} was not completed in time; the command stays with ${event.from}`)
  }

  return {
    now,
    owner,
    command: command => {
      if (!isDutyCommand(command)) return pass(command)
      const decision = decideDutyChange(state().changes, command, roster().units, clock.now())
      if ('refused' in decision) return decision
      const kept = [record(decision.events), ...look()]
      return { state: now(), kept: allOf(kept) }
    },
    start: () => {
      look()
      arm()
    },
    close: () => {
      cancelLook()
      cancelDue()
    }
  }
}

const subjectOf = (cover: Cover): Subject => ({ key: coverKey(cover), rule: cover_rule, zone: cover.zone ?? '' })
