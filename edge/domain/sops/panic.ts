import { defineSop, step } from './sop.ts'

export default defineSop({
  label: { 'zh-CN': '一键报警处置', en: 'panic button' },
  steps: [
    step('hear', 'police', 15, '回应报警人：已听到', 'Tell the caller they were heard'),
    step('go', 'police', 60, '就近两人以上赶赴现场', 'The nearest pair goes'),
    step('guard', 'guard', 60, '保安先行控制现场', 'Guards secure the place first'),
    step('report', 'police', 600, '报告结果，误按也须说明', 'Report the outcome, a false press too')
  ]
})
