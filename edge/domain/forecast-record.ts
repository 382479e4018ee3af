/**
 * What the station's own forecasts were worth. Every minute's forecast is held against what the zone then did; every warning is a
 * hit, or false; a red that nobody was warned of is a miss. That people were sent and prevented it cannot be seen: it counts as false.
 */
import { type Chance, horizons } from './forecast.ts'
import type { Horizon } from './forecast-table.ts'

export type WarningOutcome = 'hit' | 'miss' | 'false' | 'unseen'
/** How many forecasts stated a chance of this tenth, the sum of what they stated, and how many came true. */
export type Bin = readonly [n: number, stated: number, happened: number]
/** Ten bins a horizon, and the sum of the squared errors (Brier 1950). */
export type Tally = Readonly<Record<Horizon, { readonly bins: readonly Bin[]; readonly squares: number }>>

type Of = { readonly id: string; readonly at: number }
/** `id` is the zone; of a tally the station, which counts all its zones together and says how long each was watched. */
export type ForecastEvent =
  | (Of & { readonly type: 'forecast_warned'; readonly limit_per_m2: number; readonly percent: number; readonly within_s: number })
  | (Of & { readonly type: 'forecast_scored'; readonly outcome: WarningOutcome; readonly lead_s?: number })
  | (Of & { readonly type: 'forecasts_tallied'; readonly tally: Tally; readonly watched_s: Readonly<Record<string, number>> })

export type Warning = { readonly at: number; readonly limit_per_m2: number; readonly percent: number; readonly within_s: number }
export type ZoneRecord = {
  readonly watched_s: number
  readonly hits: number
  readonly misses: number
  readonly falses: number
  readonly unseen: number
  /** The newest of them. */
  readonly leads_s: readonly number[]
  readonly warning?: Warning
}
export type Scored = Of & { readonly outcome: WarningOutcome; readonly lead_s?: number }
export type ForecastRecord = {
  readonly zones: Readonly<Record<string, ZoneRecord>>
  readonly tally: Tally
  readonly latest: readonly Scored[]
}

const leads_kept = 200
const latest_kept = 50

const none = { bins: Array.from({ length: 10 }, (): Bin => [0, 0, 0]), squares: 0 }
export const emptyTally: Tally = { 5: none, 10: none, 15: none }
export const emptyRecord: ForecastRecord = { zones: {}, tally: emptyTally, latest: [] }
const emptyZone: ZoneRecord = { watched_s: 0, hits: 0, misses: 0, falses: 0, unseen: 0, leads_s: [] }
const counter = { hit: 'hits', miss: 'misses', false: 'falses', unseen: 'unseen' } as const

export const evolveForecasts = (record: ForecastRecord, event: ForecastEvent): ForecastRecord => {
  const { id, at } = event
  const zone = record.zones[id] ?? emptyZone
  switch (event.type) {
    case 'forecast_warned': {
      const { limit_per_m2, percent, within_s } = event
      return { ...record, zones: { ...record.zones, [id]: { ...zone, warning: { at, limit_per_m2, percent, within_s } } } }
    }
    case 'forecast_scored': {
      const { outcome, lead_s } = event
      const { warning: _, ...rest } = zone
      const count = counter[outcome]
      const leads_s = lead_s === undefined ? zone.leads_s : [...zone.leads_s, lead_s].slice(-leads_kept)
      const scored: Scored = { id, at, outcome, ...(lead_s !== undefined && { lead_s }) }
      return {
        ...record,
        zones: { ...record.zones, [id]: { ...rest, leads_s, [count]: zone[count] + 1 } },
        latest: [...record.latest, scored].slice(-latest_kept)
      }
    }
    case 'forecasts_tallied': {
      const zones = { ...record.zones }
      for (const [of, seconds] of Object.entries(event.watched_s)) {
        const before = zones[of] ?? emptyZone
        zones[of] = { ...before, watched_s: before.watched_s + seconds }
      }
      return { ...record, zones, tally: addTallies(record.tally, event.tally) }
    }
  }
}

