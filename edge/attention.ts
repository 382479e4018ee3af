/** Tells vision where to look more often: at zones near a limit; and how late the station itself is, so that vision asks for less. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { every } from './clock.ts'
import { nearLimit } from './domain/frame-budget.ts'
import type { ZoneNow } from './domain/zone.ts'
import type { Cameras, Clock } from './ports.ts'

type Parts = { readonly clock: Clock; readonly cameras: Cameras; readonly zones: () => readonly ZoneNow[] }

const every_ms = 1_000
const resolution_ms = 10

export const openAttention = ({ clock, cameras, zones }: Parts): { readonly close: () => void } => {
  const delay = monitorEventLoopDelay({ resolution: resolution_ms })
  delay.enable()
  let near = new Set<string>()
  const tell = (): void => {
    near = new Set(zones().flatMap(zone => (isNear(zone, near.has(zone.id)) ? [zone.id] : [])))
    const watching = cameras.list().filter(({ zone, scene }) => near.has(zone) || scene?.zones?.some(sight => near.has(sight.zone)))
    // The monitor measures from one tick to the next, its own interval included.
    const late_ms = Math.max(0, delay.percentile(99) / 1e6 - resolution_ms)
    delay.reset()
    cameras.attend(
      watching.map(({ id }) => id),
      late_ms
    )
  }
  const cancel = every(clock, every_ms, tell)
  return {
    close: () => {
      cancel()
      delay.disable()
    }
  }
}

const isNear = ({ limits_per_m2, density_per_m2 }: ZoneNow, was: boolean): boolean =>
  density_per_m2 !== undefined && nearLimit(limits_per_m2, density_per_m2, was)
