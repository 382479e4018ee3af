/**
 * What the station does about a message of another system: a report, an incident when a trusted system calls for help,
 * an answer, or a line in an incident. A message that comes twice is answered as before and done once.
 */
import { createHash } from 'node:crypto'
import { type CapAlert, type CapDone, type CapInfo, type CapReference, capListed, capReferences } from '../domain/cap.ts'
import { type CapOrigin, incidentOfCap } from '../domain/cap-of-incident.ts'
import type { Event } from '../domain/event.ts'
import type { Incident, Response } from '../domain/incident.ts'
import type { Refusal } from '../domain/refusal.ts'
import { type IncidentKind, isIncidentKind, rank, type Severity } from '../domain/vocabulary.ts'
import type { Answer, Desk, Who } from '../ports.ts'
import { newestOf } from './journal.ts'

export type CapReceived = Extract<Event, { type: 'cap_received' }>
export type CapInbox = {
  /** `zone` is where the request says it is; otherwise the message may name a zone of ours, else it is about the whole station. */
  readonly receive: (
    alert: CapAlert,
    who: Who,
    zone: string | undefined
  ) => Promise<{ readonly received: CapReceived; readonly again: boolean; readonly kept: Promise<void> } | Refusal>
  /** The message that opened an incident of ours, when another system sent it. */
  readonly originOf: (incident: string) => Promise<CapOrigin | undefined>
}

/** Messages remembered, so that a repeat is known: as many as one thousand days of an ordinary neighbour. */
const most_remembered = 2_000

export const openCapInbox = (desk: Desk): CapInbox => {
  const known = new Map<string, CapReceived>()
  const remember = (received: CapReceived): void => {
    known.set(keyOf(received), received)
    const [oldest] = known.keys()
    if (known.size > most_remembered && oldest !== undefined) known.delete(oldest)
  }
  let loading: Promise<void> | undefined
  const loaded = (): Promise<void> => {
    loading ??= newestOf(desk.journal, ['cap_received'], most_remembered).then(entries => {
      const since = [...known.values()]
      known.clear()
      for (const { event } of entries.toReversed()) remember(event as CapReceived)
      for (const received of since) remember(received)
    })
    return loading
  }
  const earlier = (by: string, references: readonly CapReference[]): CapReceived | undefined =>
    references.flatMap(({ sender, identifier }) => known.get(keyOf({ by, sender, identifier })) ?? []).find(({ incident }) => incident)

  return {
    receive: async (alert, who, zone) => {
      await loaded()
      // From here to the last event nothing waits: two copies at the same moment are still one.
      const before = known.get(keyOf({ by: who.name, ...alert }))
      if (before !== undefined) return { received: before, again: true, kept: Promise.resolve() }
      const done = act(desk, alert, who, zone ?? zoneNamed(desk, alert), earlier(who.name, capReferences(alert.references)))
      if ('refused' in done) return done
      const { identifier, sender, sent, status, msgType } = alert
      const received: CapReceived = {
        type: 'cap_received',
        id: `cap-${createHash('sha256')
          .update(keyOf({ by: who.name, sender, identifier }))
          .digest('hex')
          .slice(0, 12)}`,
        at: desk.clock.now(),
        by: who.name,
        sender,
        identifier,
        sent,
        status,
        msg_type: msgType,
        incidents: capListed(alert.incidents).slice(0, 20),
        done: done.done,
        ...(done.incident !== undefined && { incident: done.incident }),
        ...(done.report !== undefined && { report: done.report })
      }
      remember(received)
      const noted = desk.note(received)
      return { received, again: false, kept: Promise.all([done.kept, noted]).then(() => undefined) }
    },
    originOf: async incident => {
      await loaded()
      return [...known.values()].find(({ done, incident: of }) => done === 'incident' && of === incident)
    }
  }
}

/** Another account cannot use up a sender's names, nor speak about its messages. */
const keyOf = ({ by, sender, identifier }: Pick<CapReceived, 'by' | 'sender' | 'identifier'>): string =>
  JSON.stringify([by, sender, identifier])

