/** Writes selectors whose names the compiler has checked against the vocabulary: VictoriaMetrics keeps a field as `measurement_field`. */
import { type Label, type Measurement, measurements } from '../edge/domain/vocabulary.ts'

type Tag<M extends Measurement> = (typeof measurements)[M]['tags'][number]
type Field<M extends Measurement> = (typeof measurements)[M]['fields'][number]
/** A plain value must be equal; a variable (`$zone`) may stand for several and is matched as Grafana spells it, by regular expression. */
type Where<M extends Measurement> = Readonly<Partial<Record<Tag<M>, string>>>

export const series = <M extends Measurement>(measurement: M, field: Field<M>, where?: Where<M>): string => {
  const known: readonly string[] = measurements[measurement].fields
  if (!known.includes(field)) throw new Error(`${measurement} has no field ${field}`)
  const matchers = Object.entries<string | undefined>(where ?? {}).flatMap(([tag, value]) =>
    value === undefined ? [] : [`${tag}${value.includes('$') ? '=~' : '='}"${value}"`]
  )
  return `${measurement}_${field}${matchers.length === 0 ? '' : `{${matchers.join(',')}}`}`
}

/** The values of a tag by their names of the duty desk, Chinese first: a legend is read by people. */
export const named = (tag: string, words: Readonly<Record<string, Label>>, query: string): string =>
  `label_map(${query}, "${tag}", ${Object.entries(words)
    .map(([word, label]) => `"${word}", "${label['zh-CN']} ${label.en}"`)
    .join(', ')})`
