/**
 * The only file that knows all parts. It opens them in the order things happen and closes them the other way round;
 * tests open the same station with other ports.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { orderFor } from '../devices/device.ts'
import { openAttention } from './attention.ts'
import { openCalibrations, taughtCamera, taughtZone } from './calibrations.ts'
import { type Calls, openCalls } from './calls.ts'
import { every, realClock } from './clock.ts'
import type { Config } from './config.ts'
import { openConsole } from './console/app.ts'
import { openPresenter } from './console/present.ts'
import type { Definitions } from './definitions.ts'
import { outlinesOf } from './domain/camera-calibration.ts'
import { capXml } from './domain/cap.ts'
import { type CapSettings, usualCap } from './domain/cap-of-incident.ts'
import { wiringOf } from './domain/dependency.ts'
import { isIncidentEvent } from './domain/event.ts'
import type { Order } from './domain/orders.ts'
import type { Retention } from './domain/sought.ts'
import { openDrills } from './drills.ts'
import { type DutyRoom, openDuty } from './duty.ts'
import { hubTelemetry } from './hub.ts'
import { openAccounts } from './ingest/accounts.ts'
import type { MqttBroker } from './ingest/broker.ts'
import { openCameras, packsOf } from './ingest/cameras.ts'
import { openJudge } from './ingest/oddity.ts'
import { openPreview } from './ingest/preview.ts'
import type { Sensors } from './ingest/sensors.ts'
import { openHistory } from './journal/history.ts'
import { openJournal } from './journal/journal.ts'
import { openSafe } from './journal/safe.ts'
import { oddity_steps_a_day } from './oddities.ts'
import { openOnboarding } from './onboarding.ts'
import { openPathCheck, type PathCheck, path_check_device } from './path-check.ts'
import type { Clock, Desk, Entry, UplinkNow, Who } from './ports.ts'
import { openPresence } from './presence.ts'
import { openPublicActions, type PublicChannel } from './public-actions.ts'
import { readScenarios } from './scenario.ts'
import { openSearch } from './search.ts'
import { openStationDesk } from './station-desk.ts'
import { openTalkBack } from './talk-back.ts'
import { openTold } from './told.ts'
import { openUpkeep } from './upkeep.ts'
import { openUplink, type Uplink } from './uplink/uplink.ts'
import { openWire } from './wire.ts'

export type StationOptions = {
  readonly log: Logger
  readonly version: string
  readonly definitions: Definitions
  readonly clock?: Clock
  /** Folder of the built officers' app. */
  readonly screen: string
  /** Every incident is an exercise, and says so. */
  readonly drill?: boolean
  readonly demo?: boolean
  readonly ffmpeg?: string
}
export type Station = {
  readonly url: string
  readonly httpPort: number
  readonly mqttPort: number
  readonly duty: DutyRoom
  readonly desk: Desk
  readonly broker: MqttBroker
  readonly pathCheck: PathCheck
  readonly close: () => Promise<void>
}

/** What a camera counts is on the zones at once; its own state, rate and count need not hurry. */
const cameras_shown_every_ms = 2000
const offline: UplinkNow = {
  configured: false,
  online: false,
  why: '',
  since: 0,
  behind_seconds: 0,
  backlog_records: 0,
  backlog_hours_left: undefined
}

