/**
 * The city: what stations say comes in here, is kept, folded, shown, and answered; what operators ask goes out.
 * Transport and screens are at the rim; this file knows neither MQTT nor HTTP.
 */
import { gunzipSync } from 'node:zlib'
import type { Point } from '../edge/domain/line-protocol.ts'
import {
  type Alive,
  type BatchAnswer,
  type CloudCommand,
  type CommandOutcome,
  type EventBatch,
  type Hello,
  type Lane,
  most_events_in_a_batch,
  topics,
  unpackReadings
} from '../edge/domain/uplink.ts'
import type { Clock } from './clock.ts'
import type { Tally } from './database.ts'
import type { Inbox } from './inbox.ts'
import type { Live } from './live.ts'
import type { Metrics } from './metrics.ts'
import type { Order, Orders } from './orders.ts'
import { alertSeen, incidentSeen, silenceSeen, stationSeen, zonesSeen } from './present.ts'
import { minutesOf, pointsOf, type Readings } from './readings.ts'
import type { Silences } from './silence.ts'
import type { StationSeen, Stations } from './stations.ts'

export type CityParts = {
  readonly clock: Clock
  readonly inbox: Inbox
  readonly stations: Stations
  readonly readings: Readings
  readonly silences: Silences
  readonly orders: Orders
  readonly live: Live
  readonly tally: Tally
  readonly metrics: Metrics | undefined
  readonly publish: (topic: string, payload: string) => void
  readonly log: { readonly info: (message: string) => void; readonly warn: (message: string) => void }
}

/** An event batch of 500 unpacks to some hundred KB; a thousandfold more is an attack. */
const largest_unpacked_bytes = 16 * 1024 * 1024
const look_every_ms = 1_000
const sweep_every_ms = 5_000
const orders_again_ms = 15_000
const blocks_shown_at_start = 30

