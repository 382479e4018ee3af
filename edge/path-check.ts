/**
 * The path check: once an hour the station speaks to itself as a sensor would and listens as a screen would. MQTT message →
 * profile → rule → alert → disk → screens, the very same path, in seconds. Nobody sees it while it works; when it does not,
 * that is an alert: a station that has gone deaf must not look like a quiet night.
 */
import { randomBytes } from 'node:crypto'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { every } from './clock.ts'
import type { Event } from './domain/event.ts'
import type { DutyRoom } from './duty.ts'
import type { Clock } from './ports.ts'

export const path_check_device = 'path-check'
export const path_check_topic = `devices/${path_check_device}`
/** The whole way, there and back; people wait a second for a warning, a busy disk may take its time. */
const patience_ms = 10_000
const first_after_ms = 30_000

export type PathCheck = {
  readonly password: string
  /** From here on it runs: once soon after the start, then every so often. */
  readonly start: (way: { readonly url: string; readonly options?: IClientOptions }) => void
  /** Once, now: how long it took, or where it got stuck. */
  readonly check: () => Promise<PathChecked>
  readonly last: () => PathChecked | undefined
  readonly close: () => Promise<void>
}
export type PathChecked = { readonly at: number } & (
  | { readonly ok: true; readonly shown_ms: number; readonly kept_ms: number }
  | { readonly ok: false; readonly stuck: 'connect' | 'keep' | 'show'; readonly why: string }
)

export const openPathCheck = ({
  clock,
  duty,
  zone,
  station,
  every_s
}: {
  readonly clock: Clock
  readonly duty: DutyRoom
  readonly zone: string
  readonly station: string
  readonly every_s: number
}): PathCheck => {
  const password = randomBytes(24).toString('hex')
  let way: { readonly url: string; readonly options?: IClientOptions } | undefined
  let last: PathChecked | undefined
  let running: Promise<PathChecked> | undefined
  let stop: (() => void)[] = []

  const record = (checked: PathChecked): void => {
    last = checked
    const { desk } = duty
    const event: Event = checked.ok
      ? { type: 'path_checked', id: station, at: checked.at, ok: true, shown_ms: checked.shown_ms, kept_ms: checked.kept_ms }
      : { type: 'path_checked', id: station, at: checked.at, ok: false, stuck: checked.stuck, why: checked.why }
    void desk.record([event])
    const subject = { key: 'path-broken:station', rule: 'path-check', zone }
    if (checked.ok) void desk.verdict(subject, { kind: 'outage' }, { raised: false, because: { say: 'path_works', with: {} } })
    else {
      const because = { say: 'path_broken' as const, with: { stuck: checked.stuck, why: checked.why } }
      void desk.verdict(subject, { kind: 'outage' }, { raised: true, severity: 'orange', because })
    }
  }

  const check = (): Promise<PathChecked> => {
    running ??= once(way, password, duty, clock).then(checked => {
      running = undefined
      record(checked)
      return checked
    })
    return running
  }

  return {
    password,
    start: to => {
      way = to
      const run = (): void => void check()
      stop = [clock.wake(clock.now() + first_after_ms, run), every(clock, every_s * 1000, run)]
    },
    check,
    last: () => last,
    close: async () => {
      for (const end of stop) end()
      await running
    }
  }
}

const once = async (
  way: { readonly url: string; readonly options?: IClientOptions } | undefined,
  password: string,
  duty: DutyRoom,
  clock: Clock
): Promise<PathChecked> => {
  const at = clock.now()
  const stuckAt = (stuck: 'connect' | 'keep' | 'show', error: unknown): PathChecked => ({
    at,
    ok: false,
    stuck,
    why: (error instanceof Error ? error.message : String(error)).slice(0, 200)
  })
  let client: MqttClient | undefined
  try {
    if (way === undefined) return stuckAt('connect', 'the broker is not open')
    client = await connected(connect(way.url, { ...way.options, username: path_check_device, password, reconnectPeriod: 0 }))
  } catch (error) {
    client?.end(true)
    return stuckAt('connect', error)
  }
  const began = performance.now()
  const shown = seen(duty)
  try {
    const kept = said(client, 1).then(() => performance.now() - began)
    const shown_ms = await within(shown.done, 'no screen was told within 10 s').then(
      heard_at => heard_at - began,
      error => error as Error
    )
    if (typeof shown_ms !== 'number') return stuckAt('show', shown_ms)
    const kept_ms = await within(kept, 'it was not kept within 10 s').catch(error => error as Error)
    if (typeof kept_ms !== 'number') return stuckAt('keep', kept_ms)
    await within(said(client, 0), 'it was not kept within 10 s').catch(() => undefined)
    for (const alert of duty.state.alerts.values())
      if (alert.kind === 'path' && alert.phase === 'open')
        duty.desk.alertCommand(alert.id, { type: 'acknowledge', by: 'station', episode: 'all' })
    return { at, ok: true, shown_ms: Math.round(shown_ms), kept_ms: Math.round(kept_ms) }
  } finally {
    shown.stop()
    client.end(true)
  }
}

const connected = (client: MqttClient): Promise<MqttClient> =>
  within(
    new Promise<MqttClient>((resolve, reject) => {
      client.once('connect', () => resolve(client))
      client.once('error', reject)
      client.once('close', () => reject(new Error('the broker closed the connection')))
    }),
    'the broker did not answer within 10 s'
  ).catch(error => {
    client.end(true)
    throw error
  })

const said = (client: MqttClient, value: 0 | 1): Promise<unknown> =>
  client.publishAsync(`${path_check_topic}/telemetry`, JSON.stringify({ path_check: value }), { qos: 1 })

/** Resolves with the moment at which screens were told of the raised path alert. */
const seen = (duty: DutyRoom): { readonly done: Promise<number>; readonly stop: () => void } => {
  let stop = (): void => undefined
  const done = new Promise<number>(resolve => {
    stop = duty.live.listen(({ type, data }) => {
      if (type === 'path' && (data as { active: boolean }).active) resolve(performance.now())
    })
  })
  return { done, stop }
}

const within = async <Result>(work: Promise<Result>, why: string): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), patience_ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
