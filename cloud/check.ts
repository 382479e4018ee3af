/** `qianshao-cloud check`: tries everything the configuration names, and says of each how it went. */
import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { secretFrom } from './accounts.ts'
import type { Config } from './config.ts'
import { writerTo } from './metrics.ts'

export type Finding = { readonly what: string; readonly ok: boolean; readonly why: string }

const least_free_bytes = 500_000_000

export const checkConfig = async (config: Config): Promise<readonly Finding[]> => [
  attempt('state folder', () => {
    mkdirSync(config.state_dir, { recursive: true, mode: 0o700 })
    accessSync(config.state_dir, constants.W_OK)
    const { bavail, bsize } = statfsSync(config.state_dir)
    const free = bavail * bsize
    if (free < least_free_bytes)
      throw new Error(`${config.state_dir}: ${Math.round(free / 1e6)} MB free, ${least_free_bytes / 1e6} MB wanted`)
    return `${config.state_dir}: ${Math.round(free / 1e9)} GB free`
  }),
  await port('http', config.http),
  await port('mqtt', config.mqtt),
  attempt('secrets', () => {
    for (const { password_file } of [...config.stations, ...config.users]) secretFrom(password_file)
    return `${config.stations.length} stations, ${config.users.length} people`
  }),
  await timeseries(config)
]

export const tableOf = (findings: readonly Finding[]): string => {
  const width = Math.max(...findings.map(({ what }) => what.length))
  return findings.map(({ what, ok, why }) => `${ok ? 'ok  ' : 'FAIL'}  ${what.padEnd(width)}  ${why}`).join('\n')
}

const attempt = (what: string, act: () => string): Finding => {
  try {
    return { what, ok: true, why: act() }
  } catch (error) {
    return { what, ok: false, why: (error as Error).message }
  }
}

const port = async (what: string, { host, port }: Config['http']): Promise<Finding> => {
  const server = createServer()
  return await new Promise(resolve => {
    server.once('error', error => resolve({ what: `${what} port`, ok: false, why: `${host}:${port} cannot be opened: ${error.message}` }))
    server.listen(port, host, () => server.close(() => resolve({ what: `${what} port`, ok: true, why: `${host}:${port} is free` })))
  })
}

const timeseries = async ({ timeseries: wanted }: Config): Promise<Finding> => {
  const what = 'time series'
  if (wanted === undefined) return { what, ok: true, why: 'none: readings are kept here' }
  const { url, org, bucket, token_file } = wanted
  try {
    const token = token_file === undefined ? {} : { token: secretFrom(token_file) }
    // One point of the cloud's own, so that the right to write is tried and not only the address.
    const at = Date.now()
    await writerTo({ url, org, bucket, ...token })([`hub,station=qianshao-check rss_bytes=0 ${at}`])
    return { what, ok: true, why: `${url} takes points` }
  } catch (error) {
    return { what, ok: false, why: `${url}: ${(error as Error).message.slice(0, 160)}` }
  }
}
