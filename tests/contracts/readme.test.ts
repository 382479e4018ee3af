import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parseDocument } from 'yaml'
import { Config as CloudConfig } from '../../cloud/config.ts'
import { readConfig } from '../../edge/config.ts'
import { loadDefinitions } from '../../edge/definitions.ts'
import { check } from '../../edge/settings.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const docs = [
  ...readdirSync('.').filter(file => file.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => join('docs', file))
]
const pairs = [
  ['README.md', 'README.zh-CN.md'],
  ['docs/manual/en.md', 'docs/manual/zh-CN.md']
] as const
const all = (text: string, what: RegExp): readonly string[] => [...text.matchAll(what)].map(([, found = '']) => found)
const fenced = (text: string, language: string): readonly string[] => all(text, new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))
const withoutCode = (text: string): string => text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')

t.test('every command that a document names exists', async t => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const usage = read('edge/main.ts')
  let seen = 0
  for (const file of docs) {
    for (const script of all(read(file), /npm run ([a-z]+)/g)) t.ok(scripts[script], `${file}: npm run ${script} (${seen++})`)
    for (const command of all(read(file), /npm run edge -- ((?:user|device) [a-z]+|[a-z]+)/g))
      t.match(usage, `  ${command} `, `${file}: ${command}`)
  }
  t.ok(scripts.start && scripts.test && seen > 5)
})

t.test('every option of npm start that the README names is read, and none is missing', async t => {
  const known = all(read('edge/demo.ts'), /^ {6}'?([a-z-]+)'?: (?:\{ \.\.\.text|text|\{ type: 'boolean')/gm)
  t.ok(known.length >= 8)
  for (const [readme] of [pairs[0]]) {
    const section = /## Options([\s\S]*?)\n\| command/.exec(read(readme))?.[1] ?? ''
    t.strictSame([...new Set(all(section.replace(/^After.*$/m, ''), /`--([a-z-]+)/g))].sort(), [...known].sort())
  }
})

t.test('every link between documents leads somewhere', async t => {
  for (const file of docs)
    for (const link of all(withoutCode(read(file)), /\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(link)) continue
      t.ok(existsSync(join(dirname(file), link)), `${file}: ${link}`)
    }
})

t.test('Chinese and English say the same things in the same order', async t => {
  for (const [en, zh] of pairs) {
    const shape = (file: string): readonly string[] => all(read(file).replaceAll(/```[\s\S]*?```/g, ''), /^(#+) /gm)
    t.strictSame(shape(zh), shape(en), `${zh} has the headings of ${en}`)
    for (const language of ['sh', 'yaml', 'ini'])
      t.strictSame(fenced(read(zh), language), fenced(read(en), language), `${language} in ${zh}`)
    const tables = (file: string): number => all(read(file), /^(\|)/gm).length
    t.equal(tables(zh), tables(en), `${zh} has as many rows`)
    const bold = (file: string): number => all(withoutCode(read(file)), /(\*\*[^*]+\*\*)/g).length
    t.equal(bold(zh), bold(en), `${zh} stresses as much`)
  }
})

t.test('the configurations of the manual are right', async t => {
  const { profiles, templates, rules } = await loadDefinitions()
  const known = {
    templates: [...templates.keys()],
    profiles: [...profiles.keys()],
    rules: Object.fromEntries([...rules].map(([name, rule]) => [name, rule.settings as object])),
    cameraUrl: () => undefined
  }
  const blocks = fenced(read('docs/manual/en.md'), 'yaml')
  const [station = '', ...rest] = blocks
  const devices = ['devices:', ...rest.filter(block => block.includes('profile:')).flatMap(block => all(block, /^( {2}- .*)$/gm))]
  const cameras = rest.find(block => block.startsWith('cameras:')) ?? ''
  const changed = rest.find(block => block.startsWith('rules:')) ?? ''
  const secrets = Object.fromEntries(
    [...new Set(all(`${devices.join('\n')}${cameras}`, /secrets\/([a-z0-9-]+)/g))].map(name => [name, 'x\n'])
  )
  const dir = t.testdir({ 'station.yaml': [station, ...devices, '', cameras, changed].join('\n'), secrets })
  const config = readConfig(`${dir}/station.yaml`, known)
  t.equal(config.devices.length, devices.length - 1)
  t.equal(config.cameras[0]?.ground?.length, 4)
  const cloud = rest.find(block => block.includes('stations:')) ?? ''
  t.strictSame(check(CloudConfig, parseDocument(cloud).toJS()).mistakes, [])
})

t.test('the architecture page draws the map that the house test enforces', async t => {
  const page = read('docs/ARCHITECTURE.md')
  const reasons = all(read('tests/house.test.ts'), /because: '([^']+)'/g)
  t.ok(reasons.length >= 8)
  for (const because of reasons) t.match(page, because)
})

t.test('every file and counter that a page names exists', async t => {
  const sources = ['edge', 'cloud', 'devices', 'models']
    .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)))
    .filter(file => file.endsWith('.ts'))
  const code = sources.map(read).join('\n')
  for (const file of ['docs/ARCHITECTURE.md', 'SECURITY.md', 'README.md', 'README.zh-CN.md', 'docs/manual/en.md']) {
    for (const path of all(read(file), /`((?:edge|cloud|devices|models|tests|docs)\/[\w./-]+\.(?:ts|md|yaml))`/g))
      t.ok(existsSync(path), `${file}: ${path}`)
    for (const counter of all(read(file), /`([a-z_]+_total)`/g)) t.match(code, counter.replace(/^uplink_/, ''), `${file}: ${counter}`)
  }
})
