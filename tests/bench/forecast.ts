/**
 * What a stated chance is worth: the forecast on real crowds that it was not fitted on. `npm run bench -- forecast`; with
 * FIT=1 it prints the table of edge/domain/forecast-table.ts anew, from the recordings that do not judge.
 */

import { foresee, lately, rawChance, step_ms, trendOf } from '../../edge/domain/forecast.ts'
import { type Horizon, horizons, table } from '../../edge/domain/forecast-table.ts'
import { type Crowds, crowds, needsCrowds } from '../support/recorded-crowds.ts'
import { type Bench, type Figure, median, type Skipped } from './measure.ts'

const window = 48
const least = 18
/** Limits from 40 to 110 % of what the place really came to: two of the eight are never passed. */
const shares = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1]
const red = 4
/** Of the peak: below it nobody would call it a crowd. */
const crowded = 0.3

type Told = { readonly of: string; readonly minutes: Horizon; readonly stated: number; readonly happened: boolean }

/** So that its peak, noise taken away, is this many p/m². */
const scaled = (counts: readonly number[], peak: number): number[] => {
  const top = Math.max(...counts.map((_, i) => lately(counts.slice(0, i + 1))))
  return counts.map(count => (count / top) * peak)
}
const reaches = (densities: readonly number[], after: number, steps: number, limit: number): boolean => {
  for (let i = after + 1; i <= after + steps; i++) if (lately(densities.slice(i - 2, i + 1)) >= limit) return true
  return false
}

/** Every forecast of every recording whose end is known. */
const toldOf = (
  all: Crowds,
  chances: (steps: readonly number[], limits: readonly number[]) => readonly (readonly [number, Horizon, number])[]
): Told[] =>
  Object.entries(all).flatMap(([of, series]) =>
    series.flatMap(counts => {
      const densities = scaled(counts, red)
      const told: Told[] = []
      for (let i = least; i < densities.length; i += 3) {
        // A laboratory is empty until somebody opens the door, which no past can tell.
        if (lately(densities.slice(0, i + 1)) < crowded * red) continue
        for (const [limit, minutes, stated] of chances(
          densities.slice(Math.max(0, i + 1 - window), i + 1),
          shares.map(share => share * red)
        ))
          if (i + minutes * 6 < densities.length) told.push({ of, minutes, stated, happened: reaches(densities, i, minutes * 6, limit) })
      }
      return told
    })
  )
const raw = (steps: readonly number[], limits: readonly number[]) => {
  const trend = trendOf(steps)
  return limits
    .filter(limit => limit > lately(steps))
    .flatMap(limit => horizons.map(minutes => [limit, minutes, rawChance(trend, limit, minutes, 0)] as const))
}
const right = (steps: readonly number[], limits: readonly number[]) =>
  (foresee({ steps, error: 0, step: 0, sum: 0, n: 1 }, limits)?.chances ?? []).map(
    ({ threshold_per_m2, minutes, probability }) => [threshold_per_m2, minutes as Horizon, probability] as const
  )

const share = (of: readonly Told[]): number => of.filter(({ happened }) => happened).length / of.length
const meanStated = (of: readonly Told[]): number => of.reduce((sum, { stated }) => sum + stated, 0) / of.length
const brier = (of: readonly Told[]): number =>
  of.reduce((sum, { stated, happened }) => sum + (stated - Number(happened)) ** 2, 0) / of.length

/** Chances that grow with what was stated: neighbours that do not are one (pool adjacent violators). */
const fit = (told: readonly Told[]): number[] => {
  const pools = table.stated.map((stated, i) => {
    const [from, to] = [(stated + (table.stated[i - 1] ?? stated)) / 2, (stated + (table.stated[i + 1] ?? 1.1)) / 2]
    const near = told.filter(one => one.stated >= from && one.stated < to)
    return { bins: 1, n: near.length, happened: near.filter(({ happened }) => happened).length }
  })
  for (let i = 1; i < pools.length; ) {
    const [a, b] = [pools[i - 1], pools[i]]
    if (a === undefined || b === undefined || a.happened * b.n <= b.happened * a.n) i++
    else {
      pools.splice(i - 1, 2, { bins: a.bins + b.bins, n: a.n + b.n, happened: a.happened + b.happened })
      i = Math.max(1, i - 1)
    }
  }
  return pools.flatMap(({ bins, n, happened }) => new Array<number>(bins).fill(Math.round((happened / n) * 1000) / 1000))
}

