/** Why the cloud says no, in both languages; what the domain refuses keeps the domain's own words. */
import type { Label, Locale } from '../edge/domain/vocabulary.ts'
import { reasons } from '../edge/domain/words.ts'

export const problems = {
  not_signed_in: reasons.not_signed_in,
  wrong_name_or_password: reasons.wrong_name_or_password,
  too_many_attempts: reasons.too_many_attempts,
  may_not: reasons.may_not,
  no_such_station: { 'zh-CN': '没有这个站点。', en: 'There is no such station.' },
  no_such_incident: reasons.no_such_incident,
  not_found: { 'zh-CN': '没有这个页面。', en: 'There is nothing here.' },
  not_understood: { 'zh-CN': '看不懂这个请求：{detail}', en: 'The request cannot be understood: {detail}' },
  too_many_requests: { 'zh-CN': '请求太多，请稍后再试。', en: 'Too many requests; please wait.' },
  too_many_pending: {
    'zh-CN': '这个站点还有太多指令没有答复，请等它恢复联系。',
    en: 'This station has too many unanswered commands; wait until it is heard again.'
  },
  our_fault: { 'zh-CN': '云端出错了，已记录。', en: 'The cloud failed; it has been noted.' }
} as const satisfies Record<string, Label>
export type ProblemCode = keyof typeof problems

/** The first of ours in `Accept-Language`; the cloud's own when nothing fits. */
export const localeOf = (accept: string | undefined, own: Locale): Locale => {
  for (const part of (accept ?? '').slice(0, 200).split(',')) {
    const tag = part.trim().toLowerCase()
    if (/^zh\b/.test(tag)) return 'zh-CN'
    if (/^en\b/.test(tag)) return 'en'
  }
  return own
}
