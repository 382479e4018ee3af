/** What every board has in common: one data source, two languages with Chinese first, read only, and variables filled from the store. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import { type Label, type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { series } from './series.ts'

export type Board = { readonly build: () => dashboard.Dashboard }
type BoardParts = {
  readonly uid: string
  readonly title: Label
  readonly about: Label
  readonly since: string
  readonly variables: readonly Builder<dashboard.VariableModel>[]
  readonly panels: readonly Builder<dashboard.Panel>[]
}

/** The uids that provisioning/datasources and influxdb/ give their sources; boards and alert rules ask by them. */
export const metricsSource = { type: 'prometheus', uid: 'qianshao-metrics' } as const
export const influxSource = { type: 'influxdb', uid: 'qianshao-influxdb' } as const

export const label = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })
export const both = (words: Label): string => `${words['zh-CN']} ${words.en}`

export const defineBoard = ({ uid, title, about, since, variables, panels }: BoardParts): Board => ({
  build: () => {
    const board = new dashboard.DashboardBuilder(`前哨 ${both(title)}`)
      .uid(uid)
      .description(both(about))
      .tags(['qianshao'])
      .readonly()
      .time({ from: since, to: 'now' })
      .refresh('10s')
      .timezone('browser')
      .tooltip(dashboard.DashboardCursorSync.Crosshair)
      .link(
        new dashboard.DashboardLinkBuilder('前哨看板 Qianshao boards')
          .type(dashboard.DashboardLinkType.Dashboards)
          .tags(['qianshao'])
          .asDropdown(true)
          .keepTime(true)
          .includeVars(true)
      )
      .variables([...variables])
    for (const panel of panels) board.withPanel(panel)
    return board.build()
  }
})

/** A variable whose values are those of a tag that the store has seen, narrowed by the variables before it. */
const tagVariable = (tag: string, words: Label, selector: string, name = tag) =>
  new dashboard.QueryVariableBuilder(name)
    .label(both(words))
    .datasource(metricsSource)
    .query(`label_values(${selector}, ${tag})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.NaturalAsc)

const all = (variable: ReturnType<typeof tagVariable>) =>
  variable.multi(true).includeAll(true).allValue('.*').current({ text: '全部 All', value: '$__all' })

export const stationVariable = () => tagVariable('station', label('站点', 'station'), series('hub', 'rss_bytes'))
export const stationsVariable = () => all(stationVariable())
export const zoneVariable = () => all(tagVariable('zone', label('区域', 'zone'), series('zone', 'level', { station: '$station' })))
export const deviceVariable = () =>
  all(tagVariable('device', label('设备', 'device'), series('reading', 'value', { station: '$station', quantity: '$quantity' })))

/** Of the devices those of which it is learnt what is usual for the chosen quantity. */
export const learntVariable = () =>
  all(
    tagVariable(
      'device',
      label('已学常态的设备', 'device with a usual course'),
      series('expected', 'usual', { station: '$station', quantity: '$quantity' }),
      'learnt'
    )
  )

/** Quantities are chosen by their names of the duty desk; the store keeps the words of the vocabulary. */
export const quantityVariable = (first: Quantity) => {
  const text = (quantity: Quantity): string => `${both(quantities[quantity].label)} ${quantities[quantity].unit}`.trim().replace(/,/g, '')
  const words = Object.keys(quantities) as Quantity[]
  return new dashboard.CustomVariableBuilder('quantity')
    .label('物理量 quantity')
    .values(words.map(word => `${text(word)} : ${word}`).join(','))
    .current({ text: text(first), value: first })
}
