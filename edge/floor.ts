/**
 * The floor: what every zone and series says now. Readings come in, go to the history, wake the rules and move the zones;
 * a zone that nobody counts any more becomes unknown by itself.
 */
import { every } from './clock.ts'
import { type CalendarEntry, zoneAt } from './domain/calendar.ts'
import { shifted } from './domain/clock-step.ts'
import { type Doubt, gated, type Unsure } from './domain/count-gate.ts'
import type { Outlook } from './domain/forecast.ts'
import { closedWhenDue, isPassage, type Tally } from './domain/gates.ts'
import { localTime } from './domain/local-time.ts'
import { judge, type SeriesMemory } from './domain/quality.ts'
import { isOld, isUnbelievable, type Reading } from './domain/reading.ts'
import type { LineFlow, Scene, ZoneSight } from './domain/scene.ts'
import { type Quantity, quantities } from './domain/vocabulary.ts'
import { ageZone, evolveZone, fresh_ms, startZone, withoutSource, type Zone, type ZoneNow, type ZoneState, zoneNow } from './domain/zone.ts'
import { isMotion } from './domain/zone-motion.ts'
import type { Foresight } from './foresight.ts'
import type { Live } from './live.ts'
import type { Oddities } from './oddities.ts'
import type { Clock, History } from './ports.ts'
import type { Telemetry } from './telemetry.ts'
import type { Watch } from './watch.ts'

export type Floor = {
  /** Resolves when the readings are on disk; rules and screens have heard them before. */
  readonly hear: (readings: readonly Reading[], device: string) => Promise<void>
  readonly see: (scene: Scene, zone: string) => Promise<void>
  /** This camera no longer sees: what it counted last is shown of no zone any more. */
  readonly blind: (camera: string) => void
  /** Counts of a camera that were kept as readings, replayed. */
  readonly seen: (readings: readonly Reading[]) => Promise<void>
  readonly zones: () => readonly ZoneNow[]
  /** Zones whose outline or area is another now; who is in them stays counted. */
  readonly reshape: (zones: readonly Zone[]) => void
  readonly latest: () => readonly Reading[]
  /** The newest of the same series. */
  readonly newest: (of: Reading) => Reading | undefined
  readonly counters: () => Readonly<Record<'readings_total' | 'readings_repeated_total' | 'readings_doubted_total', number>>
  /** The clock was set: what is known of now is still as old as it was. */
  readonly stepped: (by_ms: number) => void
  readonly close: () => void
}

export type FloorParts = {
  readonly clock: Clock
  readonly zones: readonly Zone[]
  readonly history: History
  readonly telemetry: Telemetry
  readonly watch: Watch
  readonly foresight: Pick<Foresight, 'look'>
  readonly oddities: Pick<Oddities, 'hear'>
  readonly live: Live
  /** An urgent reading, to be committed at once as an event. */
  readonly alarmed: (reading: Reading) => Promise<void>
  /** The promises of everything the rules have said since last asked: a device is answered when they are kept too. */
  readonly saidByRules: () => readonly Promise<void>[]
  readonly tellReading: (reading: Reading) => void
  readonly tellZone: (zone: ZoneNow) => void
  readonly timezone: string
  readonly calendar?: readonly CalendarEntry[]
  /** Who was inside each site when the station stopped, and where it is kept from now on; `left_over` at the closing hour. */
  readonly tallies?: ReadonlyMap<string, Tally>
  readonly tallied?: (zone: string, tally: Tally, left_over?: number) => void
}

/** Screens hear of a zone at most this often; a change of level is never held back. */
const zone_shown_every_ms = 250
const zone_kept_every_ms = 5000
const tick_ms = 1000
/** After a crash passages of so long may be missing, of gates that say no totals. */
const tally_kept_every_ms = 60_000
/** Series remembered for "now"; a station has hundreds, so this is a bound against nonsense. */
const series_kept = 20_000

