/**
 * The duty desk: alerts and incidents, who is asked, what time brings. Everything that happens here is an event and
 * goes the same way: numbered and handed to the journal, folded into the state, shown to people, kept on disk.
 */
import { randomBytes } from 'node:crypto'
import { openCalling } from './calling.ts'
import { openDamping } from './damping.ts'
import { type Alert, type AlertCommand, decideAlert, nextDueOfAlert } from './domain/alert.ts'
import type { Occasion } from './domain/delivery.ts'
import type { Wiring } from './domain/dependency.ts'
import { type Duty, firstUnits, unitsFor } from './domain/dispatch.ts'
import { type Event, isAlertEvent, isIncidentEvent, isPageEvent } from './domain/event.ts'
import type { Hypothesis } from './domain/hypothesis.ts'
import { type Asked, type Command, decide, type Incident, nextDue, silentAgencies } from './domain/incident.ts'
import type { Maintenance, MaintenanceCommand, MaintenancePlan } from './domain/maintenance.ts'
import type { Rule, Verdict } from './domain/rules/rule.ts'
import { reportedBy } from './domain/sought.ts'
import { type Template, usualAlarms } from './domain/templates/template.ts'
import type { Agency, IncidentKind, Severity } from './domain/vocabulary.ts'
import type { Sentence } from './domain/words.ts'
import type { Zone } from './domain/zone.ts'
import { allOf, openLedger } from './ledger.ts'
import type { Live } from './live.ts'
import type { Answer, Clock, CloudCommand, CommandOutcome, Entry, Journal, SplitOff } from './ports.ts'
import { openStandingAside } from './standing-aside.ts'
import type { State } from './state.ts'
import type { Telemetry } from './telemetry.ts'
import type { Subject } from './watch.ts'

export type DutyDesk = {
  readonly record: (events: readonly Event[]) => Promise<void>
  readonly verdict: (subject: Subject, rule: Pick<Rule, 'kind'>, verdict: Verdict) => Promise<void>
  /** What all evidence of a place says together has changed. */
  readonly weighed: (zone: string, kinds: readonly IncidentKind[], hypothesis: Hypothesis, drill: boolean) => Promise<void>
  readonly command: (id: string, command: Command) => Answer<Incident>
  readonly alertCommand: (id: string, command: AlertCommand) => Answer<Alert>
  readonly open: (what: ByHand) => Answer<Incident>
  /** The first goes into the second: one danger, reported twice. */
  readonly merge: (id: string, into: string, by: string, reason: string) => Answer<Incident>
  /** Takes something out of an incident into one of its own; the answer is the new one. */
  readonly split: (id: string, what: SplitOff) => Answer<Incident>
  readonly reopen: (id: string, by: string, reason: string) => Answer<Incident>
  readonly planMaintenance: (plan: MaintenancePlan) => Answer<Maintenance>
  readonly maintain: (id: string, command: MaintenanceCommand) => Answer<Maintenance>
  readonly fromCloud: (command: CloudCommand) => Promise<CommandOutcome>
  /** Sets the timers of everything open; what fell due while the station was down acts at once. */
  readonly start: () => void
  readonly close: () => void
}
export type ByHand = {
  readonly kind: IncidentKind
  readonly zone: string
  readonly severity: Severity
  readonly text: string
  readonly by: string
  readonly drill?: boolean
}

type DeskVerdict = (subject: Subject, rule: Pick<Rule, 'kind'>, said: Verdict, also?: readonly Agency[]) => Promise<void>

export type DeskParts = {
  readonly clock: Clock
  readonly journal: Journal
  readonly state: State
  readonly live: Live
  readonly duty: () => Duty
  readonly template: Template
  readonly zones: readonly Zone[]
  readonly telemetry: Telemetry
  readonly keepLines: (lines: readonly (string | undefined)[]) => void
  /** Tells other systems (MQTT) what has changed. */
  readonly tell: (subject: Alert | Incident) => void
  /** People are to be called: those newly asked, or those whom time has made it necessary to call again. */
  readonly call: (incident: Incident, asked: readonly Asked[], occasion: Occasion) => void
  /** Any event, after it has been told: for parts that keep state of their own. */
  readonly heard: (entry: Entry) => void
  /** Something new is on disk. */
  readonly kept: () => void
  /** What hangs on what. */
  readonly wiring: Wiring
  readonly log: (message: string, fields?: object) => void
  readonly drill: boolean
}

