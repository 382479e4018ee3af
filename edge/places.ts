/** What rules of a place have to know besides what they see: what is raised there, what people have closed there, what lies beside it. */
import { placesOf } from './domain/incident.ts'
import { besideOf } from './domain/neighbours.ts'
import type { PlaceSight } from './domain/rules/rule.ts'
import type { IncidentKind } from './domain/vocabulary.ts'
import type { Zone } from './domain/zone.ts'
import type { State } from './state.ts'
import type { Places } from './watch.ts'

/** Of what is real, or of what is practised: neither explains the other. */
export const openPlaces = (
  state: State,
  zones: readonly Zone[],
  drill: boolean
): Pick<Places, 'now' | 'beside'> & { readonly changed: () => void } => {
  const beside = new Map(zones.map(({ id }) => [id, besideOf(id, zones)]))
  // Readings come by the thousand, alerts and incidents by the hour: what was worked out holds until one of those changes.
  const known = new Map<string, PlaceSight>()
  return {
    beside: zone => beside.get(zone) ?? [],
    now: zone => {
      const found = known.get(zone)
      if (found !== undefined) return found
      const standing = [...state.alerts.values()].filter(alert => alert.zone === zone && alert.active && (alert.drill === true) === drill)
      const settled: Partial<Record<IncidentKind, number>> = {}
      for (const [id, at] of state.closed.incidents) {
        const incident = state.incidents.get(id)
        if (incident === undefined || !placesOf(incident).includes(zone) || incident.drill !== drill || incident.merged_into !== undefined)
          continue
        settled[incident.kind] = Math.max(settled[incident.kind] ?? Number.NEGATIVE_INFINITY, at)
      }
      const sight = { standing: standing.map(({ key, kind, severity }) => ({ key, kind, severity })), settled }
      known.set(zone, sight)
      return sight
    },
    changed: () => known.clear()
  }
}
