/** How the people of a zone move, from every source that says so: cameras of the zone, and lines that people cross. */
import type { MotionLevel } from './crowd-motion.ts'
import type { Reading } from './reading.ts'
import type { Quantity } from './vocabulary.ts'

const said = [
  'speed_m_per_s',
  'direction_degrees',
  'crowd_pressure_per_s2',
  'motion_level',
  'flow_in_per_min',
  'flow_out_per_min'
] as const satisfies readonly Quantity[]
type Said = (typeof said)[number]
type Heard = { readonly at: number } & Readonly<Partial<Record<Said, number>>>
/** By device. */
export type MotionState = Readonly<Record<string, Heard>>

export type ZoneMotion = {
  readonly speed_m_per_s?: number
  readonly direction_degrees?: number
  readonly crowd_pressure_per_s2?: number
  readonly motion_level?: MotionLevel
  readonly flow: readonly { readonly line: string; readonly in_per_min: number; readonly out_per_min: number }[]
}

export const isMotion = (quantity: Quantity): quantity is Said => (said as readonly Quantity[]).includes(quantity)

/** What a source says at one moment belongs together; what it said before is over. */
export const hearMotion = (state: MotionState, { device, quantity, value, at }: Reading): MotionState => {
  const before = state[device]
  if (before !== undefined && before.at > at) return state
  return { ...state, [device]: { ...(before?.at === at ? before : {}), at, [quantity]: value } }
}

/** `people` is how many each source sees now: who sees more people has more to say of how they move. */
export const motionNow = (state: MotionState, fresh_since: number, people: (device: string) => number): ZoneMotion => {
  const fresh = Object.entries(state).filter(([, { at }]) => at > fresh_since)
  const having = (of: Said) => fresh.flatMap(([device, heard]) => (heard[of] === undefined ? [] : [{ device, value: heard[of] }]))
  const speeds = having('speed_m_per_s').map(({ device, value }) => ({ value, people: Math.max(people(device), 0.001) }))
  const seeing = speeds.reduce((sum, one) => sum + one.people, 0)
  const most = having('direction_degrees').sort((a, b) => people(b.device) - people(a.device))[0]
  const worst = (of: Said): number | undefined => {
    const all = having(of).map(({ value }) => value)
    return all.length === 0 ? undefined : Math.max(...all)
  }
  const [pressure, level] = [worst('crowd_pressure_per_s2'), worst('motion_level')]
  return {
    ...(speeds.length > 0 && { speed_m_per_s: speeds.reduce((sum, one) => sum + one.value * one.people, 0) / seeing }),
    ...(most !== undefined && { direction_degrees: most.value }),
    ...(pressure !== undefined && { crowd_pressure_per_s2: pressure }),
    ...(level !== undefined && { motion_level: level as MotionLevel }),
    flow: fresh.flatMap(([line, { flow_in_per_min, flow_out_per_min }]) =>
      flow_in_per_min === undefined || flow_out_per_min === undefined
        ? []
        : [{ line, in_per_min: flow_in_per_min, out_per_min: flow_out_per_min }]
    )
  }
}
