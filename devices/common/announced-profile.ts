/** A profile for one device, made of what it announced of itself. */

import { type Announced, type Entity, topicsOf } from '../../edge/domain/announced.ts'
import { type DeviceProfile, type Said, Type, type Values, type Way } from '../device.ts'
import { at } from '../homeassistant/template.ts'
import { unreadable } from './payload.ts'
import { highest, tidy } from './values.ts'

export const announcedProfile = (announced: Announced): DeviceProfile => {
  const { entities, presence, maker = 'Home Assistant', model, name } = announced
  const topics = topicsOf(announced)
  const shared = [...new Set(presence.map(({ topic }) => topic))].filter(topic => !topics.includes(topic))
  return {
    vendor: maker,
    model: model ?? name,
    label: { 'zh-CN': name, en: name },
    topics: () => ({ publish: topics, subscribe: [] }),
    shared,
    messages: () => [...topics.map(spoken(entities)), ...shared.map(told(announced))],
    measures: [...new Set(entities.map(({ quantity }) => quantity))],
    examples: []
  }
}

const way = (topic: string, decode: (payload: unknown) => Said): Way => ({ on: [topic], text: true, payload: Type.Unknown(), decode })

/** Where several parts say the same quantity, a warning must see the highest of what each said last. */
const spoken = (entities: readonly Entity[]): ((topic: string) => Way) => {
  const said = new Map<string, number>()
  return topic => {
    const here = entities.filter(entity => entity.topic === topic)
    return way(topic, payload => {
      const values: Values = {}
      let misread: string | undefined
      for (const entity of here) {
        const value = meaningOf(entity, at(payload, entity.path))
        if (value === undefined) continue
        if (typeof value !== 'number') {
          misread ??= value.unreadable
          continue
        }
        if (entity.reads === 'press') values[entity.quantity] = value
        else said.set(entity.key, value)
        for (const other of entities) if (other.quantity === entity.quantity) highest(values, other.quantity, said.get(other.key))
      }
      return { values, misread }
    })
  }
}

const told = ({ presence, presence_mode }: Announced): ((topic: string) => Way) => {
  const present = new Map<string, boolean>()
  return topic =>
    way(topic, payload => {
      for (const one of presence) {
        const word = one.topic === topic ? wordOf(at(payload, one.path)) : undefined
        if (word !== one.up && word !== one.down) continue
        const key = JSON.stringify(one)
        // Told last stands last.
        present.delete(key)
        present.set(key, word === one.up)
      }
      const all = [...present.values()]
      const latest = all.at(-1)
      if (latest === undefined) return { nothing: 'neither there nor away' }
      return { online: presence_mode === 'latest' ? latest : presence_mode === 'any' ? all.includes(true) : !all.includes(false) }
    })
}

const meaningOf = (entity: Entity, raw: unknown): number | { readonly unreadable: string } | undefined => {
  const word = wordOf(raw)
  if (word === undefined || nothing.has(word.toLowerCase())) return undefined
  if (entity.reads === 'press') return entity.presses.includes(word) ? 1 : undefined
  if (entity.reads === 'flag') {
    if (same(word, entity.on)) return 1
    if (same(word, entity.off)) return 0
    return unreadable(`${entity.name} 应为 ${entity.on} 或 ${entity.off}`, `${entity.name} is ${entity.on} or ${entity.off}`)
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(word))
    return unreadable(`${entity.name} 应为数字`, `${entity.name} must be a number`)
  return tidy(Number(word) * entity.times + entity.plus)
}

/** What a sensor says that has nothing to say. */
const nothing = new Set(['', 'nan', 'none', 'null', 'unknown', 'unavailable'])
const wordOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
/** `True` of one language is `true` of another. */
const same = (a: string, b: string): boolean => a === b || (/^(true|false)$/i.test(a) && a.toLowerCase() === b.toLowerCase())
