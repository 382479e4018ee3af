/** Devices that speak QoS 1 without pause and remember what was acknowledged, across restarts of the station. */
import mqtt, { type MqttClient } from 'mqtt'

export type Traffic = {
  /** Values whose PUBACK arrived, in order. */
  readonly acknowledged: readonly number[]
  /** Smoke alarms (1) and their ends (0) that were acknowledged. */
  readonly alarms: () => number
  readonly stop: () => Promise<void>
}

const connect = (port: number, username: string, password: string): MqttClient =>
  mqtt.connect({
    host: '127.0.0.1',
    port,
    username,
    password,
    clientId: username,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 250,
    queueQoSZero: false
  })

/** `counter` counts upwards in energy_kwh every 10 ms; `smoke` alternates every 500 ms. */
export const openTraffic = (
  mqtt_port: number,
  counter: { id: string; password: string },
  smoke: { id: string; topic: string; password: string }
): Traffic => {
  const [counting, smoking] = [connect(mqtt_port, counter.id, counter.password), connect(mqtt_port, smoke.id, smoke.password)]
  const acknowledged: number[] = []
  let alarms = 0
  let next = 0
  let burning = false
  let waiting = 0
  // While the line is down nothing new is made: what was sent and not acknowledged is sent again by the client.
  const count = setInterval(() => {
    if (!counting.connected || waiting > 500) return
    const value = ++next
    waiting++
    counting.publish(`devices/${counter.id}/telemetry`, JSON.stringify({ energy_kwh: value }), { qos: 1 }, error => {
      waiting--
      if (!error) acknowledged.push(value)
    })
  }, 10)
  const burn = setInterval(() => {
    if (!smoking.connected) return
    burning = !burning
    smoking.publish(smoke.topic, JSON.stringify({ smoke: burning, battery: 90 }), { qos: 1 }, error => {
      if (!error) alarms++
    })
  }, 500)
  for (const client of [counting, smoking]) client.on('error', () => undefined)
  return {
    acknowledged,
    alarms: () => alarms,
    stop: async () => {
      clearInterval(count)
      clearInterval(burn)
      await Promise.all([counting, smoking].map(client => client.endAsync(true)))
    }
  }
}
