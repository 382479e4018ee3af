import { defineSop, step } from './sop.ts'

export default defineSop({
  label: { 'zh-CN': '监测失守处置', en: 'zone blind to a danger' },
  steps: [
    step(
      'stand-in',
      'police',
      300,
      '派人到失守的区域代替设备看、闻、听，每 10 分钟报告一次',
      'Send somebody to see, smell and listen there in place of the device; they report every 10 minutes'
    ),
    step('find', 'maintenance', 900, '检查电池、供电、网关和设备', 'Check battery, power, gateway and the device itself'),
    step('mend', 'maintenance', 3600, '修复或更换，当场按测试键确认', 'Mend or replace it, and press its test button on the spot'),
    step('end', 'maintenance', 3900, '恢复监测后撤回代看的人', 'Call the stand-in back once the zone is watched again')
  ]
})
