/**
 * The alert rules of the time-series side: what the city's Grafana calls people for by itself. The station's own warnings do not
 * depend on them; these watch that the station is heard, keeps everything, and sees. One list, rendered for Grafana and for vmalert.
 */
import { type Label, rank, type Severity } from '../edge/domain/vocabulary.ts'
import { label } from './board.ts'
import { series } from './series.ts'

export type Rule = {
  readonly uid: string
  readonly title: Label
  readonly about: Label
  readonly severity: Severity
  /** What the rule speaks of, once each. */
  readonly of: 'station' | 'zone'
  /** True where a series comes back: comparisons are in the expression, so Grafana and vmalert read the same line. */
  readonly expr: string
  readonly for: string
}

/** A hub writes every 10 s: six lines missed. With the round of evaluation that stays within the 90 s the city is promised. */
export const silentAfter_s = 60
export const evaluatedEvery_s = 10

type Where = { readonly station?: string }
export const sinceHeard = (where: Where): string => `time() - max(tlast_over_time(${series('hub', 'rss_bytes', where)}[7d])) by (station)`

export const rules: readonly Rule[] = [
  {
    uid: 'qianshao-station-silent',
    title: label('站点失联', 'station silent'),
    about: label('超过一分钟没有收到该站主机的数据。', 'Nothing heard from the hub of this station for more than a minute.'),
    severity: 'red',
    of: 'station',
    expr: `${sinceHeard({})} > ${silentAfter_s}`,
    for: '0s'
  },
  {
    uid: 'qianshao-zone-red',
    title: label('区域红色', 'zone red'),
    about: label('区域人群密度达到红色 I 级。', 'Crowd density of this zone is at red.'),
    severity: 'red',
    of: 'zone',
    expr: `max(${series('zone', 'level')}) by (station, zone) >= ${rank('red')}`,
    for: '10s'
  },
  {
    uid: 'qianshao-zone-unknown',
    title: label('区域无人看见', 'zone unseen'),
    about: label(
      '该区域已五分钟没有人数来源，未知不等于没有人。',
      'No source has counted this zone for five minutes; unknown is not empty.'
    ),
    severity: 'yellow',
    of: 'zone',
    expr: `max(${series('zone', 'level')}) by (station, zone) == ${rank('unknown')}`,
    for: '5m'
  },
  {
    uid: 'qianshao-unpersisted',
    title: label('事件未落盘', 'events not on disk'),
    about: label('有事件已告知人员但未写入磁盘，请检查磁盘。', 'Events were told to people but are not on disk: look at the disk.'),
    severity: 'orange',
    of: 'station',
    expr: `${series('hub', 'unpersisted')} > 0`,
    for: '30s'
  },
  {
    uid: 'qianshao-backlog-growing',
    title: label('待传积压增长', 'backlog growing'),
    about: label('市级平台确认跟不上本站产生的速度。', 'The city confirms more slowly than the station writes.'),
    severity: 'yellow',
    of: 'station',
    expr: `deriv(${series('hub', 'backlog_records')}[10m]) > 0 and ${series('hub', 'backlog_records')} > 1000`,
    for: '5m'
  },
  {
    uid: 'qianshao-cameras-not-live',
    title: label('摄像头失效', 'cameras not live'),
    about: label('在线摄像头少于过去一天的最高数。', 'Fewer cameras are live than at the best of the last day.'),
    severity: 'orange',
    of: 'station',
    expr: `${series('hub', 'cameras_live')} < max_over_time(${series('hub', 'cameras_live')}[1d])`,
    for: '1m'
  },
  {
    uid: 'qianshao-quarantined-rising',
    title: label('隔离消息增加', 'quarantined messages rising'),
    about: label(
      '有设备向不属于自己的主题发送消息：配置错误或冒用。',
      'A device sends to topics not its own: a wrong setting, or an impostor.'
    ),
    severity: 'orange',
    of: 'station',
    expr: `increase(${series('hub', 'quarantined_total')}[5m]) > 0`,
    for: '0s'
  }
]
