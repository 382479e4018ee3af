/** The two languages of every screen: i18next underneath, a reactive locale on top, so that one click repaints all words. */
import i18next from 'i18next'
import { shallowRef } from 'vue'
import { type Locale, listed as listedIn } from '../../../domain/vocabulary.ts'
import { kitWords } from './words.ts'

export type Values = Readonly<Record<string, string | number>>
export const locale = shallowRef<Locale>('zh-CN')

const remembered = 'qianshao.locale'

export const startWords = (words: Readonly<Record<Locale, Readonly<Record<string, string>>>>): void => {
  void i18next.init({
    lng: 'zh-CN',
    resources: {
      'zh-CN': { screen: words['zh-CN'], kit: kitWords['zh-CN'] },
      en: { screen: words.en, kit: kitWords.en }
    },
    defaultNS: 'screen',
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    // Vue shows text as text; escaping here would show officers `&amp;`.
    interpolation: { escapeValue: false, prefix: '{', suffix: '}' }
  })
  const kept = localStorage.getItem(remembered)
  setLocale(kept === 'en' || kept === 'zh-CN' ? kept : 'zh-CN')
}

export const setLocale = (to: Locale): void => {
  void i18next.changeLanguage(to)
  document.documentElement.lang = to
  localStorage.setItem(remembered, to)
  locale.value = to
}

/** Names one after another, in the language of the screen. */
export const listed = (names: readonly string[]): string => listedIn(names, locale.value)

export const say = (ns: 'screen' | 'kit', key: string, values: Values = {}): string => i18next.t(key, { ...values, ns, lng: locale.value })
export const k = (key: keyof (typeof kitWords)['zh-CN'], values: Values = {}): string => say('kit', key, values)
