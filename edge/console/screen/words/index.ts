import { say, type Values } from '../kit/i18n.ts'
import { en } from './en.ts'
import { type WordKey, zh } from './zh-CN.ts'

export const screenWords = { 'zh-CN': zh, en }
/** A word of this screen in the language chosen; a key that does not exist does not compile. */
export const t = (key: WordKey, values: Values = {}): string => say('screen', key, values)