export const openFloor = ({
  clock,
  zones,
  history,
  telemetry,
  watch,
  foresight,
  oddities,
  live,
  alarmed,
  saidByRules,
  tellReading,
  tellZone,
  timezone,
  calendar = [],
  tallies = new Map(),
  tallied = () => undefined
}: FloorParts): Floor => {
  const begin = ({ id }: Zone): ZoneState => {
    const gates = tallies.get(id)
    return { ...startZone(clock.now()), ...(gates !== undefined && { gates }) }
  }
  const states = new Map<string, ZoneState>(zones.map(zone => [zone.id, begin(zone)]))
  const talliesKept = new Map([...tallies].map(([id, tally]) => [id, { tally, at: 0 }]))
  let shapes = zones
  const byId = new Map(zones.map(zone => [zone.id, zone]))
  const judged = new Map<string, { readonly minute: number; readonly zone: Zone }>()
  /** The zone by its limits of today. Entries of the calendar begin and end on the minute. */
  const today = (zone: Zone): Zone => {
    if (calendar.length === 0) return zone
    const minute = Math.floor(clock.now() / 60_000)
    const known = judged.get(zone.id)
    if (known?.minute === minute) return known.zone
    const now = zoneAt(zone, calendar, clock.now(), timezone)
    judged.set(zone.id, { minute, zone: now })
    return now
  }
  const shown = new Map<string, { at: number; level: ZoneNow['level'] }>()
  const written = new Map<string, number>()
  const dirty = new Set<string>()
  const outlooks = new Map<string, Outlook>()
  /** Which camera doubts its count of a zone, since when and when it last said so. */
  const doubts = new Map<string, Map<string, Doubt & { readonly at: number }>>()
  const latest = new Map<string, Reading>()
  /** What each series said before, by which its next word is judged; as many as are remembered for "now". */
  const series = new Map<string, SeriesMemory>()
  const count = { readings_total: 0, readings_repeated_total: 0, readings_doubted_total: 0 }

  const nowOf = (zone: Zone, state: ZoneState): ZoneNow => {
    const outlook = outlooks.get(zone.id)
    const now = { ...zoneNow(today(zone), state, clock.now()), ...(outlook !== undefined && { outlook }) }
    // What one camera cannot make out another may see well.
    const heard = ({ why, at }: Doubt & { readonly at: number }): boolean =>
      clock.now() - at < fresh_ms && (why === 'too_many' || now.people_count === undefined)
    return gated(now, [...(doubts.get(zone.id)?.values() ?? [])].find(heard))
  }
  const doubting = (zone: string, camera: string, why: Unsure | undefined): void => {
    const of = doubts.get(zone) ?? new Map()
    doubts.set(zone, of)
    if (why === undefined) of.delete(camera)
    else of.set(camera, { why, since: of.get(camera)?.since ?? clock.now(), at: clock.now() })
  }

  const moved = (zone: Zone, state: ZoneState): void => {
    states.set(zone.id, state)
    const seen = zoneNow(today(zone), state, clock.now())
    const outlook = foresight.look(seen)
    if (outlook === undefined) outlooks.delete(zone.id)
    else outlooks.set(zone.id, outlook)
    const now = nowOf(zone, state)
    watch.zone(now)
    const before = shown.get(zone.id)
    if (before !== undefined && before.level === now.level && clock.now() - before.at < zone_shown_every_ms) dirty.add(zone.id)
    else showZone(now)
  }

  const showZone = (zone: ZoneNow): void => {
    const levelChanged = shown.get(zone.id)?.level !== zone.level
    shown.set(zone.id, { at: clock.now(), level: zone.level })
    dirty.delete(zone.id)
    live.show('zone', zone)
    tellZone(zone)
    if (levelChanged || clock.now() - (written.get(zone.id) ?? 0) >= zone_kept_every_ms) {
      written.set(zone.id, clock.now())
      const text = telemetry.zone(zone, clock.now())
      if (text !== undefined) void history.keep([text]).catch(() => undefined)
    }
  }

  const take = (readings: readonly Reading[], error?: number, seen_m2?: number): Promise<void> => {
    const lines: string[] = []
    const kept: Promise<void>[] = []
    // A count and a density of one picture are one change of the zone, or it would seem to fall and rise at every picture.
    const changed = new Map<Zone, ZoneState>()
    let urgent = false
    for (const said of readings) {
      const name = seriesOf(said)
      const before = latest.get(name)
      if (before === undefined && latest.size >= series_kept) continue
      const heard = judge(series.get(name), said, clock.now())
      series.set(name, heard.memory)
      if ('repeated' in heard) {
        count.readings_repeated_total++
        continue
      }
      const { reading } = heard
      const old = isOld(reading)
      if (reading.doubt !== undefined) count.readings_doubted_total++
      if (before === undefined || before.at <= reading.at) latest.set(name, reading)
      const text = telemetry.reading(reading)
      if (text !== undefined) lines.push(text)
      if (isUrgent(reading) && (reading.value > 0 || (!old && before !== undefined && before.value > 0))) {
        urgent = true
        const news = old || reading.value !== before?.value || reading.quantity === 'button_pressed'
        // Each change of a loose contact is telemetry; its alert stays.
        if (news && reading.doubt !== 'flapping') kept.push(alarmed(reading))
      }
      watch.reading(reading, old ? { as_of: localTime(reading.at, timezone) } : undefined)
      if (!old && !isUnbelievable(reading)) oddities.hear(reading)
      tellReading(reading)
      const zone = counts(reading) ? byId.get(reading.zone) : undefined
      const state = zone && (changed.get(zone) ?? states.get(zone.id))
      if (zone && state) changed.set(zone, evolveZone(today(zone), state, reading, error, seen_m2))
    }
    for (const [zone, state] of changed) moved(zone, state)
    count.readings_total += readings.length
    kept.push(...saidByRules())
    const block = history.keep(lines, urgent)
    return kept.length === 0 ? block : Promise.all([block, ...kept]).then(() => undefined)
  }

  const unseen = (camera: string): void => {
    for (const [id, zone] of byId) {
      const state = states.get(id)
      const without = state && withoutSource(today(zone), state, camera, clock.now())
      if (without !== undefined && (without !== state || doubts.get(id)?.has(camera))) moved(zone, without)
    }
  }

  const tick = (): void => {
    for (const [id, zone] of byId) {
      const state = states.get(id)
      if (state === undefined) continue
      const aged = ageZone(today(zone), close(zone, state), clock.now())
      if (aged !== state) moved(zone, aged)
      else if (doubts.get(id)?.size) moved(zone, state)
      else if (dirty.has(id)) showZone(nowOf(zone, state))
      keepTally(id, tally_kept_every_ms)
    }
  }
  const keepTally = (id: string, every_ms: number): void => {
    const tally = states.get(id)?.gates
    const before = talliesKept.get(id)
    if (tally === undefined || tally === before?.tally || clock.now() - (before?.at ?? 0) < every_ms) return
    talliesKept.set(id, { tally, at: clock.now() })
    tallied(id, tally)
  }
  const close = ({ id, closes }: Zone, state: ZoneState): ZoneState => {
    if (state.gates === undefined || closes === undefined) return state
    const gates = closedWhenDue(state.gates, closes, clock.now(), timezone)
    if (gates === state.gates) return state
    talliesKept.set(id, { tally: gates, at: clock.now() })
    tallied(id, gates, state.gates.inside)
    return { ...state, gates }
  }
  const cancel = every(clock, tick_ms, tick)

  return {
    hear: (readings, device) => {
      const [first] = readings
      // The station's own check speaks once an hour; its silence is judged by the check itself.
      if (first !== undefined && first.quantity !== 'path_check') watch.heard(device, first.zone, first, clock.now())
      return take(readings)
    },
    see: async ({ camera, at, zones: sights, lines = [], unsure, ...whole }, zone) => {
      const { people_count, people_count_error, density_per_m2, motion } = whole
      const one: Sight = {
        zone,
        people_count,
        people_count_error,
        ...(density_per_m2 !== undefined && { density_per_m2 }),
        ...(motion !== undefined && { motion })
      }
      for (const sight of sights ?? [one]) doubting(sight.zone, camera, unsure)
      // What is read off a picture that cannot be counted is no reading: neither rules nor the history may hear of it.
      if (unsure === 'too_dark') {
        unseen(camera)
        await Promise.all(saidByRules())
        return
      }
      await Promise.all([
        ...(sights ?? [one]).map(sight => take(readingsOf(camera, at, sight), sight.people_count_error, sight.seen_m2)),
        ...lines.map(line => take(crossingsOf(at, line)))
      ])
    },
    blind: camera => {
      for (const [id] of byId) doubting(id, camera, undefined)
      unseen(camera)
    },
    seen: readings => take(readings),
    reshape: now => {
      shapes = now
      judged.clear()
      for (const zone of now) byId.set(zone.id, zone)
    },
    zones: () => shapes.map(zone => nowOf(zone, states.get(zone.id) ?? startZone(clock.now()))),
    latest: () => [...latest.values()],
    newest: of => latest.get(seriesOf(of)),
    counters: () => ({ ...count }),
    stepped: by_ms => {
      series.clear()
      for (const [id, state] of states) states.set(id, shifted(state, by_ms))
      for (const of of doubts.values()) for (const [camera, doubt] of of) of.set(camera, shifted(doubt, by_ms))
      for (const [name, reading] of latest) latest.set(name, shifted(reading, by_ms))
      for (const [id, kept] of talliesKept) talliesKept.set(id, shifted(kept, by_ms))
      shown.clear()
      written.clear()
      judged.clear()
    },
    close: () => {
      cancel()
      for (const { id } of zones) keepTally(id, 0)
    }
  }
}

