/** What a schema cannot say of station.yaml: that names exist, are unique, and that files can be read. */
import { accessSync, constants } from 'node:fs'
import type { Config } from './config.ts'
import { area, crossesItself } from './domain/polygon.ts'
import type { Use } from './domain/vocabulary.ts'
import { dangerLimit, densityLimits } from './domain/zone.ts'
import { beside, type Mistake } from './settings.ts'

/** What exists beside the configuration: names of templates, device profiles and rules; what a camera address may be. */
export type Known = {
  readonly templates: readonly string[]
  readonly profiles: readonly string[]
  /** Profiles of the station's own; throws with a sentence for each mistake in them. */
  readonly mapped?: (config: Pick<Config, 'state_dir' | 'mappings_dir'>) => readonly string[]
  readonly rules: Readonly<Record<string, object>>
  /** What is wrong with the settings of a kind of channel, a sentence each; nothing when there is no such kind. */
  readonly channels?: ReadonlyMap<string, (settings: unknown) => readonly Mistake[]>
  readonly cameraUrl: (url: string) => string | undefined
}

export const crossCheck = (file: string, config: Config, known: Known): readonly Mistake[] => {
  const mistakes: Mistake[] = []
  const say = (path: string, wrong: string, right: string): void => void mistakes.push({ path, wrong, right })
  const choose = (path: string, value: string, from: readonly string[], what: string): void => {
    if (!from.includes(value))
      say(path, `there is no ${what} "${value}"`, `right would be: one of ${from.slice(0, 20).join(', ') || '(none defined yet)'}`)
  }
  const unique = (path: string, ids: readonly string[]): void => {
    ids.forEach((one, i) => {
      if (ids.indexOf(one) !== i) say(`${path}/${i}`, `"${one}" is there twice`, 'right would be: a name of its own')
    })
  }
  const readable = (path: string, name: string | undefined): void => {
    if (name === undefined) return
    try {
      accessSync(beside(file, name), constants.R_OK)
    } catch {
      say(
        path,
        `the file ${name} cannot be read`,
        'right would be: a file, beside this one, that holds the secret and only this user may read (chmod 600)'
      )
    }
  }
  const profiles = [...(known.mapped?.(config) ?? []), ...known.profiles]
  const zones = config.zones.map(zone => zone.id)
  const people = config.users.map(user => user.name)
  const members = [...people, ...config.machines.map(machine => machine.name)]
  choose('/station/template', config.station.template, known.templates, 'template')
  if (!validTimezone(config.station.timezone))
    say('/station/timezone', `"${config.station.timezone}" is not a time zone`, 'right would be: an IANA name, for example Asia/Shanghai')
  unique('/zones', zones)
  config.zones.forEach(({ beside = [] }, i) => {
    for (const [z, zone] of beside.entries()) choose(`/zones/${i}/beside/${z}`, zone, zones, 'zone')
  })
  config.zones.forEach(({ limits_per_m2: limits, ...zone }, i) => {
    if (limits === undefined) return
    const use = zone.use as Use
    if (limits.some((limit, k) => limit <= (limits[k - 1] ?? 0)))
      say(
        `/zones/${i}/limits_per_m2`,
        `${limits.join(', ')} do not rise`,
        `right would be: four rising numbers, for example ${densityLimits[use].join(', ')}`
      )
    else if (limits[3] > dangerLimit[use])
      say(
        `/zones/${i}/limits_per_m2/3`,
        `red at ${limits[3]} p/m² would come after the danger`,
        `right would be: ${dangerLimit[use]} at most for the use ${use}`
      )
  })
  config.calendar.forEach((entry, i) => {
    const { date, until, from, to, use, times } = entry
    for (const [z, zone] of entry.zones.entries()) choose(`/calendar/${i}/zones/${z}`, zone, zones, 'zone')
    for (const [key, one] of Object.entries({ date, until }))
      if (one !== undefined && !isDay(one)) say(`/calendar/${i}/${key}`, `there is no ${one}`, 'right would be: a day of the calendar')
    if (from === to) say(`/calendar/${i}/to`, `"${to}" is when it begins`, 'right would be: 00:00 to 24:00 for the whole day')
    if (until !== undefined && (date === undefined || until < date))
      say(`/calendar/${i}/until`, `${until} is not after a first day`, 'right would be: a date that is not later than it')
    if (use === undefined && times === undefined)
      say(`/calendar/${i}`, 'changes nothing', 'right would be: a use whose limits count meanwhile, or times, or both')
    const stairs = config.zones.find(zone => zone.use === 'stairs' && (entry.zones.length === 0 || entry.zones.includes(zone.id)))
    if (use !== undefined && use !== 'stairs' && stairs !== undefined)
      say(`/calendar/${i}/use`, `${stairs.id} is stairs, and stairs stay stairs`, 'right would be: zones without stairs, or times alone')
  })
  for (const [i, action] of config.actions.entries())
    for (const [z, zone] of action.zones.entries()) choose(`/actions/${i}/zones/${z}`, zone, zones, 'zone')
  config.zones.forEach(({ outline, area_m2 }, i) => {
    if (outline === undefined) return
    const drawn_m2 = Math.round(area(outline))
    if (crossesItself(outline))
      say(`/zones/${i}/outline`, 'the outline crosses itself', 'right would be: its corners in order, once around')
    else if (Math.abs(drawn_m2 / area_m2 - 1) > 0.25)
      say(
        `/zones/${i}/area_m2`,
        `the zone is said to have ${area_m2} m² and its outline holds ${drawn_m2}`,
        `right would be: ${drawn_m2}, or another outline`
      )
  })
  unique('/devices', [...config.devices.map(device => device.id), ...config.machines.map(machine => machine.name)])
  unique(
    '/cameras',
    config.cameras.map(camera => camera.id)
  )
  unique(
    '/users',
    config.users.map(user => user.name)
  )
  unique(
    '/units',
    config.units.map(unit => unit.id)
  )
  config.devices.forEach((device, i) => {
    choose(`/devices/${i}/zone`, device.zone, zones, 'zone')
    choose(`/devices/${i}/profile`, device.profile, profiles, 'device profile')
    for (const besides of ['lamp', 'tone'] as const)
      if (device[besides] !== undefined)
        choose(
          `/devices/${i}/${besides}`,
          device[besides],
          config.devices.filter(({ id }) => id !== device.id).map(({ id }) => id),
          'device'
        )
    if (device.via !== undefined)
      choose(
        `/devices/${i}/via`,
        device.via,
        config.devices.map(one => one.id),
        'device'
      )
    if (device.via !== undefined && device.password_file !== undefined)
      say(
        `/devices/${i}/password_file`,
        'does not go with via',
        'right would be: a password_file for a device that connects itself, via for one behind a bridge'
      )
    if (device.auth !== undefined && device.auth !== 'password' && config.mqtt.tls?.client_ca_file === undefined)
      say(`/devices/${i}/auth`, 'nobody signs device certificates', 'right would be: mqtt.tls.client_ca_file, or auth: password')
    readable(`/devices/${i}/password_file`, device.password_file)
  })
  const speaking = [...config.devices, ...config.cameras, ...config.cameras.flatMap(camera => camera.lines)].map(one => one.id)
  config.cameras.forEach((camera, i) => {
    choose(`/cameras/${i}/zone`, camera.zone, zones, 'zone')
    const wrong = known.cameraUrl(camera.url)
    if (wrong !== undefined)
      say(`/cameras/${i}/url`, wrong, 'right would be: rtsp://user@host/path, https://host/snapshot.jpg or the path of a recording')
    readable(`/cameras/${i}/password_file`, camera.password_file)
    camera.lines.forEach(({ id, zone, px, m }, l) => {
      const at = `/cameras/${i}/lines/${l}`
      if (zone !== undefined) choose(`${at}/zone`, zone, zones, 'zone')
      if (speaking.filter(one => one === id).length > 1)
        say(`${at}/id`, `"${id}" is the id of another line, camera or device`, 'right would be: a name of its own')
      const [first, second] = px ?? m ?? []
      if ((px === undefined) === (m === undefined))
        say(at, 'a line has its points either in px or in m', 'right would be: px: [[100, 300], [500, 300]]')
      else if (m !== undefined && camera.ground === undefined)
        say(`${at}/m`, 'the camera has no ground points', 'right would be: px, or ground points of the camera')
      else if (first !== undefined && second !== undefined && first[0] === second[0] && first[1] === second[1])
        say(at, 'the two points of the line are one', 'right would be: the two ends of the line')
    })
  })
  for (const [i, user] of config.users.entries()) readable(`/users/${i}/password_file`, user.password_file)
  for (const [i, machine] of config.machines.entries()) {
    readable(`/machines/${i}/token_file`, machine.token_file)
    // Units name their members: a name of both would let the one answer for the other.
    if (people.includes(machine.name)) say(`/machines/${i}/name`, `"${machine.name}" is a person`, 'right would be: a name of its own')
  }
  config.units.forEach((unit, i) => {
    for (const [m, member] of unit.members.entries()) choose(`/units/${i}/members/${m}`, member, members, 'person or machine')
    for (const [s, { from, to }] of unit.shifts.entries())
      if (from === to)
        say(`/units/${i}/shifts/${s}/to`, `"${to}" is when it begins`, 'right would be: no shifts at all for a unit that is always on duty')
    for (const [z, zone] of unit.zones.entries()) choose(`/units/${i}/zones/${z}`, zone, zones, 'zone')
  })
  config.cover.forEach(({ zone, from, to }, i) => {
    if (zone !== undefined) choose(`/cover/${i}/zone`, zone, zones, 'zone')
    if ((from === undefined) !== (to === undefined))
      say(`/cover/${i}`, 'has a start or an end, and not the other', 'right would be: both, or none for the whole day')
    if (from !== undefined && from === to)
      say(`/cover/${i}/to`, `"${to}" is when it begins`, 'right would be: none of both for the whole day')
  })
  for (const [rule, settings] of Object.entries(config.rules)) {
    choose(`/rules/${rule}`, rule, Object.keys(known.rules), 'rule')
    for (const key of Object.keys(settings))
      if (known.rules[rule]) choose(`/rules/${rule}/${key}`, key, Object.keys(known.rules[rule]), 'setting')
  }
  unique(
    '/shadow',
    config.shadow.map(shadow => shadow.id)
  )
  config.shadow.forEach(({ rule, settings }, i) => {
    choose(`/shadow/${i}/rule`, rule, Object.keys(known.rules), 'rule')
    for (const key of Object.keys(settings))
      if (known.rules[rule]) choose(`/shadow/${i}/settings/${key}`, key, Object.keys(known.rules[rule]), 'setting')
  })
  unique(
    '/channels',
    config.channels.map(channel => channel.id)
  )
  config.channels.forEach((channel, i) => {
    const kinds = known.channels ?? new Map()
    choose(`/channels/${i}/type`, channel.type, [...kinds.keys()], 'kind of channel')
    for (const { path, wrong, right } of kinds.get(channel.type)?.(channel.settings) ?? [])
      say(`/channels/${i}/settings${path}`, wrong, right)
    for (const [key, value] of Object.entries(channel.settings))
      if (key.endsWith('_file') && typeof value === 'string') readable(`/channels/${i}/settings/${key}`, value)
    for (const [u, unit] of (channel.units ?? []).entries())
      choose(
        `/channels/${i}/units/${u}`,
        unit,
        config.units.map(one => one.id),
        'unit'
      )
  })
  readable('/uplink/password_file', config.uplink?.password_file)
  return mistakes
}

/** 30 February is written like a day and is none. */
const isDay = (date: string): boolean => {
  const at = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

const validTimezone = (timezone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return true
  } catch {
    return false
  }
}
