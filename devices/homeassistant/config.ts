/** One discovery message: which device it is about, and what that gives. Everything in it was written by a stranger. */
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Announced, type Announces, type Entity, inOrder, type Presence } from '../../edge/domain/announced.ts'
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import { quote, unreadable } from '../common/payload.ts'
import { isOwnTopic } from '../common/topic.ts'
import { isWords, written } from './abbreviations.ts'
import { flags, numbers, press, release } from './classes.ts'
import { pathOf } from './template.ts'

/** What may be announced that gives readings; all else (lights, locks, cameras, trackers of people) is passed over. */
const giving = ['sensor', 'binary_sensor', 'event', 'device_automation'] as const
type Giving = (typeof giving)[number]
const isGiving = (word: unknown): word is Giving => (giving as readonly unknown[]).includes(word)
/** Of components and of parts of one device. */
const most_parts = 64

const Text = Type.String({ maxLength: 300 })
const Word = Type.Union([Text, Type.Number(), Type.Boolean()])
const Maybe = Type.Optional
const Names = Type.Union([Text, Type.Array(Text, { maxItems: 16 })])
const Part = Type.Object({
  name: Maybe(Type.Union([Text, Type.Null()])),
  unique_id: Maybe(Text),
  device_class: Maybe(Type.Union([Text, Type.Null()])),
  unit_of_measurement: Maybe(Type.Union([Text, Type.Null()])),
  state_topic: Maybe(Text),
  value_template: Maybe(Text),
  payload_on: Maybe(Word),
  payload_off: Maybe(Word),
  expire_after: Maybe(Type.Number({ minimum: 0, maximum: 604_800 })),
  availability: Maybe(
    Type.Array(
      Type.Object({ topic: Text, payload_available: Maybe(Text), payload_not_available: Maybe(Text), value_template: Maybe(Text) }),
      { maxItems: 8 }
    )
  ),
  availability_topic: Maybe(Text),
  availability_template: Maybe(Text),
  availability_mode: Maybe(Type.Enum(['all', 'any', 'latest'])),
  payload_available: Maybe(Text),
  payload_not_available: Maybe(Text),
  event_types: Maybe(Type.Array(Text, { maxItems: 32 })),
  automation_type: Maybe(Text),
  topic: Maybe(Text),
  payload: Maybe(Word),
  type: Maybe(Text),
  subtype: Maybe(Text),
  platform: Maybe(Text),
  device: Maybe(
    Type.Object({
      identifiers: Maybe(Names),
      connections: Maybe(Type.Array(Type.Array(Text, { maxItems: 2 }), { maxItems: 8 })),
      name: Maybe(Type.Union([Text, Type.Null()])),
      manufacturer: Maybe(Type.Union([Text, Type.Null()])),
      model: Maybe(Type.Union([Text, Type.Null()])),
      suggested_area: Maybe(Type.Union([Text, Type.Null()])),
      sw_version: Maybe(Type.Union([Text, Type.Number(), Type.Null()]))
    })
  )
})
type Part = Type.Static<typeof Part>
const fits = Compile(Part)

/** Braces would be filled in as those of a profile are. */
const isTopic = (topic: string): boolean => isOwnTopic(topic) && !/[{}]/.test(topic)

type Refused = { readonly unreadable: string }
const no = unreadable

/** `object` names what is announced: by it and by the device block the same thing is known again. */
export const announcedBy = (component: string, object: string, said: Readonly<Record<string, unknown>>): Announces | Refused => {
  const words = written(said)
  if (!fits.Check(words)) {
    const [first] = fits.Errors(words)
    return no(
      `发现消息${first?.instancePath.slice(0, 80) || ''}不合格式`,
      `${first?.instancePath.slice(0, 80) || 'it'} ${first?.message ?? 'does not fit'}`
    )
  }
  if (component !== 'device')
    return isGiving(component) ? { announces: [device(object, words, [[component, object, words]])] } : { announces: [] }
  const components: unknown = (words as Readonly<Record<string, unknown>>).components
  if (!isWords(components)) return no('/components 必须是对象', '/components must be object')
  if (Object.keys(components).length > most_parts)
    return no(`/components 超过 ${most_parts} 个`, `/components has more than ${most_parts} parts`)
  const parts: [Giving, string, Part][] = []
  for (const [key, one] of Object.entries(components)) {
    // What stands for the whole device holds for each part that says nothing else.
    const part = isWords(one) ? { ...words, name: undefined, unique_id: undefined, ...one } : one
    const clean = isWords(part) ? Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) : part
    if (!fits.Check(clean)) return no(`/components/${quote(key, 40)} 不是实体`, `/components/${quote(key, 40)} is no component`)
    if (isGiving(clean.platform)) parts.push([clean.platform, `${object}/${key}`, clean])
  }
  return { announces: [device(object, words, parts)] }
}

