/**
 * CAP from another system, read so that it cannot hurt: no DOCTYPE, no entities but XML's own, no deep nesting, and whatever is
 * missing or wrong named in one sentence. Elements this station does not use are passed over, as the standard allows.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { type CapAlert, type CapArea, type CapInfo, type CapValue, capListed, capNamespace, capWords } from '../domain/cap.ts'
import { type Fault, WrongInput } from './input.ts'
import type { FaultCode } from './words.ts'

const deepest = 12
const example = '2026-11-24T16:00:00+08:00'
const utf8 = new TextDecoder('utf-8', { fatal: true })
const wrong = (path: string, fault: FaultCode, values: Fault['with'] = {}): WrongInput =>
  new WrongInput('not_cap', [{ path, fault, with: values }])

/** Throws `WrongInput` with the first thing that is wrong. */
export const readCap = (body: Uint8Array): CapAlert => alertOf(treeOf(textOf(body)))

const textOf = (body: Uint8Array): string => {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    throw wrong('body', 'not_utf8')
  }
  const [, encoding = 'utf-8'] = /^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)/.exec(text) ?? []
  if (!/^utf-?8$/i.test(encoding)) throw wrong('body', 'not_utf8')
  // Before any parser sees it; inside CDATA or a comment it is no danger, and no CAP message needs it there.
  if (/<!\s*(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(text)) throw wrong('body', 'doctype')
  return text
}

type Element = { readonly name: string; readonly text: string; readonly children: readonly Element[] }
/** A chain, not a copy for each element: 2,000 prefixes over 6,000 elements, 55 KB, took 10 s to copy. */
type Namespaces = { readonly declared: ReadonlyMap<string, string>; readonly outer: Namespaces | undefined }
type Parsed = Readonly<Record<string, unknown>>

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
  maxNestedTags: deepest
})

const treeOf = (text: string): Element => {
  if (XMLValidator.validate(text) !== true) throw wrong('body', 'syntax')
  let parsed: readonly Parsed[]
  try {
    parsed = parser.parse(text) as readonly Parsed[]
  } catch (error) {
    throw /nested/i.test((error as Error).message) ? wrong('body', 'deep', { limit: deepest }) : wrong('body', 'syntax')
  }
  const [top, second] = parsed.filter(node => tagOf(node) !== undefined)
  if (top === undefined || second !== undefined) throw wrong('body', 'syntax')
  const [root] = elementOf(top)
  if (root?.name !== 'alert') throw wrong('body', 'not_alert', { name: `alert (${capNamespace})` })
  return root
}

