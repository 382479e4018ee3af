/** Models that are ours but for one thing. */
import { pathToFileURL } from 'node:url'

const folder = new URL('../../models/crowdlite/', import.meta.url)

/** A models folder with one model in it, ours but for what is changed. */
export const modelsWith = (t: { readonly testdir: (tree: Record<string, Record<string, string>>) => string }, change: string): URL => {
  const path = t.testdir({
    odd: {
      'model.ts': `import ours from '${new URL('model.ts', folder).href}'
export default { ...ours, file: new URL(ours.file, '${folder.href}').href, golden: { ...ours.golden, picture: new URL(ours.golden.picture, '${folder.href}').href, cells: new URL(ours.golden.cells, '${folder.href}').href }, ${change} }
`
    }
  })
  return pathToFileURL(`${path}/`)
}

/** Blocks whoever calls it as a real run() does; the self-test's canvas is smaller and passes. */
export const slow = (ms: number): string =>
  `post: (outputs, w, h) => { for (const end = Date.now() + (w > 192 ? ${ms} : 0); Date.now() < end; ); return ours.post(outputs, w, h) }`
