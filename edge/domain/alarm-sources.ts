/** What sounds most: the top ten by rule and place, and those that flutter. ISA-18.2 asks for both lists; a handful usually makes most of the noise. */
import type { Alert } from './alert.ts'
import type { IncidentKind } from './vocabulary.ts'

export type Source = { readonly rule: string; readonly kind: IncidentKind; readonly zone: string; readonly device?: string }

export type Sources = {
  /** `anew`: its condition came, in contrast to one that sounds again because it stays or grows worse. */
  readonly sounded: (alert: Alert, at: number, anew: boolean) => void
  readonly worst: (all: number) => readonly (Source & { readonly count: number; readonly share: number })[]
  /** `times`: how often it came as the third or later within a minute. */
  readonly chattering: () => readonly (Source & { readonly times: number })[]
  readonly letGo: () => number
}

const top = 10
/** An alarm that comes three times in a minute chatters (Hexagon/PAS, "Shut up! Fixing chattering and fleeting alarms"). */
export const chatter = { times: 3, within_ms: 60_000 } as const
const most_sources = 5_000

type Tally = { readonly source: Source; count: number; chattered: number; came: readonly number[] }

export const startSources = (within: (at: number) => boolean): Sources => {
  const tallies = new Map<string, Tally>()
  let let_go = 0

  const tallyOf = ({ rule, kind, zone, device }: Alert): Tally | undefined => {
    const key = JSON.stringify([rule, kind, device ?? zone])
    const found = tallies.get(key)
    if (found !== undefined) return found
    if (tallies.size >= most_sources) return undefined
    const made = { source: { rule, kind, zone, ...(device !== undefined && { device }) }, count: 0, chattered: 0, came: [] }
    tallies.set(key, made)
    return made
  }
  const listed = (): readonly Tally[] => [...tallies.values()]

  return {
    sounded: (alert, at, anew) => {
      const tally = tallyOf(alert)
      if (tally === undefined) return void let_go++
      if (within(at)) tally.count++
      if (!anew) return
      tally.came = [...tally.came, at].slice(-chatter.times)
      const third = tally.came.length === chatter.times ? tally.came[0] : undefined
      if (third !== undefined && at - third < chatter.within_ms && within(at)) tally.chattered++
    },
    worst: all =>
      listed()
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count || byName(a, b))
        .slice(0, top)
        .map(({ source, count }) => ({ ...source, count, share: count / all })),
    chattering: () =>
      listed()
        .filter(({ chattered }) => chattered > 0)
        .sort((a, b) => b.chattered - a.chattered || byName(a, b))
        .slice(0, top)
        .map(({ source, chattered }) => ({ ...source, times: chattered })),
    letGo: () => let_go
  }
}

const nameOf = ({ source: { rule, device, zone, kind } }: Tally): string => `${rule} ${device ?? zone} ${kind}`
const byName = (a: Tally, b: Tally): number => (nameOf(a) < nameOf(b) ? -1 : 1)
