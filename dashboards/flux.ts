/** Panels that ask InfluxDB 2 in Flux. The SDK knows no Flux query, so its shape, which is Grafana's own, is written here. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { type Measurement, measurements } from '../edge/domain/vocabulary.ts'
import { influxSource } from './board.ts'

type FluxQuery = Dataquery & { readonly refId: string; readonly datasource: typeof influxSource; readonly query: string }

const fluxQuery = (refId: string, query: string): Builder<FluxQuery> => ({
  build: () => ({ refId, datasource: influxSource, query, _implementsDataqueryVariant: () => undefined })
})

type Ask<M extends Measurement> = {
  readonly measurement: M
  readonly field: (typeof measurements)[M]['fields'][number]
  readonly by: readonly (typeof measurements)[M]['tags'][number][]
  readonly where?: string
}

const flux = <M extends Measurement>({ measurement, field, by, where }: Ask<M>): string =>
  `from(bucket: v.defaultBucket)
  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
  |> filter(fn: (r) => r._measurement == "${measurement}" and r._field == "${field}")
  |> filter(fn: (r) => r.station =~ /^\${station:regex}$/${where === undefined ? '' : ` and ${where}`})
  |> group(columns: [${by.map(tag => `"${tag}"`).join(', ')}])
  |> aggregateWindow(every: v.windowPeriod, fn: max, createEmpty: false)`

export const ask = <M extends Measurement>(refId: string, what: Ask<M>): Builder<FluxQuery> => fluxQuery(refId, flux(what))

/** Values of a tag that the bucket has seen, for a variable. */
export const fluxTagValues = (measurement: Measurement, tag: string): string => {
  const known: readonly string[] = measurements[measurement].tags
  if (!known.includes(tag)) throw new Error(`${measurement} has no tag ${tag}`)
  return `import "influxdata/influxdb/schema"
schema.tagValues(bucket: v.defaultBucket, tag: "${tag}", predicate: (r) => r._measurement == "${measurement}", start: -1d)`
}
