/**
 * Damping of what comes and goes, as routers damp a route that flaps (RFC 2439): each coming adds to a penalty, time halves it;
 * above one line the alert is held as it is and its changes are only counted, below another it is believed again.
 *
 * Held means held on the safe side: what is there stays there, and what grows worse is never held.
 */
import type { Alert } from './alert.ts'

export type Penalty = { readonly points: number; readonly at: number }

/** One point a coming: three of them within a minute or two chatter (ISA-18.2); after a quarter of an hour of rest it is believed. */
export const damping = { holds_above: 2.5, lets_go_below: 0.75, half_life_ms: 300_000, most: 6 } as const

export const noPenalty = (at: number): Penalty => ({ points: 0, at })
export const pointsAt = ({ points, at }: Penalty, now: number): number => points * 0.5 ** (Math.max(0, now - at) / damping.half_life_ms)
export const cameAgain = (before: Penalty, now: number): Penalty => ({ points: Math.min(damping.most, pointsAt(before, now) + 1), at: now })
export const holds = (penalty: Penalty, now: number): boolean => pointsAt(penalty, now) > damping.holds_above
/** When it is believed again, if it keeps still until then. */
export const calmAt = ({ points, at }: Penalty): number =>
  points <= damping.lets_go_below ? at : at + Math.ceil(damping.half_life_ms * Math.log2(points / damping.lets_go_below))

/** A person who presses again means it; the station's own check is nobody's nuisance. */
export const mayBeHeld = ({ kind }: Pick<Alert, 'kind'>): boolean => kind !== 'panic' && kind !== 'path'

/** What kills calls again once people have closed what it called them for, however it flapped before. */
export const callsAnew: readonly Alert['kind'][] = ['fire', 'gas', 'heat', 'crowd', 'collapse']

/** A count is told at 1, 3, 10, 30, 100 …: often enough to be read, seldom enough not to be the next storm. */
export const isTold = (changes: number): boolean => {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, changes)))
  return changes === power || changes === 3 * power
}
