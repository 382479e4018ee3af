/**
 * Reads a MetricsQL query just far enough to say which names it uses, and holds them to the vocabulary: a panel that asks for a name
 * nobody writes stays empty for ever, and nobody notices until the night it matters. What the query means is left to the real store.
 */
import { agencies, incidentKinds, measurements, quantities, severities, uses } from '../edge/domain/vocabulary.ts'

type Token = { readonly kind: 'name' | 'text' | 'number' | 'variable' | 'sign'; readonly text: string }

const tags = new Set<string>(Object.values(measurements).flatMap(({ tags }) => tags))
const tagsOf = new Map<string, readonly string[]>(
  Object.entries(measurements).flatMap(([measurement, { tags, fields }]) =>
    fields.map((field): [string, readonly string[]] => [`${measurement}_${field}`, tags])
  )
)
const wordsOf: Readonly<Record<string, readonly string[]>> = {
  quantity: Object.keys(quantities),
  use: Object.keys(uses),
  agency: Object.keys(agencies),
  kind: Object.keys(incidentKinds),
  severity: severities
}
/** What the boards and rules may call; one more is a deliberate edit here. */
const functions = new Set(
  (
    'avg clamp_min count count_eq_over_time count_over_time deriv increase increases_over_time label_map label_values last_over_time max ' +
    'max_over_time min quantile rate sum sum_over_time time tlast_over_time'
  ).split(' ')
)
const grouping = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const operators = new Set(['and', 'or', 'unless', 'bool', 'default', 'offset'])

const shapes =
  /\s+|(?<variable>\$\{\w+(?::\w+)?\}|\$\w+)|(?<text>"(?:\\.|[^"\\])*")|(?<number>\d+(?:\.\d+)?[a-z]*)|(?<name>[A-Za-z_][A-Za-z0-9_:]*)|(?<sign>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],:])/y

const tokensOf = (query: string): readonly Token[] => {
  const tokens: Token[] = []
  shapes.lastIndex = 0
  while (shapes.lastIndex < query.length) {
    const at = shapes.lastIndex
    const found = shapes.exec(query)
    if (found === null) throw new SyntaxError(`cannot be read from "${query.slice(at, at + 20)}"`)
    for (const kind of ['variable', 'text', 'number', 'name', 'sign'] as const) {
      const text = found.groups?.[kind]
      if (text !== undefined) tokens.push({ kind, text })
    }
  }
  return tokens
}

export type Names = {
  readonly doubts: readonly string[]
  readonly metrics: readonly string[]
  readonly variables: readonly string[]
}

/** Every name in a query, and a sentence for each that the vocabulary does not know. */
export const namesIn = (query: string): Names => {
  const doubts: string[] = []
  const metrics: string[] = []
  const variables: string[] = []
  const grouped: string[] = []
  let tokens: readonly Token[]
  try {
    tokens = tokensOf(query)
  } catch (error) {
    return { doubts: [(error as Error).message], metrics, variables }
  }
  const text = (i: number): string | undefined => tokens[i]?.text
  /** What each open bracket belongs to: a function, a grouping word, a selector's metric, or nothing. */
  const open: { readonly bracket: string; readonly of: string; readonly seen: { texts: number } }[] = []
  const closing: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[' }

  tokens.forEach((token, i) => {
    const inside = open.at(-1)
    const before = text(i - 1) ?? ''
    const after = text(i + 1)
    if (token.kind === 'variable' || token.kind === 'text')
      for (const [, name = ''] of token.text.matchAll(/\$\{?(\w+)/g)) variables.push(name)
    if (token.kind === 'sign' && '({['.includes(token.text)) {
      const metric = tokens[i - 1]?.kind === 'name' ? before : ''
      if (token.text === '{' && metric === '') doubts.push('a selector without a metric asks for everything')
      open.push({ bracket: token.text, of: metric, seen: { texts: 0 } })
    } else if (closing[token.text] !== undefined && token.kind === 'sign') {
      if (open.pop()?.bracket !== closing[token.text]) doubts.push(`${token.text} closes nothing`)
    } else if (inside?.bracket === '{') {
      if (token.kind !== 'name') return
      if (!(tagsOf.get(inside.of) ?? [...tags]).includes(token.text)) doubts.push(`${inside.of} has no tag ${token.text}`)
      const value = tokens[i + 2]
      if (value?.kind === 'text' && !value.text.includes('$'))
        for (const word of value.text.slice(1, -1).split('|'))
          if (wordsOf[token.text]?.includes(word) === false) doubts.push(`${token.text} is never ${word}`)
    } else if (inside?.bracket === '(' && inside.of.startsWith('label_') && token.kind === 'text') {
      if (inside.seen.texts++ === 0) grouped.push(token.text.slice(1, -1))
    } else if (token.kind === 'name') {
      if (inside !== undefined && grouping.has(inside.of)) grouped.push(token.text)
      else if (inside?.of === 'label_values' && before === ',') grouped.push(token.text)
      else if (grouping.has(token.text) || operators.has(token.text)) return
      else if (after === '(' || grouping.has(after ?? '')) {
        if (!functions.has(token.text)) doubts.push(`${token.text} is no function we use`)
      } else if (tagsOf.has(token.text)) metrics.push(token.text)
      else doubts.push(`${token.text} is in no measurement of the vocabulary`)
    }
  })
  if (open.length > 0) doubts.push(`${open.length} brackets stay open`)
  const reachable = new Set(metrics.flatMap(metric => tagsOf.get(metric) ?? []))
  for (const label of grouped) if (!reachable.has(label)) doubts.push(`nothing in the query has a tag ${label}`)
  return { doubts, metrics: [...new Set(metrics)], variables: [...new Set(variables)] }
}

/** The same for Flux, whose names stand in strings: measurement, field and tag columns. */
export const namesInFlux = (query: string): Names => {
  const doubts: string[] = []
  const asked = (column: string): string[] =>
    [...query.matchAll(new RegExp(`r\\.${column}\\s*==\\s*"([^"]*)"`, 'g'))].map(([, word = '']) => word)
  const used = asked('_measurement').flatMap(word => {
    const known = Object.entries(measurements).find(([name]) => name === word)
    if (known === undefined) doubts.push(`${word} is no measurement of the vocabulary`)
    return known === undefined ? [] : [known]
  })
  if (asked('_measurement').length === 0) doubts.push('a query without a measurement asks for everything')
  const metrics = asked('_field').flatMap(field => {
    const holder = used.find(([, { fields }]) => (fields as readonly string[]).includes(field))
    if (holder === undefined) doubts.push(`${field} is no field of ${used.map(([name]) => name).join(', ')}`)
    return holder === undefined ? [] : [`${holder[0]}_${field}`]
  })
  const columns = [
    ...[...query.matchAll(/r\.([A-Za-z]\w*)/g)].map(([, tag = '']) => tag),
    ...[...query.matchAll(/columns:\s*\[([^\]]*)\]/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/"(\w+)"/g)].map(([, tag = '']) => tag)
    ),
    ...[...query.matchAll(/tag:\s*"(\w+)"/g)].map(([, tag = '']) => tag)
  ].filter(column => !column.startsWith('_'))
  for (const column of columns)
    if (!used.some(([, { tags }]) => (tags as readonly string[]).includes(column))) doubts.push(`nothing in the query has a tag ${column}`)
  const variables = [...query.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name)
  return { doubts, metrics, variables: [...new Set(variables)] }
}
