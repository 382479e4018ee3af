import { defineSop, step } from './sop.ts'

/** After the criticality levels of Helbing & Mukerji (2012): first limit the inflow, then relieve pressure, never push back. */
export default defineSop({
  label: { 'zh-CN': '人群聚集处置', en: 'crowding' },
  steps: [
    step('look', 'police', 60, '到现场或看画面核实，报告人群走向', 'Verify in person or on the picture; report where the crowd is moving'),
    step('limit-inflow', 'operator', 120, '限流：关闭入口、停闸机、停售票', 'Limit the inflow: entrances, gates, ticket sales'),
    step('open-exits', 'operator', 120, '打开全部出口和应急通道', 'Open every exit and emergency route'),
    step('talk', 'operator', 120, '广播：原地不动、不要推挤、听从引导', 'Announce: stand still, do not push, follow the staff'),
    step('relieve', 'police', 300, '从人群外侧逐层疏散，设单向通行', 'Relieve from the outer edge, one-way movement'),
    step('medics', 'medical', 300, '医疗点就位，准备挤压伤急救', 'Medics in place, ready for crush injuries')
  ]
})
