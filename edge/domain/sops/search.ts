import { defineSop, step } from './sop.ts'

/** The first minutes decide: exits first, then every zone, and the guardian is never left alone. */
export default defineSop({
  label: { 'zh-CN': '走失人员查找', en: 'search for somebody lost' },
  steps: [
    step(
      'guardian',
      'police',
      60,
      '专人陪同监护人，登记描述并征得同意',
      'Somebody stays with the guardian, writes the description down and asks their agreement'
    ),
    step('exits', 'police', 120, '先看住出入口', 'Watch the exits first'),
    step('sweep', 'police', 300, '各区域逐一搜索并回答看到或没看到', 'Sweep each zone; each answers seen or not seen'),
    step('water', 'police', 300, '先查水边、站台边和车道', 'Look first at water, platform edges and roads'),
    step('receipt', 'police', 3600, '核对证件，登记交接', 'Check papers, and write the hand-over down')
  ]
})
