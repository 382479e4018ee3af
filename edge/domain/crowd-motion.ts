/**
 * How a crowd moves on one piece of ground, and how critical that is: five levels after Helbing & Mukerji (EPJ Data Science 2012,
 * table 6). Jams come before stop-and-go, stop-and-go before turbulence: at Mina in 2006 by 26 minutes. It knows places, never people.
 */
export type MotionSight = {
  readonly at: number
  readonly density_per_m2: number
  readonly speed_m_per_s: number
  /** Density times the variance of velocity: Helbing's pressure. */
  readonly pressure_per_s2: number
}
export type MotionLevel = 0 | 1 | 2 | 3 | 4

export type Patch = {
  readonly level: MotionLevel
  readonly going: boolean
  /** When it set off again after a stop. */
  readonly starts: readonly number[]
  /** Since when it has been at least as critical as this, level by level. */
  readonly since: readonly (number | undefined)[]
  readonly below_since: number | undefined
}
export const startPatch: Patch = { level: 0, going: false, starts: [], since: [], below_since: undefined }

/**
 * Ours, to be argued, not law. People slow down from 2 p/m² on and a jam forms from about 3 (Helbing & Mukerji); a crowd in a jam
 * creeps under 0.3 m/s. Turbulence is a pressure, not a speed: laminar crowds stay below 0.02 /s² (Helbing 2007), which is below
 * what a camera can tell from its own noise, so a level is said from ten times that and only where nobody can step aside any more.
 */
export const motionLimits = {
  slow: { density_per_m2: 2, speed_m_per_s: 0.6 },
  standing: { density_per_m2: 3, speed_m_per_s: 0.3 },
  waves: { density_per_m2: 2.5, stop_m_per_s: 0.15, go_m_per_s: 0.35, starts: 3, within_s: 120 },
  turbulent: { density_per_m2: 4, pressure_per_s2: 0.2, speed_m_per_s: 0.6 },
  rises_after_s: 5,
  falls_after_s: 30
} as const

export const evolvePatch = (patch: Patch, sight: MotionSight): Patch => {
  const { at } = sight
  const { waves, rises_after_s, falls_after_s } = motionLimits
  const going = sight.speed_m_per_s >= waves.go_m_per_s || (patch.going && sight.speed_m_per_s > waves.stop_m_per_s)
  const recent = patch.starts.filter(start => at - start < waves.within_s * 1000)
  const sets_off = going && !patch.going && sight.density_per_m2 >= waves.density_per_m2
  const starts = sets_off ? [...recent, at] : recent
  const now = criticality(sight, starts.length)
  const since = [1, 2, 3, 4].map(level => (now >= level ? (patch.since[level - 1] ?? at) : undefined))
  const held = since.filter(from => from !== undefined && at - from >= rises_after_s * 1000).length as MotionLevel
  const next = { going, starts, since }
  if (held >= patch.level) return { ...next, level: held, below_since: undefined }
  if (now >= patch.level) return { ...next, level: patch.level, below_since: undefined }
  const below_since = patch.below_since ?? at
  if (at - below_since < falls_after_s * 1000) return { ...next, level: patch.level, below_since }
  return { ...next, level: held, below_since: undefined }
}

const criticality = ({ density_per_m2, speed_m_per_s, pressure_per_s2 }: MotionSight, starts: number): MotionLevel => {
  const { slow, standing, waves, turbulent } = motionLimits
  if (density_per_m2 >= turbulent.density_per_m2 && pressure_per_s2 >= turbulent.pressure_per_s2 && speed_m_per_s < turbulent.speed_m_per_s)
    return 4
  // Once is an ordinary start, twice may be: a train that came, a gate that opened.
  if (density_per_m2 >= waves.density_per_m2 && starts >= waves.starts) return 3
  if (density_per_m2 >= standing.density_per_m2 && speed_m_per_s < standing.speed_m_per_s) return 2
  if (density_per_m2 >= slow.density_per_m2 && speed_m_per_s < slow.speed_m_per_s) return 1
  return 0
}