export const openDesk = (parts: DeskParts): DutyDesk => {
  const { clock, journal, state, live, duty, template, zones, telemetry, keepLines, tell, call, heard, log, drill, wiring } = parts
  const newId = (letter: string): string => `${letter}-${randomBytes(5).toString('hex')}`

  const happened = (entry: Entry): void => {
    const { event, seq } = entry
    if (isAlertEvent(event)) {
      const alert = state.alerts.get(event.id)
      if (alert === undefined) return
      live.say(seq, alert.kind === 'path' ? 'path' : 'alert', alert)
      // The time series are for what was real.
      if (!alert.drill) keepLines([telemetry.alert(alert, event.at)])
      if (alert.kind !== 'path') tell(alert)
      armAlert(alert)
    } else if (isIncidentEvent(event)) {
      const incident = state.incidents.get(event.id)
      if (incident === undefined) return
      live.say(seq, 'incident', incident)
      if (event.type === 'incident_response') {
        const response = incident.responses[event.unit]
        if (response !== undefined && !incident.drill) keepLines([telemetry.response(response, incident.kind, event.at)])
      }
      tell(incident)
      armIncident(incident)
      for (const [asked, occasion] of calledBy(event, incident))
        if (asked.length > 0 || occasion === 'over') call(incident, asked, occasion)
      logIncident(incident, event)
      // Pages are read with the incident they are about: thousands of them a night would only wake every screen.
    } else if (!isPageEvent(event)) live.say(seq, 'station', { type: event.type, id: event.id, at: event.at })
    heard(entry)
  }
  const ledger = openLedger({ clock, journal, state, happened, kept: parts.kept, log })
  const { record } = ledger

  const commanders = (): readonly Asked[] => duty().units.flatMap(({ id, agency, commands }) => (commands ? [{ unit: id, agency }] : []))
  /** Whom an event makes it necessary to call, and on what occasion. */
  const calledBy = (event: Event, incident: Incident): readonly (readonly [readonly Asked[], Occasion])[] => {
    switch (event.type) {
      case 'incident_opened':
        return [[event.ask, 'opened']]
      case 'incident_escalated':
      case 'incident_asked':
      case 'incident_weighed':
      case 'incident_reopened':
        return [[event.ask, 'asked']]
      case 'incident_worsened':
      case 'incident_absorbed':
        return [[Object.values(incident.responses).filter(({ status }) => status !== 'done' && status !== 'declined'), 'worsened']]
      case 'incident_unit_overdue':
        return [[[...Object.values(incident.responses).filter(({ unit }) => unit === event.unit), ...commanders()], 'overdue']]
      case 'incident_task_overdue': {
        const task = incident.tasks?.find(({ id }) => id === event.task)
        const doing = Object.values(incident.responses).filter(({ unit, agency }) =>
          task?.unit ? unit === task.unit : agency === task?.agency
        )
        return [[doing.length > 0 ? doing : commanders(), 'reminder']]
      }
      case 'incident_closed':
      case 'incident_merged':
        return [[[], 'over']]
      default:
        return []
    }
  }

  const logIncident = (incident: Incident, event: Event): void => {
    if (event.type === 'incident_opened') log(`incident ${incident.id} opened: ${incident.kind} in ${incident.zone}, ${incident.severity}`)
    if (event.type === 'incident_escalated')
      log(`incident ${incident.id} escalated to level ${event.level}: ${event.silent.join(', ')} silent`)
    if (event.type === 'incident_unanswered') log(`incident ${incident.id}: nobody is left to ask, ${event.silent.join(', ')} silent`)
    if (event.type === 'incident_unit_overdue') log(`incident ${incident.id}: ${event.unit} is on scene and has not been heard from`)
  }

  const armIncident = (incident: Incident): void => ledger.arm(incident.id, nextDue(incident)?.at, () => incidentDue(incident.id))
  const incidentDue = (id: string): void => {
    const incident = state.incidents.get(id)
    const due = incident && nextDue(incident)
    if (incident === undefined || due === undefined) return
    if (due.at > clock.now()) armIncident(incident)
    else if (due.type === 'escalate')
      command(id, { type: 'escalate', ask: unitsFor(due.ask, silentAgencies(incident), incident.zone, duty(), incident.kind) })
    else if (due.type === 'unit_overdue') command(id, { type: 'unit_overdue', unit: due.unit })
    else command(id, { type: 'task_overdue', task: due.task })
  }

  const armAlert = (alert: Alert): void => ledger.arm(alert.id, nextDueOfAlert(alert)?.at, () => alertDue(alert.id))
  const alertDue = (id: string): void => {
    const alert = state.alerts.get(id)
    const due = alert && nextDueOfAlert(alert)
    if (alert === undefined || due === undefined) return
    if (due.at > clock.now()) armAlert(alert)
    else alertCommand(id, due.command)
  }

  const command = (id: string, what: Command): Answer<Incident> => {
    const incident = state.incidents.get(id)
    if (incident === undefined) return { refused: 'no_such_incident' }
    const decision = decide(incident, what, clock.now())
    if ('refused' in decision) return decision
    const kept = [record(decision.events)]
    const own = incident.alerts.filter(alert => state.alerts.get(alert)?.incident === id)
    if (what.type === 'close') kept.push(...own.flatMap(alert => [...settled(alert, what.by), ...seenBy(alert, what.by)]))
    return { state: state.incidents.get(id) ?? incident, kept: allOf(kept) }
  }

  /** What people had reported has been looked at by people. No sensor says that it is over, and what is said next is news. */
  const settled = (id: string, by: string): readonly Promise<void>[] => {
    const alert = state.alerts.get(id)
    return alert?.rule === 'reports' ? [clear(alert.key, { say: 'reports_settled', with: { by } })] : []
  }
  /** Who closes an incident has seen its alerts, and resets those whose condition has gone. What came back since is another's. */
  const seenBy = (alert: string, by: string): readonly Promise<void>[] =>
    (
      [
        { type: 'acknowledge', by, episode: 'all' },
        { type: 'reset', by }
      ] as const
    ).flatMap(what => {
      const answer = alertCommand(alert, what)
      return 'refused' in answer ? [] : [answer.kept]
    })

  const alertCommand = (id: string, what: AlertCommand): Answer<Alert> => {
    const alert = state.alerts.get(id)
    if (alert === undefined) return { refused: 'no_such_alert' }
    const decision = decideAlert(alert, what, clock.now())
    if ('refused' in decision) return decision
    const kept = [record(decision.events)]
    // What is back, or goes on unseen for too long, calls people as if it had just begun.
    const back = what.type === 'unshelve' || what.type === 'unsuppress' || what.type === 'in_service' || what.type === 'realarm'
    if (back && decision.events.length > 0) kept.push(...callPeople(id))
    return { state: state.alerts.get(id) ?? alert, kept: allOf(kept) }
  }

  const { callPeople, openIncident, weighed } = openCalling({
    clock,
    ledger,
    state,
    template,
    zones,
    duty,
    newId,
    command,
    link: (alert, incident) => alertCommand(alert, { type: 'link', incident })
  })

  const alarms = template.alarms ?? usualAlarms
  const raise = (subject: Subject, kind: IncidentKind, severity: Severity, because: Sentence): { id: string; kept: Promise<void> } => {
    const id = newId('a')
    const { key, rule, zone, device, drill: exercise = drill } = subject
    const realarm_s = alarms.realarm_s[severity]
    const kept = record([
      {
        type: 'alert_raised',
        id,
        at: clock.now(),
        key,
        rule,
        kind,
        zone,
        ...(device !== undefined && { device }),
        severity,
        because,
        ...(alarms.latching.includes(kind) && { latching: true }),
        ...(realarm_s !== undefined && kind !== 'path' && { realarm_s }),
        ...(exercise && { drill: true })
      }
    ])
    return { id, kept }
  }

  const clear = (key: string, because: Sentence): Promise<void> => {
    const open = state.byKey.get(key)
    if (open === undefined || !state.alerts.get(open)?.active) return Promise.resolve()
    const cleared = alertCommand(open, { type: 'clear', because })
    return 'refused' in cleared ? Promise.resolve() : allOf([cleared.kept, ...look(open)])
  }

  const verdict: DeskVerdict = (subject, rule, said, also) => {
    return damping.held(subject.key, rule.kind, said) ? Promise.resolve() : tellOf(subject, rule, said, also)
  }
  const tellOf: DeskVerdict = (subject, rule, said, also = []) => {
    if (!said.raised) return clear(subject.key, said.because)
    const { severity, because } = said
    const open = state.byKey.get(subject.key)
    if (open === undefined) {
      const { id, kept } = raise(subject, said.kind ?? rule.kind, severity, because)
      return allOf([kept, ...look(id), ...callPeople(id, said.also ?? also)])
    }
    const changed = alertCommand(open, { type: 'change', severity, because })
    return allOf([...('refused' in changed ? [] : [changed.kept]), ...look(open), ...callPeople(open, said.also ?? also)])
  }

  const damping = openDamping({
    clock,
    ledger,
    state,
    alertCommand,
    say: ({ key, rule, kind, zone, device, drill: exercise }, said) =>
      void tellOf({ key, rule, zone, ...(device !== undefined && { device }), ...(exercise && { drill: true }) }, { kind }, said)
  })

  const aside = openStandingAside({
    clock,
    ledger,
    state,
    newId,
    alertCommand,
    raise: ({ kind, severity, because, ...subject }) => verdict(subject, { kind }, { raised: true, severity, because }),
    clear,
    wiring,
    missed: window => {
      const { id, covers, patrol, owner } = window
      const subject: Subject = { key: `patrol-missed:${id}`, rule: 'patrol-missed', zone: covers.zone ?? '' }
      const because: Sentence = { say: 'patrol_missed', with: { unit: patrol.unit, owner, seconds: patrol.every_s } }
      void verdict(subject, { kind: 'other' }, { raised: true, severity: 'orange', because })
    },
    onRound: id => void clear(`patrol-missed:${id}`, { say: 'patrol_reported', with: {} })
  })
  const look = (id: string): readonly Promise<void>[] => {
    const alert = state.alerts.get(id)
    return alert === undefined ? [] : aside.look(alert)
  }

  const merge = (id: string, into: string, by: string, reason: string): Answer<Incident> => {
    const other = state.incidents.get(id)
    if (other === undefined) return { refused: 'no_such_incident' }
    // Both must agree before either changes.
    const gone = decide(other, { type: 'merge_into', into, by, reason }, clock.now())
    if ('refused' in gone) return gone
    const answer = command(into, { type: 'absorb', other, by })
    if ('refused' in answer) return answer
    const kept = [answer.kept, record(gone.events)]
    for (const alert of other.alerts) {
      const linked = alertCommand(alert, { type: 'link', incident: into })
      if (!('refused' in linked)) kept.push(linked.kept)
    }
    return { state: answer.state, kept: allOf(kept) }
  }

  const split = (id: string, { alerts, kind, zone, severity, by, reason }: SplitOff): Answer<Incident> => {
    const incident = state.incidents.get(id)
    if (incident === undefined) return { refused: 'no_such_incident' }
    const probe = decide(incident, { type: 'split_off', to: '', alerts, by, reason }, clock.now())
    if ('refused' in probe) return probe
    const because: Sentence = { say: 'reported', with: { by, text: reason } }
    const opened = openIncident({ kind, zone, severity, because, split_from: id, drill: incident.drill })
    if ('refused' in opened) return opened
    const to = opened.state.id
    const answers: Answer<unknown>[] = [command(id, { type: 'split_off', to, alerts, by, reason })]
    for (const alert of alerts) answers.push(alertCommand(alert, { type: 'link', incident: to }), command(to, { type: 'link', alert }))
    const kept = answers.flatMap(answer => ('refused' in answer ? [] : [answer.kept]))
    return { state: state.incidents.get(to) ?? opened.state, kept: allOf([opened.kept, ...kept]) }
  }

  /** The city may speak for itself alone: it never answers in the name of a unit of the station. */
  const fromCloud = async (received: CloudCommand): Promise<CommandOutcome> => {
    const { id, incident, by } = received
    const answer = ((): Answer<Incident> => {
      if (received.type === 'note') return command(incident, { type: 'note', by, text: received.text })
      if (received.unit !== 'city') return { refused: 'not_your_unit' }
      command(incident, { type: 'ask', ask: [{ unit: 'city', agency: 'city' }] })
      return command(incident, { type: 'acknowledge', unit: 'city', by })
    })()
    const refused = 'refused' in answer ? answer.refused : undefined
    const noted = record([
      { type: 'command_received', id, at: clock.now(), incident, by, what: received.type, ...(refused !== undefined && { refused }) }
    ])
    if (!('refused' in answer)) await answer.kept
    await noted
    return { id, done: refused === undefined, ...(refused !== undefined && { refused }) }
  }

  return {
    record,
    verdict,
    weighed: (...what) => allOf(weighed(...what)),
    command,
    alertCommand,
    open: ({ text, by, drill: exercise = drill, ...what }) =>
      openIncident({ ...what, by, because: reportedBy(what.kind, by, text), drill: exercise }),
    merge,
    split,
    reopen: (id, by, reason) => {
      const incident = state.incidents.get(id)
      if (incident === undefined) return { refused: 'no_such_incident' }
      return command(id, { type: 'reopen', by, reason, ask: firstUnits(incident.needs, incident.zone, duty(), incident.kind) })
    },
    planMaintenance: aside.plan,
    maintain: aside.command,
    fromCloud,
    start: () => {
      for (const { id } of [...state.incidents.values()]) incidentDue(id)
      for (const { id } of [...state.alerts.values()]) alertDue(id)
      damping.start()
      aside.start()
    },
    close: ledger.close
  }
}
