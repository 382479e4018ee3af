/**
 * What every zone is about to be, and what became of what was said of it before. Forecasts are made every ten seconds, kept once a
 * minute as telemetry and judged a quarter of an hour later; warnings and their outcomes are events, tallies go to the journal in bundles.
 */
import { every } from './clock.ts'
import { type Course, foresee, hearDensity, lately, type Outlook, step_ms } from './domain/forecast.ts'
import {
  addTallies,
  emptyTally,
  type ForecastEvent,
  type ForecastRecord,
  type Scoring,
  score,
  startScoring
} from './domain/forecast-record.ts'
import type { Verdict } from './domain/rules/rule.ts'
import type { ZoneNow } from './domain/zone.ts'
import type { Clock } from './ports.ts'

export type Foresight = {
  /** Takes in what the zone is now; the answer is what is to come. */
  readonly look: (zone: ZoneNow) => Outlook | undefined
  /** The forecast's rule has warned of a zone, or withdrawn its warning. */
  readonly said: (zone: string, verdict: Verdict) => void
  /** What was judged since the last bundle is written down. */
  readonly close: () => void
}

type Parts = {
  readonly clock: Clock
  readonly station: string
  readonly record: () => ForecastRecord
  readonly happened: (events: readonly ForecastEvent[]) => void
  /** A forecast of this minute. */
  readonly keep: (zone: ZoneNow, outlook: Outlook) => void
}

type Sky = { course: Course; outlook: Outlook | undefined; scoring: Scoring; watched_s: number; raised: boolean; kept_at: number }
const bundle_every_ms = 15 * 60_000
const kept_every_ms = 60_000

export const openForesight = ({ clock, station, record, happened, keep }: Parts): Foresight => {
  const skies = new Map<string, Sky>()

  const turn = (zone: ZoneNow, sky: Sky, before: Course): void => {
    const { id } = zone
    const limits = zone.limits_per_m2.slice(1)
    const at = clock.now()
    // A gap has made the course begin anew: what waited cannot be judged any more.
    if (sky.course.steps.length === 0 && before.steps.length > 0) {
      sky.scoring = { ...sky.scoring, waiting: [], red: true }
      if (record().zones[id]?.warning !== undefined) happened([{ type: 'forecast_scored', id, at, outcome: 'unseen' }])
    }
    sky.outlook = foresee(sky.course, limits)
    if (sky.outlook === undefined) return
    sky.watched_s += step_ms / 1000
    if (at - sky.kept_at >= kept_every_ms) {
      sky.kept_at = at
      keep(zone, sky.outlook)
    }
    const seen = { at, density: lately(sky.course.steps), red_per_m2: limits.at(-1) ?? 0, chances: sky.outlook.chances }
    const warning = record().zones[id]?.warning
    const { scoring, scored } = score(sky.scoring, seen, { warning, withdrawn: !sky.raised })
    sky.scoring = scoring
    if (scored !== undefined) happened([{ type: 'forecast_scored', id, at, ...scored }])
  }

  const bundle = (): void => {
    let tally = emptyTally
    const watched_s: Record<string, number> = {}
    for (const [zone, sky] of skies) {
      if (sky.watched_s > 0) watched_s[zone] = sky.watched_s
      if (sky.scoring.judged > 0) tally = addTallies(tally, sky.scoring.tally)
      sky.watched_s = 0
      sky.scoring = { ...sky.scoring, tally: emptyTally, judged: 0 }
    }
    if (Object.keys(watched_s).length > 0) happened([{ type: 'forecasts_tallied', id: station, at: clock.now(), tally, watched_s }])
  }
  const cancel = every(clock, bundle_every_ms, bundle)

  return {
    look: zone => {
      if (zone.density_per_m2 === undefined) return undefined
      const sky = skies.get(zone.id)
      const course = hearDensity(sky?.course, clock.now(), zone.density_per_m2, zone.density_error_per_m2)
      if (sky === undefined) {
        skies.set(zone.id, { course, outlook: undefined, scoring: startScoring, watched_s: 0, raised: false, kept_at: 0 })
        return undefined
      }
      const before = sky.course
      sky.course = course
      if (course.step !== before.step) turn(zone, sky, before)
      return sky.outlook
    },
    said: (zone, verdict) => {
      const sky = skies.get(zone)
      if (sky === undefined) return
      sky.raised = verdict.raised
      const { because } = verdict
      if (!verdict.raised || record().zones[zone]?.warning !== undefined) return
      const { limit, percent, minutes } = because.with
      happened([
        {
          type: 'forecast_warned',
          id: zone,
          at: clock.now(),
          limit_per_m2: Number(limit),
          percent: Number(percent),
          within_s: Number(minutes) * 60
        }
      ])
    },
    close: () => {
      cancel()
      bundle()
    }
  }
}
