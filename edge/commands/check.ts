import { constants, readFileSync } from 'node:fs'
import { access, mkdir, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import mqtt from 'mqtt'
import { realClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { loadDefinitions } from '../definitions.ts'
import { type BudgetNow, carries } from '../domain/frame-budget.ts'
import { most_threads, openCameras, packsOf } from '../ingest/cameras.ts'
import { openModel, shippedModels } from '../ingest/vision/open-model.ts'
import type { Args } from '../main.ts'
import type { CameraNow } from '../ports.ts'
import { configOf } from './run.ts'

type Finding = { readonly part: string; readonly ok: boolean; readonly found: string }

/** Tries everything station.yaml names and prints a table; nothing is changed but an empty state folder. */
export const check = async (args: Args): Promise<number> => {
  const shipped = await loadDefinitions()
  const { config, file, definitions } = configOf(args, shipped)
  const mapped = [...definitions.profiles.keys()].filter(name => !shipped.profiles.has(name))
  const counts = await model(config)
  const findings = [
    {
      part: 'config',
      ok: true,
      found: `${file}: ${config.zones.length} zones, ${config.devices.length} devices, ${config.cameras.length} cameras, ${config.units.length} units`
    },
    ...(mapped.length > 0 ? [{ part: 'mappings', ok: true, found: `${mapped.join(', ')}: what their examples say` }] : []),
    await portFree('http', config.http.host, config.http.port),
    await portFree('mqtt', config.mqtt.host, config.mqtt.port),
    await disk(config.state_dir),
    clockFinding(),
    staff(config, definitions.templates.get(config.station.template)?.agencies ?? []),
    counts,
    ...(await cameras(config, counts)),
    ...(await uplink(config))
  ]
  const width = Math.max(...findings.map(({ part }) => part.length))
  for (const { part, ok, found } of findings) process.stdout.write(`${ok ? '正常 ok  ' : '异常 FAIL'}  ${part.padEnd(width)}  ${found}\n`)
  return findings.every(({ ok }) => ok) ? 0 : 1
}

const portFree = (part: string, host: string, port: number): Promise<Finding> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({
        part,
        ok: false,
        found: `${host}:${port} ${error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be opened (${error.code})`}`
      })
    )
    server.listen(port, host, () => server.close(() => resolve({ part, ok: true, found: `${host}:${port} is free` })))
  })

const disk = async (dir: string): Promise<Finding> => {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await access(dir, constants.W_OK)
    const { bavail, bsize } = await statfs(dir)
    const free = (bavail * bsize) / 1e9
    return { part: 'disk', ok: free > 1, found: `${dir}: ${free.toFixed(1)} GB free${free > 1 ? '' : ', at least 1 GB is needed'}` }
  } catch (error) {
    return { part: 'disk', ok: false, found: `${dir} cannot be written (${(error as NodeJS.ErrnoException).code})` }
  }
}

const first_release = Date.UTC(2026, 10, 1)

const clockFinding = (): Finding => {
  const ok = Date.now() > first_release
  return {
    part: 'clock',
    ok,
    found: ok ? new Date().toISOString() : `${new Date().toISOString()} lies before this release: set the clock, or NTP`
  }
}

const staff = (config: Config, agencies: readonly string[]): Finding => {
  const missing = agencies.filter(agency => !config.units.some(unit => unit.agency === agency))
  return {
    part: 'units',
    ok: config.units.some(unit => unit.commands),
    found: [
      config.units.some(unit => unit.commands) ? 'somebody commands' : 'no unit has commands: true',
      missing.length > 0 ? `nobody to ask of ${missing.join(', ')}` : 'every agency has a unit'
    ].join('; ')
  }
}

/** Opens the model as vision would: fingerprint, inputs and outputs, self-test. */
const model = async ({ vision, state_dir }: Config): Promise<Finding> => {
  const opened = await openModel(vision.model, shippedModels.href, packsOf(state_dir).href)
  if ('refused' in opened) return { part: 'model', ok: false, found: opened.refused }
  const { name, sha256, golden, card } = opened.counter.model
  const tested = golden === undefined ? 'has no golden picture, answers for every cell' : 'answers its golden picture'
  return { part: 'model', ok: true, found: `${name} (sha256 ${sha256.slice(0, 12)}…) ${tested}; ${card.licence}` }
}

const seen_within_ms = 12_000

/** Opens each camera as the station would, with its model, and says what was seen. */
const cameras = async (config: Config, counts: Finding): Promise<readonly Finding[]> => {
  if (config.cameras.length === 0) return []
  const quiet = { info: () => undefined, warn: () => undefined }
  const opened = await openCameras({
    cameras: config.cameras,
    clock: realClock,
    log: quiet,
    model: config.vision.model,
    packs: packsOf(config.state_dir),
    // As if there were more cameras: how many fit is asked too.
    threads: most_threads,
    hear: () => undefined,
    onState: () => undefined
  })
  const until = Date.now() + seen_within_ms
  const judged = (): boolean =>
    opened.list().every(({ state, scene, ms_per_picture }) => (scene && ms_per_picture > 0) || state === 'dead' || state === 'refused')
  while (!judged() && opened.troubles().length === 0 && Date.now() < until) await wait(100)
  const findings = opened.list().map(({ id, state, why, scene }) => ({
    part: `camera ${id}`,
    ok: scene !== undefined,
    found:
      scene === undefined ? `${state}: ${why}` : `live, ${Math.round(scene.people_count)} people counted in ${Math.round(scene.took_ms)} ms`
  }))
  const vision = budgetFinding(opened.budget(), opened.list())
  // What the model itself is refused for stands in its own line.
  const troubles = opened
    .troubles()
    .filter(found => found !== counts.found)
    .map(found => ({ part: 'vision', ok: false, found }))
  await opened.close()
  return [...findings, ...vision, ...troubles]
}

/** How many cameras this machine carries, as measured just now. */
const budgetFinding = (budget: BudgetNow | undefined, cameras: readonly CameraNow[]): readonly Finding[] => {
  const counted = cameras.filter(({ ms_per_picture }) => ms_per_picture > 0)
  if (budget === undefined || counted.length === 0) return []
  const { ms_per_picture, budget_cores, used_cores } = budget
  const refused = cameras.filter(({ state }) => state === 'refused')
  const fps = Math.max(...counted.map(({ fps_wanted }) => fps_wanted))
  const { in_full, at_least } = carries(ms_per_picture, fps, budget_cores)
  const fit = `at ${fps} fps ${in_full} such cameras have all they ask for, ${at_least} half of it`
  return [
    {
      part: 'vision',
      ok: refused.length === 0,
      found: `counting a picture takes ${ms_per_picture.toFixed(0)} ms, ${used_cores.toFixed(2)} of ${budget_cores.toFixed(2)} cores are given: ${fit}`
    }
  ]
}

const uplink = async (config: Config): Promise<readonly Finding[]> => {
  if (config.uplink === undefined) return []
  const { url, username, password_file, ca_file } = config.uplink
  const client = mqtt.connect(url, {
    username,
    password: readFileSync(password_file, 'utf8').trim(),
    clientId: `${username}-check`,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 5000,
    ...(ca_file !== undefined && { ca: readFileSync(ca_file) })
  })
  const found = await new Promise<string | undefined>(resolve => {
    client.once('connect', () => resolve(undefined))
    client.once('error', error => resolve(error.message))
    client.once('close', () => resolve('no answer within 5 s'))
  })
  client.end(true)
  return [
    { part: 'uplink', ok: found === undefined, found: `${url} ${found === undefined ? 'lets us in' : `does not let us in: ${found}`}` }
  ]
}
