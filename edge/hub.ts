/** The hub's own health as a time series, every ten seconds. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { every } from './clock.ts'
import type { Cameras, Clock, History, Journal, UplinkNow } from './ports.ts'
import { telemetryOf } from './telemetry.ts'

type HubParts = {
  readonly station: string
  readonly clock: Clock
  readonly journal: Journal
  readonly history: History
  readonly cameras: Cameras
  readonly counters: () => Readonly<Record<string, number>>
  readonly uplink: () => UplinkNow
}

const every_ms = 10_000
const lag_resolution_ms = 10

export const hubTelemetry = ({ station, clock, journal, history, cameras, counters, uplink }: HubParts): { readonly close: () => void } => {
  const telemetry = telemetryOf(station)
  const lag = monitorEventLoopDelay({ resolution: lag_resolution_ms })
  lag.enable()
  const beat = (): void => {
    const { readings_total, unreadable_total, ...rest } = counters()
    const { behind_seconds, backlog_records } = uplink()
    const quarantined_total = Object.entries(rest).reduce((sum, [name, n]) => (name.startsWith('mqtt_quarantined_') ? sum + n : sum), 0)
    const text = telemetry.hub(
      {
        readings_total,
        unreadable_total,
        quarantined_total,
        unpersisted: journal.unpersisted(),
        backlog_records,
        behind_seconds,
        // The monitor measures from one tick to the next, its own interval included.
        loop_lag_ms: Math.max(0, lag.percentile(99) / 1e6 - lag_resolution_ms),
        rss_bytes: process.memoryUsage.rss(),
        cameras_live: cameras.list().filter(camera => camera.state === 'live').length
      },
      clock.now()
    )
    lag.reset()
    if (text !== undefined) history.keep([text]).catch(() => undefined)
  }
  const cancel = every(clock, every_ms, beat)
  return {
    close: () => {
      cancel()
      lag.disable()
    }
  }
}
