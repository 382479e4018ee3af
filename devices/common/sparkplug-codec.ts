/** Sparkplug B bytes become metrics as they were meant, or a reason: what was not said is undefined, never a protobuf default. */
import { get } from 'sparkplug-payload'
import proto from 'sparkplug-payload/lib/sparkplugPayloadProto.js'
import { unreadable } from './payload.ts'

const { Payload } = proto.org.eclipse.tahu.protobuf
type RawMetric = InstanceType<typeof Payload>['metrics'][number]
type Whole = RawMetric['longValue']

export type Metric = {
  readonly name: string | undefined
  readonly alias: number | undefined
  readonly type: number | undefined
  readonly unit: string | undefined
  /** Epoch ms. */
  readonly at: number | undefined
  readonly historical: boolean
  readonly empty: boolean
  readonly raw: RawMetric
}
export type Payload = { readonly seq: number | undefined; readonly metrics: readonly Metric[] }

const codec = get('spBv1.0')
if (codec === null) throw new Error('sparkplug-payload has no codec for spBv1.0')
const { encodePayload } = codec
type Encoded = Parameters<typeof encodePayload>[0]
export type Metrics = NonNullable<Encoded['metrics']>
export const encode = (payload: Encoded): Uint8Array => encodePayload(payload)
export const askRebirth = (now: number): Uint8Array =>
  encode({ timestamp: now, metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: true }] })

export const parse = (bytes: Uint8Array): Payload | { readonly unreadable: string } => {
  let payload: InstanceType<typeof Payload>
  try {
    payload = Payload.decode(bytes)
  } catch {
    return unreadable('内容不是 Sparkplug B 的 protobuf', 'the payload is no Sparkplug B protobuf')
  }
  const at = said(payload, 'timestamp') ? number(payload.timestamp) : undefined
  return { seq: said(payload, 'seq') ? whole(payload.seq) : undefined, metrics: payload.metrics.map(raw => metricOf(raw as RawMetric, at)) }
}

const metricOf = (raw: RawMetric, at: number | undefined): Metric => ({
  name: said(raw, 'name') && raw.name !== '' ? (raw.name ?? undefined) : undefined,
  alias: said(raw, 'alias') ? whole(raw.alias) : undefined,
  type: said(raw, 'datatype') ? (raw.datatype ?? undefined) : undefined,
  unit: unitOf(raw),
  at: said(raw, 'timestamp') ? number(raw.timestamp) : at,
  historical: raw.isHistorical === true,
  empty: raw.isNull === true,
  raw
})

const said = (thing: object, field: string): boolean => Object.hasOwn(thing, field)
const number = (value: Whole): number | undefined =>
  value === null || value === undefined ? undefined : typeof value === 'number' ? value : value.toNumber()
const whole = (value: Whole): number | undefined => {
  const told = number(value)
  return Number.isSafeInteger(told) ? told : undefined
}

const unitOf = ({ properties }: RawMetric): string | undefined => {
  const at = properties?.keys?.findIndex(key => /^eng_?unit$/i.test(key)) ?? -1
  return properties?.values?.[at]?.stringValue?.slice(0, 20)
}

export const bdSeqOf = (metrics: readonly Metric[]): number | undefined => {
  const raw = metrics.find(({ name }) => name === 'bdSeq')?.raw
  return raw === undefined ? undefined : whole(raw.longValue ?? raw.intValue)
}

const type = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
  text: 14
} as const

/** A value of another kind than its datatype is none; the datatype also says where the sign of a whole number is. */
export const meantBy = ({ raw }: Metric, datatype: number | undefined): number | boolean | string | undefined => {
  const is = (...types: readonly number[]): boolean => datatype === undefined || types.includes(datatype)
  if (said(raw, 'booleanValue')) return is(type.boolean) ? (raw.booleanValue ?? undefined) : undefined
  if (said(raw, 'floatValue')) return is(type.float) ? (raw.floatValue ?? undefined) : undefined
  if (said(raw, 'doubleValue')) return is(type.double) ? (raw.doubleValue ?? undefined) : undefined
  if (said(raw, 'stringValue')) return is(type.string, type.text) ? (raw.stringValue ?? undefined) : undefined
  const bits = raw.intValue ?? raw.longValue
  const value = number(bits)
  if (value === undefined || datatype === undefined) return undefined
  if (datatype === type.int8) return (value << 24) >> 24
  if (datatype === type.int16) return (value << 16) >> 16
  if (datatype === type.int32) return value | 0
  if (datatype === type.int64) return typeof bits === 'object' && bits !== null ? bits.toSigned().toNumber() : value
  return datatype >= type.uint8 && datatype <= type.uint64 ? value : undefined
}
