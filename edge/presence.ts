/**
 * Who watches what just now, once a second: what devices and cameras claim, whether they are heard and believed, and which zone is
 * therefore blind to what. A zone that becomes blind is an alert of its own, and the silence behind it stands aside for it.
 */
import { every } from './clock.ts'
import type { Alert, AlertCommand } from './domain/alert.ts'
import { type Cell, cellsOf, claimOf, hazardOf, type Watcher } from './domain/coverage.ts'
import type { Event } from './domain/event.ts'
import { windowOver } from './domain/maintenance.ts'
import { isUnbelievable, type Reading } from './domain/reading.ts'
import type { Verdict } from './domain/rules/rule.ts'
import type { Hazard, Lost, Quantity, Severity } from './domain/vocabulary.ts'
import type { CameraNow, Clock, DeviceNow } from './ports.ts'
import type { State } from './state.ts'
import type { Subject } from './watch.ts'

export const blind_rule = 'coverage'

/** Life first: who is not told of smoke, gas or a call for help is told that nobody would. */
const severities: Readonly<Record<Hazard, Severity | undefined>> = {
  smoke: 'orange',
  gas: 'orange',
  help: 'orange',
  heat: 'yellow',
  water: 'yellow',
  intrusion: 'yellow',
  // A camera that sees nothing is told of by the rule camera-unseen, gates by their zone being unknown.
  crowd: undefined
}

/** One bad word is a glitch; a device that says nothing else for so long watches nothing. */
const doubted_ms = 5 * 60_000

export type Presence = { readonly cells: () => readonly Cell[]; readonly close: () => void }
type Device = Pick<DeviceNow, 'id' | 'zone' | 'profile' | 'online' | 'last_seen'>
type Camera = Pick<CameraNow, 'id' | 'zone' | 'state' | 'since' | 'scene'>

