import { readdir } from 'node:fs/promises'

/** Imports every definition in a folder, so that adding one is adding one file. Fails loudly, naming the file. */
export const loadFolder = async <Definition>(folder: URL, not: readonly string[]): Promise<Map<string, Definition>> => {
  const found = new Map<string, Definition>()
  for (const file of (await readdir(folder)).sort()) {
    const name = file.replace(/\.(ts|js)$/, '')
    if (name === file || name.endsWith('.d') || not.includes(name)) continue
    const module = (await import(new URL(file, folder).href).catch(cause => {
      throw new Error(`${file} in ${folder.pathname} does not load: ${(cause as Error).message}`, { cause })
    })) as { default?: Definition }
    if (module.default === undefined) throw new Error(`${file} in ${folder.pathname} has no default export`)
    found.set(name, module.default)
  }
  return found
}
