/** The station board's first figures for a city that keeps its series in InfluxDB 2, asked in Flux. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { both, defineBoard, influxSource, label } from '../../board.ts'
import { ask, fluxTagValues } from '../../flux.ts'
import { levelNames } from '../../panels.ts'

const stations = new dashboard.QueryVariableBuilder('station')
  .label('站点 station')
  .datasource(influxSource)
  .query(fluxTagValues('zone', 'station'))
  .refresh(dashboard.VariableRefresh.OnDashboardLoad)
  .multi(true)
  .includeAll(true)
  .current({ text: '全部 All', value: '$__all' })

const density = new timeseries.PanelBuilder()
  .title(both(label('人群密度', 'crowd density')))
  .description(both(label('每平方米人数；空白表示无人看见。', 'People per square metre; a gap means unseen.')))
  .datasource(influxSource)
  .unit('suffix: p/m²')
  .span(12)
  .withTarget(ask('A', { measurement: 'zone', field: 'density_per_m2', by: ['station', 'zone'] }))

const people = new timeseries.PanelBuilder()
  .title(both(label('人数', 'people')))
  .description(both(label('区域内人数。', 'People in the zone.')))
  .datasource(influxSource)
  .unit('suffix: 人')
  .span(12)
  .withTarget(ask('A', { measurement: 'zone', field: 'people_count', by: ['station', 'zone'] }))

const level = new statetimeline.PanelBuilder()
  .title(both(label('区域等级', 'level of each zone')))
  .description(both(label('灰色为未知，不是正常。', 'Grey is unknown, which is not normal.')))
  .datasource(influxSource)
  .span(24)
  .mappings([levelNames()])
  .withTarget(ask('A', { measurement: 'zone', field: 'level', by: ['station', 'zone'] }))

const backlog = new timeseries.PanelBuilder()
  .title(both(label('待传记录', 'records waiting for the city')))
  .description(both(label('市级平台尚未确认的记录。', 'Not yet confirmed by the city.')))
  .datasource(influxSource)
  .span(12)
  .withTarget(ask('A', { measurement: 'hub', field: 'backlog_records', by: ['station'] }))

const acknowledge = new timeseries.PanelBuilder()
  .title(both(label('签收用时', 'time to acknowledge')))
  .description(both(label('从被呼叫到签收，按单位。', 'From being asked to answering, by agency.')))
  .datasource(influxSource)
  .unit('s')
  .span(12)
  .withTarget(ask('A', { measurement: 'response', field: 'acknowledge_seconds', by: ['station', 'agency'] }))

export default defineBoard({
  uid: 'qianshao-zones-influxdb',
  title: label('区域态势（InfluxDB）', 'zones (InfluxDB)'),
  about: label('与站点态势相同的数据，取自 InfluxDB。', 'The figures of the station board, asked of InfluxDB.'),
  since: 'now-1h',
  variables: [stations],
  panels: [level, density, people, backlog, acknowledge]
})