type Done = { readonly done: CapDone; readonly incident?: string; readonly report?: string; readonly kept: Promise<void> }
const onlyKept: Done = { done: 'kept', kept: Promise.resolve() }

const act = (desk: Desk, alert: CapAlert, who: Who, zone: string, origin: CapReceived | undefined): Done | Refusal => {
  // Test, System and Draft ask every recipient to do nothing (CAP 1.2, 3.2.1).
  if (alert.status !== 'Actual' && alert.status !== 'Exercise') return onlyKept
  switch (alert.msgType) {
    case 'Ack':
      return acknowledged(desk, alert, who)
    case 'Error': {
      const ours = ourOwn(desk, alert)
      if (ours === undefined) return { refused: 'no_such_incident' }
      return mixed(ours, alert) ?? noted(desk, ours, who, alert)
    }
    case 'Cancel': {
      const opened = openNow(desk, origin?.incident)
      return opened === undefined ? onlyKept : (mixed(opened, alert) ?? noted(desk, opened, who, alert))
    }
    default:
      return called(desk, alert, who, zone, origin)
  }
}

const called = (desk: Desk, alert: CapAlert, who: Who, zone: string, origin: CapReceived | undefined): Done | Refusal => {
  // Our own call for help, come back by way of those we called: another incident would call them again, and so on for ever.
  const returned = capListed(alert.incidents).flatMap(id =>
    id.startsWith(`${desk.station.id}/`) ? [id.slice(desk.station.id.length + 1)] : []
  )
  const opened = [...returned, origin?.incident].map(id => openNow(desk, id)).find(incident => incident !== undefined)
  const severity = severityOf(alert)
  const refused = opened && mixed(opened, alert)
  if (refused !== undefined) return refused
  if (opened !== undefined) {
    if (severity === undefined || returned.includes(opened.id) || rank(severity) <= rank(opened.severity))
      return noted(desk, opened, who, alert)
    return outcomeOf(
      desk.command(opened.id, { type: 'worsen', severity, because: becauseOf(alert), needs: [], ask: [] }),
      'note',
      opened.id
    )
  }
  if (isOver(alert, desk.clock.now())) return onlyKept
  const drill = alert.status === 'Exercise'
  if (who.machine && severity !== undefined && rank(severity) >= rank('orange')) {
    const answer = desk.open({ kind: 'help', zone, severity, text: textOf(alert), by: nameOf(alert), ...(drill && { drill }) })
    return 'refused' in answer ? answer : outcomeOf(answer, 'incident', answer.state.id)
  }
  // Reports add up to alerts, and those of an exercise must not add up to a real one.
  if (drill) return onlyKept
  const report = `report-${createHash('sha256')
    .update(keyOf({ by: who.name, ...alert }))
    .digest('hex')
    .slice(0, 12)}`
  const kept = desk.report({
    type: 'report_received',
    id: report,
    at: desk.clock.now(),
    by: who.name,
    zone,
    kind: kindOf(alert),
    text: textOf(alert),
    source: `${alert.sender},${alert.identifier},${alert.sent}`
  })
  return { done: 'report', report, kept }
}

const acknowledged = (desk: Desk, alert: CapAlert, who: Who): Done | Refusal => {
  const incident = ourOwn(desk, alert)
  if (incident === undefined) return { refused: 'no_such_incident' }
  const refused = mixed(incident, alert)
  if (refused !== undefined) return refused
  const mine = Object.values(incident.responses).filter(({ unit }) => unit === who.name || who.units.includes(unit))
  const unit = (mine.find(isSilent) ?? mine[0])?.unit
  if (unit === undefined) return { refused: 'not_asked' }
  return outcomeOf(desk.command(incident.id, { type: 'acknowledge', unit, by: who.name }), 'acknowledged', incident.id)
}
/** An exercise says nothing about what is real. */
const mixed = ({ drill }: Incident, { status }: CapAlert): Refusal | undefined =>
  drill === (status === 'Exercise') ? undefined : { refused: 'drill_is_not_real' }
const isSilent = ({ status }: Response): boolean => status === 'asked' || status === 'shown' || status === 'heard'

const outcomeOf = (answer: Answer<Incident>, done: CapDone, incident: string): Done | Refusal =>
  'refused' in answer ? answer : { done, incident, kept: answer.kept }

