/** 谁在看住什么、什么快要修，中文。 */
export const presenceZh = {
  coverage: '监测覆盖',
  coverage_blind: '{n} 处失守',
  coverage_nobody: '无设备',
  coverage_sees: '正常',
  coverage_since: '始于 {ago}',
  due_soon: '快要修的',
  due_soon_none: '没有快要修的。',
  due_soon_now: '现在',
  due_soon_in_days: '{n} 天内',
  due_soon_in_hours: '{n} 小时内',
  due_soon_in_minutes: '{n} 分钟内',
  due_soon_some_time: '尽快'
}
