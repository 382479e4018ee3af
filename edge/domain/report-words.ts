/**
 * What a report speaks of, by its words. Each list carries whole phrases too: a report in other words than the list's still counts
 * when it is near enough to one of them (pairs of characters in common, which suits Chinese, where a word has no spaces around it).
 */
export const reportSigns = [
  'report_fire',
  'report_smoke',
  'report_gas',
  'report_pressed',
  'report_crowding',
  'report_collapse',
  'report_fight'
] as const
export type ReportSign = (typeof reportSigns)[number]
export type Spoken = { readonly sign: ReportSign; readonly word: string }

const words: Readonly<Record<ReportSign, readonly string[]>> = {
  report_fire: ['着火', '起火', '失火', '火灾', '火苗', '明火', '烧起来', '爆炸', 'on fire', 'flames', 'burning', 'explosion'],
  report_smoke: ['冒烟', '浓烟', '烟味', '焦味', '糊味', '烟雾', '好多烟', 'smoke'],
  report_gas: [
    '煤气味',
    '燃气味',
    '天然气味',
    '液化气味',
    '煤气泄漏',
    '燃气泄漏',
    '漏气',
    '漏煤气',
    'gas leak',
    'smell of gas',
    'smells of gas',
    'smell gas'
  ],
  // What people say when they are already being pressed; each was said in a call that nobody joined to the others (Itaewon, 18:34 to 22:08).
  report_pressed: [
    '压',
    '喘不过气',
    '窒息',
    '呼吸困难',
    '踩踏',
    '动弹不得',
    '挤倒',
    '有人倒',
    'crush',
    'breathe',
    'suffocat',
    'trampl',
    'stampede'
  ],
  report_crowding: ['人很多', '人太多', '人好多', '挤', '拥堵', '走不动', '堵住', 'crowded', 'too many people', 'packed', 'cannot move'],
  report_collapse: [
    '倒地',
    '晕倒',
    '昏倒',
    '倒下',
    '昏迷',
    '抽搐',
    '没有呼吸',
    '没有心跳',
    'collapsed',
    'fainted',
    'unconscious',
    'not breathing'
  ],
  report_fight: ['打架', '斗殴', '打人', '打起来', '持刀', '拿刀', '砍人', '捅', '动手', 'fighting', 'knife', 'stabb', 'beating']
}
const phrases: Readonly<Record<ReportSign, readonly string[]>> = {
  report_fire: ['房子烧了', '摊位烧着了', 'the stall is burning down'],
  report_smoke: ['烟很大看不清', '有东西烧焦了', 'something smells burnt'],
  report_gas: ['闻到煤气的味道', '有很重的煤气的气味', '煤气罐好像在漏', 'there is an odour of gas here'],
  report_pressed: ['被人推着走', '快要透不过气了', 'we are squeezed against the wall'],
  report_crowding: ['人越来越多', '队伍不动了', '站台人都站满了', 'more and more people are coming'],
  report_collapse: ['有人躺在地上不动', '老人摔倒起不来', 'somebody lies on the ground'],
  report_fight: ['两个人吵起来要动手', '一群人在追打', 'two men are hitting each other']
}
/** What a reporter chose from the list, when the words themselves say nothing. */
const byKind: Readonly<Record<string, ReportSign>> = {
  fire: 'report_fire',
  gas: 'report_gas',
  crowd: 'report_crowding',
  collapse: 'report_collapse',
  fight: 'report_fight'
}

/** From half of their pairs in common on, two texts say the same. */
const same_from = 0.5

/** Everything that a report speaks of, with the word that says so: never the text, which may name somebody. */
export const spokenIn = (text: string, kind: string): readonly Spoken[] => {
  const said = text.toLowerCase()
  const heard = reportSigns.map(sign => ({ sign, of: words[sign].filter(word => said.includes(word)) }))
  const plain = heard.flatMap(({ sign, of }): readonly Spoken[] => {
    const word = of.find(one => saidPlainly(said, one))
    return word === undefined ? [] : [{ sign, word }]
  })
  // Who denies it has spoken of it, whatever they chose from the list.
  if (plain.length > 0 || heard.some(({ of }) => of.length > 0)) return plain
  const near = reportSigns
    .flatMap(sign => phrases[sign].map(phrase => ({ sign, word: phrase, likeness: likeness(said, phrase) })))
    .reduce((best, one) => (one.likeness > best.likeness ? one : best))
  if (near.likeness >= same_from) return [{ sign: near.sign, word: near.word }]
  const chosen = Object.hasOwn(byKind, kind) ? byKind[kind] : undefined
  return chosen === undefined ? [] : [{ sign: chosen, word: '' }]
}

const denied = /(没有|没|不是|并未|并无|未见|无|\bno |\bnot |\bwithout )(很|太|什么|a |any |very )?$/
/** The word, and not its denial: "没有着火" says that nothing burns. */
const saidPlainly = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) if (!denied.test(text.slice(0, at))) return true
  return false
}

/** Sørensen–Dice over pairs of characters: 0 nothing in common, 1 the same. */
export const likeness = (a: string, b: string): number => {
  const [left, right] = [pairs(a), pairs(b)]
  const common = [...left].filter(pair => right.has(pair)).length
  return left.size + right.size === 0 ? 0 : (2 * common) / (left.size + right.size)
}
const pairs = (text: string): ReadonlySet<string> => {
  const plain = [...text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')]
  return new Set(plain.slice(1).map((character, i) => `${plain[i]}${character}`))
}
