/** A station with many officers on line, and alarms that all of them hear of. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import mqtt from 'mqtt'
import type { AudienceAnswer, AudienceOrder, Heard } from './audience.ts'
import { hubPeople, hubUnits, makeBox, type Program, signIn } from './box.ts'

export type Duty = {
  readonly station: Program
  readonly url: string
  readonly ask: <Answer extends AudienceAnswer['type']>(order: AudienceOrder) => Promise<Extract<AudienceAnswer, { type: Answer }>>
  /** Publishes smoke of that device and answers when, epoch ms; resolves when the station has it on disk. */
  readonly smoke: (device: number) => Promise<number>
  readonly close: () => Promise<void>
}

export const openDutyOf = async (dir: string, officers: number, devices: number): Promise<Duty> => {
  const people = Array.from({ length: officers }, (_, n) => ({ name: `officer-${n}`, agency: 'police', roles: ['officer'] }))
  const box = await makeBox(
    dir,
    Array.from({ length: devices }, (_, n) => ({ id: `smoke-${n}`, profile: 'json', zone: n % 2 === 0 ? 'platform-1' : 'food-row' })),
    {
      users: [...hubPeople, ...people].map(one => ({ ...one, password_file: 'secrets/people' })),
      units: [...hubUnits, { id: 'many', name: '增援', agency: 'police', members: people.map(({ name }) => name) }]
    }
  )
  const station = await box.start()
  const audience = fork(fileURLToPath(new URL('./audience.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  const ask: Duty['ask'] = order => asked(audience, order) as never
  const cookies: string[] = []
  for (const { name } of people) cookies.push((await signIn(box.url, name, box.password)).cookie)
  await ask({ type: 'open', url: box.url, cookies })
  const clients = new Map<number, mqtt.MqttClient>()
  return {
    station,
    url: box.url,
    ask,
    smoke: async n => {
      const id = `smoke-${n}`
      const client =
        clients.get(n) ??
        (await mqtt.connectAsync({
          ...{ host: '127.0.0.1', port: box.mqtt_port, username: id, password: box.deviceSecret(id), clientId: id },
          reconnectPeriod: 0
        }))
      clients.set(n, client)
      const at = performance.timeOrigin + performance.now()
      await client.publishAsync(`devices/${id}/telemetry`, '{"smoke_alarm": true}', { qos: 1 })
      return at
    },
    close: async () => {
      for (const client of clients.values()) await client.endAsync(true)
      audience.disconnect()
      await station.end('SIGKILL')
    }
  }
}

const asked = (audience: ChildProcess, order: AudienceOrder): Promise<AudienceAnswer> =>
  new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`the audience has left with ${code}`))
    audience.once('exit', gone)
    audience.once('message', answer => {
      audience.off('exit', gone)
      resolve(answer as AudienceAnswer)
    })
    audience.send(order)
  })

export type { Heard }
