/** The station's broker with the reference's rule in its process: no profiles, no history, acknowledged at once. */
import { realClock } from '../../edge/clock.ts'
import { openBroker } from '../../edge/ingest/broker.ts'

const latest = new Map<string, number>()
const limit = 57
const broker = await openBroker({
  clock: realClock,
  host: '127.0.0.1',
  port: 0,
  limits: { connections: 2000, connections_per_address: 2000, messages_per_s: 5000, messages_burst: 10_000, work_per_s: 10_000 },
  authenticate: async id => ({ kind: 'device', id, publish: [`devices/${id}/#`], subscribe: [] }),
  isKnown: () => false,
  hear: async ({ topic, payload }) => {
    const { value } = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()) as { value: number }
    latest.set(topic, value)
    if (value >= limit) broker.publish(`station/alerts/${topic}`, JSON.stringify({ topic, value }))
  },
  log: () => undefined
})

process.on('message', () => process.send?.({ port: broker.port }))
process.on('disconnect', () => process.exit(0))
