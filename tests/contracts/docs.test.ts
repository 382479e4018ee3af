import { readFile } from 'node:fs/promises'
import t from 'tap'
import { untranslatedChannels } from '../../docs/pages/channels.ts'
import { untranslated } from '../../docs/pages/config.ts'
import { filesIn, folder, render } from '../../docs/render.ts'

t.test('the reference is what `npm run docs` renders from the code of today', async t => {
  const rendered = render()
  t.strictSame(await filesIn(folder), [...rendered.keys()].sort(), 'no page is missing, none is left over')
  for (const [file, text] of rendered)
    t.equal(await readFile(new URL(file, folder), 'utf8').catch(() => 'missing'), text, `${file} is fresh`)
})

t.test('every setting is explained in Chinese too, and nothing that is gone', async t =>
  t.strictSame([...untranslated(), ...untranslatedChannels()], [])
)

t.test('both languages have the same pages, with something in them', async t => {
  for (const [file, text] of render()) {
    if (!file.startsWith('zh-CN/')) continue
    t.ok(render().has(file.replace('zh-CN/', 'en/')), file)
    t.match(text, /\p{Script=Han}/u)
    t.ok(text.length > 200, `${file} says something`)
  }
})
