/** station.yaml, every key once: type, default, check, and the words the installer reads. */
import { join } from 'node:path'
import { type Static, type TSchema, Type } from 'typebox'
import { crossCheck, type Known } from './config-check.ts'
import { weekdays } from './domain/calendar.ts'
import { type Auth, auths } from './domain/event.ts'
import { places } from './domain/level-actions.ts'
import { agencies, hazards, type Quantity, qualifications, quantities, roles, severities, uses } from './domain/vocabulary.ts'
import { defaultLimits } from './ingest/mqtt/limits.ts'
import { beside, readSettings, secretFile } from './settings.ts'

const words = <Word extends string>(of: Readonly<Record<Word, unknown>>, title: string, options: object = {}) =>
  Type.Union(
    (Object.keys(of) as Word[]).map(word => Type.Literal(word)),
    { title, ...options }
  )
const strict = <Properties extends Record<string, TSchema>>(properties: Properties, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })
const id = (title: string) =>
  Type.String({
    title,
    description: '1 to 64 letters, digits, dot, dash or underscore',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    examples: ['platform-1']
  })
const port = (title: string, usual: number) => Type.Integer({ title, default: usual, minimum: 0, maximum: 65535 })
const begins = Type.String({ title: 'Start', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['08:00'] })
const ends = Type.String({ title: 'End', pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$', examples: ['20:00'] })
const metres = Type.Tuple([Type.Number(), Type.Number()], { title: 'x and y on the ground in metres' })
const day = (title: string) => Type.String({ title, pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$', examples: ['2026-12-31'] })
const depends_on = Type.Optional(
  Type.Array(id('Thing'), {
    title: 'What it hangs on',
    description:
      'switches, gateways and power supplies by name, the nearest first, devices of this file or not; when they fail, what hangs on them calls nobody and is listed under them',
    maxItems: 8
  })
)
const density = Type.Number({ title: 'Density, p/m²', exclusiveMinimum: 0, maximum: 10 })
const pixel = Type.Tuple([Type.Number(), Type.Number()], { title: 'x and y in pixels' })

/** What people do shows in these; of a device's own state nobody asks what is usual on a Sunday night. */
const usually_watched: readonly Quantity[] = [
  'people_count',
  'flow_per_min',
  'flow_in_per_min',
  'flow_out_per_min',
  'people_entered',
  'people_left',
  'sound_db',
  'co2_ppm',
  'temperature_celsius',
  'power_watts'
]

export const Config = strict({
  station: strict(
    {
      id: Type.String({
        title: 'Station id',
        description: 'appears in topics, time series and the journal: lower-case letters, digits and dashes',
        pattern: '^[a-z0-9][a-z0-9-]{0,47}$',
        examples: ['demo-hub']
      }),
      name: Type.String({ title: 'Name of the station', minLength: 1, maxLength: 80, examples: ['人民广场枢纽联勤警务站'] }),
      template: Type.String({
        title: 'Station template',
        description: 'the name of a file in edge/domain/templates',
        examples: ['transport-hub']
      }),
      locale: words({ 'zh-CN': 0, en: 0 }, 'Language of the station', { default: 'zh-CN' }),
      timezone: Type.String({ title: 'Time zone', description: 'an IANA name', default: 'Asia/Shanghai', examples: ['Asia/Shanghai'] })
    },
    { title: 'Who this station is' }
  ),
  state_dir: Type.String({ title: 'State folder', description: 'journal, history and accounts lie here', default: './var/edge' }),
  mappings_dir: Type.Optional(
    Type.String({
      title: 'Folder of mapping files',
      description: 'one file a profile of the station’s own; by default mappings in the state folder',
      minLength: 1
    })
  ),
  http: strict(
    {
      host: Type.String({ title: 'HTTP address', default: '127.0.0.1' }),
      port: port('HTTP port', 8080),
      url: Type.Optional(
        Type.String({
          title: 'Address of the station as people’s phones see it',
          description: 'written into messages, without a slash at its end',
          pattern: '^https?://[^@/\\s]+$',
          examples: ['https://station.police.example']
        })
      ),
      tls: Type.Optional(
        strict({ cert_file: Type.String({ title: 'Certificate (PEM)' }), key_file: Type.String({ title: 'Private key (PEM)' }) })
      )
    },
    { default: {}, title: 'The officers’ screens and the API' }
  ),
  mqtt: strict(
    {
      host: Type.String({ title: 'MQTT address', default: '0.0.0.0' }),
      port: port('MQTT port', 1883),
      url: Type.Optional(
        Type.String({
          title: 'Address of the broker as devices reach it',
          description: 'shown to the installer with each credential; by default the host of the page and the port below',
          pattern: '^mqtts?://[^@/\\s]+$',
          examples: ['mqtts://station.police.example:8883']
        })
      ),
      tls: Type.Optional(
        strict({
          port: port('MQTT port under TLS', 8883),
          cert_file: Type.String({ title: 'Certificate (PEM)' }),
          key_file: Type.String({ title: 'Private key (PEM)' }),
          client_ca_file: Type.Optional(Type.String({ title: 'Authority that signs device certificates (PEM)' }))
        })
      ),
      limits: strict(
        {
          max_connections: Type.Integer({
            title: 'Devices connected at once',
            default: defaultLimits.connections,
            minimum: 1,
            maximum: 10_000
          }),
          max_connections_per_address: Type.Integer({
            title: 'Of them from one address',
            description: 'behind a gateway or a bridge many devices share one',
            default: defaultLimits.connections_per_address,
            minimum: 1,
            maximum: 10_000
          }),
          messages_per_s_per_device: Type.Integer({
            title: 'Messages a second of one device',
            description: 'faster ones are read more slowly, at QoS 0 let go; twice as many may come at once',
            default: defaultLimits.messages_per_s,
            minimum: 1,
            maximum: 10_000
          })
        },
        { default: {}, title: 'How much devices may ask of the broker; more for a large station' }
      )
    },
    { default: {}, title: 'The broker that devices speak to' }
  ),
  zones: Type.Array(
    strict({
      id: id('Zone id'),
      name: Type.String({ title: 'Name of the zone', minLength: 1, maxLength: 80 }),
      use: words(uses, 'What people do in the zone'),
      area_m2: Type.Number({ title: 'Floor area, m²', exclusiveMinimum: 0, maximum: 1_000_000, examples: [180] }),
      capacity: Type.Optional(Type.Integer({ title: 'Permitted number of people', minimum: 1 })),
      beside: Type.Optional(
        Type.Array(id('Zone'), {
          title: 'Zones beside it',
          description: 'what happens there counts here too, and their units are the next nearest; it holds both ways',
          maxItems: 20
        })
      ),
      outline: Type.Optional(
        Type.Array(metres, {
          title: 'Outline on the ground',
          description: 'in the metres of the cameras’ ground points; cameras then count for the zones that they see',
          minItems: 3,
          maxItems: 100
        })
      ),
      limits_per_m2: Type.Optional(
        Type.Tuple([density, density, density, density], {
          title: 'Own density limits: from how many p/m² it is blue, yellow, orange and red',
          description: 'rising, and red not above what is dangerous for the use'
        })
      ),
      closes: Type.Optional(
        Type.String({
          title: 'When nobody is left inside a site that is counted at its gates',
          description: 'the count begins again then',
          pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
          examples: ['23:00']
        })
      )
    }),
    { default: [], title: 'Zones' }
  ),
  calendar: Type.Array(
    strict({
      name: Type.String({ title: 'What it is', minLength: 1, maxLength: 80, examples: ['跨年音乐会'] }),
      zones: Type.Array(id('Zone'), { default: [], title: 'Zones it is about; none means all' }),
      date: Type.Optional(day('Day on which it begins; every day when absent')),
      until: Type.Optional(day('Last day on which it begins')),
      weekdays: Type.Optional(
        Type.Array(words(Object.fromEntries(weekdays.map(one => [one, 0])), 'Day of the week'), {
          title: 'Only on these days of the week',
          minItems: 1
        })
      ),
      from: begins,
      to: ends,
      use: Type.Optional(words(uses, 'What people do there meanwhile; its limits count then')),
      times: Type.Optional(
        Type.Number({
          title: 'Every limit times this',
          description: 'red never above what is dangerous for the use',
          minimum: 0.3,
          maximum: 2
        })
      )
    }),
    { default: [], title: 'What shifts the density limits: events by date, rush hours by day of the week' }
  ),
  actions: Type.Array(
    strict({
      for: words(places, 'Use of a zone, or capacity'),
      level: words(Object.fromEntries(severities.map(one => [one, 0])), 'Level'),
      zones: Type.Array(id('Zone'), { default: [], title: 'Zones it is about; none means all of that use' }),
      do: strict(
        { 'zh-CN': Type.String({ title: '中文', minLength: 1 }), en: Type.String({ title: 'English', minLength: 1 }) },
        { title: 'What is to be done, in both languages' }
      ),
      source: Type.String({ title: 'Where that is laid down', minLength: 1, maxLength: 200, examples: ['本站客流组织预案'] })
    }),
    { default: [], title: 'The station’s own words for what a level asks for' }
  ),
  devices: Type.Array(
    strict({
      id: id('Device id, which is also its MQTT user name'),
      profile: Type.String({ title: 'Device profile', description: 'the name of a file in devices', examples: ['zigbee2mqtt'] }),
      zone: id('Zone the device stands in'),
      topic: Type.Optional(
        Type.String({
          title: 'Topic the device speaks on',
          description: 'by default devices/<id>',
          minLength: 1,
          maxLength: 256,
          pattern: '^[^#+$\\u0000-\\u001f][^#+\\u0000-\\u001f]*$',
          examples: ['zigbee2mqtt/smoke-b3']
        })
      ),
      via: Type.Optional(id('Bridge through which it speaks; such a device has no password of its own')),
      lamp: Type.Optional(id('Lamp that shows for this button what it cannot show itself: heard, somebody comes')),
      tone: Type.Optional(id('Sounder that says the same by a short tone; none where a call for help must stay silent')),
      depends_on,
      client_id: Type.Optional(Type.String({ title: 'MQTT client id it must use', minLength: 1, maxLength: 128 })),
      password_file: Type.Optional(secretFile('Password of the device')),
      auth: Type.Optional(
        words(Object.fromEntries(auths.map(one => [one, 0])) as Record<Auth, 0>, 'How the device proves who it is', {
          description: 'with a certificate it signs in under TLS by one whose name is its id'
        })
      ),
      silent_after_s: Type.Optional(Type.Integer({ title: 'Silent after, seconds', minimum: 5, maximum: 604_800 })),
      watches: Type.Optional(
        Type.Array(words(hazards, 'Danger'), {
          title: 'Dangers it watches its zone for',
          description: 'what its profile can tell, or what it was heard to tell, when absent',
          uniqueItems: true
        })
      )
    }),
    { default: [], title: 'Devices' }
  ),
  cameras: Type.Array(
    strict({
      id: id('Camera id'),
      url: Type.String({
        title: 'Where the picture comes from',
        description: 'rtsp://, rtsps://, http(s):// or the path of a recording; never with a password',
        minLength: 1,
        examples: ['rtsp://user@10.0.0.5/stream2']
      }),
      password_file: Type.Optional(secretFile('Password of the camera')),
      zone: id('Zone the camera sees'),
      depends_on,
      fps: Type.Number({ title: 'Pictures analysed per second', default: 2, minimum: 0.1, maximum: 25 }),
      size_px: Type.Optional(
        Type.Tuple([Type.Integer({ minimum: 32, maximum: 2048 }), Type.Integer({ minimum: 32, maximum: 2048 })], {
          title: 'Largest picture the model gets, width and height',
          description: 'in place of 1024 × 768; smaller costs less and counts small heads worse'
        })
      ),
      ground: Type.Optional(
        Type.Array(strict({ px: pixel, m: metres }), {
          title: 'Points of the ground in the picture',
          minItems: 4
        })
      ),
      lines: Type.Array(
        strict({
          id: id('Line id; its readings carry it as their device'),
          zone: Type.Optional(id('Zone that the line leads into; by default the camera’s')),
          px: Type.Optional(Type.Tuple([pixel, pixel], { title: 'First and second point in the picture' })),
          m: Type.Optional(Type.Tuple([metres, metres], { title: 'First and second point on the ground, where the camera is calibrated' }))
        }),
        {
          default: [],
          title: 'Lines across which people are counted',
          description: 'looking in the picture from the first point towards the second, who goes from left to right goes in'
        }
      ),
      masks: Type.Array(Type.Array(pixel, { minItems: 3 }), { default: [], title: 'Polygons of the picture that are not looked at' })
    }),
    { default: [], title: 'Cameras' }
  ),
  vision: strict(
    {
      model: Type.String({
        title: 'Model that counts people',
        description: 'the name of a folder in models/, or of a pack in <state_dir>/models/',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
        default: 'crowdlite'
      })
    },
    { default: {}, title: 'What looks at the pictures' }
  ),
  odd: strict(
    {
      watch: Type.Array(words(quantities, 'Quantity'), {
        title: 'Quantities of which it is learnt what is usual at each hour',
        description: 'of every device that says them, in steps of five minutes; none turns it off',
        default: usually_watched
      })
    },
    { default: {}, title: 'What is out of the ordinary' }
  ),
  users: Type.Array(
    strict({
      name: id('Name to sign in with'),
      password_file: Type.Optional(secretFile('Password of the person')),
      agency: words(agencies, 'Agency the person belongs to'),
      roles: Type.Array(words(roles, 'Role'), { default: ['officer'], title: 'What the person may do' }),
      mobile: Type.Optional(
        Type.String({ title: 'Mobile number, for channels that ring it', pattern: '^\\+?[0-9]{5,20}$', examples: ['13800000000'] })
      ),
      email: Type.Optional(
        Type.String({ title: 'E-mail address', pattern: '^[^@\\s]+@[^@\\s]+$', maxLength: 200, examples: ['li@example.org'] })
      ),
      qualifications: Type.Array(words(qualifications, 'Qualification'), { default: [], title: 'What the person has learned and shown' })
    }),
    { default: [], title: 'People' }
  ),
  units: Type.Array(
    strict({
      id: id('Unit id'),
      name: Type.String({ title: 'Name of the unit', minLength: 1, maxLength: 80 }),
      agency: words(agencies, 'Agency the unit belongs to'),
      members: Type.Array(id('Member'), { default: [], title: 'People of the unit, by the name they sign in with' }),
      zones: Type.Array(id('Zone'), { default: [], title: 'Zones where the unit usually stands' }),
      commands: Type.Boolean({ default: false, title: 'Whether this is the duty commander’s unit' }),
      shifts: Type.Array(strict({ from: begins, to: ends }), { default: [], title: 'When it is on duty; none means always' })
    }),
    { default: [], title: 'Units' }
  ),
  cover: Type.Array(
    strict({
      agency: words(agencies, 'Agency'),
      zone: Type.Optional(id('Zone; only units that usually stand there count')),
      from: Type.Optional(begins),
      to: Type.Optional(ends),
      units: Type.Integer({ title: 'Units that must be on duty', minimum: 1, maximum: 1000 }),
      qualification: Type.Optional(words(qualifications, 'Qualification that somebody in the unit must have'))
    }),
    { default: [], title: 'Minimum cover; the template’s when none is given. Told two hours before it breaks' }
  ),
  machines: Type.Array(
    strict({
      name: id('Name of the other system, also its MQTT user name'),
      token_file: secretFile('Token of the other system'),
      scopes: Type.Array(words({ read: 0, write: 0 }, 'Scope'), { default: ['read'], title: 'What it may do' })
    }),
    { default: [], title: 'Other systems' }
  ),
  rules: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
    default: {},
    title: 'Changes to the settings of early-warning rules, by rule'
  }),
  shadow: Type.Array(
    strict({
      id: id('Name of the trial'),
      rule: Type.String({
        title: 'Rule that is tried',
        description: 'the name of a file in edge/domain/rules',
        examples: ['crowd-density']
      }),
      settings: Type.Record(Type.String(), Type.Unknown(), { default: {}, title: 'Settings that differ from those on duty' })
    }),
    { default: [], title: 'Rules on trial: they see everything, call nobody, and are counted' }
  ),
  channels: Type.Array(
    strict({
      id: id('Channel id'),
      type: Type.String({ title: 'Kind of channel', description: 'the name of a file in edge/notify', examples: ['dingtalk'] }),
      settings: Type.Record(Type.String(), Type.Unknown(), { title: 'Settings of that kind', default: {} }),
      agencies: Type.Optional(Type.Array(words(agencies, 'Agency'), { title: 'Only units of these agencies are called over it' })),
      units: Type.Optional(Type.Array(id('Unit'), { title: 'Only these units are called over it' })),
      from: Type.Optional(words({ blue: 0, yellow: 0, orange: 0, red: 0 }, 'Only from this level on')),
      quiet: Type.Optional(strict({ from: begins, to: ends }, { title: 'Quiet hours; never for red' })),
      audience: Type.Optional(
        words(
          { public: 0, staff: 0 },
          'Who hears or sees it; public when absent. A siren, a sign or a loudspeaker for the public waits until a person confirms'
        )
      ),
      persons: Type.Optional(
        Type.Union([Type.Literal(1), Type.Literal(2)], { title: 'How many people must confirm what the public hears; 1 when absent' })
      )
    }),
    { default: [], title: 'Channels over which people are called, besides the station’s own screens' }
  ),
  path_check: strict(
    {
      every_s: Type.Integer({
        title: 'Path check every, seconds',
        description: 'an invisible alert proves the way from sensor to screen; a failure is an alert that people see',
        default: 3600,
        minimum: 60,
        maximum: 86_400
      })
    },
    { default: {}, title: 'The station’s check of itself' }
  ),
  cap: strict(
    {
      sender: Type.Optional(
        Type.String({
          title: 'What this station calls itself in CAP; by default <station id>@qianshao.local',
          pattern: '^[^\\s,<&]{1,128}$',
          examples: ['hub.police.example']
        })
      ),
      restriction: Type.String({
        title: 'Who may read what it says to other systems',
        default: '联勤单位 joint-duty agencies',
        minLength: 1,
        maxLength: 200
      }),
      addresses: Type.Array(Type.String({ title: 'Receiver', minLength: 1, maxLength: 128 }), {
        default: [],
        title: 'Receivers by name; with any the messages are private to them'
      }),
      expires_minutes: Type.Integer({
        title: 'A message holds for, minutes',
        description: 'nothing repeats one that has not changed, so it must outlast the usual incident',
        default: 360,
        minimum: 5,
        maximum: 10_080
      })
    },
    { default: {}, title: 'Messages to other systems (CAP 1.2)' }
  ),
  retention: strict(
    {
      sought_hours: Type.Number({
        title: 'The description of somebody who was sought is erased after the incident is closed, hours',
        default: 24,
        minimum: 0,
        maximum: 720
      }),
      sought_days_at_most: Type.Number({
        title: 'And in no case later than after its beginning, days',
        default: 30,
        minimum: 1,
        maximum: 366
      })
    },
    { default: {}, title: 'What is forgotten, and when' }
  ),
  history: strict(
    {
      max_bytes: Type.Integer({ title: 'Disk for readings, bytes', default: 2_000_000_000, minimum: 10_000_000 }),
      max_days: Type.Number({ title: 'Days that readings are kept', default: 30, minimum: 0.01, maximum: 3660 })
    },
    { default: {}, title: 'History' }
  ),
  uplink: Type.Optional(
    strict(
      {
        url: Type.String({
          title: 'Broker of the cloud',
          description: 'mqtt:// or mqtts://',
          pattern: '^mqtts?://[^@/]+$',
          examples: ['mqtts://cloud.example:8883']
        }),
        username: id('User name at the cloud'),
        password_file: secretFile('Password at the cloud'),
        ca_file: Type.Optional(Type.String({ title: 'Authority that signed the cloud’s certificate (PEM)' }))
      },
      { title: 'The way to the cloud' }
    )
  )
})
export type Config = Static<typeof Config>

/** Throws `SettingsError` with one sentence a mistake. Paths in the answer are absolute. */
export const readConfig = (file: string, known: Known): Config =>
  absolute(
    file,
    readSettings(Config, file, config => crossCheck(file, config, known))
  )

const absolute = (file: string, config: Config): Config => {
  const at = (path: string): string => beside(file, path)
  const secret = <With extends { readonly password_file?: string }>(one: With): With =>
    one.password_file === undefined ? one : { ...one, password_file: at(one.password_file) }
  const tls = <With extends { cert_file: string; key_file: string; client_ca_file?: string }>(one: With): With => ({
    ...one,
    cert_file: at(one.cert_file),
    key_file: at(one.key_file),
    ...(one.client_ca_file !== undefined && { client_ca_file: at(one.client_ca_file) })
  })
  return {
    ...config,
    state_dir: at(config.state_dir),
    mappings_dir: mappingsDir(file, config),
    http: { ...config.http, ...(config.http.tls && { tls: tls(config.http.tls) }) },
    mqtt: { ...config.mqtt, ...(config.mqtt.tls && { tls: tls(config.mqtt.tls) }) },
    devices: config.devices.map(secret),
    cameras: config.cameras.map(camera => ({
      ...secret(camera),
      url: /^[a-z][a-z0-9+.-]*:/i.test(camera.url) ? camera.url : at(camera.url)
    })),
    users: config.users.map(secret),
    channels: config.channels.map(channel => ({ ...channel, settings: withFiles(channel.settings, at) })),
    machines: config.machines.map(machine => ({ ...machine, token_file: at(machine.token_file) })),
    ...(config.uplink && {
      uplink: { ...secret(config.uplink), ...(config.uplink.ca_file !== undefined && { ca_file: at(config.uplink.ca_file) }) }
    })
  }
}

export const mappingsDir = (file: string, { state_dir, mappings_dir }: Pick<Config, 'state_dir' | 'mappings_dir'>): string =>
  mappings_dir === undefined ? join(beside(file, state_dir), 'mappings') : beside(file, mappings_dir)

/** Every `*_file` of a channel's settings, wherever it stands, is meant relative to station.yaml like all others. */
const withFiles = (settings: Record<string, unknown>, at: (path: string) => string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, key.endsWith('_file') && typeof value === 'string' ? at(value) : value])
  )
