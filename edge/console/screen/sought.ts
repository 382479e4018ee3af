/** Asks for what can be seen of somebody who is sought. Everything but the ground on which it is kept may stay empty. */
import { consents, fieldName } from '../../domain/sought.ts'
import type { Answers, Question } from './kit/AskDialog.vue'
import { locale } from './kit/i18n.ts'
import { t } from './words/index.ts'

type Ask = ((question: Question) => Promise<Answers | undefined>) | undefined

/** `text` asks for the description in words as well. */
export const askWhoIsSought = async (ask: Ask, title: string, text = false): Promise<Record<string, unknown> | undefined> => {
  const words = (['clothes', 'hair', 'carries', 'speaks', 'last_seen'] as const).map(name => ({
    name,
    label: fieldName(name, locale.value),
    optional: true
  }))
  const answers = await ask?.({
    title,
    hint: t('sought_hint'),
    ok: t('send'),
    fields: [
      ...(text ? [{ name: 'text', label: fieldName('text', locale.value), long: true, most: 2000 }] : []),
      {
        name: 'consent',
        label: t('sought_consent'),
        options: Object.entries(consents).map(([value, label]) => ({ value, label: label[locale.value] }))
      },
      { name: 'age_years', label: fieldName('age_years', locale.value), optional: true, number: { least: 0, most: 120 } },
      { name: 'height_cm', label: fieldName('height_cm', locale.value), optional: true, number: { least: 30, most: 250 } },
      ...words
    ]
  })
  if (answers === undefined) return undefined
  const given = Object.entries(answers).filter(([, value]) => value !== '' && value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, name === 'age_years' || name === 'height_cm' ? Number(value) : value]))
}
