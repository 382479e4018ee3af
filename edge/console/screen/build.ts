/** Builds the screens of station and city when their sources are newer than what was built, so that `npm start` needs no other command. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

type ScreenOf = { readonly config: string; readonly built: string; readonly sources: readonly string[] }

const edge: ScreenOf = {
  config: 'edge/console/screen/vite.config.ts',
  built: 'dist/screen/edge/index.html',
  sources: ['edge/console/screen', 'edge/domain']
}
/** The city's board shares the kit. */
const cloud: ScreenOf = {
  config: 'cloud/screen/vite.config.ts',
  built: 'dist/screen/cloud/index.html',
  sources: ['cloud/screen', 'edge/console/screen/kit', 'edge/domain']
}

/** The names of the configurations that were built; empty when all was new enough. */
export const buildScreens = async (screens: readonly ScreenOf[] = [edge, cloud]): Promise<readonly string[]> => {
  const built: string[] = []
  for (const screen of screens) {
    if (!existsSync(join(root, screen.config)) || !(await isStale(screen))) continue
    // Only a checkout builds; a station in production has the built files and no Vite.
    const { build } = await import('vite')
    // Made beside and moved into place: a station that serves the old one never serves half of the new one.
    const folder = dirname(join(root, screen.built))
    await mkdir(dirname(folder), { recursive: true })
    const made = await mkdtemp(`${folder}-`)
    await build({ configFile: join(root, screen.config), logLevel: 'warn', build: { outDir: made } })
    await rm(folder, { recursive: true, force: true })
    await rename(made, folder)
    built.push(screen.config)
  }
  return built
}

const isStale = async ({ built, sources }: ScreenOf): Promise<boolean> => {
  const page = join(root, built)
  if (!existsSync(page)) return true
  const { mtimeMs } = await stat(page)
  const newest = await Promise.all(sources.map(folder => newestIn(join(root, folder))))
  return Math.max(...newest) > mtimeMs
}

const newestIn = async (folder: string): Promise<number> => {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const times = await Promise.all(files.filter(file => file.isFile()).map(file => stat(join(file.parentPath, file.name))))
  return Math.max(0, ...times.map(({ mtimeMs }) => mtimeMs))
}