/** One more chance whose outcome is known. */
export const tallied = (tally: Tally, minutes: Horizon, stated: number, happened: boolean): Tally => {
  const { bins, squares } = tally[minutes]
  const tenth = Math.min(9, Math.floor(stated * 10))
  const counted = bins.map((bin, i): Bin => (i === tenth ? [bin[0] + 1, bin[1] + stated, bin[2] + Number(happened)] : bin))
  return { ...tally, [minutes]: { bins: counted, squares: squares + (stated - Number(happened)) ** 2 } }
}
export const addTallies = (a: Tally, b: Tally): Tally => {
  const sum = (minutes: Horizon): Tally[Horizon] => ({
    squares: a[minutes].squares + b[minutes].squares,
    bins: a[minutes].bins.map(([n, stated, happened], i): Bin => {
      const [m, more, true_too] = b[minutes].bins[i] ?? [0, 0, 0]
      return [n + m, stated + more, happened + true_too]
    })
  })
  return { 5: sum(5), 10: sum(10), 15: sum(15) }
}

/** A forecast that waits for its outcome; `reached_at` of each limit it spoke of. */
type Waiting = { readonly at: number; readonly chances: readonly Chance[]; readonly reached: Readonly<Record<number, number>> }
export type Scoring = {
  readonly waiting: readonly Waiting[]
  readonly tally: Tally
  readonly judged: number
  /** Red, or not yet clearly under it again: the same red is not missed twice. */
  readonly red: boolean
}
export const startScoring: Scoring = { waiting: [], tally: emptyTally, judged: 0, red: true }

const forecast_every_ms = 60_000
const longest_ms = Math.max(...horizons) * 60_000
/** Under this part of the limit a red is over. */
const over_below = 0.9

type Seen = { readonly at: number; readonly density: number; readonly red_per_m2: number; readonly chances: readonly Chance[] | undefined }
type Standing = { readonly warning: Warning | undefined; readonly withdrawn: boolean }

/** What ten more seconds of a zone say of the forecasts that wait, and of the warning that stands. */
export const score = (
  scoring: Scoring,
  { at, density, red_per_m2, chances }: Seen,
  { warning, withdrawn }: Standing
): { readonly scoring: Scoring; readonly scored?: { readonly outcome: WarningOutcome; readonly lead_s?: number } } => {
  let { tally, judged } = scoring
  const waiting: Waiting[] = []
  for (const one of scoring.waiting) {
    const reached: Record<number, number> = { ...one.reached }
    for (const { threshold_per_m2 } of one.chances) if (density >= threshold_per_m2) reached[threshold_per_m2] ??= at
    if (at - one.at < longest_ms) waiting.push({ ...one, reached })
    else
      for (const { threshold_per_m2, minutes, probability } of one.chances) {
        tally = tallied(tally, minutes as Horizon, probability, (reached[threshold_per_m2] ?? at + 1) - one.at <= minutes * 60_000)
        judged++
      }
  }
  if (chances !== undefined && chances.length > 0 && at - (waiting.at(-1)?.at ?? 0) >= forecast_every_ms)
    waiting.push({ at, chances, reached: {} })

  const isRed = density >= red_per_m2
  const red = isRed || (scoring.red && density >= red_per_m2 * over_below)
  const next: Scoring = { waiting, tally, judged, red }
  if (warning !== undefined && isRed) return { scoring: next, scored: { outcome: 'hit', lead_s: Math.round((at - warning.at) / 1000) } }
  if (warning !== undefined && withdrawn && at - warning.at >= warning.within_s * 1000)
    return { scoring: next, scored: { outcome: 'false' } }
  if (warning === undefined && isRed && !scoring.red) return { scoring: next, scored: { outcome: 'miss' } }
  return { scoring: next }
}

export const falsesPerWeek = ({ falses, watched_s }: Pick<ZoneRecord, 'falses' | 'watched_s'>): number | undefined =>
  watched_s < 3600 ? undefined : (falses * 7 * 86_400) / watched_s
