/** All stations on one wall: who is silent, where it is worst, how many people, what is open. */
import { openAlerts } from '../alerts-now.ts'
import { defineBoard, label, stationsVariable } from '../board.ts'
import { curve, figure, levelBand, levelColours, levelNames } from '../panels.ts'
import { silentAfter_s, sinceHeard } from '../rules.ts'
import { series } from '../series.ts'

const where = { station: '$station' }
const legend = '{{station}}'
const worst = `max(${series('zone', 'level', where)}) by (station)`
const people = `sum(${series('zone', 'people_count', where)}) by (station)`

export default defineBoard({
  uid: 'qianshao-city',
  title: label('全市总览', 'city'),
  about: label('全部站点：失联、最高等级、总人数、未关闭预警。', 'All stations: who is silent, the worst level, people, open alerts.'),
  since: 'now-3h',
  variables: [stationsVariable()],
  panels: [
    figure({
      title: label('各站最高等级', 'worst level of each station'),
      about: label('站内各区域此刻最高等级；灰色为未知。', 'The worst of its zones now; grey is unknown.'),
      width: 12,
      queries: [{ expr: worst, legend }]
    }).mappings([levelNames()]),
    figure({
      title: label('距上次消息', 'since last heard'),
      about: label('主机每十秒应有一条；超过一分钟为失联。', 'A hub speaks every ten seconds; more than a minute is silence.'),
      width: 12,
      unit: 's',
      limits: [
        { from: silentAfter_s / 2, colour: levelColours.yellow },
        { from: silentAfter_s, colour: levelColours.red }
      ],
      queries: [{ expr: sinceHeard(where), legend }]
    }),
    levelBand({
      title: label('各站等级变化', 'level of each station over time'),
      about: label('站内各区域的最高等级。', 'The worst of its zones.'),
      width: 24,
      queries: [{ expr: worst, legend }]
    }),
    curve({
      title: label('各站总人数', 'people in each station'),
      about: label(
        '各区域人数之和；未知区域不计入，也不算零。',
        'The sum over its zones; an unknown zone is left out, not counted as empty.'
      ),
      unit: 'suffix: 人',
      queries: [{ expr: people, legend }]
    }),
    figure({
      title: label('未关闭预警', 'open alerts'),
      about: label('各站尚未关闭的预警数。', 'Alerts not yet closed, by station.'),
      width: 6,
      limits: [{ from: 1, colour: levelColours.orange }],
      queries: [{ expr: `count(${openAlerts(where)}) by (station)`, legend }]
    }),
    figure({
      title: label('在线摄像头', 'cameras live'),
      about: label('各站此刻有画面的摄像头数。', 'Cameras that deliver pictures now, by station.'),
      width: 6,
      queries: [{ expr: series('hub', 'cameras_live', where), legend }]
    })
  ]
})
