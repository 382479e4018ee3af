/** Everything that comes in is read here: JSON that cannot hurt, and shapes checked with a sentence that says what would be right. */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import type { FaultCode } from './words.ts'

export const deepest = 32

export type Fault = { readonly path: string; readonly fault: FaultCode; readonly with: Readonly<Record<string, string | number>> }

/** A request that is wrong, with each wrong place. Thrown by the parsers because Fastify asks for an error there; answered as 400. */
export class WrongInput extends Error {
  readonly statusCode = 400
  readonly code: 'not_json' | 'not_valid' | 'not_cap'
  readonly faults: readonly Fault[]
  constructor(code: WrongInput['code'], wrong: readonly Fault[]) {
    super(wrong.map(({ path, fault }) => `${path} ${fault}`).join(', '))
    this.code = code
    this.faults = wrong
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const bad = (fault: FaultCode, values: Fault['with'] = {}): WrongInput => new WrongInput('not_json', [{ path: '/', fault, with: values }])

/** JSON without the surprises: no nesting that exhausts the stack, no 1e400 that becomes Infinity, no `__proto__`. */
export const parseJson = (body: Uint8Array): unknown => {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    throw bad('not_utf8')
  }
  if (depthOf(text) > deepest) throw bad('deep', { limit: deepest })
  try {
    return JSON.parse(text, (name, value) => {
      if (name === '__proto__' || name === 'constructor' || name === 'prototype') throw bad('forbidden_name')
      if (typeof value === 'number' && !Number.isFinite(value)) throw bad('not_finite')
      return value
    })
  } catch (error) {
    throw error instanceof WrongInput ? error : bad('syntax')
  }
}

const depthOf = (text: string): number => {
  let depth = 0
  let most = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (quoted) {
      if (c === 0x5c) i++
      else if (c === 0x22) quoted = false
    } else if (c === 0x22) quoted = true
    else if (c === 0x5b || c === 0x7b) most = Math.max(most, ++depth)
    else if (c === 0x5d || c === 0x7d) depth--
  }
  return most
}

/** Checks every part of a request by its schema. Query strings and paths are text, so numbers are read from it; bodies are taken as they are. */
export const checkShape: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return value => {
    const given = httpPart === 'body' ? (value ?? {}) : Value.Convert(schema, value)
    if (check.Check(given)) return { value: given }
    return { error: new WrongInput('not_valid', faultsIn(check.Errors(given), `${httpPart ?? 'body'}`)) }
  }
}

type SchemaError = { readonly keyword: string; readonly instancePath: string; readonly params: Record<string, unknown> }

const faultsIn = (errors: readonly SchemaError[], part: string): Fault[] => {
  const found = new Map<string, Fault>()
  const choices = new Map<string, string[]>()
  const add = (path: string, fault: FaultCode, values: Fault['with'] = {}): void => {
    const key = `${path} ${fault}`
    if (found.size < 10 && !found.has(key)) found.set(key, { path: `${part}${path}`, fault, with: values })
  }
  for (const { keyword, instancePath: path, params } of errors) {
    switch (keyword) {
      case 'required':
        for (const name of params.requiredProperties as string[]) add(`${path}/${name}`, 'required', { name })
        break
      case 'additionalProperties':
        for (const name of params.additionalProperties as string[])
          add(`${path}/${name.slice(0, 64)}`, 'unknown', { name: name.slice(0, 64) })
        break
      case 'const':
        choices.set(path, [...(choices.get(path) ?? []), String(params.allowedValue)])
        break
      case 'enum':
        add(path, 'one_of', { values: (params.allowedValues as unknown[]).join(', ') })
        break
      case 'type':
        add(path, 'type', { type: String(params.type) })
        break
      case 'minLength':
        add(path, 'shorter', { limit: Number(params.limit) })
        break
      case 'maxLength':
        add(path, 'longer', { limit: Number(params.limit) })
        break
      case 'minimum':
        add(path, 'minimum', { limit: Number(params.limit) })
        break
      case 'maximum':
        add(path, 'maximum', { limit: Number(params.limit) })
        break
      case 'boolean':
      case 'anyOf':
        break
      default:
        add(path, 'shape')
    }
  }
  for (const [path, values] of choices) add(path, 'one_of', { values: values.join(', ') })
  return found.size > 0 ? [...found.values()] : [{ path: part, fault: 'shape', with: {} }]
}

/** A moment with its offset; one without would mean another time on another machine. */
export const momentOf = (
  name: string,
  text: string | undefined,
  time: (at: number) => string,
  part: 'querystring' | 'body' = 'querystring'
): number | undefined => {
  if (text === undefined) return undefined
  // A plus sign that was not escaped arrives as a space.
  const at = /T.*(Z|[+ -]\d\d:\d\d)$/i.test(text) ? Date.parse(text.replace(' ', '+')) : Number.NaN
  if (Number.isNaN(at))
    throw new WrongInput('not_valid', [{ path: `${part}/${name}`, fault: 'time', with: { example: time(Date.UTC(2026, 10, 24, 8)) } }])
  return at
}
