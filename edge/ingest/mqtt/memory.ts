/**
 * What a broker with only clean sessions has to remember, as the persistence that aedes asks: the station's own retained words,
 * and the numbers of open QoS 2 exchanges (not their payloads). Nothing of a device is retained, no session outlives its connection,
 * so the takeover leak and the offline queue without end (fault catalogue 1, case E, and 2.1) have nowhere to live.
 */
import { Readable } from 'node:stream'
import { matcher } from './topics.ts'

export type Retained = {
  readonly cmd: 'publish'
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0
  readonly retain: true
  readonly dup: false
}

type Numbered = { readonly messageId?: number }

export const openMemory = (topics: number, letGo: () => void) => {
  const retained = new Map<string, Retained>()
  const open = new WeakMap<object, Set<number>>()
  const nothing = Promise.resolve()
  const nobody: Promise<readonly never[]> = Promise.resolve([])

  const aedesAsks = {
    setup: async (): Promise<void> => undefined,
    // Retain is stripped from everything devices send, and the station keeps its own through `retain` below.
    storeRetained: () => nothing,
    createRetainedStreamCombi: (filters: readonly string[]) => {
      const wanted = matcher(filters)
      return Readable.from([...retained.values()].filter(packet => wanted(packet.topic)))
    },
    subscriptionsByClient: () => nobody,
    subscriptionsByTopic: () => nobody,
    addSubscriptions: () => nothing,
    removeSubscriptions: () => nothing,
    cleanSubscriptions: () => nothing,
    outgoingEnqueue: () => nothing,
    outgoingEnqueueCombi: () => nothing,
    outgoingStream: () => Readable.from([]),
    outgoingUpdate: () => nothing,
    outgoingClearMessageId: () => nothing,
    incomingStorePacket: (client: object, packet: Numbered) => {
      const numbers = open.get(client) ?? new Set<number>()
      open.set(client, numbers.add(packet.messageId ?? 0))
      return nothing
    },
    incomingGetPacket: (client: object, packet: Numbered) =>
      open.get(client)?.has(packet.messageId ?? 0) === true ? Promise.resolve(packet) : Promise.reject(unknownNumber),
    incomingDelPacket: (client: object, packet: Numbered) => {
      open.get(client)?.delete(packet.messageId ?? 0)
      return nothing
    },
    cleanIncoming: (client: object) => {
      open.delete(client)
      return nothing
    },
    putWill: () => nothing,
    delWill: () => nothing,
    streamWill: () => Readable.from([])
  }
  const retain = (topic: string, payload: Buffer): void => {
    retained.delete(topic)
    // An empty payload forgets [MQTT-3.3.1-10].
    if (payload.length > 0) retained.set(topic, { cmd: 'publish', topic, payload, qos: 0, retain: true, dup: false })
    if (retained.size <= topics) return
    retained.delete(retained.keys().next().value as string)
    letGo()
  }
  return { aedesAsks, retain, size: () => retained.size }
}
const unknownNumber = new Error('no open QoS 2 exchange has this number')
