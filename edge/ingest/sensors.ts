/**
 * From what a device said to readings. The broker has already made sure who spoke; here it is decided which device is meant
 * (a bridge speaks for those behind it), and what does not fit is counted, quoted and shown, never thrown [F46, R20].
 */

import { announcedProfile } from '../../devices/common/announced-profile.ts'
import { expectedOf } from '../../devices/common/expected.ts'
import { quote } from '../../devices/common/payload.ts'
import { isOwnTopic, matches, overlap } from '../../devices/common/topic.ts'
import {
  type Behind,
  type DeviceProfile,
  fill,
  listenTo,
  type Reply,
  type Rights,
  readingsOf,
  rightsOf,
  type Understood,
  waysOf
} from '../../devices/device.ts'
import { type Announced, allTopicsOf } from '../domain/announced.ts'
import type { Reading } from '../domain/reading.ts'
import type { Clock, DeviceNow, Heard } from '../ports.ts'
import { ownersOf } from './owners.ts'

/** As in station.yaml. `via` names the bridge whose credential speaks for it. */
export type DeviceConfig = {
  readonly id: string
  readonly profile: string
  readonly zone: string
  readonly topic: string
  readonly via?: string | undefined
  /** How it announced itself, as it was approved: what it says is read by that and not by the profile. */
  readonly announced?: Announced | undefined
}

/** A name heard below a bridge that nobody has enrolled: shown to the installer, never served [R19]. */
export type UnknownDevice = { readonly bridge: string; readonly topic: string; readonly heard_total: number; readonly last_seen: number }

export type Sensors = {
  /** Nothing to wait for when nothing must be kept. */
  readonly hear: (heard: Heard) => Promise<void> | undefined
  readonly add: (device: DeviceConfig) => { readonly added: true } | { readonly failed: string }
  /** In the place of the one of that id; what does not fit leaves the old one where it is. */
  readonly replace: Sensors['add']
  readonly remove: (id: string) => boolean
  readonly list: () => readonly DeviceNow[]
  /** One of them: a walk over all for each that comes back after a power cut would hold up the station. */
  readonly find: (id: string) => DeviceNow | undefined
  readonly unknown: () => readonly UnknownDevice[]
  /** Whose topic a bridge lays claim to for what it announces; nothing when they are its own to announce. */
  readonly claims: (announced: Announced, bridge: string) => { readonly topic: string; readonly of: string } | undefined
  /** What its credential may do; nothing for a device behind a bridge, which has none. */
  readonly principalTopics: (id: string) => Rights | undefined
  /** The broker saw its session begin or end. */
  readonly connected: (id: string, online: boolean) => void
  readonly counters: () => Readonly<Record<string, number>>
}

export type SensorsOptions = {
  readonly profiles: ReadonlyMap<string, DeviceProfile>
  readonly devices: readonly DeviceConfig[]
  readonly clock: Pick<Clock, 'now'>
  readonly hear: (readings: readonly Reading[], device: string) => Promise<void> | undefined
  readonly online: (device: string, online: boolean) => void
  readonly log: { readonly warn: (what: object, sentence: string) => void }
  /** A bridge told of devices behind it; they are served only once a person has let them in. */
  readonly announced?: (bridge: string, topic: string, devices: readonly Announced[], at: number) => void
  /** How a device is answered whose convention has answers. */
  readonly say?: (topic: string, payload: string | Uint8Array) => void
  /** What is not the sensors' to know of a device, and is shown with it. */
  readonly about?: (device: string) => Pick<DeviceNow, 'credential' | 'in_file' | 'limits'>
  /** How many of its messages the broker's guard has put aside. */
  readonly quarantined?: (device: string) => number
}

type Known = {
  readonly config: DeviceConfig
  readonly profile: DeviceProfile
  readonly rights: Rights
  readonly understand: ReturnType<typeof listenTo>
  readonly latest: Map<string, Reading>
  online: boolean
  /** Its bridge took it along when it went; it comes back with it. */
  lost_with_bridge: boolean
  last_seen: number | undefined
  unreadable_total: number
  last_unreadable: DeviceNow['last_unreadable']
  logged: { at: number; since_total: number } | undefined
  answered_at: number | undefined
}

const quiet_ms = 60_000
/** A device that asks for an answer with every message gets one in this time. */
const answer_every_ms = 30_000
const max_unknown = 200
/** More topics than any bridge has devices; past it a device is found by looking again. */
const max_routes = 10_000
const nobody: readonly Known[] = []