/** The name of an element; text, comments and instructions have none. */
const tagOf = (node: Parsed): string | undefined => Object.keys(node).find(key => key !== ':@' && !/^[#?]/.test(key))

/** An element of CAP's own namespace, whatever its prefix; of any other, nothing. */
const elementOf = (node: Parsed, outer?: Namespaces): readonly Element[] => {
  const tag = tagOf(node)
  if (tag === undefined) return []
  const declared = new Map(
    Object.entries((node[':@'] ?? {}) as Readonly<Record<string, string>>).flatMap(([name, value]) =>
      name === 'xmlns' || name.startsWith('xmlns:') ? [[name.slice(6), value] as const] : []
    )
  )
  const namespaces = declared.size === 0 && outer !== undefined ? outer : { declared, outer }
  const [prefix = '', name = ''] = tag.includes(':') ? tag.split(':') : ['', tag]
  if (namespaceOf(prefix, namespaces) !== capNamespace) return []
  const nodes = node[tag] as readonly Parsed[]
  return [
    {
      name,
      text: nodes
        .map(part => ('#text' in part ? plain(String(part['#text']), name) : cdataOf(part)))
        .join('')
        .trim(),
      children: nodes.flatMap(child => elementOf(child, namespaces))
    }
  ]
}

const namespaceOf = (prefix: string, { declared, outer }: Namespaces): string | undefined =>
  declared.get(prefix) ?? (outer === undefined ? undefined : namespaceOf(prefix, outer))

const cdataOf = (part: Parsed): string => {
  const [inner] = (part['#cdata'] ?? []) as readonly Parsed[]
  return inner === undefined ? '' : String(inner['#text'])
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const plain = (text: string, path: string): string =>
  text.replace(/&([^;&\s]{0,32};?)/g, (_, found: string) => {
    const name = found.slice(0, -1)
    const code = /^#(\d+|x[0-9a-f]+)$/i.test(name) ? Number(name.slice(1).replace(/^x/i, '0x')) : Number.NaN
    const known = Object.hasOwn(entities, name) ? entities[name] : characterOf(code)
    if (!found.endsWith(';') || known === undefined) throw wrong(path, 'entity', { name: `&${found}` })
    return known
  })
const characterOf = (code: number): string | undefined =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 32 && code < 0xd800) ||
  (code > 0xdfff && code < 0xfffe) ||
  (code > 0xffff && code <= 0x10ffff)
    ? String.fromCodePoint(code)
    : undefined

/** Reads the children of one element by name; `path` is how the sentence names the place. */
const reading = ({ children }: Element, path: string) => {
  const all = (name: string): readonly Element[] => children.filter(child => child.name === name)
  const optional = (name: string): string | undefined => {
    const [first, second] = all(name)
    if (second !== undefined) throw wrong(path, 'twice', { name })
    return first?.text
  }
  const required = (name: string): string => {
    const text = optional(name)
    if (text === undefined || text === '') throw wrong(path, 'required', { name })
    return text
  }
  const oneOf = <Word extends string>(name: string, words: readonly Word[], text: string): Word => {
    const word = words.find(one => one === text)
    if (word === undefined) throw wrong(`${path}/${name}`, 'one_of', { values: words.join(', ') })
    return word
  }
  return {
    all,
    optional,
    required,
    word: <Word extends string>(name: string, words: readonly Word[]): Word => oneOf(name, words, required(name)),
    words: <Word extends string>(name: string, words: readonly Word[]): readonly Word[] =>
      all(name).map(({ text }) => oneOf(name, words, text)),
    name: (name: string): string => {
      const text = required(name)
      if (/[\s,<&]/.test(text) || text.length > 256) throw wrong(`${path}/${name}`, 'no_spaces')
      return text
    },
    moment: (name: string, text: string): string => {
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(text) || Number.isNaN(Date.parse(text)))
        throw wrong(`${path}/${name}`, 'cap_time', { example })
      return text
    }
  }
}

/** Leaves out what is not there, so that "absent" has one form only. */
const present = <Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as never

const alertOf = (root: Element): CapAlert => {
  const at = reading(root, 'alert')
  const alert = {
    identifier: at.name('identifier'),
    sender: at.name('sender'),
    sent: at.moment('sent', at.required('sent')),
    status: at.word('status', capWords.status),
    msgType: at.word('msgType', capWords.msgType),
    scope: at.word('scope', capWords.scope)
  }
  const about = alert.msgType === 'Alert' ? at.optional('references') : at.required('references')
  for (const word of capListed(about)) if (!/^[^,]+,[^,]+,[^,]+$/.test(word)) throw wrong('alert/references', 'references')
  const infos = at.all('info')
  if (infos.length === 0 && (alert.msgType === 'Alert' || alert.msgType === 'Update')) throw wrong('alert', 'required', { name: 'info' })
  return {
    ...alert,
    ...(present({
      restriction: alert.scope === 'Restricted' ? at.required('restriction') : at.optional('restriction'),
      addresses: alert.scope === 'Private' ? at.required('addresses') : at.optional('addresses'),
      source: at.optional('source'),
      note: at.optional('note'),
      references: about,
      incidents: at.optional('incidents')
    }) as Partial<CapAlert>),
    ...(infos.length > 0 && { info: infos.map((info, i) => infoOf(info, `alert/info[${i + 1}]`)) })
  }
}

const infoOf = (element: Element, path: string): CapInfo => {
  const at = reading(element, path)
  const category = at.words('category', capWords.category)
  if (category.length === 0) throw wrong(path, 'required', { name: 'category' })
  const moment = (name: string): string | undefined => {
    const text = at.optional(name)
    return text === undefined ? undefined : at.moment(name, text)
  }
  return {
    category,
    event: at.required('event'),
    responseType: at.words('responseType', capWords.responseType),
    urgency: at.word('urgency', capWords.urgency),
    severity: at.word('severity', capWords.severity),
    certainty: at.word('certainty', capWords.certainty),
    eventCode: valuesOf(at.all('eventCode'), `${path}/eventCode`),
    parameter: valuesOf(at.all('parameter'), `${path}/parameter`),
    area: at.all('area').map((area, i) => areaOf(area, `${path}/area[${i + 1}]`)),
    ...(present({
      // The standard's own default.
      language: at.optional('language') ?? 'en-US',
      audience: at.optional('audience'),
      effective: moment('effective'),
      onset: moment('onset'),
      expires: moment('expires'),
      senderName: at.optional('senderName'),
      headline: at.optional('headline'),
      description: at.optional('description'),
      instruction: at.optional('instruction')
    }) as Partial<CapInfo>)
  }
}

const areaOf = (element: Element, path: string): CapArea => {
  const at = reading(element, path)
  const texts = (name: string): readonly string[] => at.all(name).map(({ text }) => text)
  return {
    areaDesc: at.required('areaDesc'),
    polygon: texts('polygon'),
    circle: texts('circle'),
    geocode: valuesOf(at.all('geocode'), `${path}/geocode`)
  }
}

const valuesOf = (elements: readonly Element[], path: string): readonly CapValue[] =>
  elements.map(element => {
    const at = reading(element, path)
    return { valueName: at.required('valueName'), value: at.optional('value') ?? '' }
  })
