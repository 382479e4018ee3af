/** The way from an incident to people's channels: the table of station.yaml becomes lanes, a page becomes words. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Config } from './config.ts'
import type { Definitions } from './definitions.ts'
import { silent } from './domain/asking.ts'
import { type CapAlert, capXml } from './domain/cap.ts'
import { backoff_ms, type Page } from './domain/delivery.ts'
import { type Incident, placesOf } from './domain/incident.ts'
import { localTime } from './domain/local-time.ts'
import { tell } from './domain/message.ts'
import type { Order } from './domain/orders.ts'
import type { DutyRoom } from './duty.ts'
import type { Message, OpenChannel } from './notify/channel.ts'
import { type Lane, type Notifier, openNotifier } from './notify/notifier.ts'
import type { Broker, Clock } from './ports.ts'

/** The station's own screens are always there: they need nothing and reach everyone on its network. */
const always: Config['channels'][number] = { id: 'screen', type: 'screen', settings: {} }

/** About ten minutes of trying. */
const most_answers = 14

export type CallsParts = {
  readonly config: Config
  readonly definitions: Definitions
  readonly clock: Clock
  readonly duty: DutyRoom
  readonly broker: Pick<Broker, 'publish' | 'online'>
  readonly watching: () => ReadonlySet<string>
  /** An order in the words of an enrolled device. */
  readonly order: (device: string, order: Order) => { readonly topic: string; readonly payload: string } | undefined
  /** The newest CAP document of an incident, for receivers that are systems. */
  readonly cap: (incident: string) => Promise<string | undefined>
  /** The answer to the station that an incident came from; nothing for one of our own. */
  readonly ack: (incident: Incident, at: number) => Promise<CapAlert | undefined>
  readonly log: Logger
}

export type Calls = Notifier & {
  /** Somebody has answered an incident that came from another station: that station is told, by the channel that reaches it. */
  readonly answer: (incident: Incident, at: number) => void
}

export const openCalls = async ({
  config,
  definitions,
  clock,
  duty,
  broker,
  watching,
  order,
  cap,
  ack,
  log
}: CallsParts): Promise<Calls> => {
  const { station, state_dir, zones, units, users } = config
  const lanes: Lane[] = []
  const table = config.channels.some(({ type }) => type === 'screen') ? config.channels : [always, ...config.channels]
  for (const { id, type, settings, audience = 'public', persons: _, ...whom } of table) {
    const channel = definitions.channels.get(type)
    if (channel === undefined) throw new Error(`there is no channel ${type}`)
    const dir = join(state_dir, 'channels', id)
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const opened: OpenChannel = await channel.open(
      Value.Default(channel.settings, structuredClone(settings)) as Static<typeof channel.settings>,
      {
        clock,
        station,
        dir,
        secret: file => readFileSync(file, 'utf8').trim(),
        publish: broker.publish,
        isOnline: broker.online,
        order: (device, what) => {
          const told = order(device, what)
          if (told !== undefined) broker.publish(told.topic, told.payload)
          return told !== undefined
        },
        watching,
        subscriptions: () => [],
        forgetSubscription: () => undefined,
        log: (message, fields = {}) => log.info({ channel: id, ...fields }, message)
      }
    )
    // An exercise is heard on the station's own screens alone.
    const waits = channel.public !== undefined && audience === 'public'
    lanes.push({ id, outside: type !== 'screen', waits, channel: opened, ...whom })
  }
  const person = new Map(users.map(({ name, mobile, email }) => [name, { name, ...(mobile && { mobile }), ...(email && { email }) }]))

  const describe = async (page: Page): Promise<Message | undefined> => {
    const incident = duty.state.incidents.get(page.incident)
    if (incident === undefined || (incident.phase === 'closed' && page.occasion !== 'over')) return undefined
    const unit = units.find(({ id }) => id === page.unit)
    const zone_name = placesOf(incident)
      .map(place => zones.find(({ id }) => id === place)?.name ?? place)
      .join('、')
    const unit_name = unit?.name ?? page.unit
    const url = config.http.url === undefined ? undefined : `${config.http.url}/#${incident.id}`
    const type = table.find(({ id }) => id === page.channel)?.type ?? ''
    const document = type === 'cap-http' ? await cap(incident.id) : undefined
    const more = { since: localTime(incident.opened_at, station.timezone), outside: definitions.channels.get(type)?.reach === 'outside' }
    const { id, kind, zone, severity, drill } = incident
    return {
      id: page.id,
      occasion: page.occasion,
      incident: id,
      kind,
      zone,
      zone_name,
      severity,
      unit: page.unit,
      unit_name,
      agency: page.agency,
      to: (unit?.members ?? []).flatMap(name => person.get(name) ?? []),
      ...tell(incident, page.occasion, { zone: zone_name, unit: unit_name, station: station.name }, url, more),
      ...(document !== undefined && { cap: document }),
      url,
      drill,
      at: clock.now()
    }
  }

  const notifier = openNotifier({
    clock,
    lanes,
    local: at => localTime(at, station.timezone),
    record: duty.desk.record,
    pages: () => duty.state.pages,
    describe,
    log: (message, fields = {}) => log.warn(fields, message)
  })
  const answer = async (incident: Incident, at: number, tries = 0): Promise<void> => {
    const alert = await ack(incident, at)
    const lane = alert && table.find(({ type, settings }) => type === 'cap-http' && settings.sender === alert.addresses)
    const channel = lane && lanes.find(({ id }) => id === lane.id)?.channel
    const [unit] = Object.keys(incident.responses)
    if (alert === undefined || lane === undefined || channel === undefined || unit === undefined) return
    const { id, severity, drill } = incident
    const { agency } = incident.responses[unit] ?? { agency: 'neighbour' as const }
    const page: Page = {
      ...{ id: `${id}.ack`, incident: id, unit, agency, channel: lane.id, occasion: 'opened', severity, drill },
      ...{ asked_at: at, deadline_at: at, tries, status: 'waiting' }
    }
    const message = await describe(page)
    const sent = message && (await channel.send({ ...message, cap: capXml(alert) }, AbortSignal.timeout(10_000)))
    if (sent === undefined || 'receipt' in sent) return
    log.warn({ incident: id, channel: lane.id }, `the answer to the other station did not arrive: ${sent.failed}`)
    // Its identifier is the same each time, so that a repeat is known over there.
    if (sent.retry && tries < most_answers) clock.wake(clock.now() + backoff_ms(tries + 1), () => void answer(incident, at, tries + 1))
  }

  return {
    ...notifier,
    answer: (incident, at) => void answer(incident, at).catch(error => log.error({ err: error }, 'the other station was not answered')),
    start: () => {
      const { incidents, pages } = duty.state
      for (const incident of incidents.values()) notifier.changed(incident)
      notifier.start()
      // Asked at the very moment the station went down, or while it came up: nobody is left out.
      const called = new Set([...pages.values()].map(({ incident, unit }) => `${incident} ${unit}`))
      for (const incident of incidents.values()) {
        if (incident.phase === 'closed') continue
        const forgotten = Object.values(incident.responses).filter(one => silent(one) && !called.has(`${incident.id} ${one.unit}`))
        notifier.call(incident, forgotten, 'asked')
      }
    }
  }
}
