import { defineSop, step } from './sop.ts'

export default defineSop({
  label: { 'zh-CN': '燃气泄漏处置', en: 'gas leak' },
  steps: [
    step('no-sparks', 'police', 60, '禁止明火、开关电器和拨打手机', 'No flames, no switches, no phones'),
    step('valve', 'fire', 120, '关闭燃气总阀，开窗通风', 'Close the main valve, open the windows'),
    step('evacuate', 'police', 180, '疏散到上风方向', 'Evacuate upwind'),
    step('measure', 'fire', 600, '复测浓度低于 10 %LEL 后才可进入', 'Nobody enters before the gas is measured under 10 %LEL')
  ]
})
