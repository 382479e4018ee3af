/**
 * CAP 1.2, the words in which other systems hear of a danger: the message as a plain object, and the document it is written as.
 * What an incident says in these words is decided in cap-of-incident.ts.
 */

export const capNamespace = 'urn:oasis:names:tc:emergency:cap:1.2'

/** The closed lists of the standard. */
export const capWords = {
  status: ['Actual', 'Exercise', 'System', 'Test', 'Draft'],
  msgType: ['Alert', 'Update', 'Cancel', 'Ack', 'Error'],
  scope: ['Public', 'Restricted', 'Private'],
  category: ['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire', 'Health', 'Env', 'Transport', 'Infra', 'CBRNE', 'Other'],
  responseType: ['Shelter', 'Evacuate', 'Prepare', 'Execute', 'Avoid', 'Monitor', 'Assess', 'AllClear', 'None'],
  urgency: ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'],
  severity: ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'],
  certainty: ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown']
} as const
type Words = typeof capWords
export type CapWord<List extends keyof Words> = Words[List][number]

/** What a station did about a message: opened an incident, kept a report, wrote it into an incident, took an answer, or only kept it. */
export const capDone = ['incident', 'report', 'note', 'acknowledged', 'kept'] as const
export type CapDone = (typeof capDone)[number]

export type CapValue = { readonly valueName: string; readonly value: string }
export type CapArea = {
  readonly areaDesc: string
  readonly polygon?: readonly string[]
  readonly circle?: readonly string[]
  readonly geocode?: readonly CapValue[]
}
export type CapInfo = {
  readonly language?: string
  readonly category: readonly CapWord<'category'>[]
  readonly event: string
  readonly responseType?: readonly CapWord<'responseType'>[]
  readonly urgency: CapWord<'urgency'>
  readonly severity: CapWord<'severity'>
  readonly certainty: CapWord<'certainty'>
  readonly audience?: string
  readonly eventCode?: readonly CapValue[]
  readonly effective?: string
  readonly onset?: string
  readonly expires?: string
  readonly senderName?: string
  readonly headline?: string
  readonly description?: string
  readonly instruction?: string
  readonly parameter?: readonly CapValue[]
  readonly area?: readonly CapArea[]
}
export type CapAlert = {
  readonly identifier: string
  readonly sender: string
  readonly sent: string
  readonly status: CapWord<'status'>
  readonly msgType: CapWord<'msgType'>
  readonly source?: string
  readonly scope: CapWord<'scope'>
  readonly restriction?: string
  readonly addresses?: string
  readonly note?: string
  readonly references?: string
  readonly incidents?: string
  readonly info?: readonly CapInfo[]
}

/** Elements in the order of the schema, which is a sequence: the right words in another order are not CAP. */
const order: Readonly<Record<string, readonly string[]>> = {
  alert: [
    ...['identifier', 'sender', 'sent', 'status', 'msgType', 'source', 'scope', 'restriction', 'addresses', 'note', 'references'],
    ...['incidents', 'info']
  ],
  info: [
    ...['language', 'category', 'event', 'responseType', 'urgency', 'severity', 'certainty', 'audience', 'eventCode', 'effective'],
    ...['onset', 'expires', 'senderName', 'headline', 'description', 'instruction', 'parameter', 'area']
  ],
  area: ['areaDesc', 'polygon', 'circle', 'geocode'],
  eventCode: ['valueName', 'value'],
  parameter: ['valueName', 'value'],
  geocode: ['valueName', 'value']
}

export const capXml = (alert: CapAlert): string => {
  const body = children('alert', alert, '  ')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="${capNamespace}">\n${body}</alert>\n`
}

const children = (name: string, of: object, indent: string): string =>
  (order[name] ?? []).map(child => element(child, (of as Readonly<Record<string, unknown>>)[child], indent)).join('')

const element = (name: string, value: unknown, indent: string): string => {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map(one => element(name, one, indent)).join('')
  if (typeof value === 'object' && value !== null) return `${indent}<${name}>\n${children(name, value, `${indent}  `)}${indent}</${name}>\n`
  return `${indent}<${name}>${escaped(String(value))}</${name}>\n`
}

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string): string => legible(text).replace(/[&<>]/g, mark => marks[mark] ?? mark)

/** XML has no way to write most control characters, half a surrogate pair or the two non-characters, not even escaped. */
const legible = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/\p{Cc}/gu, c => (c === '\n' || c === '\t' ? c : '\ufffd'))
    .replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd')

/** Moments in whole seconds with their offset. `Z` is forbidden (CAP 1.2, 3.3.2): UTC is written -00:00. */
export const capTimes = (timezone: string): ((at: number) => string) => {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' })
  return at => {
    const [, sign, h = '00', m = '00'] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(at)) ?? []
    const minutes = (sign === '-' ? -1 : 1) * (Number(h) * 60 + Number(m))
    return `${new Date(at + minutes * 60_000).toISOString().slice(0, 19)}${minutes === 0 ? '-' : sign}${h}:${m}`
  }
}

/** `references` and `incidents` are lists by white space; a word that holds some is quoted (CAP 1.2, 3.2.1). */
export const capList = (words: readonly string[]): string =>
  words.map(word => (/\s/.test(word) ? `"${word.replaceAll('"', '')}"` : word)).join(' ')
export const capListed = (text: string | undefined): readonly string[] =>
  [...(text ?? '').matchAll(/"([^"]*)"|[^\s"]+/g)].map(([word, quoted]) => quoted ?? word)

/** What names a message among all of them. */
export type CapReference = { readonly sender: string; readonly identifier: string; readonly sent: string }
export const capReference = ({ sender, identifier, sent }: CapReference): string => `${sender},${identifier},${sent}`
export const capReferences = (text: string | undefined): readonly CapReference[] =>
  capListed(text).flatMap(word => {
    const [sender = '', identifier = '', sent = ''] = word.split(',')
    return sender === '' || identifier === '' ? [] : [{ sender, identifier, sent }]
  })
