/**
 * The story of an incident: its journal entries, those of its alerts, its pages and everything else that names it, and what led
 * to it: reports that were added up, readings of the devices that raised it, incidents that went into it.
 */
import { asWritten } from '../domain/clock-step.ts'
import type { Event, EventType } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import { sayTask } from '../domain/incident-work.ts'
import type { Sop } from '../domain/sops/sop.ts'
import type { Names } from '../domain/timeline.ts'
import type { Locale } from '../domain/vocabulary.ts'
import type { Desk, Entry } from '../ports.ts'
import { entriesSought } from './journal.ts'
import { timesOf } from './language.ts'
import { namesOf } from './names.ts'

/** `complete: false`: so much happened since that the newest entries were not looked through. */
export type Story = { readonly entries: readonly Entry[]; readonly complete: boolean }
/** The names of channels, as the channels themselves say them. */
export type ChannelNames = ReadonlyMap<string, { readonly label: Readonly<Record<Locale, string>> }>

/** The last page about a closed incident is answered or given up within this time. */
const after_closing_ms = 10 * 60_000
/** The rule of reports adds up what was said within four hours. */
const reports_before_ms = 4 * 3_600_000

const besides: readonly EventType[] = ['report_received', 'handover_declined', 'handover_expired', 'handover_withdrawn']

export const storyOf = async (desk: Desk, incident: Incident): Promise<Story> => {
  const ids = new Set([incident.id, ...(incident.merged ?? [])])
  const alerts = new Set(incident.alerts)
  const known = desk.alerts().filter(({ id }) => alerts.has(id))
  const devices = new Set(known.flatMap(({ device }) => (device === undefined ? [] : [device])))
  const zones = new Set(known.flatMap(({ rule, zone }) => (rule === 'reports' ? [zone] : [])))
  const raised = known.flatMap(({ raised_at, branches = [] }) => [raised_at, ...branches.map(branch => branch.raised_at)])
  const begun = Math.min(incident.opened_at, ...raised)
  const written = asWritten(
    desk.steps(),
    begun - (zones.size > 0 ? reports_before_ms : 0),
    incident.closed_at === undefined ? undefined : incident.closed_at + after_closing_ms
  )
  const { entries, complete } = await entriesSought(desk.journal, written.from, written.to, {
    subjects: [...ids, ...alerts, ...devices],
    types: besides,
    naming: [...ids]
  })
  // What another system reported, and hand-overs of command during it, are known by entries that name the incident.
  const led = new Set(entries.flatMap(({ event }) => (event.type === 'cap_received' && event.report !== undefined ? [event.report] : [])))
  const handovers = new Set(entries.flatMap(({ event }) => (namesHandover(event, ids) ? [event.id] : [])))
  const wanted = (event: Event): boolean => {
    if (ids.has(event.id) || alerts.has(event.id)) return true
    switch (event.type) {
      case 'device_alarmed':
      case 'camera_changed':
        return devices.has(event.id)
      case 'report_received':
        return led.has(event.id) || (zones.has(event.zone) && event.at <= (incident.closed_at ?? event.at))
      case 'incident_absorbed':
        return ids.has(event.other)
      case 'incident_split':
        return ids.has(event.to)
      case 'drill_over':
        return event.incidents.some(id => ids.has(id))
      default:
        return event.type.startsWith('handover_') ? handovers.has(event.id) : 'incident' in event && ids.has(event.incident ?? '')
    }
  }
  return { entries: entries.filter(({ event }) => wanted(event)), complete }
}

const namesHandover = (event: Event, ids: ReadonlySet<string>): boolean =>
  event.type.startsWith('handover_') &&
  'items' in event &&
  event.items.some((item: string | { readonly id: string }) => ids.has(typeof item === 'string' ? item : item.id))

/** How a line of the story names units, zones, steps and moments; a moment of another day carries its date. */
export const namesIn = (desk: Desk, incident: Incident, sops: ReadonlyMap<string, Sop>, channels: ChannelNames, locale: Locale): Names => {
  const { zoneName, unitName } = namesOf(desk)
  const agencies = new Map(desk.units().map(({ id, agency }) => [id, agency]))
  const steps = new Map((sops.get(incident.sop)?.steps ?? []).map(({ id, what }) => [id, what[locale]]))
  const tasks = new Map((incident.tasks ?? []).map(task => [task.id, sayTask(task, locale)]))
  const time = timesOf(desk.station.timezone)
  const day = time(incident.opened_at).slice(0, 10)
  return {
    unit: unitName,
    agencyOf: id => agencies.get(id) ?? (Object.hasOwn(incident.responses, id) ? incident.responses[id]?.agency : undefined),
    zone: zoneName,
    channel: id => channels.get(id)?.label[locale] ?? id,
    clock: at => {
      const written = time(at)
      return written.slice(0, 10) === day ? written.slice(11, 19) : `${written.slice(5, 10)} ${written.slice(11, 19)}`
    },
    step: id => steps.get(id) ?? id,
    task: id => tasks.get(id) ?? id
  }
}
