/**
 * Reads a YAML file by a schema that is at once type, default, check, manual page and JSON Schema.
 * Every mistake is one sentence: file, path inside it, what is wrong, what would be right.
 */
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { type Static, type TSchema, Type } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'

export class SettingsError extends Error {
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

export type Mistake = { readonly path: string; readonly wrong: string; readonly right: string }

/** Throws `SettingsError` with every mistake of the file, not only the first. `more` adds checks that a schema cannot say. */
export const readSettings = <Schema extends TSchema>(
  schema: Schema,
  file: string,
  more: (settings: Static<Schema>) => readonly Mistake[] = () => []
): Static<Schema> => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingsError([`${file}: cannot be read (${(error as NodeJS.ErrnoException).code}); name a readable YAML file with --config`])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (document.errors.length > 0) {
    throw new SettingsError(
      document.errors.map(error => {
        const { line, col } = lines.linePos(error.pos[0])
        return `${file}:${line}:${col}: not valid YAML: ${error.message}; compare with the example in the manual`
      })
    )
  }
  const { value, mistakes } = check(schema, document.toJS() ?? {})
  const all = mistakes.length > 0 ? mistakes : more(value)
  if (all.length > 0) throw new SettingsError(all.map(({ path, wrong, right }) => `${file}: ${path || '/'}: ${wrong}; ${right}`))
  return value
}

export const check = <Schema extends TSchema>(
  schema: Schema,
  raw: unknown
): { readonly value: Static<Schema>; readonly mistakes: readonly Mistake[] } => {
  Settings.Set({ maxErrors: 64 })
  const value = Value.Default(schema, structuredClone(raw)) as Static<Schema>
  if (Value.Check(schema, value)) return { value, mistakes: [] }
  const seen = new Set<string>()
  const mistakes: Mistake[] = []
  for (const error of Value.Errors(schema, value)) {
    for (const mistake of explain(schema, value, error)) {
      const key = `${mistake.path} ${mistake.wrong}`
      if (!seen.has(key)) mistakes.push(mistake)
      seen.add(key)
    }
  }
  return { value, mistakes }
}

type Fault = { readonly keyword: string; readonly instancePath: string; readonly params: object; readonly message: string }

const explain = (schema: TSchema, value: unknown, { keyword, instancePath: path, params, message }: Fault): readonly Mistake[] => {
  const names = (key: string): readonly string[] => ((params as Record<string, unknown>)[key] as string[] | undefined) ?? []
  const here = schemaAt(schema, path)
  switch (keyword) {
    case 'boolean':
      return []
    case 'additionalProperties':
      return names('additionalProperties').map(key => {
        const known = Object.keys((here as { properties?: object } | undefined)?.properties ?? {})
        return { path: `${path}/${key}`, wrong: 'no such setting', right: nearest(key, known) }
      })
    case 'required':
      return names('requiredProperties').map(key => ({
        path: `${path}/${key}`,
        wrong: 'is missing',
        right: wanted(schemaAt(schema, `${path}/${key}`))
      }))
    // The members of a union each complain; the union's own sentence says it once.
    case 'const':
    case 'enum':
    case 'anyOf':
      return [{ path, wrong: `${quote(Value.Pointer.Get(value, path))} is not allowed`, right: wanted(here) }]
    default:
      return [{ path, wrong: `${quote(Value.Pointer.Get(value, path))} ${message}`, right: wanted(here) }]
  }
}

const quote = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60)

const wanted = (schema: TSchema | undefined): string => {
  const { title, description, default: usual, anyOf, minimum, maximum, examples } = (schema ?? {}) as Record<string, unknown>
  const choices = Array.isArray(anyOf) ? anyOf.map(one => (one as { const?: unknown }).const).filter(one => one !== undefined) : []
  const said = [
    title,
    description,
    choices.length > 0 && `one of ${choices.join(', ')}`,
    minimum !== undefined && `from ${minimum}${maximum === undefined ? '' : ` to ${maximum}`}`,
    Array.isArray(examples) && `for example ${JSON.stringify(examples[0])}`,
    usual !== undefined && typeof usual !== 'object' && `usually ${JSON.stringify(usual)}`
  ].filter(part => typeof part === 'string')
  return `right would be: ${said.join(', ') || 'see the manual'}`
}

/** Which of the known names may have been meant. */
export const nearest = (key: string, known: readonly string[]): string => {
  const close = known.filter(name => distance(name, key) <= Math.max(1, Math.floor(key.length / 2)))
  return close.length > 0 ? `did you mean ${close.join(' or ')}?` : `settings here are ${known.join(', ') || 'none'}`
}

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const schemaAt = (schema: TSchema, path: string): TSchema | undefined =>
  path
    .split('/')
    .slice(1)
    .reduce<TSchema | undefined>((at, key) => {
      const { properties, items } = (at ?? {}) as { properties?: Record<string, TSchema>; items?: TSchema | TSchema[] }
      return Array.isArray(items) ? items[Number(key)] : items !== undefined ? items : properties?.[key]
    }, schema)

/** A name for settings that say where a secret lies; the secret itself is never in the file. */
export const secretFile = (title: string) =>
  Type.String({
    title,
    description: 'path of a file that holds the secret, relative to this file',
    minLength: 1,
    examples: ['secrets/smoke-b3']
  })

/** Paths in a settings file are meant relative to that file. */
export const beside = (file: string, path: string): string => (isAbsolute(path) ? path : resolve(dirname(file), path))