const device = (object: string, { device: about = {}, ...whole }: Part, parts: readonly (readonly [Giving, string, Part])[]): Announced => {
  const entities: Entity[] = []
  const left_out: string[] = []
  const presence = new Map<string, Presence>()
  let expires_s: number | undefined
  for (const [component, key, part] of parts) {
    const entity = entityOf(component, key, part)
    const there = presenceOf(part)
    const refused = 'unreadable' in entity ? entity : 'unreadable' in there ? there : undefined
    if (refused !== undefined) {
      left_out.push(`${quote(part.name ?? key, 60)}: ${refused.unreadable}`)
      continue
    }
    entities.push(entity as Entity)
    for (const one of there as readonly Presence[]) presence.set(JSON.stringify(one), one)
    const { expire_after = 0 } = part
    if (expire_after > 0) expires_s = Math.min(expires_s ?? expire_after, expire_after)
  }
  const [named = about.connections?.[0]?.join(' ')] = [about.identifiers ?? []].flat()
  const shown = (key: 'manufacturer' | 'model' | 'suggested_area' | 'sw_version'): string | undefined => {
    const said = about[key]
    return said === undefined || said === null || said === '' ? undefined : quote(String(said), 80)
  }
  const [maker, model, area, firmware] = [shown('manufacturer'), shown('model'), shown('suggested_area'), shown('sw_version')]
  return {
    key: quote(named ?? whole.unique_id ?? object, 120),
    name: quote(about.name || whole.name || named || object, 80),
    ...(maker !== undefined && { maker }),
    ...(model !== undefined && { model }),
    ...(area !== undefined && { area }),
    ...(firmware !== undefined && { firmware }),
    gives: inOrder(entities.map(({ quantity }) => quantity)),
    left_out,
    entities,
    presence: [...presence.values()],
    presence_mode: parts[0]?.[2].availability_mode ?? 'latest',
    ...(expires_s !== undefined && { expires_s })
  }
}

const entityOf = (component: Giving, key: string, part: Part): Entity | Refused => {
  const topic = component === 'device_automation' ? part.topic : part.state_topic
  if (topic === undefined) return no('没有写明主题', 'it names no topic')
  if (!isTopic(topic)) return no(`${quote(topic, 60)} 不是主题`, `${quote(topic, 60)} is no topic`)
  const path = pathOf(part.value_template)
  if ('unreadable' in path) return path
  // A temperature and an alarm may well be called the same.
  const base = { key: quote(`${component}/${key}`, 120), name: quote(part.name ?? key, 80), topic, path }
  switch (component) {
    case 'sensor':
      return number(base, part)
    case 'binary_sensor':
      return flag(base, part)
    case 'event':
      return event(base, part)
    case 'device_automation':
      return trigger(base, part)
  }
}
type Base = Pick<Entity, 'key' | 'name' | 'topic' | 'path'>
const own = <Of>(of: Readonly<Record<string, Of>>, key: string): Of | undefined => (Object.hasOwn(of, key) ? of[key] : undefined)

const number = (base: Base, { device_class, unit_of_measurement: unit }: Part): Entity | Refused => {
  if (!device_class) return no('没有 device_class，不知道量的是什么', 'a sensor without device_class could measure anything')
  const measured = own(numbers, device_class)
  if (measured === undefined)
    return no(`${quote(device_class, 40)} 不是本站的物理量`, `${quote(device_class, 40)} is none of our quantities`)
  const by = own(measured.units, unit ?? '')
  const units = Object.keys(measured.units).join(', ')
  if (by === undefined)
    return no(
      `${device_class} 的单位应为 ${units}，不是 ${quote(unit || '无单位', 20)}`,
      `${device_class} is told in ${units}, not in ${quote(unit || 'no unit', 20)}`
    )
  return { ...base, quantity: measured.quantity, reads: 'number', times: by.times, plus: by.plus ?? 0 }
}

const flag = (base: Base, { device_class, payload_on = 'ON', payload_off = 'OFF' }: Part): Entity | Refused => {
  if (!device_class) return no('没有 device_class，不知道说的是什么', 'a binary_sensor without device_class could mean anything')
  const quantity: Quantity | undefined = own(flags, device_class)
  if (quantity === undefined)
    return no(`${quote(device_class, 40)} 不是本站的物理量`, `${quote(device_class, 40)} is none of our quantities`)
  const [on, off] = [String(payload_on), String(payload_off)]
  return on === off
    ? no(`${quote(on, 40)} 既表示开又表示关`, `${quote(on, 40)} means both on and off`)
    : { ...base, quantity, reads: 'flag', on, off }
}

const event = (base: Base, { device_class, event_types = [] }: Part): Entity | Refused => {
  if (device_class !== 'button' && device_class !== 'doorbell') return no('事件只认按钮', 'of events only buttons are understood')
  const presses = event_types.filter(type => press.test(type) && !release.test(type))
  if (presses.length === 0) return no('event_types 里没有按下', 'none of its event_types is a press')
  // An event says {"event_type": …}, unless a template has taken the word out already.
  const path = base.path.length === 0 ? ['event_type'] : base.path
  return { ...base, path, quantity: 'button_pressed', reads: 'press', presses }
}

const trigger = (base: Base, { automation_type, type = '', payload }: Part): Entity | Refused => {
  if (automation_type !== 'trigger' || !/^button/.test(type)) return no('触发器只认按钮', 'of triggers only buttons are understood')
  if (!press.test(type) || release.test(type)) return no(`${quote(type, 40)} 不是按下`, `${quote(type, 40)} is no press`)
  if (payload === undefined) return no('没有写明内容', 'it names no payload')
  return { ...base, quantity: 'button_pressed', reads: 'press', presses: [String(payload)] }
}

const presenceOf = (part: Part): readonly Presence[] | Refused => {
  const { availability_topic: topic, payload_available, payload_not_available, availability_template: value_template } = part
  const single = topic === undefined ? [] : [{ topic, payload_available, payload_not_available, value_template }]
  const presence: Presence[] = []
  for (const one of part.availability ?? single) {
    const path = pathOf(one.value_template)
    if ('unreadable' in path) return path
    if (!isTopic(one.topic)) return no(`${quote(one.topic, 60)} 不是主题`, `${quote(one.topic, 60)} is no topic`)
    presence.push({ topic: one.topic, path, up: one.payload_available ?? 'online', down: one.payload_not_available ?? 'offline' })
  }
  return presence
}
