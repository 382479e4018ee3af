/** cloud.yaml, every key once: type, default, check, and the words the installer reads. */
import { accessSync, constants } from 'node:fs'
import { type Static, type TSchema, Type } from 'typebox'
import { beside, type Mistake, readSettings, secretFile } from '../edge/settings.ts'

const strict = <Properties extends Record<string, TSchema>>(properties: Properties, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })
const port = (title: string, usual: number) =>
  Type.Integer({ title, description: '0 lets the system choose', default: usual, minimum: 0, maximum: 65535 })
const tls = Type.Optional(
  strict(
    {
      cert_file: Type.String({ title: 'Certificate (PEM)', minLength: 1 }),
      key_file: Type.String({ title: 'Private key (PEM)', minLength: 1 })
    },
    { title: 'TLS; without it only for a test or behind a proxy that has it' }
  )
)

export const Config = strict({
  state_dir: Type.String({
    title: 'State folder',
    description: 'the inbox of all stations lies here',
    default: './var/cloud',
    minLength: 1
  }),
  http: strict(
    { host: Type.String({ title: 'HTTP address', default: '127.0.0.1' }), port: port('HTTP port', 8090), tls },
    { default: {}, title: 'The city board and the API' }
  ),
  mqtt: strict(
    { host: Type.String({ title: 'MQTT address', default: '127.0.0.1' }), port: port('MQTT port', 2883), tls },
    { default: {}, title: 'The broker that stations speak to' }
  ),
  stations: Type.Array(
    strict({
      id: Type.String({
        title: 'Station id',
        description: 'also its MQTT user name and client id: lower-case letters, digits and dashes',
        pattern: '^[a-z0-9][a-z0-9-]{0,47}$',
        examples: ['demo-hub']
      }),
      name: Type.Optional(Type.String({ title: 'Name shown until the station says its own', minLength: 1, maxLength: 80 })),
      password_file: secretFile('Password of the station')
    }),
    { default: [], title: 'Stations' }
  ),
  users: Type.Array(
    strict({
      name: Type.String({
        title: 'Name to sign in with',
        description: '1 to 64 letters, digits, dot, dash or underscore',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
        examples: ['city-1']
      }),
      password_file: secretFile('Password of the person'),
      roles: Type.Array(Type.Union([Type.Literal('city_operator')], { title: 'Role' }), {
        default: ['city_operator'],
        title: 'What the person may do'
      })
    }),
    { default: [], title: 'People' }
  ),
  timeseries: Type.Optional(
    strict(
      {
        url: Type.String({
          title: 'Address of InfluxDB 2/3 or VictoriaMetrics',
          pattern: '^https?://[^@\\s]+$',
          examples: ['http://127.0.0.1:8428']
        }),
        org: Type.String({ title: 'Organisation', description: 'any word for VictoriaMetrics', default: 'qianshao' }),
        bucket: Type.String({ title: 'Bucket', description: 'any word for VictoriaMetrics', default: 'qianshao' }),
        token_file: Type.Optional(secretFile('Token with the right to write'))
      },
      { title: 'Time series store; without it readings are kept here' }
    )
  ),
  readings: strict(
    {
      max_days: Type.Number({ title: 'Days that readings are kept here', default: 30, minimum: 0.01, maximum: 3660 }),
      max_bytes: Type.Integer({ title: 'Disk for readings, bytes', default: 4_000_000_000, minimum: 100_000 })
    },
    { default: {}, title: 'Readings kept here; events are kept for good' }
  ),
  silent_after_s: Type.Integer({
    title: 'Silence of a station is an alarm after, seconds',
    default: 60,
    minimum: 20,
    maximum: 90
  }),
  locale: Type.Union([Type.Literal('zh-CN'), Type.Literal('en')], { title: 'Language of the board', default: 'zh-CN' }),
  timezone: Type.String({ title: 'Time zone', description: 'an IANA name', default: 'Asia/Shanghai', examples: ['Asia/Shanghai'] })
})
export type Config = Static<typeof Config>

/** Throws `SettingsError` with one sentence a mistake. Paths in the answer are absolute. */
export const readConfig = (file: string): Config =>
  absolute(
    file,
    readSettings(Config, file, config => crossCheck(file, config))
  )

const crossCheck = (file: string, config: Config): readonly Mistake[] => {
  const mistakes: Mistake[] = []
  const say = (path: string, wrong: string, right: string): void => {
    mistakes.push({ path, wrong, right: `right would be: ${right}` })
  }
  const unique = (path: string, ids: readonly string[]): void => {
    ids.forEach((id, i) => {
      if (ids.indexOf(id) !== i) say(`${path}/${i}`, `"${id}" is there twice`, 'a name of its own')
    })
  }
  const readable = (path: string, name: string | undefined, what: string): void => {
    if (name === undefined) return
    try {
      accessSync(beside(file, name), constants.R_OK)
    } catch {
      say(path, `the file ${name} cannot be read`, `a file, beside this one, that holds ${what} and only this user may read (chmod 600)`)
    }
  }
  unique(
    '/stations',
    config.stations.map(station => station.id)
  )
  unique(
    '/users',
    config.users.map(user => user.name)
  )
  for (const part of ['stations', 'users'] as const)
    for (const [i, one] of config[part].entries()) readable(`/${part}/${i}/password_file`, one.password_file, 'the password')
  readable('/timeseries/token_file', config.timeseries?.token_file, 'the token')
  for (const part of ['http', 'mqtt'] as const) {
    readable(`/${part}/tls/cert_file`, config[part].tls?.cert_file, 'the certificate')
    readable(`/${part}/tls/key_file`, config[part].tls?.key_file, 'the private key')
  }
  if (!validTimezone(config.timezone))
    say('/timezone', `"${config.timezone}" is not a time zone`, 'an IANA name, for example Asia/Shanghai')
  return mistakes
}

const validTimezone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

const absolute = (file: string, config: Config): Config => {
  const at = (path: string): string => beside(file, path)
  const listener = <Part extends Config['http']>(part: Part): Part =>
    part.tls === undefined ? part : { ...part, tls: { cert_file: at(part.tls.cert_file), key_file: at(part.tls.key_file) } }
  const { timeseries } = config
  return {
    ...config,
    state_dir: at(config.state_dir),
    http: listener(config.http),
    mqtt: listener(config.mqtt),
    stations: config.stations.map(station => ({ ...station, password_file: at(station.password_file) })),
    users: config.users.map(user => ({ ...user, password_file: at(user.password_file) })),
    ...(timeseries && { timeseries: { ...timeseries, ...(timeseries.token_file && { token_file: at(timeseries.token_file) }) } })
  }
}
