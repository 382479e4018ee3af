/** Who could look in person where a camera or a detector no longer does. The station proposes, a person sends: only people know what else is going on. */
import type { Alert } from './alert.ts'
import type { Duty } from './dispatch.ts'
import type { Patrol } from './maintenance.ts'
import { onDuty } from './roster.ts'
import type { Agency } from './vocabulary.ts'

/** Those who walk rounds, in the order in which they are thought of. */
const walking: readonly Agency[] = ['police', 'guard', 'grid', 'property', 'operator', 'volunteer']
/** A platform fills in about this time. */
const round_every_s = 600

/** The unit at home in the zone before the others; none when somebody has been sent already, or nobody who walks is on duty. */
export const standInFor = (alert: Alert, { units, at, timezone, plan }: Duty): Patrol | undefined => {
  if ((alert.kind !== 'camera' && alert.kind !== 'blind') || !alert.active || alert.out_of_service) return undefined
  const near = ({ zones }: (typeof units)[number]): number => (zones.includes(alert.zone) ? 0 : 1)
  const [first] = units
    .filter(unit => !unit.commands && walking.includes(unit.agency) && onDuty(unit, at, timezone, plan))
    .sort((a, b) => near(a) - near(b) || walking.indexOf(a.agency) - walking.indexOf(b.agency))
  return first && { unit: first.id, every_s: round_every_s }
}
