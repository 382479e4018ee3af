/** Who watches what, and what is to be mended soon, in English. */
import type { presenceZh } from './presence.zh-CN.ts'

export const presenceEn: Readonly<Record<keyof typeof presenceZh, string>> = {
  coverage: 'Who watches what',
  coverage_blind: '{n} blind',
  coverage_nobody: 'nobody',
  coverage_sees: 'well',
  coverage_since: 'since {ago}',
  due_soon: 'Due soon',
  due_soon_none: 'Nothing is due soon.',
  due_soon_now: 'now',
  due_soon_in_days: 'within {n} days',
  due_soon_in_hours: 'within {n} h',
  due_soon_in_minutes: 'within {n} min',
  due_soon_some_time: 'soon'
}
