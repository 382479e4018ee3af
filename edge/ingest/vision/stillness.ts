/**
 * Since when a camera has shown one and the same picture. A camera that hangs repeats it bit for bit; one whose encoder still runs
 * writes it again and again, so that it comes back bit for bit after others that look the same. A still street does neither: what
 * moves nowhere still has the noise of the sensor. An encoder that never writes it twice alike is not found out by this.
 */
import type { Light } from './light.ts'

/** Any cell that changes by more than this is something that moves. */
const moves_by = 6
/** At four looks a second, all pictures between the key frames of an encoder that sends one every 16 s. */
const remembered = 64
/** The last three seconds: pictures that come back, and hardly any that were not there before. */
const recent_looks = 12
const least_back = 3

export type Stillness = { readonly look: (light: Light, crc: number, at: number) => number }

export const openStillness = (): Stillness => {
  let anchor: { light: Light; at: number } | undefined
  let same: { crc: number; since: number } | undefined
  let seen: number[] = []
  let recent: ('new' | 'back')[] = []
  const lately = (what: 'new' | 'back'): number => recent.filter(one => one === what).length

  return {
    look: (light, crc, at) => {
      if (anchor === undefined || moved(anchor.light, light)) {
        anchor = { light, at }
        seen = []
        recent = []
      }
      if (same?.crc !== crc) {
        same = { crc, since: at }
        recent = [...recent, seen.includes(crc) ? ('back' as const) : ('new' as const)].slice(-recent_looks)
        if (!seen.includes(crc)) seen = [...seen, crc].slice(-remembered)
      }
      return lately('back') >= least_back && lately('new') <= lately('back') ? anchor.at : same.since
    }
  }
}

const moved = (before: Light, now: Light): boolean =>
  before.cells.length !== now.cells.length || now.cells.some((light, cell) => Math.abs(light - (before.cells[cell] ?? 0)) > moves_by)
