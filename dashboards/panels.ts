/** The few shapes a figure takes on our boards: a curve, a number, a band of states, a table. Each asks the same source. */
import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { type Label, type Level, levels, rank } from '../edge/domain/vocabulary.ts'
import { both, metricsSource } from './board.ts'

export type Query = { readonly expr: string; readonly legend: string }
export type PanelParts = {
  readonly title: Label
  readonly about: Label
  readonly queries: readonly Query[]
  readonly unit?: string
  /** Of the 24 columns. */
  readonly width?: number
  readonly height?: number
  /** Values from which a colour begins, drawn as dashed lines. */
  readonly limits?: readonly { readonly from: number; readonly colour: string }[]
}

export const levelColours: Readonly<Record<Level, string>> = {
  green: '#3f9b52',
  blue: '#3b7dd8',
  yellow: '#e5c100',
  orange: '#f08a24',
  red: '#e02f44',
  unknown: '#7b8087'
}
export const calm = levelColours.green

type AnyPanel = {
  title: (text: string) => unknown
  description: (text: string) => unknown
  datasource: (source: common.DataSourceRef) => unknown
  span: (columns: number) => unknown
  height: (rows: number) => unknown
  unit: (unit: string) => unknown
  noValue: (text: string) => unknown
  thresholds: (builder: dashboard.ThresholdsConfigBuilder) => unknown
  withTarget: (target: prometheus.DataqueryBuilder) => unknown
}

const filled = <P extends AnyPanel>(
  panel: P,
  { title, about, queries, unit, width = 12, height = 8, limits = [] }: PanelParts,
  now: boolean
): P => {
  panel.title(both(title))
  panel.description(both(about))
  panel.datasource(metricsSource)
  panel.span(width)
  panel.height(height)
  panel.noValue('无数据 no data')
  if (unit !== undefined) panel.unit(unit)
  panel.thresholds(thresholds(limits))
  queries.forEach(({ expr, legend }, i) => {
    const target = new prometheus.DataqueryBuilder()
      .refId(String.fromCharCode(65 + i))
      .datasource(metricsSource)
      .editorMode(prometheus.QueryEditorMode.Code)
      .expr(expr)
      .legendFormat(legend)
    panel.withTarget(now ? target.instant() : target.range())
  })
  return panel
}

const thresholds = (limits: NonNullable<PanelParts['limits']>) =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: calm }, ...limits.map(({ from, colour }) => ({ value: from, color: colour }))])

/** Over time. A gap stays a gap: what was not seen is not drawn as if it had been. */
export const curve = (parts: PanelParts): timeseries.PanelBuilder => {
  const panel = filled(new timeseries.PanelBuilder(), parts, false)
    .lineWidth(2)
    .fillOpacity(0)
    .spanNulls(60_000)
    .showPoints(common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
  return parts.limits === undefined
    ? panel
    : panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
}

/** One figure a series, as it is now. */
export const figure = (parts: PanelParts): stat.PanelBuilder =>
  filled(new stat.PanelBuilder(), parts, true)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(common.BigValueTextMode.ValueAndName)

/** A band a series, coloured by level. */
export const levelBand = (parts: PanelParts): statetimeline.PanelBuilder =>
  filled(new statetimeline.PanelBuilder(), parts, false).mappings([levelNames()]).fillOpacity(85).lineWidth(0)

/** The number kept for a level, back into its colour and name. Unknown is grey and says so: never green. */
export const levelNames = (): dashboard.ValueMapping => ({
  type: dashboard.MappingType.ValueToText,
  options: Object.fromEntries(
    (Object.keys(levels) as Level[]).map((level, index) => [
      String(rank(level)),
      { text: both(levels[level]), color: levelColours[level], index }
    ])
  )
})

/** A line in a given colour, dashed: a limit, not a measurement. */
export const asLimit = (colour: string): dashboard.DynamicConfigValue[] => [
  { id: 'color', value: { mode: 'fixed', fixedColor: colour } },
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
  { id: 'custom.lineWidth', value: 1 },
  { id: 'custom.showPoints', value: 'never' }
]

/** Lower and upper edge of a band: the upper one fills down to the lower one. Found by fixed names: Grafana puts no variables into them. */
export const asBand = (panel: timeseries.PanelBuilder, lower: string, upper: string): timeseries.PanelBuilder =>
  panel.overrideByName(lower, [{ id: 'custom.lineWidth', value: 0 }]).overrideByName(upper, [
    { id: 'custom.lineWidth', value: 0 },
    { id: 'custom.fillBelowTo', value: lower },
    { id: 'custom.fillOpacity', value: 18 }
  ])
