/** Which zones lie beside each other, and how many zones away one is from another. Beside holds both ways, whoever wrote it down. */
import type { Zone } from './zone.ts'

type Placed = Pick<Zone, 'id' | 'beside'>

export const besideOf = (zone: string, zones: readonly Placed[]): readonly string[] => {
  const own = zones.find(({ id }) => id === zone)?.beside ?? []
  const others = zones.filter(({ beside = [] }) => beside.includes(zone)).map(({ id }) => id)
  return [...new Set([...own, ...others])].filter(id => id !== zone)
}

/** 0 is there, 1 beside it; nothing when no way from zone to zone is known. */
export const stepsTo = (from: readonly string[], to: string, zones: readonly Placed[]): number | undefined => {
  let here = new Set([to])
  const seen = new Set(here)
  for (let steps = 0; here.size > 0; steps++) {
    if (from.some(zone => here.has(zone))) return steps
    here = new Set([...here].flatMap(zone => besideOf(zone, zones)).filter(zone => !seen.has(zone)))
    for (const zone of here) seen.add(zone)
  }
  return undefined
}
