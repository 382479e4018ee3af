#!/usr/bin/env node
/** qianshao-cloud: the cloud's commands. Exit 0 fine, 1 the check or run failed, 2 usage or configuration. */
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { SettingsError } from '../edge/settings.ts'
import { checkConfig, tableOf } from './check.ts'
import { openCloud } from './cloud.ts'
import { readConfig } from './config.ts'

const usage = `qianshao-cloud <command>

  run     --config cloud.yaml [--pretty]     the cloud 启动云端
  check   --config cloud.yaml                try everything the file names 检查配置
`
const longest_goodbye_ms = 5_000

const run = async (file: string, pretty: boolean): Promise<number> => {
  const config = readConfig(file)
  const log = pretty ? pino({ transport: { target: 'pino-pretty' } }) : pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const cloud = await openCloud(config, { log })
  const { http, mqtt } = config
  log.info(
    `cloud: board http${http.tls ? 's' : ''}://${http.host}:${cloud.httpPort}/, stations mqtt${mqtt.tls ? 's' : ''}://${mqtt.host}:${cloud.mqttPort}`
  )
  const signal = await new Promise<string>(resolve => {
    for (const one of ['SIGTERM', 'SIGINT']) process.once(one, resolve)
  })
  log.info(`cloud: ${signal}, closing`)
  setTimeout(() => process.exit(1), longest_goodbye_ms).unref()
  await cloud.close()
  return 0
}

const check = async (file: string): Promise<number> => {
  const findings = await checkConfig(readConfig(file))
  process.stdout.write(`${tableOf(findings)}\n`)
  return findings.every(({ ok }) => ok) ? 0 : 1
}

const main = async (): Promise<number> => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { config: { type: 'string' }, pretty: { type: 'boolean' }, help: { type: 'boolean' } }
    })
    const [command, ...more] = positionals
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    if (values.config === undefined || more.length > 0 || (command !== 'run' && command !== 'check')) {
      process.stderr.write(usage)
      return 2
    }
    return command === 'run' ? await run(values.config, values.pretty ?? process.stdout.isTTY) : await check(values.config)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    const usageFault = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ?? false
    return error instanceof SettingsError || usageFault ? 2 : 1
  }
}

process.exitCode = await main()
