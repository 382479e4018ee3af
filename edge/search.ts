/**
 * Who is sought: the description is kept in the safe and read by those who look for them, each reading is written down, and it is
 * erased by itself when its time is over. The journal hears that all of this happened, and nothing of what was said.
 */
import { randomBytes } from 'node:crypto'
import type { DutyDesk } from './desk.ts'
import type { Event } from './domain/event.ts'
import type { Incident } from './domain/incident.ts'
import type { Refusal } from './domain/refusal.ts'
import { eraseAt, fieldsOf, isSearch, type PersonSought, type Retention } from './domain/sought.ts'
import { allOf } from './ledger.ts'
import type { Answer, Clock, Described, Desk, Entry, GivenTo, Safe } from './ports.ts'

export type Search = Pick<Desk, 'open' | 'describe' | 'description' | 'handOver'> & {
  /** After each entry of the journal: an incident ends, goes into another one, or begins anew. */
  readonly heard: (entry: Pick<Entry, 'event'>) => void
  readonly close: () => void
}
export type SearchParts = {
  readonly clock: Clock
  readonly safe: Safe
  readonly retention: Retention
  readonly incidents: ReadonlyMap<string, Incident>
  readonly desk: Pick<DutyDesk, 'open' | 'command' | 'record'>
  readonly log: (message: string, fields?: object) => void
}

export const openSearch = ({ clock, safe, retention, incidents, desk, log }: SearchParts): Search => {
  let cancel: (() => void) | undefined

  const note = (what: Noted): Promise<void> => desk.record([{ ...what, id: newId(), at: clock.now() }])
  const dueOf = (sought: PersonSought): number => eraseAt(sought, incidents.get(sought.incident), retention)
  const arm = (): void => {
    cancel?.()
    const first = Math.min(...safe.all().map(dueOf))
    cancel = first === Infinity ? undefined : clock.wake(first, eraseDue)
  }
  const eraseDue = (): void => {
    for (const sought of safe.all()) if (dueOf(sought) <= clock.now()) erase(sought.incident)
    arm()
  }
  const erase = (incident: string): void => {
    // It is said to be gone when it is gone; what is still there is tried again at the next start.
    safe.erase(incident).then(
      () => note({ type: 'description_erased', incident }),
      error => log(`the description of ${incident} is still on disk`, { why: (error as Error).message })
    )
  }
  const keep = (sought: PersonSought): Promise<void> => {
    const kept = safe.keep(sought)
    arm()
    return kept
  }

  /** What was known of either is known of the one that goes on; of two descriptions its own. */
  const moved = (from: string, into: string): void => {
    const sought = safe.get(from)
    if (sought === undefined) return
    if (safe.get(into) === undefined)
      keep({ ...sought, incident: into }).catch(error =>
        log(`the description of ${into} is not on disk`, { why: (error as Error).message })
      )
    erase(from)
  }

  // What fell due while the station was down is erased before anybody can read it.
  eraseDue()

  const describe = (incident: Incident, { by, consent, description }: Described): Answer<Incident> => {
    if (!isSearch(incident.kind)) return { refused: 'nobody_is_sought' }
    if (incident.phase === 'closed') return { refused: 'already_closed' }
    const { receiver } = safe.get(incident.id) ?? {}
    const at = clock.now()
    const held = keep({ incident: incident.id, at, by, consent, description, ...(receiver !== undefined && { receiver }) })
    const noted = note({ type: 'description_kept', incident: incident.id, by, consent, fields: fieldsOf(description) })
    return { state: incident, kept: allOf([held, noted]) }
  }
  const known = <Of>(id: string, what: (incident: Incident) => Of | Refusal): Of | Refusal => {
    const incident = incidents.get(id)
    return incident === undefined ? { refused: 'no_such_incident' } : what(incident)
  }
  const handOver = (incident: Incident, { by, to, checked, receiver }: GivenTo): Answer<Incident> => {
    const answer = desk.command(incident.id, { type: 'hand_over', by, to, checked, receipt: newReceipt() })
    if ('refused' in answer) return answer
    const before = safe.get(incident.id) ?? {
      incident: incident.id,
      at: clock.now(),
      by,
      consent: 'vital_interest',
      description: { text: '' }
    }
    return { state: answer.state, kept: allOf([answer.kept, keep({ ...before, receiver })]) }
  }

  return {
    open: ({ sought = { consent: 'vital_interest', description: { text: '' } }, ...what }) => {
      const opened = desk.open(what)
      if ('refused' in opened || !isSearch(what.kind)) return opened
      const { consent, description } = sought
      const described = describe(opened.state, { by: what.by, consent, description: { ...description, text: what.text } })
      return 'refused' in described ? opened : { state: opened.state, kept: allOf([opened.kept, described.kept]) }
    },
    describe: (id, what) => known(id, incident => describe(incident, what)),
    description: (id, by) =>
      known(id, incident => {
        const sought = safe.get(id)
        if (sought === undefined) return { refused: isSearch(incident.kind) ? 'no_description' : 'nobody_is_sought' }
        return { sought, kept: note({ type: 'description_read', incident: id, by }) }
      }),
    handOver: (id, what) => known(id, incident => handOver(incident, what)),
    heard: ({ event }) => {
      if (event.type === 'incident_merged') moved(event.id, event.into)
      else if (event.type === 'incident_closed' || event.type === 'incident_reopened') arm()
    },
    close: () => cancel?.()
  }
}

type Noted = DistributiveOmit<Extract<Event, { type: `description_${string}` }>, 'id' | 'at'>
type DistributiveOmit<Of, Keys extends PropertyKey> = Of extends unknown ? Omit<Of, Keys> : never

const newId = (): string => `d-${randomBytes(5).toString('hex')}`
/** Short enough to be read out, and to be written on paper. */
const newReceipt = (): string => randomBytes(4).toString('hex').toUpperCase()
