/**
 * The demo station as files: the same station.yaml, cloud.yaml and secret files that an installer would write, with
 * passwords made at the first start. What runs is the product, not a special mode of it.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import type { Scenario } from '../scenario.ts'
import { devices, people, units, zones } from './hub.ts'

export type DemoOptions = {
  readonly state: string
  readonly http_port: number
  readonly mqtt_port: number
  readonly cloud_http_port: number
  readonly cloud_mqtt_port: number
  readonly cloud: boolean
  readonly camera: string | undefined
  readonly scenario: Scenario | undefined
  readonly speed: number
}
export type DemoDevice = {
  readonly id: string
  readonly profile: string
  readonly zone: string
  readonly topic: string
  readonly via?: string
  readonly depends_on?: string[]
  readonly silent_after_s?: number
}
export type DemoFiles = {
  readonly station: string
  readonly cloud: string
  readonly password: string
  readonly token: string
  /** Of those who report in a scenario. */
  readonly people_token: string
  readonly devices: readonly (DemoDevice & { readonly password?: string })[]
}

const header = '# Written by npm start at every start; the secrets beside it were made at the first. 由 npm start 生成\n'

export const writeDemo = (options: DemoOptions): DemoFiles => {
  const { state, scenario, camera, speed } = options
  const secrets = join(state, 'secrets')
  mkdirSync(secrets, { recursive: true, mode: 0o700 })
  const secret = (name: string): { readonly file: string; readonly value: string } => {
    const file = join(secrets, name)
    if (!existsSync(file)) writeFileSync(file, `${randomBytes(9).toString('hex')}\n`, { mode: 0o600 })
    return { file: `secrets/${name}`, value: readFileSync(file, 'utf8').trim() }
  }
  // A scenario that is played faster has shorter silences; the least a station allows is five seconds.
  const hurried = (silent_after_s: number): number => Math.max(5, Math.round(silent_after_s / speed))
  const at: readonly DemoDevice[] =
    scenario?.devices.map(({ silent_after_s, depends_on, ...device }) => ({
      ...device,
      ...(depends_on !== undefined && { depends_on }),
      ...(silent_after_s !== undefined && { silent_after_s: hurried(silent_after_s) })
    })) ?? devices
  const own = at.map(device => ({ ...device, ...(device.via === undefined && { password: secret(`device-${device.id}`).value }) }))
  const person = secret('people')
  const up = secret('uplink')
  const token = secret('watch-token')
  const speaks = secret('people-token')
  const ground = JSON.parse(readFileSync(new URL('./platform.json', import.meta.url), 'utf8')) as {
    ground: unknown
    masks: unknown
    area_m2: number
  }
  const recording =
    camera === undefined
      ? { url: new URL('./platform.webp', import.meta.url).pathname, ground: ground.ground, masks: ground.masks }
      : { url: /^[a-z]+:\/\//.test(camera) ? camera : resolve(camera) }

  const station = {
    station: {
      id: 'demo-hub',
      name: '人民广场枢纽联勤警务站',
      template: scenario?.template ?? 'transport-hub',
      locale: 'zh-CN',
      timezone: 'Asia/Shanghai'
    },
    state_dir: 'edge',
    http: { host: '127.0.0.1', port: options.http_port },
    mqtt: { host: '127.0.0.1', port: options.mqtt_port },
    zones:
      scenario?.zones ??
      zones.map(zone => (zone.id === 'platform-1' && camera === undefined ? { ...zone, area_m2: ground.area_m2 } : zone)),
    devices: at.map(device => ({ ...device, ...(device.via === undefined && { password_file: secret(`device-${device.id}`).file }) })),
    cameras: scenario ? [] : [{ id: 'cam-1', zone: 'platform-1', fps: 2, ...recording }],
    users: people.map(one => ({ ...one, password_file: person.file })),
    units: (scenario?.units ?? units).map(unit => ({
      ...unit,
      members: people.filter(one => one.agency === unit.agency).map(one => one.name)
    })),
    machines: [
      { name: 'demo-watch', token_file: token.file, scopes: ['read'] },
      ...(scenario ? [{ name: 'demo-people', token_file: speaks.file, scopes: ['write'] }] : [])
    ],
    ...(options.cloud && { uplink: { url: `mqtt://127.0.0.1:${options.cloud_mqtt_port}`, username: 'demo-hub', password_file: up.file } })
  }
  const cloud = {
    state_dir: 'cloud',
    http: { host: '127.0.0.1', port: options.cloud_http_port },
    mqtt: { host: '127.0.0.1', port: options.cloud_mqtt_port },
    stations: [{ id: 'demo-hub', name: '人民广场枢纽联勤警务站', password_file: up.file }],
    users: [{ name: 'city', password_file: person.file, roles: ['city_operator'] }]
  }
  const write = (name: string, content: object): string => {
    const file = join(state, name)
    writeFileSync(file, header + stringify(content), { mode: 0o600 })
    return file
  }
  return {
    station: write('station.yaml', station),
    cloud: write('cloud.yaml', cloud),
    password: person.value,
    token: token.value,
    people_token: speaks.value,
    devices: own
  }
}
