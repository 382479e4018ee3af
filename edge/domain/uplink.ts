/**
 * What a station and the cloud say to each other over MQTT: topics, messages and the one binary frame, once for both ends.
 *
 * Every batch continues where the cloud's cursor for (station, id, lane) stands: `after` is that cursor, `upto` the new one.
 * The cloud commits and answers the cursor it has committed; only that answer moves the station's cursor. `n` pairs an answer
 * with its message, so that a late answer to a message sent again cannot set the station sending twice.
 */
import type { Event } from './event.ts'
import type { Unit } from './roster.ts'
import type { Locale } from './vocabulary.ts'
import type { Zone } from './zone.ts'

/** Events about anything that was ever red travel first; readings last. */
export type EventLane = 'red' | 'events'
export type Lane = EventLane | 'readings'
export const lanes: readonly Lane[] = ['red', 'events', 'readings']

export type Entry = { readonly seq: number; readonly lane: EventLane; readonly event: Event }

/** One gzip block of line protocol (millisecond stamps), ready to send as it is. */
export type Block = { readonly seq: number; readonly points: number; readonly from: number; readonly to: number; readonly gzip: Uint8Array }

/** What a city operator may ask a station to do; the station decides. Never a fact. */
export type CloudCommand = { readonly id: string; readonly incident: string; readonly by: string } & (
  | { readonly type: 'acknowledge'; readonly unit: string }
  | { readonly type: 'note'; readonly text: string }
)
export type CommandOutcome = { readonly id: string; readonly done: boolean; readonly refused?: string }

/** Who the station is: said at each link-up, before any batch. */
export type StationCard = {
  readonly id: string
  readonly name: string
  readonly template: string
  readonly locale: Locale
  readonly timezone: string
  readonly version: string
  readonly zones: readonly Zone[]
  readonly units: readonly Unit[]
}
export type Hello = { readonly at: number; readonly journal: string; readonly history: string; readonly station: StationCard }
/** The heartbeat, and how much the cloud does not know yet. */
export type Alive = { readonly at: number; readonly behind_seconds: number; readonly backlog_records: number }

type Span = { readonly n: number; readonly id: string; readonly after: number; readonly upto: number }
export type EventBatch = Span & { readonly lane: EventLane; readonly items: readonly Entry[] }
export type ReadingsHead = Span & {
  readonly lane: 'readings'
  readonly blocks: readonly (Omit<Block, 'gzip'> & { readonly bytes: number })[]
}
/** `upto` is the cloud's committed cursor, whether it took the batch or not; `why` says why it could not keep it just now. */
export type BatchAnswer = {
  readonly n: number
  readonly id: string
  readonly lane: Lane
  readonly upto: number
  readonly took: boolean
  readonly why?: string
}

export const topics = {
  hello: (station: string) => `up/${station}/hello`,
  alive: (station: string) => `up/${station}/alive`,
  status: (station: string) => `up/${station}/status`,
  batch: (station: string, lane: Lane) => `up/${station}/${lane}/batch`,
  outcome: (station: string) => `up/${station}/outcome`,
  answer: (station: string) => `down/${station}/ack`,
  command: (station: string) => `down/${station}/command`
} as const

/** The station keeps messages below this; the cloud refuses packets above four times as much. */
export const largest_message_bytes = 256 * 1024
export const most_events_in_a_batch = 500

const head_length_bytes = 4

/** A readings batch: length of the head (4 bytes, big endian), the head as JSON, then the blocks' gzip bytes one after the other. */
export const packReadings = (span: Span, blocks: readonly Block[]): Uint8Array => {
  const head: ReadingsHead = {
    ...span,
    lane: 'readings',
    blocks: blocks.map(({ seq, points, from, to, gzip }) => ({ seq, points, from, to, bytes: gzip.length }))
  }
  const json = new TextEncoder().encode(JSON.stringify(head))
  const frame = new Uint8Array(head_length_bytes + json.length + blocks.reduce((sum, block) => sum + block.gzip.length, 0))
  new DataView(frame.buffer).setUint32(0, json.length)
  frame.set(json, head_length_bytes)
  let at = head_length_bytes + json.length
  for (const { gzip } of blocks) {
    frame.set(gzip, at)
    at += gzip.length
  }
  return frame
}

/** Reads back what `packReadings` wrote; throws on anything else. */
export const unpackReadings = (frame: Uint8Array): { readonly head: ReadingsHead; readonly blocks: readonly Block[] } => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const start = head_length_bytes + view.getUint32(0)
  const head = JSON.parse(new TextDecoder().decode(frame.subarray(head_length_bytes, start))) as ReadingsHead
  let at = start
  const blocks = head.blocks.map(({ bytes, ...block }) => {
    at += bytes
    return { ...block, gzip: frame.subarray(at - bytes, at) }
  })
  if (at !== frame.length) throw new Error(`a readings batch of ${frame.length} bytes announces ${at}`)
  return { head, blocks }
}
