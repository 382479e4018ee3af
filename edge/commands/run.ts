import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Logger, pino } from 'pino'
import type { DeviceProfile } from '../../devices/device.ts'
import { type Config, mappingsDir, readConfig } from '../config.ts'
import { type Definitions, loadDefinitions } from '../definitions.ts'
import { checkCameraUrl } from '../ingest/vision/url.ts'
import type { Args } from '../main.ts'
import { readMappings } from '../mappings.ts'
import { check, SettingsError } from '../settings.ts'
import { openStation } from '../station.ts'

/** Where the built screens lie, seen from the sources and from dist alike. */
export const screenFolder = (name: 'edge' | 'cloud'): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? `../../dist/screen/${name}` : `../../screen/${name}`, import.meta.url))

export const versionOf = (): string => {
  const file = new URL(import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** With the profiles of the station's own, which lie where station.yaml says. */
export const configOf = (
  { options }: Args,
  shipped: Definitions
): { readonly file: string; readonly config: Config; readonly definitions: Definitions } => {
  if (typeof options.config !== 'string') throw new SettingsError(['--config is missing; right would be: --config station.yaml'])
  const file = options.config
  let mappings: ReadonlyMap<string, DeviceProfile> = new Map()
  const config = readConfig(file, {
    mapped: settings => {
      mappings = readMappings(mappingsDir(file, settings), [...shipped.profiles.keys()])
      return [...mappings.keys()]
    },
    templates: [...shipped.templates.keys()],
    profiles: [...shipped.profiles.keys()],
    rules: Object.fromEntries([...shipped.rules].map(([name, rule]) => [name, rule.settings as object])),
    channels: new Map([...shipped.channels].map(([name, { settings }]) => [name, (given: unknown) => check(settings, given).mistakes])),
    cameraUrl: url => {
      const checked = checkCameraUrl(url)
      return 'refused' in checked ? checked.refused : undefined
    }
  })
  return { file, config, definitions: { ...shipped, profiles: new Map([...shipped.profiles, ...mappings]) } }
}

export const openLog = (pretty: boolean): Logger =>
  pretty ? pino({ transport: { target: 'pino-pretty' } }) : pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime })

/** Runs until told to stop; SIGTERM and SIGINT end it cleanly within five seconds. */
export const run = async (args: Args): Promise<number> => {
  const { config, definitions } = configOf(args, await loadDefinitions())
  const log = openLog(args.options.pretty === true || process.stdout.isTTY)
  const station = await openStation(config, { log, version: versionOf(), definitions, screen: screenFolder('edge') })
  log.info({ http: station.url, mqtt_port: station.mqttPort }, `station ${config.station.id} is on duty at ${station.url}`)

  const signal = await new Promise<string>(resolve => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name))
    // The parent that started us with a channel has gone: a demo or a test must not leave a station behind.
    if (process.channel) process.once('disconnect', () => resolve('the parent has gone'))
    // Listening for that must not keep a closed station alive: after SIGTERM it would never end under a parent that stays.
    process.channel?.unref()
  })
  // Whatever still holds the process by then, a hung disk included, does not hold it longer.
  setTimeout(() => {
    log.error('the station did not end within 4.5 s and is ended')
    process.exit(1)
  }, 4500).unref()
  await station.close()
  log.info({ signal }, 'the station is closed')
  return 0
}
