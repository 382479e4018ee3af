/** The reference's rule: parse, latest value, threshold, say an alert. No accounts, no checks, no memory on disk. */
import mqtt from 'mqtt'

const [port = ''] = process.argv.slice(2)
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'rule' })
const latest = new Map<string, number>()
const limit = 57
let heard = 0

client.on('message', (topic, bytes) => {
  heard++
  const said = JSON.parse(bytes.toString()) as { value?: number; smoke_alarm?: boolean }
  const value = said.value ?? (said.smoke_alarm === true ? 100 : 0)
  latest.set(topic, value)
  if (value >= limit) client.publish(`alerts/${topic}`, JSON.stringify({ topic, value, active: true }))
})
const listening = client.subscribeAsync('devices/#', { qos: 1 })

process.on('message', () => void listening.then(() => process.send?.({ heard })))
process.on('disconnect', () => process.exit(0))