export const openSensors = (options: SensorsOptions): Sensors => {
  const { profiles, clock, log } = options
  const devices = new Map<string, Known>()
  const unknown = new Map<string, UnknownDevice>()
  const routes = new Map<string, Known | undefined>()
  /** Who hears a topic together, by bridge and topic. */
  const shares = new Map<string, readonly Known[]>()
  let owners: ReturnType<typeof ownersOf> | undefined
  const count = {
    messages_total: 0,
    readings_total: 0,
    without_reading_total: 0,
    unreadable_total: 0,
    unknown_device_total: 0,
    foreign_topic_total: 0,
    answers_total: 0,
    answers_withheld_total: 0
  }

  const add: Sensors['add'] = device => (devices.has(device.id) ? { failed: `device ${device.id} is there already` } : place(device))

  const place: Sensors['add'] = config => {
    const failed = misfit(config)
    if (failed !== undefined) return { failed }
    const profile = profileOf(config) as DeviceProfile
    devices.set(config.id, {
      config,
      profile,
      rights: rightsOf(profile, config),
      understand: listenTo(profile, { device: config.id, zone: config.zone, topic: config.topic }),
      latest: new Map(),
      online: false,
      lost_with_bridge: false,
      last_seen: undefined,
      unreadable_total: 0,
      last_unreadable: undefined,
      logged: undefined,
      answered_at: undefined
    })
    share()
    for (const [key, { topic }] of unknown)
      if (topic === config.topic || matchesAny(rightsOf(profile, config).publish, topic)) unknown.delete(key)
    return { added: true }
  }

  const profileOf = ({ profile, announced }: Pick<DeviceConfig, 'profile' | 'announced'>): DeviceProfile | undefined =>
    announced === undefined || announced.speaks !== undefined ? profiles.get(profile) : announcedProfile(announced)

  const misfit = ({ id, profile, topic, via, announced }: DeviceConfig): string | undefined => {
    const known = profileOf({ profile, announced })
    if (known === undefined) return `device ${id}: there is no profile ${quote(profile, 40)}; there are ${[...profiles.keys()].join(', ')}`
    if (!isOwnTopic(id) || id.includes('/')) return `device ${quote(id, 40)}: an id has no /, +, # or control character`
    if (!isOwnTopic(topic)) return `device ${id}: topic ${quote(topic, 60)} must name one topic, without wildcards`
    const { publish: mine, subscribe } = rightsOf(known, { id, topic })
    // What it says and hears, not what it is called: a Sparkplug group may well be named `station`.
    if ([...mine, ...subscribe].some(filter => reserved(filter, id)))
      return `device ${id}: topic ${topic} belongs to the station or to another device's corner`
    const bridge = via === undefined ? undefined : devices.get(via)
    if (via !== undefined && (bridge?.profile.bridge !== true || bridge.config.via !== undefined))
      return `device ${id}: via ${quote(via, 40)} is no bridge of this station`
    const clash = [...devices.values()].find(other => {
      if (other.config.id === id || other.config.via === id) return false
      // A bridge may speak on everything below its base topic, so only its equals can be in its way, and those behind it never are.
      if (other === bridge || other.profile.bridge !== known.bridge) return other.config.topic === topic
      return other.rights.publish.some(theirs => mine.some(filter => overlap(filter, theirs)))
    })
    if (clash !== undefined) return `device ${id}: its topic ${topic} belongs to ${clash.config.id} already`
    const claim = announced === undefined || via === undefined ? undefined : claims(announced, via)
    return claim === undefined ? undefined : `device ${id}: ${claim.topic} belongs to ${claim.of}`
  }

  const claims: Sensors['claims'] = (announced, bridge) => {
    owners ??= ownersOf([...devices.values()].map(({ config: { id, via }, rights: { publish } }) => ({ id, via, publish })))
    for (const topic of allTopicsOf(announced)) {
      const of = owners(topic, bridge)
      if (of !== undefined) return { topic, of }
      if (reserved(topic, bridge)) return { topic, of: 'station' }
    }
    return undefined
  }

  /** Who is meant. A bridge is believed for those behind it and for itself, for nobody else [R20]. */
  const route = (speaker: Known, topic: string): Known | undefined => {
    if (speaker.profile.bridge !== true) return speaker
    const key = `${speaker.config.id}\n${topic}`
    if (routes.has(key)) return routes.get(key)
    // Those of its own profile it names in its messages, by the topic they are enrolled with.
    const behind = [...devices.values()].find(
      ({ config, rights, profile }) =>
        config.via === speaker.config.id && (config.topic === topic || (profile !== speaker.profile && matchesAny(rights.publish, topic)))
    )
    const meant = behind ?? (speaksOfItself(speaker, topic) ? speaker : undefined)
    if (routes.size >= max_routes) routes.clear()
    routes.set(key, meant)
    return meant
  }

  const unrouted = (speaker: Known, topic: string, at: number): void => {
    const owner = [...devices.values()].find(
      ({ rights, profile, config }) => (profile.bridge !== true || config.via !== undefined) && matchesAny(rights.publish, topic)
    )
    if (owner !== undefined) {
      count.foreign_topic_total++
      complain(speaker, topic, '', `${topic} belongs to ${owner.config.id}, which is not behind this bridge`, at)
      return
    }
    count.unknown_device_total++
    const key = `${speaker.config.id}\n${topic}`
    const before = unknown.get(key)
    if (before === undefined && unknown.size >= max_unknown) return
    unknown.set(key, { bridge: speaker.config.id, topic: quote(topic), heard_total: (before?.heard_total ?? 0) + 1, last_seen: at })
  }

  /** `reader` is whose profile read it: that of its bridge for a device the bridge speaks for. */
  const complain = (device: Known, topic: string, payload: Uint8Array | string, why: string, at: number, reader = device): void => {
    count.unreadable_total++
    device.unreadable_total++
    const quoted = { at, topic: quote(topic), payload: quote(payload), why: quote(why) }
    const before = device.last_unreadable
    const again = before?.topic === quoted.topic && before.payload === quoted.payload
    const expected = again ? before.expected : expectedOf(reader.profile, reader.config, topic, bytesOf(payload))
    device.last_unreadable = { ...quoted, ...(expected !== undefined && { expected }) }
    if (device.logged !== undefined && at - device.logged.at < quiet_ms && at >= device.logged.at) return
    const times = device.unreadable_total - (device.logged?.since_total ?? 0)
    device.logged = { at, since_total: device.unreadable_total }
    log.warn({ device: device.config.id, ...quoted, times }, `device ${device.config.id} said something unreadable: ${quoted.why}`)
  }

  const setOnline = (device: Known, online: boolean): void => {
    if (device.online === online) return
    device.online = online
    options.online(device.config.id, online)
    if (device.profile.bridge !== true) return
    for (const behind of devices.values()) {
      if (behind.config.via !== device.config.id) continue
      if (online ? behind.lost_with_bridge : behind.online) {
        behind.lost_with_bridge = !online
        setOnline(behind, online)
      }
    }
  }

  const hear = (heard: Heard): Promise<void> | undefined => {
    count.messages_total++
    const speaker = devices.get(heard.device)
    if (speaker === undefined) {
      count.unknown_device_total++
      return undefined
    }
    const sharing = speaker.profile.bridge === true ? sharersOf(speaker, heard.topic) : []
    for (const device of sharing) void hearAs(device, speaker, heard)
    const device = route(speaker, heard.topic)
    // Whoever announced it as the place of its presence does not take it from the one whose values are said there.
    if (sharing.length > 0 && (device === undefined || device === speaker)) return undefined
    if (device === undefined) return void unrouted(speaker, heard.topic, heard.at)
    return hearAs(device, speaker, heard)
  }

  const hearAs = (device: Known, speaker: Known, heard: Heard): Promise<void> | undefined => {
    const listened = device.understand(heard.topic, heard.payload, heard.at)
    if (listened.reply !== undefined) answer(speaker, listened.reply)
    if ('announces' in listened) {
      options.announced?.(speaker.config.id, heard.topic, listened.announces, heard.at)
      return take(device, { nothing: 'it tells of devices' }, heard)
    }
    return 'behind' in listened ? takeBehind(device, listened, heard) : take(device, listened, heard)
  }

  /** Those behind a bridge who all hear the same topic: whether the gateway is there. No value is said on it. */
  const sharersOf = (bridge: Known, topic: string): readonly Known[] => shares.get(`${bridge.config.id}\n${topic}`) ?? nobody
  const share = (): void => {
    owners = undefined
    routes.clear()
    shares.clear()
    for (const device of devices.values())
      for (const topic of device.profile.shared ?? []) {
        const key = `${device.config.via}\n${topic}`
        shares.set(key, [...(shares.get(key) ?? []), device])
      }
  }

  const take = (device: Known, understood: Understood, heard: Heard, reader = device): Promise<void> | undefined => {
    const now = clock.now()
    if ('unreadable' in understood) return void complain(device, heard.topic, heard.payload, understood.unreadable, now, reader)
    device.last_seen = now
    device.lost_with_bridge = false
    setOnline(device, !('online' in understood) || understood.online)
    if (!('readings' in understood)) {
      count.without_reading_total++
      return undefined
    }
    if (understood.misread !== undefined) complain(device, heard.topic, heard.payload, understood.misread, now, reader)
    count.readings_total += understood.readings.length
    for (const reading of understood.readings) {
      const before = device.latest.get(reading.quantity)
      if (before === undefined || before.at <= reading.at) device.latest.set(reading.quantity, reading)
    }
    return options.hear(understood.readings, device.config.id)
  }

  /** One message of a bridge for many: each hears its own part. */
  const takeBehind = (bridge: Known, { behind, misread }: Behind, heard: Heard): Promise<void> | undefined => {
    bridge.last_seen = clock.now()
    setOnline(bridge, true)
    if (misread !== undefined) complain(bridge, heard.topic, heard.payload, misread, bridge.last_seen)
    const kept: Promise<void>[] = []
    for (const { topic, said } of behind) {
      const device = route(bridge, topic)
      // A convention may take anything below its topic for its own; a device it names is never the bridge.
      if (device === undefined || device === bridge) {
        unrouted(bridge, topic, heard.at)
        continue
      }
      const { id, zone } = device.config
      const taken = take(device, readingsOf(said, { device: id, zone }, heard.at), heard, bridge)
      if (taken !== undefined) kept.push(taken)
    }
    return kept.length > 1 ? Promise.all(kept).then(() => undefined) : kept[0]
  }

  const answer = (speaker: Known, { topic, payload }: Reply): void => {
    const now = clock.now()
    const { answered_at } = speaker
    if (answered_at !== undefined && now - answered_at < answer_every_ms && now >= answered_at) {
      count.answers_withheld_total++
      return
    }
    speaker.answered_at = now
    count.answers_total++
    options.say?.(topic, payload)
  }

  const now = (device: Known): DeviceNow => ({
    ...shown(device, options.quarantined?.(device.config.id) ?? 0),
    ...options.about?.(device.config.id)
  })

  // Bridges first: those behind them name them.
  for (const device of [...options.devices].sort((a, b) => Number(a.via !== undefined) - Number(b.via !== undefined))) {
    const answer = add(device)
    if ('failed' in answer) throw new Error(answer.failed)
  }

  return {
    hear,
    add,
    replace: place,
    remove: id => {
      const removed = devices.delete(id)
      share()
      return removed
    },
    list: () => [...devices.values()].map(now),
    find: id => {
      const device = devices.get(id)
      return device && now(device)
    },
    unknown: () => [...unknown.values()],
    claims,
    principalTopics: id => {
      const device = devices.get(id)
      if (device === undefined || device.config.via !== undefined) return undefined
      const behind = [...devices.values()].filter(({ config }) => config.via === id)
      return {
        publish: [...new Set([device, ...behind].flatMap(({ rights, profile }) => [...rights.publish, ...(profile.shared ?? [])]))],
        subscribe: [...new Set([device, ...behind].flatMap(({ rights }) => rights.subscribe))]
      }
    },
    connected: (id, online) => {
      const device = devices.get(id)
      if (device !== undefined) setOnline(device, online)
    },
    counters: () => ({ ...count })
  }
}

