/**
 * What each agency may lawfully do, and by which law. At a joint station a volunteer stands beside an officer, and the
 * difference between them is exactly this. The texts are quoted from memory and say so (`verified: false`): a lawyer of the
 * place has to read them before anybody leans on them, and local regulations add to them.
 */
import { laws } from './laws.ts'
import { type Agency, agencies, type Label, type Locale, listed } from './vocabulary.ts'

const label = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })

export const powers = {
  question: label('当场盘问、检查', 'stop, question and search'),
  remove_person: label('强行带离现场', 'remove somebody by force'),
  control_scene: label('现场管制', 'control of the scene'),
  restrict_passage: label('限制通行、停留', 'restrict passing and staying'),
  control_traffic: label('疏导、限制车辆和行人通行', 'direct and restrict traffic'),
  fire_cordon: label('划定火场警戒区', 'set up a cordon around a fire'),
  cut_supplies: label('截断火场电力、燃气', 'cut power and gas at a fire'),
  seal_premises: label('查封场所', 'seal premises'),
  order_stop: label('责令停止使用', 'order that something is no longer used'),
  seize_goods: label('查封、扣押物品', 'seize goods'),
  hold_tools: label('暂扣经营工具', 'hold the tools of a trade'),
  inspect: label('进入场所检查', 'enter and inspect premises'),
  take_evidence: label('现场取证、询问当事人', 'take evidence and ask the parties'),
  check_entry: label('查验出入人员证件', 'check papers at the entrance'),
  security_check: label('安全检查', 'security check of people and bags'),
  limit_entry: label('限流、分流', 'limit and divert how many enter'),
  first_aid: label('现场急救', 'first aid'),
  mediate: label('调解纠纷', 'mediate a dispute'),
  ask_to_stop: label('劝阻、引导', 'ask, dissuade and guide'),
  hold_offender: label('扭送现行犯', 'hand over an offender caught in the act')
} as const
export type Power = keyof typeof powers
export const isPower = (word: string): word is Power => Object.hasOwn(powers, word)

/** `may: false` is what a law forbids by name; what is in no entry is simply nobody's power. */
export type Law = {
  readonly agencies: readonly Agency[] | 'everyone'
  readonly powers: readonly Power[]
  readonly may: boolean
  readonly law: Label
  /** Under which conditions only, and who of the agency. */
  readonly limit?: Label
  readonly verified: false
}

export type PowerAnswer =
  | { readonly may: true; readonly by: Law }
  /** `instead`: who may. */
  | { readonly may: false; readonly because?: Law; readonly instead: readonly Agency[] }

/** What forbids comes before what allows, and what is said of one agency before what is said of everyone. */
export const powerOf = (agency: Agency, power: Power): PowerAnswer => {
  const own = laws.filter(law => law.powers.includes(power) && law.agencies !== 'everyone' && law.agencies.includes(agency))
  const because = own.find(({ may }) => !may)
  if (because !== undefined) return { may: false, because, instead: whoMay(power) }
  const by = own[0] ?? laws.find(law => law.powers.includes(power) && law.agencies === 'everyone')
  return by === undefined ? { may: false, instead: whoMay(power) } : { may: true, by }
}

export const whoMay = (power: Power): readonly Agency[] => {
  const forbidden = new Set(laws.flatMap(law => (law.may || !law.powers.includes(power) ? [] : law.agencies)))
  const allowed = laws.flatMap(law => {
    if (!law.may || !law.powers.includes(power)) return []
    return law.agencies === 'everyone' ? (Object.keys(agencies) as Agency[]) : law.agencies
  })
  return [...new Set(allowed)].filter(agency => !forbidden.has(agency))
}

/** By which agency's power something is done, or why it may not do it and who may, in one sentence. */
export const sayPower = (agency: Agency, power: Power, locale: Locale): string => {
  const zh = locale === 'zh-CN'
  const answer = powerOf(agency, power)
  const name = agencies[agency][locale]
  const what = powers[power][locale]
  if (answer.may) {
    const { law, limit } = answer.by
    const on = limit === undefined ? '' : zh ? `；条件：${limit[locale]}` : `; on condition: ${limit[locale]}`
    return zh
      ? `${name}可以${what}：${law[locale]}${on}（引文待核对）`
      : `${name} may: ${what}, by ${law[locale]}${on} (quotation to be verified)`
  }
  const who = listed(
    answer.instead.map(one => agencies[one][locale]),
    locale
  )
  const why = answer.because?.law[locale]
  if (zh) return `${name}不得${what}${why === undefined ? '' : `：${why}（引文待核对）`}${who === '' ? '' : `；请找${who}`}`
  return `${name} may not: ${what}${why === undefined ? '' : `, by ${why} (quotation to be verified)`}${who === '' ? '' : `; ask ${who}`}`
}
