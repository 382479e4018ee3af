/** One look at one camera: what the station says and sends, and whenever there is no live picture, why and since when. */
import { type ShallowRef, shallowRef } from 'vue'
import type { CameraShape } from '../../shapes.ts'
import { ask } from '../api.ts'
import { locale } from '../kit/i18n.ts'
import { stationNow } from '../kit/time.ts'
import { t } from '../words/index.ts'
import { can_copy, canShow, openCopied } from './copied.ts'
import { openPainted } from './painted.ts'
import type { Player } from './player.ts'

/** Why nothing is shown. `over`: nothing more will come by itself; `again`: one may ask again. */
export type Gone = { readonly why: string; readonly since: number; readonly over: boolean; readonly again: boolean }
export type Look = {
  readonly camera: ShallowRef<CameraShape | undefined>
  readonly format: ShallowRef<'mp4' | 'mpeg1' | undefined>
  readonly gone: ShallowRef<Gone | undefined>
  readonly ends_at: ShallowRef<number | undefined>
  readonly shown_at: () => number | undefined
  readonly close: () => void
}
export type Asked = { readonly camera: string; readonly reason: string; readonly incident: string | undefined }
export type Places = { readonly video: HTMLVideoElement; readonly canvas: HTMLCanvasElement }

type Said =
  | { readonly type: 'welcome'; readonly minutes: number }
  | { readonly type: 'camera'; readonly camera: CameraShape }
  | { readonly type: 'stream'; readonly format: 'mp4'; readonly codec: string }
  | { readonly type: 'stream'; readonly format: 'mpeg1' }
  | { readonly type: 'waits'; readonly why: string }
  | { readonly type: 'end'; readonly why: string; readonly again: boolean }

export const openLook = ({ camera, reason, incident }: Asked, { video, canvas }: Places): Look => {
  const look = {
    camera: shallowRef<CameraShape>(),
    format: shallowRef<'mp4' | 'mpeg1'>(),
    gone: shallowRef<Gone>(),
    ends_at: shallowRef<number>()
  }
  let socket: WebSocket | undefined
  let player: Player | undefined

  const stopPlaying = (): void => {
    player?.close()
    player = undefined
    look.format.value = undefined
  }
  const goes = (why: string, over: boolean, again: boolean): void => {
    look.gone.value = { why, since: player?.shown_at() ?? look.gone.value?.since ?? stationNow(), over, again }
    stopPlaying()
  }
  const play = (stream: Said & { readonly type: 'stream' }): void => {
    stopPlaying()
    if (stream.format === 'mp4' && !canShow(stream.codec)) {
      open(true)
      return
    }
    look.gone.value = undefined
    look.format.value = stream.format
    player = stream.format === 'mp4' ? openCopied(video, stream.codec, () => open(true)) : openPainted(canvas)
  }
  const hear = (said: Said): void => {
    if (said.type === 'welcome') look.ends_at.value = stationNow() + said.minutes * 60_000
    else if (said.type === 'camera') look.camera.value = said.camera
    else if (said.type === 'stream') play(said)
    else if (said.type === 'waits') goes(said.why, false, false)
    else goes(said.why, true, said.again)
  }

  /** A browser is not told why a socket was refused; asked without one, the station says it. */
  const refused = async (path: string): Promise<void> => {
    goes(t('live_lost'), true, true)
    const answer = await ask('GET', path)
    if ('problem' in answer && answer.status !== 0 && answer.status !== 426) goes(answer.problem, true, true)
  }

  const open = (as_mpeg1: boolean): void => {
    hangUp()
    const query = new URLSearchParams({ reason, locale: locale.value })
    if (incident !== undefined) query.set('incident', incident)
    if (as_mpeg1) query.set('format', 'mpeg1')
    const path = `/api/cameras/${encodeURIComponent(camera)}/live?${query}`
    const opened = new WebSocket(`${location.origin.replace('http', 'ws')}${path}`)
    socket = opened
    opened.binaryType = 'arraybuffer'
    opened.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') hear(JSON.parse(data) as Said)
      else player?.take(new Uint8Array(data, 8), new DataView(data).getFloat64(0))
    }
    let welcome = false
    opened.onopen = () => {
      welcome = true
    }
    opened.onclose = () => {
      if (look.gone.value?.over) return
      if (welcome) goes(t('live_lost'), true, true)
      else void refused(path)
    }
  }
  const hangUp = (): void => {
    stopPlaying()
    if (socket === undefined) return
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }

  open(!can_copy)
  return { ...look, shown_at: () => player?.shown_at(), close: hangUp }
}
