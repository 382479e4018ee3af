/** The sides that are compared, each as processes of their own: the station, its broker alone, mosquitto with a bare rule. */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Box, freePort, makeBox, program, ready, secretFile } from '../support/box.ts'
import { until } from '../support/until.ts'
import type { LoadAnswer, LoadClient, LoadOrder } from './load.ts'
import { type Bench, found } from './measure.ts'

export type Side = { readonly port: number; readonly pids: readonly number[]; readonly clients: readonly LoadClient[] }
export type StationSide = Side & { readonly box: Box; readonly child: ChildProcess; readonly token: string }
export type Load = (order: LoadOrder) => Promise<LoadAnswer>

/** The one who is measured has core 0, who loads it core 1: their wake-ups do not mix. */
const measured_core = '0'
const load_core = '1'
export const pin = (pid: number, core: string): void => {
  spawnSync('taskset', ['-a', '-c', '-p', core, String(pid)], { stdio: 'ignore' })
}

export const helper = async (bench: Bench, file: string, args: readonly string[], core = measured_core): Promise<ChildProcess> => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  bench.after(() => end(child))
  if (child.pid !== undefined) pin(child.pid, core)
  return child
}
const end = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

export const askOf =
  <Order extends object, Answer>(child: ChildProcess) =>
  (order: Order): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('a helper of the benchmark ended'))
      child.once('exit', gone)
      child.once('message', (answer: Answer & { failed?: string }) => {
        child.off('exit', gone)
        if (answer.failed === undefined) resolve(answer)
        else reject(new Error(answer.failed))
      })
      child.send(order)
    })

export const openLoad = async (bench: Bench): Promise<Load> => askOf<LoadOrder, LoadAnswer>(await helper(bench, './load.ts', [], load_core))

export const deviceName = (i: number): string => `sensor-${String(i).padStart(4, '0')}`
const clientsOf = (count: number, password: (id: string) => string): readonly LoadClient[] =>
  Array.from({ length: count }, (_, i) => ({
    id: deviceName(i),
    password: password(deviceName(i)),
    topic: `devices/${deviceName(i)}/telemetry`
  }))

/** A whole station as an installer would start it: JSON devices with passwords, a machine account, raised limits. */
export const openStationSide = async (
  bench: Bench,
  count: number,
  more: object = {},
  env?: NodeJS.ProcessEnv,
  cores = measured_core,
  besides: Parameters<typeof makeBox>[1] = []
): Promise<StationSide> => {
  const dir = join(bench.dir, `station-${randomBytes(4).toString('hex')}`)
  mkdirSync(dir)
  const token = secretFile(dir, 'listener', randomBytes(24).toString('base64url'))
  const port = await freePort()
  const devices = Array.from({ length: count }, (_, i) => ({
    id: deviceName(i),
    profile: 'json',
    zone: i % 2 === 0 ? 'platform-1' : 'food-row'
  }))
  const box = await makeBox(dir, [...devices, ...besides], {
    mqtt: {
      host: '127.0.0.1',
      port,
      limits: { max_connections: 2000, max_connections_per_address: 2000, messages_per_s_per_device: 5000 }
    },
    machines: [{ name: 'listener', token_file: token.file, scopes: ['read'] }],
    ...more
  })
  const station = program('edge', ['run', '--config', box.file], env === undefined ? {} : { env })
  bench.after(() => station.end())
  await ready(station, box.url)
  const pid = station.child.pid ?? 0
  pin(pid, cores)
  return { port, pids: [pid], clients: clientsOf(count, box.deviceSecret), box, child: station.child, token: token.secret }
}

/** Our broker and nothing else of the station: the same rule as the reference, in its own process. Says where the rest goes. */
export const openHubSide = async (bench: Bench, count: number): Promise<Side> => {
  const child = await helper(bench, './hub.ts', [])
  const { port } = await askOf<object, { port: number }>(child)({})
  return { port, pids: [child.pid ?? 0], clients: clientsOf(count, () => 'none') }
}

export const missingMosquitto = 'mosquitto is not on this machine'
export const openMosquitto = async (bench: Bench, settings = ''): Promise<{ readonly port: number; readonly pid: number } | undefined> => {
  const mosquitto = found('mosquitto')
  if (mosquitto === undefined) return undefined
  const port = await freePort()
  const file = join(bench.dir, `mosquitto-${port}.conf`)
  // Nothing may be thrown away in the comparison: by default mosquitto drops what waits beyond 1000 messages.
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_type error\n${settings}`)
  const child = spawn(mosquitto, ['-c', file], { stdio: 'ignore' })
  bench.after(() => end(child))
  if (child.pid === undefined) throw new Error('mosquitto does not start')
  pin(child.pid, measured_core)
  await until(() => accepts(port), 'mosquitto listens')
  return { port, pid: child.pid }
}

const accepts = async (port: number): Promise<boolean> => {
  const { connect } = await import('node:net')
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** What a user would write instead of a station: mosquitto, and a process with mqtt.js that parses and compares. Keeps nothing. */
export const openReferenceSide = async (
  bench: Bench,
  count: number,
  settings = ''
): Promise<(Side & { readonly heard: () => Promise<number> }) | undefined> => {
  const mosquitto = await openMosquitto(bench, settings)
  if (mosquitto === undefined) return undefined
  const child = await helper(bench, './bare-rule.ts', [String(mosquitto.port)])
  const ask = askOf<object, { heard: number }>(child)
  await ask({})
  return {
    port: mosquitto.port,
    pids: [mosquitto.pid, child.pid ?? 0],
    clients: clientsOf(count, () => 'none'),
    heard: async () => (await ask({})).heard
  }
}
