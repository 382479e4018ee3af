/** The wire of the sensors: broker, accounts and sensors know each other through this file alone. */
import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { DeviceProfile } from '../devices/device.ts'
import type { Config } from './config.ts'
import type { Auth } from './domain/event.ts'
import type { DutyRoom } from './duty.ts'
import type { Accounts } from './ingest/accounts.ts'
import { type MqttBroker, openBroker } from './ingest/broker.ts'
import type { Certified } from './ingest/mqtt/doors.ts'
import { defaultLimits, type Limits } from './ingest/mqtt/limits.ts'
import type { Authenticate } from './ingest/mqtt/signin.ts'
import { openProposals, type Proposals } from './ingest/proposals.ts'
import { openSensors, type Sensors } from './ingest/sensors.ts'
import { type PathCheck, path_check_device, path_check_topic } from './path-check.ts'
import type { Clock, CredentialNow } from './ports.ts'
import type { State } from './state.ts'

/** One for all: a wrapper around each promise would hide from the broker that the messages of one block share theirs. */
const nothingToKeep = Promise.resolve()

export const openWire = async (
  config: Config,
  profiles: ReadonlyMap<string, DeviceProfile>,
  clock: Clock,
  accounts: Accounts,
  duty: DutyRoom,
  log: Logger,
  online: (principal: string, online: boolean) => void,
  pathCheck: PathCheck
): Promise<{ sensors: Sensors; proposals: Proposals; broker: MqttBroker }> => {
  let broker: MqttBroker | undefined
  const inFile = new Map(config.devices.map(device => [device.id, device]))
  const proposals = openProposals()
  const sensors: Sensors = openSensors({
    profiles,
    devices: config.devices.map(({ topic, id, ...device }) => ({ ...device, id, topic: topic ?? `devices/${id}` })),
    clock,
    hear: duty.hear,
    online: id => {
      if (id === path_check_device) return
      const now = sensors.find(id)
      if (now !== undefined) duty.live.show('device', now)
    },
    log,
    say: (topic, payload) => broker?.publish(topic, payload),
    announced: proposals.hear,
    about: id => ({
      credential: credentialOf(id, inFile.get(id), duty.state),
      in_file: inFile.has(id),
      limits: duty.state.enrolled.get(id)?.limits
    }),
    quarantined: device => broker?.quarantinedOf(device) ?? 0
  })
  sensors.add({ id: path_check_device, profile: 'json', zone: config.zones[0]?.id ?? '', topic: path_check_topic })
  /** That the station is on line is no secret from any device. */
  const awaited = [...profiles.values()].flatMap(({ awaits }) => awaits?.(config.station.id, clock.now()) ?? [])
  const machines = new Map(config.machines.map(machine => [machine.name, machine]))
  /** By its certificate, issued since the last one was given up; by its password; or by both. */
  const proves = async (name: string, secret: string, certified: Certified | undefined): Promise<boolean> => {
    const { revoked = false, issued_after = 0 } = duty.state.credentials.get(name) ?? {}
    if (revoked) return false
    const auth = inFile.get(name)?.auth ?? duty.state.enrolled.get(name)?.auth ?? 'password'
    // Certificates count in whole seconds.
    const named = certified?.names.includes(name) === true && certified.issued_at >= Math.floor(issued_after / 1000) * 1000
    return (auth === 'password' || named) && (auth === 'certificate' || (await accounts.checkDevice(name, secret)))
  }
  const authenticate: Authenticate = async (name, password, _, certified) => {
    const secret = new TextDecoder().decode(password)
    if (machines.has(name)) {
      const machine = accounts.checkToken(secret)
      return machine?.name === name ? { kind: 'machine', id: name, subscribe: [`station/${config.station.id}/#`] } : undefined
    }
    const rights = sensors.principalTopics(name)
    // Known to nobody but this process, and made anew at every start.
    if (rights !== undefined && name === path_check_device)
      return sameSecret(secret, pathCheck.password) ? { kind: 'device', id: name, ...rights } : undefined
    if (rights === undefined || !(await proves(name, secret, certified))) return undefined
    const client_id = inFile.get(name)?.client_id
    const subscribe = [...rights.subscribe, ...awaited.map(({ topic }) => topic)]
    return { kind: 'device', id: name, publish: rights.publish, subscribe, ...(client_id !== undefined && { client_id }) }
  }
  const { host, port, tls, limits } = config.mqtt
  broker = await openBroker({
    clock,
    host,
    port,
    ...(tls && {
      tls: {
        port: tls.port,
        cert: readFileSync(tls.cert_file, 'utf8'),
        key: readFileSync(tls.key_file, 'utf8'),
        ...(tls.client_ca_file !== undefined && { ca: readFileSync(tls.client_ca_file, 'utf8') })
      }
    }),
    limits: limitsOf(limits),
    authenticate,
    isKnown: id => machines.has(id) || sensors.principalTopics(id) !== undefined,
    hear: heard => sensors.hear(heard) ?? nothingToKeep,
    log: (message, fields = {}) => log.info(fields, message),
    onOnline: (device, isOnline) => {
      sensors.connected(device, isOnline)
      online(device, isOnline)
    }
  })
  for (const { topic, payload } of awaited) broker.publish(topic, payload, true)
  return { sensors, proposals, broker }
}

/** What it proves itself by, of station.yaml or let in. */
export const credentialOf = (id: string, file: Config['devices'][number] | undefined, { enrolled, credentials }: State): CredentialNow => {
  const device = file ?? enrolled.get(id)
  if (device?.via !== undefined) return 'bridge'
  if (credentials.get(id)?.revoked) return 'revoked'
  const auth: Auth = device?.auth ?? 'password'
  return file?.password_file !== undefined && auth === 'password' ? 'file' : auth
}

const sameSecret = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** A burst is twice the rate, as it is by default; an address may bring its devices back all at once. */
const limitsOf = ({
  max_connections,
  max_connections_per_address,
  messages_per_s_per_device
}: Config['mqtt']['limits']): Partial<Limits> => ({
  connections: max_connections,
  connections_per_address: max_connections_per_address,
  messages_per_s: messages_per_s_per_device,
  messages_burst: 2 * messages_per_s_per_device,
  // The frames of one connection have to keep up with its messages.
  work_per_s: Math.max(defaultLimits.work_per_s, 2 * messages_per_s_per_device)
})
