/** `npm run docs`: renders docs/reference from the code, in both languages. A test compares, so a page is never older than what it tells. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Locale, locales } from '../edge/domain/vocabulary.ts'
import { channelsPage } from './pages/channels.ts'
import { cloudPage, jsonSchema, stationPage } from './pages/config.ts'
import { both, type Page, text } from './pages/page.ts'
import { devicesPage, modelsPage, rulesPage, sopsPage, templatesPage } from './pages/things.ts'
import { routesPage, vocabularyPage } from './pages/words.ts'

export const folder = new URL('reference/', import.meta.url)

const pages: readonly (readonly [name: string, page: Page])[] = [
  ['station-yaml', stationPage],
  ['cloud-yaml', cloudPage],
  ['channels', channelsPage],
  ['devices', devicesPage],
  ['rules', rulesPage],
  ['templates', templatesPage],
  ['sops', sopsPage],
  ['models', modelsPage],
  ['vocabulary', vocabularyPage],
  ['http', routesPage]
]

const titleOf = (page: Page, locale: Locale): string => /^# (.*)/.exec(page(locale))?.[1] ?? ''

const index: Page = locale =>
  text(
    `# ${both('参考', 'Reference')[locale]}`,
    both(
      '这里的每一页都由 `npm run docs` 从代码生成，请勿手改。',
      'Every page here is rendered from the code by `npm run docs`; do not edit it by hand.'
    )[locale],
    [
      ...pages.map(([name, page]) => `- [${titleOf(page, locale)}](${name}.md)`),
      '- JSON Schema: [station.yaml](../station.schema.json), [cloud.yaml](../cloud.schema.json)'
    ].join('\n')
  )

/** Path below docs/reference → text. */
export const render = (): ReadonlyMap<string, string> =>
  new Map([
    ...locales.flatMap(locale =>
      [...pages, ['README', index] as const].map(([name, page]) => [`${locale}/${name}.md`, page(locale)] as const)
    ),
    ['station.schema.json', jsonSchema('station')],
    ['cloud.schema.json', jsonSchema('cloud')]
  ])

export const filesIn = async (where: URL): Promise<readonly string[]> =>
  (await readdir(where, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => `${entry.parentPath}/${entry.name}`.slice(where.pathname.length).replace(/^\//, ''))
    .sort()

const write = async (): Promise<void> => {
  const rendered = render()
  await mkdir(folder, { recursive: true })
  for (const file of await filesIn(folder)) if (!rendered.has(file)) await rm(new URL(file, folder))
  for (const [file, content] of rendered) {
    await mkdir(dirname(new URL(file, folder).pathname), { recursive: true })
    await writeFile(new URL(file, folder), content)
  }
  process.stdout.write(`${rendered.size} files in docs/reference\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await write()
