/** The whole cloud, opened from its configuration; the only file here that knows all parts. Tests and the demo open the same one. */
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Logger, pino } from 'pino'
import { openAccounts, secretFrom } from './accounts.ts'
import { openApp } from './app.ts'
import { openBroker } from './broker.ts'
import { openCity } from './city.ts'
import { type Clock, realClock } from './clock.ts'
import type { Config } from './config.ts'
import { openDatabase, openTally } from './database.ts'
import { openInbox } from './inbox.ts'
import { openLive } from './live.ts'
import { openMetrics } from './metrics.ts'
import { openOrders } from './orders.ts'
import { openReadings } from './readings.ts'
import { openSilences } from './silence.ts'
import { openStations } from './stations.ts'

export type CloudOptions = {
  readonly clock?: Clock
  readonly log?: Logger
  readonly version?: string
  /** Folder of the built board; by default where `npm run build` puts it. */
  readonly screen?: string
}
export type Cloud = {
  readonly httpPort: number
  readonly mqttPort: number
  readonly counters: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

export const openCloud = async (config: Config, options: CloudOptions = {}): Promise<Cloud> => {
  const { clock = realClock, log = pino({ enabled: false }), version = '0.1.0', screen = builtBoard() } = options
  const undo: (() => void | Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const db = openDatabase(config.state_dir)
    undo.push(() => void db.close())
    const tally = openTally(db)
    const inbox = openInbox(db, tally)
    const stations = openStations(db, config.stations)
    const readings = openReadings(db, tally, config.readings)
    const silences = openSilences(db, config.silent_after_s * 1000, clock.now())
    const said = { info: (message: string) => log.info(message), warn: (message: string) => log.warn(message) }

    const { timeseries } = config
    const metrics =
      timeseries === undefined
        ? undefined
        : openMetrics({
            url: timeseries.url,
            org: timeseries.org,
            bucket: timeseries.bucket,
            ...(timeseries.token_file !== undefined && { token: secretFrom(timeseries.token_file) }),
            db,
            tally,
            clock,
            log: said
          })
    if (metrics) undo.push(metrics.close)

    const city = openCity({
      clock,
      inbox,
      stations,
      readings,
      silences,
      orders: openOrders(db),
      live: openLive(),
      tally,
      metrics,
      // The city speaks only after the broker has let a station in, so the broker is there by then.
      publish: (topic, payload) => broker?.publish(topic, payload),
      log: said
    })
    undo.push(city.close)
    const accounts = await openAccounts(
      config.users.map(({ name, password_file, roles }) => ({ name, roles, password: secretFrom(password_file) })),
      clock
    )
    let broker: Awaited<ReturnType<typeof openBroker>> | undefined
    broker = await openBroker({
      host: config.mqtt.host,
      port: config.mqtt.port,
      ...(config.mqtt.tls && { tls: config.mqtt.tls }),
      stations: config.stations.map(({ id, password_file }) => ({ id, password: secretFrom(password_file) })),
      hear: city.hear,
      refused: ({ who, why }) => log.warn({ who }, `mqtt: refused: ${why}`)
    })
    undo.push(broker.close)
    const app = await openApp({
      city,
      accounts,
      broker,
      locale: config.locale,
      timezone: config.timezone,
      version,
      log,
      ...(config.http.tls && { tls: config.http.tls }),
      ...(screen !== undefined && { screen })
    })
    undo.push(() => app.close())
    await app.listen({ host: config.http.host, port: config.http.port })
    const httpPort = (app.server.address() as AddressInfo).port
    const counters = (): Readonly<Record<string, number>> => ({ ...city.counters(), ...broker?.counters() })
    return { httpPort, mqttPort: broker.port, counters, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Beside the sources in a checkout, beside the compiled files on a server. */
const builtBoard = (): string | undefined =>
  ['../dist/screen/cloud', '../screen/cloud']
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(path => existsSync(join(path, 'index.html')))
