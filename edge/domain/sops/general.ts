import { defineSop, step } from './sop.ts'

export default defineSop({
  label: { 'zh-CN': '一般警情处置', en: 'general' },
  steps: [
    step('verify', 'police', 120, '核实情况', 'Verify'),
    step('handle', 'police', 900, '到场处置或移交责任单位', 'Handle it, or hand it to the agency responsible'),
    step('feedback', 'police', 1800, '反馈结果', 'Report the outcome')
  ]
})
