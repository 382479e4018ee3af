/** What would have been right in the place of what was not understood: for the installer who stands before the device. */
import { type Label, label } from '../../edge/domain/vocabulary.ts'
import type { Expected } from '../../edge/ports.ts'
import { type DeviceProfile, type Example, fill, type Message, type Own, validatorOf, waysOf } from '../device.ts'
import { parsePayload, quote } from './payload.ts'
import { matches } from './topic.ts'

export const expectedOf = (profile: DeviceProfile, own: Own, topic: string, payload: Uint8Array): Expected => {
  const way = waysOf(profile).find(({ on }) => on.some(filter => matches(fill(filter, own), topic)))
  const fits = ({ topic: at = '{topic}' }: Example): boolean =>
    way === undefined || way.on.some(filter => matches(fill(filter, own), fill(at, own)))
  const example = profile.examples.find(one => fits(one) && !('unreadable' in one.means || 'nothing' in one.means))
  const wrong = way === undefined || 'ignore' in way || 'bytes' in way ? {} : wrongIn(way, payload)
  return {
    ...wrong,
    ...(example !== undefined && { example: { topic: fill(example.topic ?? '{topic}', own), payload: shown(example.says) } })
  }
}

const shown = (says: unknown): string =>
  quote(says instanceof Uint8Array ? Buffer.from(says).toString('hex') : typeof says === 'string' ? says : JSON.stringify(says), 300)

const wrongIn = (way: Message, payload: Uint8Array): Pick<Expected, 'place' | 'wants'> => {
  const parsed = parsePayload(payload, way.text === true, way.most_bytes)
  if ('unreadable' in parsed)
    return { wants: way.text ? label('文本或 JSON', 'text or JSON') : label('UTF-8 编码的 JSON', 'JSON in UTF-8') }
  const [first] = validatorOf(way).Errors('text' in parsed ? parsed.text : parsed.value)
  if (first === undefined) return {}
  const { instancePath, keyword, params } = first as { instancePath: string; keyword: string; params: Readonly<Record<string, unknown>> }
  const { type, requiredProperties = [], limit } = params as { type?: string | string[]; requiredProperties?: string[]; limit?: number }
  const [missing] = requiredProperties
  const place = quote(`${instancePath}${missing === undefined ? '' : `/${missing}`}` || '/', 80)
  const named = [type ?? []].flat().flatMap(one => types[one] ?? [])[0]
  if (missing !== undefined) return { place, wants: label('必须有', 'must be there') }
  if (named !== undefined) return { place, wants: named }
  if (limit !== undefined)
    return { place, wants: label(`${bounds[keyword]?.['zh-CN'] ?? keyword} ${limit}`, `${bounds[keyword]?.en ?? keyword} ${limit}`) }
  return { place }
}

const types: Readonly<Record<string, Label>> = {
  number: label('数字', 'a number'),
  integer: label('整数', 'a whole number'),
  string: label('文字（带引号）', 'a text in quotes'),
  boolean: label('true 或 false', 'true or false'),
  object: label('对象 { … }', 'an object { … }'),
  array: label('列表 [ … ]', 'a list [ … ]'),
  null: label('null', 'null')
}
const bounds: Readonly<Record<string, Label>> = {
  minimum: label('不小于', 'at least'),
  maximum: label('不大于', 'at most'),
  exclusiveMinimum: label('大于', 'more than'),
  exclusiveMaximum: label('小于', 'less than'),
  minItems: label('项数不少于', 'at least so many items:'),
  maxItems: label('项数不多于', 'at most so many items:'),
  maxLength: label('长度不超过', 'no longer than')
}
