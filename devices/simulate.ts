/**
 * Makes profiles speak over real MQTT, as real devices of that convention would: a credential each, QoS 1, a last will,
 * slowly varying telemetry, and what a script or a person has them say.
 */
import mqtt, { type MqttClient } from 'mqtt'
import { type DeviceProfile, type Example, fill } from './device.ts'

export type SimulatedDevice = {
  readonly id: string
  readonly profile: DeviceProfile
  readonly topic: string
  /** Without one it speaks through the device named by `via`. */
  readonly password?: string | undefined
  readonly via?: string | undefined
}
/** `says` is a payload, or the name of one of the profile's examples. */
export type Line = { readonly after_s: number; readonly device: string; readonly says: unknown; readonly topic?: string | undefined }

export type SimulateOptions = {
  readonly url: string
  readonly devices: readonly SimulatedDevice[]
  /** Telemetry never stops for a script: it comes on top. */
  readonly script?: 'calm' | readonly Line[]
  readonly clock: { readonly now: () => number; readonly wake: (at: number, call: () => void) => () => void }
  readonly log: { readonly info: (what: object, sentence: string) => void; readonly warn: (what: object, sentence: string) => void }
}
export type Simulator = {
  /** Resolves when the broker has acknowledged it; `topic` may hold `{topic}` and `{id}`. */
  readonly say: (device: string, payload: unknown, topic?: string) => Promise<void>
  readonly said_total: () => number
  /** Not said, because too much was still unacknowledged. */
  readonly let_go_total: () => number
  readonly stop: () => Promise<void>
}

type Actor = {
  readonly device: SimulatedDevice
  readonly phase: number
  readonly client: () => MqttClient | undefined
  state: Record<string, unknown>
  waiting: number
}

/** While the line is down a device remembers this many messages; the newest are let go, as the small ones do. */
const max_waiting = 100

export const simulateDevices = (options: SimulateOptions): Simulator => {
  const { clock, log } = options
  const clients = new Map<string, MqttClient>()
  const actors = new Map<string, Actor>()
  const alarms = new Set<() => void>()
  let said = 0
  let let_go = 0
  let stopped = false

  const say = async (id: string, payload: unknown, topic?: string): Promise<void> => {
    const actor = actors.get(id)
    if (actor === undefined) throw new Error(`no simulated device is called ${id}`)
    const example = exampleOf(actor.device.profile, payload)
    const what = example?.says ?? payload
    // A detector that saw smoke still sees it in its next message; a press of a button is over.
    if (isObject(what) && (topic ?? example?.topic) === undefined) actor.state = { ...actor.state, ...lasting(actor.device.profile, what) }
    await publish(actor, what, topic ?? example?.topic)
  }

  const publish = async (actor: Actor, payload: unknown, topic = '{topic}'): Promise<void> => {
    const client = actor.client()
    if (client === undefined || stopped) return
    if (actor.waiting >= max_waiting) {
      let_go++
      return
    }
    actor.waiting++
    try {
      await client.publishAsync(fill(topic, actor.device), asBytes(payload), { qos: 1 })
      said++
    } finally {
      actor.waiting--
    }
  }

  const quietly = (id: string, doing: Promise<void>): void => {
    doing.catch((cause: Error) => {
      if (!stopped) log.warn({ device: id }, `simulated device ${id} could not speak: ${cause.message}`)
    })
  }

  const at = (when: number, call: () => void): void => {
    const cancel = clock.wake(when, () => {
      alarms.delete(cancel)
      call()
    })
    alarms.add(cancel)
  }

  const tick = (actor: Actor): void => {
    const { profile, id } = actor.device
    const { simulate } = profile
    if (simulate === undefined || stopped) return
    const now = clock.now()
    const { topic, payload } = simulate.says(wander(actor.phase, now), now)
    quietly(id, publish(actor, topic === undefined && isObject(payload) ? { ...payload, ...actor.state } : payload, topic))
    at(now + simulate.every_s * 1000, () => tick(actor))
  }

  for (const device of options.devices) {
    if (device.password !== undefined) clients.set(device.id, connect(options.url, device, device.password, log))
    actors.set(device.id, { device, phase: phaseOf(device.id), client: () => clients.get(device.via ?? device.id), state: {}, waiting: 0 })
  }
  const start = clock.now()
  // The ticks are spread over the first second, so that a hundred devices do not all speak in the same millisecond.
  for (const actor of actors.values()) {
    const hello = onlineExample(actor.device.profile, true)
    if (hello !== undefined) quietly(actor.device.id, publish(actor, hello.says, hello.topic))
  }
  for (const actor of actors.values()) at(start + Math.round(actor.phase * 1000), () => tick(actor))
  for (const line of Array.isArray(options.script) ? (options.script as readonly Line[]) : [])
    at(start + line.after_s * 1000, () => quietly(line.device, say(line.device, line.says, line.topic)))

  return {
    say,
    said_total: () => said,
    let_go_total: () => let_go,
    stop: async () => {
      stopped = true
      for (const cancel of alarms) cancel()
      await Promise.all([...clients.values()].map(client => client.endAsync(true)))
    }
  }
}

const connect = (url: string, device: SimulatedDevice, password: string, log: SimulateOptions['log']): MqttClient => {
  const farewell = onlineExample(device.profile, false)
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clean: true,
    clientId: device.id,
    username: device.id,
    password,
    reconnectPeriod: 1000,
    ...(farewell !== undefined && {
      will: {
        topic: fill(farewell.topic ?? '{topic}', device),
        payload: asBytes(farewell.says),
        qos: 1 as const,
        retain: false
      }
    })
  })
  client.on('connect', () => log.info({ device: device.id }, `simulated device ${device.id} is connected`))
  client.on('error', cause => log.warn({ device: device.id }, `simulated device ${device.id}: ${cause.message}`))
  return client
}

const asBytes = (payload: unknown): Buffer =>
  Buffer.from(payload instanceof Uint8Array ? payload : typeof payload === 'string' ? payload : JSON.stringify(payload))
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const exampleOf = (profile: DeviceProfile, payload: unknown): Example | undefined => profile.examples.find(({ name }) => name === payload)
const onlineExample = (profile: DeviceProfile, online: boolean): Example | undefined =>
  profile.examples.find(({ means }) => 'online' in means && means.online === online)

const lasting = (profile: DeviceProfile, payload: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(payload).filter(([word]) => !(profile.simulate?.momentary ?? []).includes(word)))

/** A device's own place in every cycle, the same in every run. */
const phaseOf = (id: string): number => (Array.from(id).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 997) / 997

/** Ten minutes up and down with a smaller wave on it: weather, not noise. Each question of a message is answered a little apart. */
const wander = (phase: number, now: number): ((low: number, high: number) => number) => {
  let asked = 0
  return (low, high) => {
    const turn = phase + asked++ * 0.37
    const wave = 0.7 * Math.sin(2 * Math.PI * (now / 600_000 + turn)) + 0.3 * Math.sin(2 * Math.PI * (now / 97_000 + turn * 7))
    return Math.round((low + ((high - low) * (1 + wave)) / 2) * 100) / 100
  }
}
