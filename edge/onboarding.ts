/**
 * Who is let in, with which credential, and how that ends. A person decides; what is decided is an event, and the event holds
 * everything that is needed to serve the device again after a restart [decision 0028].
 */
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Definitions } from './definitions.ts'
import { silenceOf } from './domain/announced.ts'
import { causes } from './domain/causes.ts'
import { fitLimits, limitsOf } from './domain/device-limits.ts'
import type { Device } from './domain/event.ts'
import type { Refusal } from './domain/refusal.ts'
import type { Template } from './domain/templates/template.ts'
import type { DutyRoom } from './duty.ts'
import type { Accounts } from './ingest/accounts.ts'
import type { MqttBroker } from './ingest/broker.ts'
import type { Proposals } from './ingest/proposals.ts'
import type { Sensors } from './ingest/sensors.ts'
import { path_check_device } from './path-check.ts'
import type { Clock, Issued, LetIn, Onboarding } from './ports.ts'
import { openWaiting } from './waiting.ts'

export type OnboardingParts = {
  readonly config: Pick<Config, 'cameras' | 'devices' | 'machines' | 'mqtt' | 'rules' | 'zones'>
  readonly definitions: Definitions
  readonly template: Template
  readonly clock: Clock
  readonly accounts: Pick<Accounts, 'enrolDevice' | 'removeDevice'>
  readonly duty: DutyRoom
  readonly sensors: Sensors
  readonly proposals: Proposals
  readonly broker: Pick<MqttBroker, 'drop' | 'port' | 'tlsPort'>
  readonly log: Pick<Logger, 'warn'>
}

