/**
 * The line to the cloud: up, down, and when to try again.
 *
 * Each attempt is a new mqtt.js client without its own reconnecting and without its store: what must survive is in the
 * journal, and a packet the library sent again by itself would only arrive twice.
 */
import mqtt, { type MqttClient } from 'mqtt'
import type { Clock } from '../ports.ts'
import type { LineWord } from './words.ts'

export type LinkOptions = {
  readonly url: string
  readonly clientId: string
  readonly username: string
  readonly password: string
  readonly ca?: string | Buffer
  readonly will: { readonly topic: string; readonly payload: string }
  readonly subscribe: readonly string[]
  readonly clock: Clock
  /** 0..1, spreads the reconnections of many stations; `Math.random` unless a test wants to know. */
  readonly random: () => number
  readonly onUp: () => void
  readonly onState: (word: LineWord, detail: string) => void
  readonly onMessage: (topic: string, payload: Buffer) => void
}
export type Link = {
  readonly up: () => boolean
  readonly send: (topic: string, payload: string | Uint8Array, qos?: 0 | 1, retain?: boolean) => void
  /** Drops this connection and makes a new one. */
  readonly renew: (word: LineWord) => void
  readonly reconnects: () => number
  readonly close: (last?: { readonly topic: string; readonly payload: string }) => Promise<void>
}

const first_wait_ms = 1_000
const longest_wait_ms = 30_000
const wait_after_refusal_ms = 60_000
/** A line that held this long was good: the next loss starts again with a short wait. */
const steady_ms = 10_000
const connect_timeout_ms = 10_000
const keepalive_s = 15
/** Codes of CONNACK that say who we are is the trouble (MQTT 3.1.1, table 3.1). */
const refusals: Readonly<Record<number, string>> = { 2: 'client id', 4: 'user name or password', 5: 'not authorised' }

export const openLink = (options: LinkOptions): Link => {
  const { clock } = options
  let client: MqttClient | undefined
  let isUp = false
  let upSince = 0
  let failures = 0
  let attempts = 0
  let closed = false
  let cancelWait = (): void => {}

  const lost = (which: MqttClient, word: LineWord, detail: string): void => {
    if (client !== which) return
    client = undefined
    if (isUp && clock.now() - upSince >= steady_ms) failures = 0
    isUp = false
    which.end(true)
    if (closed) return
    options.onState(word, detail)
    const longest = word === 'refused' ? wait_after_refusal_ms : Math.min(longest_wait_ms, first_wait_ms * 2 ** failures)
    failures++
    cancelWait = clock.wake(clock.now() + Math.round(longest * (0.5 + options.random() / 2)), connect)
  }

  const connect = (): void => {
    attempts++
    const mine = mqtt.connect(options.url, {
      protocolVersion: 4,
      clean: true,
      clientId: options.clientId,
      username: options.username,
      password: options.password,
      reconnectPeriod: 0,
      connectTimeout: connect_timeout_ms,
      keepalive: keepalive_s,
      queueQoSZero: false,
      resubscribe: false,
      will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: true },
      ...(options.ca !== undefined && { ca: options.ca })
    })
    client = mine
    let why: { word: LineWord; detail: string } = { word: 'unreachable', detail: 'no answer' }
    mine.on('error', error => {
      why = explain(error)
      lost(mine, why.word, why.detail)
    })
    mine.on('close', () => lost(mine, isUp ? 'lost' : why.word, why.detail))
    mine.on('message', (topic, payload) => {
      if (client === mine) options.onMessage(topic, payload)
    })
    mine.on('connect', () =>
      mine.subscribe([...options.subscribe], { qos: 1 }, (error, granted) => {
        if (client !== mine) return
        if (error || granted?.some(({ qos }) => qos > 2)) {
          lost(mine, 'refused', 'subscription')
          return
        }
        isUp = true
        upSince = clock.now()
        options.onState('online', '')
        options.onUp()
      })
    )
  }

  options.onState('connecting', '')
  connect()

  return {
    up: () => isUp,
    send: (topic, payload, qos = 1, retain = false) => {
      // A failed send is found out by the missing answer; the connection's own events say why.
      if (isUp) client?.publish(topic, payload as Buffer | string, { qos, retain }, ignore)
    },
    renew: word => client && lost(client, word, ''),
    reconnects: () => Math.max(0, attempts - 1),
    close: async last => {
      closed = true
      cancelWait()
      const mine = client
      client = undefined
      if (mine === undefined) return
      if (isUp && last) mine.publish(last.topic, last.payload, { qos: 0, retain: true })
      const graceful = isUp
      isUp = false
      await new Promise<void>(resolve => {
        // A dead peer must not hold up the end of the station.
        const timer = setTimeout(() => mine.end(true, {}, () => resolve()), 500)
        mine.end(!graceful, {}, () => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }
}

const ignore = (): void => {}

const explain = (error: Error & { readonly code?: string | number }): { word: LineWord; detail: string } => {
  const { code } = error
  if (typeof code === 'number') {
    const refusal = refusals[code]
    return refusal === undefined ? { word: 'unreachable', detail: `connack ${code}` } : { word: 'refused', detail: refusal }
  }
  if (typeof code === 'string' && /CERT|SELF_SIGNED|TLS|ISSUER|ALTNAME/.test(code)) return { word: 'untrusted', detail: code }
  return { word: 'unreachable', detail: typeof code === 'string' ? code : error.message.slice(0, 80) }
}
