/** Live pictures without cameras: the same port, with levers for what a stream does. */
import type { LiveFormat, Preview, Viewer } from '../../edge/ports.ts'

export type FakePreview = Preview & {
  readonly viewers: (camera: string) => number
  /** Sends a part to everyone who watches that camera. */
  readonly part: (camera: string, bytes: Uint8Array, key?: boolean) => void
  readonly begin: (camera: string, format: LiveFormat) => void
  readonly fail: (camera: string, why: string, forGood?: boolean) => void
}

export const openFakePreview = (cameras: () => readonly string[], now: () => number): FakePreview => {
  const watching = new Map<Viewer, string>()
  const formats = new Map<string, LiveFormat>()
  const of = (camera: string): Viewer[] => [...watching].filter(([, where]) => where === camera).map(([viewer]) => viewer)
  return {
    watch: (camera, viewer) => {
      if (!cameras().includes(camera)) return { failed: `没有摄像头 · there is no camera ${camera}` }
      watching.set(viewer, camera)
      const format = formats.get(camera)
      if (format !== undefined) viewer.begins(format)
      return { leave: () => void watching.delete(viewer) }
    },
    counters: () => ({ live_streams: new Set(watching.values()).size }),
    close: async () => {
      for (const viewer of [...watching.keys()]) {
        watching.delete(viewer)
        viewer.ended('关闭 · closing')
      }
    },
    viewers: camera => of(camera).length,
    part: (camera, bytes, key = false) => {
      for (const viewer of of(camera)) viewer.part(bytes, key, now())
    },
    begin: (camera, format) => {
      formats.set(camera, format)
      for (const viewer of of(camera)) viewer.begins(format)
    },
    fail: (camera, why, forGood = false) => {
      formats.delete(camera)
      for (const viewer of of(camera)) {
        if (forGood) watching.delete(viewer)
        if (forGood) viewer.ended(why)
        else viewer.waits(why)
      }
    }
  }
}