export const openPresence = ({
  clock,
  state,
  devices,
  cameras,
  measures,
  own,
  latest,
  record,
  raise,
  order
}: {
  readonly clock: Clock
  readonly state: Pick<State, 'alerts' | 'byKey' | 'claims' | 'credentials' | 'maintenance'>
  readonly devices: () => readonly Device[]
  readonly cameras: () => readonly Camera[]
  /** What a profile can tell. */
  readonly measures: (profile: string) => readonly Quantity[]
  /** What station.yaml says that a device watches. */
  readonly own: (device: string) => readonly Hazard[] | undefined
  readonly latest: () => readonly Reading[]
  readonly record: (events: readonly Event[]) => Promise<void>
  readonly raise: (subject: Subject, verdict: Verdict) => Promise<void>
  readonly order: (alert: string, command: AlertCommand) => unknown
}): Presence => {
  /** Since when all that a device says of a danger is unbelievable; of what is claimed alone, so there is an end. */
  const doubted = new Map<string, number>()
  const alertBy = (key: string): Alert | undefined => {
    const id = state.byKey.get(key)
    return id === undefined ? undefined : state.alerts.get(id)
  }

  const heardOf = (): ReadonlyMap<string, readonly Reading[]> => {
    const heard = new Map<string, Reading[]>()
    for (const reading of latest()) {
      const found = heard.get(reading.device)
      if (found === undefined) heard.set(reading.device, [reading])
      else found.push(reading)
    }
    return heard
  }

  /** Writes down what is new in what devices are there for. */
  const claim = (heard: ReadonlyMap<string, readonly Reading[]>): void => {
    const at = clock.now()
    const events = devices().flatMap(({ id, zone, profile }): Event[] => {
      const before = state.claims.get(id)
      const quantities = (heard.get(id) ?? []).map(({ quantity }) => quantity)
      const hazards = claimOf(own(id), measures(profile), quantities, before?.zone === zone ? before.hazards : [])
      const same = before?.zone === zone && before.hazards.length === hazards.length && hazards.every(one => before.hazards.includes(one))
      if (same || (before === undefined && hazards.length === 0)) return []
      return [{ type: 'coverage_claimed', id, at, zone, hazards }]
    })
    if (events.length > 0) void record(events)
  }

  const sightOf = (
    device: Device | undefined,
    id: string,
    zone: string,
    readings: readonly Reading[],
    troubled: boolean
  ): Omit<Watcher, 'id' | 'zone' | 'hazard'> => {
    const no = (why: Lost, since?: number) => ({ sight: 'blind' as const, why, ...(since !== undefined && { since }) })
    if (device === undefined) return no('removed')
    if (state.credentials.get(id)?.revoked) return no('revoked')
    const works = windowOver(state.maintenance.values(), { zone, device: id, rule: blind_rule, kind: 'blind' })
    if (works !== undefined) return no('works', works.from)
    const silent = alertBy(`silent:${id}`)
    if (silent?.active) return no('silent', device.last_seen ?? silent.raised_at)
    const doubts = readings.flatMap(({ doubt }) => doubt ?? [])
    const [first] = readings
    if (first !== undefined && readings.every(isUnbelievable)) {
      const began = doubted.get(`${id} ${first.quantity}`) ?? clock.steady()
      doubted.set(`${id} ${first.quantity}`, began)
      const for_ms = clock.steady() - began
      const since = Math.round(clock.now() - for_ms)
      const why = first.doubt === 'stuck' ? 'stuck' : 'implausible_value'
      return for_ms >= doubted_ms ? no(why, since) : { sight: 'unsure', why, since }
    }
    for (const { quantity } of readings) doubted.delete(`${id} ${quantity}`)
    if (troubled) return { sight: 'unsure', why: 'trouble' }
    if (doubts.includes('flapping')) return { sight: 'unsure', why: 'flapping' }
    // Whoever sleeps between two words is offline and well: only silence says that it is lost.
    return device.online || device.last_seen === undefined
      ? { sight: 'sees' }
      : { sight: 'unsure', why: 'offline', since: device.last_seen }
  }

  const watchers = (heard: ReadonlyMap<string, readonly Reading[]>): readonly Watcher[] => {
    const there = new Map(devices().map(device => [device.id, device]))
    const ofDevices = [...state.claims].flatMap(([id, { zone, hazards }]) => {
      const said = heard.get(id) ?? []
      const troubled = said.some(({ quantity, value }) => quantity === 'trouble' && value > 0)
      return hazards.map(hazard => {
        const telling = said.filter(({ quantity }) => hazardOf(quantity) === hazard)
        return { id, zone, hazard, ...sightOf(there.get(id), id, zone, telling, troubled) }
      })
    })
    const ofCameras = cameras().flatMap(({ id, zone, state: camera, since, scene }): Watcher[] =>
      [...new Set([zone, ...(scene?.zones ?? []).map(one => one.zone)])].map(seen => ({
        id,
        zone: seen,
        hazard: 'crowd',
        ...(camera === 'live' ? { sight: 'sees' } : { sight: camera === 'starting' ? 'unsure' : 'blind', why: camera, since })
      }))
    )
    return [...ofDevices, ...ofCameras]
  }
  const cells = (): readonly Cell[] => cellsOf(watchers(heardOf()))

  /** What is removed is missed until others watch the same, or somebody has seen that nobody does. */
  const forget = (all: readonly Cell[]): void => {
    for (const id of state.claims.keys()) {
      const mine = all.filter(({ by }) => by.some(one => one.id === id && one.why === 'removed'))
      if (mine.length === 0) continue
      // Only what has an alert of its own can be seen by somebody.
      const alerts = mine
        .filter(({ state, hazard }) => state === 'blind' && severities[hazard] !== undefined)
        .map(({ zone, hazard }) => alertBy(`${blind_rule}:${zone}:${hazard}`))
      const known = alerts.flatMap(alert => alert?.acknowledged?.by ?? [])
      if (known.length < alerts.length) continue
      const [by] = known
      void record([{ type: 'coverage_waived', id, at: clock.now(), ...(by !== undefined && { by }) }])
    }
  }

  const tell = ({ zone, hazard, state: now, by }: Cell): void => {
    const severity = severities[hazard]
    const key = `${blind_rule}:${zone}:${hazard}`
    const before = alertBy(key)
    // Where somebody works a patrol looks, and is missed when it does not.
    const lost = by.filter(({ why }) => why !== 'works')
    if (now === 'blind' && severity !== undefined && lost.length > 0) {
      const last = lost.reduce((last, one) => ((one.since ?? 0) > (last.since ?? 0) ? one : last))
      const about = { zone, hazard, device: last.id, lost: last.why ?? '' }
      // What flaps is held as blind: that it is so again has to be said.
      if (!before?.active || before.flapping)
        void raise(
          { key, rule: blind_rule, zone, device: last.id },
          {
            raised: true,
            severity,
            because: lost.length === 1 ? { say: 'blind_to', with: about } : { say: 'blind_to_many', with: { ...about, count: lost.length } }
          }
        )
      const cause = state.byKey.get(key)
      for (const { id, why } of lost) {
        const silent = why === 'silent' ? alertBy(`silent:${id}`) : undefined
        if (cause !== undefined && silent !== undefined && !silent.suppressed) order(silent.id, { type: 'suppress', cause })
      }
    } else if (before?.active && now !== 'blind') {
      const device = by.find(({ sight }) => sight !== 'blind')?.id ?? ''
      void raise({ key, rule: blind_rule, zone }, { raised: false, because: { say: 'watched_again', with: { zone, hazard, device } } })
    }
  }

  /** Nobody claims to watch it any more, so nobody is missing. */
  const settle = (all: readonly Cell[]): void => {
    for (const { key, active, rule, zone } of state.alerts.values()) {
      const [, , hazard = ''] = key.split(':')
      if (rule !== blind_rule || !active || all.some(cell => cell.zone === zone && cell.hazard === hazard)) continue
      void raise({ key, rule, zone }, { raised: false, because: { say: 'watched_no_more', with: { zone, hazard } } })
    }
  }

  const look = (): void => {
    const heard = heardOf()
    claim(heard)
    const all = cellsOf(watchers(heard))
    for (const cell of all) tell(cell)
    forget(all)
    settle(all)
  }
  const close = every(clock, 1000, look)
  return { cells, close }
}
