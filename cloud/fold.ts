/**
 * One event folded into what the cloud knows of an alert or an incident, by the station's own `evolve`.
 *
 * Lanes overtake each other: red arrives before older events. An entity that ever was red travels wholly in the red lane
 * from the event that made it red, and that event carries the whole state. So only a higher number than the last one folded
 * changes an entity; a lower one is for the record.
 */
import { type Alert, evolveAlert } from '../edge/domain/alert.ts'
import { isAlertEvent, isIncidentEvent } from '../edge/domain/event.ts'
import { evolve, type Incident } from '../edge/domain/incident.ts'
import type { Entry } from '../edge/domain/uplink.ts'

export type Entity = { readonly id: string; readonly seq: number } & (
  | { readonly kind: 'alert'; readonly state: Alert }
  | { readonly kind: 'incident'; readonly state: Incident }
)

export type Folded =
  | { readonly entity: Entity }
  /** `older`: overtaken, for the record only. `other`: an event about neither. `orphan`: it changes something never heard of. */
  | { readonly kept: 'older' | 'other' | 'orphan' | 'unfoldable' }

/** Never throws: an event of a station whose code differs from ours is kept, and must not stop its lane. */
export const fold = (known: Entity | undefined, entry: Entry): Folded => {
  try {
    return foldOne(known, entry)
  } catch {
    return { kept: 'unfoldable' }
  }
}

const foldOne = (known: Entity | undefined, { seq, event }: Entry): Folded => {
  if (known !== undefined && seq <= known.seq) return { kept: 'older' }
  const { id } = event
  if (isAlertEvent(event)) {
    const whole = event.type === 'alert_raised' || (event.type === 'alert_changed' && event.state !== undefined)
    const before = whole || known?.kind !== 'alert' ? undefined : known.state
    return whole || before !== undefined ? { entity: { id, seq, kind: 'alert', state: evolveAlert(before, event) } } : { kept: 'orphan' }
  }
  if (isIncidentEvent(event)) {
    const whole = event.type === 'incident_opened' || event.type === 'incident_worsened' || event.type === 'incident_absorbed'
    const before = whole || known?.kind !== 'incident' ? undefined : known.state
    if (!whole && before === undefined) return { kept: 'orphan' }
    return { entity: { id, seq, kind: 'incident', state: evolve(before, event) } }
  }
  return { kept: 'other' }
}

export const isOpen = ({ state }: Entity): boolean => state.phase === 'open'
