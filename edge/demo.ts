/**
 * npm start: the main job on a fresh machine. A station and a cloud as real processes with real files, devices that speak
 * their own payloads over real MQTT, a recorded camera; the first warning within a minute.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { type Simulator, simulateDevices } from '../devices/simulate.ts'
import { realClock } from './clock.ts'
import { buildScreens } from './console/screen/build.ts'
import { loadDefinitions } from './definitions.ts'
import { type DemoFiles, type DemoOptions, writeDemo } from './demo/files.ts'
import { story } from './demo/hub.ts'
import { letPeopleSpeak } from './demo/people.ts'
import { watchStation } from './demo/watch.ts'
import { linesOf, readScenario } from './scenario.ts'
import { SettingsError } from './settings.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const readOptions = (): DemoOptions => {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      state: { ...text, default: 'var' },
      'http-port': { ...text, default: '8080' },
      'mqtt-port': { ...text, default: '1883' },
      'cloud-http-port': { ...text, default: '8090' },
      'cloud-mqtt-port': { ...text, default: '1884' },
      scenario: text,
      speed: { ...text, default: '1' },
      camera: text,
      'no-cloud': { type: 'boolean', default: false }
    }
  })
  const port = (name: 'http-port' | 'mqtt-port' | 'cloud-http-port' | 'cloud-mqtt-port'): number => {
    const number = Number(values[name])
    if (!Number.isInteger(number) || number < 1 || number > 65535)
      throw new SettingsError([`--${name} ${values[name]}: not a port; right would be: a whole number from 1 to 65535`])
    return number
  }
  const speed = Number(values.speed)
  if (!(speed > 0)) throw new SettingsError([`--speed ${values.speed}: not a speed; right would be: a number above 0, for example 60`])
  const scenario = values.scenario
  return {
    state: resolve(values.state),
    http_port: port('http-port'),
    mqtt_port: port('mqtt-port'),
    cloud_http_port: port('cloud-http-port'),
    cloud_mqtt_port: port('cloud-mqtt-port'),
    cloud: !values['no-cloud'],
    camera: values.camera,
    scenario:
      scenario === undefined
        ? undefined
        : readScenario(/\.ya?ml$/.test(scenario) ? scenario : fileURLToPath(new URL(`./demo/scenarios/${scenario}.yaml`, import.meta.url))),
    speed
  }
}

type Running = { readonly name: string; readonly child: ChildProcess; readonly log: string; readonly ended: Promise<number | null> }

const launch = (name: string, program: string, config: string, state: string): Running => {
  const log = join(state, `${name}.log`)
  const out = openSync(log, 'w')
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL(program, import.meta.url)), 'run', '--config', config], {
    // The channel tells the child when we are gone, however we went.
    stdio: ['ignore', out, out, 'ipc']
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  return { name, child, log, ended }
}

const ready = async (running: Running, url: string): Promise<void> => {
  let over = false
  void running.ended.then(() => {
    over = true
  })
  for (;;) {
    if (over) throw new Error(`${running.name} 没有启动 did not start; ${running.log} says why`)
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    await wait(200)
  }
}

const simulate = async (files: DemoFiles, { mqtt_port, scenario, speed }: ReturnType<typeof readOptions>): Promise<Simulator> => {
  const { profiles } = await loadDefinitions()
  return simulateDevices({
    url: `mqtt://127.0.0.1:${mqtt_port}`,
    devices: files.devices.map(device => {
      const profile = profiles.get(device.profile)
      if (profile === undefined) throw new Error(`there is no device profile ${device.profile}`)
      // Where silence is part of the story nobody speaks but the story.
      const { simulate: _, ...scripted } = profile
      return { ...device, profile: device.silent_after_s === undefined ? profile : scripted }
    }),
    script: (scenario ? linesOf(scenario) : story).map(({ at_s, device, payload }) => ({ after_s: at_s / speed, device, says: payload })),
    clock: realClock,
    log: pino({ level: 'warn' })
  })
}

const main = async (): Promise<void> => {
  const options = readOptions()
  await mkdir(options.state, { recursive: true, mode: 0o700 })
  say('前哨 Qianshao: 构建界面 building the screens …')
  await buildScreens()
  const files = writeDemo(options)
  const running: Running[] = []
  let simulator: Simulator | undefined
  let goHome: (() => void) | undefined
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    goHome?.()
    await simulator?.stop()
    for (const { child } of running) child.kill('SIGTERM')
    await Promise.all(running.map(({ ended }) => ended))
    process.exit(process.exitCode ?? 0)
  }
  process.once('SIGINT', () => void stop())
  process.once('SIGTERM', () => void stop())

  try {
    const [station, cloud] = [`http://127.0.0.1:${options.http_port}`, `http://127.0.0.1:${options.cloud_http_port}`]
    say('启动云端与站点 starting the cloud and the station …')
    if (options.cloud) running.push(launch('cloud', '../cloud/main.ts', files.cloud, options.state))
    running.push(launch('station', './main.ts', files.station, options.state))
    for (const one of running) {
      await ready(one, one.name === 'cloud' ? cloud : station)
      void one.ended.then(code => {
        if (stopping) return
        say(`${one.name} 已退出 ended (${code}); 见 see ${one.log}`)
        process.exitCode = 1
        void stop()
      })
    }
    simulator = await simulate(files, options)
    const { scenario, speed } = options
    if (scenario !== undefined) goHome = letPeopleSpeak({ url: station, token: files.people_token, scenario, speed, clock: realClock }, say)
    say(`
  站点 station  ${station}    用户 commander patrol fire operator medic guard traffic volunteer installer auditor
  ${options.cloud ? `云端 cloud    ${cloud}    用户 city\n  ` : ''}口令 password ${files.password}   (本机首次启动时生成 made at the first start; 也在 also in ${join(options.state, 'secrets', 'people')})
  日志 logs     ${running.map(one => one.log).join('  ')}
  停止 stop     Ctrl-C
`)
    await watchStation(station, files.token, say, () => stopping)
  } catch (error) {
    say((error as Error).message)
    process.exitCode = error instanceof SettingsError ? 2 : 1
    await stop()
  }
}

main().catch(error => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(error instanceof SettingsError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1)
})
