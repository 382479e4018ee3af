import { defineSop, step } from './sop.ts'

export default defineSop({
  label: { 'zh-CN': '火情处置', en: 'fire' },
  steps: [
    step('confirm', 'fire', 60, '核实报警点，报 119', 'Confirm the place of the alarm; call 119'),
    step('evacuate', 'police', 120, '疏散人员，拉起警戒', 'Evacuate and cordon off'),
    step('power', 'operator', 120, '切断该区电源，停止扶梯', 'Cut the power of the zone, stop escalators'),
    step('extinguish', 'fire', 180, '初期火灾扑救，接应消防车', 'Fight the early fire, meet the fire engines'),
    step('count', 'police', 600, '清点人员，确认无人滞留', 'Account for everyone')
  ]
})
