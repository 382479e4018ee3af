import { defineSop, step } from './sop.ts'

/** LB/T 034-2014: at 80 % announce, report, start the plan, stop ticket sales. What 90 and 100 % ask for stands on the alert. */
export default defineSop({
  label: { 'zh-CN': '景区承载量处置', en: 'site near its capacity' },
  steps: [
    step(
      'stop-tickets',
      'operator',
      300,
      '停止线上线下售票，暂停预约入园',
      'Stop selling tickets, online and at the windows; pause booked entries'
    ),
    step(
      'announce',
      'operator',
      300,
      '园内广播和入口屏公告在园人数，引导错峰',
      'Announce the number inside at the gates and over the loudspeakers'
    ),
    step(
      'report',
      'culture_tourism',
      300,
      '向当地人民政府和文旅主管部门报告，启动应急预案',
      'Report to the local government; start the plan'
    ),
    step(
      'divert',
      'traffic_police',
      600,
      '外围分流，劝返前往车辆，停车场只出不进',
      'Divert outside, turn cars back, car parks let out only'
    ),
    step(
      'public-notice',
      'city',
      600,
      '通过市级渠道发布公众提示（短信、地图、广播电视）',
      'Tell the public through the city’s channels (text messages, maps, radio)'
    ),
    step('one-way', 'operator', 900, '园内单向通行，增开出口', 'One-way movement inside, open more exits')
  ]
})
