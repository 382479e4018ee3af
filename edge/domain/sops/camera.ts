import { defineSop, step } from './sop.ts'

export default defineSop({
  label: { 'zh-CN': '摄像头失效处置', en: 'camera blind' },
  steps: [
    step(
      'stand-in',
      'police',
      300,
      '派巡逻到看不见的区域代替摄像头，每 10 分钟报告一次',
      'Send a patrol to the unseen zone in place of the camera; it reports every 10 minutes'
    ),
    step('find', 'maintenance', 900, '检查镜头、供电、网络和朝向', 'Check lens, power, network and where it points'),
    step('mend', 'maintenance', 3600, '修复；朝向变过的要恢复原位或重新标定', 'Mend it; one that was moved is put back or calibrated anew'),
    step('end', 'maintenance', 3900, '画面正常、人数可信后撤回巡逻', 'Call the patrol back once pictures and counts can be trusted')
  ]
})
