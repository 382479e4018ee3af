/**
 * What is watched where. Every device and camera claims the dangers it would tell of in its zone; when the last that watches a
 * danger is lost, the zone is blind to it, and that is news for people, not for a list of devices.
 */
import type { Hazard, Quantity } from './vocabulary.ts'

const told: Readonly<Partial<Record<Quantity, Hazard>>> = {
  smoke_alarm: 'smoke',
  smoke_obscuration_percent: 'smoke',
  gas_alarm: 'gas',
  gas_lel_percent: 'gas',
  carbon_monoxide_alarm: 'gas',
  carbon_monoxide_ppm: 'gas',
  temperature_celsius: 'heat',
  people_count: 'crowd',
  density_per_m2: 'crowd',
  people_entered_total: 'crowd',
  people_left_total: 'crowd',
  people_entered: 'crowd',
  people_left: 'crowd',
  water_leak: 'water',
  contact_open: 'intrusion',
  occupancy: 'intrusion',
  vibration: 'intrusion',
  button_pressed: 'help'
}
export const hazardOf = (quantity: Quantity): Hazard | undefined => told[quantity]
export const hazardsOf = (quantities: readonly Quantity[]): readonly Hazard[] => [
  ...new Set(quantities.flatMap(quantity => told[quantity] ?? []))
]

/** A profile that could tell of more dangers than this speaks for many kinds of things: of one of them only what it says counts. */
const of_one_thing = 3
/** What is claimed for a device: as station.yaml says, or what its profile can tell, or what it was heard to tell. */
export const claimOf = (
  own: readonly Hazard[] | undefined,
  measures: readonly Quantity[],
  heard: readonly Quantity[],
  before: readonly Hazard[]
): readonly Hazard[] => {
  if (own !== undefined) return own
  const able = hazardsOf(measures)
  return able.length <= of_one_thing ? able : [...new Set([...before, ...hazardsOf(heard)])]
}

/** Kept in the journal, so that a sensor that is silent after a restart, or taken away, is still missed. */
export type Claim = { readonly zone: string; readonly hazards: readonly Hazard[] }
type Of = { readonly id: string; readonly at: number }
export type CoverageEvent =
  | (Of & { readonly type: 'coverage_claimed'; readonly zone: string; readonly hazards: readonly Hazard[] })
  /** It is no longer there, and somebody knows. `by` is absent where others watch the same. */
  | (Of & { readonly type: 'coverage_waived'; readonly by?: string })

export type Sight = 'sees' | 'unsure' | 'blind'
/** One that watches a danger in a zone, and how well just now. `why` is a word of `lost` or the state of a camera. */
export type Watcher = {
  readonly id: string
  readonly zone: string
  readonly hazard: Hazard
  readonly sight: Sight
  readonly why?: string
  readonly since?: number
}
export type Cell = {
  readonly zone: string
  readonly hazard: Hazard
  /** `thin`: somebody still watches, and fewer or less surely than should. */
  readonly state: 'covered' | 'thin' | 'blind'
  /** Since when it is so; absent while all is well. */
  readonly since?: number
  readonly by: readonly Watcher[]
}

export const cellsOf = (watchers: readonly Watcher[]): readonly Cell[] => {
  const cells = new Map<string, Watcher[]>()
  for (const watcher of watchers) {
    const key = `${watcher.zone} ${watcher.hazard}`
    const found = cells.get(key)
    if (found === undefined) cells.set(key, [watcher])
    else found.push(watcher)
  }
  return [...cells.values()].map(cellOf)
}

const cellOf = (by: readonly Watcher[]): Cell => {
  const [{ zone, hazard }] = by as [Watcher]
  const state = by.every(({ sight }) => sight === 'sees') ? 'covered' : by.every(({ sight }) => sight === 'blind') ? 'blind' : 'thin'
  const times = by.flatMap(({ sight, since }) => (sight === 'sees' || since === undefined ? [] : [since]))
  // Blind since the last was lost, thin since the first was.
  const since = times.length === 0 ? undefined : state === 'blind' ? Math.max(...times) : Math.min(...times)
  return { zone, hazard, state, ...(since !== undefined && { since }), by }
}
