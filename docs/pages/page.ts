/** What every reference page is made of: one text a language, headings, tables, and code that cannot break out of its fence. */
import type { Label, Locale } from '../../edge/domain/vocabulary.ts'

export type Page = (locale: Locale) => string

export const both = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })

const cell = (text: string | number): string => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')

export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(cell).join(' | ')} |`).join('\n')

export const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('`', 'ˋ')}\``)

/** One line a payload, as a device would send it. */
export const json = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

export const text = (...parts: readonly string[]): string => `${parts.filter(part => part !== '').join('\n\n')}\n`
