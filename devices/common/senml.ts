/**
 * SenML (RFC 8428): a pack of records becomes resolved records, by section 4.6, or a reason why not.
 * The result is itself a pack, and resolving it again changes nothing.
 */

import type { Records, Said, Timed } from '../device.ts'
import { alarmsIn } from './alarm-beside.ts'
import type { Standing } from './standing.ts'
import { meaningOf, misreadOf } from './words.ts'

export type Resolved = {
  readonly n: string
  readonly u?: string
  /** Epoch seconds. */
  readonly t: number
  readonly v?: number
  readonly vs?: string
  readonly vb?: boolean
  readonly vd?: string
  readonly s?: number
}
type Base = {
  readonly n: string
  readonly t: number
  readonly u: string | undefined
  readonly v: number | undefined
  readonly s: number | undefined
}

/** Times below this are relative to now (section 4.5.3). */
const relative_s = 2 ** 28
const version = 10
const known: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  bn: 'string',
  bt: 'number',
  bu: 'string',
  bv: 'number',
  bs: 'number',
  bver: 'number',
  n: 'string',
  u: 'string',
  t: 'number',
  ut: 'number',
  v: 'number',
  vs: 'string',
  vb: 'boolean',
  vd: 'string',
  s: 'number'
}
const values = new Set(['v', 'vs', 'vb', 'vd', 's'])

export const resolve = (pack: unknown, now_s: number): { readonly records: readonly Resolved[] } | { readonly unreadable: string } => {
  if (!Array.isArray(pack)) return { unreadable: 'a SenML pack is a list' }
  let base: Base = { n: '', t: 0, u: undefined, v: undefined, s: undefined }
  const records: Resolved[] = []
  for (const [i, record] of pack.entries()) {
    const wrong = misfit(record)
    if (wrong !== undefined) return { unreadable: `record ${i}: ${wrong}` }
    base = overlay(base, record)
    const resolved = one(base, record, now_s)
    if (resolved === undefined) continue
    if ('unreadable' in resolved) return { unreadable: `record ${i}: ${resolved.unreadable}` }
    records.push(resolved)
  }
  return { records: records.sort((a, b) => a.t - b.t) }
}

type Raw = Readonly<Record<string, never>> &
  Partial<{
    bn: string
    bt: number
    bu: string
    bv: number
    bs: number
    n: string
    u: string
    t: number
    v: number
    vs: string
    vb: boolean
    vd: string
    s: number
  }>

const misfit = (record: unknown): string | undefined => {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'is no object'
  for (const [label, value] of Object.entries(record)) {
    const want = Object.hasOwn(known, label) ? known[label] : undefined
    // A label that ends in _ must be understood or the whole pack refused (section 4.4); any other may be skipped.
    if (want === undefined && label.endsWith('_')) return `${label.slice(0, 20)} must be understood, and is not`
    if (want !== undefined && typeof value !== want) return `${label} must be a ${want}`
    if (label === 'bver' && value > version) return `version ${value} is newer than ${version}`
  }
  const { v, vs, vb, vd } = record as Raw
  return [v, vs, vb, vd].filter(value => value !== undefined).length > 1 ? 'has more than one value' : undefined
}

const overlay = (base: Base, record: Raw): Base => ({
  n: record.bn ?? base.n,
  t: record.bt ?? base.t,
  u: record.bu ?? base.u,
  v: record.bv ?? base.v,
  s: record.bs ?? base.s
})

const one = (base: Base, record: Raw, now_s: number): Resolved | { readonly unreadable: string } | undefined => {
  // A base value counts as a value of a record that has none (section 4.1); base fields alone make no record.
  const other = record.vs !== undefined || record.vb !== undefined || record.vd !== undefined
  const v = other || (record.v === undefined && base.v === undefined) ? undefined : (base.v ?? 0) + (record.v ?? 0)
  const s = record.s === undefined && base.s === undefined ? undefined : (base.s ?? 0) + (record.s ?? 0)
  const says = other || record.v !== undefined || record.s !== undefined || record.n !== undefined || record.t !== undefined
  if (!says || (v === undefined && s === undefined && !other)) return undefined
  const n = base.n + (record.n ?? '')
  if (!/^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/.test(n))
    return { unreadable: n === '' ? 'has no name' : 'its name has characters SenML does not allow' }
  const t = base.t + (record.t ?? 0)
  if (![t, v ?? 0, s ?? 0].every(Number.isFinite)) return { unreadable: 'a number in it is too large to be one' }
  const u = record.u ?? base.u
  return {
    n,
    ...(u !== undefined && { u }),
    t: t < relative_s ? now_s + t : t,
    ...(v !== undefined && { v }),
    ...(record.vs !== undefined && { vs: record.vs }),
    ...(record.vb !== undefined && { vb: record.vb }),
    ...(record.vd !== undefined && { vd: record.vd }),
    ...(s !== undefined && { s })
  }
}

/** Each record with a value we understand, at its own time. A value of the wrong type makes a pack none; an alarm beside it is heard. */
export const recordsOf = (pack: unknown, now: number, standing: Standing): Said => {
  const resolved = resolve(pack, now / 1000)
  if ('records' in resolved) return meant(resolved.records, now, standing)
  const rest = Array.isArray(pack) ? resolve(pack.map(withoutMisfits), now / 1000) : resolved
  const alarms = 'records' in rest ? alarmsIn(meant(rest.records, now, standing), resolved.unreadable) : undefined
  return (alarms as Records | undefined) ?? resolved
}

/** What a record says for those after it stays, what it says itself does not. */
const withoutMisfits = (record: unknown): unknown => {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record
  const fields = Object.entries(record)
  if (fields.every(([label, value]) => !values.has(label) || typeof value === known[label])) return record
  return Object.fromEntries(fields.filter(([label]) => label.startsWith('b')))
}

const meant = (resolved: readonly Resolved[], now: number, standing: Standing): Records => {
  const records = resolved.flatMap(({ n, u, t, v, vb, vs }): Timed[] => {
    const meaning = meaningOf(n, v ?? vb, u)
    const at = t * 1000
    if (meaning === undefined) return [{ values: {}, at, misread: misreadOf(n, v ?? vb ?? vs) }]
    return [{ values: { [meaning[0]]: standing.flagWith('', n, ...meaning, Math.min(at, now)) }, at }]
  })
  return { records }
}
