/** A real RTSP server (GStreamer's) for tests, ended by its pid. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { needs } from './needs.ts'

export type RtspServer = {
  readonly port: number
  readonly pid: number
  readonly url: string
  /** When the first picture of each play was due, epoch ms, oldest first: picture number n of a file goes out n / its rate later. */
  readonly plays: () => readonly number[]
  readonly stop: () => Promise<void>
}

const bindings =
  "import gi\ngi.require_version('GstRtspServer','1.0')\nfrom gi.repository import Gst, GstRtspServer\nGst.init(None)\nassert Gst.ElementFactory.find('openh264enc') and Gst.ElementFactory.find('qtdemux')"

/** Options for a test that needs it: Debian's gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-{base,good,bad}. */
export const needsRtsp = (): { skip: string | false } => {
  const programs = needs('ffmpeg', 'ffprobe', '/usr/bin/python3')
  if (programs.skip !== false) return programs
  if (spawnSync('/usr/bin/python3', ['-c', bindings]).status === 0) return { skip: false }
  if (process.env.REQUIRE_ALL === '1') throw new Error('REQUIRE_ALL=1, but this machine lacks GstRtspServer for Python')
  return { skip: 'needs GstRtspServer for Python (gir1.2-gst-rtsp-server-1.0, python3-gi), not on this machine' }
}

export const rtspServer = async ({ port = 0, file = '', user = '', passwordFile = '' } = {}): Promise<RtspServer> => {
  const script = fileURLToPath(new URL('rtsp-server.py', import.meta.url))
  const child = spawn('/usr/bin/python3', [script, String(port), file, user, passwordFile], { stdio: ['ignore', 'pipe', 'inherit'] })
  const plays: number[] = []
  const bound = await ready(child, plays)
  return {
    plays: () => plays,
    port: bound,
    pid: child.pid ?? 0,
    url: `rtsp://${user === '' ? '' : `${user}@`}127.0.0.1:${bound}/live`,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

const ready = (child: ChildProcess, plays: number[]): Promise<number> =>
  new Promise((settle, fail) => {
    let said = ''
    if (child.stdout === null) throw new Error('the RTSP server cannot be heard')
    createInterface(child.stdout).on('line', line => {
      said = line
      const [word, number] = line.split(' ')
      if (word === 'ready') settle(Number(number))
      if (word === 'plays') plays.push(Number(number))
    })
    child.on('exit', code => fail(new Error(`the RTSP server ended with ${code}: ${said}`)))
  })
