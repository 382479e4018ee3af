/** Does the warning reach people, and do people answer? Alert load by ISA-18.2, time to acknowledge per agency. */
import { usualLadder } from '../../edge/domain/templates/template.ts'
import { agencies, incidentKinds, levels, severities } from '../../edge/domain/vocabulary.ts'
import { closedPerHour, latestAlerts, openAlerts, raisedPerHour } from '../alerts-now.ts'
import { defineBoard, label, stationsVariable, zoneVariable } from '../board.ts'
import { curve, figure, levelColours } from '../panels.ts'
import { named, series } from '../series.ts'

const where = { station: '$station', zone: '$zone' }
const asked = { station: '$station' }
const acknowledge = series('response', 'acknowledge_seconds', asked)
const on_scene = series('response', 'on_scene_seconds', asked)
const colourOf = Object.fromEntries(severities.map(severity => [severity, levels[severity]]))

/** ISA-18.2 / EEMUA 191: per operator about 6 alarms an hour is acceptable, 12 is the most that can be managed. */
const load = [
  { from: 6, colour: levelColours.yellow },
  { from: 12, colour: levelColours.red }
]
/** By when the first rung of the ladder must have answered, and by when the commander is asked. */
const [first, second] = usualLadder.rungs
const patience = [
  { from: first?.within_s ?? 0, colour: levelColours.yellow },
  { from: (first?.within_s ?? 0) + (second?.within_s ?? 0), colour: levelColours.red }
]

const mean = (seconds: string): string =>
  `sum(sum_over_time(${seconds}[$__range])) by (agency) / sum(count_over_time(${seconds}[$__range])) by (agency)`

export default defineBoard({
  uid: 'qianshao-alerts',
  title: label('预警与响应', 'alerts and responses'),
  about: label('预警负荷与各单位签收、到场用时。', 'How many alerts there are, and how long each agency takes to answer and to arrive.'),
  since: 'now-24h',
  variables: [stationsVariable(), zoneVariable()],
  panels: [
    figure({
      title: label('未关闭预警', 'open alerts'),
      about: label(
        '按等级统计，包括已签收和已解除但未确认的。',
        'By severity, with those acknowledged and those cleared but not yet seen.'
      ),
      width: 8,
      queries: [{ expr: named('severity', colourOf, `count(${openAlerts(where)}) by (severity)`), legend: '{{severity}}' }]
    }),
    figure({
      title: label('无人签收的预警', 'alerts nobody has acknowledged'),
      about: label('仍在发生且无人签收。', 'Still active, and nobody has said they saw it.'),
      width: 4,
      limits: [{ from: 1, colour: levelColours.red }],
      queries: [{ expr: `count((${latestAlerts(where)}) == 1) by (station)`, legend: '{{station}}' }]
    }),
    curve({
      title: label('每小时预警数', 'alerts per hour'),
      about: label(
        '虚线：ISA-18.2 每名值守员每小时可接受 6 条、最多 12 条。同一区域同一规则的重叠预警计为一次。',
        'Dashed: ISA-18.2, 6 an hour per operator is acceptable, 12 the most. Alerts of one rule that overlap in one zone count once.'
      ),
      limits: load,
      queries: [
        { expr: raisedPerHour(where), legend: '{{station}} 新增 raised' },
        { expr: closedPerHour(where), legend: '{{station}} 关闭 closed' }
      ]
    }),
    figure({
      title: label('平均签收用时', 'mean time to acknowledge'),
      about: label('所选时间内各单位从被呼叫到签收的平均用时。', 'From being asked to answering, per agency, over the chosen time.'),
      unit: 's',
      limits: patience,
      queries: [{ expr: named('agency', agencies, mean(acknowledge)), legend: '{{agency}}' }]
    }),
    figure({
      title: label('最长签收用时', 'longest time to acknowledge'),
      about: label('平均值掩盖的那一次。', 'The one that the mean hides.'),
      unit: 's',
      limits: patience,
      queries: [{ expr: named('agency', agencies, `max(max_over_time(${acknowledge}[$__range])) by (agency)`), legend: '{{agency}}' }]
    }),
    figure({
      title: label('平均到场用时', 'mean time to arrive'),
      about: label('所选时间内各单位从被呼叫到到场的平均用时。', 'From being asked to being on scene, per agency, over the chosen time.'),
      unit: 's',
      queries: [{ expr: named('agency', agencies, mean(on_scene)), legend: '{{agency}}' }]
    }),
    curve({
      title: label('每次签收用时', 'each acknowledgement'),
      about: label('每个点是一次签收，按单位与警情类别。', 'One point an answer, by agency and kind of incident.'),
      unit: 's',
      limits: patience,
      queries: [
        {
          expr: named('kind', incidentKinds, named('agency', agencies, `last_over_time(${acknowledge}[$__interval])`)),
          legend: '{{station}} {{agency}} {{kind}}'
        }
      ]
    })
  ]
})
