/** Every key of station.yaml and cloud.yaml: what it means, its type and limits, its default. The schema says it; only the Chinese is here. */
import { Config as CloudConfig } from '../../cloud/config.ts'
import { Config as StationConfig } from '../../edge/config.ts'
import { type Locale, listed } from '../../edge/domain/vocabulary.ts'
import { cloudZh, stationZh } from './config-zh.ts'
import { both, code, type Page, table, text } from './page.ts'

export type Schema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema | readonly Schema[]
  readonly anyOf?: readonly (Schema & { readonly const?: unknown })[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly patternProperties?: unknown
}
type Key = { readonly path: string; readonly schema: Schema; readonly required: boolean }

export const keysOf = (schema: Schema, at = ''): readonly Key[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
    const path = at === '' ? name : `${at}.${name}`
    const required = schema.required?.includes(name) === true && one.default === undefined
    const inner = inside(one)
    return [{ path, schema: one, required }, ...(inner === undefined ? [] : keysOf(inner, one.items === undefined ? path : `${path}[]`))]
  })

/** The object that a key holds, itself or in a list. */
const inside = (schema: Schema): Schema | undefined => {
  if (schema.properties !== undefined) return schema
  const { items } = schema
  return items !== undefined && !isTuple(items) && items.properties !== undefined ? items : undefined
}
const isTuple = (items: Schema | readonly Schema[]): items is readonly Schema[] => Array.isArray(items)

const kinds: Readonly<Record<string, ReturnType<typeof both>>> = {
  string: both('文字', 'text'),
  integer: both('整数', 'whole number'),
  number: both('数', 'number'),
  boolean: both('true 或 false', 'true or false'),
  object: both('一组设置', 'a group'),
  array: both('列表', 'a list')
}

const typeOf = (schema: Schema, locale: Locale): string => {
  const { type = '', anyOf, items, minimum, exclusiveMinimum, maximum, minItems } = schema
  const words = (anyOf ?? []).map(({ const: word }) => word).filter(word => word !== undefined)
  if (words.length > 0)
    return listed(
      words.map(word => code(String(word))),
      locale
    )
  const inner = items !== undefined && !isTuple(items) && items.properties === undefined ? typeOf(items, locale) : undefined
  const tuple = items !== undefined && isTuple(items) ? items.map(one => typeOf(one, locale)).join(', ') : undefined
  return [
    kinds[type]?.[locale] ?? type,
    tuple !== undefined && `[${tuple}]`,
    inner !== undefined && `(${inner})`,
    minimum !== undefined && `≥ ${minimum}`,
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    maximum !== undefined && `≤ ${maximum}`,
    minItems !== undefined && tuple === undefined && both(`至少 ${minItems} 个`, `at least ${minItems}`)[locale]
  ]
    .filter(part => typeof part === 'string' && part !== '')
    .join(' ')
}

const usualOf = ({ schema, required }: Key, locale: Locale): string => {
  if (required) return both('**必填**', '**required**')[locale]
  if (schema.default === undefined) return both('可不写', 'optional')[locale]
  const empty = JSON.stringify(schema.default) === '{}' || JSON.stringify(schema.default) === '[]'
  return empty ? both('空', 'empty')[locale] : code(plain(schema.default))
}

const plain = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const meaningOf = ({ path, schema }: Key, zh: Readonly<Record<string, string>>, locale: Locale): string => {
  const { title = '', description, examples } = schema
  const example = examples?.[0] === undefined ? '' : `${both('；例如 ', '; for example ')[locale]}${code(plain(examples[0]))}`
  return `${locale === 'en' ? [title, description].filter(part => part !== undefined).join('; ') : (zh[path] ?? title)}${example}`
}

export const keysTable = (keys: readonly Key[], zh: Readonly<Record<string, string>>, locale: Locale): string =>
  table(
    [both('键', 'key'), both('含义', 'meaning'), both('类型与界限', 'type and limits'), both('默认', 'default')].map(word => word[locale]),
    keys.map(key => [code(key.path), meaningOf(key, zh, locale), typeOf(key.schema, locale), usualOf(key, locale)])
  )

const page =
  (schema: Schema, zh: Readonly<Record<string, string>>, name: ReturnType<typeof both>, file: string): Page =>
  locale =>
    text(
      `# ${name[locale]}`,
      both(
        `由 \`${file}\` 里的定义生成。未知的键、错误的值都会让程序以 2 退出，并用一句话说明：文件、位置、错在哪里、怎样才对。路径相对于配置文件；秘密只写文件名（\`*_file\`）。`,
        `Rendered from the schema in \`${file}\`. An unknown key or a bad value ends the program with exit code 2 and one sentence: file, place, what is wrong, what would be right. Paths are relative to the file; secrets are always named as files (\`*_file\`).`
      )[locale],
      keysTable(keysOf(schema), zh, locale)
    )

const station = StationConfig as unknown as Schema
const cloud = CloudConfig as unknown as Schema

export const stationPage = page(station, stationZh, both('站点配置 station.yaml', 'Station configuration: station.yaml'), 'edge/config.ts')
export const cloudPage = page(cloud, cloudZh, both('云端配置 cloud.yaml', 'Cloud configuration: cloud.yaml'), 'cloud/config.ts')

/** Keys that a reader of Chinese would meet in English. */
export const untranslated = (): readonly string[] => [
  ...keysOf(station).flatMap(({ path }) => (stationZh[path] === undefined ? [`station.yaml ${path}`] : [])),
  ...keysOf(cloud).flatMap(({ path }) => (cloudZh[path] === undefined ? [`cloud.yaml ${path}`] : [])),
  ...Object.keys(stationZh).flatMap(path => (keysOf(station).some(key => key.path === path) ? [] : [`${path} is no key of station.yaml`])),
  ...Object.keys(cloudZh).flatMap(path => (keysOf(cloud).some(key => key.path === path) ? [] : [`${path} is no key of cloud.yaml`]))
]

/** JSON Schema for editors: what has a default need not be written. */
export const jsonSchema = (which: 'station' | 'cloud'): string =>
  `${print({ $schema: 'http://json-schema.org/draft-07/schema#', title: `${which}.yaml`, ...(relaxed(which === 'station' ? station : cloud) as object) })}\n`

const relaxed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(relaxed)
  if (typeof schema !== 'object' || schema === null) return schema
  const { required, ...rest } = schema as Schema & { required?: readonly string[] }
  const needed = (required ?? []).filter(name => rest.properties?.[name]?.default === undefined)
  const entries = Object.entries(rest).map(([key, value]) => [key, key === 'default' || key === 'examples' ? value : relaxed(value)])
  return { ...Object.fromEntries(entries), ...(Array.isArray(required) && needed.length > 0 && { required: needed }) }
}

const widest = 140
/** As the formatter of this repository would lay it out, so that a rendered file passes its check. */
const print = (value: unknown, indent = '', before = 0): string => {
  if (Array.isArray(value)) {
    const flat = JSON.stringify(value).replaceAll(',', ', ')
    const plain = value.every(one => typeof one !== 'object' || one === null)
    if (plain && indent.length + before + `[${value.map(one => JSON.stringify(one)).join(', ')}]`.length < widest)
      return `[${value.map(one => JSON.stringify(one)).join(', ')}]`
    if (value.length === 0) return flat
    return `[\n${value.map(one => `${indent}  ${print(one, `${indent}  `)}`).join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  return `{\n${entries.map(([key, one]) => `${indent}  ${JSON.stringify(key)}: ${print(one, `${indent}  `, key.length + 4)}`).join(',\n')}\n${indent}}`
}