/** How often the density itself lay in the band, in five: the width that holds four of them. */
const bandOf = (all: Crowds): number[] =>
  Object.values(all).flatMap(series =>
    series.flatMap(counts => {
      const densities = scaled(counts, red)
      const away: number[] = []
      for (let i = least; i + 60 < densities.length; i += 3) {
        if (lately(densities.slice(0, i + 1)) < crowded * red) continue
        const path =
          foresee({ steps: densities.slice(Math.max(0, i + 1 - window), i + 1), error: 0, step: 0, sum: 0, n: 1 }, [])?.path ?? []
        for (const { minutes, middle, high } of path.slice(1))
          if (i + minutes * 6 < densities.length && high > middle)
            away.push((Math.abs(lately(densities.slice(i + minutes * 6 - 2, i + minutes * 6 + 1)) - middle) / (high - middle)) * table.band)
      }
      return away
    })
  )

type Judged = {
  readonly hits: number
  readonly misses: number
  readonly falses: number
  readonly leads: readonly number[]
  readonly hours: number
}
/** Places that pass red by a tenth, and places that stay a tenth below it: what an alarm at this chance would have been. */
const judge = (all: Crowds, at_least: number): Judged => {
  const sum = { hits: 0, misses: 0, falses: 0, leads: [] as number[], hours: 0 }
  for (const counts of Object.values(all).flat())
    for (const peak of [red * 1.1, red * 0.9]) {
      const densities = scaled(counts, peak)
      let warned: number | undefined
      let until = 0
      let over = false
      sum.hours += (densities.length * step_ms) / 3_600_000
      for (let i = least; i < densities.length && !over; i++) {
        const steps = densities.slice(Math.max(0, i + 1 - window), i + 1)
        if (lately(steps) >= red) {
          over = true
          if (warned === undefined) sum.misses++
          else {
            sum.hits++
            sum.leads.push((i - warned) / 6)
          }
          continue
        }
        const chance = right(steps, [red]).find(([, minutes]) => minutes === 10)?.[2] ?? 0
        if (chance >= at_least) {
          warned ??= i
          until = i + 60
        } else if (warned !== undefined && i > until) {
          sum.falses++
          warned = undefined
        }
      }
      // What a recording's end leaves open is counted as false: nothing came of it.
      if (warned !== undefined && !over) sum.falses++
    }
  return sum
}

export default async ({ say }: Pick<Bench, 'say'>): Promise<readonly (Figure | Skipped)[]> => {
  const { skip } = needsCrowds()
  if (skip !== false) return [{ skipped: skip }]
  if (process.env.FIT === '1') {
    const told = toldOf(crowds('fit'), raw)
    for (const minutes of horizons) say(`${minutes}: [${fit(told.filter(one => one.minutes === minutes)).join(', ')}],`)
    const away = bandOf(crowds('fit')).sort((a, b) => a - b)
    say(`band: ${away[Math.floor(away.length * 0.8)]?.toFixed(2)}`)
  }
  const told = toldOf(crowds('judge'), right)
  for (const minutes of horizons) {
    const of = told.filter(one => one.minutes === minutes)
    const base = share(of)
    const bins = Array.from({ length: 10 }, (_, i) => of.filter(({ stated }) => Math.min(9, Math.floor(stated * 10)) === i))
    say(
      `${minutes} min: ${of.length} forecasts, ${(base * 100).toFixed(0)} % came true, Brier ${brier(of).toFixed(3)}, skill ${(1 - brier(of) / (base * (1 - base))).toFixed(2)}`
    )
    say(
      `   ${bins
        .filter(({ length }) => length > 20)
        .map(bin => `${meanStated(bin).toFixed(2)}→${share(bin).toFixed(2)} (${bin.length})`)
        .join('  ')}`
    )
    const sure = of.filter(({ stated }) => stated >= 0.8)
    if (sure.length > 0)
      say(
        `   stated 80 % or more: ${(meanStated(sure) * 100).toFixed(0)} % on average, happened ${(share(sure) * 100).toFixed(0)} % (${sure.length})`
      )
  }
  const away = bandOf(crowds('judge'))
  say(`band stated for 80 %: holds ${((away.filter(one => one <= table.band).length / away.length) * 100).toFixed(0)} % (${away.length})`)
  for (const at_least of [0.5, 0.6, 0.7, 0.8]) {
    const { hits, misses, falses, leads, hours } = judge(crowds('judge'), at_least)
    say(
      `alarm at ${at_least * 100} % within 10 min: ${hits} hits, ${misses} misses, ${falses} false in ${hours.toFixed(0)} h; lead median ${leads.length > 0 ? median(leads).toFixed(1) : '–'} min, longest ${Math.max(0, ...leads).toFixed(1)}`
    )
  }
  return []
}
