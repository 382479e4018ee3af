/**
 * What the vision process says to people is said in both languages at once, Chinese first, because it is made where no
 * reader is known: in a child process, for a log, a screen and an answer alike. `inLanguage` gives a reader their half.
 */
import type { Locale } from '../../domain/vocabulary.ts'

const between = ' · '

export const sentence = (zh: string, en: string): string => `${zh}${between}${en}`

export const inLanguage = (said: string, locale: Locale): string => {
  const [zh, ...en] = said.split(between)
  return locale === 'zh-CN' || en.length === 0 ? (zh ?? said) : en.join(between)
}
