/** A piece of evidence in words: what was said, and by whom. */
import { type Evidence, isReport, signs } from './evidence.ts'
import type { Locale } from './vocabulary.ts'

type Named = { readonly zone: (id: string) => string }

const round = (value: number): string => String(Math.round(value * 10) / 10)

/** `可燃气体 6 %LEL`, `报告燃气味“煤气味”`. Alarms of a detector say no number: they are or are not. */
export const whatIsSaid = ({ sign, value, word }: Evidence, locale: Locale): string => {
  const { label, ...rest } = signs[sign]
  const unit = 'unit' in rest ? rest.unit : ''
  if (word !== undefined) return locale === 'en' ? `${label.en}: “${word}”` : `${label['zh-CN']}“${word}”`
  return value === undefined ? label[locale] : `${label[locale]} ${round(value)}${unit === '' ? '' : ` ${unit}`}`
}

/** Which device says it; of a count, the zone that is counted; of a report, that people say so. */
export const whoSaysIt = (one: Evidence, { zone }: Named, locale: Locale): string => {
  const who = isReport(one)
    ? { 'zh-CN': '群众报告', en: 'a report' }[locale]
    : one.sign === 'density_per_m2' || one.sign === 'people_near' || one.sign === 'crowd_motion'
      ? zone(one.source)
      : one.source
  return one.zone === undefined || who === zone(one.zone)
    ? who
    : locale === 'en'
      ? `${who} in ${zone(one.zone)}`
      : `${zone(one.zone)}${who}`
}

export const sayEvidence = (one: Evidence, named: Named, locale: Locale): string =>
  locale === 'en'
    ? `${whoSaysIt(one, named, locale)}: ${whatIsSaid(one, locale)} (+${Math.round(one.points)})`
    : `${whoSaysIt(one, named, locale)}：${whatIsSaid(one, locale)}（+${Math.round(one.points)}）`
