import t from 'tap'
import {
  agencies,
  cameraStates,
  incidentKinds,
  levels,
  locales,
  outcomes,
  qualifications,
  quantities,
  responseStatuses,
  roles,
  uses
} from '../../edge/domain/vocabulary.ts'
import { reasons, say, sentences } from '../../edge/domain/words.ts'

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()

t.test('every sentence and every reason stands in both languages with the same blanks', async t => {
  for (const [key, label] of [...Object.entries(sentences), ...Object.entries(reasons)]) {
    for (const locale of locales) t.ok(label[locale].trim(), `${key} in ${locale}`)
    t.strictSame(placeholders(label['zh-CN']), placeholders(label.en), key)
    t.match(label['zh-CN'].replace(/\{\w+\}/g, ''), /[一-鿿]|^$/, `${key} is Chinese in Chinese`)
    t.notMatch(label.en, /[一-鿿]/, `${key} is English in English`)
  }
})

t.test('every word of the vocabulary has both names', async t => {
  const dictionaries = {
    quantities,
    levels,
    uses,
    agencies,
    incidentKinds,
    roles,
    qualifications,
    responseStatuses,
    cameraStates,
    outcomes
  }
  for (const [dictionary, words] of Object.entries(dictionaries)) {
    for (const [word, entry] of Object.entries(words)) {
      const label = (entry as { label?: object }).label ?? entry
      for (const locale of locales) t.ok((label as Record<string, string>)[locale]?.trim(), `${dictionary}.${word} in ${locale}`)
    }
  }
})

t.test('a sentence is filled with names and rounded numbers', async t => {
  const because = { say: 'density_above', with: { value: 4.2345, limit: 4, level: 'red', seconds: 5 } } as const
  t.equal(say(because, 'zh-CN'), '密度 4.23 人/m²，达到红色 I级界限 4（5 秒）')
  t.equal(say(because, 'en'), 'density 4.23 p/m², at or above the red I limit of 4 for 5 s')
})

t.test('a word nobody knows is shown as it is, and inherited names are no words', async t => {
  t.equal(say({ say: 'flag_set', with: { quantity: 'constructor' } }, 'en'), 'constructor')
})
