/** Line protocol with millisecond stamps: the one form in which telemetry is kept, sent and stored. */
import type { Measurement } from './vocabulary.ts'

const escapeTag = (text: string): string =>
  /[ ,=\\\n\r\t]/.test(text) ? text.replace(/[\n\r\t]/g, ' ').replace(/[ ,=\\]/g, c => `\\${c}`) : text

/** Tags in the order given, empty ones left out; only finite fields; nothing when no field is left. */
export const line = (
  measurement: Measurement,
  tags: readonly (readonly [string, string | undefined])[],
  fields: Readonly<Record<string, number | undefined>>,
  at: number
): string | undefined => {
  let key: string = measurement
  for (const [name, value] of tags) if (value !== undefined && value !== '') key += `,${name}=${escapeTag(value)}`
  let values = ''
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined && Number.isFinite(value)) values += `${values === '' ? '' : ','}${name}=${value}`
  }
  return values === '' ? undefined : `${key} ${values} ${Math.round(at)}`
}

export type Point = {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, number>>
  readonly at: number
}

/** Reads back what `line` wrote. Throws on anything else: blocks are ours, so a bad line is damage. */
export const parseLine = (text: string): Point => {
  const match = /^((?:\\.|[^ \\])+) (\S+) (-?\d+)$/.exec(text)
  if (match === null) throw new Error(`not a line of ours: ${text.slice(0, 80)}`)
  const [, key = '', fields = '', at] = match
  const [measurement = '', ...tags] = split(key, ',')
  return {
    measurement,
    tags: Object.fromEntries(tags.map(tag => split(tag, '=').map(part => part.replace(/\\(.)/g, '$1')) as [string, string])),
    fields: Object.fromEntries(
      fields.split(',').map(field => [field.slice(0, field.indexOf('=')), Number(field.slice(field.indexOf('=') + 1))])
    ),
    at: Number(at)
  }
}

const split = (text: string, by: string): string[] => {
  if (!text.includes('\\')) return text.split(by)
  const parts: string[] = []
  let part = ''
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (c === by) {
      parts.push(part)
      part = ''
    } else part += c === '\\' ? c + text.charAt(++i) : c
  }
  return [...parts, part]
}
