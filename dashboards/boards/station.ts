/** One station as the duty desk sees it: how full each zone is, how sure we are, and what its devices say. */
import forecastRule from '../../edge/domain/rules/crowd-forecast.ts'
import { type Severity, severities, type Use, uses } from '../../edge/domain/vocabulary.ts'
import { densityLimits } from '../../edge/domain/zone.ts'
import { defineBoard, deviceVariable, label, learntVariable, quantityVariable, stationVariable, zoneVariable } from '../board.ts'
import { asBand, asLimit, curve, levelBand, levelColours } from '../panels.ts'
import { series } from '../series.ts'

const where = { station: '$station', zone: '$zone' }
const people = series('zone', 'people_count', where)
const density = series('zone', 'density_per_m2', where)
const error = series('zone', 'density_error_per_m2', where)

/** The limit of the zone's own use: the store knows the use as a tag, the limits are those the station decides by. */
const limit = (severity: Severity): string =>
  (Object.keys(uses) as Use[])
    .map(use => `${series('zone', 'density_per_m2', { ...where, use })} * 0 + ${densityLimits[use][severities.indexOf(severity)]}`)
    .join(' or ')

/**
 * A count's error is kept as a density's. The area it stands on is people over density where the mean decides; where a camera sees
 * a denser patch that quotient is smaller, so the largest of the last hours is taken, or the band would look surer than we are.
 */
const peopleError = `${error} * max_over_time((${people} / ${density})[6h:1m])`

const names: Readonly<Record<Severity, string>> = {
  blue: '蓝色界限 blue limit',
  yellow: '黄色界限 yellow limit',
  orange: '橙色界限 orange limit',
  red: '红色界限 red limit'
}

const densityPanel = () => {
  const panel = curve({
    title: label('人群密度 · $zone', 'crowd density'),
    about: label(
      '每平方米人数及误差带，虚线为该区域用途的四级界限。空白表示无人看见，不表示没有人。',
      'People per square metre with their error; dashed lines are the limits of the zone’s use. A gap means unseen, not empty.'
    ),
    unit: 'suffix: p/m²',
    width: 12,
    queries: [
      { expr: density, legend: '{{zone}}' },
      { expr: `clamp_min(${density} - ${error}, 0)`, legend: '下限 low' },
      { expr: `${density} + ${error}`, legend: '上限 high' },
      ...severities.map(severity => ({ expr: limit(severity), legend: names[severity] }))
    ]
  })
  asBand(panel, '下限 low', '上限 high')
  for (const severity of severities) panel.overrideByName(names[severity], asLimit(levelColours[severity]))
  return panel.repeat('zone').repeatDirection('h').maxPerRow(2)
}

const peoplePanel = () =>
  asBand(
    curve({
      title: label('人数 · $zone', 'people'),
      about: label(
        '区域内人数及误差带；误差由密度误差按区域面积折算。',
        'People in the zone with their error, converted from the error of the density by the zone’s area.'
      ),
      unit: 'suffix: 人',
      width: 12,
      queries: [
        { expr: people, legend: '{{zone}}' },
        { expr: `clamp_min(${people} - ${peopleError}, 0)`, legend: '下限 low' },
        { expr: `${people} + ${peopleError}`, legend: '上限 high' }
      ]
    }),
    '下限 low',
    '上限 high'
  )
    .repeat('zone')
    .repeatDirection('h')
    .maxPerRow(2)

const chancePanel = () =>
  curve({
    title: label('达到红色界限的概率', 'chance of reaching the red limit'),
    about: label(
      '每分钟一次的预测：5、10、15 分钟内达到该区域红色界限的概率。虚线以上、10 分钟那条，即发出预测预警。空白表示没有预测，不表示安全。',
      'Once a minute: how likely the zone reaches its red limit within 5, 10 and 15 minutes. Above the dashed line the 10-minute one warns. A gap means no forecast, not that it is safe.'
    ),
    unit: 'percentunit',
    width: 24,
    queries: ([5, 10, 15] as const).map(minutes => ({
      expr: series('forecast', `red_within_${minutes}_min`, where),
      legend: `{{zone}} ${minutes} 分钟 min`
    })),
    limits: [{ from: forecastRule.settings.at_least, colour: levelColours[forecastRule.settings.severity] }]
  })
    .min(0)
    .max(1)
    .spanNulls(3 * 60_000)

/** A step of what is usual is five minutes long. */
const usualPanel = () => {
  const of = (field: 'value' | 'usual' | 'low' | 'high'): string =>
    series('expected', field, { ...where, device: '$learnt', quantity: '$quantity' })
  const panel = curve({
    title: label('实际与常态 · $learnt', 'measured and usual'),
    about: label(
      '所选物理量每五分钟的实际值、同时段常态值与预期区间；区间外不等于危险，只是少见。',
      'The chosen quantity every five minutes, what is usual at that hour and the band it is expected in. Outside the band is rare, not dangerous in itself.'
    ),
    width: 12,
    queries: [
      { expr: of('value'), legend: '实际 measured' },
      { expr: of('low'), legend: '下限 low' },
      { expr: of('high'), legend: '上限 high' },
      { expr: of('usual'), legend: '常态 usual' }
    ]
  })
  asBand(panel, '下限 low', '上限 high')
  return panel
    .overrideByName('常态 usual', asLimit(levelColours.unknown))
    .spanNulls(15 * 60_000)
    .repeat('learnt')
    .repeatDirection('h')
    .maxPerRow(2)
}

export default defineBoard({
  uid: 'qianshao-station',
  title: label('站点态势', 'station'),
  about: label('一个站点各区域的密度、人数、等级与设备读数。', 'Density, people, level and readings of one station, zone by zone.'),
  since: 'now-1h',
  variables: [stationVariable(), zoneVariable(), quantityVariable('people_count'), deviceVariable(), learntVariable()],
  panels: [
    levelBand({
      title: label('区域等级', 'level of each zone'),
      about: label('四色等级随时间变化；灰色为未知，不是正常。', 'The four colours over time; grey is unknown, which is not normal.'),
      width: 24,
      queries: [{ expr: series('zone', 'level', where), legend: '{{zone}}' }]
    }),
    densityPanel(),
    peoplePanel(),
    chancePanel(),
    curve({
      title: label('设备读数', 'readings of the devices'),
      about: label(
        '所选物理量的各设备读数，单位见物理量名称。',
        'Readings of the chosen quantity, one line a device; the unit stands in its name.'
      ),
      width: 24,
      queries: [{ expr: series('reading', 'value', { ...where, device: '$device', quantity: '$quantity' }), legend: '{{zone}} {{device}}' }]
    }),
    usualPanel()
  ]
})
