/**
 * What is on the station's own network: an officer's phone, a smoke detector and a siren, in one program. Reads orders from its
 * standard input, one JSON a line, and answers each with one line.
 */
import { createInterface } from 'node:readline'
import mqtt from 'mqtt'
import { signIn } from './box.ts'
import { type Ear, hearLive } from './hears.ts'
import { until } from './until.ts'

export type PhoneOrder =
  | {
      readonly do: 'join'
      readonly host: string
      readonly http: number
      readonly mqtt: number
      readonly password: string
      readonly secrets: Readonly<Record<string, string>>
    }
  | { readonly do: 'smoke'; readonly device: string }
  | { readonly do: 'timeline'; readonly incident: string }
export type Burned = {
  readonly incident: string
  /** From the detector's message, ms. */
  readonly screen_ms: number
  readonly siren_ms: number
  readonly answered: string
}

let url = ''
let session: Awaited<ReturnType<typeof signIn>>
let ear: Ear
const devices = new Map<string, mqtt.MqttClient>()
const siren: { readonly at: number; readonly says: string }[] = []

const join = async (order: Extract<PhoneOrder, { do: 'join' }>): Promise<unknown> => {
  url = `http://${order.host}:${order.http}`
  await until(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok, 'the station is ready', 40_000)
  session = await signIn(url, 'patrol', order.password)
  ear = await hearLive(url, session.cookie)
  for (const [id, password] of Object.entries(order.secrets))
    devices.set(
      id,
      await mqtt.connectAsync({ host: order.host, port: order.mqtt, username: id, password, clientId: id, reconnectPeriod: 0 })
    )
  const horn = devices.get('siren-1')
  horn?.on('message', (_, payload) => siren.push({ at: Date.now(), says: String(payload) }))
  await horn?.subscribeAsync('devices/siren-1/command')
  return { joined: true }
}

const smoke = async (device: string): Promise<Burned> => {
  const [heard, sounded] = [ear.heard.length, siren.length]
  const at = Date.now()
  await devices.get(device)?.publishAsync(`devices/${device}/telemetry`, '{"smoke_alarm": true}', { qos: 1 })
  const shown = () => ear.heard.slice(heard).find(({ type, data }) => type === 'incident' && data.kind === 'fire')
  await until(() => shown() !== undefined && siren.slice(sounded).some(({ says }) => says.includes('true')), 'screen and siren', 10_000)
  const incident = String(shown()?.data.id)
  for (const status of ['shown', 'heard']) {
    const said = await session.post(`/api/incidents/${incident}/responses`, { unit: 'patrol-1', status })
    if (said.status >= 300) throw new Error(`${status}: ${JSON.stringify(said)}`)
  }
  const { status, body } = await session.post(`/api/incidents/${incident}/acknowledgement`)
  const { responses } = body as { responses: readonly { unit: string; status: string }[] }
  return {
    incident,
    screen_ms: (shown()?.at ?? 0) - at,
    siren_ms: (siren[sounded]?.at ?? 0) - at,
    answered: status === 200 ? (responses.find(({ unit }) => unit === 'patrol-1')?.status ?? '') : `${status}`
  }
}

const act = async (order: PhoneOrder): Promise<unknown> => {
  if (order.do === 'join') return join(order)
  if (order.do === 'smoke') return smoke(order.device)
  return session.get(`/api/incidents/${order.incident}/timeline`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await act(JSON.parse(line) as PhoneOrder).catch(error => ({ failed: (error as Error).message }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit(0)
