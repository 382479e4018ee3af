import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Compiles folders and files of the project into `to` (below the project, so that packages are found), the way `npm run build`
 * does. A child process then starts in a tenth of the time, and what runs is what is shipped.
 */
export const compiled = (to: string, ...paths: readonly string[]): string => {
  for (const path of paths) {
    const files = path.endsWith('.ts') ? [path] : readdirSync(join(root, path)).map(name => `${path}/${name}`)
    for (const file of files.filter(name => name.endsWith('.ts'))) {
      const out = join(to, file.replace(/\.ts$/, '.js'))
      const { outputText } = ts.transpileModule(readFileSync(join(root, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true
        }
      })
      mkdirSync(dirname(out), { recursive: true })
      writeFileSync(out, outputText)
    }
  }
  writeFileSync(join(to, 'package.json'), '{ "type": "module" }')
  return to
}
