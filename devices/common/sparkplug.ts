/**
 * Sparkplug B: what a node announces at its birth gives meaning to what it says until its death, because later messages may name a
 * metric by a number alone. One session is one node's, with all its devices; a message missing in the node's count, or a number nobody
 * announced, makes it ask for a new birth until there is one.
 */
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import type { Said, Timed } from '../device.ts'
import { unreadable } from './payload.ts'
import { bdSeqOf, type Metric, meantBy, type Payload, parse } from './sparkplug-codec.ts'
import { openStanding } from './standing.ts'
import { claimedTime } from './time.ts'
import { isFlag } from './values.ts'
import { meaningOf, misreadOf } from './words.ts'

/** What a node and its devices may announce together; a birth that would be more is refused. */
export const max_metrics = 5_000
const max_name = 200
const counts_to = 256

export type Verb = 'NBIRTH' | 'NDATA' | 'NDEATH' | 'DBIRTH' | 'DDATA' | 'DDEATH'
/** `rebirth`: the node should be asked to announce itself again. */
export type Told = { readonly said: Said; readonly rebirth: boolean }
type Announced = { readonly owner: string; readonly name: string; readonly type: number | undefined; readonly unit: string | undefined }

const node = ''
const speaks_of_itself = /^(bdSeq$|Node Control\/|Device Control\/|Node Info\/|Properties\/)/

export const openSession = (): { readonly hear: (verb: Verb, owner: string, bytes: Uint8Array) => Told } => {
  const byAlias = new Map<number, Announced>()
  const byName = new Map<string, Announced>()
  /** Nodes tell what changed and nothing else. */
  const standing = openStanding()
  const alive = new Set<string>()
  let last: number | undefined
  let birth: number | undefined
  let wanting = false

  const forget = (owner: string): void => {
    for (const known of [byAlias, byName] as Map<unknown, Announced>[])
      for (const [key, one] of known) if (owner === node || one.owner === owner) known.delete(key)
    if (owner === node) {
      alive.clear()
      standing.clear()
    } else {
      alive.delete(owner)
      standing.forget(owner)
    }
  }

  const announce = (owner: string, metrics: readonly Metric[]): void => {
    forget(owner)
    alive.add(owner)
    for (const { name, alias, type, unit } of metrics) {
      if (name === undefined || name.length > max_name) continue
      const one = { owner, name, type, unit }
      byName.set(`${owner}\n${name}`, one)
      if (alias !== undefined) byAlias.set(alias, one)
    }
  }

  const meant = (owner: string, { name, alias, type, unit }: Metric): Announced | undefined => {
    const told = name !== undefined ? byName.get(`${owner}\n${name}`) : alias !== undefined ? byAlias.get(alias) : undefined
    if (name === undefined && told?.owner !== owner) return undefined
    return { owner, name: name ?? (told as Announced).name, type: type ?? told?.type, unit: unit ?? told?.unit }
  }

  const readings = (owner: string, metrics: readonly Metric[]): Said => {
    const told: { readonly stands: boolean; readonly quantity: Quantity; readonly value: number; readonly at: number | undefined }[] = []
    let misread: string | undefined
    for (const metric of metrics) {
      const one = meant(owner, metric)
      // Who never announced it is asked to; what was kept back and does not say since when is no reading of any time.
      if (one === undefined) wanting = true
      if (one === undefined || speaks_of_itself.test(one.name) || (metric.historical && metric.at === undefined)) continue
      if (metric.empty) standing.drop(owner, one.name)
      const value = metric.empty ? undefined : meantBy(metric, one.type)
      const meaning = meaningOf(one.name, value, one.unit)
      if (meaning === undefined) misread ??= misreadOf(one.name, value)
      if (meaning === undefined) continue
      const [quantity, ours] = meaning
      // What was kept back is not how it stands, and a number under a name that nobody announced may never be taken back.
      const stands = !metric.historical && (isFlag(quantity) || byName.has(`${owner}\n${one.name}`))
      if (stands) standing.keep(owner, one.name, quantity, ours)
      told.push({ stands, quantity, value: ours, at: claimedTime(metric.at) })
    }
    const highest = new Map(told.map(({ quantity }) => [quantity, standing.highest(owner, quantity)]))
    const records = told.map(({ stands, quantity, value, at }): Timed => {
      const most = stands ? highest.get(quantity) : undefined
      return { values: { [quantity]: Math.max(value, most ?? value) }, at }
    })
    return { records, misread }
  }

  /** The count goes on from what was heard: one lost message is one gap. */
  const inOrder = ({ seq }: Payload): boolean => {
    const expected = last === undefined ? undefined : (last + 1) % counts_to
    last = seq
    return seq !== undefined && seq === expected
  }

  const tooMany = (owner: string, { length }: readonly Metric[]): boolean => {
    let others = 0
    if (owner !== node) for (const one of byName.values()) if (one.owner !== owner) others++
    return others + length > max_metrics || (!alive.has(owner) && alive.size >= max_metrics)
  }

  const heard = (verb: Verb, owner: string, payload: Payload): Said => {
    const { metrics } = payload
    if (verb === 'NDEATH') {
      const death = bdSeqOf(metrics)
      if (birth !== undefined && death !== undefined && death !== birth) return { nothing: 'the death of an earlier session' }
      forget(node)
      wanting = false
      last = undefined
      return { online: false }
    }
    const ordered = inOrder(payload)
    if ((verb === 'NBIRTH' || verb === 'DBIRTH') && tooMany(owner, metrics))
      return unreadable(`节点及其设备宣告的量超过 ${max_metrics} 个`, `a node and its devices announce more than ${max_metrics} metrics`)
    if (verb === 'NBIRTH') {
      announce(node, metrics)
      birth = bdSeqOf(metrics)
      wanting = false
      return readings(node, metrics)
    }
    if (!ordered || !alive.has(node)) wanting = true
    if (verb === 'DBIRTH') announce(owner, metrics)
    if (verb === 'DDEATH') {
      forget(owner)
      return { online: false }
    }
    if (!alive.has(owner)) wanting = true
    return readings(owner, metrics)
  }

  return {
    hear: (verb, owner, bytes) => {
      const payload = parse(bytes)
      if ('unreadable' in payload) return { said: payload, rebirth: false }
      const said = heard(verb, owner, payload)
      return { said, rebirth: wanting && !('unreadable' in said) }
    }
  }
}