const noted = (desk: Desk, { id }: Incident, who: Who, alert: CapAlert): Done | Refusal =>
  outcomeOf(desk.command(id, { type: 'note', by: who.name, text: `CAP ${alert.msgType} ${nameOf(alert)}：${textOf(alert)}` }), 'note', id)

/** The incident of ours that a message refers to, wherever it has been merged since. */
const ourOwn = (desk: Desk, alert: CapAlert): Incident | undefined => {
  const ids = capReferences(alert.references).flatMap(({ identifier }) => incidentOfCap(desk.station.id, identifier) ?? [])
  return ids.map(id => standing(desk, id)).find(incident => incident !== undefined)
}
const standing = (desk: Desk, id: string | undefined): Incident | undefined => {
  const incidents = desk.incidents()
  let found = incidents.find(incident => incident.id === id)
  for (let hops = 0; hops < 20 && found?.merged_into !== undefined; hops++) {
    const into: string = found.merged_into
    found = incidents.find(incident => incident.id === into)
  }
  return found
}
const openNow = (desk: Desk, id: string | undefined): Incident | undefined => {
  const found = id === undefined ? undefined : standing(desk, id)
  return found?.phase === 'open' ? found : undefined
}

const infosOf = ({ info = [] }: CapAlert): readonly CapInfo[] => info
/** What is read: Chinese where it is given. */
const infoRead = (alert: CapAlert): CapInfo | undefined =>
  infosOf(alert).find(({ language }) => /^zh/i.test(language ?? '')) ?? infosOf(alert)[0]
const nameOf = (alert: CapAlert): string => (infoRead(alert)?.senderName ?? alert.sender).slice(0, 128)
const textOf = (alert: CapAlert): string => {
  const info = infoRead(alert)
  const parts = [info?.headline ?? info?.event, info?.description, info?.area?.map(({ areaDesc }) => areaDesc).join('、'), alert.note]
  return (
    parts
      .filter(part => part !== undefined && part !== '')
      .join('\n')
      .slice(0, 2_000) || alert.identifier
  )
}
const becauseOf = (alert: CapAlert) => ({ say: 'reported', with: { by: nameOf(alert), text: textOf(alert) } }) as const

const severities: Readonly<Record<CapInfo['severity'], Severity | undefined>> = {
  Extreme: 'red',
  Severe: 'orange',
  Moderate: 'yellow',
  Minor: 'blue',
  Unknown: undefined
}
/** The worst of all its blocks. */
const severityOf = (alert: CapAlert): Severity | undefined =>
  infosOf(alert)
    .flatMap(({ severity }) => severities[severity] ?? [])
    .sort((a, b) => rank(b) - rank(a))[0]

/** Past, said to be clear or run out: nothing to open, though an open incident still hears of it. */
const isOver = (alert: CapAlert, now: number): boolean =>
  infosOf(alert).every(
    ({ urgency, responseType = [], expires }) =>
      urgency === 'Past' || responseType.includes('AllClear') || (expires !== undefined && Date.parse(expires) <= now)
  )

const kindOf = (alert: CapAlert): IncidentKind => {
  const named = infosOf(alert).flatMap(({ eventCode = [] }) => eventCode.filter(({ valueName }) => valueName === 'qianshao:kind'))[0]?.value
  if (named !== undefined && isIncidentKind(named) && named !== 'path') return named
  return infosOf(alert).some(({ category }) => category.includes('Fire')) ? 'fire' : 'other'
}

/** A neighbour's zone may bear the same name as one of ours, so only one that is said to be ours counts. */
const zoneNamed = (desk: Desk, alert: CapAlert): string => {
  const named = infosOf(alert).flatMap(({ area = [] }) => area.flatMap(({ geocode = [] }) => geocode))
  const ours = named.flatMap(({ valueName, value }) =>
    valueName === 'qianshao:zone' && value.startsWith(`${desk.station.id}/`) ? [value.slice(desk.station.id.length + 1)] : []
  )
  return desk.zones().find(({ id }) => ours.includes(id))?.id ?? ''
}
