/** A real station (and cloud) as real processes on free ports, with files as an installer would write them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { until } from './until.ts'

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = { edge: join(root, 'edge/main.ts'), cloud: join(root, 'cloud/main.ts') }

export type Program = {
  readonly child: ChildProcess
  readonly output: () => string
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly end: (signal?: NodeJS.Signals) => Promise<number | string>
}

/** A command of ours as a process of its own; it ends with the test that started it. */
export const program = (
  which: 'edge' | 'cloud',
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {}
): Program => {
  const child = spawn(process.execPath, ['--import', 'tsx', main[which], ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    // tap's own loader must not be inherited: the process is what an installer starts.
    env: { ...process.env, NODE_OPTIONS: '', ...options.env }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += chunk))
  child.stdin?.end(options.input ?? '')
  const ended = new Promise<number | string>(resolve => child.once('close', (code, signal) => resolve(code ?? signal ?? 'gone')))
  return {
    child,
    output: () => output,
    ended,
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    }
  }
}

export const secretFile = (
  dir: string,
  name: string,
  secret = randomBytes(15).toString('hex')
): { readonly file: string; readonly secret: string } => {
  mkdirSync(join(dir, 'secrets'), { recursive: true, mode: 0o700 })
  writeFileSync(join(dir, 'secrets', name), `${secret}\n`, { mode: 0o600 })
  return { file: `secrets/${name}`, secret }
}

export type Box = {
  readonly dir: string
  readonly file: string
  readonly url: string
  readonly http_port: number
  readonly mqtt_port: number
  readonly password: string
  readonly deviceSecret: (id: string) => string
  readonly start: (env?: NodeJS.ProcessEnv) => Promise<Program>
}

export const hubZones = [
  { id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 100 },
  { id: 'food-row', name: '美食街', use: 'walkway', area_m2: 300 }
]
export const hubPeople = [
  { name: 'commander', agency: 'police', roles: ['duty_commander', 'officer'] },
  { name: 'patrol', agency: 'police', roles: ['officer'] },
  { name: 'fire', agency: 'fire', roles: ['officer'] },
  { name: 'operator', agency: 'operator', roles: ['officer'] },
  { name: 'installer', agency: 'maintenance', roles: ['installer'] },
  { name: 'auditor', agency: 'police', roles: ['auditor'] }
]
export const hubUnits = [
  { id: 'command', name: '指挥长', agency: 'police', commands: true, members: ['commander'], zones: [] },
  { id: 'patrol-1', name: '巡逻一组', agency: 'police', members: ['patrol'], zones: ['platform-1', 'food-row'] },
  { id: 'fire-1', name: '消防一组', agency: 'fire', members: ['fire'] },
  { id: 'staff-1', name: '站务一组', agency: 'operator', members: ['operator'] }
]

/** Writes a station's files into `dir`; `more` overrides top-level keys of station.yaml. */
export const makeBox = async (
  dir: string,
  devices: readonly { id: string; profile: string; zone: string; topic?: string; via?: string }[],
  more: object = {}
): Promise<Box> => {
  const [http_port, mqtt_port] = [await freePort(), await freePort()]
  const person = secretFile(dir, 'people')
  const secrets = new Map<string, string>()
  const withSecret = devices.map(device => {
    if (device.via !== undefined) return device
    const { file, secret } = secretFile(dir, `device-${device.id}`)
    secrets.set(device.id, secret)
    return { ...device, password_file: file }
  })
  const settings = {
    station: { id: 'test-hub', name: '测试枢纽', template: 'transport-hub' },
    state_dir: 'state',
    http: { host: '127.0.0.1', port: http_port },
    mqtt: { host: '127.0.0.1', port: mqtt_port },
    zones: hubZones,
    devices: withSecret,
    users: hubPeople.map(one => ({ ...one, password_file: person.file })),
    units: hubUnits,
    ...more
  }
  const file = join(dir, 'station.yaml')
  writeFileSync(file, stringify(settings))
  const url = `http://127.0.0.1:${http_port}`
  return {
    dir,
    file,
    url,
    http_port,
    mqtt_port,
    password: person.secret,
    deviceSecret: id => secrets.get(id) ?? '',
    start: async env => {
      const started = program('edge', ['run', '--config', file], env ? { env } : {})
      await ready(started, url)
      return started
    }
  }
}

export const ready = async (started: Program, url: string, within_ms = 30_000): Promise<void> => {
  let over: number | string | undefined
  void started.ended.then(code => {
    over = code
  })
  await until(
    async () => {
      if (over !== undefined) throw new Error(`ended with ${over}: ${started.output().slice(-2000)}`)
      return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok
    },
    `${url} is ready`,
    within_ms
  )
}

export type Session = {
  readonly get: <Answer = unknown>(path: string) => Promise<Answer>
  readonly post: (path: string, body?: object) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
  readonly cookie: string
}

/** A person at a screen, without the screen. */
export const signIn = async (url: string, name: string, password: string): Promise<Session> => {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password })
  })
  if (!answer.ok) throw new Error(`${name} could not sign in: ${answer.status} ${await answer.text()}`)
  const cookie = answer.headers
    .getSetCookie()
    .map(one => one.split(';')[0])
    .join('; ')
  return {
    cookie,
    get: async <Answer>(path: string) => {
      const response = await fetch(url + path, { headers: { cookie } })
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as Answer
    },
    post: async (path, body = {}) => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify(body)
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
    }
  }
}