export const openStation = async (config: Config, options: StationOptions): Promise<Station> => {
  const { log, version, definitions, screen, clock = realClock, drill = false } = options
  const say = (message: string, fields: object = {}): void => log.info(fields, message)
  const closing: (() => Promise<unknown> | unknown)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one()
  }

  try {
    mkdirSync(config.state_dir, { recursive: true, mode: 0o700 })
    const accounts = await openAccounts({
      file: join(config.state_dir, 'accounts.json'),
      devices: config.devices,
      machines: config.machines,
      users: config.users
    })
    if ('failed' in accounts) throw new Error(accounts.failed)
    for (const warning of accounts.warnings) log.warn(warning)

    const journal = await openJournal({ dir: config.state_dir, log })
    closing.push(journal.close)
    const history = await openHistory({
      dir: config.state_dir,
      log,
      max_bytes: config.history.max_bytes,
      max_age_ms: config.history.max_days * 86_400_000
    })
    closing.push(history.close)

    const template = definitions.templates.get(config.station.template)
    if (template === undefined) throw new Error(`there is no template ${config.station.template}`)
    let whenKept = (): void => undefined
    let notifier: Calls | undefined
    let talkBack: ReturnType<typeof openTalkBack> | undefined
    let publicActions: ReturnType<typeof openPublicActions> | undefined
    let heard = (_: Pick<Entry, 'event'>): void => undefined
    const told = openTold(
      config.station.id,
      config.machines.map(machine => machine.name)
    )
    const judge = openJudge({ file: join(config.state_dir, 'usual.bin'), steps_a_day: oddity_steps_a_day, log })
    closing.push(judge.close)
    const duty = openDuty({
      clock,
      journal,
      history,
      station: { ...config.station, version },
      zones: config.zones,
      units: config.units,
      // Only this of them: how to reach somebody, and with which secret, is nobody's business in the roster.
      people: config.users.map(({ name, agency, roles, qualifications }) => ({ name, agency, roles, qualifications })),
      cover: config.cover,
      calendar: config.calendar,
      wiring: wiringOf([...config.devices, ...config.cameras]),
      template,
      rules: definitions.rules,
      oddities: { judge, quantities: config.odd.watch },
      ruleSettings: config.rules,
      shadows: config.shadow,
      log: say,
      tell: {
        ...told.tell,
        reading: reading => {
          told.tell.reading(reading)
          publicActions?.reading(reading)
        }
      },
      call: (incident, asked, occasion) => notifier?.call(incident, asked, occasion),
      heard: entry => heard(entry),
      // The way up is opened after the duty room; what is kept before that waits for its first look.
      kept: () => whenKept(),
      drill
    })
    closing.push(duty.close)
    const scenarios = readScenarios()
    const drills = openDrills({ clock, duty, definitions, scenarios, zones: config.zones, timezone: config.station.timezone })
    const search = openSearch({
      clock,
      safe: openSafe(join(config.state_dir, 'sought'), file => log.error({ file }, `${file} cannot be read; look at it by hand`)),
      retention: retentionOf(config),
      incidents: duty.state.incidents,
      desk: duty.desk,
      log: say
    })
    closing.push(async () => search.close())
    heard = entry => {
      drills.heard(entry)
      search.heard(entry)
      talkBack?.(entry.event)
      publicActions?.heard(entry)
      const incident = isIncidentEvent(entry.event) && duty.state.incidents.get(entry.event.id)
      if (incident) notifier?.changed(incident)
      if (incident && entry.event.type === 'incident_response' && entry.event.status === 'acknowledged')
        notifier?.answer(incident, entry.event.at)
    }
    closing.push(drills.close)
    for (const { part, damage } of [
      { part: 'journal', damage: journal.damage },
      { part: 'history', damage: history.damage }
    ]) {
      if (damage === undefined) continue
      log.error({ part, ...damage }, `the ${part} was damaged: ${damage.detail}`)
      await duty.desk.record([{ type: 'journal_damaged', id: part, at: clock.now(), lost: damage.lost, detail: damage.detail }])
    }

    const pathCheck = openPathCheck({
      clock,
      duty,
      zone: config.zones[0]?.id ?? '',
      station: config.station.id,
      every_s: config.path_check.every_s
    })
    const { sensors, proposals, broker } = await openWire(config, definitions.profiles, clock, accounts, duty, log, told.began, pathCheck)
    closing.push(broker.close)
    const orderOf = (device: string, order: Order) => {
      const known = sensors.list().find(({ id }) => id === device)
      const profile = known && definitions.profiles.get(known.profile)
      return profile && orderFor(profile, { id: device, topic: known.topic }, order)
    }
    const buttons = new Map(config.devices.map(({ id, lamp, tone }) => [id, { lamp, tone }]))
    talkBack = openTalkBack(
      duty.state,
      broker.publish,
      button => buttons.get(button) ?? {},
      (device, order) => {
        const told = orderOf(device, order)
        if (told === undefined) log.warn({ device }, `${device} cannot be told ${order.kind}: its profile does not say how`)
        else broker.publish(told.topic, told.payload)
      }
    )
    pathCheck.start({ url: `mqtt://${reachable(config.mqtt.host)}:${broker.port}` })
    closing.push(pathCheck.close)
    const onboarding = openOnboarding({ config, definitions, template, clock, accounts, duty, sensors, proposals, broker, log })
    onboarding.begin()

    const taughtCameras = config.cameras.map(camera => taughtCamera(camera, duty.state.calibrations.get(camera.id)))
    const outlines = outlinesOf(duty.state.calibrations.values())
    const taughtZones = config.zones.map(zone => taughtZone(zone, outlines))
    duty.floor.reshape(taughtZones)
    const cameraZones = new Map(config.cameras.map(camera => [camera.id, camera.zone]))
    let showCameras = (): void => undefined
    const cameras = await openCameras({
      cameras: taughtCameras,
      clock,
      log,
      model: config.vision.model,
      packs: packsOf(config.state_dir),
      zones: taughtZones.flatMap(({ id, outline }) => (outline === undefined ? [] : [{ id, outline }])),
      hear: scene =>
        void duty
          .see(scene, cameraZones.get(scene.camera) ?? '')
          .catch(error => log.warn({ camera: scene.camera }, (error as Error).message)),
      onState: (camera, state, why) => {
        void duty.camera({ id: camera, zone: cameraZones.get(camera) ?? '', state }, why)
        showCameras()
      },
      ...(options.ffmpeg !== undefined && { ffmpeg: options.ffmpeg })
    })
    closing.push(cameras.close)
    const preview = openPreview({ cameras: taughtCameras, clock, log, ...(options.ffmpeg !== undefined && { ffmpeg: options.ffmpeg }) })
    closing.push(preview.close)
    showCameras = () => {
      for (const camera of cameras.list()) duty.live.show('camera', camera)
    }
    closing.push(every(clock, cameras_shown_every_ms, showCameras))
    closing.push(openAttention({ clock, cameras, zones: duty.floor.zones }).close)

    const heardDevices = () => sensors.list().filter(({ id }) => id !== path_check_device)
    const watching = new Map(config.devices.map(({ id, watches }) => [id, watches]))
    const presence = openPresence({
      clock,
      state: duty.state,
      devices: heardDevices,
      cameras: cameras.list,
      measures: profile => definitions.profiles.get(profile)?.measures ?? [],
      own: device => watching.get(device),
      latest: duty.floor.latest,
      record: duty.desk.record,
      raise: (subject, verdict) => duty.desk.verdict(subject, { kind: 'blind' }, verdict),
      order: duty.desk.alertCommand
    })
    closing.push(presence.close)
    const silences = new Map(config.devices.map(({ id, silent_after_s }) => [id, silent_after_s]))
    const upkeep = openUpkeep({
      clock,
      state: duty.state,
      devices: heardDevices,
      latest: duty.floor.latest,
      history,
      silent_after_s: device => silences.get(device) ?? duty.silent_after_s,
      raise: (subject, verdict) => duty.desk.verdict(subject, { kind: 'device' }, verdict)
    })
    closing.push(upkeep.close)

    const uplink = openWayUp(config, version, clock, journal, history, duty, log)
    if (uplink !== undefined) {
      closing.push(uplink.close)
      whenKept = uplink.poke
    }
    const counters = (): Readonly<Record<string, number>> => ({
      ...broker.counters(),
      ...sensors.counters(),
      ...proposals.counters(),
      ...cameras.counters(),
      ...preview.counters(),
      ...judge.counters(),
      ...accounts.counters(),
      ...uplink?.counters(),
      ...notifier?.counters(),
      ...duty.board.counters(),
      ...duty.oddities.counters(),
      ...duty.floor.counters()
    })
    const hub = hubTelemetry({
      station: config.station.id,
      clock,
      journal,
      history,
      cameras,
      counters,
      uplink: () => uplink?.now() ?? offline
    })
    closing.push(hub.close)

    const calibrations = openCalibrations({ config, clock, duty, cameras, preview }, config.zones)
    const desk = openStationDesk({
      ...{
        config,
        version,
        clock,
        journal,
        history,
        duty,
        drills,
        search,
        scenarios,
        sensors,
        onboarding,
        cameras,
        preview,
        calibrations,
        presence,
        upkeep
      },
      uplink: () => uplink?.now() ?? offline,
      counters
    })

    const people = new Map(config.users.map(user => [user.name, user]))
    const unitsOf = (name: string): readonly string[] => config.units.filter(unit => unit.members.includes(name)).map(unit => unit.id)
    const consoleApp = await openConsole({
      desk,
      host: config.http.host,
      port: config.http.port,
      ...(config.http.tls && {
        tls: { cert: readFileSync(config.http.tls.cert_file, 'utf8'), key: readFileSync(config.http.tls.key_file, 'utf8') }
      }),
      who: name => {
        const user = people.get(name)
        if (user === undefined) return undefined
        return { name, agency: user.agency, roles: user.roles, units: unitsOf(name), machine: false, scopes: [] }
      },
      checkUser: accounts.checkUser,
      checkToken: async (token): Promise<Who | undefined> => {
        const machine = accounts.checkToken(token)
        // A neighbouring station is a unit whose member is a machine: it answers for that unit.
        const units = machine === undefined ? [] : unitsOf(machine.name)
        return machine && { name: machine.name, agency: undefined, roles: [], units, machine: true, scopes: machine.scopes }
      },
      sops: definitions.sops,
      sessions_file: join(config.state_dir, 'sessions.json'),
      signing_key_file: join(config.state_dir, 'station.key'),
      cap: capOf(config),
      screen,
      demo: options.demo ?? false,
      log
    })
    closing.push(consoleApp.close)
    const calls = await openCalls({
      config,
      definitions,
      clock,
      duty,
      broker: { publish: broker.publish, online: broker.online },
      watching: consoleApp.watching,
      order: orderOf,
      cap: async id => {
        const incident = duty.state.incidents.get(id)
        const last = incident && (await consoleApp.cap.messages(incident)).at(-1)
        return last && capXml(last)
      },
      ack: (incident, at) => consoleApp.cap.ack(incident, at),
      log
    })
    notifier = calls
    const actions = openPublicActions({ clock, duty, channels: publicChannels(config, definitions, sensors), call: calls.call })
    publicActions = actions
    closing.push(async () => actions.close())
    calls.start()
    actions.start()
    closing.push(calls.close)
    told.speak({
      publish: broker.publish,
      desk,
      present: openPresenter(desk, definitions.sops, options.demo ?? false),
      isOnline: broker.online
    })
    closing.push(told.close)
    return { url: consoleApp.url, httpPort: consoleApp.port, mqttPort: broker.port, duty, desk, broker, pathCheck, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The address at which the station reaches itself: where it listens everywhere, the loopback. */
const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host)

/** The channels that the public sees or hears, and how their devices answer. */
const publicChannels = (config: Config, { channels, profiles }: Definitions, sensors: Sensors): readonly PublicChannel[] =>
  config.channels.flatMap(({ id, type, settings, audience = 'public', persons = 1, from, agencies, units }) => {
    const kind = channels.get(type)?.public
    if (kind === undefined || audience === 'staff') return []
    const device = typeof settings.device === 'string' ? settings.device : undefined
    const profile = sensors.list().find(one => one.id === device)?.profile
    const answers = profile === undefined ? undefined : profiles.get(profile)?.commands?.[kind]?.answers
    return [
      {
        ...{ id, kind, persons },
        ...(device !== undefined && { device }),
        ...(from !== undefined && { from }),
        ...(agencies !== undefined && { agencies }),
        ...(units !== undefined && { units }),
        ...(answers !== undefined && { answers })
      }
    ]
  })

const day_ms = 86_400_000
const retentionOf = ({ retention }: Config): Retention => ({
  after_closure_ms: retention.sought_hours * 3_600_000,
  at_most_ms: retention.sought_days_at_most * day_ms
})

const capOf = ({ station, cap: { sender, restriction, addresses, expires_minutes } }: Config): CapSettings => ({
  ...usualCap(station.id),
  ...(sender !== undefined && { sender }),
  expires_minutes,
  ...(addresses.length > 0 ? { scope: 'Private', addresses } : { scope: 'Restricted', restriction })
})

const openWayUp = (
  config: Config,
  version: string,
  clock: Clock,
  journal: Desk['journal'],
  history: Desk['history'],
  duty: DutyRoom,
  log: Logger
): Uplink | undefined => {
  if (config.uplink === undefined) return undefined
  const { url, username, password_file, ca_file } = config.uplink
  let online: boolean | undefined
  return openUplink({
    station: config.station.id,
    url,
    username,
    password: readFileSync(password_file, 'utf8').trim(),
    ...(ca_file !== undefined && { ca: readFileSync(ca_file, 'utf8') }),
    journal,
    history,
    clock,
    command: duty.desk.fromCloud,
    onState: now => {
      duty.live.show('uplink', now)
      if (now.online === online) return
      online = now.online
      void duty.desk.record([{ type: 'uplink_changed', id: config.station.id, at: clock.now(), online: now.online, why: now.why }])
    },
    log,
    hello: () => ({ ...config.station, version, zones: config.zones, units: config.units })
  })
}
