/** Somebody who looks, and writes down everything they see and are told. */
import type { LiveFormat, Viewer } from '../../edge/ports.ts'

export type Seen = {
  readonly formats: LiveFormat[]
  readonly parts: { readonly bytes: Uint8Array; readonly key: boolean; readonly at: number }[]
  readonly waits: string[]
  readonly ended: string[]
  /** What stands in front of the parts. */
  readonly init: () => Uint8Array
  readonly viewer: Viewer
}

export const somebody = (mpeg1_only = false): Seen => {
  const seen: Omit<Seen, 'viewer' | 'init'> = { formats: [], parts: [], waits: [], ended: [] }
  return {
    ...seen,
    init: () => {
      const last = seen.formats.at(-1)
      return last?.format === 'mp4' ? last.init : new Uint8Array()
    },
    viewer: {
      mpeg1_only,
      begins: format => void seen.formats.push(format),
      part: (bytes, key, at) => void seen.parts.push({ bytes, key, at }),
      waits: why => void seen.waits.push(why),
      ended: why => void seen.ended.push(why)
    }
  }
}
