/**
 * What the vision process says to people is said in both languages at once, Chinese first, because it is made where no
 * reader is known: in a child process, for a log, a screen and an answer alike. `inLanguage` gives a reader their half.
 */
import { between_languages } from '../../domain/words.ts'

export const sentence = (zh: string, en: string): string => `${zh}${between_languages}${en}`