/** `station/…` is the station's own voice, and `devices/<id>/…` the corner of that one device. */
const reserved = (topic: string, id: string): boolean =>
  topic === 'station' ||
  topic.startsWith('station/') ||
  topic === 'devices' ||
  (topic.startsWith('devices/') && !`${topic}/`.startsWith(`devices/${id}/`))

const matchesAny = (filters: readonly string[], topic: string): boolean => filters.some(filter => matches(filter, topic))

const bytesOf = (payload: Uint8Array | string): Uint8Array => (typeof payload === 'string' ? new TextEncoder().encode(payload) : payload)

/** A bridge's own messages, not the whole base topic it may publish on. */
const speaksOfItself = ({ profile, config }: Known, topic: string): boolean =>
  topic.startsWith(`devices/${config.id}/`) || waysOf(profile).some(({ on }) => on.some(filter => matches(fill(filter, config), topic)))

const shown = ({ config, ...device }: Known, quarantined_total: number): DeviceNow => ({
  id: config.id,
  profile: config.profile,
  zone: config.zone,
  topic: config.topic,
  via: config.via,
  name: config.announced?.name,
  online: device.online,
  last_seen: device.last_seen,
  last_readings: [...device.latest.values()],
  unreadable_total: device.unreadable_total,
  quarantined_total,
  last_unreadable: device.last_unreadable
})
