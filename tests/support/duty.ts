import { loadDefinitions } from '../../edge/definitions.ts'
import type { Event } from '../../edge/domain/event.ts'
import type { Reading } from '../../edge/domain/reading.ts'
import type { Unit } from '../../edge/domain/roster.ts'
import type { Outcome } from '../../edge/domain/vocabulary.ts'
import type { Zone } from '../../edge/domain/zone.ts'
import { type DutyParts, type DutyRoom, openDuty } from '../../edge/duty.ts'
import type { History, Journal } from '../../edge/ports.ts'
import { type StillClock, stillClock } from './clock.ts'
import { type MemoryJournal, memoryJournal } from './memory-journal.ts'
import { until } from './until.ts'

export const definitions = await loadDefinitions()

export const unit = (id: string, agency: Unit['agency'], more: Partial<Unit> = {}): Unit => ({
  id,
  name: id,
  agency,
  members: [],
  zones: [],
  commands: false,
  shifts: [],
  ...more
})
export const hubUnits: readonly Unit[] = [
  unit('command', 'police', { commands: true, zones: ['nowhere'] }),
  unit('patrol-1', 'police', { zones: ['platform-1', 'food-row'] }),
  unit('patrol-2', 'police'),
  unit('fire-1', 'fire'),
  unit('staff-1', 'operator'),
  unit('traffic-1', 'traffic_police'),
  unit('medic-1', 'medical'),
  unit('guard-1', 'guard'),
  unit('volunteer-1', 'volunteer')
]
export const hubZones: readonly Zone[] = [
  { id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 100 },
  { id: 'food-row', name: '美食街', use: 'walkway', area_m2: 300 }
]

/** Readings go nowhere in most stories. */
export const noHistory: Pick<History, 'keep'> = { keep: async () => undefined }

export type Story = {
  readonly clock: StillClock
  readonly duty: DutyRoom
  readonly journal: Journal
  /** What happened, as `<seconds> s  <event> <whom>`. */
  readonly told: () => Promise<string[]>
  readonly hear: (device: string, zone: string, quantity: Reading['quantity'], value: number) => Promise<void>
  /** Says the same once a second, as a camera does. */
  readonly crowd: (density: number, for_s: number) => Promise<void>
}

/** A whole duty room with a still clock; `journal` and `clock` are handed on when a story restarts the station. */
export const openStory = (
  before: { journal?: MemoryJournal; clock?: StillClock; units?: readonly Unit[] } & Partial<
    Pick<DutyParts, 'heard' | 'call' | 'wiring' | 'people' | 'shadows' | 'oddities' | 'zones'>
  > = {}
): Story & { readonly journal: MemoryJournal } => {
  const clock = before.clock ?? stillClock()
  const journal = before.journal ?? memoryJournal()
  const start = clock.now()
  const duty = openDuty({
    clock,
    journal,
    history: noHistory as History,
    station: { id: 'hub', timezone: 'Asia/Shanghai', version: 'test' },
    zones: before.zones ?? hubZones,
    units: before.units ?? hubUnits,
    template: definitions.templates.get('transport-hub') as never,
    rules: definitions.rules,
    log: () => undefined,
    ...(before.people && { people: before.people }),
    ...(before.heard && { heard: before.heard }),
    ...(before.oddities && { oddities: before.oddities }),
    ...(before.shadows && { shadows: before.shadows }),
    ...(before.call && { call: before.call }),
    ...(before.wiring && { wiring: before.wiring })
  })
  const first = journal.last()
  const told = async (): Promise<string[]> => {
    await until(() => journal.keptUpto() === journal.last(), 'everything that happened is kept')
    return journal.read(first, 10_000).map(({ event }) => tell(event, (event.at - start) / 1000))
  }
  const hear: Story['hear'] = (device, zone, quantity, value) =>
    duty.hear([{ device, zone, quantity, value, at: clock.now(), quality: 'good' }], device)
  return {
    clock,
    duty,
    journal,
    told,
    hear,
    crowd: async (density, for_s) => {
      for (let second = 0; second < for_s; second++) {
        await hear('cam-1', 'platform-1', 'density_per_m2', density)
        clock.advance(1000)
      }
    }
  }
}

/** As the rule has it: two people in two roles say that it is over, and one of them closes it. */
export const closedByTwo = ({ desk }: Pick<DutyRoom, 'desk'>, id: string, outcome: Outcome, text?: string) => {
  desk.command(id, { type: 'all_clear', by: 'commander', role: 'duty_commander' })
  desk.command(id, { type: 'all_clear', by: 'li', role: 'officer' })
  return desk.command(id, { type: 'close', by: 'commander', outcome, ...(text !== undefined && { text }) })
}

const tell = (event: Event, at_s: number): string => {
  const whom =
    'ask' in event
      ? event.ask.map(({ unit }) => unit).join(',')
      : 'unit' in event && 'status' in event
        ? `${event.unit} ${event.status}`
        : 'severity' in event
          ? event.severity
          : ''
  return `${at_s} s  ${event.type}${whom && ` ${whom}`}`
}