/** What a camera says of a zone; of all that it sees when nobody has drawn its outline. */
type Sight = Omit<ZoneSight, 'seen_m2'> & Partial<Pick<ZoneSight, 'seen_m2'>>

const readingsOf = (device: string, at: number, { zone, people_count, density_per_m2, motion }: Sight): readonly Reading[] =>
  spoken({ device, zone, at, quality: 'good' }, { people_count, density_per_m2, ...motion })

/** A line is a source of its own, with its id for a device. */
const crossingsOf = (at: number, { line, zone, in_per_min, out_per_min }: LineFlow): readonly Reading[] =>
  spoken({ device: line, zone, at, quality: 'good' }, { flow_in_per_min: in_per_min, flow_out_per_min: out_per_min })

const spoken = (
  from: Omit<Reading, 'quantity' | 'value'>,
  values: Readonly<Partial<Record<Quantity, number | undefined>>>
): readonly Reading[] =>
  Object.entries(values).flatMap(([quantity, value]) => (value === undefined ? [] : [{ ...from, quantity: quantity as Quantity, value }]))

const seriesOf = ({ device, zone, quantity }: Reading): string => `${device} ${zone} ${quantity}`
const isUrgent = ({ quantity }: Reading): boolean => 'urgent' in quantities[quantity]
const counts = ({ quantity }: Reading): boolean =>
  quantity === 'people_count' || quantity === 'density_per_m2' || isPassage(quantity) || isMotion(quantity)
