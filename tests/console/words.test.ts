import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { kitWords } from '../../edge/console/screen/kit/words.ts'
import { en } from '../../edge/console/screen/words/en.ts'
import { zh } from '../../edge/console/screen/words/zh-CN.ts'
import { faults, problems } from '../../edge/console/words.ts'

const screen = fileURLToPath(new URL('../../edge/console/screen/', import.meta.url))
const files = readdirSync(screen, { recursive: true, encoding: 'utf8' })
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort()

t.test('every word of the screen exists in both languages, with the same blanks to fill', async t => {
  for (const [a, b] of [[zh, en] as const, [kitWords['zh-CN'], kitWords.en] as const]) {
    t.strictSame(Object.keys(a).sort(), Object.keys(b).sort())
    for (const [key, text] of Object.entries(a)) {
      const other: string = (b as Record<string, string>)[key] ?? ''
      t.ok(text.trim() !== '' && other.trim() !== '', key)
      t.strictSame(placeholders(text), placeholders(other), key)
    }
  }
})

t.test('every sentence of the API exists in both languages, with the same blanks to fill', async t => {
  for (const [key, label] of Object.entries({ ...problems, ...faults }))
    t.strictSame(placeholders(label['zh-CN']), placeholders(label.en), key)
})

t.test('every word of the screen is used, none is written into a template', async t => {
  const sources = files
    .filter(file => /\.(vue|ts)$/.test(file) && !file.startsWith('words/') && file !== 'kit/words.ts')
    .map(file => ({ file, text: readFileSync(join(screen, file), 'utf8') }))
  const all = sources.map(({ text }) => text).join('\n')
  for (const key of Object.keys(zh)) if (!key.startsWith('ask_')) t.ok(all.includes(`t('${key}'`), `${key} is shown somewhere`)
  for (const key of Object.keys(kitWords.en)) t.ok(all.includes(`k('${key}'`), `${key} is shown somewhere`)
  for (const { file, text } of sources.filter(({ file }) => file.endsWith('.vue'))) {
    const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? ''
    const written = template
      .replace(/\{\{[\s\S]*?\}\}/g, '')
      .replace(/<[^>]*?(?:"[^"]*"[^>]*?)*>/g, '\n')
      .match(/[\p{L}]{2,}.*/gu)
    t.equal(written, null, `${file} has no words of its own`)
    const attributes = [...template.matchAll(/\s(?:title|aria-label|placeholder|alt)="([^"]+)"/g)].map(([, value]) => value)
    t.strictSame(attributes, [], `${file} has no attribute that only one language can read`)
    t.notMatch(text, /'、'/, `${file} parts names as its reader does`)
  }
})