export const openOnboarding = (parts: OnboardingParts): Onboarding & { readonly begin: () => void } => {
  const { config, definitions, template, clock, accounts, duty, sensors, broker, log } = parts
  const { profiles, rules } = definitions
  const { state, desk, watch, live } = duty
  const settings = [...rules]
    .filter(([, { per }]) => per === 'series')
    .map(([name, rule]) => ({ ...(rule.settings as object), ...template.rules[name], ...config.rules[name] }))
  const usual = Object.assign({}, ...settings.map(limitsOf))
  const waiting = openWaiting(parts)
  const files = new Map(config.devices.map(device => [device.id, device]))
  const inFile = (id: string) => files.get(id)

  /** What would be let in, or why it cannot be. */
  const asked = ({ zone, limits, auth, ...what }: Pick<LetIn, 'zone' | 'limits' | 'auth'> & Asked): Device | Refusal => {
    if (!config.zones.some(one => one.id === zone)) return { refused: 'no_such_zone' }
    if (limits !== undefined && !fitLimits(limits, usual)) return { refused: 'limits_do_not_fit' }
    if (auth !== undefined && auth !== 'password' && config.mqtt.tls?.client_ca_file === undefined)
      return { refused: 'no_client_authority' }
    const more = { zone, ...(limits !== undefined && { limits }), ...(auth !== undefined && { auth }) }
    if (what.proposal !== undefined) {
      const found = waiting.proposals().find(({ id }) => id === what.proposal)
      if (found === undefined) return { refused: 'no_such_proposal' }
      const { announced, bridge: via, profile, claims } = found
      if (claims !== undefined) return { refused: 'topic_taken' }
      const topic = announced.speaks?.topic ?? announced.entities[0]?.topic
      return topic === undefined ? { refused: 'gives_nothing' } : { profile, topic, via, announced, ...more }
    }
    const { profile, topic, via } = what
    if (!profiles.has(profile)) return { refused: 'no_such_profile' }
    if (via !== undefined && !sensors.list().some(({ id, profile }) => id === via && profiles.get(profile)?.bridge))
      return { refused: 'no_such_bridge' }
    return { profile, topic, ...(via !== undefined && { via }), ...more }
  }

  const serve = (place: Sensors['add'], id: string, device: Device): Refusal | undefined => {
    const before = device.via === undefined ? undefined : sensors.principalTopics(device.via)
    const added = place({ id, ...device })
    if ('failed' in added) {
      log.warn({ device: id }, added.failed)
      return { refused: 'topic_taken' }
    }
    if (device.via === undefined || before === undefined) return undefined
    // Its bridge signed in with fewer rights: it comes back with more.
    const after = sensors.principalTopics(device.via)
    if (after?.publish.some(topic => !before.publish.includes(topic))) broker.drop(device.via)
    return undefined
  }

  /** A password where one is needed, made anew; what opened before opens no more. */
  const issue = async (id: string, { via, auth = 'password', topic }: Pick<Device, 'via' | 'auth' | 'topic'>): Promise<Issued> => {
    if (via !== undefined) return { topic }
    const made = auth === 'certificate' ? await accounts.removeDevice(id) : await accounts.enrolDevice(id)
    if ('failed' in made) throw new Error(made.failed)
    return { topic, ...('password' in made && { password: made.password }) }
  }

  /** Whoever could not be given a credential is served as before, or not at all. */
  const issueOr = (back: () => void, ...whom: Parameters<typeof issue>): Promise<Issued> =>
    issue(...whom).catch((cause: unknown) => {
      back()
      throw cause
    })

  const expect = (id: string, { zone, announced }: Pick<Device, 'zone' | 'announced'>): void =>
    watch.expect(id, zone, clock.now(), inFile(id)?.silent_after_s ?? (announced && silenceOf(announced, duty.silent_after_s)))
  const show = (id: string): void => {
    const now = sensors.find(id)
    if (now !== undefined) live.show('device', now)
  }
  /** Nobody waits for its word any more, and that it is silent is no longer news. */
  const dismiss = (id: string): void => {
    watch.forget(id)
    const zone = (sensors.find(id) ?? state.enrolled.get(id))?.zone ?? ''
    for (const [rule, { per, kind }] of rules) {
      const key = `${rule}:${id}`
      if (per === 'device' && state.byKey.has(key))
        void desk.verdict({ key, rule, zone, device: id }, { kind }, { raised: false, because: { say: 'out_of_use', with: {} } })
    }
  }
  /** Whose credential is meant, or why it has none that could be changed here. */
  const credentialed = (id: string, orFile = false): Pick<Device, 'zone' | 'topic' | 'auth'> | Refusal => {
    const device = sensors.find(id)
    if (device === undefined || id === path_check_device) return { refused: 'no_such_device' }
    if (device.via !== undefined) return { refused: 'no_credential' }
    const { password_file, auth = state.enrolled.get(id)?.auth } = inFile(id) ?? {}
    if (password_file !== undefined && !orFile) return { refused: 'credential_in_file' }
    return { zone: device.zone, topic: device.topic, ...(auth !== undefined && { auth }) }
  }
  const no = (what: object): what is Refusal => 'refused' in what

  return {
    begin: () => {
      const devices = [...state.enrolled.values()].sort((a, b) => Number(a.via !== undefined) - Number(b.via !== undefined))
      for (const { id, ...device } of devices) {
        const added = sensors.add({ id, ...device })
        if ('failed' in added) log.warn({ device: id }, `a device that was let in is not served: ${added.failed}`)
        // Not served it is missed all the same: a line in a log wakes nobody.
        if (inFile(id) === undefined && !state.credentials.get(id)?.revoked) expect(id, device)
      }
      for (const { id, zone, silent_after_s } of config.devices)
        if (!state.credentials.get(id)?.revoked) watch.expect(id, zone, clock.now(), silent_after_s)
    },
    ...waiting,
    causes: () => causes(settings, template.cards),
    limits: () => usual,
    certificates: () => config.mqtt.tls?.client_ca_file !== undefined,
    broker: () => ({ url: config.mqtt.url, port: broker.tlsPort ?? broker.port, secure: broker.tlsPort !== undefined }),

    enrol: async ({ id, by, ...what }) => {
      const device = asked(what)
      if (no(device)) return device
      if (sensors.find(id) !== undefined || config.machines.some(({ name }) => name === id)) return { refused: 'device_exists' }
      const refused = serve(sensors.add, id, device)
      if (refused !== undefined) return refused
      const issued = await issueOr(() => sensors.remove(id), id, device)
      await desk.record([{ type: 'device_enrolled', id, at: clock.now(), by, ...device }])
      expect(id, device)
      show(id)
      return issued
    },
    rotate: async (id, by) => {
      const device = credentialed(id)
      if (no(device)) return device
      const issued = await issue(id, device)
      // Whoever was revoked is expected to speak again.
      if (state.credentials.get(id)?.revoked) expect(id, device)
      const kept = desk.record([{ type: 'device_rotated', id, at: clock.now(), by }])
      broker.drop(id)
      await kept
      show(id)
      return issued
    },
    revoke: async (id, by) => {
      const device = credentialed(id, true)
      if (no(device)) return device
      const kept = desk.record([{ type: 'device_revoked', id, at: clock.now(), by }])
      broker.drop(id)
      const removed = await accounts.removeDevice(id)
      if ('failed' in removed) throw new Error(removed.failed)
      dismiss(id)
      await kept
      show(id)
      return { revoked: true }
    },
    replace: async (id, by, what) => {
      const before = state.enrolled.get(id)
      const file = inFile(id)
      if (before === undefined && file === undefined) return { refused: 'no_such_device' }
      const other = what.profile !== undefined || what.topic !== undefined || what.proposal !== undefined
      if (file !== undefined && other) return { refused: 'device_in_file' }
      if (file?.password_file !== undefined) return { refused: 'credential_in_file' }
      if (before === undefined) {
        const { profile, zone, topic = `devices/${id}`, via, auth } = file as NonNullable<typeof file>
        return put(id, by, { profile, zone, topic, ...(via !== undefined && { via }), ...(auth !== undefined && { auth }) })
      }
      const { id: _, announced, ...same } = before
      const { zone, limits, auth, via } = same
      const kept = { zone, ...(limits !== undefined && { limits }), ...(auth !== undefined && { auth }) }
      const next = !other
        ? { ...same, ...(announced !== undefined && { announced }) }
        : asked(
            what.proposal !== undefined
              ? { ...kept, proposal: what.proposal }
              : { ...kept, profile: what.profile ?? same.profile, topic: what.topic ?? same.topic, ...(via !== undefined && { via }) }
          )
      if (no(next)) return next
      const bridge = next.via === undefined && profiles.get(next.profile)?.bridge === true
      if (!bridge && sensors.list().some(({ via }) => via === id)) return { refused: 'others_behind_it' }
      return serve(sensors.replace, id, next) ?? put(id, by, next, () => sensors.replace({ id, ...same, announced }))
    },
    limit: async (id, by, limits) => {
      const device = state.enrolled.get(id)
      if (device === undefined) return { refused: inFile(id) === undefined ? 'no_such_device' : 'device_in_file' }
      if (!fitLimits(limits, usual)) return { refused: 'limits_do_not_fit' }
      const kept = desk.record([{ type: 'device_limited', id, at: clock.now(), by, limits }])
      // Its rules begin anew with them; what is open goes on from where it is.
      watch.forget(id)
      if (!state.credentials.get(id)?.revoked) expect(id, device)
      await kept
      show(id)
      return { limited: true }
    },
    remove: async (id, by) => {
      if (!state.enrolled.has(id)) return inFile(id) === undefined ? { refused: 'no_such_device' } : { refused: 'device_in_file' }
      if (sensors.list().some(({ via }) => via === id)) return { refused: 'others_behind_it' }
      const removed = await accounts.removeDevice(id)
      if ('failed' in removed) throw new Error(removed.failed)
      broker.drop(id)
      dismiss(id)
      sensors.remove(id)
      parts.proposals.forget(id)
      await desk.record([{ type: 'device_removed', id, at: clock.now(), by }])
      return { removed: true }
    }
  }

  async function put(id: string, by: string, device: Device, back: () => void = () => undefined): Promise<Issued> {
    const issued = await issueOr(back, id, device)
    const kept = desk.record([{ type: 'device_replaced', id, at: clock.now(), by, ...device }])
    broker.drop(id)
    watch.forget(id)
    expect(id, device)
    await kept
    show(id)
    return issued
  }
}

type Asked =
  | { readonly proposal: string }
  | { readonly proposal?: undefined; readonly profile: string; readonly topic: string; readonly via?: string }