export const openCity = (parts: CityParts) => {
  const { clock, inbox, stations, readings, silences, orders, live, tally, log } = parts
  /** Stations whose board line changed since the last look: told at most once a second. */
  const touched = new Set<string>()
  const waiting = new Map<string, (order: Order) => void>()
  const sentAt = new Map<string, number>()
  let troubled: string | undefined
  let batches = 0
  let busy_ms = 0

  for (const station of stations.all()) stations.see(station, readings.newest(station.id, blocks_shown_at_start))

  const heard = (station: StationSeen): void => {
    const at = clock.now()
    station.heard_at = at
    touched.add(station.id)
    const over = silences.heard(station.id, at)
    if (over === undefined) return
    log.info(`station ${station.id} is heard again after ${Math.round((at - over.heard_at) / 1000)} s`)
    live.tell('silence', silenceSeen(over))
  }

  const answer = (station: StationSeen, said: BatchAnswer): void => parts.publish(topics.answer(station.id), JSON.stringify(said))

  const takeEvents = (station: StationSeen, batch: EventBatch): BatchAnswer => {
    const { n, id, lane, items } = batch
    const { took, upto, changed } = inbox.takeEvents(station.id, batch)
    for (const entity of changed)
      live.tell(entity.kind, { station: station.id, ...(entity.kind === 'alert' ? alertSeen(entity.state) : incidentSeen(entity.state)) })
    if (took && items.length > 0) touched.add(station.id)
    return { n, id, lane, upto, took }
  }

  const takeReadings = (station: StationSeen, payload: Buffer): BatchAnswer => {
    const { head, blocks } = unpackReadings(payload)
    // Unpacked before the transaction. A block that is no gzip at all is let go and counted: kept back, it would stop the lane for ever.
    const points: Point[] = []
    const whole = blocks.filter(({ seq, gzip }) => {
      try {
        const read = pointsOf(gzip)
        points.push(...read.points)
        tally.add('lines_unread_total', read.unread)
        return true
      } catch (error) {
        tally.add('blocks_unreadable_total')
        log.warn(`station ${station.id}: block ${seq} of history ${head.id} cannot be unpacked (${(error as Error).message})`)
        return false
      }
    })
    const { took, upto } = inbox.takeBlocks(station.id, head, whole, minutesOf(points))
    if (took) {
      readings.grew(whole.reduce((sum, { gzip }) => sum + gzip.length, 0))
      stations.see(station, points)
      parts.metrics?.poke()
    }
    return { n: head.n, id: head.id, lane: head.lane, upto, took }
  }

  const takeBatch = (station: StationSeen, lane: Lane, payload: Buffer): void => {
    const started = performance.now()
    let batch: EventBatch | undefined
    try {
      if (lane === 'readings') answer(station, takeReadings(station, payload))
      else {
        batch = readEvents(payload, lane)
        answer(station, takeEvents(station, batch))
      }
      troubled = undefined
    } catch (error) {
      // Never answered as taken: the station keeps what we could not. A full disk here is the usual reason.
      const why = (error as { code?: string }).code ?? 'unreadable'
      if (why === 'unreadable' || !why.startsWith('SQLITE')) tally.add('batches_unreadable_total')
      else troubled = why
      log.warn(`station ${station.id}: a batch of lane ${lane} was not kept (${(error as Error).message.slice(0, 200)})`)
      if (batch !== undefined)
        answer(station, { n: batch.n, id: batch.id, lane, upto: inbox.cursor(station.id, batch.id, lane), took: false, why })
    } finally {
      batches++
      busy_ms += performance.now() - started
    }
  }

  const send = (order: Order): void => {
    sentAt.set(order.id, clock.now())
    parts.publish(topics.command(order.station), JSON.stringify(order.command))
  }

  const outcome = (station: StationSeen, said: CommandOutcome): void => {
    const order = orders.answered(station.id, said, clock.now())
    if (order === undefined) return
    sentAt.delete(order.id)
    live.tell('command', order)
    waiting.get(order.id)?.(order)
    log.info(`station ${station.id} ${order.state === 'done' ? 'carried out' : `refused (${order.refused})`} command ${order.id}`)
  }

  const hear = (id: string, what: string, payload: Buffer): void => {
    const station = stations.get(id)
    if (station === undefined) return
    if (what === 'status') {
      station.status = payload.toString() === 'online' ? 'online' : 'offline'
      touched.add(id)
      // The last will is the broker's word, not the station's: it must not count as having been heard.
      if (station.status === 'online') heard(station)
      return
    }
    heard(station)
    station.status = 'online'
    const [, lane] = /^(red|events|readings)\/batch$/.exec(what) ?? []
    if (lane !== undefined) takeBatch(station, lane as Lane, payload)
    else if (what === 'hello') greet(station, payload)
    else if (what === 'alive')
      readJson<Alive>(
        payload,
        said => Number.isFinite(said.behind_seconds),
        said => stations.alive(station, said, clock.now())
      )
    else if (what === 'outcome')
      readJson<CommandOutcome>(
        payload,
        said => typeof said.id === 'string',
        said => outcome(station, said)
      )
    else tally.add('messages_unknown_total')
  }

  const greet = (station: StationSeen, payload: Buffer): void =>
    readJson<Hello>(
      payload,
      said =>
        typeof said.journal === 'string' &&
        typeof said.history === 'string' &&
        said.station?.id === station.id &&
        Array.isArray(said.station.zones),
      said => {
        if (station.journal !== undefined && station.journal !== said.journal)
          log.warn(`station ${station.id} has a new journal ${said.journal}; open incidents of ${station.journal} are kept for the record`)
        stations.hello(station, said, clock.now())
        for (const order of orders.pending(station.id)) send(order)
      }
    )

  const readJson = <Said>(payload: Buffer, fits: (said: Said) => boolean, act: (said: Said) => void): void => {
    let said: Said
    try {
      said = JSON.parse(payload.toString())
    } catch {
      tally.add('messages_unreadable_total')
      return
    }
    if (typeof said === 'object' && said !== null && fits(said)) act(said)
    else tally.add('messages_unreadable_total')
  }

  let sweptAt = clock.now()
  let cancelLook = clock.wake(clock.now() + look_every_ms, look)
  function look(): void {
    const now = clock.now()
    for (const silence of silences.look(stations.all(), now)) {
      touched.add(silence.station)
      log.warn(`station ${silence.station} is silent: not heard for ${Math.round((now - silence.heard_at) / 1000)} s`)
      live.tell('silence', silenceSeen(silence))
    }
    for (const id of touched) {
      const station = stations.get(id)
      if (station !== undefined) live.tell('station', shown(station))
    }
    touched.clear()
    for (const station of stations.all())
      if (station.status === 'online')
        for (const order of orders.pending(station.id)) if (now - (sentAt.get(order.id) ?? 0) >= orders_again_ms) send(order)
    if (now - sweptAt >= sweep_every_ms) {
      sweptAt = now
      readings.sweep(now, parts.metrics?.upto() ?? Number.MAX_SAFE_INTEGER)
    }
    cancelLook = clock.wake(now + look_every_ms, look)
  }

  const summary = (station: StationSeen) =>
    stationSeen(station, silences.of(station.id), inbox.entities(station.id, station.journal ?? '', 'open', 500), clock.now())

  /** As the board shows it. */
  const shown = (station: StationSeen) => ({
    ...summary(station),
    units: station.card?.units.map(({ id, name, agency }) => ({ id, name, agency })) ?? [],
    zones: zonesSeen(station, clock.now())
  })

  return {
    hear,
    summary,
    shown,
    stations,
    inbox,
    readings,
    silences,
    orders,
    live,
    clock,
    /** Keeps the command, sends it, and waits a moment for the station's own answer. */
    command: async (station: StationSeen, command: CloudCommand, wait_ms: number): Promise<Order | undefined> => {
      const order = orders.add(station.id, command, clock.now())
      if (order === undefined) return undefined
      live.tell('command', order)
      const answered = new Promise<Order>(resolve => waiting.set(order.id, resolve))
      send(order)
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<Order>(resolve => {
        timer = setTimeout(resolve, wait_ms, order)
      })
      const latest = await Promise.race([answered, enough])
      clearTimeout(timer)
      waiting.delete(order.id)
      return latest
    },
    troubles: (): readonly { readonly part: string; readonly why: string }[] => {
      const series = parts.metrics?.now()
      return [
        ...(troubled === undefined ? [] : [{ part: 'inbox', why: `batches cannot be kept: ${troubled}` }]),
        ...(series === undefined || series.ok ? [] : [{ part: 'timeseries', why: series.why }])
      ]
    },
    counters: (): Readonly<Record<string, number>> => ({
      ...tally.all(),
      batches_total: batches,
      batch_busy_ms_total: Math.round(busy_ms)
    }),
    metrics: () => parts.metrics?.now(),
    close: (): void => cancelLook()
  }
}
export type City = ReturnType<typeof openCity>

const readEvents = (payload: Buffer, lane: Lane): EventBatch => {
  const batch = JSON.parse(gunzipSync(payload, { maxOutputLength: largest_unpacked_bytes }).toString()) as EventBatch
  const whole =
    batch.lane === lane &&
    typeof batch.id === 'string' &&
    Number.isSafeInteger(batch.after) &&
    Number.isSafeInteger(batch.upto) &&
    batch.items.length <= most_events_in_a_batch &&
    batch.items.every(
      ({ seq, event }) => Number.isSafeInteger(seq) && seq > batch.after && seq <= batch.upto && typeof event?.type === 'string'
    )
  if (!whole) throw new Error('not an event batch of ours')
  return batch
}
